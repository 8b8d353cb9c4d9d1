//! Files of connections and variables: `.env` lines, JSON and YAML as `airflow connections export` and `airflow variables
//! export` write them, and `airflow_settings.yaml` of an Astro project.
//!
//! A file's bytes come in, [`Item`]s go out, and back. Rules: apache/airflow `airflow/secrets/local_filesystem.py`,
//! `airflow/cli/commands/{connection,variable}_command.py` of 2.11 and 3.3; astronomer/astro-cli `settings/settings.go`.

mod astro;
mod env;
mod objects;
#[cfg(test)]
mod tests;
mod yaml;

use super::backend::Kind;
use super::connection::Connection;
use super::python::json::JsonError;
use crate::edit::{MAX_BYTES, Refusal};

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `AIRFLOW_CONN_…` and `AIRFLOW_VAR_…` lines.
    Env,
    /// One JSON object, ids as keys.
    Json,
    /// The same in YAML.
    Yaml,
    /// `airflow_settings.yaml`.
    AirflowSettings,
}

/// A connection or a variable of a file. `Debug` shows no value.
#[derive(Clone, PartialEq)]
pub struct Item {
    /// The id that DAGs name.
    pub id: String,
    /// What it is.
    pub value: ItemValue,
    /// The line it begins on, counted from 1, where it comes from a file.
    pub line: Option<usize>,
}

/// What an item holds.
#[derive(Clone, PartialEq)]
pub enum ItemValue {
    /// A connection, and the very text where the file has one (a URI, or JSON).
    Connection(Box<Connection>, Option<String>),
    /// A connection's text that Airflow cannot read.
    UnreadableConnection(String),
    /// A variable's text.
    Variable(String),
    /// A configuration option's text.
    Config(String),
}

impl ItemValue {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Connection(..) | Self::UnreadableConnection(_) => Kind::Connection,
            Self::Variable(_) => Kind::Variable,
            Self::Config(_) => Kind::Config,
        }
    }
}

impl std::fmt::Debug for ItemValue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}(redacted)", self.kind())
    }
}

impl std::fmt::Debug for Item {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, value, line } = self;
        let kind = value.kind();
        formatter.debug_struct("Item").field("id", id).field("kind", &kind).field("line", line).finish_non_exhaustive()
    }
}

/// Why a file, or one entry of it, cannot be taken. None of its values is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ExchangeError {
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, as the end of a sentence that begins with the file or its line.
    pub reason: String,
}

impl ExchangeError {
    fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line: Some(line), reason: reason.into() }
    }

    fn whole(reason: impl Into<String>) -> Self {
        Self { line: None, reason: reason.into() }
    }
}

impl From<Refusal> for ExchangeError {
    fn from(Refusal { line, reason, .. }: Refusal) -> Self {
        Self { line, reason }
    }
}

impl From<JsonError> for ExchangeError {
    fn from(JsonError { line, column, reason }: JsonError) -> Self {
        Self::at(line, format!("is no valid JSON: column {column}: {reason}"))
    }
}

/// What a file holds.
#[derive(Debug, Default, PartialEq)]
pub struct Contents {
    /// Connections and variables, in the order of the file.
    pub items: Vec<Item>,
    /// What is in it and is not taken, and why: ends of sentences that begin with the file, without values.
    pub left_out: Vec<String>,
}

/// A written file.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// The file's text, with the values.
    pub text: String,
    /// What the form cannot say: the kind, the id and the reason, as the end of a sentence that begins with them.
    pub left_out: Vec<(Kind, String, String)>,
}

impl std::fmt::Debug for Written {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Written").field("left_out", &self.left_out).finish_non_exhaustive()
    }
}

/// The form of a file, by its name and content.
pub fn format_of(file_name: &str, text: &str) -> Format {
    let name = file_name.to_ascii_lowercase();
    let is_settings = || text.lines().any(|line| line.trim_end() == "airflow:" || line.starts_with("airflow: "));
    let of_yaml = || if is_settings() { Format::AirflowSettings } else { Format::Yaml };
    match name.rsplit_once('.') {
        Some((_, "json")) => Format::Json,
        _ if name.starts_with("airflow_settings.") => Format::AirflowSettings,
        Some((_, "yaml" | "yml")) => of_yaml(),
        Some((_, "env")) => Format::Env,
        Some(("", _)) if name.starts_with(".env") => Format::Env,
        _ if name.starts_with(".env.") => Format::Env,
        _ if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') => Format::Json,
        _ if text.lines().any(env::is_assignment) => Format::Env,
        _ => of_yaml(),
    }
}

