//! `secrets disable`: exactly what `secrets enable` wrote goes, and nothing of a person or of `init`.

use serde_json::json;

use crate::support::{TestEnvironment, Tree};

const YES_OR_NO: &str = r"\([yY]/[nN]\)";
const ENABLE: [&str; 4] = ["secrets", "enable", "secrets-manager", "--yes"];
const DISABLE: [&str; 3] = ["secrets", "disable", "--yes"];
const OWN: &str = "A=1\nAIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"connections_prefix\": \"c\", \"variables_prefix\": \"v\", \"config_prefix\": null, \"region_name\": \"eu-west-1\"}\n";

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow3")
}

#[test]
fn the_project_is_byte_for_byte_as_before() {
    let env = airflow_3();
    env.write(".env", "A=1\r\nB=2");
    env.write("requirements.txt", "pandas\r\n");
    let before = Tree::of(&env.project());
    env.run(&[&ENABLE[..], &["--aws-connection"]].concat()).succeeds();
    let report = env.run(&[&DISABLE[..], &["--output", "json"]].concat()).succeeds().json();
    assert_eq!(Tree::of(&env.project()), before);
    let files = json!([{"path": "$PROJECT/.env", "change": "updated"}, {"path": "$PROJECT/requirements.txt", "change": "updated"}]);
    assert_eq!(report["files"], files);
    assert_eq!(report["command"], "secrets disable");
    env.run(&["undo", "--yes"]).succeeds().says("Nothing to undo");
}

#[test]
fn what_init_wrote_stays() {
    let env = airflow_3();
    env.run(&["init", "--yes"]).succeeds();
    let before = Tree::of(&env.project());
    env.run(&ENABLE).succeeds();
    env.run(&DISABLE).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
    env.run(&["init", "--yes"]).succeeds().says("already");
    env.run(&["undo", "--yes"]).succeeds().says(".env");
}

#[test]
fn a_file_that_was_made_for_it_goes_too() {
    let env = airflow_3();
    std::fs::remove_file(env.project().join(".env")).unwrap();
    let before = Tree::of(&env.project());
    env.run(&ENABLE).succeeds();
    env.run(&DISABLE).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn lines_that_a_person_changed_or_added_since_stay() {
    let env = airflow_3();
    env.write("requirements.txt", "a\n");
    env.run(&ENABLE).succeeds();
    env.write(".env", format!("NEW=1\n{}NEWER=2\n", env.text(".env").replace("us-east-1", "eu-west-9")));
    env.write("requirements.txt", env.text("requirements.txt").replace(">=5.1.0", ">=9") + "b\n");
    let output = env.run(&DISABLE).succeeds();
    output
        .says("AIRFLOW__SECRETS__BACKEND_KWARGS was changed by you")
        .says("apache-airflow-providers-amazon>=9 was changed");
    let text = env.text(".env");
    assert!(text.starts_with("NEW=1\nAIRFLOW__SECRETS__BACKEND_KWARGS=") && text.ends_with("}\nNEWER=2\n"), "{text}");
    assert_eq!(env.text("requirements.txt"), "a\napache-airflow-providers-amazon>=9\nb\n");
}

#[test]
fn a_backend_that_a_person_set_by_hand_stays_until_asked() {
    let env = airflow_3();
    env.write(".env", OWN);
    let before = Tree::of(&env.project());
    env.refuses(5, &DISABLE).says("--overwrite").says(".env line 2");
    // It is as it would be written, and stays theirs.
    env.run(&ENABLE).succeeds().says("already");
    env.refuses(5, &DISABLE).says("--overwrite");
    let terminal = env.on_terminal(&["secrets", "disable"]).asks("Take it out").asks(YES_OR_NO).answered("n");
    terminal.ends().exits(1);
    assert_eq!(Tree::of(&env.project()), before);
    env.run(&[&DISABLE[..], &["--overwrite"]].concat()).succeeds();
    assert_eq!(env.text(".env"), "A=1\n");
    env.run(&DISABLE).succeeds().says("Nothing to take out");
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn what_was_taken_out_of_a_person_s_comes_back_with_undo_into_a_file_they_changed() {
    let env = airflow_3();
    env.write(".env", OWN);
    env.run(&[&DISABLE[..], &["--overwrite"]].concat()).succeeds();
    env.write(".env", "A=1\nB=2\n");
    env.run(&["undo", "--yes"]).succeeds();
    let mut lines: Vec<_> = env.text(".env").lines().map(str::to_owned).collect();
    lines.sort();
    let mut expected: Vec<_> = format!("{OWN}B=2\n").lines().map(str::to_owned).collect();
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn overwrite_takes_merged_kwargs_out_as_a_whole_and_undo_brings_the_person_s_back() {
    let env = airflow_3();
    env.write(".env", OWN);
    let before = Tree::of(&env.project());
    env.run(&[&ENABLE[..], &["--region", "eu-west-2"]].concat()).succeeds();
    env.run(&[&DISABLE[..], &["--overwrite"]].concat()).succeeds();
    assert_eq!(env.text(".env"), "A=1\n");
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
    env.run(&[&ENABLE[..], &["--region", "eu-west-2"]].concat()).succeeds();
    env.run(&DISABLE).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn nothing_there_is_nothing_to_do() {
    let env = airflow_3();
    let before = env.everything();
    let report = env.run(&[&DISABLE[..], &["--output", "json"]].concat()).succeeds().json();
    assert_eq!(report["files"], json!([]));
    env.run(&["secrets", "disable"]).succeeds().says("Nothing to take out");
    assert_eq!(env.everything(), before);
}

#[test]
fn nothing_is_taken_out_without_a_yes() {
    let env = airflow_3();
    env.run(&ENABLE).succeeds();
    let before = env.everything();
    env.refuses(5, &["secrets", "disable"]).says("--yes");
    env.run(&["secrets", "disable", "--dry-run"]).succeeds().says("-AIRFLOW__SECRETS__BACKEND=").says("would be");
    env.on_terminal(&["secrets", "disable"]).asks("Take this out").asks(YES_OR_NO).answered("n").ends().exits(1);
    env.on_terminal(&["secrets", "disable"]).asks("Take this out").asks(YES_OR_NO).interrupted().ends().exits(130);
    assert_eq!(env.everything(), before);
    env.on_terminal(&["secrets", "disable"]).asks("Take this out").asks(YES_OR_NO).answered("y").ends().succeeds();
    assert_eq!(env.text(".env"), "");
}

#[test]
fn a_backend_that_is_set_elsewhere_is_told() {
    let env = airflow_3();
    env.run(&ENABLE).succeeds();
    env.write(
        "docker-compose.override.yml",
        "services:\n  scheduler:\n    environment:\n      AIRFLOW__SECRETS__BACKEND: x.Y\n",
    );
    env.run(&DISABLE).succeeds().says("docker-compose.override.yml line 4: a secrets backend is set there too");
}
