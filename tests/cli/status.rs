//! `status` tells what is set up and how long it lasts. It writes nothing, renews nothing, and works offline.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::support::aws::Failure;
use crate::support::{SsoToken, TestEnvironment, Tree};

const JSON: [&str; 3] = ["status", "--output", "json"];

fn signed_in() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    env.with_token(&SsoToken::of_session("company").refreshable())
}

fn states(report: &Value) -> Vec<(String, &str)> {
    let files = report["files"].as_array().unwrap().iter();
    files
        .map(|file| {
            let name = file["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            (name, file["state"].as_str().unwrap())
        })
        .collect()
}

fn warnings(report: &Value) -> Vec<&str> {
    report["warnings"].as_array().unwrap().iter().map(|warning| warning["id"].as_str().unwrap()).collect()
}

#[test]
fn a_project_that_is_not_set_up_is_told_to_be_none() {
    let env = TestEnvironment::with_project("airflow3");
    let report = env.run(&JSON).succeeds().json();
    assert_eq!((&report["set_up"], &report["project"]), (&false.into(), &"$PROJECT".into()), "{report}");
    assert!(report["delivery"].is_null() && report["session"].is_null() && states(&report).is_empty(), "{report}");
    assert_eq!(report["profile"], "default");
    env.run(&["status"]).succeeds().says("astro-aws init");
}

#[test]
fn a_session_is_told_with_its_sign_in_and_its_files() {
    let env = signed_in();
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let report = env.run(&JSON).succeeds().json();
    assert_eq!(report["set_up"], true);
    assert_eq!((&report["airflow"], &report["delivery"]), (&3.into(), &"session".into()));
    assert_eq!((&report["profile"], &report["kind"]), (&"dev".into(), &"sso-session".into()));
    assert!(report["identity"]["arn"].as_str().unwrap().contains("AWSReservedSSO_Developer"), "{report}");
    assert_eq!(report["sign_in"]["sso_session"], "company");
    for (part, minutes) in [("sign_in", 50..=60), ("session", 50..=60)] {
        assert!(report[part]["expires_at"].as_str().unwrap().ends_with('Z'), "{report}");
        assert!(minutes.contains(&report[part]["minutes_left"].as_u64().unwrap()), "{report}");
        assert_eq!(report[part]["expired"], false);
    }
    assert_eq!(report["sign_in"]["renewable"], true);
    let mut states = states(&report);
    states.sort();
    let names = [".env", "config", "credentials", "credentials.json", "docker-compose.override.yml"];
    assert_eq!(states, names.map(|name| (name.to_owned(), "in_place")), "{report}");
    env.run(&["status"]).succeeds().says("company, until").says("in place").says("min left");
}

#[test]
fn it_writes_nothing_and_renews_nothing() {
    let env = signed_in();
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    env.caches(&SsoToken::of_session("company").expired().refreshable());
    env.aws.forgets_calls();
    let before = [env.home(), env.state(), env.project()].map(|folder| Tree::with_times(&folder));
    let report = env.run(&JSON).succeeds().json();
    assert_eq!([env.home(), env.state(), env.project()].map(|folder| Tree::with_times(&folder)), before);
    assert_eq!((env.aws.all_hits(), env.aws.hits("GetCallerIdentity")), (1, 1));
    assert_eq!((&report["sign_in"]["expired"], &report["sign_in"]["renewable"]), (&true.into(), &true.into()));
}

#[test]
fn files_that_somebody_changed_or_removed_are_told_apart_from_those_in_place() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes"]).succeeds();
    let dotenv = env.text(".env");
    env.write(".env", format!("MINE=1\n{dotenv}"));
    let report = env.run(&JSON).succeeds().json();
    assert_eq!(states(&report)[1], (".env".to_owned(), "in_place"), "a line of one's own is no change of ours");
    env.write(".env", dotenv.replace("/home/astro/.aws/config", "/elsewhere"));
    fs::remove_file(env.override_file()).unwrap();
    let report = env.run(&JSON).succeeds().json();
    let expected = [("docker-compose.override.yml".to_owned(), "missing"), (".env".to_owned(), "changed")];
    assert_eq!(states(&report), expected, "{report}");
    env.run(&["status"]).succeeds().says("missing").says("changed since");
}

#[test]
fn static_keys_have_an_identity_and_no_end() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--no-verify"]).succeeds();
    let report = env.run(&JSON).succeeds().json();
    assert_eq!(report["identity"]["arn"], "arn:aws:iam::111122223333:user/ana");
    assert!(report["sign_in"].is_null() && report["session"].is_null(), "{report}");
}

#[test]
fn offline_the_rest_is_told_without_the_identity() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--no-verify"]).succeeds();
    env.aws.fails("GetCallerIdentity", Failure::Dropped);
    let report = env.run(&JSON).succeeds().json();
    assert!(report["identity"].is_null() && report["set_up"] == true, "{report}");
    assert_eq!(warnings(&report), ["not_verified"]);
}

#[test]
fn a_session_that_has_run_out_says_so() {
    let env = signed_in();
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let path = env.session().join("credentials.json");
    let mut held: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    held["Expiration"] = "2020-01-01T00:00:00Z".into();
    fs::write(&path, held.to_string()).unwrap();
    let report = env.run(&JSON).succeeds().json();
    assert_eq!((&report["session"]["expired"], &report["session"]["minutes_left"]), (&true.into(), &0.into()));
    assert!(report["identity"].is_null(), "{report}");
    env.run(&["status"]).succeeds().says("expired").says("astro-aws refresh");
}

#[test]
fn nobody_signed_in_is_told_with_the_command() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    let report = env.run(&["status", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert!(report["sign_in"]["expires_at"].is_null() && report["sign_in"]["expired"] == true, "{report}");
    env.run(&["status", "--profile", "dev"]).succeeds().says("astro-aws login --sso-session company");
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn outside_of_a_project_the_sign_in_is_told() {
    let env = TestEnvironment::new().with_aws_home("sso-session");
    let report = env.run(&["status", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert!(report["project"].is_null() && report["set_up"] == false, "{report}");
    assert_eq!(report["sign_in"]["sso_session"], "company");
    env.refuses(4, &["status", "--project", "."]);
}

#[test]
fn a_mounted_sign_in_that_containers_would_renew_is_warned_of() {
    let env = signed_in();
    let init = ["init", "--yes", "--profile", "dev", "--delivery", "mount", "--output", "json"];
    for arguments in [&init[..], &JSON, &["verify", "--in", "host", "--output", "json"]] {
        let report = env.run(arguments).succeeds().json();
        let found = report["warnings"].as_array().unwrap().iter().find(|warning| warning["id"] == "mount_renewal");
        let message = found.unwrap_or_else(|| panic!("{report}"))["message"].as_str().unwrap();
        for words in ["from ", " UTC on", "refresh --watch", "--delivery session"] {
            assert!(message.contains(words), "{words}: {message}");
        }
    }
    // Without a refresh token the token serves to its end.
    let env = env.with_token(&SsoToken::of_session("company").expires_in(Duration::from_hours(1)));
    assert!(!warnings(&env.run(&JSON).succeeds().json()).contains(&"mount_renewal"));
}
