//! Where a chain starts, and what the SDK is told of it.

use crate::aws::credentials::CredentialsFailure;
use crate::aws::credentials::source::source_file;

use super::stand_in::Home;

fn file(config: &str) -> String {
    let home = Home::new(config);
    source_file(home.set(), &home.profile("p"))
}

#[test]
fn the_sdk_is_told_of_the_source_and_of_no_role() {
    let text = file(
        "[profile p]\nrole_arn = r\nsource_profile = q\nregion = eu-west-1\nmfa_serial = m\n\
         [profile q]\naws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C\nregion = eu-west-2\n",
    );
    assert_eq!(
        text,
        "[profile source]\naws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C\nregion = eu-west-1\n"
    );
}

#[test]
fn a_role_of_its_own_keys_starts_with_the_keys() {
    let text =
        file("[profile p]\nrole_arn = r\nsource_profile = p\naws_access_key_id = A\naws_secret_access_key = B\n");
    assert_eq!(text, "[profile source]\naws_access_key_id = A\naws_secret_access_key = B\n");
}

#[test]
fn a_named_source_and_a_web_identity_keep_what_they_need() {
    let text = file("[profile p]\nrole_arn = r\ncredential_source = Environment\nduration_seconds = 900\n");
    assert_eq!(text, "[profile source]\ncredential_source = Environment\n");
    let text = file("[profile p]\nrole_arn = r\nweb_identity_token_file = /t\nrole_session_name = n\n");
    assert_eq!(text, "[profile source]\nrole_arn = r\nweb_identity_token_file = /t\nrole_session_name = n\n");
}

#[test]
fn endpoints_are_those_of_the_profile_asked_for() {
    let text = file(
        "[profile p]\nrole_arn = r\nsource_profile = q\nservices = local\nendpoint_url = http://p\n\
         [profile q]\nlogin_session = arn\nendpoint_url = http://q\n\
         [services local]\nsignin =\n  endpoint_url = http://signin\n",
    );
    assert_eq!(
        text,
        "[profile source]\nlogin_session = arn\nendpoint_url = http://p\nservices = local\n\
         [services local]\nsignin =\n  endpoint_url = http://signin\n"
    );
}

#[test]
fn a_missing_sign_in_says_what_to_sign_in_to() {
    let home = Home::new(
        "[profile p]\nrole_arn = arn:aws:iam::1:role/P\nsource_profile = my sso\n\
         [profile 'my sso']\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\nsso_region = eu-west-1\n\
         [sso-session corp]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n",
    );
    let failure = home.resolve("p").unwrap_err();
    let CredentialsFailure::SignIn { profile, session, .. } = failure else { panic!("{failure}") };
    assert_eq!(profile, "my sso");
    assert_eq!(session.as_deref(), home.profile("p").chain.sso().map(|login| &login.session));
}

#[test]
fn a_console_session_that_was_never_started_is_a_missing_sign_in() {
    let home = Home::new("[profile p]\nlogin_session = arn:aws:iam::111122223333:user/nobody-has-this-name\n");
    let failure = home.resolve("p").unwrap_err();
    assert!(matches!(&failure, CredentialsFailure::SignIn { session: None, .. }), "{failure}");
}

#[test]
fn a_token_that_looks_alive_and_is_refused_is_told_and_not_printed() {
    let config = "[profile p]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n[sso-session corp]\n\
                  sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n";
    let refused = |home: Home| match home.resolve("p") {
        Err(failure @ CredentialsFailure::SignIn { .. }) => {
            assert!(!format!("{failure} {failure:?}").contains("s3kr1t"), "{failure:?}");
            let CredentialsFailure::SignIn { refused, .. } = failure else { unreachable!() };
            refused.map(|token| token.expose().to_owned())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Home::new(config).with_token("p", "s3kr1t")).as_deref(), Some("s3kr1t"));
    assert_eq!(refused(Home::new(config)), None, "nobody has signed in");
}
