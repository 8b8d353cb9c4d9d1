//! Proves where the two shared files and the token cache are looked for, by the vectors of the SDK and beyond them.

use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::host::{Env, Os};

const VECTORS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws-vectors/file-location-tests.json"));

fn host(os: Os, cwd: &str, variables: &[(&str, &str)]) -> Host {
    Host::new(os, Env::new(os, variables.iter().copied()), None, PathBuf::from(cwd))
}

fn located(host: &Host) -> Option<(String, String)> {
    AwsFiles::locate(host).map(|files| (files.config.as_str().to_owned(), files.credentials.as_str().to_owned()))
}

#[test]
fn finds_the_files_as_all_nine_vectors_of_the_sdk_say() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let tests = vectors["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 9);
    for test in tests {
        let os = if test["platform"] == "windows" { Os::Windows } else { Os::Linux };
        let variables: Vec<_> = test["environment"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let expected = |key: &str| test[key].as_str().unwrap().to_owned();
        assert_eq!(
            located(&host(os, "/", &variables)),
            Some((expected("configLocation"), expected("credentialsLocation"))),
            "{}",
            test["name"]
        );
    }
}

#[test]
fn a_leading_tilde_is_the_home_folder() {
    let cases = [
        (Os::Linux, "/home/ana", "~/work/config", "/home/ana/work/config"),
        (Os::Linux, "/home/ana", "~", "/home/ana"),
        (Os::Windows, r"C:\Users\ana", "~/work/config", r"C:\Users\ana\work\config"),
        (Os::Windows, r"C:\Users\ana", r"~\work\config", r"C:\Users\ana\work\config"),
        // The SDKs know no other person's home.
        (Os::Linux, "/home/ana", "~bob/config", "/cwd/~bob/config"),
    ];
    for (os, home, value, expected) in cases {
        let found = located(&host(os, "/cwd", &[("HOME", home), ("AWS_CONFIG_FILE", value)])).unwrap();
        assert_eq!(found.0, expected, "{value}");
    }
}

#[test]
fn a_relative_file_starts_at_the_current_folder() {
    let found = located(&host(Os::Linux, "/cwd", &[("HOME", "/h"), ("AWS_CONFIG_FILE", "aws/config")])).unwrap();
    assert_eq!(found, ("/cwd/aws/config".to_owned(), "/h/.aws/credentials".to_owned()));
}

#[test]
fn empty_variables_count_as_unset() {
    let variables = [("HOME", "/h"), ("AWS_CONFIG_FILE", ""), ("AWS_SHARED_CREDENTIALS_FILE", "")];
    let found = located(&host(Os::Linux, "/", &variables)).unwrap();
    assert_eq!(found, ("/h/.aws/config".to_owned(), "/h/.aws/credentials".to_owned()));
    let windows = host(Os::Windows, "/", &[("HOME", ""), ("USERPROFILE", r"C:\Users\ana")]);
    assert_eq!(located(&windows).unwrap().0, r"C:\Users\ana\.aws\config");
}

#[test]
fn without_a_home_only_two_named_files_serve() {
    assert_eq!(located(&host(Os::Linux, "/", &[])), None);
    assert_eq!(located(&host(Os::Linux, "/", &[("AWS_CONFIG_FILE", "/a/config")])), None);
    let both = [("AWS_CONFIG_FILE", "/a/config"), ("AWS_SHARED_CREDENTIALS_FILE", "/a/credentials")];
    assert!(located(&host(Os::Linux, "/", &both)).is_some());
    assert_eq!(located(&host(Os::Windows, "/", &[("HOMEDRIVE", "C:")])), None);
}

#[test]
fn names_the_folder_only_where_both_files_lie_in_it() {
    let folder = |os, config: &str, credentials: &str| {
        let files = AwsFiles { config: HostPath::new(os, config), credentials: HostPath::new(os, credentials) };
        files.folder().map(|folder| folder.as_str().to_owned())
    };
    assert_eq!(folder(Os::Linux, "/h/.aws/config", "/h/.aws/credentials").as_deref(), Some("/h/.aws"));
    assert_eq!(folder(Os::Linux, "/h/.aws/config", "/other/credentials"), None);
    assert_eq!(folder(Os::Windows, r"C:\H\.aws\config", "c:/h/.aws/credentials").as_deref(), Some(r"C:\H\.aws"));
}

#[test]
fn the_sso_cache_stays_in_the_home_wherever_the_config_lies() {
    let host = host(Os::Linux, "/", &[("HOME", "/h"), ("AWS_CONFIG_FILE", "/elsewhere/config")]);
    assert_eq!(sso_cache(&host).unwrap().as_str(), "/h/.aws/sso/cache");
}
