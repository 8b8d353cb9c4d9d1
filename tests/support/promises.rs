//! What must hold for every run of the program: no secret in any output, argument or loose file, no panic, an exit code of
//! the contract, and one well-formed JSON document where JSON was asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::aws::SECRET_MARKER;
use super::environment::TestEnvironment;
use super::tree::Tree;

/// Where a run may print secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reveals {
    Nothing,
    OnStdout,
}

impl TestEnvironment {
    /// What holds for every run, whatever it was asked to do.
    #[track_caller]
    pub(super) fn check_promises(&self, arguments: &[&str], code: i32, stdout: &str, stderr: &str) {
        self.check_promises_but_for(Reveals::Nothing, arguments, code, stdout, stderr);
    }

    /// As `check_promises`, for a command that is to print secrets.
    #[track_caller]
    pub(super) fn check_promises_but_for(
        &self,
        reveals: Reveals,
        arguments: &[&str],
        code: i32,
        stdout: &str,
        stderr: &str,
    ) {
        let shown = format!("{arguments:?}, exit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
        let searched = match reveals {
            Reveals::OnStdout if code == 0 => format!("{arguments:?}\n{stderr}"),
            Reveals::Nothing | Reveals::OnStdout => shown.clone(),
        };
        assert!(!searched.contains(SECRET_MARKER), "a secret is shown: {shown}");
        assert!(!stderr.contains("panicked at"), "a panic: {shown}");
        assert!([0, 1, 2, 3, 4, 5, 130].contains(&code), "no exit code of ours: {shown}");
        for program in ["docker", "aws", "astro", "browser"] {
            assert!(!self.calls_of(program).contains(SECRET_MARKER), "a secret among the arguments of {program}");
        }
        assert_eq!(
            Tree::of(&self.root().join("tmp")).paths(),
            [""; 0],
            "left behind in the folder for temporary files"
        );
        self.check_loose_files();
        let asks_json = arguments.windows(2).any(|pair| pair == ["--output", "json"]);
        if asks_json {
            check_document(code, stdout, &shown);
        }
    }

    /// A secret under the state folder is in a file that only its owner reads, or in a session.
    #[track_caller]
    fn check_loose_files(&self) {
        let sessions = Path::new("astro-aws/sessions");
        for path in Tree::of(&self.state()).paths() {
            let full = self.state().join(&path);
            let loose = fs::symlink_metadata(&full).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
            if loose && full.is_file() && !Path::new(&path).starts_with(sessions) {
                let bytes = fs::read(&full).unwrap();
                assert!(!String::from_utf8_lossy(&bytes).contains(SECRET_MARKER), "others can read a secret in {path}");
            }
        }
    }
}

/// The part of the JSON contract that every command keeps.
#[track_caller]
fn check_document(code: i32, stdout: &str, shown: &str) {
    let Ok(document) = serde_json::from_str::<Value>(stdout) else { panic!("not one JSON document: {shown}") };
    assert_eq!(document["schema"], 1, "{shown}");
    assert!(document["command"].is_string(), "{shown}");
    assert_eq!(document["ok"], code == 0, "{shown}");
    let warnings = document["warnings"].as_array().unwrap_or_else(|| panic!("no warnings: {shown}"));
    assert!(warnings.iter().all(|warning| warning["id"].is_string() && warning["message"].is_string()), "{shown}");
    // `verify` and `secrets check` may report by their findings alone that not all is well.
    let found_out = document["containers"].is_array() || document["results"].is_array();
    assert!(document["error"].is_object() || code == 0 || found_out, "{shown}");
    assert!(document["error"].is_null() || code != 0, "{shown}");
    if document["error"].is_object() {
        assert!(document["error"]["kind"].is_string() && document["error"]["message"].is_string(), "{shown}");
    }
}
