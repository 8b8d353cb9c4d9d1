//! The session delivery: one profile's short-lived credentials in a folder that the containers can read, under the
//! profile's own name and with its settings; whatever kind of profile the host can resolve.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::Duration;

use serde_json::Value;

use crate::support::TestEnvironment;

/// Sets up a session for `profile`, and gives the `credentials.json` of its folder.
#[track_caller]
fn credentials_of(env: &TestEnvironment, profile: &str) -> Value {
    env.run(&["init", "--yes", "--delivery", "session", "--profile", profile]).succeeds();
    serde_json::from_slice(&fs::read(env.session().join("credentials.json")).unwrap()).unwrap()
}

#[test]
fn the_folder_is_readable_for_the_container_and_closed_for_other_users() {
    let env = TestEnvironment::with_project("airflow3");
    credentials_of(&env, "dev");
    let session = env.session();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(session.parent().unwrap()), 0o700);
    assert_eq!(mode(&session), 0o755);
    let mut names = Vec::new();
    for entry in fs::read_dir(&session).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o644, "{}", path.display());
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, ["config", "credentials", "credentials.json"]);
}

#[test]
fn the_override_mounts_the_folder_where_the_guide_mounts_the_home() {
    let env = TestEnvironment::with_project("airflow3");
    credentials_of(&env, "dev");
    let text = env.text("docker-compose.override.yml");
    let source = env.session().to_string_lossy().replace(&*env.state().to_string_lossy(), "$STATE");
    assert_eq!(text.matches(&format!("      - {source}:/home/astro/.aws:ro\n")).count(), 4, "{text}");
    assert_eq!(text.matches("      AWS_PROFILE: dev\n").count(), 4, "{text}");
    assert!(env.text(".env").contains("AWS_CONFIG_FILE=/home/astro/.aws/config\n"));
}

#[test]
fn the_config_hands_on_name_region_output_and_endpoints() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("endpoint").without_variable("AWS_ENDPOINT_URL");
    credentials_of(&env, "dev");
    let config = env.normalize_file(&env.session().join("config"));
    for line in [
        "[profile dev]",
        "credential_process = cat /home/astro/.aws/credentials.json",
        "region = eu-west-1",
        "output = yaml",
        "endpoint_url = $AWS",
        "services = local",
        "[services local]",
        "sts =",
    ] {
        assert!(config.lines().any(|found| found.trim_end() == line), "`{line}` is missing in:\n{config}");
    }
    assert_eq!(fs::read(env.session().join("credentials")).unwrap(), b"");
}

#[test]
fn nothing_of_another_profile_goes_along() {
    let env = TestEnvironment::with_project("airflow3");
    credentials_of(&env, "dev");
    let config = env.normalize_file(&env.session().join("config"));
    assert_eq!(config.matches("[profile").count(), 1, "{config}");
    for foreign in ["ops", "222233334444", "helper", "[default]", "source_profile"] {
        assert!(!config.contains(foreign), "{foreign}: {config}");
    }
}

#[test]
fn long_term_keys_reach_the_container() {
    let env = TestEnvironment::with_project("airflow3");
    let credentials = credentials_of(&env, "dev");
    assert_eq!(credentials["Version"], 1);
    assert_eq!(credentials["AccessKeyId"], "AKIADEVDEVDEVEXAMPLE");
    assert!(credentials["SecretAccessKey"].is_string());
    assert!(credentials["Expiration"].is_null(), "long-term keys do not expire: {:?}", credentials["Expiration"]);
}

#[test]
fn the_default_profile_is_served_as_default() {
    let env = TestEnvironment::with_project("airflow3");
    assert_eq!(credentials_of(&env, "default")["AccessKeyId"], "AKIADEFAULTEXAMPLE01");
    let config = env.normalize_file(&env.session().join("config"));
    assert!(config.contains("[default]\n"), "{config}");
    assert!(!env.text("docker-compose.override.yml").contains("AWS_PROFILE"));
}

#[test]
fn a_chain_of_roles_is_followed_to_its_end() {
    let env = TestEnvironment::with_project("airflow3");
    let report = env.run(&["init", "--yes", "--delivery", "session", "--profile", "chain", "--output", "json"]);
    let arn = report.succeeds().json()["identity"]["arn"].as_str().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:sts::222233334444:assumed-role/Chained/"), "{arn}");
    assert_eq!(env.aws.hits("AssumeRole"), 2);
    let credentials: Value =
        serde_json::from_slice(&fs::read(env.session().join("credentials.json")).unwrap()).unwrap();
    assert!(credentials["AccessKeyId"].as_str().unwrap().starts_with("ASIASTANDIN"));
    assert!(credentials["SessionToken"].is_string());
    assert!(credentials["Expiration"].as_str().unwrap().ends_with('Z'), "{:?}", credentials["Expiration"]);
}

