//! The outcomes of `secrets enable` and `disable`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::report::outcome::setup::{Change, FileChange, file_lines, name_of};
use crate::report::style::{DIM, GOOD, STRONG};

/// The outcome of `secrets enable`.
#[derive(Debug, Serialize)]
pub struct Enabled {
    /// The project's folder.
    pub project: PathBuf,
    /// `secrets-manager` or `parameter-store`.
    pub backend: &'static str,
    /// The name that AWS gives the service.
    #[serde(skip)]
    pub title: &'static str,
    /// The kwargs as Airflow will give them to the backend; static keys among them are `(redacted)`.
    pub kwargs: Map<String, Value>,
    /// The region of every look-up.
    pub region: String,
    /// The names that are looked up, by examples.
    pub names: Names,
    /// The files of the backend.
    pub files: Vec<FileChange>,
    /// The kwargs that do not stay as they were.
    pub changes: Vec<KwargChange>,
    /// The line of astro-aws in requirements.txt; `null` where none is needed.
    pub requirement: Option<String>,
    /// That line comes now.
    #[serde(skip)]
    pub is_provider_new: bool,
    /// `.env` has AIRFLOW_CONN_AWS_DEFAULT without credentials.
    pub aws_connection: bool,
    /// `init` has not been here: the containers have no credentials to look anything up with.
    #[serde(skip)]
    pub needs_init: bool,
    /// Nothing was written.
    pub dry_run: bool,
}

/// Under which names AWS is asked; `null` for a kind that is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Names {
    /// Of the connection `my_connection`.
    pub connection: Option<String>,
    /// Of the variable `my_variable`.
    pub variable: Option<String>,
    /// Of the option `sql_alchemy_conn` of Airflow's configuration.
    pub config: Option<String>,
}

/// A kwarg that changes, comes or goes; a static key is `(redacted)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KwargChange {
    /// The kwarg, or `backend`.
    pub key: String,
    /// The value before; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// The value afterwards; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

impl KwargChange {
    fn words(&self) -> Option<String> {
        let from = self.from.as_ref()?;
        Some(match &self.to {
            Some(to) => format!("{}: {} → {}", self.key, plain(from), plain(to)),
            None => format!("{}: {} is taken out", self.key, plain(from)),
        })
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Enabled {
    /// What is being set up, and which values change, for the moment before the question.
    pub fn summary(&self) -> String {
        let mut text = format!("{STRONG}{}, {}{STRONG:#}", self.title, self.region);
        for words in self.changes.iter().filter_map(KwargChange::words) {
            let _ = write!(text, "\n  {words}");
        }
        text
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let changed = self.files.iter().any(|file| file.change != Change::Unchanged);
        let state = match (self.dry_run, changed) {
            (true, true) => "would look connections and variables up",
            (false, true) => "looks connections and variables up",
            (_, false) => "already looks connections and variables up",
        };
        let _ = writeln!(
            text,
            "{GOOD}✓{GOOD:#} {STRONG}{}{STRONG:#} {state} in {STRONG}{}{STRONG:#}, {}",
            name_of(&self.project),
            self.title,
            self.region
        );
        text.push_str(&file_lines(&self.files, &self.project));
        for words in self.changes.iter().filter_map(KwargChange::words) {
            let _ = writeln!(text, "  {words}");
        }
        let kinds = [
            ("connection", "my_connection", &self.names.connection),
            ("variable", "my_variable", &self.names.variable),
            ("config", "sql_alchemy_conn", &self.names.config),
        ];
        for (kind, id, name) in kinds {
            let name = name.as_deref().unwrap_or("switched off");
            let _ = writeln!(text, "  {DIM}{kind:<10} {id:<16}{DIM:#} {name}");
        }
        if changed && !self.dry_run {
            let build = if self.is_provider_new { ", which builds the image with the amazon provider" } else { "" };
            // Without an identity in the containers every look-up fails, and Airflow says "isn't defined".
            let init =
                if self.needs_init { "`astro-aws init`, which gives the containers your identity; then " } else { "" };
            let _ = writeln!(
                text,
                "Next: {init}`astro dev restart`{build}; then `astro-aws secrets set variable my_variable` and `astro-aws secrets check`."
            );
        }
        text
    }
}

/// The outcome of `secrets disable`.
#[derive(Debug, Serialize)]
pub struct Disabled {
    /// The project's folder.
    pub project: PathBuf,
    /// The files that were edited or deleted.
    pub files: Vec<FileChange>,
    /// Nothing was written.
    pub dry_run: bool,
}

impl Disabled {
    pub(super) fn text(&self) -> String {
        if self.files.is_empty() {
            return "Nothing to take out: .env sets no secrets backend.\n".to_owned();
        }
        let done = if self.dry_run { "Would be taken out" } else { "Taken out" };
        let mut text = format!("{GOOD}✓{GOOD:#} {done}:\n{}", file_lines(&self.files, &self.project));
        if !self.dry_run {
            text.push_str("Next: `astro dev restart` if the project is running.\n");
        }
        text
    }
}
