//! `undo` takes back what astro-aws wrote, and nothing else.

use std::fs;

use crate::support::{TestEnvironment, Tree};

const OWN_OVERRIDE: &str = "# mine\nservices:\n    scheduler: # four spaces\n        tty: true\n";

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow3")
}

#[test]
fn the_project_is_byte_for_byte_as_before() {
    for delivery in ["mount", "session"] {
        for own in [OWN_OVERRIDE.to_owned(), OWN_OVERRIDE.replace('\n', "\r\n"), format!("\u{feff}{OWN_OVERRIDE}")] {
            let env = airflow_3();
            env.write("docker-compose.override.yml", &own);
            env.write(".env", "KEPT=1\n\n# last, without a newline");
            let before = Tree::of(&env.project());
            env.run(&["init", "--yes", "--delivery", delivery]).succeeds();
            assert_ne!(Tree::of(&env.project()), before);
            env.run(&["undo", "--yes"]).succeeds();
            assert_eq!(Tree::of(&env.project()), before, "{delivery}");
        }
    }
}

#[test]
fn what_init_created_is_deleted() {
    let env = airflow_3();
    fs::remove_file(env.project().join(".env")).ok();
    let before = Tree::of(&env.project());
    env.run(&["init", "--yes"]).succeeds();
    let report = env.run(&["undo", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(Tree::of(&env.project()), before);
    for path in ["$PROJECT/docker-compose.override.yml", "$PROJECT/.env"] {
        let files = report["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["path"] == path && file["change"] == "removed"), "{path}: {report}");
    }
}

#[test]
fn the_session_goes_too() {
    let env = airflow_3();
    env.run(&["init", "--yes", "--delivery", "session"]).succeeds();
    let session = env.session();
    env.run(&["undo", "--yes"]).succeeds();
    assert!(!session.exists());
    let left = Tree::of(&env.state());
    assert!(!format!("{left:?}").contains("s3kr1t"), "credentials are left:\n{left:?}");
}

#[test]
fn lines_that_a_person_added_since_stay() {
    let env = airflow_3();
    env.write("docker-compose.override.yml", OWN_OVERRIDE);
    env.write(".env", "KEPT=1\n");
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let text = fs::read_to_string(env.override_file()).unwrap();
    env.write("docker-compose.override.yml", text.replace("# mine\n", "# mine\n# and a new line\n"));
    env.write(".env", format!("NEW=1\n{}NEWER=2\n", env.text(".env")));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(env.text("docker-compose.override.yml"), OWN_OVERRIDE.replace("# mine\n", "# mine\n# and a new line\n"));
    assert_eq!(env.text(".env"), "NEW=1\nKEPT=1\nNEWER=2\n");
}

#[test]
fn a_file_that_init_created_and_a_person_extended_stays_with_their_part() {
    let env = airflow_3();
    env.run(&["init", "--yes"]).succeeds();
    let text = fs::read_to_string(env.override_file()).unwrap();
    env.write("docker-compose.override.yml", text + "  postgres:\n    ports: [\"5433:5432\"]\n");
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(env.text("docker-compose.override.yml"), "services:\n  postgres:\n    ports: [\"5433:5432\"]\n");
}

#[test]
fn a_mount_that_a_person_had_written_by_hand_survives() {
    let env = airflow_3();
    let own =
        format!("services:\n  scheduler:\n    volumes:\n      - {}/.aws:/home/astro/.aws:ro\n", env.home().display());
    env.write("docker-compose.override.yml", &own);
    env.run(&["init", "--yes"]).succeeds();
    // Touched since, so that undo has to take out lines and cannot put the old bytes back.
    let text = fs::read_to_string(env.override_file()).unwrap();
    env.write("docker-compose.override.yml", format!("# touched\n{text}"));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(fs::read_to_string(env.override_file()).unwrap(), format!("# touched\n{own}"));
}

#[test]
fn a_dry_run_takes_nothing_back() {
    let env = airflow_3();
    env.run(&["init", "--yes", "--delivery", "session"]).succeeds();
    let before = env.everything();
    env.run(&["undo", "--dry-run", "--yes"]).succeeds().says("docker-compose.override.yml");
    assert_eq!(env.everything(), before);
}

#[test]
fn twice_is_once() {
    let env = airflow_3();
    env.write("docker-compose.override.yml", OWN_OVERRIDE);
    env.run(&["init", "--yes"]).succeeds();
    env.run(&["undo", "--yes"]).succeeds();
    let before = Tree::with_times(&env.project());
    let second = env.run(&["undo", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(second["files"], serde_json::json!([]));
    assert_eq!(Tree::with_times(&env.project()), before);
}

#[test]
fn a_project_that_was_never_set_up_loses_nothing() {
    let env = airflow_3();
    // The guide's own lines, typed by a person: not ours to take.
    let own =
        format!("services:\n  scheduler:\n    volumes:\n      - {}/.aws:/home/astro/.aws:ro\n", env.home().display());
    env.write("docker-compose.override.yml", own);
    let before = Tree::of(&env.project());
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn several_runs_are_taken_back_together() {
    let env = airflow_3();
    env.write("docker-compose.override.yml", OWN_OVERRIDE);
    let before = Tree::of(&env.project());
    for arguments in [["--delivery", "mount"], ["--delivery", "session"], ["--profile", "dev"]] {
        env.run(&["init", "--yes", arguments[0], arguments[1]]).succeeds();
    }
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn init_after_undo_writes_the_same_again() {
    let env = airflow_3();
    env.run(&["init", "--yes"]).succeeds();
    let first = Tree::of(&env.project());
    env.run(&["undo", "--yes"]).succeeds();
    env.run(&["init", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), first);
}
