//! `verify` says who the host and each container are, and tells apart the ways in which a container is nobody.

use serde_json::{Value, json};

use crate::support::aws::Failure;
use crate::support::{Probe, TestEnvironment};

const ANA: &str = "arn:aws:iam::111122223333:user/ana";

/// A project that was set up, on an engine that runs nothing yet.
fn set_up() -> TestEnvironment {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--no-verify"]).succeeds();
    env
}

fn container<'a>(report: &'a Value, service: &str) -> &'a Value {
    let containers = report["containers"].as_array().unwrap();
    let found = containers.iter().find(|container| container["service"] == service);
    found.unwrap_or_else(|| panic!("no {service} in {report}"))
}

#[test]
fn the_host_says_who_it_is() {
    let env = set_up();
    let report = env.run(&["verify", "--in", "host", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!(report["command"], "verify");
    assert_eq!(report["host"]["account"], "111122223333");
    assert_eq!(report["host"]["arn"], "arn:aws:iam::111122223333:user/ana-dev");
    assert_eq!(report["host"]["user_id"], "AIDAANA-DEV");
    assert_eq!(report["host"]["profile"], "dev");
    assert!(report["host"]["source"].as_str().is_some_and(|source| !source.is_empty()));
    assert!(report["host"]["expires_at"].is_null());
    assert_eq!(env.aws.hits("GetCallerIdentity"), 1);
    assert_eq!(env.calls_of("docker").matches("[exec]").count(), 0);
}

#[test]
fn short_lived_credentials_say_how_long_they_last() {
    let env = set_up();
    let report = env.run(&["verify", "--in", "host", "--profile", "ops", "--output", "json"]).succeeds().json();
    let arn = report["host"]["arn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:sts::222233334444:assumed-role/Ops/"), "{arn}");
    assert!(report["host"]["expires_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{report}");
}

#[test]
fn a_person_reads_account_and_arn() {
    set_up().run(&["verify", "--in", "host"]).succeeds().says(ANA).says("111122223333");
}

#[test]
fn every_running_container_is_asked_and_they_agree() {
    let env = set_up();
    for service in ["scheduler", "api-server", "dag-processor", "triggerer"] {
        env.runs(service, &Probe::acts_as(ANA));
    }
    let report = env.run(&["verify", "--output", "json"]).succeeds().json();
    assert_eq!(report["agree"], true);
    assert_eq!(report["containers"].as_array().unwrap().len(), 4);
    assert_eq!(container(&report, "api-server")["identity"]["arn"], ANA);
    assert!(container(&report, "api-server")["error"].is_null());
    assert_eq!(env.calls_of("docker").matches("[exec]").count(), 4);
}

#[test]
fn containers_of_another_project_are_not_asked() {
    let env = set_up();
    env.runs("scheduler", &Probe::acts_as(ANA));
    env.runs_for_project(&env.root().join("elsewhere"), "webserver", &Probe::acts_as(ANA));
    let report = env.run(&["verify", "--output", "json"]).succeeds().json();
    assert_eq!(report["containers"].as_array().unwrap().len(), 1, "{report}");
}

#[test]
fn a_container_that_is_somebody_else_is_named() {
    let env = set_up();
    env.runs("scheduler", &Probe::acts_as(ANA));
    env.runs("triggerer", &Probe::acts_as("arn:aws:iam::999988887777:user/eve"));
    let report = env.run(&["verify", "--output", "json"]).exits(1).json();
    assert_eq!(report["agree"], false);
    assert_eq!(container(&report, "triggerer")["identity"]["account"], "999988887777");
    env.run(&["verify"]).exits(1).says("triggerer").says("999988887777");
}

#[test]
fn each_way_to_be_nobody_is_told_apart() {
    let unreadable = json!({"error": "no-credentials", "unreadable": ["/home/astro/.aws/credentials"]});
    let overriding = json!({
        "source": "env", "overriding": ["AWS_ACCESS_KEY_ID"],
        "identity": {"account": "999988887777", "arn": "arn:aws:iam::999988887777:user/eve", "user_id": "AIDAEVE"},
    });
    for (found, phrase) in [
        (json!({"error": "no-botocore"}), "boto"),
        (unreadable, "/home/astro/.aws/credentials"),
        (overriding, "AWS_ACCESS_KEY_ID"),
        (json!({"error": "profile-not-found", "profile": "gone"}), "gone"),
        (json!({"error": "no-credentials", "missing": ["/home/astro/.aws"]}), "restart"),
        (json!({"error": "refused", "detail": "ExpiredToken", "source": "custom-process"}), "ExpiredToken"),
    ] {
        let env = set_up();
        env.runs("scheduler", &Probe::finds(&found));
        let output = env.run(&["verify", "--in", "containers", "--output", "json"]).exits(1);
        let report = output.json();
        let scheduler = container(&report, "scheduler");
        let told = format!("{} {} {}", scheduler["error"], report["error"], report["warnings"]).to_lowercase();
        assert!(told.contains(&phrase.to_lowercase()), "`{phrase}` for {found}: {output}");
    }
}

#[test]
fn a_container_without_python_is_an_error_of_that_container() {
    let env = set_up();
    env.runs("scheduler", &Probe::acts_as(ANA));
    env.runs("triggerer", &Probe::fails_with(127, "exec: \"python\": executable file not found in $PATH\n"));
    let report = env.run(&["verify", "--output", "json"]).exits(1).json();
    assert!(
        container(&report, "triggerer")["error"].is_string() || container(&report, "triggerer")["error"].is_object()
    );
    assert!(container(&report, "triggerer")["identity"].is_null());
    assert_eq!(container(&report, "scheduler")["identity"]["arn"], ANA);
}

#[test]
fn a_project_that_is_not_running_is_said_to_be_so() {
    set_up().run(&["verify"]).succeeds().says("astro dev start");
    let output = set_up().run(&["verify", "--in", "containers"]);
    assert_ne!(output.code, 0, "nothing was verified: {output}");
}

#[test]
fn an_engine_that_is_down_does_not_hide_the_host() {
    let env = TestEnvironment::with_project("airflow3").with_docker_down();
    let report = env.run(&["verify", "--output", "json"]).json();
    assert_eq!(report["host"]["arn"], ANA);
    assert_eq!(report["containers"], json!([]));
}

#[test]
fn credentials_that_aws_refuses_are_exit_code_3() {
    for code in ["ExpiredToken", "InvalidClientTokenId"] {
        let env = set_up();
        env.aws.fails("GetCallerIdentity", Failure::Refused(code));
        env.run(&["verify", "--in", "host"]).exits(3).says(code);
    }
}

#[test]
fn a_service_in_trouble_is_a_failure_and_no_missing_sign_in() {
    for failure in [Failure::Internal, Failure::Garbage] {
        let env = set_up();
        env.aws.fails("GetCallerIdentity", failure);
        env.run(&["verify", "--in", "host"]).exits(1).does_not_say("aws sso login");
    }
}

#[test]
fn a_service_that_never_answers_is_given_up() {
    let env = set_up();
    env.aws.fails("GetCallerIdentity", Failure::Silent);
    env.run(&["verify", "--in", "host"]).exits(1);
}

#[test]
fn nobody_listening_is_a_failure_that_names_the_address() {
    // Port 9 of loopback: the discard service, which nobody runs.
    let env = set_up().with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    env.run(&["verify", "--in", "host"]).exits(1).says("reach");
}

#[test]
fn the_endpoint_of_sts_alone_is_honoured() {
    let env = set_up();
    let url = env.aws.url();
    let env = env.with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9").with_variable("AWS_ENDPOINT_URL_STS", url);
    env.run(&["verify", "--in", "host"]).succeeds().says(ANA);
}

#[test]
fn a_proxy_is_honoured() {
    let env = set_up();
    // The name resolves nowhere: only by way of the proxy, which is the stand-in itself, is there an answer.
    let url = env.aws.url();
    let env = env.with_variable("AWS_ENDPOINT_URL", "http://sts.stand-in.invalid").with_variable("HTTP_PROXY", url);
    env.run(&["verify", "--in", "host"]).succeeds().says(ANA);
}

#[test]
fn the_endpoint_of_the_profile_is_honoured() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("endpoint").without_variable("AWS_ENDPOINT_URL");
    let report = env.run(&["verify", "--in", "host", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!(report["host"]["arn"], "arn:aws:iam::111122223333:user/ana-dev");
}

#[test]
fn nothing_is_written() {
    let env = set_up();
    env.runs("scheduler", &Probe::acts_as(ANA));
    let before = env.everything();
    env.run(&["verify"]).succeeds();
    assert_eq!(env.everything(), before);
}
