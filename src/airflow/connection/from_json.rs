//! JSON into a connection, as `Connection.from_json` and Secrets Manager's backend read it.

use super::{Connection, ConnectionError, ExtraWords, Reader, checked_extra, from_uri, kept_password, normal_type};
use crate::airflow::python::int;
use crate::airflow::python::json::Json;

/// The words that Secrets Manager's backend knows for a part (secrets_manager.py: `_standardize_secret_keys`).
const WORDS: [(&str, &[&str]); 7] = [
    ("login", &["login", "user", "username", "user_name"]),
    ("password", &["password", "pass", "key"]),
    ("host", &["host", "remote_host", "server"]),
    ("port", &["port"]),
    ("schema", &["database", "schema"]),
    ("conn_type", &["conn_type", "conn_id", "connection_type", "engine"]),
    ("extra", &["extra"]),
];

/// The object with Airflow's own words: for each part the first entry whose key is among its words; all else is dropped.
pub(super) fn in_secrets_manager_words(secret: &Json, words: &ExtraWords) -> Result<Json, ConnectionError> {
    let part_of = |word: &str| if word == "user" { "login" } else { word }.to_owned();
    if words.keys().any(|word| WORDS.iter().all(|(part, _)| *part != part_of(word))) {
        return Err(ConnectionError::new("cannot be read: `extra_conn_words` names a part that no connection has"));
    }
    let Json::Object(entries) = secret else { return Err(ConnectionError::new("is no JSON object")) };
    let is_more = |part: &str, key: &str| {
        words.iter().any(|(word, more)| part_of(word) == part && more.iter().any(|word| word == key))
    };
    let parts = WORDS.into_iter().map(|(part, known)| {
        let found = entries.iter().find(|(key, _)| known.contains(&key.as_str()) || is_more(part, key));
        (part.to_owned(), found.map_or(Json::Null, |(_, value)| value.clone()))
    });
    Ok(Json::Object(parts.collect()))
}

/// The keys that are none of these words: what stands there is passed over.
pub(super) fn passed_over(secret: &Json, words: &ExtraWords) -> Vec<String> {
    let Json::Object(entries) = secret else { return Vec::new() };
    let is_known = |key: &str| {
        WORDS.iter().any(|(_, known)| known.contains(&key)) || words.values().flatten().any(|more| more == key)
    };
    entries.iter().map(|(key, _)| key.clone()).filter(|key| !is_known(key)).collect()
}

/// `Connection.from_json`, and the URI that each look-up makes of it.
pub(super) fn read(object: &Json, reader: Reader) -> Result<Connection, ConnectionError> {
    let Json::Object(entries) = object else { return Err(ConnectionError::new("is no JSON object")) };
    if let Some((key, _)) = entries.iter().find(|(key, _)| !is_known(key, reader)) {
        return Err(ConnectionError::new(match key.as_str() {
            "conn_id" => "has a `conn_id` in its JSON, which Airflow refuses",
            _ => "has a key in its JSON that is none of a connection's parts",
        }));
    }
    if let Some(connection) = of_uri(entries, object, reader)? {
        return Ok(connection);
    }
    let conn_type = text(object, "conn_type")?.filter(|conn_type| !conn_type.is_empty());
    Ok(Connection {
        conn_type: conn_type.map(|conn_type| normal_type(&conn_type)),
        description: text(object, "description")?,
        host: text(object, "host")?,
        login: text(object, "login")?,
        password: kept_password(text(object, "password")?, reader),
        schema: text(object, "schema")?,
        port: port(object.get("port").filter(|port| port.is_truthy()))?,
        extra: checked_extra(extra(object), reader)?,
    })
}

fn is_known(key: &str, reader: Reader) -> bool {
    const PARTS: [&str; 9] =
        ["conn_type", "description", "host", "login", "password", "schema", "port", "extra", "uri"];
    PARTS.contains(&key) || (key == "team_name" && reader == Reader::Airflow3)
}

/// `{"uri": "…"}`, which `Connection(**kwargs)` takes too, with hardly anything beside it.
fn of_uri(entries: &[(String, Json)], object: &Json, reader: Reader) -> Result<Option<Connection>, ConnectionError> {
    const MIXED: &str = "has a `uri` in its JSON and other parts beside it";
    let Some(uri) = text(object, "uri")? else { return Ok(None) };
    // from_json takes these out where they say nothing; the others count by their being there.
    let says_nothing = |key: &str, value: &Json| matches!(key, "conn_type" | "port" | "extra") && !value.is_truthy();
    let mut others = entries.iter().filter(|(key, value)| key != "uri" && !says_nothing(key, value));
    match reader {
        Reader::Airflow3Tasks if others.next().is_some() => return Err(ConnectionError::new(MIXED)),
        Reader::Airflow3Tasks => {}
        _ if uri.is_empty() => return Ok(None),
        _ if others.any(|(key, value)| !matches!(key.as_str(), "description" | "team_name") && value.is_truthy()) => {
            return Err(ConnectionError::new(MIXED));
        }
        _ => {}
    }
    let description = text(object, "description")?;
    from_uri::read(&uri, reader).map(|connection| Some(Connection { description, ..connection }))
}

/// A part that is a text or not set: of anything else Airflow can make no URI, nor encrypt it.
fn text(object: &Json, key: &str) -> Result<Option<String>, ConnectionError> {
    match object.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ConnectionError::new(format!("has a `{key}` that is no text"))),
    }
}

/// `int(port)`.
fn port(port: Option<&Json>) -> Result<Option<i64>, ConnectionError> {
    let number = match port {
        None => return Ok(None),
        Some(Json::Bool(_)) => Some(1),
        Some(Json::Int(digits)) => digits.parse().ok(),
        // A port is far from where an f64 is no whole number any more.
        Some(Json::Float(value)) if value.abs() < 1e15 => format!("{:.0}", value.trunc()).parse().ok(),
        Some(Json::Text(text)) => int(text),
        Some(_) => None,
    };
    number.map(Some).ok_or_else(|| ConnectionError::new("has a `port` that is no number"))
}

fn extra(object: &Json) -> Option<String> {
    match object.get("extra")? {
        Json::Text(text) if !text.is_empty() => Some(text.clone()),
        extra if extra.is_truthy() => Some(extra.dumps()),
        _ => None,
    }
}
