//! What a run of the program gave back: exit code, stdout and stderr, with the paths of the environment replaced by
//! `$HOME`, `$STATE`, `$PROJECT`, `$ROOT` and the stand-in's address by `$AWS`.

use serde_json::Value;

/// One run's result; every check gives it on, so that checks can be chained.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Exit code 0.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code; {self}");
        self
    }

    /// `phrase` stands in what the person reads (stdout or stderr), in whatever case.
    #[track_caller]
    pub(crate) fn says(self, phrase: &str) -> Self {
        let text = format!("{}\n{}", self.stdout, self.stderr).to_lowercase();
        assert!(text.contains(&phrase.to_lowercase()), "`{phrase}` is missing; {self}");
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(self, phrase: &str) -> Self {
        let text = format!("{}\n{}", self.stdout, self.stderr).to_lowercase();
        assert!(!text.contains(&phrase.to_lowercase()), "`{phrase}` is there; {self}");
        self
    }

    /// The document of a run with `--output json`.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("stdout is not one JSON document: {error}; {self}"),
        }
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, stdout, stderr } = self;
        write!(formatter, "exit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}
