//! The outcomes of the commands of `secrets` that store, show, list, delete and fetch.
//!
//! A value is in here only where a person asked for it: [`Shown`] after `--reveal`, and [`Fetched`].

use std::fmt;

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::report::error::Error;
use crate::report::style::{BAD, DIM, GOOD, STRONG};

/// A text that was asked for, and that is printed nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Revealed(Zeroizing<String>);

impl Revealed {
    /// Takes it over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself: for standard output, and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(redacted)")
    }
}

impl Serialize for Revealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Something that Airflow looks up, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Item {
    /// `connection`, `variable` or `config`.
    pub kind: &'static str,
    /// The id that DAGs name.
    pub id: String,
    /// The full name in AWS.
    pub name: String,
}

/// The service and the region.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Where {
    /// `secrets-manager` or `parameter-store`.
    pub backend: &'static str,
    /// The region.
    pub region: String,
    /// The service as AWS calls it.
    #[serde(skip)]
    pub title: &'static str,
}

impl fmt::Display for Where {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.title, self.region)
    }
}

/// The outcome of `secrets set`.
#[derive(Debug, serde::Serialize)]
pub struct Stored {
    /// What was stored.
    #[serde(flatten)]
    pub item: Item,
    /// Where.
    #[serde(flatten)]
    pub place: Where,
    /// It was not there before; `None` where that is not known (a dry run).
    pub created: Option<bool>,
    /// The new version.
    pub version: Option<String>,
    /// A parameter's tier: `standard` or `advanced`.
    pub tier: Option<&'static str>,
    /// Nothing was written.
    pub dry_run: bool,
}

impl Stored {
    pub(super) fn text(&self) -> String {
        let Self { item, place, .. } = self;
        let what = format!("{} {STRONG}{}{STRONG:#}", item.kind, item.id);
        let tier = self.tier.filter(|tier| *tier == "advanced").map_or("", |_| ", advanced tier");
        match (self.dry_run, self.created) {
            (true, _) => format!("{what} would be stored as {} in {place}{tier}", item.name),
            (false, Some(true)) => format!("{GOOD}stored{GOOD:#} {what} as {} in {place}: new{tier}", item.name),
            (false, _) => format!("{GOOD}stored{GOOD:#} {what} as {} in {place}: a new version{tier}", item.name),
        }
    }
}

/// The outcome of `secrets get`.
#[derive(Debug, serde::Serialize)]
pub struct Shown {
    /// What was read.
    #[serde(flatten)]
    pub item: Item,
    /// Where.
    #[serde(flatten)]
    pub place: Where,
    /// When this version was made.
    pub changed: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// How a connection is stored: `uri` or `json`.
    pub form: Option<&'static str>,
    /// The number of characters of the whole value.
    pub length: usize,
    /// The part that was asked for.
    pub field: Option<String>,
    /// The value, or the part of it; masked unless revealed.
    pub value: Revealed,
    /// A connection's parts, secret ones masked unless revealed.
    pub fields: Map<String, Value>,
    /// The value is to be printed as it is.
    #[serde(skip)]
    pub is_bare: bool,
}

impl Shown {
    pub(super) fn text(&self) -> String {
        let Self { item, place, .. } = self;
        let changed = self.changed.as_ref().map(|changed| format!(", changed {changed}")).unwrap_or_default();
        let head = format!("{} {STRONG}{}{STRONG:#}", item.kind, item.id);
        let place = format!("{DIM}{} in {place}{changed}{DIM:#}", item.name);
        if self.form.is_none() {
            return format!("{head}  {}\n{place}", *self.value.0);
        }
        let parts: Vec<_> = self.fields.iter().flat_map(|(name, value)| lines(name, value)).collect();
        let width = parts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let parts: Vec<_> = parts.into_iter().map(|(name, value)| format!("  {name:width$}  {value}")).collect();
        format!("{head}\n{}\n{place}", parts.join("\n"))
    }

