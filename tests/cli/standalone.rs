//! A standalone project (`dev.mode: standalone`) has no containers: Airflow runs on the host and reads the developer's
//! own AWS files, so all it can be given is the name of the profile.

use std::fs;

use crate::support::TestEnvironment;

fn standalone() -> TestEnvironment {
    TestEnvironment::with_project("standalone").with_docker()
}

#[test]
fn a_standalone_project_gets_neither_variable() {
    let env = standalone();
    let before = fs::read(env.project().join(".env")).unwrap();
    env.run(&["init", "--yes"]).succeeds().says("standalone");
    let after = fs::read_to_string(env.project().join(".env")).unwrap();
    assert!(!after.contains("AWS_CONFIG_FILE") && !after.contains("AWS_SHARED_CREDENTIALS_FILE"), "{after}");
    assert!(after.as_bytes().starts_with(&before));
    assert!(!env.override_file().exists());
}

#[test]
fn the_profile_goes_into_env_without_a_warning_about_our_own_line() {
    let env = standalone();
    env.write(".env", "KEPT=1\n");
    let arguments = ["init", "--yes", "--profile", "dev", "--output", "json"];
    // Twice: the second run finds the line there.
    for _ in 0..2 {
        let report = env.run(&arguments).succeeds().json();
        assert_eq!(report["delivery"], "standalone");
        assert_eq!(report["warnings"], serde_json::json!([]));
        assert_eq!(env.text(".env"), "KEPT=1\nAWS_PROFILE=dev\n");
    }
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(env.text(".env"), "KEPT=1\n");
}

#[test]
fn verify_speaks_of_standalone_and_not_of_containers_to_start() {
    let env = standalone();
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    env.run(&["verify"])
        .succeeds()
        .says("arn:aws:iam::111122223333:user/ana-dev")
        .says("standalone")
        .does_not_say("astro dev start");
}

#[test]
fn what_is_for_containers_alone_is_refused() {
    let env = standalone();
    for option in [&["--env-in", "compose"][..], &["--delivery", "mount"], &["--delivery", "session"], &["--portable"]]
    {
        env.refuses(2, &[&["init", "--yes"], option].concat()).says("standalone");
    }
}

#[test]
fn the_guide_s_lines_are_named_because_they_hide_the_host_s_files() {
    let env = TestEnvironment::with_project("standalone");
    env.write(".env", "AWS_CONFIG_FILE=/home/astro/.aws/config\n");
    let report = env.run(&["init", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(report["warnings"][0]["id"], "container_path", "{report}");
    assert_eq!(env.text(".env"), "AWS_CONFIG_FILE=/home/astro/.aws/config\n");
}
