//! `secrets fetch` prints values by full name, exactly.

use crate::support::TestEnvironment;
use serde_json::json;

fn project() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    env.aws.has_parameter("/sandbox/dev/username", "s3kr1t it's $HOME");
    env.aws.has_parameter("/sandbox/dev/password", "s3kr1t\nline");
    env.aws.has_parameter("/sandbox/prod/username", "s3kr1t-prod");
    env
}

fn fetch<'a>(names: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["secrets", "fetch"], names, &["--from", "parameter-store"], more].concat()
}

#[test]
fn one_value_is_printed_bare() {
    let output = project().run_revealing(&fetch(&["/sandbox/dev/password"], &[])).succeeds();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("s3kr1t\nline\n", ""));
}

#[test]
fn a_full_name_has_nothing_to_do_with_the_prefixes_of_the_project() {
    let env = project();
    env.run(&["secrets", "enable", "secrets-manager", "--yes"]).succeeds();
    let output = env.run_revealing(&fetch(&["/sandbox/dev/password"], &[])).succeeds();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("s3kr1t\nline\n", ""));
}

#[test]
fn a_parameter_is_looked_for_in_the_region_of_the_project_s_own_backend() {
    let env = project();
    env.run(&["secrets", "enable", "secrets-manager", "--region", "ap-south-1", "--yes"]).succeeds();
    env.run(&fetch(&["/nowhere"], &[])).exits(1).says("nothing named `/nowhere` in ap-south-1");
}

#[test]
fn several_are_printed_for_a_shell_or_as_json() {
    let env = project();
    let names = ["/sandbox/dev/username", "/sandbox/dev/password"];
    env.run(&fetch(&names, &[])).exits(2).says("--format env");
    let output = env.run_revealing(&fetch(&names, &["--format", "env"])).succeeds();
    let script = format!("{}\nprintf '%s|%s' \"$username\" \"$password\"", output.stdout);
    let shell = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8(shell.stdout).unwrap(), "s3kr1t it's $HOME|s3kr1t\nline");
    let values = json!({"/sandbox/dev/username": "s3kr1t it's $HOME", "/sandbox/dev/password": "s3kr1t\nline"});
    let output = env.run_revealing(&fetch(&names, &["--format", "json"])).succeeds();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap(), values);
    let output = env.run_revealing(&fetch(&names, &["--output", "json"])).succeeds();
    assert_eq!(output.json()["values"], values);
}

#[test]
fn names_that_would_be_one_variable_are_refused() {
    let env = project();
    let names = ["/sandbox/dev/username", "/sandbox/prod/username"];
    env.run(&fetch(&names, &["--format", "env"])).exits(2).says("`username`").says("--format json");
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn an_arn_says_service_and_region() {
    let env = TestEnvironment::with_project("airflow3");
    env.aws.has_parameter_in("eu-central-1", "/app/key", "s3kr1t-there");
    let arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/app/key";
    let output = env.run_revealing(&["secrets", "fetch", arn]);
    assert_eq!(output.succeeds().stdout, "s3kr1t-there\n");
    env.run(&["secrets", "fetch", "arn:aws:s3:::bucket"]).exits(2).says("neither a secret nor a parameter");
    env.run(&["secrets", "fetch", arn, "--from", "secrets-manager"]).exits(2).says("--from");
}

#[test]
fn nothing_is_printed_where_one_of_several_is_missing() {
    let names = ["/sandbox/dev/username", "/sandbox/dev/nope"];
    let output = project().run(&fetch(&names, &["--format", "env"])).exits(1);
    assert_eq!(output.stdout, "");
    output.says("/sandbox/dev/nope");
}

#[test]
fn binary_data_is_refused_with_the_reason() {
    let env = project();
    env.aws.has_binary_secret("bytes", "czNrcjF0AP8=");
    env.run(&["secrets", "fetch", "bytes", "--from", "secrets-manager"]).exits(1).says("binary");
}

#[test]
fn without_a_backend_anywhere_the_option_is_named() {
    project().run(&["secrets", "fetch", "/sandbox/dev/username"]).exits(4).says("--from parameter-store");
}
