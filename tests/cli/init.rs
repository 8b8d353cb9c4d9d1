//! `init`: exactly the files of the guide, for exactly the services of the project's Airflow version.

use std::fs;

use insta::assert_snapshot;

use crate::support::{TestEnvironment, Tree};

#[test]
fn airflow_2_gets_a_mount_for_each_of_its_services() {
    let env = TestEnvironment::with_mountable_project("airflow2");
    env.write(".env", "");
    env.run(&["init", "--yes"]).succeeds();
    assert_snapshot!(env.text("docker-compose.override.yml"), @r#"
    services:
      scheduler:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_EC2_METADATA_DISABLED: "true"
      webserver:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_EC2_METADATA_DISABLED: "true"
      triggerer:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_EC2_METADATA_DISABLED: "true"
    "#);
    assert_eq!(
        env.text(".env"),
        "AWS_CONFIG_FILE=/home/astro/.aws/config\nAWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials\n"
    );
}

#[test]
fn airflow_3_gets_a_mount_for_each_of_its_services() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.write(".env", "");
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    assert_snapshot!(env.text("docker-compose.override.yml"), @r#"
    services:
      scheduler:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_PROFILE: dev
          AWS_EC2_METADATA_DISABLED: "true"
      api-server:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_PROFILE: dev
          AWS_EC2_METADATA_DISABLED: "true"
      dag-processor:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_PROFILE: dev
          AWS_EC2_METADATA_DISABLED: "true"
      triggerer:
        volumes:
          - $HOME/.aws:/home/astro/.aws:ro
        environment:
          AWS_PROFILE: dev
          AWS_EC2_METADATA_DISABLED: "true"
    "#);
    assert_eq!(
        env.text(".env"),
        "AWS_CONFIG_FILE=/home/astro/.aws/config\nAWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials\n"
    );
}

#[test]
fn a_second_run_changes_nothing() {
    for delivery in ["mount", "session"] {
        let env = TestEnvironment::with_mountable_project("airflow3");
        let arguments = ["init", "--yes", "--delivery", delivery, "--output", "json"];
        env.run(&arguments).succeeds();
        let now = || [env.home(), env.state(), env.project()].map(|folder| Tree::with_times(&folder));
        let before = now();
        let second = env.run(&arguments).succeeds().json();
        assert_eq!(now(), before, "{delivery}");
        let files = second["files"].as_array().unwrap();
        let of_session = files.iter().filter(|file| file["path"].as_str().unwrap().starts_with("$STATE/")).count();
        assert_eq!((files.len() - of_session, of_session), (2, if delivery == "session" { 3 } else { 0 }), "{files:?}");
        assert!(files.iter().all(|file| file["change"] == "unchanged"), "{delivery}: {files:?}");
    }
}

#[test]
fn a_second_run_needs_no_profile_named_again() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    let before = Tree::with_times(&env.project());
    let second = env.run(&["init", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(second["profile"], "dev");
    assert_eq!(Tree::with_times(&env.project()), before);
}

#[test]
fn the_profile_comes_from_the_flag_then_aws_profile_then_default() {
    let env = TestEnvironment::with_mountable_project("airflow3").with_variable("AWS_PROFILE", "my dev");
    let by_variable = env.run(&["init", "--dry-run", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(by_variable["profile"], "my dev");
    let by_flag = env.run(&["init", "--dry-run", "--yes", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!(by_flag["profile"], "dev");
    let env = env.without_variable("AWS_PROFILE");
    let by_nothing = env.run(&["init", "--dry-run", "--yes", "--output", "json"]).succeeds().json();
    assert_eq!(by_nothing["profile"], "default");
}

#[test]
fn a_profile_with_a_space_in_its_name_is_set_up() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let report = env.run(&["init", "--yes", "--profile", "my dev", "--output", "json"]).succeeds().json();
    assert_eq!(report["profile"], "my dev");
    assert_eq!(report["identity"]["arn"], "arn:aws:iam::111122223333:user/ana-my-dev");
    assert!(env.text("docker-compose.override.yml").contains("      AWS_PROFILE: my dev\n"));
}

#[test]
fn a_dry_run_writes_nothing_anywhere() {
    for delivery in ["mount", "session"] {
        let env = TestEnvironment::with_mountable_project("airflow3");
        let before = env.everything();
        env.run(&["init", "--yes", "--dry-run", "--delivery", delivery])
            .succeeds()
            .says("docker-compose.override.yml")
            .says(":/home/astro/.aws:ro")
            .says("AWS_CONFIG_FILE=/home/astro/.aws/config");
        assert_eq!(env.everything(), before, "{delivery}");
    }
}

#[test]
fn the_project_is_found_from_a_folder_inside_it() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let inside = env.project().join("dags/deep");
    fs::create_dir_all(&inside).unwrap();
    env.run_in(&inside, &["init", "--yes"]).succeeds();
    assert!(env.override_file().exists());
}

#[test]
fn the_project_can_be_named_from_anywhere() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let project = env.project();
    env.run_in(&env.home(), &["init", "--yes", "--project", &project.to_string_lossy()]).succeeds();
    assert!(env.override_file().exists());
}

#[test]
fn the_report_says_what_was_set_up() {
    let env = TestEnvironment::with_mountable_project("airflow2");
    let report = env.run(&["init", "--yes", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!(report["command"], "init");
    assert_eq!(report["project"], "$PROJECT");
    assert_eq!(report["airflow"], 2);
    assert_eq!(report["services"], serde_json::json!(["scheduler", "webserver", "triggerer"]));
    assert_eq!(report["profile"], "dev");
    assert_eq!(report["delivery"], "mount");
    assert!(report["delivery_reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    assert_eq!(report["identity"]["account"], "111122223333");
    assert_eq!(report["identity"]["arn"], "arn:aws:iam::111122223333:user/ana-dev");
    let files = report["files"].as_array().unwrap();
    let change = |path: &str| {
        let file = files.iter().find(|file| file["path"] == path);
        file.unwrap_or_else(|| panic!("{path} is not in {files:?}"))["change"].clone()
    };
    assert_eq!(change("$PROJECT/docker-compose.override.yml"), "created");
    assert_eq!(change("$PROJECT/.env"), "updated");
}

#[test]
fn a_person_is_told_who_the_containers_will_be_and_what_to_do_next() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--profile", "dev"])
        .succeeds()
        .says("arn:aws:iam::111122223333:user/ana-dev")
        .says("docker-compose.override.yml")
        .says("astro dev");
}

#[test]
fn no_verify_makes_no_call() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    let report = env.run(&["init", "--yes", "--no-verify", "--output", "json"]).succeeds().json();
    assert!(report["identity"].is_null());
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn refused_credentials_are_reported() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.aws.fails("GetCallerIdentity", crate::support::aws::Failure::Refused("InvalidClientTokenId"));
    env.run(&["init", "--yes"]).exits(3).says("InvalidClientTokenId");
}

#[test]
fn portable_names_the_home_as_every_machine_does() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.run(&["init", "--yes", "--portable"]).succeeds();
    let text = env.text("docker-compose.override.yml");
    assert_eq!(text.matches("- ~/.aws:/home/astro/.aws:ro").count(), 4, "{text}");
    assert!(!text.contains("$HOME"), "{text}");
}

#[test]
fn the_two_variables_can_go_into_the_override_instead() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.write(".env", "KEPT=1\n");
    env.run(&["init", "--yes", "--env-in", "compose"]).succeeds();
    assert_eq!(env.text(".env"), "KEPT=1\n");
    let text = env.text("docker-compose.override.yml");
    assert_eq!(text.matches("      AWS_CONFIG_FILE: /home/astro/.aws/config\n").count(), 4, "{text}");
    assert_eq!(text.matches("      AWS_SHARED_CREDENTIALS_FILE: /home/astro/.aws/credentials\n").count(), 4, "{text}");
}

#[test]
fn the_two_variables_move_between_dotenv_and_override() {
    let env = TestEnvironment::with_mountable_project("airflow3");
    env.write(".env", "KEPT=1\n");
    env.run(&["init", "--yes"]).succeeds();
    let in_dotenv = Tree::of(&env.project());
    env.run(&["init", "--yes", "--env-in", "compose"]).succeeds();
    assert_eq!(env.text(".env"), "KEPT=1\n");
    env.run(&["init", "--yes", "--env-in", "dotenv"]).succeeds();
    assert_eq!(Tree::of(&env.project()), in_dotenv);
}

#[test]
fn each_project_gets_exactly_the_services_of_its_version() {
    let airflow_3 = ["scheduler", "api-server", "dag-processor", "triggerer"];
    for (fixture, services) in [
        ("airflow2", &["scheduler", "webserver", "triggerer"][..]),
        ("airflow2-private-mirror", &["scheduler", "webserver", "triggerer"]),
        ("airflow2-old", &["scheduler", "webserver"]),
        ("airflow3", &airflow_3),
        ("airflow3-private-mirror", &airflow_3),
        ("multi-stage", &airflow_3),
    ] {
        let env = TestEnvironment::with_mountable_project(fixture);
        let report = env.run(&["init", "--yes", "--dry-run", "--output", "json"]).succeeds().json();
        assert_eq!(report["services"], serde_json::json!(services), "{fixture}");
    }
}

#[test]
fn the_airflow_version_can_be_given() {
    let env = TestEnvironment::with_mountable_project("unclear");
    env.refuses(4, &["init", "--yes"]).says("--airflow");
    let report = env.run(&["init", "--yes", "--airflow", "2", "--output", "json"]).succeeds().json();
    assert_eq!(report["airflow"], 2);
    assert!(env.text("docker-compose.override.yml").contains("  webserver:\n"));
}

#[test]
fn an_empty_folder_becomes_a_project_with_create() {
    let env = TestEnvironment::new().with_aws_home("keys").with_docker().with_astro_cli("airflow3");
    env.run(&["init", "--yes", "--create"]).succeeds();
    assert!(env.calls_of("astro").contains("[dev][init]"), "{}", env.calls_of("astro"));
    assert!(env.project().join(".astro/config.yaml").exists());
    assert!(env.text("docker-compose.override.yml").contains("  api-server:\n"));
}

#[test]
fn create_without_the_astro_cli_says_what_is_missing() {
    let env = TestEnvironment::new().with_aws_home("keys");
    env.refuses(4, &["init", "--yes", "--create"]).says("astro").says("install");
}

#[test]
fn create_in_a_project_goes_on_with_it() {
    let env = TestEnvironment::with_mountable_project("airflow3").with_astro_cli("airflow2");
    env.run(&["init", "--yes", "--create"]).succeeds();
    assert_eq!(env.calls_of("astro"), "");
    assert!(env.text("docker-compose.override.yml").contains("  api-server:\n"));
}
