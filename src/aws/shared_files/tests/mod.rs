//! Proves that every edit of the shared files is the one asked for, as the AWS SDK's reader judges.

mod generated;

use serde_json::Value;

use super::*;

/// The cases of fixtures/aws-writer, in which a character stands for a byte.
fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../fixtures/aws-writer/cases.json")).unwrap()
}

fn bytes(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|character| u8::try_from(character).unwrap()).collect()
}

struct Case {
    name: String,
    file: SharedFile,
    before: Vec<u8>,
    entries: Vec<(String, String)>,
    json: Value,
}

impl Case {
    fn of(json: Value) -> Self {
        let file = if json["file"] == "config" { SharedFile::Config } else { SharedFile::Credentials };
        let entries = json["entries"].as_object().unwrap().iter();
        Self {
            name: json["name"].as_str().unwrap().to_owned(),
            file,
            before: bytes(&json["before"]),
            entries: entries.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect(),
            json,
        }
    }

    fn edit(&self, before: &[u8]) -> Result<Vec<u8>, Refusal> {
        let entries: Vec<_> = self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        match self.json["sso_session"].as_str() {
            Some(name) => with_sso_session(Some(before), name, &entries),
            None => with_profile(Some(before), self.file, self.json["profile"].as_str().unwrap(), &entries),
        }
    }
}

#[test]
fn every_input_that_the_aws_clis_writer_fails_on_is_edited_rightly_or_refused() {
    for case in cases().into_iter().map(Case::of) {
        match (case.edit(&case.before), case.json["refused"].as_object()) {
            (Ok(edited), None) => {
                let after = bytes(&case.json["after"]);
                assert_eq!(edited.escape_ascii().to_string(), after.escape_ascii().to_string(), "{}", case.name);
                assert_eq!(case.edit(&edited).unwrap(), edited, "{}: a second time", case.name);
            }
            (Err(refusal), Some(expected)) => {
                assert_eq!(refusal.line.map(|line| line as u64), expected["line"].as_u64(), "{}: {refusal}", case.name);
                assert!(refusal.reason.contains(expected["reason"].as_str().unwrap()), "{}: {refusal}", case.name);
            }
            (Ok(edited), Some(_)) => panic!("{}: not refused, but\n{}", case.name, edited.escape_ascii()),
            (Err(refusal), None) => panic!("{}: {refusal}", case.name),
        }
    }
}

#[test]
fn tells_what_would_be_overwritten_and_quotes_no_secret() {
    let text =
        b"[dev]\nAWS_ACCESS_KEY_ID = hunter2\naws_secret_access_key = hunter2\nregion = us-east-1 # c\noutput=json\n";
    let entries = [
        ("aws_access_key_id", "A"),
        ("aws_secret_access_key", "B"),
        ("region", "eu-west-1"),
        ("output", "json"),
        ("ca_bundle", "/x"),
    ];
    let found = profile_differences(Some(text), SharedFile::Credentials, "dev", &entries).unwrap();
    let told: Vec<_> = found.iter().map(|found| format!("{}: {}", found.key, found.present)).collect();
    assert_eq!(told, ["aws_access_key_id: (redacted)", "aws_secret_access_key: (redacted)", "region: us-east-1"]);
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn nothing_differs_where_the_section_or_the_file_is_missing() {
    let entries = [("sso_region", "eu-west-1")];
    assert_eq!(profile_differences(None, SharedFile::Config, "dev", &entries).unwrap(), []);
    assert_eq!(sso_session_differences(Some(b"[profile corp]\nsso_region = x\n"), "corp", &entries).unwrap(), []);
    let found =
        sso_session_differences(Some(b"[sso-session 'my corp']\nsso_region = x\n"), "my corp", &entries).unwrap();
    assert_eq!(found, [Difference { key: "sso_region".to_owned(), present: Present::Value("x".to_owned()) }]);
}

#[test]
fn a_missing_file_becomes_one_with_the_section_alone() {
    let edited = with_sso_session(None, "corp", &[("sso_region", "eu-west-1")]).unwrap();
    assert_eq!(edited, b"[sso-session corp]\nsso_region = eu-west-1\n");
}

#[test]
fn a_section_is_never_doubled_however_often_it_is_written() {
    let mut text = Vec::new();
    for value in ["a", "b", "c"] {
        for name in ["default", "dev", "my dev", "a/b.c%d@e:f+g-h_i"] {
            text = with_profile(Some(&text), SharedFile::Config, name, &[("region", value)]).unwrap();
            text = with_sso_session(Some(&text), name, &[("sso_region", value)]).unwrap();
        }
    }
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "[default]\nregion = c\n\n[sso-session default]\nsso_region = c\n\n\
         [profile dev]\nregion = c\n\n[sso-session dev]\nsso_region = c\n\n\
         [profile 'my dev']\nregion = c\n\n[sso-session 'my dev']\nsso_region = c\n\n\
         [profile a/b.c%d@e:f+g-h_i]\nregion = c\n\n[sso-session a/b.c%d@e:f+g-h_i]\nsso_region = c\n"
    );
}

#[test]
fn a_key_given_twice_gets_its_last_value() {
    let edited = with_profile(None, SharedFile::Config, "dev", &[("region", "a"), ("Region", "b")]).unwrap();
    assert_eq!(edited, b"[profile dev]\nregion = b\n");
}

#[test]
fn an_edit_that_touches_anything_else_is_not_proved() {
    let read = |text: &str| Ini::parse(text.as_bytes()).unwrap();
    let before =
        read("[default]\nregion = a\n[services s]\nsts =\n  endpoint_url = x\n[sso-session c]\nsso_region = a\n");
    let target = Target::Profile(SharedFile::Config, "dev");
    let proved = |rest: &str, entry: &str| {
        prove(&before, &read(&format!("{rest}[profile dev]\n{entry}\n")), target, &[("region", "b")]).is_ok()
    };
    let same = "[default]\nregion = a\n[services s]\nsts =\n  endpoint_url = x\n[sso-session c]\nsso_region = a\n";
    assert!(proved(same, "region = b"));
    for (found, changed) in
        [("region = a\n[s", "region = c\n[s"), ("url = x", "url = y"), ("sso_region = a", "sso_region = c")]
    {
        assert!(!proved(&same.replace(found, changed), "region = b"), "{changed}");
    }
    assert!(!proved(same, "region = c"));
    assert!(!proved(same, "region = b\noutput = json"));
}