/// What a file of bare ids holds, where its name tells: `connections.json`, `my-variables.yaml`.
pub fn kind_of(file_name: &str) -> Option<Kind> {
    let name = file_name.to_ascii_lowercase();
    match (name.contains("conn"), name.contains("var")) {
        (true, false) => Some(Kind::Connection),
        (false, true) => Some(Kind::Variable),
        _ => None,
    }
}

/// Reads a file. `kind` says what a file of bare ids holds where its content does not tell.
///
/// # Errors
/// Every [`ExchangeError`] that is found: of the whole file, or of each entry that Airflow could not read.
pub fn read(format: Format, kind: Option<Kind>, bytes: &[u8]) -> Result<Contents, Vec<ExchangeError>> {
    let text = text(bytes).map_err(|error| vec![error])?;
    match format {
        Format::Env => env::read(text, kind),
        Format::Json => {
            objects::entries_of_json(text).map_err(|error| vec![error]).and_then(|all| objects::read(all, kind))
        }
        Format::Yaml => {
            objects::entries_of_yaml(text).map_err(|error| vec![error]).and_then(|all| objects::read(all, kind))
        }
        Format::AirflowSettings => astro::read(text),
    }
}

/// Writes a file; items are put in the order of their ids.
///
/// # Errors
/// Where the form cannot hold these kinds: connections and variables in one JSON file, configuration in `.env`.
pub fn write(format: Format, items: &[Item]) -> Result<Written, ExchangeError> {
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by(|one, other| (one.value.kind(), &one.id).cmp(&(other.value.kind(), &other.id)));
    match format {
        Format::Env => env::write(&sorted),
        Format::Json => objects::write(&sorted, objects::Syntax::Json),
        Format::Yaml => objects::write(&sorted, objects::Syntax::Yaml),
        Format::AirflowSettings => astro::write(&sorted),
    }
}

/// The text of a file: UTF-8, with a byte order mark or without.
fn text(bytes: &[u8]) -> Result<&str, ExchangeError> {
    if bytes.len() > MAX_BYTES {
        return Err(ExchangeError::whole(format!("is larger than {} KiB", MAX_BYTES / 1024)));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ExchangeError::whole("is encoded as UTF-16; save it as UTF-8"));
    }
    let line_of = |offset: usize| 1 + bytes[..offset].iter().filter(|&&byte| byte == b'\n').count();
    if let Some(offset) = bytes.iter().position(|&byte| byte == 0) {
        return Err(ExchangeError::at(line_of(offset), "holds a NUL byte, so it is not a text file in UTF-8"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        ExchangeError::at(line_of(error.valid_up_to()), "is not encoded as UTF-8 (Latin-1?); save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Ids that come twice.
fn require_unique(items: &[Item]) -> Vec<ExchangeError> {
    let mut seen = std::collections::HashMap::new();
    let mut errors = Vec::new();
    for Item { id, value, line } in items {
        if let Some(first) = seen.insert((value.kind().name(), id), *line) {
            let first = first.map(|line| format!(" (line {line})")).unwrap_or_default();
            let reason = format!("has the {} `{}` a second time{first}", value.kind().name(), shown(id));
            errors.push(ExchangeError { line: *line, reason });
        }
    }
    errors
}

/// Items, or every error: of an entry, or for an id that comes twice.
fn gathered(found: Vec<Result<Item, ExchangeError>>, left_out: Vec<String>) -> Result<Contents, Vec<ExchangeError>> {
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    for entry in found {
        match entry {
            Ok(item) => items.push(item),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(require_unique(&items));
    errors.sort_by_key(|error| error.line);
    if errors.is_empty() { Ok(Contents { items, left_out }) } else { Err(errors) }
}

/// An id for a message: without control characters, and not without end.
fn shown(id: &str) -> String {
    let short: String = id.chars().take(80).collect();
    let more = if short.len() < id.len() { "…" } else { "" };
    format!("{}{more}", short.escape_debug())
}

/// A connection's text, read as Airflow reads it.
fn connection_of_text(id: &str, text: &str, line: usize) -> Result<Item, ExchangeError> {
    let words = super::connection::ExtraWords::new();
    let read = Connection::parse(text, super::backend::Backend::ParameterStore, &words);
    let (connection, _) = read.map_err(|error| of_connection(id, line, &error.reason))?;
    let value = ItemValue::Connection(Box::new(connection), Some(text.to_owned()));
    Ok(Item { id: id.to_owned(), value, line: Some(line) })
}

fn of_connection(id: &str, line: usize, reason: &str) -> ExchangeError {
    ExchangeError::at(line, format!("holds the connection `{}`, which {reason}", shown(id)))
}
