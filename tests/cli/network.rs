//! How a call reaches AWS: endpoints, proxy, CA bundle; and what is said where it does not.

use std::fs;

use crate::support::TestEnvironment;
use crate::support::aws::Failure;

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
