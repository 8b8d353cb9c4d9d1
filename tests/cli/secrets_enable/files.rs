//! The bytes of a person stay, whatever the form of the file; nothing is written unasked.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::{LINE, SECRETS_MANAGER, YES_OR_NO, airflow_3, enable, warnings, with};
use crate::support::Tree;

#[test]
fn files_that_cannot_be_edited_are_refused_with_their_line() {
    let env = airflow_3();
    env.write(".env", "A=1\nB='open\n");
    env.refuses(4, &enable("secrets-manager")).says(".env` line 2");
    env.write(".env", "");
    env.write("requirements.txt", "requests==2.0 --hash=sha256:ab\n");
    env.refuses(4, &enable("secrets-manager")).says("hash").says(LINE);
    env.write("requirements.txt", b"\xFF\xFEa\0");
    env.refuses(4, &enable("secrets-manager")).says("UTF-16");
    env.write("requirements.txt", "");
    env.write("docker-compose.override.yml", "services: [\n");
    env.refuses(4, &enable("secrets-manager")).says("docker-compose.override.yml");
}

#[test]
fn the_provider_is_added_where_the_image_lacks_it() {
    for (image, before, after) in [
        (
            "astrocrpublic.azurecr.io/runtime:3.1-12",
            "pandas\n",
            Some("pandas\napache-airflow-providers-amazon>=5.1.0\n"),
        ),
        (
            "quay.io/astronomer/astro-runtime:12.8.0-slim",
            "pandas\r\n# c",
            Some("pandas\r\n# c\r\napache-airflow-providers-amazon>=5.1.0"),
        ),
        (
            "astrocrpublic.azurecr.io/runtime:3.1-12",
            "\u{feff}",
            Some("\u{feff}apache-airflow-providers-amazon>=5.1.0\n"),
        ),
        ("quay.io/astronomer/astro-runtime:12.8.0", "pandas\n", None),
        ("astrocrpublic.azurecr.io/runtime:3.1-12", "Apache_Airflow.Providers-amazon[s3fs] == 9.0 # mine\n", None),
    ] {
        let env = airflow_3();
        env.write("Dockerfile", format!("FROM {image}\n"));
        env.write("requirements.txt", before);
        let report = env.run(&with(&["--output", "json"])).succeeds().json();
        assert_eq!(env.text("requirements.txt"), after.unwrap_or(before), "{image}");
        assert_eq!(report["requirement"], after.map_or(Value::Null, |_| json!(LINE)));
        let again = env.run(&with(&["--output", "json"])).succeeds().json();
        assert_eq!(again["requirement"], report["requirement"]);
        env.run(&["secrets", "disable", "--yes"]).succeeds();
        assert_eq!(env.text("requirements.txt"), before, "{image}");
    }
}

