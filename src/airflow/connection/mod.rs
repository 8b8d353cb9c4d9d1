//! A connection as Airflow reads it from a secret: a URI, or JSON.
//!
//! A secret's text comes in, the parts of a connection go out, and back. There is no one reading: Airflow 2, Airflow 3's own
//! commands and services, and Airflow 3's tasks each have a class of their own ([`Reader`]). Sources: apache/airflow 2.11
//! `airflow/models/connection.py`; 3.3 the same, and `task-sdk/src/airflow/sdk/definitions/connection.py`.

mod from_json;
mod from_uri;
#[cfg(test)]
mod tests;
mod to_uri;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::backend::Backend;
use super::python::json::{Json, JsonError};
use super::python::strip;

/// A connection's parts. `Debug` shows no value of them but the type.
#[derive(Clone, Default, PartialEq)]
pub struct Connection {
    /// The type, such as `postgres`.
    pub conn_type: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// The user.
    pub login: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The schema, or database.
    pub schema: Option<String>,
    /// The port.
    pub port: Option<i64>,
    /// Everything else, as the text that Airflow keeps: a JSON object in most cases.
    pub extra: Option<String>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connection").field("conn_type", &self.conn_type).finish_non_exhaustive()
    }
}

/// Why Airflow cannot make a connection of a text. None of the text is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ConnectionError {
    /// What is wrong, as the end of a sentence that begins with the connection.
    pub reason: String,
}

impl ConnectionError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl From<JsonError> for ConnectionError {
    fn from(JsonError { line, column, reason }: JsonError) -> Self {
        Self::new(format!("is no valid JSON: line {line}, column {column}: {reason}"))
    }
}

/// The form of a stored connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `postgres://user:password@host:5432/schema?key=value`.
    Uri,
    /// A JSON object.
    Json,
}

/// Whose class reads a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Airflow 2 (2.11).
    Airflow2,
    /// Airflow 3's own commands and services (3.3).
    Airflow3,
    /// The tasks and DAG processor of Airflow 3: the task SDK (3.3).
    Airflow3Tasks,
}

impl Reader {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Airflow2, Self::Airflow3, Self::Airflow3Tasks];
}

/// Additional words for the parts of a connection (`extra_conn_words`), by part.
pub type ExtraWords = BTreeMap<String, Vec<String>>;

impl Connection {
    /// Reads a secret's value as Airflow's tasks do with this backend, be they of Airflow 2 or 3: Secrets Manager knows other
    /// words for the parts. [`Self::differences`] tells where one Airflow reads it otherwise.
    ///
    /// # Errors
    /// [`ConnectionError`], where Airflow would fail, or find a connection without a type.
    pub fn parse(text: &str, backend: Backend, words: &ExtraWords) -> Result<(Self, Form), ConnectionError> {
        let (connection, form) = Self::read(text, backend, words, Reader::Airflow2)?;
        Self::read(text, backend, words, Reader::Airflow3Tasks)?;
        if connection.conn_type.as_deref().unwrap_or_default().is_empty() {
            return Err(ConnectionError::new(match form {
                Form::Uri => "has no type, with which a URI begins: `postgres://…`",
                Form::Json => "has no `conn_type`",
            }));
        }
        Ok((connection, form))
    }

    /// Reads a secret's value exactly as one of Airflow's classes does, with a type or without.
    ///
    /// # Errors
    /// [`ConnectionError`], where that class fails, be it here or when it makes a URI of what it read, which each look-up
    /// does. A part that is no text is an error too; Airflow lets `0` and `false` pass.
    pub fn read(
        text: &str,
        backend: Backend,
        words: &ExtraWords,
        reader: Reader,
    ) -> Result<(Self, Form), ConnectionError> {
        if text.is_empty() {
            return Err(ConnectionError::new("is empty, which Airflow takes for not there"));
        }
        match strip(text) {
            "" => Err(ConnectionError::new("holds nothing but blanks")),
            stripped if stripped.starts_with('{') => {
                let object = match backend {
                    // It reads the text before its blanks are taken off (secrets_manager.py: get_conn_value).
                    Backend::SecretsManager => from_json::in_secrets_manager_words(&Json::parse(text)?, words)?,
                    Backend::ParameterStore => Json::parse(stripped)?,
                };
                from_json::read(&object, reader).map(|connection| (connection, Form::Json))
            }
            stripped => from_uri::read(stripped, reader).map(|connection| (connection, Form::Uri)),
        }
    }

    /// The connection of an object with Airflow's words for its parts.
    pub(super) fn of_object(object: &Json) -> Result<Self, ConnectionError> {
        from_json::read(object, Reader::Airflow3Tasks)?;
        from_json::read(object, Reader::Airflow2)
    }

    /// What one Airflow reads otherwise than the others, each the end of a sentence that begins with the connection; empty
    /// where all agree, and where [`Self::parse`] fails.
    pub fn differences(text: &str, backend: Backend, words: &ExtraWords) -> Vec<String> {
        let Ok((two, _)) = Self::parse(text, backend, words) else { return Vec::new() };
        let three = match Self::read(text, backend, words, Reader::Airflow3) {
            Ok((three, _)) => three,
            Err(error) => {
                return vec![format!("{error}, which commands and services of Airflow 3 refuse (tasks do not)")];
            }
        };
        if two.extra == three.extra {
            return Vec::new();
        }
        vec![
            "has an extra in its URI that commands and services of Airflow 3 read as JSON (`5` as a number), and tasks and \
             Airflow 2 as text"
                .to_owned(),
        ]
    }

