//! An editor for `.env` that replaces, appends or removes one assignment and keeps every other byte.
//!
//! In come the bytes of a file, as Compose reads them (compose-spec/compose-go: dotenv/parser.go); out come the bytes
//! with one thing changed. A value is written only in the one form that all readers of an Astro project's `.env` take
//! alike: raw, on one line. Each edit is parsed again and compared before it is handed out.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use super::{Refusal, require_text};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One `KEY=value` of a file. `Debug` leaves the value out: a `.env` holds other people's secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable's name.
    pub key: String,
    /// The value as Compose reads it: without quotes and inline comment, escapes resolved, `$` not yet expanded.
    /// Bytes that are not UTF-8 appear as U+FFFD.
    pub value: String,
    /// The line the assignment begins on, counted from 1.
    pub line: usize,
    /// From `export` or the name to the end of the value with its closing quote.
    whole: Range<usize>,
    /// The value with its quotes, in bytes of the file.
    written: Range<usize>,
    /// Where the blanks between `=` and the value begin.
    separated: usize,
}

impl fmt::Debug for Assignment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Assignment")
            .field("key", &self.key)
            .field("value", &"(redacted)")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// A parsed `.env` with the bytes it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct DotEnv {
    bytes: Vec<u8>,
    assignments: Vec<Assignment>,
}

impl fmt::Debug for DotEnv {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DotEnv").field("assignments", &self.assignments).finish_non_exhaustive()
    }
}

impl DotEnv {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// A [`Refusal`] with the line for what Compose cannot read either (an unterminated quote, a name with a blank or
    /// another character that it does not allow), for NUL bytes, UTF-16 and more than [`MAX_BYTES`](super::MAX_BYTES).
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        require_text(bytes)?;
        Ok(Self { bytes: bytes.to_vec(), assignments: parse::assignments(bytes)? })
    }

    /// A file without any content.
    pub fn empty() -> Self {
        Self { bytes: Vec::new(), assignments: Vec::new() }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The assignment that counts for `key`: the last one in the file.
    pub fn get(&self, key: &str) -> Option<&Assignment> {
        self.position(key).map(|at| &self.assignments[at])
    }

    /// Every assignment in the order of the file; a bare `KEY`, which only passes the caller's variable on, is none.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter()
    }

    /// The file with `key` set to `value`: the last assignment's value is replaced in place, keeping `export`, blanks,
    /// inline comment and line end; without one, a line is appended. A value that is there already changes nothing.
    ///
    /// # Errors
    /// A [`Refusal`] that says why when `value` has no form that every reader takes alike, when `key` is no portable
    /// name, or when the edit would change what another assignment means.
    pub fn set(&self, key: &str, value: &str) -> Result<Self, Refusal> {
        require_portable_name(key)?;
        require_portable_value(key, value)?;
        let Some(at) = self.position(key) else {
            return self.checked(key, value, self.assignments.len(), self.appended(key, value));
        };
        let present = &self.assignments[at];
        if present.value == value {
            return Ok(self.clone());
        }
        if parse::follows_on_line(&self.bytes, present.whole.end) {
            let reason = format!("another assignment follows `{key}` on the same line");
            return Err(Refusal::at(present.line, reason));
        }
        self.checked(key, value, at, self.replaced(present, value))
    }

    /// The value of the last assignment of `key` as the file writes it, quotes included; `None` where it is not UTF-8.
    pub fn written(&self, key: &str) -> Option<&str> {
        let present = self.get(key)?;
        std::str::from_utf8(&self.bytes[present.written.clone()]).ok()
    }

    /// Puts back what [`DotEnv::written`] told of an earlier state, in place of the last assignment's value.
    ///
    /// # Errors
    /// A [`Refusal`] where `key` is not assigned, or where another part of the file would be read differently.
    pub fn put_back(&self, key: &str, written: &str) -> Result<Self, Refusal> {
        let refused = || Refusal::whole(format!("cannot take `{key}` back without changing another part of the file"));
        let at = self.position(key).ok_or_else(refused)?;
        let Range { start, end } = self.assignments[at].written.clone();
        let bytes = [&self.bytes[..start], written.as_bytes(), &self.bytes[end..]].concat();
        let edited = Self::parse(&bytes)?;
        let others_stay = edited.assignments.len() == self.assignments.len()
            && edited.assignments[at].key == key
            && same_values(&without(&edited.assignments, at), &without(&self.assignments, at));
        if others_stay { Ok(edited) } else { Err(refused()) }
    }

    /// The file without the last assignment of `key`: its lines go, with an inline comment; other lines stay. An
    /// earlier assignment of the same key counts from then on. Takes back exactly what [`DotEnv::set`] appended.
    pub fn remove(&self, key: &str) -> Self {
        let Some(at) = self.position(key) else { return self.clone() };
        let span = self.span_to_remove(&self.assignments[at].whole);
        let bytes = [&self.bytes[..span.start], &self.bytes[span.end..]].concat();
        match Self::parse(&bytes) {
            Ok(edited) if same_values(&edited.assignments, &without(&self.assignments, at)) => edited,
            _ => self.clone(),
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.assignments.iter().rposition(|assignment| assignment.key == key)
    }

    fn replaced(&self, present: &Assignment, value: &str) -> Vec<u8> {
        let Range { start, end } = present.written.clone();
        let mut edited = self.bytes[..start].to_vec();
        edited.extend_from_slice(value.as_bytes());
        // Compose reads `A= # note` as the value `# note`; whoever wrote it meant a comment, so it stays one.
        if self.bytes[start..].starts_with(b"#") && present.separated < start {
            edited.push(b' ');
            edited.extend_from_slice(&self.bytes[start..]);
            return edited;
        }
        // After a quote any `#` begins a comment, after a raw value only one with a blank before it.
        let rest = &self.bytes[end..];
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        edited.extend_from_slice(&rest[..blanks]);
        if rest[blanks..].starts_with(b"#") && !rest[..blanks].ends_with(b" ") {
            edited.push(b' ');
        }
        edited.extend_from_slice(&rest[blanks..]);
        edited
    }

    fn appended(&self, key: &str, value: &str) -> Vec<u8> {
        let newline = self.line_end();
        let mut edited = self.bytes.clone();
        let content = self.bytes.strip_prefix(BOM).unwrap_or(&self.bytes);
        let unfinished = !content.is_empty() && !content.ends_with(b"\n");
        if unfinished {
            edited.extend_from_slice(newline);
        }
        edited.extend_from_slice(format!("{key}={value}").as_bytes());
        if !unfinished {
            edited.extend_from_slice(newline);
        }
        edited
    }

    /// The line end of the last line that has one. A lone CR at the end counts as CRLF, so that `remove` can tell the
    /// added line end from the CR that was there.
    fn line_end(&self) -> &'static [u8] {
        let last = self.bytes.iter().rposition(|&byte| byte == b'\n');
        let before = last.map_or(&[][..], |at| &self.bytes[..at]);
        if before.ends_with(b"\r") || self.bytes.ends_with(b"\r") { b"\r\n" } else { b"\n" }
    }

    fn span_to_remove(&self, whole: &Range<usize>) -> Range<usize> {
        let first = if self.bytes.starts_with(BOM) { BOM.len() } else { 0 };
        let line_start = self.bytes[..whole.start].iter().rposition(|&b| b == b'\n').map_or(first, |at| at + 1);
        let line_end = self.bytes[whole.end..].iter().position(|&b| b == b'\n').map(|at| whole.end + at);
        let leads = parse::only_blanks(&self.bytes[line_start..whole.start]);
        if parse::follows_on_line(&self.bytes, whole.end) {
            return whole.start..parse::skip_blanks(&self.bytes, whole.end);
        }
        match (leads, line_end) {
            (true, Some(end)) => line_start..end + 1,
            (true, None) => self.before_line_end(line_start, first)..self.bytes.len(),
            (false, end) => whole.start..self.before_line_end(end.map_or(self.bytes.len(), |at| at + 1), whole.end),
        }
    }

    /// Where the line end just before `at` begins, but not before `least`; `at` itself when there is none.
    fn before_line_end(&self, at: usize, least: usize) -> usize {
        let head = &self.bytes[least..at];
        let ends = if head.ends_with(b"\r\n") { 2 } else { usize::from(head.ends_with(b"\n")) };
        at - ends
    }

    /// Parses `bytes` and makes sure that the assignment at `at` is the only difference.
    fn checked(&self, key: &str, value: &str, at: usize, bytes: Vec<u8>) -> Result<Self, Refusal> {
        let edited = Self::parse(&bytes)?;
        let mut expected: Vec<(&str, &str)> = values(&self.assignments).collect();
        expected.truncate(at);
        expected.push((key, value));
        expected.extend(values(&self.assignments).skip(at + 1));
        if values(&edited.assignments).eq(expected) {
            return Ok(edited);
        }
        let reason = format!("`{key}` cannot be set without changing how another part of the file is read");
        Err(Refusal { line: self.assignments.get(at).map(|present| present.line), reason, paste: None })
    }
}

