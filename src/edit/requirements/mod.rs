//! An editor for `requirements.txt` that appends or removes one line and keeps every other byte.
//!
//! In come the bytes of a file, read as pip reads them (pypa/pip:src/pip/_internal/req/req_file.py); out come what it
//! names, and the bytes with one line more or less. Each edit is parsed again and compared before it is handed out.

mod parse;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{Refusal, require_text};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One line of a file that asks for a distribution; continuation lines are part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The distribution, normalised as PEP 503 has it: lower case, with `-` for any run of `-`, `_` and `.`.
    pub name: String,
    /// Its extras, normalised likewise.
    pub extras: Vec<String>,
    /// The version specifiers, such as `>=5.1.0,<9`; empty where any version will do, or for `name @ url`.
    pub specifiers: String,
    /// It has a `--hash`.
    pub is_hashed: bool,
}

/// What one line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// It asks for a distribution.
    Requirement(Requirement),
    /// `-r`: another file of requirements, as written.
    Include(String),
    /// `-c`: a file of constraints, as written.
    Constraints(String),
    /// `--require-hashes`.
    RequireHashes,
    /// Anything else: an index, a folder, a URL that tells no name.
    Other,
}

/// A statement and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line it begins on, counted from 1.
    pub number: usize,
    /// What it says.
    pub statement: Statement,
    /// All its lines with their ends, in bytes of the file.
    whole: Range<usize>,
    /// It as pip takes it: joined, without comment and outer blanks.
    text: String,
}

/// A parsed `requirements.txt` with the bytes it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirements {
    bytes: Vec<u8>,
    lines: Vec<Line>,
}

/// A distribution's name as PEP 503 normalises it.
pub fn normalised(name: &str) -> String {
    let words: Vec<_> = name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

impl Requirement {
    /// Reads one requirement as it stands on a line or in an argument of `pip install`; `None` where it names no
    /// distribution.
    pub fn parse(text: &str) -> Option<Self> {
        parse::requirement(text)
    }
}

impl Requirements {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// A [`Refusal`] for NUL bytes, UTF-16 and more than [`MAX_BYTES`](super::MAX_BYTES). What pip itself could not read is no reason: no
    /// line of another is touched.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        require_text(bytes)?;
        Ok(Self { bytes: bytes.to_vec(), lines: parse::lines(bytes) })
    }

    /// A file without any content.
    pub fn empty() -> Self {
        Self { bytes: Vec::new(), lines: Vec::new() }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Every statement in the order of the file.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The lines that ask for a distribution.
    pub fn asking_for<'a>(&'a self, name: &str) -> impl Iterator<Item = (usize, &'a Requirement)> {
        let name = normalised(name);
        self.lines.iter().filter_map(move |line| match &line.statement {
            Statement::Requirement(found) if found.name == name => Some((line.number, found)),
            _ => None,
        })
    }

    /// Whether pip takes no requirement of this file without a `--hash`.
    pub fn wants_hashes(&self) -> bool {
        self.lines.iter().any(|line| match &line.statement {
            Statement::RequireHashes => true,
            Statement::Requirement(found) => found.is_hashed,
            _ => false,
        })
    }

    /// Whether this very line is in the file, comments and blanks left out of account.
    pub fn has(&self, text: &str) -> bool {
        self.position(text).is_some()
    }

    /// The file with a line more at its end.
    ///
    /// # Errors
    /// A [`Refusal`] with the line to paste where the file pins by hash, or where its last line goes on.
    pub fn append(&self, text: &str) -> Result<Self, Refusal> {
        if self.wants_hashes() {
            let reason = format!(
                "pins its requirements by hash, and pip takes no line without one; add `{text}` with `==`, a version and its hashes (`pip hash`, or `pip-compile --generate-hashes`)"
            );
            return Err(Refusal::whole(reason).with_paste(format!("{text}\n")));
        }
        let edited = Self::parse(&self.appended(text))?;
        let grew_by_one = edited.lines.len() == self.lines.len() + 1
            && same(&edited.lines[..self.lines.len()], &self.lines)
            && edited.lines.last().is_some_and(|line| line.text == text && line.whole.start >= self.bytes.len());
        if grew_by_one {
            return Ok(edited);
        }
        let last = self.lines.last().map(|line| line.number);
        let reason = "ends in a line that goes on, so that nothing can be put behind it".to_owned();
        Err(Refusal { line: last, reason, paste: Some(format!("{text}\n")) })
    }

    /// The file without the last line that reads `text`; takes back exactly what [`Requirements::append`] added.
    pub fn remove(&self, text: &str) -> Self {
        let Some(at) = self.position(text) else { return self.clone() };
        let Range { start, end } = self.lines[at].whole.clone();
        let is_unfinished = !ends_a_line(&self.bytes[..end]);
        let start = if is_unfinished { self.before_line_end(start) } else { start };
        let bytes = [&self.bytes[..start], &self.bytes[end..]].concat();
        let mut rest = self.lines.clone();
        rest.remove(at);
        match Self::parse(&bytes) {
            Ok(edited) if same(&edited.lines, &rest) => edited,
            _ => self.clone(),
        }
    }

    fn position(&self, text: &str) -> Option<usize> {
        self.lines.iter().rposition(|line| line.text == text)
    }

    fn appended(&self, text: &str) -> Vec<u8> {
        let newline = self.line_end();
        let content = self.bytes.strip_prefix(BOM).unwrap_or(&self.bytes);
        let is_unfinished = !content.is_empty() && !ends_a_line(content);
        let [before, after] = if is_unfinished { [newline, b""] } else { [b"", newline] };
        [&self.bytes, before, text.as_bytes(), after].concat()
    }

    /// The line end of the last line that has one.
    fn line_end(&self) -> &'static [u8] {
        match self.bytes.iter().rposition(|&byte| byte == b'\n') {
            Some(at) if self.bytes[..at].ends_with(b"\r") => b"\r\n",
            None if self.bytes.contains(&b'\r') => b"\r",
            _ => b"\n",
        }
    }

    fn before_line_end(&self, at: usize) -> usize {
        let head = &self.bytes[..at];
        let ends = if head.ends_with(b"\r\n") { 2 } else { usize::from(ends_a_line(head)) };
        at - ends
    }
}

fn ends_a_line(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n") || bytes.ends_with(b"\r")
}

fn same(one: &[Line], other: &[Line]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.text == other.text)
}
