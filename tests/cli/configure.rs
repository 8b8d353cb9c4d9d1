//! `configure` hands the terminal to the AWS CLI where there is one; `init` offers the same where nothing is set up.

use std::fs;

use crate::support::TestEnvironment;

const CREDENTIALS: &str = "[default]\naws_access_key_id = AKIADEFAULTEXAMPLE01\naws_secret_access_key = s3kr1t/default/0000000000000000000000000\n";

fn with_aws_cli_2() -> TestEnvironment {
    let env = TestEnvironment::new().with_aws_cli("2.34.0");
    env.aws_cli_writes("configure", "credentials", CREDENTIALS);
    env.aws_cli_writes("configure", "config", "[default]\nregion = eu-west-1\n");
    env.aws_cli_writes("configure-sso", "config", "[profile dev]\nsso_session = company\n");
    env
}

#[test]
fn configure_runs_the_aws_cli() {
    let env = with_aws_cli_2();
    env.on_terminal(&["configure"]).ends().succeeds();
    assert!(env.calls_of("aws").contains("[configure]\n"), "{}", env.calls_of("aws"));
    assert!(env.home().join(".aws/credentials").exists());
}

#[test]
fn configure_hands_the_profile_on() {
    let env = with_aws_cli_2();
    env.aws_cli_writes("configure", "config", "[profile dev]\nregion = eu-west-1\n");
    env.on_terminal(&["configure", "--profile", "dev"]).ends().succeeds();
    assert!(env.calls_of("aws").contains("[configure][--profile][dev]\n"), "{}", env.calls_of("aws"));
}

#[test]
fn a_dialogue_that_makes_no_such_profile_is_a_failure() {
    let env = with_aws_cli_2();
    env.on_terminal(&["configure", "--profile", "dev"]).ends().exits(1).says("no profile `dev`");
}

#[test]
fn configure_sso_runs_the_aws_cli() {
    let env = with_aws_cli_2();
    env.on_terminal(&["configure", "--sso"]).ends().succeeds();
    assert!(env.calls_of("aws").contains("[configure][sso]\n"), "{}", env.calls_of("aws"));
}

#[test]
fn configure_needs_no_project() {
    let env = with_aws_cli_2();
    assert!(!env.project().join(".astro").exists());
    env.on_terminal(&["configure"]).ends().succeeds();
}

#[test]
fn version_1_has_no_sso_so_we_ask_ourselves() {
    let env = TestEnvironment::new().with_aws_cli("1.45.3");
    let terminal = env.on_terminal(&["configure", "--sso"]).asks("1.45.3").asks("Name of the sso-session");
    terminal.interrupted().ends().exits(130);
    assert!(!env.calls_of("aws").contains("[sso]"), "{}", env.calls_of("aws"));
}

#[test]
fn a_failure_of_the_aws_cli_is_ours_too() {
    // Nothing is prepared for `configure`: this CLI refuses it.
    let env = TestEnvironment::new().with_aws_cli("2.34.0");
    env.on_terminal(&["configure"]).ends().exits(1).says("aws configure");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let env = with_aws_cli_2();
    for arguments in [&["configure"][..], &["configure", "--sso"], &["configure", "--no-input"]] {
        env.run(arguments).exits(3).says("terminal");
    }
    assert!(!env.calls_of("aws").contains("[configure]"), "{}", env.calls_of("aws"));
}

#[test]
fn init_without_any_credentials_says_how_to_get_some() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    fs::remove_dir_all(env.home().join(".aws")).unwrap();
    let report = env.refuses(3, &["init", "--yes", "--output", "json"]).json();
    assert!(report["error"]["hint"].as_str().unwrap().contains("configure"), "{report}");
}

#[test]
fn init_on_a_terminal_configures_first_and_then_goes_on() {
    let env = TestEnvironment::with_mountable_project("airflow3").with_aws_cli("2.34.0");
    env.aws_cli_writes("configure", "credentials", CREDENTIALS);
    fs::remove_dir_all(env.home().join(".aws")).unwrap();
    // Which of the two ways is a choice that the person makes with the arrow keys; the first is taken.
    env.on_terminal(&["init", "--yes", "--no-verify"]).asks("aws configure").answered("").ends().succeeds();
    assert!(env.calls_of("aws").contains("[configure]"), "{}", env.calls_of("aws"));
    assert!(env.override_file().exists());
}

#[test]
fn init_with_no_configure_does_not_offer_it() {
    let env = TestEnvironment::with_mountable_project("airflow3").with_aws_cli("2.34.0");
    fs::remove_dir_all(env.home().join(".aws")).unwrap();
    env.on_terminal(&["init", "--yes", "--no-configure"]).ends().exits(3);
    assert!(!env.calls_of("aws").contains("[configure]"), "{}", env.calls_of("aws"));
}

#[test]
fn init_without_an_aws_cli_asks_itself_and_then_goes_on() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    fs::remove_dir_all(env.home().join(".aws")).unwrap();
    let terminal = env.on_terminal(&["init", "--yes", "--no-verify"]).asks("How do you sign in").asks("access keys");
    let terminal = terminal.answered("").asks("Access key id").answered("AKIADEFAULTEXAMPLE01");
    let terminal = terminal.asks("Secret access key").answered("s3kr1t/default/0000000000000000000000000");
    let terminal = terminal.asks("Default region").answered("eu-west-1").asks("Output of the AWS CLI").answered("");
    terminal.ends().succeeds().says("is set up");
    assert!(env.override_file().exists());
}
