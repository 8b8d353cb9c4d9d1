//! Roles that ask for a one-time code, that last as long as the profile says, and that follow one another: one code
//! serves until the credentials expire, here and for the AWS CLI.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::support::aws::{Failure, Identity, rfc3339};
use crate::support::{SsoToken, TestEnvironment};

const DEVICE: &str = "arn:aws:iam::111122223333:mfa/ana";
const GUARDED: &str = "arn:aws:iam::222233334444:role/team/Guarded";

/// What AssumeRole is called with for the profile `my guarded`, as Python's `json.dumps(…, sort_keys=True)` prints it:
/// the AWS CLI names its cache file after the hash of this.
const ARGUMENTS: &str = r#"{"DurationSeconds": 7200, "ExternalId": "partner 7", "RoleArn": "arn:aws:iam::222233334444:role/team/Guarded", "RoleSessionName": "ana@example.com", "SerialNumber": "arn:aws:iam::111122223333:mfa/ana"}"#;

const INIT: [&str; 6] = ["init", "--yes", "--delivery", "session", "--profile", "my guarded"];
const VERIFY: [&str; 5] = ["verify", "--in", "host", "--profile", "my guarded"];

/// The home with chains of roles; each code is good once.
fn with_roles(codes: &[&str]) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("roles");
    env.aws.requires_mfa(GUARDED, DEVICE, codes);
    env.aws.requires_external_id(GUARDED, "partner 7");
    env
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

fn cache_file(env: &TestEnvironment) -> PathBuf {
    env.home().join(".aws/cli/cache").join(format!("{}.json", hex::encode(Sha1::digest(ARGUMENTS))))
}

fn access_key(env: &TestEnvironment) -> String {
    let bytes = fs::read(env.session().join("credentials.json")).unwrap();
    let credentials: Value = serde_json::from_slice(&bytes).unwrap();
    credentials["AccessKeyId"].as_str().unwrap().to_owned()
}