    /// The keys of a connection's JSON that Secrets Manager's backend passes over without a word; Parameter Store's takes
    /// none but Airflow's own.
    pub fn passed_over(text: &str, backend: Backend, words: &ExtraWords) -> Vec<String> {
        match (backend, Json::parse(text)) {
            (Backend::SecretsManager, Ok(object)) => from_json::passed_over(&object, words),
            _ => Vec::new(),
        }
    }

    /// The URI that every Airflow reads as this connection: Airflow's own (`get_uri`) where that is read back as it was,
    /// else one with more of it percent-encoded.
    ///
    /// # Errors
    /// Where a URI cannot say it: no type or one that is no scheme, a description, a port above 65535.
    pub fn to_uri(&self) -> Result<String, ConnectionError> {
        to_uri::write(self)
    }

    /// Airflow's JSON form (`as_json`), without parts that are not set. The extra is an object where it is one, else the
    /// text, which Airflow itself would leave out.
    pub fn to_json(&self) -> Map<String, Value> {
        let Self { conn_type, description, host, login, password, schema, port, extra } = self;
        let text = |part: &Option<String>| part.as_deref().map(Value::from);
        let parts = [
            ("conn_type", text(conn_type)),
            ("description", text(description)),
            ("host", text(host)),
            ("login", text(login)),
            ("password", text(password)),
            ("schema", text(schema)),
            ("port", port.map(Value::from)),
            ("extra", extra.as_deref().filter(|extra| !extra.is_empty()).map(extra_value)),
        ];
        parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }

    /// A part by its name: `conn_type`, `host`, `login`, `password`, `port`, `schema`, `description`, `extra`, or
    /// `extra.KEY`: a text as it is, anything else as JSON.
    pub fn field(&self, name: &str) -> Option<String> {
        match name {
            "conn_type" => self.conn_type.clone(),
            "description" => self.description.clone(),
            "host" => self.host.clone(),
            "login" => self.login.clone(),
            "password" => self.password.clone(),
            "schema" => self.schema.clone(),
            "port" => self.port.map(|port| port.to_string()),
            "extra" => self.extra.clone(),
            other => match Json::parse(self.extra.as_deref()?).ok()?.get(other.strip_prefix("extra.")?)? {
                Json::Text(text) => Some(text.clone()),
                value => Some(value.dumps()),
            },
        }
    }

    /// Whether both are the same to Airflow: a part that is empty is one that is not set, as is an extra of `{}`, and extras
    /// are compared as JSON.
    pub fn is_same_as(&self, other: &Self) -> bool {
        fn set(part: &Option<String>) -> Option<&str> {
            part.as_deref().filter(|text| !text.is_empty())
        }
        let parts = |one: &Self| {
            [&one.conn_type, &one.host, &one.login, &one.password, &one.schema]
                .map(set)
                .map(|part| part.map(str::to_owned))
        };
        fn set_extra(extra: &Option<String>) -> Option<&str> {
            set(extra).filter(|extra| !matches!(Json::parse(extra), Ok(Json::Object(entries)) if entries.is_empty()))
        }
        let extras = (set_extra(&self.extra), set_extra(&other.extra));
        let same_extra = match extras {
            (Some(one), Some(other)) if one != other => match (Json::parse(one), Json::parse(other)) {
                (Ok(one), Ok(other)) => one.sorted().dumps() == other.sorted().dumps(),
                _ => false,
            },
            (one, other) => one == other,
        };
        parts(self) == parts(other)
            && set(&self.description) == set(&other.description)
            && self.port.unwrap_or(0) == other.port.unwrap_or(0)
            && same_extra
    }
}

/// The extra for a JSON document: an object where nothing of it gets lost on the way, else the text.
fn extra_value(extra: &str) -> Value {
    let object = Json::parse(extra).ok().filter(|json| matches!(json, Json::Object(_)));
    object.and_then(|object| object.to_value()).unwrap_or_else(|| Value::from(extra))
}

/// `_normalize_conn_type`.
fn normal_type(conn_type: &str) -> String {
    if conn_type == "postgresql" { "postgres".to_owned() } else { conn_type.replace('-', "_") }
}

/// Airflow 2 and the services of Airflow 3 do not keep an empty password (`set_password`).
fn kept_password(password: Option<String>, reader: Reader) -> Option<String> {
    password.filter(|password| reader == Reader::Airflow3Tasks || !password.is_empty())
}

/// Airflow 3 refuses an extra that is no JSON object (`_validate_extra`); Airflow 2 warns, and its tasks do not look.
fn checked_extra(extra: Option<String>, reader: Reader) -> Result<Option<String>, ConnectionError> {
    let is_object = |text: &str| matches!(Json::parse(text), Ok(Json::Object(_)));
    match &extra {
        Some(text) if reader == Reader::Airflow3 && !text.is_empty() && !is_object(text) => {
            Err(ConnectionError::new("has an `extra` that is no JSON object"))
        }
        _ => Ok(extra),
    }
}
