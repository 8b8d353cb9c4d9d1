//! One code serves until the credentials expire; when it is asked for, and what becomes of a wrong one.

use crate::aws::credentials::CredentialsFailure;

use super::stand_in::Home;

fn guarded(settings: &str) -> Home {
    Home::new(&format!(
        "[profile p]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = keys\nmfa_serial = device\n{settings}\n\
         [profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n"
    ))
}

#[test]
fn one_code_serves_twice() {
    let home = guarded("").with_codes(&["123456"]);
    let first = home.resolve("p").unwrap();
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), first.access_key_id());
    let calls = home.sts.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!([&calls[0]["SerialNumber"], &calls[0]["TokenCode"]], ["device", "123456"]);
    assert_eq!(home.holder.heard(), ["asked for p of device (None)"]);
}

#[test]
fn one_code_serves_all_who_need_one_at_the_same_time() {
    let home = guarded("").with_codes(&["123456"]);
    let all = home.resolve_at_once("p", 20);
    assert!(all.iter().all(|credentials| credentials.as_ref().unwrap().access_key_id() == "ASIAP"), "{all:?}");
    assert_eq!(home.sts.calls().len(), 1);
    let heard = home.holder.heard();
    assert_eq!(heard.iter().filter(|words| words.starts_with("asked")).count(), 1, "{heard:?}");
    assert_eq!(std::fs::read_dir(home.cache_folder()).unwrap().count(), 1, "no lock is left");
}

#[test]
fn a_wrong_code_of_another_is_no_reason_not_to_be_asked() {
    let mut home = guarded("").with_codes(&["000000", "111111"]);
    home.sts.refuses_codes = Some(("AccessDenied", "MultiFactorAuthentication failed"));
    let all = home.resolve_at_once("p", 2);
    assert!(all.iter().all(|result| matches!(result, Err(CredentialsFailure::WrongMfa { .. }))), "{all:?}");
    assert_eq!(home.sts.calls().len(), 2);
}

#[test]
fn what_a_killed_process_left_is_swept_when_a_code_is_asked_for() {
    let home = guarded("").with_codes(&["123456"]);
    let file = home.cache_file("p");
    let left = file.with_file_name(format!(".astro-aws-{}-0", file.file_name().unwrap().to_str().unwrap()));
    std::fs::create_dir_all(home.cache_folder()).unwrap();
    std::fs::write(&left, "s3kr1t").unwrap();
    home.resolve("p").unwrap();
    assert!(!left.exists());
}

#[test]
fn nobody_to_ask_is_told_with_profile_and_device() {
    let home = guarded("mfa_process = tool code");
    let failure = home.resolve("p").unwrap_err();
    assert!(
        matches!(&failure, CredentialsFailure::NeedsMfa { profile, serial } if profile == "p" && serial == "device")
    );
    assert_eq!(home.holder.heard(), ["asked for p of device (Some(\"tool code\"))"]);
    assert_eq!(home.sts.calls().len(), 0);
}

#[test]
fn a_question_that_was_broken_off_is_told() {
    let failure = guarded("").with_codes(&["broken off"]).resolve("p").unwrap_err();
    assert!(matches!(&failure, CredentialsFailure::NoCode { reason, .. } if reason == "broken off"), "{failure}");
}

#[test]
fn a_wrong_code_is_said_to_be_one_and_asked_for_once() {
    let answers = [
        ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "),
        ("AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code."),
        (
            "ValidationError",
            "1 validation error detected: Value '000000' at 'tokenCode' failed to satisfy constraint: Member must have \
             length greater than or equal to 6",
        ),
        (
            "ValidationError",
            "2 validation errors detected: Value 'x' at 'serialNumber' failed to satisfy constraint: y; Value '000000' \
             at 'tokenCode' failed to satisfy constraint: z",
        ),
    ];
    for answer in answers {
        let mut home = guarded("").with_codes(&["000000", "111111"]);
        home.sts.refuses_codes = Some(answer);
        let failure = home.resolve("p").unwrap_err();
        assert!(matches!(&failure, CredentialsFailure::WrongMfa { serial, .. } if serial == "device"), "{failure}");
        assert!(!failure.to_string().contains("000000"), "{failure}");
        assert_eq!((home.sts.calls().len(), home.holder.heard().len()), (1, 1));
        assert!(!home.cache_folder().parent().unwrap().exists());
    }
}

#[test]
fn a_refusal_for_another_reason_is_no_wrong_code() {
    let mut home = guarded("").with_codes(&["123456"]);
    home.sts.refuses_codes = Some(("AccessDenied", "User: ana is not authorized to perform: sts:AssumeRole"));
    let failure = home.resolve("p").unwrap_err();
    assert!(matches!(&failure, CredentialsFailure::Refused { .. }), "{failure}");
    assert!(failure.to_string().contains("role/P: AccessDenied: User: ana is not authorized"), "{failure}");
}

#[test]
fn a_refusal_is_told_without_the_request_that_was_signed() {
    let mut home = guarded("").with_codes(&["123456"]);
    home.sts.refuses_codes = Some((
        "SignatureDoesNotMatch",
        "The signature does not match.\n\nThe Canonical String should have been\n'x-amz-security-token:s3kr1t'",
    ));
    let told = home.resolve("p").unwrap_err().to_string();
    assert!(told.ends_with("SignatureDoesNotMatch: The signature does not match."), "{told}");
}

#[test]
fn what_still_lives_serves_one_who_wants_no_more() {
    let home = guarded("").with_cached("p", 2);
    assert_eq!(home.resolve("p").unwrap().access_key_id(), "ASIAcached");
}

#[test]
fn what_has_expired_serves_nobody() {
    for minutes in [0, 1] {
        let home = guarded("").with_cached("p", minutes);
        assert!(matches!(home.resolve("p"), Err(CredentialsFailure::NeedsMfa { .. })), "{minutes}");
    }
}

#[test]
fn one_who_wants_more_than_is_left_asks_for_a_code() {
    let home = guarded("").with_cached("p", 14).with_codes(&["123456"]);
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), "ASIAP");
    let home = guarded("").with_cached("p", 21).with_codes(&["123456"]);
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), "ASIAcached");
}

#[test]
fn a_role_of_15_minutes_does_not_ask_for_a_code_each_time() {
    let home = guarded("duration_seconds = 900").with_cached("p", 10).with_codes(&["123456"]);
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), "ASIAcached");
    let home = guarded("duration_seconds = 900").with_cached("p", 7).with_codes(&["123456"]);
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), "ASIAP");
}

#[test]
fn what_is_left_serves_where_nobody_gives_a_code_or_aws_is_not_reached() {
    let home = guarded("").with_cached("p", 14);
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), "ASIAcached");
    let mut home = guarded("").with_cached("p", 14).with_codes(&["123456"]);
    home.sts.is_unreachable = true;
    assert_eq!(home.resolve_lasting("p", 20).unwrap().access_key_id(), "ASIAcached");
}

#[test]
fn a_wrong_code_is_no_reason_to_hand_out_what_is_left() {
    let mut home = guarded("").with_cached("p", 14).with_codes(&["000000"]);
    home.sts.refuses_codes = Some(("AccessDenied", "MultiFactorAuthentication failed"));
    assert!(matches!(home.resolve_lasting("p", 20), Err(CredentialsFailure::WrongMfa { .. })));
}
