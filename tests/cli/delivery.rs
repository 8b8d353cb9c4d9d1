//! `auto` takes the mount where it works and says why not where it does not; changing delivery, profile or Airflow
//! version migrates what is ours and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use crate::support::{TestEnvironment, Tree};

#[track_caller]
fn chosen(env: &TestEnvironment, profile: &str) -> String {
    let arguments = ["init", "--yes", "--dry-run", "--profile", profile, "--output", "json"];
    let report = env.run(&arguments).succeeds().json();
    assert!(report["delivery_reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{report}");
    report["delivery"].as_str().unwrap().to_owned()
}

#[test]
fn auto_mounts_where_everybody_may_read_the_files() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    assert_eq!(chosen(&env, "dev"), "mount");
    assert_eq!(chosen(&env, "ops"), "mount", "a chain of long-term keys needs nothing of the host");
}

// On macOS the engine's virtual machine reads as the developer: modes do not matter there.
#[cfg(target_os = "linux")]
#[test]
fn auto_makes_a_session_where_the_container_could_not_read_the_files() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let credentials = env.home().join(".aws/credentials");
    fs::set_permissions(credentials, fs::Permissions::from_mode(0o600)).unwrap();
    let report = env.run(&["init", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(report["delivery"], "session");
    let reason = report["delivery_reason"].as_str().unwrap();
    assert!(reason.contains("$HOME/.aws/credentials") && reason.lines().count() == 1, "{reason}");
    env.run(&["init", "--yes"]).succeeds().says(reason);
}

#[test]
fn auto_makes_a_session_for_what_only_the_host_can_do() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let answer = r#"{"Version": 1, "AccessKeyId": "AKIADEVDEVDEVEXAMPLE", "SecretAccessKey": "s3kr1t/helper"}"#;
    fs::write(env.home().join("helper's answer.json"), answer).unwrap();
    assert_eq!(chosen(&env, "helper"), "session");
}

#[test]
fn auto_makes_a_session_for_an_sso_session_profile() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let env = env.with_aws_home("sso-session").with_sso_token(Duration::from_secs(3600));
    assert_eq!(chosen(&env, "dev"), "session");
}

#[test]
fn a_delivery_that_is_named_is_taken() {
    let env = TestEnvironment::with_project("airflow3");
    let report = env.run(&["init", "--yes", "--delivery", "mount", "--output", "json"]).succeeds().json();
    assert_eq!(report["delivery"], "mount");
    assert!(env.text("docker-compose.override.yml").contains("- $HOME/.aws:/home/astro/.aws:ro"));
}

#[test]
fn switching_delivery_there_and_back_leaves_what_the_first_run_wrote() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.write("docker-compose.override.yml", "services:\n  triggerer:\n    tty: true # mine\n");
    env.run(&["init", "--yes", "--delivery", "mount"]).succeeds();
    let mounted = Tree::of(&env.project());
    env.run(&["init", "--yes", "--delivery", "session"]).succeeds();
    let text = env.text("docker-compose.override.yml");
    assert!(!text.contains("$HOME/.aws:"), "{text}");
    assert_eq!(text.matches(":/home/astro/.aws:ro").count(), 4, "{text}");
    assert!(text.contains("    tty: true # mine\n"), "{text}");
    env.run(&["init", "--yes", "--delivery", "mount"]).succeeds();
    assert_eq!(Tree::of(&env.project()), mounted);
}

#[test]
fn switching_the_profile_changes_the_profile_alone() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let with_dev = env.text("docker-compose.override.yml");
    env.run(&["init", "--yes", "--profile", "ops"]).succeeds();
    assert_eq!(env.text("docker-compose.override.yml"), with_dev.replace("AWS_PROFILE: dev", "AWS_PROFILE: ops"));
    env.run(&["init", "--yes", "--profile", "default"]).succeeds();
    assert_eq!(env.text("docker-compose.override.yml"), with_dev.replace("      AWS_PROFILE: dev\n", ""));
}

#[test]
fn the_move_to_airflow_3_takes_the_webserver_and_brings_its_services() {
    let env = TestEnvironment::with_mountable_project("airflow2");
    env.run(&["init", "--yes"]).succeeds();
    assert_eq!(services(&env), ["scheduler", "triggerer", "webserver"]);
    let airflow_3 = TestEnvironment::with_project("airflow3");
    fs::copy(airflow_3.project().join("Dockerfile"), env.project().join("Dockerfile")).unwrap();
    env.run(&["init", "--yes"]).succeeds();
    assert_eq!(services(&env), ["api-server", "dag-processor", "scheduler", "triggerer"]);
}

#[test]
fn the_move_to_airflow_3_keeps_what_a_person_wrote_for_the_webserver_and_says_so() {
    let env = TestEnvironment::with_mountable_project("airflow2");
    env.write("docker-compose.override.yml", "services:\n  webserver:\n    ports: [\"8081:8080\"]\n");
    env.run(&["init", "--yes"]).succeeds();
    let airflow_3 = TestEnvironment::with_project("airflow3");
    fs::copy(airflow_3.project().join("Dockerfile"), env.project().join("Dockerfile")).unwrap();
    // A service that the project lacks stops `astro dev start`: it is the person's line, so they have to know.
    let report = env.run(&["init", "--yes", "--output", "json"]).succeeds().json();
    assert!(report["warnings"].to_string().contains("webserver"), "{}", report["warnings"]);
    let text = env.text("docker-compose.override.yml");
    assert!(text.starts_with("services:\n  webserver:\n    ports: [\"8081:8080\"]\n  "), "{text}");
    assert_eq!(text.matches(":/home/astro/.aws:ro").count(), 4, "{text}");
}

/// The names under `services:`, sorted.
fn services(env: &TestEnvironment) -> Vec<String> {
    let text = env.text("docker-compose.override.yml");
    let names = text.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let mut names: Vec<String> = names.filter(|name| !name.starts_with(' ')).map(str::to_owned).collect();
    names.sort();
    names
}
