//! How a call reaches AWS: endpoints, proxy, CA bundle; and what is said where it does not.

use std::fs;
use std::thread;

use crate::support::aws::Failure;
use crate::support::{Output, TestEnvironment};

const ANA: &str = "arn:aws:iam::111122223333:user/ana";
const ASK_HOST: [&str; 3] = ["verify", "--in", "host"];

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_project("airflow3")
}

#[test]
fn a_service_in_trouble_is_a_failure_and_no_missing_sign_in() {
    for failure in [Failure::Internal, Failure::Garbage] {
        let env = airflow_3();
        env.aws.fails("GetCallerIdentity", failure);
        env.run(&ASK_HOST).exits(1).does_not_say("astro-aws login");
    }
}

#[test]
fn a_service_that_never_answers_is_given_up_after_10_seconds() {
    let env = airflow_3();
    env.aws.fails("GetCallerIdentity", Failure::Silent);
    env.run(&ASK_HOST).exits(1).says("10 s");
}

#[test]
fn nobody_listening_is_a_failure_that_names_the_address() {
    // Port 9 of loopback: the discard service, which nobody runs.
    let env = airflow_3().with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    env.run(&ASK_HOST).exits(1).says("reach").says("127.0.0.1:9");
}

#[test]
fn the_endpoint_of_sts_alone_is_honoured() {
    let env = airflow_3();
    let url = env.aws.url();
    let env = env.with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9").with_variable("AWS_ENDPOINT_URL_STS", url);
    env.run(&ASK_HOST).succeeds().says(ANA);
}

#[test]
fn the_endpoint_of_the_profile_is_honoured() {
    let env = airflow_3().with_aws_home("endpoint").without_variable("AWS_ENDPOINT_URL");
    let report = env.run(&["verify", "--in", "host", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!(report["host"]["arn"], "arn:aws:iam::111122223333:user/ana-dev");
}

#[test]
fn a_proxy_is_honoured() {
    let env = airflow_3();
    // The name resolves nowhere: only by way of the proxy, which is the stand-in itself, is there an answer.
    let url = env.aws.url();
    let env = env.with_variable("AWS_ENDPOINT_URL", "http://sts.stand-in.invalid").with_variable("HTTP_PROXY", url);
    env.run(&ASK_HOST).succeeds().says(ANA);
}

#[test]
fn a_ca_bundle_that_is_missing_is_named() {
    let env = with_tls();
    let bundle = env.root().join("gone/ca.pem");
    env.with_variable("AWS_CA_BUNDLE", bundle).run(&ASK_HOST).exits(1).says("$ROOT/gone/ca.pem");
}

#[test]
fn a_ca_bundle_without_certificates_is_named() {
    for text in ["", "not a certificate\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let env = with_tls();
        let bundle = env.root().join("ca.pem");
        fs::write(&bundle, text).unwrap();
        let env = env.with_variable("AWS_CA_BUNDLE", bundle);
        env.run(&ASK_HOST).exits(1).says("$ROOT/ca.pem").says("no certificate");
    }
}

/// Somebody listens at the address, and what they speak is not TLS: only the bundle's own error can be the answer.
fn with_tls() -> TestEnvironment {
    let env = airflow_3();
    let url = env.aws.url().replace("http:", "https:");
    env.with_variable("AWS_ENDPOINT_URL", url)
}

/// The calls of the commands of `secrets`: the backend, the action, and a command that makes it.
const CALLS: [(&str, &str, &[&str]); 12] = [
    ("secrets-manager", "GetSecretValue", &["get", "variable", "hello"]),
    ("secrets-manager", "ListSecrets", &["list"]),
    ("secrets-manager", "ListSecrets", &["export"]),
    ("secrets-manager", "PutSecretValue", &["set", "variable", "hello"]),
    ("secrets-manager", "CreateSecret", &["set", "variable", "new"]),
    ("secrets-manager", "DeleteSecret", &["delete", "variable", "hello", "--yes"]),
    ("parameter-store", "GetParameter", &["get", "variable", "hello"]),
    ("parameter-store", "DescribeParameters", &["list"]),
    ("parameter-store", "DescribeParameters", &["export"]),
    ("parameter-store", "PutParameter", &["set", "variable", "hello"]),
    ("parameter-store", "DeleteParameter", &["delete", "variable", "hello", "--yes"]),
    ("parameter-store", "GetParameter", &["check", "hello", "--kind", "variable"]),
];

#[track_caller]
fn fails_to_call(env: &TestEnvironment, backend: &str, command: &[&str]) -> Output {
    let arguments = [&["secrets"], command, &["--backend", backend]].concat();
    env.run_with_input(&arguments, "a new value").exits(1)
}

fn with_secrets() -> TestEnvironment {
    let env = airflow_3();
    env.aws.has_secret("airflow/variables/hello", "s3kr1t-hello");
    env.aws.has_parameter("/airflow/variables/hello", "s3kr1t-hello");
    env
}

#[test]
fn every_call_of_secrets_has_a_time_limit() {
    thread::scope(|scope| {
        for (backend, action, command) in CALLS {
            scope.spawn(move || {
                let env = with_secrets();
                // `check` asks for many at once first.
                for silent in [action, "GetParameters"] {
                    env.aws.fails(silent, Failure::Silent);
                }
                fails_to_call(&env, backend, command).says("10 s").does_not_say("astro-aws login");
                assert!(env.aws.hits(action) + env.aws.hits("GetParameters") > 0, "{command:?}");
            });
        }
    });
}

#[test]
fn an_answer_that_is_none_is_a_failure_of_every_command_of_secrets() {
    for (backend, action, command) in CALLS {
        for failure in [Failure::Garbage, Failure::Status(502), Failure::Dropped] {
            let env = with_secrets();
            for failing in [action, "GetParameters"] {
                env.aws.fails(failing, failure);
            }
            fails_to_call(&env, backend, command).does_not_say("astro-aws login");
            assert_eq!(env.aws.secret_names(), ["airflow/variables/hello"], "{command:?}");
        }
    }
}

#[test]
fn nobody_listening_is_a_failure_of_every_command_of_secrets_that_names_the_address() {
    for (backend, _, command) in CALLS {
        let env = with_secrets().with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        fails_to_call(&env, backend, command).says("127.0.0.1:9").says("network");
    }
}

#[test]
fn the_endpoint_of_each_of_the_two_services_is_honoured() {
    for (backend, variable) in
        [("secrets-manager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"), ("parameter-store", "AWS_ENDPOINT_URL_SSM")]
    {
        let env = with_secrets();
        let url = env.aws.url();
        let env = env.with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9").with_variable(variable, url);
        env.run(&["secrets", "get", "variable", "hello", "--backend", backend]).succeeds();
    }
}
