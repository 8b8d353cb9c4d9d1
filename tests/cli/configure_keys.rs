//! `configure` for access keys without the AWS CLI: the secret is typed unseen or piped in, and never an argument.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::TestEnvironment;

const ID: &str = "AKIADEVDEVDEVEXAMPLE";
const SECRET: &str = "s3kr1t/dev/00000000000000000000000000000";
const PIPED: [&str; 6] = ["configure", "--access-key-id", ID, "--secret-from-stdin", "--yes", "--no-input"];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn text(env: &TestEnvironment, name: &str) -> String {
    fs::read_to_string(env.home().join(".aws").join(name)).unwrap_or_default()
}

#[test]
fn keys_are_asked_for_and_the_secret_is_not_shown() {
    let env = TestEnvironment::new();
    let terminal = env.on_terminal(&["configure"]).asks("Access key id").answered(ID);
    let terminal = terminal.asks("Secret access key").answered(SECRET).asks("Default region").answered("eu-west-1");
    let terminal = terminal.asks("Output of the AWS CLI").answered("").asks("not shown").asks("Write this");
    // That nothing of the secret is on the screen is checked at every run.
    terminal.answered("y").ends().succeeds().says("profile default is written");
    assert_eq!(
        text(&env, "credentials"),
        format!("[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n")
    );
    assert_eq!(text(&env, "config"), "[default]\nregion = eu-west-1\n");
    for name in ["credentials", "config"] {
        assert_eq!(mode(&env.home().join(".aws").join(name)), 0o600);
    }
}

#[test]
fn the_secret_can_be_piped_in() {
    let env = TestEnvironment::new();
    let arguments = [&PIPED[..], &["--profile-name", "my dev", "--region", "eu-west-1", "--output", "json"]].concat();
    let report = env.run_with_input(&arguments, &format!("{SECRET}\n")).succeeds().json();
    assert_eq!((&report["profile"], &report["profiles"][0]), (&"my dev".into(), &"my dev".into()), "{report}");
    assert_eq!(report["files"].as_array().unwrap().len(), 2);
    assert_eq!(text(&env, "config"), "[profile 'my dev']\nregion = eu-west-1\n");
    env.run(&["verify", "--in", "host", "--profile", "my dev"]).succeeds().says("user/ana-dev");
}

#[test]
fn without_a_terminal_a_missing_answer_is_named() {
    let env = TestEnvironment::new();
    env.refuses(2, &["configure"]).says("--access-key-id");
    env.refuses(2, &["configure", "--access-key-id", ID]).says("--secret-from-stdin");
    let with_id = |id| ["configure", "--access-key-id", id, "--secret-from-stdin", "--yes"];
    env.run_with_input(&with_id("nonsense"), SECRET).exits(2).says("AKIAIOSFODNN7EXAMPLE");
    env.run_with_input(&with_id(ID), "").exits(2).says("too short");
    env.run_with_input(&with_id("ASIADEVDEVDEVEXAMPLE"), SECRET).exits(2).says("session token");
    assert!(!env.home().join(".aws").exists());
}

#[test]
fn a_secret_is_no_argument() {
    let env = TestEnvironment::new();
    env.refuses(2, &["configure", "--access-key-id", ID, "--secret-access-key", "x"]).says("unexpected argument");
}

#[test]
fn keys_that_are_there_are_not_replaced_unasked() {
    let env = TestEnvironment::new().with_aws_home("keys");
    let before = text(&env, "credentials");
    let output = env.run_with_input(&PIPED, SECRET).exits(5).says("--overwrite").says("aws_secret_access_key");
    output.does_not_say("AKIADEFAULTEXAMPLE01");
    assert_eq!(text(&env, "credentials"), before);
    env.run_with_input(&[&PIPED[..], &["--overwrite"]].concat(), SECRET).succeeds();
    let after = text(&env, "credentials");
    assert!(after.contains(ID) && !after.contains("AKIADEFAULTEXAMPLE01"), "the keys were not replaced");
    // Everything else of the file stays.
    assert_eq!(after.lines().count(), before.lines().count());
    assert!(after.contains("[my dev]"));
}

#[test]
fn on_a_terminal_it_is_asked_with_the_differing_keys() {
    let env = TestEnvironment::new().with_aws_home("keys");
    let before = env.everything();
    let terminal = env.on_terminal(&["configure", "--native", "--region", "eu-west-1", "--cli-output", "json"]);
    let terminal = terminal.asks("Access key id").answered(ID).asks("Secret access key").answered(SECRET);
    let terminal = terminal.asks("aws_access_key_id = ").asks("Replace them").answered("n");
    terminal.ends().exits(1).says("not applied");
    assert_eq!(env.everything(), before);
}

#[test]
fn a_profile_that_would_stay_something_else_is_refused() {
    let env = TestEnvironment::new().with_aws_home("keys");
    let arguments = [&PIPED[..], &["--profile", "ops"]].concat();
    env.run_with_input(&arguments, SECRET).exits(5).says("assume-role").says("--profile-name");
}

#[test]
fn an_existing_credentials_file_keeps_its_mode() {
    let env = TestEnvironment::new().with_aws_home("keys");
    let path = env.home().join(".aws/credentials");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    env.run_with_input(&[&PIPED[..], &["--profile-name", "new"]].concat(), SECRET).succeeds();
    assert_eq!(mode(&path), 0o640);
}

#[test]
fn ctrl_c_at_each_question_writes_nothing() {
    let env = TestEnvironment::new();
    let before = env.everything();
    let questions = ["Access key id", "Secret access key", "Default region", "Output of the AWS CLI", "Write this"];
    let answers = [ID, SECRET, "eu-west-1", ""];
    for stop in 0..questions.len() {
        let mut terminal = env.on_terminal(&["configure"]);
        for (question, answer) in questions[..stop].iter().zip(answers) {
            terminal = terminal.asks(question).answered(answer);
        }
        terminal.asks(questions[stop]).interrupted().ends().exits(130);
        assert_eq!(env.everything(), before, "at `{}`", questions[stop]);
    }
}

#[test]
fn a_dry_run_shows_what_would_be_written() {
    let env = TestEnvironment::new();
    let arguments = [&PIPED[..], &["--dry-run", "--region", "eu-west-1"]].concat();
    let output = env.run_with_input(&arguments, SECRET).succeeds().says("+region = eu-west-1");
    output.says("credentials, not shown");
    assert!(!env.home().join(".aws").exists());
}

#[test]
fn a_full_disk_leaves_both_files_as_they_were() {
    let env = TestEnvironment::new().with_aws_home("keys");
    let before = text(&env, "credentials");
    let arguments = [&PIPED[..], &["--profile-name", "new", "--region", "eu-west-1"]].concat();
    env.run_on_full_disk_with_input(0, &arguments, SECRET).exits(1);
    assert_eq!((text(&env, "credentials"), text(&env, "config").contains("new")), (before, false));
}
