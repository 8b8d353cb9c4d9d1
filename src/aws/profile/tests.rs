//! Profiles as the shared files define them, and what they turn out to be.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::*;

fn set(config: &str, credentials: &str) -> ProfileSet {
    ProfileSet::parse((Path::new("config"), config), (Path::new("credentials"), credentials)).unwrap()
}

fn kind(config: &str, name: &str) -> &'static str {
    set(config, "").profile(name).unwrap().chain.kind()
}

fn reason(config: &str, name: &str) -> String {
    set(config, "").profile(name).unwrap_err().to_string()
}

/// The profiles of one vector as the specification wants them: name → property → value.
type Expected = BTreeMap<String, BTreeMap<String, String>>;

#[test]
fn reads_every_vector_of_the_aws_specification() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../fixtures/aws-vectors/profile-parser-tests.json")).unwrap();
    let vectors = vectors["tests"].as_array().unwrap();
    assert_eq!(vectors.len(), 65);
    for vector in vectors {
        let name = vector["name"].as_str().unwrap();
        let text = |key: &str| vector["input"][key].as_str().unwrap_or_default();
        let parsed = ProfileSet::parse(
            (Path::new("config"), text("configFile")),
            (Path::new("credentials"), text("credentialsFile")),
        );
        if let Some(expected) = vector["output"]["errorContaining"].as_str() {
            let error = parsed.expect_err(name).to_string();
            assert!(error.contains(expected), "{name}: {error}");
            continue;
        }
        let parsed = parsed.unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected: Expected = serde_json::from_value(vector["output"]["config"]["profiles"].clone()).unwrap();
        assert_eq!(parsed.names(), expected.keys().map(String::as_str).collect::<Vec<_>>(), "{name}");
        for (profile, properties) in expected {
            for (key, value) in properties {
                assert_eq!(parsed.property(&profile, &key), Some(value.as_str()), "{name}: {profile}.{key}");
            }
        }
    }
}

#[test]
fn tells_every_kind_of_profile() {
    let config = "\
[default]\naws_access_key_id = A\naws_secret_access_key = B\n\
[profile sso]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n\
[sso-session corp]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n\
[profile legacy]\nsso_start_url = https://x/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n\
[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n\
[profile process]\ncredential_process = /bin/x\n\
[profile login]\nlogin_session = arn:aws:iam::1:user/x\n\
[profile web]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /t\n\
[profile instance]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Ec2InstanceMetadata\n";
    for (name, expected) in [
        ("default", "static-keys"),
        ("sso", "sso-session"),
        ("legacy", "legacy-sso"),
        ("role", "assume-role"),
        ("process", "credential-process"),
        ("login", "login-session"),
        ("web", "web-identity"),
        ("instance", "assume-role"),
    ] {
        assert_eq!(kind(config, name), expected, "{name}");
    }
}

#[test]
fn follows_a_role_chain_to_its_source_and_finds_the_mfa_device() {
    let config = "\
[profile base]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n\
[sso-session corp]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n\
[profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/ana\n\
[profile top]\nrole_arn = arn:aws:iam::1:role/top\nsource_profile = middle\nregion = eu-west-1\n";
    let profile = set(config, "").profile("top").unwrap();
    assert_eq!(profile.region(), Some("eu-west-1"));
    assert_eq!(profile.chain.source_profile, "base");
    assert_eq!(profile.chain.sso().unwrap().session.name.as_deref(), Some("corp"));
    let arns: Vec<_> = profile.chain.roles.iter().map(|role| role.arn.as_str()).collect();
    assert_eq!(arns, ["arn:aws:iam::1:role/middle", "arn:aws:iam::1:role/top"]);
    assert_eq!(profile.chain.mfa_role().unwrap().profile, "middle");
}

#[test]
fn a_profile_that_is_its_own_source_uses_its_own_keys() {
    let config =
        "[profile self]\nrole_arn = r\nsource_profile = self\naws_access_key_id = A\naws_secret_access_key = B\n";
    let chain = set(config, "").profile("self").unwrap().chain;
    assert_eq!((chain.source, chain.roles.len()), (Source::StaticKeys, 1));
}

#[test]
fn keys_of_a_source_profile_win_over_its_role_as_in_the_sdk() {
    let config = "[profile top]\nrole_arn = t\nsource_profile = mid\n\
                  [profile mid]\nrole_arn = m\nsource_profile = base\naws_access_key_id = A\naws_secret_access_key = B\n";
    let chain = set(config, "").profile("top").unwrap().chain;
    assert_eq!((chain.source_profile.as_str(), chain.roles.len()), ("mid", 1));
}

#[test]
fn says_what_is_wrong_with_an_unusable_profile() {
    assert_eq!(
        reason("[profile a]\nregion = x\n", "a"),
        "AWS profile `a`: has no credentials and says nothing of where to get them"
    );
    assert_eq!(
        reason("[profile a]\nrole_arn = x\nsource_profile = b\n", "a"),
        "AWS profile `a`: its `source_profile` `b` does not exist"
    );
    assert_eq!(
        reason("[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = y\nsource_profile = a\n", "a"),
        "AWS profile `a`: its `source_profile`s go round in a circle at `a`"
    );
    assert_eq!(
        reason("[profile a]\nsso_session = x\nsso_account_id = 1\nsso_role_name = r\n", "a"),
        "AWS profile `a`: there is no section `[sso-session x]`"
    );
    assert_eq!(
        reason("[profile a]\naws_access_key_id = AKIA\n", "a"),
        "AWS profile `a`: has `aws_access_key_id` but no `aws_secret_access_key`"
    );
}

