//! What cannot be worked on is refused with its own exit code, the place and a remedy, and nothing is changed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::support::TestEnvironment;

/// The exit code for a project, or a file of it, that cannot be worked on.
const PROJECT: i32 = 4;
/// The exit code for what lies outside the project.
const FAILED: i32 = 1;
const CREDENTIALS: i32 = 3;

const OVERRIDE: &str = "docker-compose.override.yml";

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow3")
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_that_is_no_project() {
    let env = TestEnvironment::new().with_aws_home("keys");
    for command in ["init", "refresh", "undo"] {
        env.refuses(PROJECT, &[command, "--yes"]).says("Astro project").says("astro dev init");
    }
}

#[test]
fn a_project_folder_that_does_not_exist() {
    airflow_3().refuses(PROJECT, &["init", "--yes", "--project", "gone/away"]).says("gone/away");
}

#[test]
fn the_home_is_never_a_project() {
    let env = TestEnvironment::new().with_aws_home("keys");
    fs::create_dir(env.home().join(".astro")).unwrap();
    fs::write(env.home().join(".astro/config.yaml"), "project:\n    name: not-one\n").unwrap();
    let inside = env.home().join("elsewhere");
    fs::create_dir(&inside).unwrap();
    env.run_in(&inside, &["init", "--yes"]).exits(PROJECT);
}

#[test]
fn a_project_without_a_dockerfile() {
    let env = airflow_3();
    fs::remove_file(env.project().join("Dockerfile")).unwrap();
    env.refuses(PROJECT, &["init", "--yes"]).says("Dockerfile").says("--airflow");
}

#[test]
fn a_malformed_project_configuration() {
    let env = airflow_3();
    env.write(".astro/config.yaml", "project:\n  name: [\n");
    env.refuses(PROJECT, &["init", "--yes"]).says(".astro/config.yaml");
}

#[test]
fn a_malformed_aws_config_is_named_with_its_line() {
    let env = airflow_3().with_aws_home("malformed");
    env.refuses(FAILED, &["init", "--yes", "--profile", "dev"]).says("$HOME/.aws/config").says("line 4");
}

#[test]
fn an_aws_config_that_is_a_folder() {
    let env = airflow_3();
    fs::remove_file(env.home().join(".aws/config")).unwrap();
    fs::create_dir(env.home().join(".aws/config")).unwrap();
    env.refuses(FAILED, &["init", "--yes"]).says("$HOME/.aws/config");
}

#[test]
fn an_unreadable_aws_config() {
    let env = airflow_3();
    set_mode(&env.home().join(".aws/config"), 0o000);
    env.run_by_ordinary_user().refuses(FAILED, &["init", "--yes"]).says("$HOME/.aws/config").says("permission");
}

#[test]
fn a_profile_that_does_not_exist_is_answered_with_those_that_do() {
    let env = airflow_3();
    for command in ["init", "verify"] {
        env.refuses(CREDENTIALS, &[command, "--yes", "--profile", "dve"]).says("dve").says("`dev`");
    }
}

#[test]
fn a_profile_without_credentials() {
    let env = airflow_3();
    fs::write(env.home().join(".aws/config"), "[profile empty]\nregion = eu-west-1\n").unwrap();
    env.refuses(CREDENTIALS, &["init", "--yes", "--profile", "empty"]).says("empty");
}

#[test]
fn an_unreadable_override() {
    let env = airflow_3();
    env.write(OVERRIDE, "services: {}\n");
    set_mode(&env.override_file(), 0o000);
    env.run_by_ordinary_user().refuses(PROJECT, &["init", "--yes"]).says(OVERRIDE).says("permission");
}

#[test]
fn a_read_only_project_folder() {
    let env = airflow_3();
    set_mode(&env.project(), 0o555);
    let env = env.run_by_ordinary_user();
    env.refuses(PROJECT, &["init", "--yes"]).says("permission");
    set_mode(&env.project(), 0o755);
}

