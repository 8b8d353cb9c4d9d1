//! `logout` ends the sign-in with AWS and takes away what was cached of it, and nothing else.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::support::aws::Failure;
use crate::support::{SsoToken, TestEnvironment};

fn signed_in() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    env.with_token(&SsoToken::of_session("company").refreshable())
}

fn warnings(report: &Value) -> Vec<&str> {
    report["warnings"].as_array().unwrap().iter().map(|warning| warning["id"].as_str().unwrap()).collect()
}

#[test]
fn the_service_is_told_and_the_token_removed() {
    let env = signed_in();
    let report = env.run(&["logout", "--output", "json"]).succeeds().json();
    assert_eq!(env.aws.hits("Logout"), 1);
    assert!(env.cached_token("company").is_null());
    assert_eq!(report["sso_session"], "company");
    let path = env.normalize_path(&env.token_file("company"));
    assert_eq!(report["files"], serde_json::json!([{"path": path, "change": "removed"}]));
    assert_eq!(warnings(&report), [""; 0], "{report}");
}

#[test]
fn the_sign_in_is_over_for_everybody_who_had_the_token() {
    let env = signed_in();
    let token = env.cached_token("company");
    env.run(&["logout"]).succeeds().says("signed out of company");
    fs::write(env.token_file("company"), token.to_string()).unwrap();
    env.run(&["verify", "--in", "host", "--profile", "dev"]).exits(3);
}

#[test]
fn what_cannot_be_told_to_the_service_is_removed_here_all_the_same() {
    let env = signed_in();
    env.aws.fails("Logout", Failure::Internal);
    let report = env.run(&["logout", "--output", "json"]).succeeds().json();
    assert!(env.cached_token("company").is_null());
    assert_eq!(warnings(&report), ["logout"], "{report}");
}

#[test]
fn a_sign_in_that_is_over_already_is_no_trouble() {
    let env = signed_in();
    env.aws.ends_all_sign_ins();
    let report = env.run(&["logout", "--output", "json"]).succeeds().json();
    assert!(env.cached_token("company").is_null());
    assert_eq!(warnings(&report), [""; 0], "{report}");
    env.run(&["logout"]).succeeds().says("nothing to remove");
}

#[test]
fn files_of_others_stay() {
    let env = signed_in();
    env.caches(&SsoToken::of_session("partner").refreshable());
    let foreign = env.home().join(".aws/sso/cache/aws-toolkit-vscode-client-id-eu-west-1.json");
    fs::write(&foreign, "{\"clientId\": \"x\"}").unwrap();
    env.run(&["logout"]).succeeds();
    assert!(foreign.exists() && !env.cached_token("partner").is_null());
}

#[test]
fn a_dry_run_names_what_would_go() {
    let env = signed_in();
    let before = env.everything();
    env.run(&["logout", "--dry-run"]).succeeds().says("would sign out of company").says(".json");
    assert_eq!((env.everything(), env.aws.all_hits()), (before, 0));
}

#[test]
fn projects_whose_containers_go_on_are_named() {
    let env = signed_in();
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let report = env.run(&["logout", "--output", "json"]).succeeds().json();
    assert_eq!(warnings(&report), ["live_session"], "{report}");
    let message = report["warnings"][0]["message"].as_str().unwrap();
    assert!(message.contains("$PROJECT") || message.contains("/project"), "{message}");
    assert!(message.contains("astro-aws undo"), "{message}");
    assert!(env.session().join("credentials.json").exists());
}

#[test]
fn all_ends_each_of_them() {
    let env = signed_in();
    let config = env.home().join(".aws/config");
    let more =
        "\n[sso-session partner]\nsso_start_url = https://d-1234567890.awsapps.com/start\nsso_region = eu-west-1\n";
    fs::write(&config, fs::read_to_string(&config).unwrap() + more).unwrap();
    let env = env.with_token(&SsoToken::of_session("partner").expires_in(Duration::from_hours(2)));
    env.run(&["logout"]).exits(2).says("--all");
    env.run(&["logout", "--all"]).succeeds().says("company, partner");
    assert!(env.cached_token("company").is_null() && env.cached_token("partner").is_null());
    assert_eq!(env.aws.hits("Logout"), 2);
}