    pub(super) fn verbatim(&self) -> Option<&str> {
        self.is_bare.then_some(&*self.value.0)
    }
}

/// A part of a connection; an extra that is an object has a line a key.
fn lines(name: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(extras) => {
            extras.iter().map(|(key, value)| (printable(&format!("{name}.{key}")), plain(value))).collect()
        }
        other => vec![(name.to_owned(), plain(other))],
    }
}

fn plain(value: &Value) -> String {
    printable(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// What stands in a secret is not to move the cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The outcome of `secrets list`.
#[derive(Debug, serde::Serialize)]
pub struct Listed {
    /// Where.
    #[serde(flatten)]
    pub place: Where,
    /// What is there, by kind and id; empty where it was printed as it came.
    pub entries: Vec<ListedEntry>,
}

/// Something in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ListedEntry {
    /// What it is.
    #[serde(flatten)]
    pub item: Item,
    /// When it was changed last.
    pub changed: Option<String>,
    /// The value's size in bytes; `None` where it was not read.
    pub size: Option<usize>,
}

impl ListedEntry {
    /// Its line in a list.
    pub fn line(&self) -> String {
        let size = self.size.map_or_else(|| "-".to_owned(), |size| format!("{size} B"));
        let changed = self.changed.as_deref().unwrap_or("-");
        format!("{:<10}  {changed:<20}  {size:>8}  {STRONG}{}{STRONG:#}", self.item.kind, self.item.id)
    }
}

impl Listed {
    pub(super) fn text(&self) -> String {
        self.entries.iter().map(ListedEntry::line).collect::<Vec<_>>().join("\n")
    }
}

/// The outcome of `secrets delete`.
#[derive(Debug, serde::Serialize)]
pub struct Deleted {
    /// Where.
    #[serde(flatten)]
    pub place: Where,
    /// What was to be deleted.
    pub entries: Vec<DeletedEntry>,
    /// Nothing was deleted.
    pub dry_run: bool,
    /// Not all of it was deleted.
    #[serde(skip)]
    pub failure: Option<Error>,
}

/// Something that was to be deleted.
#[derive(Debug, serde::Serialize)]
pub struct DeletedEntry {
    /// What it is.
    #[serde(flatten)]
    pub item: Item,
    /// It is gone.
    pub deleted: bool,
    /// Until when it can be brought back; `None` where it cannot.
    pub deletes_at: Option<String>,
    /// Why it is not gone.
    pub error: Option<Error>,
    /// The command that brings it back.
    #[serde(skip)]
    pub restore: Option<String>,
}

impl Deleted {
    pub(super) fn text(&self) -> String {
        let line = |entry: &DeletedEntry| {
            let Item { kind, id, name } = &entry.item;
            let what = format!("{kind} {STRONG}{id}{STRONG:#} ({name})");
            match (&entry.error, &entry.deletes_at) {
                (Some(error), _) => format!("{BAD}not deleted:{BAD:#} {error}"),
                _ if self.dry_run => format!("{what} would be deleted"),
                (None, None) => format!("{GOOD}deleted{GOOD:#} {what}, for good"),
                (None, Some(until)) => {
                    let restore = entry.restore.as_deref().unwrap_or_default();
                    format!("{GOOD}deleted{GOOD:#} {what}; until {until} it can be brought back: {restore}")
                }
            }
        };
        self.entries.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The outcome of `secrets fetch`.
#[derive(Debug)]
pub struct Fetched {
    /// The values by full name, in the order in which they were asked for.
    pub values: Vec<(String, Revealed)>,
    /// What is printed where no JSON document is wanted.
    pub printed: Revealed,
}

impl serde::Serialize for Fetched {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Fields {
            values: Map<String, Value>,
        }
        let value = |(name, value): &(String, Revealed)| (name.clone(), Value::from(value.0.as_str()));
        Fields { values: self.values.iter().map(value).collect() }.serialize(serializer)
    }
}

impl Fetched {
    pub(super) fn verbatim(&self) -> Option<&str> {
        Some(&self.printed.0)
    }
}