#[test]
fn a_folder_in_the_place_of_a_file() {
    for name in [OVERRIDE, ".env"] {
        let env = airflow_3();
        fs::remove_file(env.project().join(name)).ok();
        fs::create_dir(env.project().join(name)).unwrap();
        env.refuses(PROJECT, &["init", "--yes"]).says(name);
    }
}

#[test]
fn a_link_that_leads_nowhere() {
    for name in [OVERRIDE, ".env"] {
        let env = airflow_3();
        fs::remove_file(env.project().join(name)).ok();
        symlink("gone/away.yml", env.project().join(name)).unwrap();
        env.refuses(PROJECT, &["init", "--yes"]).says(name).says("gone/away.yml");
    }
}

#[test]
fn an_override_of_20_megabytes() {
    let env = airflow_3();
    env.write(OVERRIDE, "# a comment of forty characters, no more\n".repeat(500_000));
    env.refuses(PROJECT, &["init", "--yes"]).says(OVERRIDE);
}

#[test]
fn an_override_that_is_not_text() {
    let env = airflow_3();
    env.write(OVERRIDE, b"services:\n  scheduler: \xff\xfe\n");
    env.refuses(PROJECT, &["init", "--yes"]).says(OVERRIDE);
}

#[test]
fn an_env_with_nul_bytes() {
    let env = airflow_3();
    env.write(".env", b"A=1\nB=\0\0\n");
    env.refuses(PROJECT, &["init", "--yes"]).says(".env");
}

#[test]
fn yaml_that_cannot_be_edited_safely_is_named_with_its_line() {
    for (text, line) in [
        ("services:\n  scheduler:\n    volumes: *nowhere\n", "line 3"),
        ("services:\n  scheduler:\n\ttty: true\n", "line 3"),
        ("services:\n  scheduler: {}\n  scheduler: {}\n", "line 3"),
        ("services: {}\n---\nservices: {}\n", "line 2"),
        ("services:\n  scheduler:\n    volumes: !reset []\n", "line 3"),
    ] {
        let env = airflow_3();
        env.write(OVERRIDE, text);
        env.refuses(PROJECT, &["init", "--yes"]).says(&format!("{OVERRIDE}` {line}"));
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    let env = airflow_3();
    let before = env.everything();
    for delivery in ["mount", "session"] {
        let output = env.run_on_full_disk(0, &["init", "--yes", "--delivery", delivery]);
        assert!([FAILED, PROJECT].contains(&output.code), "{output}");
        let [home, _, project] = env.everything();
        assert_eq!([&home, &project], [&before[0], &before[2]], "{delivery}");
    }
}

#[test]
fn a_disk_that_fills_up_at_the_second_file_changes_neither() {
    let env = airflow_3();
    // The override fits into 4 KB, this does not.
    env.write(".env", "# a comment of forty characters, no more\n".repeat(1_000));
    let before = env.everything();
    let output = env.run_on_full_disk(8, &["init", "--yes", "--delivery", "mount"]);
    assert!([FAILED, PROJECT].contains(&output.code), "{output}");
    let [home, _, project] = env.everything();
    assert_eq!([&home, &project], [&before[0], &before[2]]);
}

#[test]
fn a_state_folder_that_is_a_file() {
    let env = airflow_3().with_variable("XDG_STATE_HOME", "/dev/null");
    env.refuses(FAILED, &["init", "--yes", "--delivery", "session"]).says("/dev/null");
}

#[test]
fn an_engine_that_hangs_is_given_up_and_named() {
    let env = TestEnvironment::with_project("airflow3").with_hanging_docker();
    env.run(&["verify", "--in", "containers"]).exits(FAILED).says("docker");
}

#[test]
fn an_engine_that_hangs_does_not_stop_the_setup() {
    let env = TestEnvironment::with_project("airflow3").with_hanging_docker();
    env.run(&["init", "--yes"]).succeeds();
    assert!(env.override_file().exists());
}
