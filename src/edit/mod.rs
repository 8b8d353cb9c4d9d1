//! Format-preserving editors: bytes of a file in, bytes with one thing changed out.
//!
//! An editor inserts, replaces or removes the lines of one entry; every other byte stays. What cannot be edited
//! safely is a [`Refusal`]. Nothing here knows of AWS, Airflow or the file system.

pub mod dotenv;
pub mod ini;
pub mod requirements;
pub mod yaml;

/// The largest file an editor takes, in bytes. Compose and `.env` files are a few kilobytes; a larger one is a mistake.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Why a file is left alone: it is not valid, or an edit could change more than the one thing asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The line the reason is about, counted from 1; `None` where it concerns the whole file.
    pub line: Option<usize>,
    /// What was found, as the end of a sentence that begins with the file's name.
    pub reason: String,
    /// The lines a person can put in by hand instead, where the file itself is valid.
    pub paste: Option<String>,
}

impl Refusal {
    /// A refusal that concerns one line, counted from 1.
    pub fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line: Some(line), reason: reason.into(), paste: None }
    }

    /// A refusal that concerns the whole file.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { line: None, reason: reason.into(), paste: None }
    }

    /// The same refusal with lines to paste.
    pub fn with_paste(mut self, lines: impl Into<String>) -> Self {
        self.paste = Some(lines.into());
        self
    }
}
