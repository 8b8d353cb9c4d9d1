//! Secrets and kwargs that cannot be worked with, and DAG files that are none: named with file, line and remedy, and
//! nothing is changed.

use crate::support::aws::Failure;
use crate::support::{Output, TestEnvironment};

const PROJECT: i32 = 4;
const FAILED: i32 = 1;
const CLASS: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
const ROLE: &str = "arn:aws:iam::111122223333:role/airflow";

fn project() -> TestEnvironment {
    TestEnvironment::with_project("airflow3")
}

/// A command of `secrets` with Secrets Manager.
#[track_caller]
fn ask(env: &TestEnvironment, command: &[&str]) -> Output {
    env.run_with_input(&[&["secrets"], command, &["--backend", "secrets-manager"]].concat(), "s3kr1t-new")
}

#[test]
fn malformed_kwargs_are_named_with_file_and_line() {
    for kwargs in ["{\"sep\": \"/\"", "{'sep': '/'}", "[1, 2]", "\"text\"", "{\"sep\": \"/\",}", "sep=/"] {
        let env = project();
        env.write(
            ".env",
            format!("# mine\nAIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"),
        );
        for command in [
            &["enable", "secrets-manager", "--yes"][..],
            &["set", "variable", "hello", "--from-file", "Dockerfile"],
            &["get", "variable", "hello"],
            &["list"],
            &["delete", "variable", "hello", "--yes"],
            &["export"],
            &["check", "hello"],
            &["policy", "--account", "111122223333"],
            &["deploy", "--deployment-id", "clx1", "--role-arn", ROLE],
        ] {
            let output = env.refuses(PROJECT, &[&["secrets"], command].concat());
            output.says(".env").says("line 3").says("kwargs");
        }
        assert_eq!(env.aws.all_hits(), 0, "AWS was asked with {kwargs}");
    }
}

#[test]
fn a_binary_secret_is_no_value_for_airflow() {
    let env = project();
    env.aws.has_binary_secret("airflow/variables/bytes", "czNrcjF0AP8=");
    ask(&env, &["get", "variable", "bytes"]).exits(FAILED).says("binary").says("airflow/variables/bytes");
    ask(&env, &["check", "bytes", "--kind", "variable"]).exits(FAILED).says("binary");
    ask(&env, &["export"]).says("binary").says("bytes");
}

#[test]
fn a_secret_pending_deletion_is_told_with_the_way_back() {
    let env = project();
    env.aws.has_deleted_secret("airflow/variables/deleted", "s3kr1t-deleted");
    ask(&env, &["get", "variable", "deleted"]).exits(FAILED).says("deletion").says("restore-secret");
    let check = ask(&env, &["check", "deleted", "--kind", "variable"]).exits(FAILED);
    check.says("deletion").says("restore-secret --secret-id airflow/variables/deleted --region ");
    ask(&env, &["set", "variable", "deleted"]).exits(FAILED).says("deletion").says("restore-secret");
    let secret = env.aws.secret("airflow/variables/deleted").unwrap();
    assert_eq!((secret.value.as_deref(), secret.recovery_days), (Some("s3kr1t-deleted"), Some(30)));
    let list = ["secrets", "list", "variable", "--backend", "secrets-manager", "--output", "json"];
    assert!(!env.run(&list).succeeds().stdout.contains("airflow/variables/deleted"));
}

#[test]
fn throttling_is_waited_for() {
    for (backend, action, code) in [
        ("secrets-manager", "GetSecretValue", "ThrottlingException"),
        ("parameter-store", "GetParameter", "ThrottlingException"),
        ("parameter-store", "GetParameter", "TooManyRequestsException"),
    ] {
        let env = project();
        env.aws.has_secret("airflow/variables/hello", "s3kr1t-hello");
        env.aws.has_parameter("/airflow/variables/hello", "s3kr1t-hello");
        env.aws.fails_next(4, action, Failure::Refused(code));
        env.run(&["secrets", "get", "variable", "hello", "--backend", backend]).succeeds();
        assert_eq!((env.aws.refusals(action), env.aws.hits(action)), (4, 5), "{backend} {code}");
    }
}

