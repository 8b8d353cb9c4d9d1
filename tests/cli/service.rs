//! `refresh --install-service`: a unit of systemd that was shown and agreed to, started, and taken away again whole.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::TestEnvironment;

const INSTALL: [&str; 3] = ["refresh", "--install-service", "--yes"];
const UNINSTALL: [&str; 3] = ["refresh", "--uninstall-service", "--yes"];

fn with_systemd() -> TestEnvironment {
    TestEnvironment::with_many_profiles().with_systemd()
}

fn unit(env: &TestEnvironment) -> PathBuf {
    env.home().join(".config/systemd/user/astro-aws-refresh.service")
}

#[test]
fn the_unit_is_written_enabled_and_started() {
    let env = with_systemd();
    let report = env.run(&[&INSTALL[..], &["--output", "json"]].concat()).succeeds().json();
    assert_eq!((&report["service"], &report["state"]), (&Value::from("systemd"), &Value::from("enabled")), "{report}");
    assert_eq!(report["files"][0]["change"], "created");
    let text = env.normalize_file(&unit(&env));
    assert!(text.contains("\" refresh --watch --all --no-input\n"), "{text}");
    assert!(text.contains("Environment=\"AWS_ENDPOINT_URL=$AWS\"\n"), "{text}");
    assert!(text.contains("Environment=\"XDG_STATE_HOME=$STATE\"\n"), "{text}");
    let calls = env.calls_of("systemctl");
    let started: Vec<_> = calls.lines().skip_while(|call| !call.contains("daemon-reload")).collect();
    assert_eq!(
        started,
        [
            "[--user][daemon-reload]",
            "[--user][enable][astro-aws-refresh.service]",
            "[--user][restart][astro-aws-refresh.service]",
        ]
    );
}

#[test]
fn the_diff_is_shown_and_a_yes_is_needed() {
    let env = with_systemd();
    env.refuses(5, &["refresh", "--install-service"]).says("--yes").says("ExecStart=");
    env.run(&["refresh", "--install-service", "--dry-run"]).succeeds().says("ExecStart=").says("would keep");
    assert!(!unit(&env).exists());
    assert!(!env.calls_of("systemctl").contains("enable"), "{}", env.calls_of("systemctl"));
    env.on_terminal(&["refresh", "--install-service"]).asks("Install this service").answered("n").ends().exits(1);
    assert!(!unit(&env).exists());
}

#[test]
fn installing_twice_changes_nothing_and_starts_what_does_not_run() {
    let env = with_systemd();
    env.run(&INSTALL).succeeds();
    let restarts = || env.calls_of("systemctl").matches("[restart]").count();
    env.run(&INSTALL).succeeds().says("unchanged");
    assert_eq!(restarts(), 1);
    fs::remove_file(env.root().join("systemctl/active")).unwrap();
    env.run(&INSTALL).succeeds().says("unchanged");
    assert_eq!(restarts(), 2);
}

#[test]
fn without_systemd_for_this_account_nothing_is_written() {
    let env = with_systemd();
    env.systemd_is_down();
    env.refuses(1, &INSTALL).says("Failed to connect to bus").says("refresh --watch --all");
    let env = TestEnvironment::with_many_profiles();
    env.refuses(1, &INSTALL).says("no `systemctl` on PATH");
}

#[test]
fn a_service_that_does_not_start_leaves_nothing_behind() {
    let env = with_systemd();
    env.systemd_starts_nothing();
    env.run(&INSTALL).exits(1).says("astro-aws-refresh.service failed").says("nothing was installed");
    assert!(!unit(&env).exists());
    assert!(env.calls_of("systemctl").contains("[--user][disable][--now][astro-aws-refresh.service]"));
}

#[test]
fn uninstalling_stops_it_and_removes_its_file() {
    let env = with_systemd();
    env.run(&INSTALL).succeeds();
    env.run(&["refresh", "--uninstall-service", "--dry-run"]).succeeds().says("would no longer run");
    assert!(unit(&env).exists());
    env.run(&UNINSTALL).succeeds().says("no longer runs");
    assert!(!unit(&env).exists());
    assert!(!env.root().join("systemctl/active").exists());
    env.run(&UNINSTALL).succeeds().says("was not installed");
    let dry = env.run(&["refresh", "--uninstall-service", "--dry-run"]).succeeds();
    dry.says("is not installed").does_not_say("would no longer run");
}

#[test]
fn no_key_and_no_password_goes_into_the_unit() {
    let env = with_systemd()
        .with_variable("AWS_ACCESS_KEY_ID", "AKIADEVDEVDEVEXAMPLE")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s3kr1t-key")
        .with_variable("AWS_SESSION_TOKEN", "s3kr1t-token")
        .with_variable("HTTPS_PROXY", "http://ana:s3kr1t-proxy@127.0.0.1:9")
        .with_variable("NO_PROXY", "127.0.0.1");
    let report = env.run(&[&INSTALL[..], &["--output", "json"]].concat()).succeeds().json();
    let text = fs::read_to_string(unit(&env)).unwrap();
    assert!(!text.contains("s3kr1t") && !text.contains("AKIA"), "{text}");
    assert!(text.contains("Environment=\"NO_PROXY=127.0.0.1\"\n"), "{text}");
    assert_eq!(report["warnings"][0]["id"], "left_out");
    assert!(report["warnings"][0]["message"].as_str().unwrap().starts_with("HTTPS_PROXY "), "{report}");
}
