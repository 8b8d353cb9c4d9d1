//! `refresh --all`: every project of this machine, side by side, each role asked for once; one that fails stops no other.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::support::aws::Failure;
use crate::support::{SsoToken, TestEnvironment, Tree};

const ALL: [&str; 4] = ["refresh", "--all", "--output", "json"];

fn signed_in() -> TestEnvironment {
    TestEnvironment::with_many_profiles().with_token(&SsoToken::of_session("company").refreshable())
}

/// The entry of a project.
#[track_caller]
fn entry<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sessions = report["sessions"].as_array().unwrap();
    let found = sessions.iter().find(|session| session["project"].as_str().unwrap().ends_with(&format!("/{name}")));
    found.unwrap_or_else(|| panic!("{name} is missing in {report}"))
}

#[test]
fn each_role_is_asked_for_once_and_serves_every_project() {
    let env = signed_in();
    let projects = [("a", "dev"), ("b", "same"), ("c", "dev"), ("d", "ops"), ("e", "keys")];
    let folders = projects.map(|(name, profile)| env.sets_up(name, profile, "session"));
    let before = folders.each_ref().map(|folder| env.key_of(folder));
    env.aws.forgets_calls();
    let report = env.run(&ALL).succeeds().json();
    assert_eq!(env.aws.hits("GetRoleCredentials"), 2, "{report}");
    assert_eq!(env.aws.hits("CreateToken"), 0, "the token was not due");
    let after = folders.each_ref().map(|folder| env.key_of(folder));
    assert!(after[0] != before[0] && after[3] != before[3] && after[3] != after[0], "{after:?}");
    assert_eq!((&after[1], &after[2]), (&after[0], &after[0]));
    assert_eq!(after[4], "AKIADEVDEVDEVEXAMPLE");
    let sessions = report["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 5);
    assert!(sessions.iter().all(|session| session["renewed"] == true), "{report}");
    assert!(entry(&report, "a")["expires_at"].is_string() && entry(&report, "e")["expires_at"].is_null());
    assert_eq!(entry(&report, "d")["sign_in"]["sso_session"], "company");
}

#[test]
fn a_sign_in_that_is_due_is_renewed_once_for_all() {
    let env = TestEnvironment::with_many_profiles();
    let env = env.with_token(&SsoToken::of_session("company").expires_in(Duration::from_mins(10)).refreshable());
    let folders = [("a", "dev"), ("b", "ops")].map(|(name, profile)| env.sets_up(name, profile, "session"));
    let mounted = env.sets_up("m", "dev", "mount");
    env.caches(&SsoToken::of_session("company").expires_in(Duration::from_mins(10)));
    let token = SsoToken::of_session("company").expires_in(Duration::from_mins(10)).refreshable();
    let env = env.with_token(&token);
    env.aws.forgets_calls();
    let report = env.run(&ALL).succeeds().json();
    assert_eq!(env.aws.hits("CreateToken refresh_token"), 1, "{report}");
    assert_ne!(env.cached_token("company")["accessToken"], token.access_token());
    for folder in folders.iter().chain([&mounted]) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let sign_in = &entry(&report, &name)["sign_in"];
        assert_eq!((&sign_in["renewed"], &sign_in["renewable"]), (&Value::Bool(true), &Value::Bool(true)), "{report}");
    }
    assert_eq!(entry(&report, "m")["renewed"], false);
}

#[test]
fn a_lost_sign_in_fails_its_projects_alone_and_names_the_command_that_mends_it() {
    let env = signed_in();
    let folders =
        [("a", "dev"), ("b", "ops"), ("k", "keys")].map(|(name, profile)| env.sets_up(name, profile, "session"));
    env.caches(&SsoToken::of_session("company").expired());
    let before = folders.each_ref().map(|folder| env.credentials_of(folder));
    env.aws.forgets_calls();
    let report = env.run(&ALL).exits(3).json();
    assert_eq!(env.aws.all_hits(), 0, "there is nothing to ask AWS for");
    for name in ["a", "b"] {
        let error = &entry(&report, name)["error"];
        assert_eq!(error["kind"], "credentials", "{report}");
        assert!(error["hint"].as_str().unwrap().contains("astro-aws login"), "{report}");
        assert_eq!(entry(&report, name)["renewed"], false);
    }
    assert_eq!(entry(&report, "k")["renewed"], true);
    assert!(entry(&report, "k")["error"].is_null());
    assert_eq!(report["error"]["message"], "2 of 3 projects could not be renewed");
    assert_eq!([0, 1].map(|place| env.credentials_of(&folders[place])), [0, 1].map(|place| before[place].clone()));
    env.run(&["refresh", "--all"]).exits(3).says("astro-aws login").says("2 of 3");
}

#[test]
fn a_role_that_is_refused_stops_no_other() {
    let env = signed_in();
    let folder = env.sets_up("a", "dev", "session");
    env.sets_up("k", "keys", "session");
    let key = env.key_of(&folder);
    env.aws.fails("GetRoleCredentials", Failure::Internal);
    let report = env.run(&ALL).exits(1).json();
    assert_eq!(entry(&report, "a")["error"]["kind"], "failed", "{report}");
    assert_eq!(entry(&report, "k")["renewed"], true);
    assert_eq!(env.key_of(&folder), key);
}

#[test]
fn a_profile_that_is_gone_is_an_error_of_its_projects_alone() {
    let env = signed_in();
    env.sets_up("a", "dev", "session");
    env.sets_up("b", "ops", "session");
    let config = env.home().join(".aws/config");
    let text = fs::read_to_string(&config).unwrap().replace("[profile ops]", "[profile other]");
    fs::write(&config, text).unwrap();
    let report = env.run(&ALL).exits(3).json();
    assert!(entry(&report, "b")["error"]["message"].as_str().unwrap().contains("ops"), "{report}");
    assert_eq!(entry(&report, "a")["renewed"], true);
}

