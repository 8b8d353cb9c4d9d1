//! Driving commands: each in text and as JSON, told as much as it can tell, to success and to failure; and a note of it,
//! so that none is forgotten.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::support::aws::SECRET_MARKER;
use crate::support::{Output, TestEnvironment};

use super::SECRET;

pub(super) const FORMS: [&[&str]; 2] = [&["-v"], &["-v", "--output", "json"]];

/// What has been driven: a command, in text or as JSON, to success or to failure.
#[derive(Default)]
pub(super) struct Driven(RefCell<BTreeSet<(String, &'static str, bool)>>);

impl Driven {
    /// Runs a command in both forms.
    #[track_caller]
    pub(super) fn drives(&self, env: &TestEnvironment, arguments: &[&str]) -> Vec<Output> {
        let drive = |form: &&[&str]| self.drives_once(env, &[arguments, form].concat());
        FORMS.iter().map(drive).collect()
    }

    #[track_caller]
    pub(super) fn drives_once(&self, env: &TestEnvironment, arguments: &[&str]) -> Output {
        let output = env.run_with_input(arguments, SECRET);
        self.notes(arguments, &output);
        output
    }

    /// Runs a command in both forms, with this on standard input.
    #[track_caller]
    pub(super) fn drives_with(&self, env: &TestEnvironment, input: &str, arguments: &[&str]) -> Vec<Output> {
        let drive = |form: &&[&str]| {
            let arguments = [arguments, form].concat();
            let output = env.run_with_input(&arguments, input);
            self.notes(&arguments, &output);
            output
        };
        FORMS.iter().map(drive).collect()
    }

    /// Runs a command in both forms, which is to print secrets where it succeeds, and does.
    #[track_caller]
    pub(super) fn reveals(&self, env: &TestEnvironment, arguments: &[&str]) {
        for form in FORMS {
            let arguments = [arguments, form].concat();
            let output = env.run_revealing(&arguments).succeeds();
            assert!(output.stdout.contains(SECRET_MARKER), "{arguments:?} shows nothing: {output}");
            self.notes(&arguments, &output);
        }
    }

    fn notes(&self, arguments: &[&str], output: &Output) {
        let form = if arguments.contains(&"json") { "json" } else { "text" };
        self.0.borrow_mut().insert((name_of(arguments), form, output.code == 0));
    }

    #[track_caller]
    pub(super) fn succeeds(&self, env: &TestEnvironment, arguments: &[&str]) {
        for output in self.drives(env, arguments) {
            output.succeeds();
        }
    }

    #[track_caller]
    pub(super) fn fails(&self, env: &TestEnvironment, arguments: &[&str]) {
        for output in self.drives(env, arguments) {
            assert_ne!(output.code, 0, "{arguments:?}: {output}");
        }
    }

    /// Of each command there was all that there is to drive.
    #[track_caller]
    pub(super) fn has_driven<'a>(&self, commands: impl Iterator<Item = &'a str>) {
        let driven = self.0.borrow();
        for command in commands {
            for (form, is_well) in [("text", true), ("text", false), ("json", true), ("json", false)] {
                // The standard output of `run` is its command's, so JSON is a wrong usage of it.
                let exists = (command, form, is_well) != ("run", "json", true);
                let key = (command.to_owned(), form, is_well);
                assert!(driven.contains(&key) || !exists, "{key:?} is not driven");
            }
        }
    }
}

/// `refresh`, or `secrets enable`.
fn name_of(arguments: &[&str]) -> String {
    let words = if arguments[0] == "secrets" { 2 } else { 1 };
    arguments[..words].join(" ")
}