#[test]
fn a_new_provider_needs_a_new_image_and_a_missing_file_is_made() {
    let env = airflow_3();
    fs::remove_file(env.project().join("requirements.txt")).unwrap();
    let before = Tree::of(&env.project());
    env.run(&enable("secrets-manager")).succeeds().says("builds the image");
    assert_eq!(env.text("requirements.txt"), format!("{LINE}\n"));
    env.run(&["secrets", "disable", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn a_pin_of_a_person_is_reported_and_not_changed() {
    let env = airflow_3();
    env.write("requirements.txt", "a\napache-airflow-providers-amazon==4.0.0\n");
    let output = env.run(&enable("secrets-manager")).succeeds();
    output.says("requirements.txt line 2").says("apache-airflow-providers-amazon==4.0.0 is older");
    assert_eq!(env.text("requirements.txt"), "a\napache-airflow-providers-amazon==4.0.0\n");
}

#[test]
fn a_dockerfile_that_installs_the_provider_counts() {
    let env = airflow_3();
    env.write("requirements.txt", "");
    env.write(
        "Dockerfile",
        "FROM astrocrpublic.azurecr.io/runtime:3.1-12\nRUN pip install apache-airflow-providers-amazon\n",
    );
    env.run(&enable("secrets-manager")).succeeds();
    assert_eq!(env.text("requirements.txt"), "");
}

#[test]
fn a_base_image_that_leaves_requirements_out_is_told() {
    let env = airflow_3();
    env.write("requirements.txt", "");
    env.write("Dockerfile", "FROM astrocrpublic.azurecr.io/runtime:3.1-12-base\n");
    let report = env.run(&with(&["--output", "json"])).succeeds().json();
    assert!(warnings(&report).contains(&"requirements_left_out"), "{report}");
}

#[test]
fn every_byte_of_a_person_stays() {
    for own in ["A=1\r\n# c\r\nB=2", "\u{feff}A='x y' # c\nexport B=2\n\n", "\n\n", ""] {
        let env = airflow_3();
        env.write(".env", own);
        env.run(&with(&["--aws-connection"])).succeeds();
        assert!(env.text(".env").starts_with(own), "{own:?}");
        if own.contains('\r') {
            assert!(!env.text(".env").replace("\r\n", "").contains('\n'));
        }
        env.run(&["secrets", "disable", "--yes"]).succeeds();
        assert_eq!(env.text(".env"), own);
    }
}

#[test]
fn a_link_stays_a_link() {
    let env = airflow_3();
    fs::rename(env.project().join(".env"), env.root().join("shared.env")).unwrap();
    symlink(env.root().join("shared.env"), env.project().join(".env")).unwrap();
    env.run(&enable("secrets-manager")).succeeds();
    assert!(fs::symlink_metadata(env.project().join(".env")).unwrap().is_symlink());
    assert!(fs::read_to_string(env.root().join("shared.env")).unwrap().starts_with(SECRETS_MANAGER));
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
    let env = airflow_3();
    env.write("requirements.txt", "");
    let before = env.everything();
    let output = env.run(&["secrets", "enable", "secrets-manager", "--dry-run"]).succeeds();
    output.says("+AIRFLOW__SECRETS__BACKEND_KWARGS=").says(&format!("+{LINE}")).says("would");
    let report = env.run(&["secrets", "enable", "secrets-manager", "--dry-run", "--output", "json"]).succeeds().json();
    assert_eq!(report["dry_run"], true);
    assert_eq!(env.everything(), before);
}

#[test]
fn nothing_is_written_without_a_yes() {
    let env = airflow_3();
    let before = env.everything();
    env.refuses(5, &["secrets", "enable", "secrets-manager"]).says("--yes");
    env.on_terminal(&["secrets", "enable", "secrets-manager", "--no-input"]).ends().exits(5).says("--yes");
    env.on_terminal(&["secrets", "enable", "secrets-manager"])
        .asks("Apply")
        .asks(YES_OR_NO)
        .answered("n")
        .ends()
        .exits(1);
    env.on_terminal(&["secrets", "enable", "secrets-manager"])
        .asks("Apply")
        .asks(YES_OR_NO)
        .interrupted()
        .ends()
        .exits(130);
    assert_eq!(env.everything(), before);
    env.on_terminal(&["secrets", "enable", "secrets-manager"])
        .asks("Apply")
        .asks(YES_OR_NO)
        .answered("y")
        .ends()
        .succeeds();
    assert!(env.text(".env").starts_with(SECRETS_MANAGER));
}

#[test]
fn init_leaves_the_backend_alone_and_undo_takes_both_back() {
    let env = airflow_3();
    env.write("requirements.txt", "a");
    let before = Tree::of(&env.project());
    env.run(&enable("secrets-manager")).succeeds();
    let lines = env.text(".env");
    env.run(&["init", "--yes"]).succeeds();
    assert!(env.text(".env").starts_with(&lines));
    env.run(&["init", "--yes", "--env-in", "compose"]).succeeds();
    assert_eq!(env.text(".env"), lines);
    env.run(&enable("secrets-manager")).succeeds().says("already");
    env.run(&["undo", "--yes"]).succeeds().says("requirements.txt");
    assert_eq!(Tree::of(&env.project()), before);
    env.run(&["undo", "--yes"]).succeeds().says("Nothing to undo");
}
