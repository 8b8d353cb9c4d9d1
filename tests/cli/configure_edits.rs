//! `configure` in the files that the AWS CLI's own writer fails on (`fixtures/aws-writer`): the finished command edits
//! each rightly, or refuses it untouched with the line.

use std::fs;

use serde_json::Value;

use crate::support::TestEnvironment;

/// The cases about a profile in `config`, in which a character stands for a byte.
fn cases() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../fixtures/aws-writer/cases.json")).unwrap();
    let is_ours =
        |case: &Value| case["file"] == "config" && case["entries"] == serde_json::json!({"region": "eu-west-1"});
    cases.into_iter().filter(is_ours).collect()
}

fn bytes(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|character| u8::try_from(character).unwrap()).collect()
}

/// Why the command refuses what the editor could edit: the profile would be no profile of access keys, or the file is one
/// that no AWS tool reads, before the edit and after it.
const REFUSED: [(&str, i32, &str); 4] = [
    ("a Windows path in quotes", 5, "credential-process"),
    ("a trailing backslash", 5, "credential-process"),
    ("a `#` inside a value", 5, "sso"),
    ("a Latin-1 comment", 1, "UTF-8"),
];

#[test]
fn every_file_that_the_aws_clis_writer_fails_on_is_edited_rightly_or_left_alone() {
    let env = TestEnvironment::new();
    let folder = env.home().join(".aws");
    let [config, credentials] = ["config", "credentials"].map(|name| folder.join(name));
    fs::create_dir(&folder).unwrap();
    let keys = ["configure", "--access-key-id", "AKIADEVDEVDEVEXAMPLE", "--secret-from-stdin", "--yes", "--overwrite"];
    for case in cases() {
        let [name, profile] = ["name", "profile"].map(|key| case[key].as_str().unwrap());
        fs::write(&config, bytes(&case["before"])).unwrap();
        let _ = fs::remove_file(&credentials);
        let arguments = [&keys[..], &["--region", "eu-west-1", "--profile-name", profile]].concat();
        let output = env.run_with_input(&arguments, "s3kr1t/dev/00000000000000000000000000000");
        let own_refusal = REFUSED.iter().find(|(refused, ..)| *refused == name);
        let expected = if case["refused"].is_object() || own_refusal.is_some() { "before" } else { "after" };
        let after = fs::read(&config).unwrap();
        assert_eq!(
            after.escape_ascii().to_string(),
            bytes(&case[expected]).escape_ascii().to_string(),
            "{name}: {output}"
        );
        assert_eq!(credentials.exists(), expected == "after", "{name}: {output}");
        if expected == "after" {
            output.succeeds();
            // As `aws_config::profile` and STS see it.
            env.run(&["verify", "--in", "host", "--profile", profile]).succeeds().says("user/ana-dev");
        } else if let Some((_, code, reason)) = own_refusal {
            output.exits(*code).says(reason);
        } else {
            assert!([1, 2].contains(&output.code), "{name}: {output}");
            if let Some(line) = case["refused"]["line"].as_u64() {
                output.says(&format!("line {line}"));
            }
        }
    }
}