#[test]
fn names_with_blanks_are_found_by_the_name_a_person_knows() {
    let set = set(
        "[profile 'my dev']\nregion = eu-west-1\n[profile top]\nrole_arn = r\nsource_profile = my dev\n",
        "[my dev]\naws_access_key_id = A\naws_secret_access_key = B\n",
    );
    assert_eq!(set.names(), ["my dev", "top"]);
    assert_eq!(set.profile("my dev").unwrap().region(), Some("eu-west-1"));
    assert_eq!(set.profile("top").unwrap().chain.source_profile, "my dev");
}

const QUOTED_SESSION: &str = "\
[profile dev]\nsso_session = my corp\nsso_account_id = 1\nsso_role_name = R\n\
[sso-session 'my corp']\nsso_start_url = https://x/start\nsso_region = eu-west-1\n\
sso_registration_scopes = sso:account:access, codewhisperer:completions,\n\
[sso-session half]\nsso_region = eu-west-1\n\
[sso-session b]\nsso_start_url = https://b/start\nsso_region = eu-west-1\n";

#[test]
fn an_sso_session_with_a_blank_is_known_by_its_real_name_everywhere() {
    let set = set(QUOTED_SESSION, "");
    let login = set.profile("dev").unwrap().chain.sso().unwrap().clone();
    assert_eq!(login.session.name.as_deref(), Some("my corp"));
    assert_eq!(login.session.scopes, ["sso:account:access", "codewhisperer:completions"]);
    assert_eq!(set.sso_session("my corp"), Some(login.session));
    assert_eq!(set.property("dev", "sso_session"), Some("my corp"));
    assert_eq!(set.sso_session_property("my corp", "sso_region"), Some("eu-west-1"));
}

#[test]
fn every_complete_sso_session_is_listed() {
    let set = set(QUOTED_SESSION, "");
    let sessions = set.sso_sessions();
    let names: Vec<_> = sessions.iter().map(SsoSession::label).collect();
    assert_eq!(names, ["b", "my corp"]);
    assert_eq!((set.sso_session("half"), set.sso_session("c")), (None, None));
}

#[test]
fn settings_beside_an_sso_session_count_as_in_botocore() {
    let config = |beside: &str| {
        format!(
            "[profile a]\nsso_session = c\nsso_account_id = 1\nsso_role_name = R\n{beside}\n\
             [sso-session c]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n"
        )
    };
    for beside in ["sso_region = eu-west-1", "sso_start_url = https://x/start", "sso_registration_scopes = x"] {
        let session = set(&config(beside), "").profile("a").unwrap().chain.sso().unwrap().session.clone();
        assert_eq!((session.region.as_str(), session.scopes.len()), ("eu-west-1", 0));
    }
    assert_eq!(
        reason(&config("sso_region = us-east-1"), "a"),
        "AWS profile `a`: its `sso_region` is us-east-1, but that of `[sso-session c]` is eu-west-1: take it out of the profile"
    );
    assert!(reason(&config("sso_start_url = https://y/start"), "a").contains("take it out of the profile"));
}

#[test]
fn an_sso_session_lacks_what_only_the_profile_has() {
    let config = "[profile a]\nsso_session = c\nsso_account_id = 1\nsso_role_name = R\nsso_region = eu-west-1\n\
                  [sso-session c]\nsso_start_url = https://x/start\n";
    assert_eq!(reason(config, "a"), "AWS profile `a`: its IAM Identity Center settings lack `sso_region`");
}

#[test]
fn a_missing_profile_lists_the_others() {
    match set("[profile b]\n[profile a]\n", "").profile("c").unwrap_err() {
        ProfileError::Missing { name, known, lacks_quotes } => {
            assert_eq!((name.as_str(), known, lacks_quotes), ("c", vec!["a".to_owned(), "b".to_owned()], false))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_profile_whose_header_lacks_quotes_is_told_from_one_that_is_not_there() {
    let config = "[profile a]\n[profile mfa  role] # by hand\n[profile 'my dev']\n";
    for (asked, expected) in [("mfa role", true), ("mfa", false), ("role", false), ("other role", false)] {
        match set(config, "").profile(asked).unwrap_err() {
            ProfileError::Missing { lacks_quotes, .. } => assert_eq!(lacks_quotes, expected, "{asked}"),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_malformed_file_is_named_with_its_line_and_without_its_text() {
    let error = ProfileSet::parse(
        (Path::new("/h/.aws/config"), "[default]\nregion = x\n"),
        (Path::new("/h/.aws/credentials"), "[default]\naws_access_key_id = A\nSECRETWITHOUTKEY\n"),
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "`/h/.aws/credentials` line 3: Expected an '=' sign defining a property");
}

#[test]
fn settings_that_containers_need_are_carried_and_the_others_not() {
    let profile = set(
        "[profile dev]\nregion = eu-west-1\noutput = json\nservices = local\ncli_pager =\ns3 =\n  addressing_style = path\n\
         credential_process = /bin/x\n[services local]\nsts =\n  endpoint_url = http://l\n",
        "",
    )
    .profile("dev")
    .unwrap();
    let settings: Vec<_> = profile.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        settings,
        [("region", "eu-west-1"), ("output", "json"), ("s3", "\naddressing_style = path"), ("services", "local")]
    );
    assert_eq!(profile.services.unwrap().1, ["sts =", "  endpoint_url = http://l"]);
}

#[test]
fn debug_output_holds_no_text_of_the_files() {
    let set = set("[default]\naws_access_key_id = AKIAX\naws_secret_access_key = verysecret\n", "");
    let shown = format!("{set:?} {:?}", set.profile("default").unwrap());
    assert!(!shown.contains("verysecret") && !shown.contains("AKIAX"), "{shown}");
}
