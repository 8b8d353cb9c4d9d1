//! The files of the AWS CLI's cache: what it wrote is read, what is written it reads.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::aws::credentials::cli_cache::{arguments, parse_time};
use crate::aws::credentials::role::RoleRequest;

use super::stand_in::Home;

/// What AWS CLI 2.38.1 writes for the role of [`guarded`] (botocore: JSONFileCache).
const OF_THE_AWS_CLI: &str = r#"{"Credentials": {"AccessKeyId": "ASIAFROMTHEAWSCLI001", "SecretAccessKey": "s3kr1t/cli", "SessionToken": "s3kr1t/cli/token", "Expiration": "2027-01-15T09:00:00UTC", "AccountId": "444455556666"}, "AssumedRoleUser": {"AssumedRoleId": "AROAGUARDED:botocore-session-1", "Arn": "arn:aws:sts::444455556666:assumed-role/Ops/botocore-session-1"}, "ResponseMetadata": {"RequestId": "c6104cbe", "HTTPStatusCode": 200, "HTTPHeaders": {"content-type": "text/xml"}, "RetryAttempts": 0}}"#;

/// Its name, as botocore makes it.
const NAME_OF_THE_AWS_CLI: &str = "de2a8dc2a99730253ef2a5fbca267b27aa7065fe.json";

fn home(settings: &str) -> Home {
    Home::new(&format!(
        "[profile p]\nrole_arn = arn:aws:iam::444455556666:role/Ops\nsource_profile = keys\n{settings}\n\
         [profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n"
    ))
}

fn guarded() -> Home {
    home("mfa_serial = arn:aws:iam::111122223333:mfa/ana")
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_file_has_the_name_that_botocore_gives_it() {
    // Printed by botocore's own AssumeRoleCredentialFetcher for these settings.
    let cases = [
        ("", "549a77cab4ec547f3ac2bd99a74cfda14ec1f893.json"),
        ("role_session_name =", "549a77cab4ec547f3ac2bd99a74cfda14ec1f893.json"),
        ("mfa_serial = arn:aws:iam::111122223333:mfa/ana", NAME_OF_THE_AWS_CLI),
        (
            "mfa_serial = arn:aws:iam::111122223333:mfa/ana\nduration_seconds = 43200\nexternal_id = x \"1\"\\\n\
             role_session_name = ana@example.com",
            "57df285a46ee0dba913ce5664adecdfc18e3e9a6.json",
        ),
        (
            "mfa_serial = GAHT12345678\nexternal_id = b\u{fc}ro \u{1f511}\u{7f}\tx",
            "238be5865a227ba6d88def758dd0fcbf25002231.json",
        ),
    ];
    for (settings, name) in cases {
        assert_eq!(home(settings).cache_file("p").file_name().unwrap(), name, "{settings}");
    }
}

#[test]
fn the_hashed_arguments_are_printed_as_python_does() {
    let home = home("external_id = \u{fc} \u{1f511}\nduration_seconds = 0900\nmfa_serial = m");
    let chain = home.profile("p").chain;
    assert_eq!(
        arguments(&RoleRequest::of(&chain.roles[0]).unwrap()),
        r#"{"DurationSeconds": 900, "ExternalId": "\u00fc \ud83d\udd11", "RoleArn": "arn:aws:iam::444455556666:role/Ops", "SerialNumber": "m"}"#
    );
}

#[test]
fn what_the_aws_cli_has_cached_is_used_without_a_question_or_a_call() {
    let home = guarded();
    let file = home.cache_file("p");
    assert_eq!(file.file_name().unwrap(), NAME_OF_THE_AWS_CLI);
    write(&file, OF_THE_AWS_CLI);
    let credentials = home.resolve("p").unwrap();
    assert_eq!(credentials.access_key_id(), "ASIAFROMTHEAWSCLI001");
    assert_eq!(credentials.session_token(), Some("s3kr1t/cli/token"));
    assert_eq!(credentials.expiry(), Some(UNIX_EPOCH + Duration::from_secs(1_800_003_600)));
    assert_eq!(credentials.account_id().unwrap().as_str(), "444455556666");
    assert_eq!((home.sts.calls().len(), home.holder.heard().len()), (0, 0));
}

#[test]
fn what_is_cached_has_the_content_and_the_mode_of_the_aws_cli() {
    let home = guarded().with_codes(&["123456"]);
    home.resolve("p").unwrap();
    let file = home.cache_file("p");
    let entry: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(
        entry,
        json!({
            "Credentials": {
                "AccessKeyId": "ASIAOps", "SecretAccessKey": "secret", "SessionToken": "token",
                "Expiration": "2027-01-15T09:00:00UTC", "AccountId": "444455556666"
            },
            "AssumedRoleUser": {"AssumedRoleId": "AROA:x", "Arn": "arn:aws:sts::444455556666:assumed-role/Ops/x"}
        })
    );
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
}

#[test]
fn a_corrupt_file_is_told_of_and_replaced_and_its_content_is_not_told() {
    for text in [
        "",
        "{",
        "[1]",
        r#"{"Credentials": "s3kr1t"}"#,
        r#"{"ProviderType": "sso", "Credentials": {}}"#,
        &OF_THE_AWS_CLI.replace("2027-01-15T09", "s3kr1t"),
    ] {
        let home = guarded().with_codes(&["123456"]);
        write(&home.cache_file("p"), text);
        assert_eq!(home.resolve("p").unwrap().access_key_id(), "ASIAOps", "{text}");
        let heard = home.holder.heard();
        assert!(heard[0].starts_with("corrupt: ") && !heard[0].contains("s3kr1t"), "{text}: {heard:?}");
        assert_eq!(home.resolve("p").unwrap().access_key_id(), "ASIAOps", "{text}");
        assert_eq!(home.sts.calls().len(), 1, "{text}");
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_told_and_no_failure() {
    let home = guarded().with_codes(&["123456"]);
    write(home.cache_folder().parent().unwrap(), "a file in place of the folder");
    assert_eq!(home.resolve("p").unwrap().access_key_id(), "ASIAOps");
    assert_eq!(home.holder.heard().last().unwrap(), "not kept");
}

#[test]
fn a_role_without_a_code_is_neither_read_from_the_cache_nor_written_to_it() {
    let home = home("").with_cached("p", 60);
    assert_eq!(home.resolve("p").unwrap().access_key_id(), "ASIAOps");
    let text = std::fs::read_to_string(home.cache_file("p")).unwrap();
    assert!(text.contains("ASIAcached"), "{text}");
}

#[test]
fn times_are_read_in_every_form_that_there_is() {
    let expected = Some(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    for text in
        ["2027-01-15T08:00:00UTC", "2027-01-15T08:00:00Z", "2027-01-15T08:00:00+00:00", "2027-01-15T09:30:00+01:30"]
    {
        assert_eq!(parse_time(text), expected, "{text}");
    }
    for text in ["", "UTC", "2027-01-15", "tomorrow"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}
