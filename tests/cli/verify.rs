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
    assert_eq!(report["host"]["source"], "static-keys");
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
fn containers_alone_agree_with_each_other_and_not_with_a_host_that_nobody_asked() {
    let env = set_up();
    for service in ["scheduler", "api-server", "triggerer"] {
        env.runs(service, &Probe::acts_as(ANA));
    }
    env.run(&["verify", "--in", "containers"]).succeeds().says("3 containers agree").does_not_say("host");
    assert_eq!(env.aws.all_hits(), 0);
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
    for (found, kind, phrase) in [
        (json!({"error": "no-botocore"}), "no_boto3", "boto"),
        (unreadable, "unreadable_files", "/home/astro/.aws/credentials"),
        (overriding, "overriding_key", "AWS_ACCESS_KEY_ID"),
        (json!({"error": "profile-not-found", "profile": "gone"}), "profile_not_found", "gone"),
        (json!({"error": "no-credentials", "missing": ["/home/astro/.aws"]}), "not_mounted", "restart"),
        (json!({"error": "no-credentials"}), "no_credentials", "profile"),
        (json!({"error": "refused", "detail": "ExpiredToken", "source": "custom-process"}), "refused", "ExpiredToken"),
        (json!({"error": "network", "detail": "cannot connect"}), "network", "STS"),
        (json!({"error": "failed", "detail": "what nobody foresaw"}), "failed", "what nobody foresaw"),
    ] {
        let env = set_up();
        env.runs("scheduler", &Probe::finds(&found));
        let output = env.run(&["verify", "--in", "containers", "--output", "json"]).exits(1);
        let report = output.json();
        let scheduler = container(&report, "scheduler");
        assert_eq!(scheduler["error"]["kind"], kind, "{found}: {output}");
        let told = scheduler["error"].to_string().to_lowercase();
        assert!(told.contains(&phrase.to_lowercase()), "`{phrase}` for {found}: {output}");
    }
}

#[test]
fn a_container_without_python_is_an_error_of_that_container() {
    let env = set_up();
    env.runs("scheduler", &Probe::acts_as(ANA));
    env.runs("triggerer", &Probe::fails_with(127, "exec: \"python\": executable file not found in $PATH\n"));
    let report = env.run(&["verify", "--output", "json"]).exits(1).json();
    assert_eq!(container(&report, "triggerer")["error"]["kind"], "no_python");
    assert!(container(&report, "triggerer")["identity"].is_null());
    assert_eq!(container(&report, "scheduler")["identity"]["arn"], ANA);
}

#[test]
fn a_project_that_is_not_running_is_said_to_be_so() {
    set_up().run(&["verify"]).succeeds().says("astro dev start");
    set_up().run(&["verify", "--in", "containers"]).exits(1).says("astro dev start");
}

#[test]
fn an_engine_that_is_down_does_not_hide_the_host() {
    let env = TestEnvironment::with_project("airflow3").with_docker_down();
    let report = env.run(&["verify", "--output", "json"]).json();
    assert_eq!(report["host"]["arn"], ANA);
    assert_eq!(report["containers"], json!([]));
}

#[test]
fn a_host_that_cannot_reach_sts_does_not_hide_the_containers() {
    let env = set_up().with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    env.runs("scheduler", &Probe::acts_as(ANA));
    env.runs("triggerer", &Probe::acts_as(ANA));
    let report = env.run(&["verify", "--output", "json"]).exits(1).json();
    assert!(report["host"].is_null(), "{report}");
    assert_eq!(report["containers"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(container(&report, "scheduler")["identity"]["arn"], ANA);
    assert_eq!(report["error"]["kind"], "failed");
    assert!(report["error"]["message"].as_str().unwrap().contains("127.0.0.1:9"), "{report}");
    env.run(&["verify"]).exits(1).says("127.0.0.1:9").says("scheduler").says(ANA);
}

#[test]
fn a_dry_run_of_what_changes_nothing_is_a_wrong_usage() {
    let env = set_up();
    env.refuses(2, &["verify", "--dry-run"]).says("--dry-run");
    assert_eq!(env.aws.all_hits(), 0);
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
fn nothing_is_written() {
    let env = set_up();
    env.runs("scheduler", &Probe::acts_as(ANA));
    let before = env.everything();
    env.run(&["verify"]).succeeds();
    assert_eq!(env.everything(), before);
}