#[test]
fn the_answer_of_a_credential_process_reaches_the_container() {
    let env = TestEnvironment::with_project("airflow3");
    let answer = r#"{"Version": 1, "AccessKeyId": "AKIADEVDEVDEVEXAMPLE", "SecretAccessKey": "s3kr1t/helper"}"#;
    fs::write(env.home().join("helper's answer.json"), answer).unwrap();
    assert_eq!(credentials_of(&env, "helper")["AccessKeyId"], "AKIADEVDEVDEVEXAMPLE");
}

#[test]
fn a_live_sign_in_is_used_for_both_kinds_of_sso_profile() {
    for home in ["sso-session", "sso-legacy"] {
        let env = TestEnvironment::with_project("airflow3").with_aws_home(home);
        let env = env.with_sso_token(Duration::from_secs(4 * 3600));
        let credentials = credentials_of(&env, "dev");
        assert!(credentials["AccessKeyId"].as_str().unwrap().starts_with("ASIASTANDIN"), "{home}");
        assert!(credentials["Expiration"].is_string(), "{home}");
        assert_eq!(env.aws.hits("GetRoleCredentials"), 1, "{home}");
        assert_eq!(env.aws.hits("CreateToken"), 0, "{home}: a live token needs no refresh");
    }
}

#[test]
fn the_console_session_of_aws_login_reaches_the_container() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("login-session");
    let env = env.with_login_token(Duration::from_secs(3600));
    assert_eq!(credentials_of(&env, "dev")["AccessKeyId"], "ASIALOGINLOGINEXAMPL");
    let report = env.run(&["verify", "--in", "host", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!(report["host"]["source"], "login-session");
    assert_eq!(report["host"]["arn"], "arn:aws:iam::111122223333:user/ana");
    assert!(report["host"]["expires_at"].is_string(), "{report}");
}

#[test]
fn without_a_console_session_the_command_that_starts_one_is_named() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("login-session");
    env.refuses(3, &["init", "--yes", "--profile", "dev"]).says("aws login --profile dev");
}

#[test]
fn a_web_identity_is_exchanged() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("web-identity");
    fs::write(env.home().join("token.jwt"), "s3kr1t.web.identity").unwrap();
    let credentials = credentials_of(&env, "dev");
    assert!(credentials["AccessKeyId"].as_str().unwrap().starts_with("ASIASTANDIN"));
    assert_eq!(env.aws.hits("AssumeRoleWithWebIdentity"), 1);
}

#[test]
fn a_role_that_wants_a_code_is_never_assumed_without_one() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("role-with-mfa");
    env.refuses(3, &["init", "--yes", "--delivery", "session", "--profile", "dev"]).says("mfa");
    assert_eq!(env.aws.hits("AssumeRole"), 0);
}

#[test]
fn a_running_process_reads_either_the_old_or_the_new_file() {
    let env = TestEnvironment::with_project("airflow3");
    credentials_of(&env, "ops");
    let file = env.session().join("credentials.json");
    let before = fs::metadata(&file).unwrap().ino();
    // Held open as a reader would: the old content must stay readable behind this handle.
    let held = fs::File::open(&file).unwrap();
    let old = fs::read(&file).unwrap();
    env.run(&["refresh"]).succeeds();
    assert_ne!(fs::metadata(&file).unwrap().ino(), before, "written in place, not replaced by rename");
    assert_eq!(std::io::read_to_string(held).unwrap().into_bytes(), old);
}

#[test]
fn the_same_folder_serves_the_project_from_then_on() {
    let env = TestEnvironment::with_project("airflow3").with_docker();
    credentials_of(&env, "dev");
    let first = env.session();
    credentials_of(&env, "ops");
    assert_eq!(env.session(), first);
    let config = env.normalize_file(&first.join("config"));
    assert!(config.contains("[profile ops]") && !config.contains("[profile dev]"), "{config}");
}

#[test]
fn another_role_under_the_same_name_gets_a_session_of_its_own() {
    let env = TestEnvironment::with_project("airflow3");
    let before = credentials_of(&env, "ops")["AccessKeyId"].clone();
    assert_eq!(credentials_of(&env, "ops")["AccessKeyId"], before, "the same role is not assumed anew");
    let config = env.home().join(".aws/config");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("role/team/Ops"), "{text}");
    fs::write(&config, text.replace("role/team/Ops", "role/Other")).unwrap();
    assert_ne!(credentials_of(&env, "ops")["AccessKeyId"], before);
}