#[test]
fn a_project_whose_folder_is_gone_is_left_out_with_a_warning() {
    let env = signed_in();
    let gone = env.sets_up("a", "dev", "session");
    env.sets_up("b", "dev", "session");
    fs::remove_dir_all(&gone).unwrap();
    let report = env.run(&ALL).succeeds().json();
    assert_eq!(report["sessions"].as_array().unwrap().len(), 1, "{report}");
    let warning = &report["warnings"][0];
    assert_eq!(warning["id"], "gone");
    let message = warning["message"].as_str().unwrap();
    assert!(message.contains(&format!("`astro-aws undo --project {}`", env.normalize_path(&gone))), "{report}");
}

#[test]
fn a_project_whose_folder_is_gone_is_forgotten_with_its_session_and_nothing_else() {
    for delivery in ["session", "mount"] {
        let env = signed_in();
        let stays = env.sets_up("b", "dev", "session");
        let before = (env.everything(), Tree::of(&stays));
        let gone = env.sets_up("a", "dev", delivery);
        let undo = ["undo", "--project", gone.to_str().unwrap()];
        fs::remove_dir_all(&gone).unwrap();
        env.refuses(5, &undo).says("--yes");
        env.run(&[&undo[..], &["--dry-run"]].concat()).succeeds().says("Would be forgotten");
        env.run(&["refresh", "--all", "--dry-run"]).succeeds().says("no longer there");
        env.run(&[&undo[..], &["--yes"]].concat()).succeeds().says("Forgotten");
        assert_eq!((env.everything(), Tree::of(&stays)), before, "{delivery}");
        assert_eq!(env.run(&ALL).succeeds().json()["warnings"], serde_json::json!([]));
        env.refuses(4, &[&undo[..], &["--yes"]].concat());
    }
}

#[test]
fn a_dry_run_asks_nobody_and_writes_nothing() {
    let env = signed_in();
    env.sets_up("a", "dev", "session");
    env.sets_up("b", "ops", "session");
    let before = env.everything();
    env.aws.forgets_calls();
    env.run(&["refresh", "--all", "--dry-run"]).succeeds().says("a: profile dev, would renew").says("b: profile ops");
    assert_eq!(env.everything(), before);
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn only_sessions_and_their_records_are_written() {
    let env = signed_in();
    let folders = [env.sets_up("a", "dev", "session"), env.sets_up("m", "dev", "mount")];
    let before = folders.each_ref().map(|folder| Tree::with_times(folder));
    let home = Tree::with_times(&env.home());
    env.run(&["refresh", "--all"]).succeeds();
    assert_eq!(folders.each_ref().map(|folder| Tree::with_times(folder)), before);
    assert_eq!(Tree::with_times(&env.home()), home);
}

#[test]
fn all_and_one_contradict_each_other() {
    let env = signed_in();
    env.sets_up("a", "dev", "session");
    env.run(&["refresh", "--all", "--project", "a"]).exits(2).says("--project");
    env.run(&["refresh", "--all", "--profile", "dev"]).exits(2).says("--profile");
    env.run(&["refresh", "--watch", "--dry-run"]).exits(2).says("--watch");
}

#[test]
fn where_nothing_is_set_up_there_is_nothing_to_renew() {
    let env = TestEnvironment::with_many_profiles();
    let report = env.run(&ALL).succeeds().json();
    assert_eq!(report["sessions"], serde_json::json!([]));
    env.run(&["refresh", "--all"]).succeeds().says("nothing to renew");
}

#[test]
fn sixteen_requests_are_under_way_at_most() {
    let env = signed_in();
    let mut config = fs::read_to_string(env.home().join(".aws/config")).unwrap();
    for number in 0..20 {
        config += &format!(
            "[profile r{number}]\nsso_session = company\nsso_account_id = 111122223333\nsso_role_name = Role{number}\n"
        );
    }
    fs::write(env.home().join(".aws/config"), config).unwrap();
    for number in 0..20 {
        env.sets_up(&format!("p{number}"), &format!("r{number}"), "session");
    }
    env.aws.forgets_calls();
    env.aws.set(|settings| {
        settings.latency.insert("GetRoleCredentials".to_owned(), crate::support::aws::Latency::of(300));
    });
    env.run(&ALL).succeeds();
    assert_eq!(env.aws.hits("GetRoleCredentials"), 20);
    assert_eq!(env.aws.most_in_flight(), 16);
}

#[test]
fn on_a_terminal_one_sign_in_serves_every_project_that_hangs_on_it() {
    let env = signed_in();
    env.aws.set(|settings| settings.device.approved_after = Some(1));
    let folders =
        [("a", "dev"), ("b", "ops"), ("c", "same")].map(|(name, profile)| env.sets_up(name, profile, "session"));
    env.caches(&SsoToken::of_session("company").expired());
    let before = folders.each_ref().map(|folder| env.key_of(folder));
    env.aws.forgets_calls();
    env.on_terminal(&["refresh", "--all"]).ends().succeeds().says("user_code=").says("c: profile same, renewed");
    assert_eq!((env.aws.hits("CreateToken refresh_token"), env.aws.hits("GetRoleCredentials")), (0, 2));
    let after = folders.each_ref().map(|folder| env.key_of(folder));
    assert!(before.iter().zip(&after).all(|(before, after)| before != after), "{after:?}");
}
