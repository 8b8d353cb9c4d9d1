//! The one error that reaches a person: what was found, where, and the command that mends it.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::style::{BAD, HINT};

/// What went wrong, as exit codes and JSON tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something failed that the other kinds do not cover.
    Failed,
    /// The command was given wrongly.
    Usage,
    /// There are no usable AWS credentials: sign in.
    Credentials,
    /// This is not an Astro project, or one that cannot be worked on.
    Project,
    /// It would lose or expose something; a hint names the flag that allows it.
    Refused,
    /// Ctrl-C.
    Interrupted,
}

impl Kind {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Credentials => 3,
            Self::Project => 4,
            Self::Refused => 5,
            Self::Interrupted => 130,
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Credentials => "credentials",
            Self::Project => "project",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The kind, which decides the exit code.
    pub kind: Kind,
    /// What was found, and where.
    pub message: String,
    /// What mends it, most promising first.
    pub hints: Vec<String>,
}

impl Error {
    /// An error of a kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    /// The same with something that mends it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The `error:` line for a terminal.
    pub fn line(&self) -> String {
        format!("{BAD}error:{BAD:#} {}", self.message)
    }

    /// The text for a terminal: `error:` and `hint:` lines.
    pub fn text(&self) -> String {
        let mut text = self.line();
        for hint in &self.hints {
            text.push_str(&format!("\n{HINT}hint:{HINT:#} {hint}"));
        }
        text
    }
}

impl Serialize for Error {
    /// As the `error` of a JSON document.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Error", 3)?;
        fields.serialize_field("kind", self.kind.name())?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("hint", &(!self.hints.is_empty()).then(|| self.hints.join("; ")))?;
        fields.end()
    }
}
