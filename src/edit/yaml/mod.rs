//! An editor for YAML files that keeps every byte it is not asked to change.
//!
//! The bytes of a file go in, and a path of keys; the bytes with one item, entry or scalar added, replaced or removed
//! come out. Each edit is one replacement of one range, then the result is read again by two parsers and compared with
//! the old tree plus exactly this. What cannot be edited safely is refused with its line.

mod cut;
mod graft;
mod outline;
mod proof;
mod read;
mod replace;
mod scalar;
mod source;
mod style;
#[cfg(test)]
mod tests;
mod trail;
mod tree;

use crate::edit::Refusal;
use outline::Outline;
use proof::{Change, Leaf};
use serde_yaml::Value;
use source::Source;
use std::fmt;
use std::ops::Range;

/// One step into a YAML tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a mapping, by a key that is a scalar.
    Key(String),
    /// Into a sequence, counted from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A YAML file with one document or none, and what two parsers agree that it says.
pub struct Document {
    source: Source,
    outline: Outline,
    /// With aliases resolved and merge keys as they are written.
    raw: Value,
    value: Value,
}

/// One replacement of one range of the text.
struct Edit {
    range: Range<usize>,
    text: String,
}

impl Document {
    /// Reads a file strictly.
    ///
    /// # Errors
    /// A refusal, with the line where there is one, for more than [`MAX_BYTES`](crate::edit::MAX_BYTES), text that is
    /// not UTF-8, NUL bytes, carriage returns alone, tabs as indentation, a key twice in one mapping, several
    /// documents, aliases that are undefined, circular or expand beyond reason, merge keys that cannot be applied, and
    /// whatever else either parser rejects or the two read differently.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let source = Source::new(read::text(bytes)?);
        let outline = Outline::read(&source)?;
        let raw = read::value(&source, &outline)?;
        let value = read::merged(raw.clone(), &source, &outline)?;
        Ok(Self { source, outline, raw, value })
    }

    /// The document of a file that does not exist yet.
    pub fn empty() -> Self {
        let source = Source::new(String::new());
        let outline = Outline { root: None, body_end: 0, comments: Vec::new(), aliases: Vec::new() };
        Self { source, outline, raw: Value::Null, value: Value::Null }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.source.text.as_bytes()
    }

    /// What the file says: aliases resolved, merge keys applied, tags such as `!reset` kept. Null for a file that is
    /// empty or holds comments only.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The line, counted from 1, on which the entry or item at `path` is written, be it through an alias or a merge key.
    pub fn line_of(&self, path: &[Step]) -> Option<usize> {
        trail::offset(self, path).map(|offset| self.source.line(offset))
    }

    /// Appends a string to the sequence at `path`; makes the sequence and the mappings on the way where they are
    /// missing, null or empty.
    ///
    /// # Errors
    /// A refusal with lines to paste where the place is not a sequence, is shared with another place (alias, anchor,
    /// merge key), has a tag other than `!override`, or where any other value of the file would change.
    pub fn append_item(&self, path: &[Step], item: &str) -> Result<Self, Refusal> {
        self.graft(path, Leaf::Item(item.to_owned()))
    }

    /// Adds `key` with a string as its value to the mapping at `path`; makes it and the mappings on the way where they
    /// are missing, null or empty. The value is quoted where YAML 1.1 or 1.2 would read it as anything but that string.
    ///
    /// # Errors
    /// As for [`append_item`](Self::append_item); also where the key exists, its own or through a merge key.
    pub fn insert_entry(&self, path: &[Step], key: &str, value: &str) -> Result<Self, Refusal> {
        self.graft(path, Leaf::Entry(key.to_owned(), value.to_owned()))
    }

    /// Replaces the scalar at `path` by a string, in the same quotes where they can hold it.
    ///
    /// # Errors
    /// A refusal with lines to paste where there is no scalar of its own, where it has a tag or an anchor that an alias
    /// uses, or where any other value of the file would change.
    pub fn replace_scalar(&self, path: &[Step], value: &str) -> Result<Self, Refusal> {
        let leaf = match path.last() {
            Some(Step::Key(key)) => Leaf::Entry(key.clone(), value.to_owned()),
            _ => Leaf::Item(value.to_owned()),
        };
        let parents = path.split_last().map_or(path, |(_, parents)| parents);
        replace::plan(self, path, value)
            .and_then(|(edit, change)| self.apply(&edit, &change))
            .map_err(|refusal| with_paste(refusal, parents, &leaf))
    }

    /// Removes the item or entry at `path` with the lines that are its own, then every ancestor that this leaves empty,
    /// up to the root; comments on the lines of those ancestors stay. A collection with a tag stays too, as `[]` or
    /// `{}`: an empty `!override` still overrides.
    ///
    /// Removing what `append_item` or `insert_entry` has just added gives the same bytes back, except where it took the
    /// place of a null or an empty collection: those are ancestors left empty, so they go.
    ///
    /// # Errors
    /// A refusal where there is nothing at `path`, where it is shared with another place, or where any other value
    /// would change (a merge key can bring the removed key back).
    pub fn remove(&self, path: &[Step]) -> Result<Self, Refusal> {
        let (edit, change) = cut::plan(self, path)?;
        self.apply(&edit, &change)
    }

    fn graft(&self, path: &[Step], leaf: Leaf) -> Result<Self, Refusal> {
        graft::plan(self, path, &leaf)
            .and_then(|(edit, change)| self.apply(&edit, &change))
            .map_err(|refusal| with_paste(refusal, path, &leaf))
    }

    /// Makes the edit and proves it.
    fn apply(&self, edit: &Edit, change: &Change) -> Result<Self, Refusal> {
        let line = self.source.line(edit.range.start);
        let unsafe_here = |why: &str| Refusal::at(line, format!("cannot be edited safely at line {line}: {why}"));
        let mut text = self.source.text.clone();
        if text.get(edit.range.clone()).is_none() {
            return Err(unsafe_here("its parts overlap"));
        }
        text.replace_range(edit.range.clone(), &edit.text);
        let after = Self::parse(text.as_bytes()).map_err(|_| unsafe_here("the result would not be valid YAML"))?;
        match proof::objection(self, change, &after) {
            None => Ok(after),
            Some(objection) => Err(unsafe_here(objection)),
        }
    }
}

/// The refusal with the lines that a person can put in by hand; without where the path leads through a sequence.
fn with_paste(refusal: Refusal, path: &[Step], leaf: &Leaf) -> Refusal {
    let keys: Option<Vec<String>> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Index(_) => None,
        })
        .collect();
    match keys {
        Some(keys) => refusal.with_paste(graft::block_lines(&keys, leaf, 0, &style::Style::PLAIN).join("\n")),
        None => refusal,
    }
}

/// Without the content, which may hold secrets.
impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Document").field("bytes", &self.bytes().len()).finish_non_exhaustive()
    }
}
