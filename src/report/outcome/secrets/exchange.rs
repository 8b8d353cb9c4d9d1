//! The outcomes of `secrets import` and `export`.

use serde::Serialize;

use super::values::{Item, Revealed, Where};
use crate::report::error::Error;
use crate::report::style::{BAD, DIM, GOOD, STRONG};

/// What an import means for what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was nothing.
    New,
    /// The same is there.
    Same,
    /// Another value is there.
    Differs,
}

impl Change {
    /// The word for people and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Differs => "differs",
        }
    }
}

/// One connection or variable of an imported file.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedItem {
    /// What it is.
    #[serde(flatten)]
    pub item: Item,
    /// What was there before.
    pub change: Change,
    /// It has been written. `null` where that is not known: the call was broken off.
    pub written: Option<bool>,
    /// Why it could not be written.
    pub error: Option<String>,
}

impl ImportedItem {
    /// Its line in a plan.
    pub fn planned(&self) -> String {
        format!(
            "  {:8} {} {STRONG}{}{STRONG:#}  {DIM}{}{DIM:#}",
            self.change.name(),
            self.item.kind,
            self.item.id,
            self.item.name
        )
    }
}

/// The outcome of `secrets import`.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// Where.
    #[serde(flatten)]
    pub place: Where,
    /// The file; `-` for standard input.
    pub file: String,
    /// Every connection and variable of the file.
    pub items: Vec<ImportedItem>,
    /// Nothing was written.
    pub dry_run: bool,
    /// Why not all of it was written.
    #[serde(skip)]
    pub failure: Option<Error>,
}

impl Imported {
    pub(super) fn text(&self) -> String {
        if self.dry_run {
            return self.items.iter().map(ImportedItem::planned).collect::<Vec<_>>().join("\n");
        }
        let line = |item: &ImportedItem| {
            let what = format!("{} {STRONG}{}{STRONG:#}", item.item.kind, item.item.id);
            let name = &item.item.name;
            match (item.written, item.change, &item.error) {
                (Some(true), Change::New, _) => format!("{GOOD}stored{GOOD:#} {what} as {name}: new"),
                (Some(true), ..) => format!("{GOOD}stored{GOOD:#} {what} as {name}: a new version"),
                (Some(false), Change::Same, _) => format!("{DIM}the same is there:{DIM:#} {what} as {name}"),
                (Some(false), _, Some(error)) => format!("{BAD}not stored{BAD:#} {error}"),
                (Some(false), ..) => format!("{BAD}not stored{BAD:#} {what} as {name}"),
                (None, ..) => format!("{BAD}stored or not{BAD:#} {what} as {name}: the call was broken off"),
            }
        };
        self.items.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Something that an export leaves out.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    /// `connection`, `variable` or `config`.
    pub kind: &'static str,
    /// The id.
    pub id: String,
    /// Why, as the end of a sentence.
    pub reason: String,
}

/// The outcome of `secrets export`.
#[derive(Debug, Serialize)]
pub struct Exported {
    /// Where it comes from.
    #[serde(flatten)]
    pub place: Where,
    /// `env`, `json`, `yaml` or `airflow-settings`.
    pub format: &'static str,
    /// The file that was written.
    pub file: Option<String>,
    /// What was exported.
    pub items: Vec<Item>,
    /// What the form cannot hold, all of it or a part.
    pub left_out: Vec<LeftOut>,
    /// The text with the values, where it was not written to a file.
    pub content: Option<Revealed>,
    /// No value was printed or written.
    pub dry_run: bool,
}

impl Exported {
    pub(super) fn text(&self) -> String {
        let count = self.items.len();
        match &self.file {
            Some(file) if !self.dry_run => format!("{GOOD}exported{GOOD:#} {count} of {} to {file}", self.place),
            _ => {
                let line =
                    |item: &Item| format!("  {} {STRONG}{}{STRONG:#}  {DIM}{}{DIM:#}", item.kind, item.id, item.name);
                self.items.iter().map(line).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// The text to its last byte; the newline behind it is printed anyway.
    pub(super) fn verbatim(&self) -> Option<&str> {
        self.content.as_ref().map(|content| content.expose().trim_end_matches('\n'))
    }
}