/// The AWS CLI has cached credentials of `my guarded` that are good for so long; their access key.
fn cached_by_the_aws_cli(env: &TestEnvironment, good_for: Duration) -> &'static str {
    let key = "ASIACACHEDBYTHECLI01";
    let identity = Identity {
        account: "222233334444".to_owned(),
        arn: "arn:aws:sts::222233334444:assumed-role/Guarded/by-the-aws-cli".to_owned(),
        user_id: "AROAGUARDED:by-the-aws-cli".to_owned(),
    };
    env.aws.knows_temporary_key(key, "s3kr1t/cached/token", identity);
    // botocore writes its time zone where others write a Z.
    let expiration = rfc3339(SystemTime::now() + good_for).replace('Z', "UTC");
    let entry = json!({
        "Credentials": {
            "AccessKeyId": key, "SecretAccessKey": "s3kr1t/cached", "SessionToken": "s3kr1t/cached/token",
            "Expiration": expiration, "AccountId": "222233334444"
        },
        "AssumedRoleUser": {"AssumedRoleId": "AROAGUARDED:x", "Arn": "arn:aws:sts::222233334444:assumed-role/Guarded/x"},
        "ResponseMetadata": {"RequestId": "1", "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    });
    fs::create_dir_all(cache_file(env).parent().unwrap()).unwrap();
    fs::write(cache_file(env), entry.to_string()).unwrap();
    key
}

#[test]
fn without_a_terminal_and_without_a_code_it_is_exit_code_3() {
    let env = with_roles(&["123456"]);
    for arguments in [&INIT[..], &VERIFY, &with(&INIT, &["--no-input"])] {
        env.refuses(3, arguments).says("my guarded").says(DEVICE).says("--mfa-token");
    }
    assert_eq!(env.aws.hits("AssumeRole"), 0);
}

#[test]
fn the_code_of_the_command_line_opens_the_role() {
    let env = with_roles(&["123456"]);
    let report = env.run(&with(&INIT, &["--mfa-token", "123456", "--output", "json"])).succeeds().json();
    assert_eq!(report["identity"]["arn"], "arn:aws:sts::222233334444:assumed-role/Guarded/ana@example.com");
    let calls = env.aws.asked("AssumeRole");
    assert_eq!(calls.len(), 1);
    let sent = ["RoleArn", "SerialNumber", "TokenCode", "ExternalId", "RoleSessionName"].map(|name| &calls[0][name]);
    assert_eq!(sent, [GUARDED, DEVICE, "123456", "partner 7", "ana@example.com"]);
}

#[test]
fn duration_seconds_is_honoured() {
    let env = with_roles(&["123456"]);
    let report = env.run(&with(&VERIFY, &["--mfa-token", "123456", "--output", "json"])).succeeds().json();
    assert_eq!(env.aws.asked("AssumeRole")[0]["DurationSeconds"], "7200");
    let expires_at = report["host"]["expires_at"].as_str().unwrap();
    assert!(*expires_at > *rfc3339(SystemTime::now() + Duration::from_secs(7000)), "{expires_at}");
}

#[test]
fn one_code_serves_until_the_credentials_expire() {
    let env = with_roles(&["123456"]);
    env.run(&with(&INIT, &["--mfa-token", "123456"])).succeeds();
    let key = access_key(&env);
    env.run(&["refresh"]).succeeds();
    env.run(&VERIFY).succeeds();
    env.run(&["refresh", "--no-input"]).succeeds();
    assert_eq!(access_key(&env), key);
    assert_eq!(env.aws.hits("AssumeRole"), 1);
}

#[test]
fn a_wrong_code_is_said_to_be_one_and_nothing_is_written() {
    let env = with_roles(&["123456"]);
    for code in ["000000", "1234567"] {
        let output = env.refuses(3, &with(&INIT, &["--mfa-token", code, "-v"]));
        output.says("does not take the MFA code").says("my guarded").says("the next code").does_not_say(code);
    }
    assert_eq!(env.aws.hits("AssumeRole"), 2);
    env.run(&with(&INIT, &["--mfa-token", "123456", "-v"])).succeeds().does_not_say("123456");
}

#[test]
fn a_device_that_is_not_the_person_s_is_said_to_be_refused() {
    let env = with_roles(&[]);
    env.aws.requires_mfa(GUARDED, "arn:aws:iam::111122223333:mfa/other", &["123456"]);
    env.refuses(3, &with(&INIT, &["--mfa-token", "123456"])).says("verify your MFA serial number");
}

#[test]
fn what_the_aws_cli_has_cached_needs_no_code() {
    let env = with_roles(&[]);
    let key = cached_by_the_aws_cli(&env, Duration::from_secs(2 * 3600));
    env.run(&INIT).succeeds().says("by-the-aws-cli");
    assert_eq!(access_key(&env), key);
    env.run(&VERIFY).succeeds().says("by-the-aws-cli");
    assert_eq!(env.aws.hits("AssumeRole"), 0);
}

#[test]
fn what_the_aws_cli_has_cached_and_has_expired_asks_for_a_code() {
    let env = with_roles(&["123456"]);
    cached_by_the_aws_cli(&env, Duration::ZERO);
    env.refuses(3, &VERIFY).says("--mfa-token");
    env.run(&with(&VERIFY, &["--mfa-token", "123456"])).succeeds().says("ana@example.com");
}

#[test]
fn a_few_minutes_that_are_left_serve_verify() {
    let env = with_roles(&[]);
    cached_by_the_aws_cli(&env, Duration::from_secs(5 * 60));
    env.run(&VERIFY).succeeds().says("by-the-aws-cli");
}

#[test]
fn what_is_cached_is_private_and_in_the_form_of_the_aws_cli() {
    let env = with_roles(&["123456"]);
    env.run(&with(&VERIFY, &["--mfa-token", "123456"])).succeeds();
    let metadata = fs::metadata(cache_file(&env)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(cache_file(&env).parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let entry: Value = serde_json::from_slice(&fs::read(cache_file(&env)).unwrap()).unwrap();
    assert_eq!(entry["Credentials"]["AccountId"], "222233334444");
    assert!(entry["Credentials"]["Expiration"].as_str().unwrap().ends_with("UTC"), "{entry}");
    assert_eq!(entry["AssumedRoleUser"]["Arn"], "arn:aws:sts::222233334444:assumed-role/Guarded/ana@example.com");
}

#[test]
fn a_corrupt_cache_file_is_a_warning_and_is_replaced() {
    let env = with_roles(&["123456"]);
    fs::create_dir_all(cache_file(&env).parent().unwrap()).unwrap();
    fs::write(cache_file(&env), r#"{"Credentials": {"SecretAccessKey": "s3kr1t/torn"#).unwrap();
    let output = env.run(&with(&VERIFY, &["--mfa-token", "123456", "--output", "json"])).succeeds();
    let warning = output.json()["warnings"][0]["message"].as_str().unwrap().to_owned();
    assert!(warning.contains(".aws/cli/cache"), "{warning}");
    env.run(&VERIFY).succeeds();
    assert_eq!(env.aws.hits("AssumeRole"), 1);
}

#[test]
fn keys_lead_to_a_guarded_role_and_from_there_to_the_next() {
    let env = with_roles(&["123456"]);
    let init = ["init", "--yes", "--profile", "behind", "--output", "json"];
    env.refuses(3, &init).says("my guarded");
    let report = env.run(&with(&init, &["--mfa-token", "123456"])).succeeds().json();
    assert!(report["identity"]["arn"].as_str().unwrap().contains("assumed-role/Behind/botocore-session-"), "{report}");
    assert_eq!(report["delivery"], "session");
    assert_eq!(env.aws.hits("AssumeRole"), 2);
    let key = access_key(&env);
    // The guarded role is cached, the one behind it is assumed anew.
    env.run(&["refresh"]).succeeds();
    assert_ne!(access_key(&env), key);
    assert_eq!(env.aws.hits("AssumeRole"), 3);
    assert_eq!(fs::read_dir(cache_file(&env).parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_sign_in_leads_to_a_role() {
    let env = with_roles(&[]);
    let verify = ["verify", "--in", "host", "--profile", "from-sso"];
    env.run(&verify).exits(3).says("my sso");
    let env = env.with_sso_token(Duration::from_secs(4 * 3600));
    env.run(&verify).succeeds().says("assumed-role/FromSso/");
    assert_eq!((env.aws.hits("GetRoleCredentials"), env.aws.hits("AssumeRole")), (1, 1));
}

#[test]
fn a_token_that_looks_alive_and_is_refused_is_refreshed_once() {
    let token = SsoToken::of_session("company").refreshable();
    let env = with_roles(&[]).with_token(&token);
    env.aws.fails_next(1, "GetRoleCredentials", Failure::Refused("UnauthorizedException"));
    env.run(&["verify", "--in", "host", "--profile", "from-sso"]).succeeds().says("assumed-role/FromSso/");
    assert_eq!((env.aws.hits("CreateToken refresh_token"), env.aws.hits("GetRoleCredentials")), (1, 2));
    assert_ne!(env.cached_token("company")["accessToken"], token.access_token());
    env.aws.fails("GetRoleCredentials", Failure::Refused("UnauthorizedException"));
    env.run(&["verify", "--in", "host", "--profile", "from-sso"]).exits(3).says("my sso");
    assert_eq!((env.aws.hits("CreateToken refresh_token"), env.aws.hits("GetRoleCredentials")), (2, 4));
}

#[test]
fn a_duration_that_sts_would_not_take_is_named_with_its_profile() {
    let env = with_roles(&["123456"]);
    env.run(&["verify", "--in", "host", "--profile", "too-long"])
        .exits(3)
        .says("too-long")
        .says("`duration_seconds` is `43201`")
        .says("from 900 to 43200");
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn a_code_that_is_typed_at_the_terminal_opens_the_role() {
    let env = with_roles(&["123456"]);
    env.on_terminal(&VERIFY).asks("MFA code").answered("123456").ends().succeeds().does_not_say("123456");
    env.run(&VERIFY).succeeds();
    assert_eq!(env.aws.hits("AssumeRole"), 1);
}

#[test]
fn a_code_that_mfa_process_prints_opens_the_role() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("roles");
    env.aws.requires_mfa("arn:aws:iam::222233334444:role/Guarded", DEVICE, &["654321"]);
    let program = env.root().join("bin/one-time-code");
    fs::write(&program, "#!/bin/sh\n[ \"$1 $2\" = \"--device my ana\" ] && echo 654321\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    env.run(&["verify", "--in", "host", "--profile", "helped"]).succeeds().says("assumed-role/Guarded/");
}
