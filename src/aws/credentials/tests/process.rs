//! `credential_process`: its answer, its failures, its end.

use crate::aws::credentials::CredentialsFailure;
use crate::aws::credentials::process::parse;

use super::stand_in::{Home, now, runtime};

fn failure(command: &str) -> CredentialsFailure {
    Home::new(&format!("[profile p]\ncredential_process = {command}\n")).resolve("p").unwrap_err()
}

#[test]
fn an_answer_of_version_1_is_taken() {
    let text = br#"{"Version": 1, "AccessKeyId": "A", "secretaccesskey": "B", "SessionToken": "C", "Expiration": "2027-01-15T09:30:00+01:30", "Other": [1]}"#;
    let credentials = parse(text, Some("123456789012")).unwrap();
    assert_eq!((credentials.access_key_id(), credentials.secret_access_key()), ("A", "B"));
    assert_eq!((credentials.session_token(), credentials.expiry()), (Some("C"), Some(now())));
    assert_eq!(credentials.account_id().unwrap().as_str(), "123456789012");
    let credentials =
        parse(br#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B","AccountId":"9"}"#, Some("1")).unwrap();
    assert_eq!((credentials.session_token(), credentials.expiry()), (None, None));
    assert_eq!(credentials.account_id().unwrap().as_str(), "9");
}

#[test]
fn an_answer_that_is_none_is_told_without_its_content() {
    for (text, reason) in [
        ("s3kr1t", "its output is no JSON object (line 1, column 1)"),
        (r#"["s3kr1t"]"#, "its output is no JSON object"),
        (r#"{"AccessKeyId": "A", "SecretAccessKey": "s3kr1t"}"#, "its output has to say `\"Version\": 1`"),
        (r#"{"Version": "1", "AccessKeyId": "A", "SecretAccessKey": "s3kr1t"}"#, "its output has to say"),
        (r#"{"Version": 1, "SecretAccessKey": "s3kr1t"}"#, "its output lacks `AccessKeyId`"),
        (r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": 1}"#, "its output lacks `SecretAccessKey`"),
        (
            r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "B", "Expiration": "s3kr1t"}"#,
            "its output's `Expiration` is no RFC 3339 time",
        ),
    ] {
        let told = parse(text.as_bytes(), None).unwrap_err();
        assert!(told.starts_with(reason) && !told.contains("s3kr1t"), "{text}: {told}");
    }
}

#[test]
fn the_words_of_a_program_that_failed_are_not_told() {
    let told = failure("echo s3kr1t >&2; exit 7").to_string();
    assert_eq!(told, "profile `p` yields no credentials: its `credential_process` failed: exit status: 7");
}

#[test]
#[cfg(unix)]
fn a_program_that_prints_without_end_is_not_read_to_its_end() {
    let told = failure("yes").to_string();
    assert_eq!(told, "profile `p` yields no credentials: its `credential_process` failed: it prints more than 256 KiB");
}

#[test]
fn credentials_that_have_expired_are_useless() {
    let answer = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B","Expiration":"2027-01-15T07:59:59Z"}"#;
    let told = failure(&format!("echo '{answer}'")).to_string();
    assert_eq!(told, "profile `p`: its credentials have expired already");
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_that_does_not_end_is_ended_with_the_call() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("pid");
    let home = Home::new(&format!("[profile p]\ncredential_process = echo $$ > {}; exec sleep 600\n", file.display()));
    let pid = || std::fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n'));
    runtime().block_on(async {
        let started = async {
            while pid().is_none() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = crate::aws::credentials::process::credentials(home.set(), "p") => panic!("it has ended by itself"),
            () = started => {}
        }
        let status = format!("/proc/{}/stat", pid().unwrap().trim());
        // Killed, it is gone or waits to be collected.
        while std::fs::read_to_string(&status).is_ok_and(|status| !status.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    });
}
