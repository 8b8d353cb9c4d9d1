//! `secrets dag` writes an example for the project's own Airflow, and takes nobody's file away.

use std::fs;

use crate::support::{TestEnvironment, Tree};

const DAG: &str = "dags/example_secrets_dag.py";

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_project("airflow3")
}

#[test]
fn each_airflow_gets_its_own() {
    for (fixture, import, schedule, airflow) in [
        ("airflow3", "from airflow.sdk import BaseHook, Variable, dag, task\n", ", schedule=None", 3),
        ("airflow2", "from airflow.models import Variable\n", ", schedule=None", 2),
        ("airflow2-old", "from airflow.models import Variable\n", ", schedule_interval=None", 2),
    ] {
        let env = TestEnvironment::with_project(fixture);
        let report = env.run(&["secrets", "dag", "--yes", "--output", "json"]).succeeds().json();
        assert_eq!(report["airflow"], airflow);
        assert_eq!(report["files"][0]["path"], format!("$PROJECT/{DAG}"));
        assert_eq!(report["files"][0]["change"], "created");
        let text = env.text(DAG);
        assert!(text.contains(import) && text.contains(schedule), "{fixture}: {text}");
        assert!(text.contains("VARIABLE = \"my_variable\"\nCONNECTION = \"my_connection\"\n"), "{text}");
    }
}

#[test]
fn the_ids_are_those_that_were_asked_for() {
    let env = airflow_3();
    env.run(&["secrets", "dag", "--yes", "--variable", "a\"b\\", "--connection", "my_db"])
        .succeeds()
        .says("reads the variable a\"b\\ and the connection my_db, and prints neither");
    assert!(env.text(DAG).contains("VARIABLE = \"a\\\"b\\\\\"\nCONNECTION = \"my_db\"\n"));
}

#[test]
fn twice_in_a_row_changes_nothing_and_asks_nothing() {
    let env = airflow_3();
    env.run(&["secrets", "dag", "--yes"]).succeeds();
    let before = env.everything();
    env.run(&["secrets", "dag"]).succeeds().says("is there already");
    assert_eq!(env.everything(), before);
}

#[test]
fn a_dag_of_ours_that_nobody_touched_follows() {
    let env = airflow_3();
    env.run(&["secrets", "dag", "--yes"]).succeeds();
    env.run(&["secrets", "dag", "--yes", "--variable", "other"]).succeeds();
    assert!(env.text(DAG).contains("VARIABLE = \"other\"\n"));
    env.run(&["undo", "--yes"]).succeeds();
    assert!(!env.project().join(DAG).exists());
}

#[test]
fn another_file_of_that_name_is_not_overwritten() {
    let env = airflow_3();
    fs::create_dir_all(env.project().join("dags")).unwrap();
    env.write(DAG, "# mine\n");
    env.refuses(5, &["secrets", "dag", "--yes"]).says("holds something else").says("rename or delete");
    let env = airflow_3();
    env.run(&["secrets", "dag", "--yes"]).succeeds();
    env.write(DAG, env.text(DAG) + "# and mine\n");
    env.refuses(5, &["secrets", "dag", "--yes", "--variable", "other"]);
}

#[test]
fn nothing_is_written_without_a_yes() {
    let env = airflow_3();
    env.refuses(5, &["secrets", "dag"]).says("--yes");
    let before = env.everything();
    let output = env.run(&["secrets", "dag", "--dry-run"]).succeeds().says("would be written");
    assert!(output.stdout.contains("+from airflow.sdk import"), "{output}");
    assert_eq!(env.everything(), before);
}

#[test]
fn undo_removes_it_and_leaves_one_that_a_person_changed() {
    let env = airflow_3();
    let before = Tree::of(&env.project());
    env.run(&["secrets", "dag", "--yes"]).succeeds();
    env.run(&["undo", "--yes"]).succeeds();
    assert!(!env.project().join(DAG).exists());
    let had_dags = before.paths().iter().any(|path| path.starts_with("dags"));
    if had_dags {
        assert_eq!(Tree::of(&env.project()), before);
    }
    env.run(&["secrets", "dag", "--yes"]).succeeds();
    env.write(DAG, env.text(DAG) + "# and mine\n");
    env.run(&["undo", "--yes"]).succeeds().says("was changed by you since and stays");
    assert!(env.text(DAG).ends_with("# and mine\n"));
}

#[test]
fn it_is_taken_back_together_with_the_set_up() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let before = Tree::of(&env.project());
    env.run(&["secrets", "dag", "--yes"]).succeeds();
    env.run(&["init", "--yes", "--no-verify"]).succeeds();
    env.run(&["status"]).succeeds().says("example_secrets_dag.py");
    env.run(&["undo", "--yes"]).succeeds();
    let left: Vec<_> = Tree::of(&env.project()).paths().iter().filter(|path| **path != "dags").cloned().collect();
    assert_eq!(left, before.paths().iter().filter(|path| **path != "dags").cloned().collect::<Vec<_>>());
}

#[test]
fn a_dockerfile_that_does_not_tell_needs_the_option() {
    let env = TestEnvironment::with_project("unclear");
    env.refuses(4, &["secrets", "dag", "--yes"]).says("--airflow 2");
    env.run(&["secrets", "dag", "--yes", "--airflow", "2"]).succeeds();
    assert!(env.text(DAG).contains("from airflow.models import Variable\n"));
}
