//! `secrets delete` deletes what was named after a yes, and says until when it can be brought back.

use crate::support::TestEnvironment;

const NAME: &str = "airflow/variables/hello";

fn delete<'a>(ids: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["secrets", "delete", "variable"], ids, &["--backend", "secrets-manager"], more].concat()
}

fn project() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    env.aws.has_secret(NAME, "s3kr1t");
    env.aws.has_secret("airflow/variables/other", "s3kr1t");
    env.aws.has_parameter("/airflow/variables/hello", "s3kr1t");
    env
}

fn recovery(env: &TestEnvironment) -> Option<u64> {
    env.aws.secret(NAME)?.recovery_days
}

#[test]
fn without_a_yes_nothing_is_deleted() {
    let env = project();
    env.run(&delete(&["hello"], &[])).exits(5).says("--yes").says(NAME);
    env.run(&delete(&["hello"], &["--dry-run"])).succeeds().says("would be deleted").says(NAME);
    env.on_terminal(&delete(&["hello"], &[])).asks("30 days").asks("Delete\\?").answered("n").ends().exits(1);
    assert_eq!((env.aws.hits("DeleteSecret"), recovery(&env)), (0, None));
}

#[test]
fn a_yes_deletes_for_as_long_as_was_asked() {
    let env = project();
    env.on_terminal(&delete(&["hello"], &["--recovery-window", "7"]))
        .asks("7 days")
        .asks("Delete\\?")
        .answered("y")
        .ends()
        .succeeds();
    assert_eq!(recovery(&env), Some(7));
    let report = env.run(&delete(&["other"], &["--yes", "--output", "json"])).succeeds().json();
    let entry = &report["entries"][0];
    assert_eq!((entry["id"].as_str(), entry["deleted"].as_bool()), (Some("other"), Some(true)));
    assert!(entry["deletes_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(env.aws.secret("airflow/variables/other").unwrap().recovery_days, Some(30));
}

#[test]
fn by_force_it_is_gone() {
    let env = project();
    env.run(&delete(&["hello"], &["--force", "--yes"])).succeeds().says("for good");
    assert_eq!(env.aws.secret(NAME), None);
    env.run(&delete(&["hello"], &["--force", "--yes"])).exits(1).says("has nothing named");
}

#[test]
fn a_parameter_is_gone_at_once_and_has_no_window() {
    let env = project();
    let parameter = ["secrets", "delete", "variable", "hello", "--backend", "parameter-store", "--yes"];
    env.run(&[&parameter[..], &["--recovery-window", "7"]].concat()).exits(2).says("no recovery window");
    env.run(&parameter).succeeds().says("for good");
    assert_eq!(env.aws.parameter_names(), [""; 0]);
}

#[test]
fn of_several_each_is_told_of_and_one_that_fails_does_not_keep_the_rest() {
    let env = project();
    let report = env.run(&delete(&["nope", "hello", "hello"], &["--yes", "--output", "json"])).exits(1).json();
    let told: Vec<_> =
        report["entries"].as_array().unwrap().iter().map(|entry| entry["deleted"].as_bool().unwrap()).collect();
    assert_eq!(told, [false, true]);
    assert_eq!(recovery(&env), Some(30));
    assert!(report["error"]["message"].as_str().unwrap().contains("1 of 2"));
}