#[test]
fn names_of_every_legal_character_are_stored_listed_found_and_deleted() {
    for (backend, id) in [("secrets-manager", "Az09_+=.@-/x"), ("parameter-store", "Az09_.-x/y")] {
        let env = project();
        let run = |command: &[&str]| env.run_with_input(&[command, &["--backend", backend]].concat(), "s3kr1t-legal");
        run(&["secrets", "set", "variable", id]).succeeds();
        run(&["secrets", "get", "variable", id]).succeeds();
        run(&["secrets", "list", "variable"]).succeeds().says(id);
        run(&["secrets", "check", id, "--kind", "variable"]).succeeds();
        run(&["secrets", "delete", "variable", id, "--yes"]).succeeds();
        assert!(env.aws.secret_names().is_empty() || env.aws.secret(&format!("airflow/variables/{id}")).is_some());
        assert_eq!(env.aws.parameter_names(), [""; 0]);
    }
}

#[test]
fn a_name_that_the_service_does_not_take_is_refused_before_any_call() {
    for (backend, id) in [
        ("secrets-manager", "a b"),
        ("secrets-manager", "ü"),
        ("parameter-store", "a b"),
        ("parameter-store", "a@b"),
        ("parameter-store", "a+b"),
        ("parameter-store", "a//b"),
    ] {
        let env = project();
        let output = env.run_with_input(&["secrets", "set", "variable", id, "--backend", backend], "s3kr1t-value");
        assert!([2, 5].contains(&output.code), "{id}: {output}");
        output.says(id);
        assert_eq!(env.aws.all_hits(), 0, "{id}");
    }
}

#[test]
fn a_value_that_is_too_large_is_refused_before_any_call() {
    for (backend, size, limit) in [("secrets-manager", 65_537, "65536"), ("parameter-store", 8_193, "8192")] {
        let env = project();
        let value = format!("s3kr1t{}", "x".repeat(size - 6));
        let set = ["secrets", "set", "variable", "big", "--backend", backend];
        let output = env.run_with_input(&set, &value);
        assert!([1, 2].contains(&output.code), "{output}");
        output.says(limit).says(&size.to_string());
        assert_eq!(env.aws.all_hits(), 0);
        env.run_with_input(&set, &value[..size - 1]).succeeds();
    }
}

#[test]
fn the_tier_of_a_parameter_is_that_of_its_size() {
    let env = project();
    let set = ["secrets", "set", "variable", "big", "--backend", "parameter-store"];
    let value = "s3kr1t".repeat(700);
    let output = env.run_with_input(&[&set[..], &["--tier", "standard"]].concat(), &value);
    assert!([1, 2].contains(&output.code), "{output}");
    output.says("4096").says("4200");
    assert_eq!(env.aws.parameter_names(), [""; 0]);
    env.run_with_input(&set, "s3kr1t").succeeds();
    assert_eq!(env.aws.parameter("/airflow/variables/big").unwrap().tier, "Standard");
    env.run_with_input(&set, &value).succeeds();
    let parameter = env.aws.parameter("/airflow/variables/big").unwrap();
    assert_eq!((&*parameter.tier, &*parameter.kind, parameter.versions), ("Advanced", "SecureString", 2));
}

#[test]
fn a_dag_file_that_is_none_hides_none_of_the_others() {
    let comment = "# a comment of forty characters, no more\n";
    for (what, bytes) in [
        ("binary", b"\x00\x01\xfe\xffVariable.get(\"x\")\x80".to_vec()),
        ("latin-1", b"# caf\xe9\nVariable.get(\"x\")\n".to_vec()),
        ("unfinished", b"def f(:\n  \"\"\"Variable.get(\"x\n".to_vec()),
        ("5 MB", format!("{}Variable.get(\"x\")\n", comment.repeat(130_000)).into_bytes()),
        ("empty", Vec::new()),
        ("nul bytes", vec![0; 100_000]),
        ("deep", "(".repeat(200_000).into_bytes()),
    ] {
        let env = project();
        env.write("dags/a_odd.py", bytes);
        env.write("dags/b_good.py", "from airflow.sdk import Variable\nVariable.get(\"hello\")\n");
        for id in ["x", "hello"] {
            env.aws.has_secret(&format!("airflow/variables/{id}"), "s3kr1t-hello");
        }
        let output = env.run(&["secrets", "check", "--backend", "secrets-manager", "--output", "json"]);
        let document = output.json();
        let found = document["results"].as_array().unwrap().iter().filter_map(|result| result["id"].as_str());
        assert!(found.collect::<Vec<_>>().contains(&"hello"), "{what}: {output}");
        // What it names is found, or the file is named, so that nobody takes the check for complete.
        let is_named = output.stdout.contains("a_odd.py") || output.stderr.contains("a_odd.py");
        assert!(is_named || ["empty", "deep", "nul bytes"].contains(&what), "{what}: {output}");
    }
}
