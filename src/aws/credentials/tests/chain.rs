//! The roles of a chain: in their order, with their settings, from the right start.

use crate::aws::credentials::CredentialsFailure;

use super::stand_in::Home;

const CHAIN: &str = "[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n\
    [profile a]\nrole_arn = arn:aws:iam::1:role/A\nsource_profile = keys\n\
    [profile 'my b']\nrole_arn = arn:aws:iam::1:role/B\nsource_profile = a\nmfa_serial = device\n\
    [profile c]\nrole_arn = arn:aws:iam::1:role/C\nsource_profile = my b\n";

#[test]
fn roles_are_assumed_in_order_each_with_the_credentials_before_it() {
    let home = Home::new(CHAIN).with_codes(&["123456"]);
    assert_eq!(home.resolve("c").unwrap().access_key_id(), "ASIAC");
    assert_eq!(home.sts.path(), ["AKIAKEYS -> A", "ASIAA -> B", "ASIAB -> C"]);
    assert_eq!(home.holder.heard(), ["asked for my b of device (None)"]);
}

#[test]
fn only_the_role_with_a_code_sends_one() {
    let home = Home::new(CHAIN).with_codes(&["123456"]);
    home.resolve("c").unwrap();
    let sent = home.sts.calls().iter().map(|call| call.contains_key("TokenCode")).collect::<Vec<_>>();
    assert_eq!(sent, [false, true, false]);
}

#[test]
fn a_chain_starts_at_the_last_role_that_is_cached() {
    let home = Home::new(CHAIN).with_cached("my b", 60);
    assert_eq!(home.resolve("c").unwrap().access_key_id(), "ASIAC");
    assert_eq!(home.sts.path(), ["ASIAcached -> C"]);
}

#[test]
fn what_comes_before_a_cached_role_is_not_asked_for() {
    let home = Home::new(
        "[profile p]\nrole_arn = arn:aws:iam::1:role/P\nmfa_serial = device\nsource_profile = broken\n\
         [profile broken]\ncredential_process = false\n",
    );
    assert!(home.resolve("p").is_err());
    assert_eq!(home.with_cached("p", 60).resolve("p").unwrap().access_key_id(), "ASIAcached");
}

#[test]
fn nobody_is_asked_for_a_code_before_the_source_is_there() {
    let home = Home::new(
        "[profile p]\nrole_arn = arn:aws:iam::1:role/P\nmfa_serial = device\nsource_profile = broken\n\
         [profile broken]\ncredential_process = false\n",
    );
    let failure = home.with_codes(&["123456"]);
    assert!(matches!(failure.resolve("p"), Err(CredentialsFailure::Refused { profile, .. }) if profile == "broken"));
    assert_eq!(failure.holder.heard().len(), 0);
}

#[test]
fn settings_of_a_role_reach_sts() {
    let home = Home::new(
        "[profile p]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = p\nexternal_id = x y\nduration_seconds = 7200\n\
         role_session_name = ana\naws_access_key_id = AKIAOWN\naws_secret_access_key = s\n",
    );
    home.resolve("p").unwrap();
    let call = &home.sts.calls()[0];
    let sent = ["ExternalId", "DurationSeconds", "RoleSessionName", "signed by"].map(|name| call[name].as_str());
    assert_eq!(sent, ["x y", "7200", "ana", "AKIAOWN"]);
    assert!(!call.contains_key("SerialNumber") && !call.contains_key("TokenCode"), "{call:?}");
}

#[test]
fn a_session_without_a_name_gets_one_as_botocore_makes_it() {
    let home = Home::new(CHAIN);
    home.resolve("a").unwrap();
    assert_eq!(home.sts.calls()[0]["RoleSessionName"], "botocore-session-1800000000");
    assert!(!home.sts.calls()[0].contains_key("DurationSeconds"));
}

#[test]
fn a_duration_that_sts_would_not_take_is_named_before_anything_is_called() {
    for duration in ["899", "43201", "an hour", "", "-1", "99999999999999", "3600.5"] {
        let home = Home::new(&format!(
            "[profile c]\nrole_arn = arn:aws:iam::1:role/C\nsource_profile = a\n\
             [profile a]\nrole_arn = arn:aws:iam::1:role/A\nsource_profile = keys\nduration_seconds = {duration}\n\
             [profile keys]\ncredential_process = exit 7\n"
        ));
        let failure = home.resolve("c").unwrap_err().to_string();
        assert_eq!(
            failure,
            format!(
                "AWS profile `a`: its `duration_seconds` is `{duration}`, and has to be a number from 900 to 43200"
            )
        );
    }
    for duration in ["900", "43200", "0900"] {
        let config = CHAIN.replace("role/A\n", &format!("role/A\nduration_seconds = {duration}\n"));
        assert!(Home::new(&config).resolve("a").is_ok(), "{duration}");
    }
}

#[test]
fn no_connection_is_no_missing_sign_in() {
    let mut home = Home::new(CHAIN);
    home.sts.is_unreachable = true;
    let failure = home.resolve("a").unwrap_err();
    assert!(
        matches!(&failure, CredentialsFailure::Network { reason } if reason.contains("nobody is there")),
        "{failure}"
    );
}