fn values(assignments: &[Assignment]) -> impl Iterator<Item = (&str, &str)> {
    assignments.iter().map(|assignment| (assignment.key.as_str(), assignment.value.as_str()))
}

fn same_values(one: &[Assignment], other: &[Assignment]) -> bool {
    values(one).eq(values(other))
}

fn without(assignments: &[Assignment], at: usize) -> Vec<Assignment> {
    let mut rest = assignments.to_vec();
    rest.remove(at);
    rest
}

fn count_newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

fn require_portable_name(key: &str) -> Result<(), Refusal> {
    let starts = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if starts && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(());
    }
    Err(Refusal::whole(format!("cannot hold a variable named `{}`: use letters, digits and _", key.escape_debug())))
}

/// Refuses what at least one reader of `.env` takes differently when it is written raw.
fn require_portable_value(key: &str, value: &str) -> Result<(), Refusal> {
    let quotes = ['"', '\'', '`'];
    let found = if value.chars().any(|c| c.is_control() && c != '\t') {
        "a line break or another control character"
    } else if value.trim() != value {
        "blanks at its beginning or end"
    } else if value.contains('$') {
        "a `$`, which Compose expands"
    } else if value.contains('#') {
        // gotenv ends a raw value at any `#`, Compose only at one after a blank.
        "a `#`, which some readers take for a comment"
    } else if value.starts_with(quotes) || value.ends_with(quotes) {
        "a quote at its beginning or end"
    } else {
        return Ok(());
    };
    Err(Refusal::whole(format!(
        "cannot hold the value of `{key}`: it has {found}, and not every reader takes that alike"
    )))
}
