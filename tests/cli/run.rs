//! `run`: the command gets fresh credentials, the terminal and the signals; this process's exit code is its own.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::{SsoToken, TestEnvironment};

fn set_up() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    env.run(&["init", "--yes", "--delivery", "session", "--profile", "ops"]).succeeds();
    env
}

/// The arguments that run a script.
fn script(text: &str) -> [&str; 5] {
    ["run", "--", "sh", "-c", text]
}

#[test]
fn the_credentials_are_renewed_before_the_command_starts() {
    let env = set_up();
    let key = env.key_of(&env.project());
    let credentials = env.session().join("credentials.json");
    let output = env.run(&script(&format!("cat '{}' | {{ read a; echo started; }}", credentials.display()))).succeeds();
    assert_eq!(output.stdout, "started\n");
    assert_ne!(env.key_of(&env.project()), key);
    output.says("renewed");
}

#[test]
fn its_exit_code_is_that_of_the_command() {
    let env = set_up();
    for (text, code) in
        [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
    {
        let output = env.in_background(&script(text)).ends_as_its_command();
        assert_eq!(output.code, code, "{text}: {output}");
    }
}

#[test]
fn arguments_folder_and_environment_reach_the_command_as_they_are() {
    let env = set_up().with_variable("WORD", "as it is");
    let text = "echo \"$PWD|$WORD|$1|$2\"";
    let output = env.run(&["run", "--", "sh", "-c", text, "0", "--profile", "a b"]).succeeds();
    assert_eq!(output.stdout, "$PROJECT|as it is|--profile|a b\n");
}

#[test]
fn without_credentials_the_command_is_not_started() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    let env = env.with_sso_token(Duration::from_hours(4));
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let env = env.with_expired_sso_token();
    let output = env.run(&script("echo started")).exits(3);
    assert!(!output.stdout.contains("started"), "{output}");
}

#[test]
fn what_cannot_be_run_is_a_wrong_usage() {
    let env = set_up();
    let key = env.key_of(&env.project());
    env.run(&["run", "--", "no-such-program"]).exits(2).says("no-such-program");
    env.run(&["run"]).exits(2);
    env.run(&["run", "--output", "json", "--", "sh", "-c", "exit 0"]).exits(2);
    env.run(&["run", "--dry-run", "--", "sh", "-c", "exit 0"]).exits(2).says("--dry-run");
    assert_eq!(env.key_of(&env.project()), key, "renewed for nothing");
}

#[test]
fn a_project_that_is_not_set_up_is_told_to_run_init() {
    let env = TestEnvironment::with_project("airflow3");
    env.refuses(4, &script("exit 0")).says("astro-aws init");
}

#[test]
fn signals_reach_the_command_which_decides_what_becomes_of_them() {
    let env = set_up();
    for (signal, name, code) in [(Signal::TERM, "TERM", 3), (Signal::HUP, "HUP", 4)] {
        let text = format!("trap 'echo got {name}; exit {code}' {name}; echo ready; while :; do /bin/sleep 0.05; done");
        let mut run = env.in_background(&script(&text));
        run.says("ready");
        run.signal(signal);
        let output = run.ends_as_its_command();
        assert_eq!((output.code, output.stdout.as_str()), (code, format!("ready\ngot {name}\n").as_str()), "{output}");
    }
}

#[test]
fn ctrl_c_does_not_end_it_before_the_command() {
    let env = set_up();
    let text = "trap 'echo stopping; echo stopped; exit 5' INT; echo ready; while :; do /bin/sleep 0.05; done";
    let output = env.on_terminal(&script(text)).asks("ready").interrupted().asks("stopped").ends();
    output.exits(5);
}

#[test]
fn the_credentials_stay_fresh_while_it_runs() {
    let env = TestEnvironment::with_many_profiles();
    let env = env.with_token(&SsoToken::of_session("company").refreshable());
    env.aws.set(|settings| settings.credentials_lifetime = Duration::from_secs(6));
    let project = env.sets_up("a", "dev", "session");
    let text = "echo ready; while [ ! -e stop ]; do /bin/sleep 0.05; done; exit 5";
    let mut run = env.in_background_at(&project, &script(text));
    run.says("ready");
    for _ in 0..2 {
        let key = env.key_of(&project);
        run.until("it renews", |_| env.key_of(&project) != key);
    }
    fs::write(project.join("stop"), "").unwrap();
    let output = run.ends().exits(5);
    // The command has the terminal to itself.
    assert_eq!(output.stdout, "ready\n");
    assert_eq!(output.stderr.lines().count(), 1, "{output}");
}
