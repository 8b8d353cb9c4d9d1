//! `secrets get` shows no secret unless it is to, and then exactly it.

use crate::support::TestEnvironment;
use serde_json::json;

const URI: &str = "postgres://ana:s3kr1t@db.example.com:5432/main?sslmode=require&api_token=s3kr1t";

fn get<'a>(kind: &'a str, id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["secrets", "get", kind, id, "--backend", "secrets-manager"], more].concat()
}

fn project() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    env.aws.has_secret("airflow/connections/db", URI);
    env.aws.has_secret("airflow/variables/hello", "s3kr1t ü\n\u{1b}[31m\r\n");
    env.aws.has_secret("airflow/variables/settings", r#"{"user": "s3kr1t-user", "limit": 3}"#);
    env
}

#[test]
fn a_connection_is_shown_part_by_part_with_its_secrets_masked() {
    let output = project().run(&get("connection", "db", &[])).succeeds();
    for (part, value) in [
        ("conn_type", "postgres"),
        ("host", "db.example.com"),
        ("login", "ana"),
        ("port", "5432"),
        ("password", "***"),
        ("extra.sslmode", "require"),
        ("extra.api_token", "***"),
    ] {
        let is_shown = output.stdout.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == [part, value]);
        assert!(is_shown, "{part}: {output}");
    }
}

#[test]
fn the_document_masks_the_same() {
    let report = project().run(&get("connection", "db", &["--output", "json"])).succeeds().json();
    assert_eq!((&report["fields"]["password"], &report["fields"]["host"]), (&json!("***"), &json!("db.example.com")));
    assert_eq!((&report["form"], &report["fields"]["extra"]["api_token"]), (&json!("uri"), &json!("***")));
    assert!(report["value"].as_str().unwrap().starts_with("***"));
}

#[test]
fn of_a_variable_only_the_length_is_shown() {
    project().run(&get("variable", "hello", &[])).succeeds().says("*** (16 characters)");
}

#[test]
fn a_revealed_value_is_printed_to_the_last_byte_and_a_newline() {
    let env = project();
    let output = env.run_revealing(&get("variable", "hello", &["--reveal"])).succeeds();
    assert_eq!(output.stdout, "s3kr1t ü\n\u{1b}[31m\r\n\n");
    assert_eq!(env.run_revealing(&get("connection", "db", &["--reveal"])).succeeds().stdout, format!("{URI}\n"));
    let report = env.run_revealing(&get("connection", "db", &["--reveal", "--output", "json"])).succeeds().json();
    assert_eq!((&report["value"], &report["fields"]["password"]), (&json!(URI), &json!("s3kr1t")));
}

#[test]
fn a_part_is_printed_bare_and_a_secret_one_needs_reveal() {
    let env = project();
    assert_eq!(env.run(&get("connection", "db", &["--field", "host"])).succeeds().stdout, "db.example.com\n");
    assert_eq!(env.run(&get("connection", "db", &["--field", "extra.sslmode"])).succeeds().stdout, "require\n");
    for secret in ["password", "extra", "extra.api_token"] {
        env.run(&get("connection", "db", &["--field", secret])).exits(5).says("--reveal");
    }
    env.run(&get("variable", "settings", &["--field", "user"])).exits(5).says("--reveal");
    let revealed =
        |kind, id, field| env.run_revealing(&get(kind, id, &["--field", field, "--reveal"])).succeeds().stdout;
    assert_eq!(revealed("connection", "db", "password"), "s3kr1t\n");
    assert_eq!(revealed("variable", "settings", "user"), "s3kr1t-user\n");
    assert_eq!(revealed("variable", "settings", "limit"), "3\n");
}

#[test]
fn a_part_that_is_not_there_is_told_with_those_that_are() {
    let env = project();
    env.run(&get("connection", "db", &["--field", "nope"])).exits(2).says("`host`").says("`extra.sslmode`");
    env.run(&get("variable", "settings", &["--field", "nope"])).exits(2).says("`limit`");
    env.run(&get("variable", "hello", &["--field", "nope"])).exits(2).says("no JSON object");
}

#[test]
fn a_connection_that_airflow_cannot_use_is_shown_masked_with_a_warning() {
    let env = project();
    env.aws.has_secret("airflow/connections/bad", "{\"host\": \"s3kr1t\"");
    env.run(&get("connection", "bad", &[])).succeeds().says("warning:").says("*** (17 characters)");
}

#[test]
fn each_way_not_to_get_a_value_is_told_with_its_remedy() {
    let env = project();
    env.run(&get("variable", "nope", &[])).exits(1).says("airflow/variables/nope").says("astro-aws secrets list");
    env.aws.has_secret_with_key("airflow/variables/locked", "s3kr1t", "alias/mine");
    env.aws.denies("kms:Decrypt", "*");
    env.run(&get("variable", "locked", &[])).exits(1).says("cannot decrypt").says("alias/mine");
    env.aws.allows_everything();
    env.aws.denies("secretsmanager:GetSecretValue", "*");
    env.run(&get("variable", "hello", &[]))
        .exits(1)
        .says("secretsmanager:GetSecretValue")
        .says("astro-aws secrets policy");
}
