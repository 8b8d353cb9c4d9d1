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

/// Makes sure that a file is text in UTF-8, or in something that has ASCII's bytes, and of a size that people write.
///
/// # Errors
/// A [`Refusal`] for NUL bytes, UTF-16 and more than [`MAX_BYTES`].
fn require_text(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::whole(format!("is larger than {} KiB", MAX_BYTES / 1024)));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(Refusal::whole("is encoded as UTF-16; save it as UTF-8"));
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        let line = 1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count();
        return Err(Refusal::at(line, "holds a NUL byte, so it is not a text file in UTF-8"));
    }
    Ok(())
}
