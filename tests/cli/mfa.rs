//! A role that wants a one-time code: given as an option, asked for without an echo, or printed by a program.

use std::fs;

use crate::support::TestEnvironment;

const GUARDED: &str = "arn:aws:sts::222233334444:assumed-role/Guarded/";
const ASK: [&str; 5] = ["verify", "--in", "host", "--profile", "dev"];

fn with_codes(codes: &[&str]) -> TestEnvironment {
    TestEnvironment::with_project("airflow3").with_mfa_role(codes)
}

/// Adds an `mfa_process` that runs this script.
fn with_process(env: TestEnvironment, script: &str) -> TestEnvironment {
    let program = env.root().join("my code");
    fs::write(&program, format!("{script}\n")).unwrap();
    let config = env.home().join(".aws/config");
    let line = format!("mfa_process = sh '{}' --for \"$HOME\"\n", program.display());
    let text = fs::read_to_string(&config).unwrap() + &line;
    fs::write(&config, text).unwrap();
    env
}

#[test]
fn a_code_can_be_given_as_an_option() {
    let env = with_codes(&["123456"]);
    env.run(&[&ASK[..], &["--mfa-token", "123456"]].concat()).succeeds().says(GUARDED).does_not_say("123456");
}

#[test]
fn a_session_is_set_up_with_a_code_and_one_serves_until_expiry() {
    let env = with_codes(&["123456"]);
    let report = env.run(&["init", "--yes", "--profile", "dev", "--mfa-token", "123456", "--output", "json"]);
    let report = report.succeeds().json();
    assert_eq!(report["delivery"], "session");
    assert!(report["identity"]["arn"].as_str().unwrap().starts_with(GUARDED), "{report}");
    env.run(&["verify", "--in", "host"]).succeeds().says(GUARDED);
    let refreshed = env.run(&["refresh"]).succeeds();
    refreshed.says("still good for").does_not_say("renewed");
    env.run(&["refresh", "--all"]).succeeds().says("still good for").does_not_say("renewed");
    assert_eq!(env.run(&["refresh", "--output", "json"]).succeeds().json()["sessions"][0]["renewed"], true);
    assert_eq!(env.aws.hits("AssumeRole"), 1);
}

#[test]
fn on_a_terminal_the_code_is_asked_for_and_not_shown() {
    let env = with_codes(&["123456"]);
    let output = env.on_terminal(&ASK).asks("MFA code of ana for profile dev").answered("123456").ends();
    output.succeeds().says(GUARDED).does_not_say("123456");
}

#[test]
fn a_wrong_code_is_asked_for_again_twice() {
    let env = with_codes(&["123456"]);
    let terminal = env.on_terminal(&ASK).asks("MFA code").answered("000000").asks("STS does not take that code");
    terminal.asks("MFA code").answered("123456").ends().succeeds().says(GUARDED);
    let env = with_codes(&["123456"]);
    let mut terminal = env.on_terminal(&ASK);
    for _ in 0..3 {
        terminal = terminal.asks("MFA code").answered("000000");
    }
    terminal.ends().exits(3).says("--mfa-token");
    assert_eq!(env.aws.hits("AssumeRole"), 3);
}

#[test]
fn what_is_no_code_is_not_sent() {
    let env = with_codes(&["123456"]);
    let terminal = env.on_terminal(&ASK).asks("MFA code").answered("12345x").asks("six digits");
    terminal.interrupted().ends().exits(130);
    assert_eq!(env.aws.hits("AssumeRole"), 0);
    env.refuses(2, &[&ASK[..], &["--mfa-token", "12345x"]].concat()).says("six digits");
}

#[test]
fn ctrl_c_at_the_question_ends_with_130() {
    let env = with_codes(&["123456"]);
    let before = env.everything();
    env.on_terminal(&["init", "--profile", "dev"]).asks("MFA code").interrupted().ends().exits(130);
    assert_eq!((env.everything(), env.aws.hits("AssumeRole")), (before, 0));
}

#[test]
fn without_a_terminal_the_option_is_named() {
    let env = with_codes(&["123456"]);
    for arguments in [&ASK[..], &["init", "--yes", "--delivery", "session", "--profile", "dev"]] {
        env.refuses(3, arguments).says("mfa_serial").says("--mfa-token");
    }
    env.refuses(3, &[&ASK[..], &["--mfa-token", "999999"]].concat()).says("next code");
    assert_eq!(env.aws.hits("AssumeRole"), 1, "asked with the wrong code alone");
}

#[test]
fn a_program_can_give_the_code_without_a_shell() {
    let env = with_process(with_codes(&["123456"]), "[ \"$*\" = '--for $HOME' ] && echo 123456");
    env.run(&ASK).succeeds().says(GUARDED).does_not_say("123456");
}

#[test]
fn a_program_that_fails_is_named_and_its_words_are_not() {
    for (script, words) in [("echo s3kr1t >&2; exit 7", "exit code 7"), ("echo s3kr1t", "printed no code")] {
        let env = with_process(with_codes(&["123456"]), script);
        env.refuses(3, &ASK).says("mfa_process").says(words);
    }
}
