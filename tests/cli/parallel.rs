//! Several runs at once in one project, as of a script and a person: each succeeds, and the outcome is that of one run.

use std::fs;

use serde_json::Value;

use crate::support::{TestEnvironment, Tree};

fn at_once(env: &TestEnvironment, count: usize, arguments: &[&str]) {
    for output in env.run_together(count, arguments) {
        output.succeeds();
    }
}

#[test]
fn eight_inits_at_once_leave_what_one_leaves() {
    for delivery in ["mount", "session"] {
        let env = TestEnvironment::with_mountable_project("airflow3");
        env.write(".env", "KEPT=1\n");
        let before = Tree::of(&env.project());
        let arguments = ["init", "--yes", "--delivery", delivery, "--output", "json"];
        at_once(&env, 8, &arguments);
        let text = env.text("docker-compose.override.yml");
        assert_eq!(text.matches(":/home/astro/.aws:ro").count(), 4, "{text}");
        assert_eq!(env.text(".env").matches("AWS_CONFIG_FILE=").count(), 1, "{}", env.text(".env"));
        let set_up = Tree::with_times(&env.project());
        let once_more = env.run(&arguments).succeeds().json();
        let files = once_more["files"].as_array().unwrap();
        assert!(files.iter().all(|file| file["change"] == "unchanged"), "{once_more}");
        assert_eq!(once_more["warnings"], serde_json::json!([]));
        assert_eq!(Tree::with_times(&env.project()), set_up);
        env.run(&["undo", "--yes"]).succeeds();
        assert_eq!(Tree::of(&env.project()), before, "{delivery}");
    }
}

#[test]
fn four_refreshes_at_once_leave_one_whole_set_of_credentials() {
    let env = TestEnvironment::with_project("airflow3");
    env.run(&["init", "--yes", "--delivery", "session", "--profile", "ops"]).succeeds();
    let names = Tree::of(&env.session()).paths();
    at_once(&env, 4, &["refresh", "--output", "json"]);
    assert_eq!(Tree::of(&env.session()).paths(), names, "something is left behind");
    let bytes = fs::read(env.session().join("credentials.json")).unwrap();
    let credentials: Value = serde_json::from_slice(&bytes).unwrap();
    // The stand-in numbers what it hands out: key and token of one set bear the same number.
    let number = |name: &str| credentials[name].as_str().unwrap().rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
    let [key, secret, token] =
        ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| number(name).parse::<u32>());
    assert_eq!((&key, &key), (&secret, &token));
    assert!(key.unwrap() > 1, "not renewed");
}
