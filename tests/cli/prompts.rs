//! On a terminal a person is asked before anything is written, and every way to say no leaves all as it was. Without
//! one nothing asks, and what would have been asked is refused with the flag that answers it.

use std::fs;

use crate::support::{TestEnvironment, Tree};

/// How a yes-or-no question ends.
const YES_OR_NO: &str = r"\([yY]/[nN]\)";

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow3")
}

#[test]
fn the_diff_is_shown_before_the_question() {
    let env = airflow_3();
    let output = env.on_terminal(&["init"]).asks(YES_OR_NO).answered("n").ends();
    let question = output.stdout.to_lowercase().find("(y/n)").unwrap();
    let shown = &output.stdout[..question];
    assert!(shown.contains("docker-compose.override.yml"), "{shown}");
    assert!(shown.contains("$HOME/.aws:/home/astro/.aws:ro"), "{shown}");
    assert!(shown.contains("AWS_CONFIG_FILE=/home/astro/.aws/config"), "{shown}");
}

#[test]
fn no_writes_nothing() {
    let env = airflow_3();
    let before = env.everything();
    env.on_terminal(&["init"]).asks(YES_OR_NO).answered("n").ends().exits(1);
    assert_eq!(env.everything(), before);
}

#[test]
fn yes_writes_what_was_shown() {
    let env = airflow_3();
    env.on_terminal(&["init"]).asks(YES_OR_NO).answered("y").ends().succeeds();
    assert!(env.text("docker-compose.override.yml").contains("- $HOME/.aws:/home/astro/.aws:ro"));
}

#[test]
fn ctrl_c_at_the_question_writes_nothing() {
    let env = airflow_3();
    let before = env.everything();
    env.on_terminal(&["init"]).asks(YES_OR_NO).interrupted().ends().exits(130);
    assert_eq!(env.everything(), before);
}

#[test]
fn ctrl_c_at_the_question_of_undo_takes_nothing_back() {
    let env = airflow_3();
    env.run(&["init", "--yes"]).succeeds();
    let before = env.everything();
    env.on_terminal(&["undo"]).asks(YES_OR_NO).interrupted().ends().exits(130);
    assert_eq!(env.everything(), before);
}

#[test]
fn nothing_is_asked_where_nothing_would_change() {
    let env = airflow_3();
    env.run(&["init", "--yes"]).succeeds();
    env.on_terminal(&["init"]).ends().succeeds();
}

#[test]
fn a_dry_run_asks_nothing() {
    let env = airflow_3();
    let before = env.everything();
    env.on_terminal(&["init", "--dry-run"]).ends().succeeds();
    assert_eq!(env.everything(), before);
}

#[test]
fn no_input_asks_nothing_on_a_terminal_either() {
    let env = airflow_3();
    let before = env.everything();
    env.on_terminal(&["init", "--no-input"]).ends().exits(5).says("--yes");
    assert_eq!(env.everything(), before);
}

#[test]
fn without_a_terminal_the_flag_that_answers_is_named() {
    let env = airflow_3();
    env.refuses(5, &["init"]).says("--yes");
    env.run(&["init", "--yes"]).succeeds();
    env.refuses(5, &["undo"]).says("--yes");
}

#[test]
fn without_a_default_profile_one_of_the_others_is_chosen() {
    let env = airflow_3().with_aws_home("no-default");
    env.refuses(3, &["init", "--yes"]).says("`dev`").says("`ops`").says("--profile");
    let terminal = env.on_terminal(&["init", "--yes", "--delivery", "session"]);
    terminal.asks("Which AWS profile").asks("dev").asks("ops").chose(1).ends().succeeds().says("assumed-role/Ops");
    assert!(env.text("docker-compose.override.yml").contains("      AWS_PROFILE: ops\n"));
    // From then on the project remembers it.
    env.on_terminal(&["init", "--yes"]).ends().succeeds().does_not_say("Which AWS profile");
}

#[test]
fn a_value_that_is_not_to_be_replaced_is_kept_and_the_rest_set_up() {
    let env = airflow_3();
    env.write(".env", "AWS_CONFIG_FILE=/opt/our/config\nOTHER=1\n");
    let before = Tree::of(&env.project());
    let terminal = env.on_terminal(&["init"]).asks("Replace them").asks(YES_OR_NO).answered("n");
    let output = terminal.asks("Apply").asks(YES_OR_NO).answered("y").ends().succeeds();
    output.says("warning").says("kept as set by hand").says("/opt/our/config");
    let ours = "AWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials\n";
    assert_eq!(env.text(".env"), format!("AWS_CONFIG_FILE=/opt/our/config\nOTHER=1\n{ours}"));
    assert!(env.text("docker-compose.override.yml").contains(":/home/astro/.aws:ro"));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn a_value_that_is_to_be_replaced_comes_back_with_undo() {
    let env = airflow_3();
    env.write(".env", "AWS_CONFIG_FILE=/opt/our/config\nOTHER=1\n");
    let before = Tree::of(&env.project());
    let terminal = env.on_terminal(&["init"]).asks("Replace them").asks(YES_OR_NO).answered("y");
    terminal.asks("Apply").asks(YES_OR_NO).answered("y").ends().succeeds();
    assert!(env.text(".env").starts_with("AWS_CONFIG_FILE=/home/astro/.aws/config\n"), "{}", env.text(".env"));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn an_empty_folder_is_offered_to_become_a_project() {
    let env = TestEnvironment::new().with_aws_home("keys").with_docker().with_astro_cli("airflow3");
    env.on_terminal(&["init"]).asks("astro dev init").asks(YES_OR_NO).answered("n").ends().exits(4);
    assert_eq!(env.calls_of("astro"), "");
    let terminal = env.on_terminal(&["init"]).asks("astro dev init").asks(YES_OR_NO).answered("y");
    terminal.asks(YES_OR_NO).answered("y").ends().succeeds();
    assert!(env.override_file().exists());
}

#[test]
fn an_empty_folder_is_left_empty_without_a_terminal() {
    let env = TestEnvironment::new().with_aws_home("keys").with_astro_cli("airflow3");
    env.refuses(4, &["init", "--yes"]).says("--create");
    assert_eq!(fs::read_dir(env.project()).unwrap().count(), 0);
}
