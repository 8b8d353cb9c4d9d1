//! `secrets export`: what the backend has, in the forms that Airflow and Astro read, on standard output or in a private file.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Output, TestEnvironment};

const FAILED: i32 = 1;
const USAGE: i32 = 2;
const REFUSED: i32 = 5;

fn project() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    env.aws
        .has_secret("airflow/connections/my_db", "postgres://ana:s3kr1t%2Fp@db.example.com:5432/main?sslmode=require");
    env.aws.has_secret(
        "airflow/connections/aliases",
        r#"{"engine": "mysql", "user": "u", "pass": "s3kr1t", "server": "h"}"#,
    );
    env.aws.has_secret("airflow/variables/hello", "s3kr1t-world");
    env.aws.has_secret("airflow/variables/count", "5");
    env.aws.has_secret("elsewhere/variables/hello", "s3kr1t-other");
    env
}

fn export(env: &TestEnvironment, arguments: &[&str]) -> Output {
    env.run_revealing(&[&["secrets", "export", "--backend", "secrets-manager"], arguments].concat())
}

#[test]
fn connections_are_exported_as_airflow_exports_them() {
    let env = project();
    let output = export(&env, &["connection", "--format", "json"]).succeeds();
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let expected = serde_json::json!({
        "aliases": {"conn_type": "mysql", "description": null, "login": "u", "password": "s3kr1t", "host": "h", "port": null, "schema": null, "extra": null},
        "my_db": {"conn_type": "postgres", "description": null, "login": "ana", "password": "s3kr1t/p", "host": "db.example.com", "port": 5432, "schema": "main", "extra": "{\"sslmode\": \"require\"}"},
    });
    assert_eq!(document, expected);
    assert!(output.stderr.contains("holds secrets"));
    let yaml = export(&env, &["connection"]).succeeds();
    assert!(yaml.stdout.contains("aliases:\n  conn_type: mysql\n"), "{}", yaml.stdout);
}

#[test]
fn both_kinds_go_into_the_forms_that_hold_both() {
    let env = project();
    let output = export(&env, &["--format", "env"]).succeeds();
    let expected = "AIRFLOW_CONN_ALIASES=mysql://u:s3kr1t@h\n\
                    AIRFLOW_CONN_MY_DB=postgres://ana:s3kr1t%2Fp@db.example.com:5432/main?sslmode=require\n\
                    AIRFLOW_VAR_COUNT=5\nAIRFLOW_VAR_HELLO=s3kr1t-world\n";
    assert_eq!(output.stdout, expected);
    let settings = export(&env, &[]).succeeds();
    assert!(settings.stdout.starts_with("airflow:\n  connections:\n  - conn_id: aliases\n"), "{}", settings.stdout);
    for format in ["json", "yaml"] {
        export(&env, &["--format", format]).exits(USAGE).says("not both").says("export variable");
    }
}

#[test]
fn what_was_exported_is_imported_elsewhere_as_the_same() {
    let env = project();
    for (kind, format, file) in [
        (None, "env", "all.env"),
        (None, "airflow-settings", "all.yaml"),
        (Some("connection"), "yaml", "connections.yaml"),
        (Some("connection"), "json", "connections.json"),
        (Some("variable"), "json", "variables.json"),
        (Some("variable"), "yaml", "variables.yaml"),
    ] {
        let arguments: Vec<_> = kind.into_iter().chain(["--format", format, "--file", file]).collect();
        export(&env, &arguments).succeeds().says("exported");
        let mode = std::fs::metadata(env.project().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
        env.run(&["secrets", "import", "--backend", "secrets-manager", file]).succeeds().says("the same is there");
        env.run(&["secrets", "import", "--backend", "parameter-store", file, "--yes", "--overwrite"]).succeeds();
    }
    assert_eq!(env.aws.parameter("/airflow/variables/hello").unwrap().value, "s3kr1t-world");
    assert_eq!(env.aws.hits("PutSecretValue") + env.aws.hits("CreateSecret"), 0);
}

#[test]
fn a_file_that_is_there_is_replaced_only_with_overwrite() {
    let env = project();
    let read = |env: &TestEnvironment| std::fs::read_to_string(env.project().join("variables.yaml")).unwrap();
    env.write("variables.yaml", "mine");
    let arguments = ["variable", "--file", "variables.yaml"];
    export(&env, &arguments).exits(REFUSED).says("--overwrite");
    assert_eq!((read(&env), env.aws.all_hits()), ("mine".to_owned(), 0));
    export(&env, &[&arguments[..], &["--overwrite"]].concat()).succeeds();
    assert_eq!(read(&env), "count: 5\nhello: s3kr1t-world\n");
}

#[test]
fn what_a_form_cannot_hold_is_named_without_its_value() {
    let env = project();
    env.aws.has_secret("airflow/connections/broken", "s3kr1t-no-uri");
    env.aws.has_secret("airflow/variables/lines", "s3kr1t\nlines");
    env.aws.has_binary_secret("airflow/variables/bytes", "czNrcjF0AP8=");
    let output = export(&env, &["connection", "--output", "json"]).succeeds();
    let document = output.json();
    assert_eq!(document["left_out"][0]["id"], "broken");
    assert!(document["content"].as_str().unwrap().contains("s3kr1t/p"));
    let output = export(&env, &["--format", "env"]).succeeds();
    assert!(output.stdout.contains("AIRFLOW_CONN_BROKEN=s3kr1t-no-uri\n"));
    assert!(!output.stdout.contains("LINES"));
    output.says("`lines`").says("`bytes`");
}

#[test]
fn a_dry_run_prints_no_value_and_writes_no_file() {
    let env = project();
    let dry = ["secrets", "export", "--backend", "secrets-manager", "--file", "all.yaml", "--dry-run"];
    env.run(&dry).succeeds().says("airflow/variables/hello");
    assert!(!env.project().join("all.yaml").exists());
    assert_eq!(env.aws.hits("GetSecretValue") + env.aws.hits("BatchGetSecretValue"), 0);
}

#[test]
fn nothing_is_exported_where_a_value_may_not_be_read() {
    let env = project();
    env.aws.denies("secretsmanager:GetSecretValue", "airflow/variables/hello");
    export(&env, &["variable", "--file", "v.yaml"]).exits(FAILED).says("secretsmanager:GetSecretValue").says("`hello`");
    assert!(!env.project().join("v.yaml").exists());
}
