//! `refresh` renews what the containers hold, once and without a browser, or says which sign-in is missing.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::aws::Failure;
use crate::support::{TestEnvironment, Tree};

fn with_session(profile: &str) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    env.run(&["init", "--yes", "--delivery", "session", "--profile", profile]).succeeds();
    env
}

/// A project set up while the sign-in was live; now it is not.
fn with_lost_sign_in() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    let env = env.with_sso_token(Duration::from_secs(4 * 3600));
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    env.with_expired_sso_token()
}

fn access_key(env: &TestEnvironment) -> String {
    let bytes = fs::read(env.session().join("credentials.json")).unwrap();
    let credentials: Value = serde_json::from_slice(&bytes).unwrap();
    credentials["AccessKeyId"].as_str().unwrap().to_owned()
}

#[test]
fn the_credentials_are_renewed_with_one_call() {
    let env = with_session("ops");
    let (key, calls) = (access_key(&env), env.aws.hits("AssumeRole"));
    let report = env.run(&["refresh", "--output", "json"]).succeeds().json();
    assert_ne!(access_key(&env), key);
    assert_eq!(env.aws.hits("AssumeRole"), calls + 1);
    let sessions = report["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{report}");
    assert_eq!(sessions[0]["project"], "$PROJECT");
    assert_eq!(sessions[0]["profile"], "ops");
    assert_eq!(sessions[0]["renewed"], true);
    let expires_at = sessions[0]["expires_at"].as_str().unwrap();
    assert!(expires_at.ends_with('Z') && expires_at.len() >= 20, "{expires_at}");
}

#[test]
fn only_the_session_is_written() {
    let env = with_session("ops");
    let before = [env.home(), env.project()].map(|folder| Tree::with_times(&folder));
    env.run(&["refresh"]).succeeds();
    assert_eq!([env.home(), env.project()].map(|folder| Tree::with_times(&folder)), before);
}

#[test]
fn a_dry_run_renews_nothing() {
    let env = with_session("ops");
    let before = env.everything();
    env.run(&["refresh", "--dry-run"]).succeeds().says("would renew").does_not_say("nothing to rewrite");
    assert_eq!(env.everything(), before);
}

#[test]
fn a_failed_renewal_leaves_the_session_as_it_was() {
    let cases = [(Failure::Refused("AccessDenied"), 3), (Failure::Internal, 1), (Failure::Garbage, 3)];
    for (failure, code) in cases {
        let env = with_session("ops");
        let before = Tree::of(&env.session());
        env.aws.fails("AssumeRole", failure);
        env.run(&["refresh"]).exits(code);
        assert_eq!(Tree::of(&env.session()), before, "{failure:?}");
    }
}

#[test]
fn a_lost_sign_in_is_exit_code_3_with_the_command_that_mends_it() {
    let env = with_lost_sign_in();
    let before = env.everything();
    let report = env.run(&["refresh", "--output", "json"]).exits(3).json();
    let hint = report["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("astro-aws login"), "{hint}");
    assert_eq!(env.everything(), before);
}

#[test]
fn a_token_that_the_portal_refuses_is_a_lost_sign_in() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    let env = env.with_sso_token(Duration::from_secs(4 * 3600));
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let (name, token) = TestEnvironment::sso_token(SystemTime::now() + Duration::from_secs(4 * 3600));
    fs::write(env.home().join(".aws").join(name), token.replace("-access-token", "-revoked-token")).unwrap();
    env.run(&["refresh"]).exits(3).says("astro-aws login");
}

#[test]
fn without_a_terminal_nobody_is_signed_in() {
    let env = with_lost_sign_in().with_aws_cli("2.34.0");
    let mount = ["init", "--yes", "--delivery", "mount"];
    for arguments in [&["refresh"][..], &["refresh", "--yes"], &["refresh", "--no-input"], &mount] {
        env.run(arguments).exits(3).says("astro-aws login --profile dev");
    }
    assert!(!env.calls_of("aws").contains("[login]"), "{}", env.calls_of("aws"));
}

#[test]
fn init_needs_no_sign_in_while_the_containers_credentials_last() {
    let env = with_lost_sign_in();
    let (key, calls) = (access_key(&env), env.aws.hits("GetRoleCredentials"));
    let report = env.run(&["init", "--yes", "--output", "json"]).succeeds().json();
    assert!(report["identity"]["arn"].as_str().unwrap().contains("AWSReservedSSO_Developer"), "{report}");
    assert_eq!((access_key(&env), env.aws.hits("GetRoleCredentials")), (key, calls));
}

#[test]
fn on_a_terminal_a_person_signs_in_and_the_session_is_renewed() {
    // The AWS CLI is not needed for it, and not asked where it is there.
    let env = with_lost_sign_in().with_aws_cli("2.34.0");
    env.aws.set(|settings| settings.device.approved_after = Some(1));
    let key = access_key(&env);
    env.on_terminal(&["refresh", "--yes"]).ends().succeeds().says("the sign-in of profile `dev`").says("user_code=");
    assert_eq!(env.calls_of("aws"), "");
    assert_ne!(access_key(&env), key);
}

#[test]
fn a_sign_in_that_aws_refuses_though_it_looks_alive_is_made_anew_on_a_terminal() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    let env = env.with_sso_token(Duration::from_secs(4 * 3600));
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    env.aws.ends_all_sign_ins();
    env.aws.set(|settings| settings.device.approved_after = Some(1));
    let key = access_key(&env);
    env.on_terminal(&["refresh", "--yes"]).ends().succeeds();
    assert_ne!(access_key(&env), key);
}

#[test]
fn a_project_that_is_not_set_up_is_told_to_run_init() {
    let env = TestEnvironment::with_project("airflow3");
    env.refuses(4, &["refresh"]).says("astro-aws init");
}
