//! A run that was killed in the middle of its change: the next one puts that right, says so, and then does its own work.
//! One that is broken off while it asks for a secret leaves nothing.

use crate::support::{TestEnvironment, Tree};

/// The size of .env: it and its backup fit into the limit, with our two lines it does not.
const BYTES: usize = 16 * 1024 - 8;
const LIMIT_IN_BLOCKS: u32 = 32;

/// A project whose set-up died when it had prepared the override and was half-way through .env.
fn killed_in_the_middle() -> (TestEnvironment, Tree) {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.write(".env", format!("#{}\n", "-".repeat(BYTES - 2)));
    let before = Tree::of(&env.project());
    env.is_killed_writing(LIMIT_IN_BLOCKS, &["init", "--yes", "--no-verify"]);
    assert!(pending(&env), "it was killed too early: nothing is left to put right");
    (env, before)
}

/// Whether a change is written down as begun and not ended.
fn pending(env: &TestEnvironment) -> bool {
    Tree::of(&env.state()).paths().iter().any(|path| path.ends_with("/pending.json"))
}

#[test]
fn the_files_themselves_are_untouched_by_the_kill() {
    let (env, before) = killed_in_the_middle();
    let paths = before.paths();
    for path in Tree::of(&env.project()).paths() {
        assert!(paths.contains(&path) || path.starts_with(".astro-aws-"), "{path}");
    }
    assert_eq!(env.text(".env").len(), BYTES);
}

#[test]
fn the_next_run_puts_it_right_and_says_so() {
    let (env, before) = killed_in_the_middle();
    // Not set up, so `refresh` has nothing to do but that.
    let report = env.run(&["refresh", "--output", "json"]).exits(4).json();
    let ids: Vec<_> = report["warnings"].as_array().unwrap().iter().map(|warning| &warning["id"]).collect();
    assert_eq!(ids, ["recovered"], "{report}");
    assert_eq!(Tree::of(&env.project()), before);
    assert!(!pending(&env));
    env.run(&["refresh"]).exits(4).does_not_say("interrupted");
}

#[test]
fn init_once_more_does_what_the_killed_one_was_to_do() {
    let (env, before) = killed_in_the_middle();
    env.run(&["init", "--yes"]).succeeds().says("an earlier change was interrupted");
    assert!(env.text("docker-compose.override.yml").contains("- $HOME/.aws:/home/astro/.aws:ro"));
    assert!(env.text(".env").ends_with("AWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials\n"));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before, "undo after a recovery");
}

#[test]
fn a_dry_run_says_so_and_leaves_it() {
    let (env, _) = killed_in_the_middle();
    let before = env.everything();
    let report = env.run(&["init", "--yes", "--dry-run", "--output", "json"]).succeeds().json();
    assert!(report["warnings"].as_array().unwrap().iter().any(|warning| warning["id"] == "interrupted"), "{report}");
    assert_eq!(env.everything(), before);
}

#[test]
fn ctrl_c_at_a_hidden_prompt_leaves_nothing() {
    let backend = ["--backend", "secrets-manager"];
    let flags = ["--conn-type", "postgres", "--login", "ana"];
    for (arguments, question) in [
        ([&["secrets", "set", "variable", "hello"], &backend[..]].concat(), "(?i)value"),
        ([&["secrets", "set", "connection", "db"], &backend[..]].concat(), "(?i)value|uri"),
        ([&["secrets", "set", "connection", "db"], &flags[..], &backend].concat(), "(?i)password"),
    ] {
        let env = TestEnvironment::with_project("airflow3");
        let before = env.everything();
        // What was typed so far is not shown either: that is checked at every end.
        env.on_terminal(&arguments).asks(question).typed("s3kr1t-so-f").interrupted().ends().exits(130);
        assert_eq!(env.everything(), before, "{arguments:?}");
        assert_eq!((env.aws.hits("CreateSecret"), env.aws.hits("PutSecretValue")), (0, 0));
        assert_eq!(env.aws.secret_names(), [""; 0]);
    }
}
