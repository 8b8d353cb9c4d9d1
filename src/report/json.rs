//! The JSON form of every result, described in docs/json.md. Fields are added, never changed.

use serde_json::{Map, Value, json};

use super::error::Error;
use super::{Outcome, Warning};

/// The version of the documents' shape.
pub const SCHEMA: u32 = 1;

fn head(command: &str, ok: bool, warnings: &[Warning]) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("schema".to_owned(), SCHEMA.into());
    document.insert("command".to_owned(), command.into());
    document.insert("ok".to_owned(), ok.into());
    document.insert("warnings".to_owned(), json!(warnings));
    document
}

/// The document of a command that succeeded, or that found out what it was asked to.
pub fn success(command: &str, outcome: &Outcome, warnings: &[Warning]) -> Value {
    let mut document = head(command, outcome.verdict().is_none(), warnings);
    document.extend(outcome.fields());
    if let Some(error) = outcome.verdict() {
        document.insert("error".to_owned(), json!(error));
    }
    Value::Object(document)
}

/// The document of a command that failed.
pub fn failure(command: &str, error: &Error, warnings: &[Warning]) -> Value {
    let mut document = head(command, false, warnings);
    document.insert("error".to_owned(), json!(error));
    Value::Object(document)
}

/// `{kind, message, hint}`.
pub(super) fn error_value(error: &Error) -> Value {
    json!(error)
}
