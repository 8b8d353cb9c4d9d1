//! `airflow_settings.yaml`, from which `astro dev start` fills a local Airflow.
//!
//! What Astro passes over without a word (a connection without an id, a variable without a value) is told here. Scalars are
//! texts there, whatever they look like (viper decodes weakly), so a number is taken as its digits.

use super::yaml::{self, Node, Scalar};
use super::{Contents, ExchangeError, Item, ItemValue, Written, connection_of_text, gathered, of_connection, shown};
use crate::airflow::backend::Kind;
use crate::airflow::connection::Connection;
use crate::airflow::python::json::Json;

pub(super) fn read(text: &str) -> Result<Contents, Vec<ExchangeError>> {
    let root = yaml::parse(text).map_err(|error| vec![error])?;
    let airflow = match &root {
        Some(Node::Map { entries, .. }) => value(entries, "airflow"),
        _ => None,
    };
    let Some(Node::Map { entries, .. }) = airflow else {
        return Err(vec![ExchangeError::whole("has no `airflow:` with connections and variables in it")]);
    };
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for (key, node) in entries {
        let lists = list(key, node).map_err(|error| vec![error])?;
        match key.text.to_lowercase().as_str() {
            "connections" => found.extend(lists.iter().filter_map(|item| connection(item, &mut left_out).transpose())),
            "variables" => found.extend(lists.iter().filter_map(|item| variable(item, &mut left_out).transpose())),
            "pools" if lists.is_empty() => {}
            "pools" => left_out.push(format!("has pools ({}), which no secrets backend holds", lists.len())),
            _ => left_out.push(format!("has `{}` (line {}), which Astro does not read", shown(&key.text), key.line)),
        }
    }
    gathered(found, left_out)
}

/// A value by its key, which viper takes in any case.
fn value<'a>(entries: &'a Entries, key: &str) -> Option<&'a Node> {
    entries.iter().find_map(|(name, node)| (name.text.to_lowercase() == key).then_some(node))
}

fn list<'a>(key: &Scalar, node: &'a Node) -> Result<&'a [Node], ExchangeError> {
    match node {
        Node::List { items, .. } => Ok(items),
        Node::Scalar(scalar) if scalar.to_json()? == Json::Null => Ok(&[]),
        _ => Err(ExchangeError::at(key.line, format!("has `{}` that is no list", shown(&key.text)))),
    }
}

/// The keys and values of a mapping.
type Entries = [(Scalar, Node)];

fn entries(node: &Node) -> Result<(usize, &Entries), ExchangeError> {
    match node {
        Node::Map { line, entries } => Ok((*line, entries)),
        other => Err(ExchangeError {
            line: other.line(),
            reason: "is no mapping of a connection's or variable's parts".to_owned(),
        }),
    }
}

/// A text, or the digits of a number; `None` where it is not set.
fn text(entries: &Entries, key: &str) -> Result<Option<String>, ExchangeError> {
    let refused = |line| ExchangeError { line, reason: format!("has a `{key}` that is no text; put it in quotes") };
    match value(entries, key) {
        None => Ok(None),
        Some(Node::Scalar(scalar)) => match scalar.to_json()? {
            Json::Null => Ok(None),
            Json::Text(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            // Digits with a zero before them are read in two ways.
            Json::Int(digits) if digits == scalar.text => Ok(Some(digits)),
            _ => Err(refused(Some(scalar.line))),
        },
        Some(other) => Err(refused(other.line())),
    }
}

const PARTS: [(&str, &str); 6] = [
    ("conn_type", "conn_type"),
    ("conn_host", "host"),
    ("conn_schema", "schema"),
    ("conn_login", "login"),
    ("conn_password", "password"),
    ("conn_port", "port"),
];

fn connection(node: &Node, left_out: &mut Vec<String>) -> Result<Option<Item>, ExchangeError> {
    let (line, entries) = entries(node)?;
    let mut parts = Vec::new();
    for (key, part) in PARTS {
        parts.extend(text(entries, key)?.map(|text| (part.to_owned(), Json::Text(text))));
    }
    let uri = text(entries, "conn_uri")?;
    let Some(id) = text(entries, "conn_id")? else {
        if parts.is_empty() && uri.is_none() {
            return Ok(None);
        }
        return Err(ExchangeError::at(line, "has a connection without a `conn_id`"));
    };
    note_unknown(entries, &["conn_id", "conn_uri", "conn_extra"], left_out);
    match uri {
        Some(uri) if parts.is_empty() => return connection_of_text(&id, &uri, line).map(Some),
        Some(_) => left_out
            .push(format!("has a `conn_uri` beside other parts of `{}`, which Astro then does not read", shown(&id))),
        None => {}
    }
    let extra = value(entries, "conn_extra").map(Node::to_json).transpose()?;
    parts.extend(extra.filter(Json::is_truthy).map(|extra| ("extra".to_owned(), extra)));
    let connection =
        Connection::of_object(&Json::Object(parts)).map_err(|error| of_connection(&id, line, &error.reason))?;
    if connection.conn_type.is_none() {
        return Err(of_connection(&id, line, "has neither a `conn_type` nor a `conn_uri` alone"));
    }
    Ok(Some(Item { id, value: ItemValue::Connection(Box::new(connection), None), line: Some(line) }))
}

fn note_unknown(entries: &Entries, more: &[&str], left_out: &mut Vec<String>) {
    for (key, _) in entries {
        let name = key.text.to_lowercase();
        if !PARTS.iter().any(|(part, _)| *part == name) && !more.contains(&name.as_str()) {
            left_out.push(format!("has `{}` (line {}), which Astro does not read", shown(&key.text), key.line));
        }
    }
}

fn variable(node: &Node, left_out: &mut Vec<String>) -> Result<Option<Item>, ExchangeError> {
    let (line, entries) = entries(node)?;
    match (text(entries, "variable_name")?, text(entries, "variable_value")?) {
        (Some(id), Some(value)) => Ok(Some(Item { id, value: ItemValue::Variable(value), line: Some(line) })),
        (Some(id), None) => {
            left_out.push(format!(
                "has the variable `{}` (line {line}) without a value, which Astro passes over",
                shown(&id)
            ));
            Ok(None)
        }
        (None, Some(_)) => Err(ExchangeError::at(line, "has a variable without a `variable_name`")),
        (None, None) => Ok(None),
    }
}

pub(super) fn write(items: &[&Item]) -> Result<Written, ExchangeError> {
    let (mut connections, mut variables, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let text = |text: &str| Json::Text(text.to_owned());
    for Item { id, value, .. } in items {
        let mut leave_out = |reason: &str| left_out.push((value.kind(), id.clone(), reason.to_owned()));
        match value {
            ItemValue::Connection(connection, _) => {
                if connection.description.as_deref().is_some_and(|text| !text.is_empty()) {
                    leave_out("has a description, for which this form has no place; the rest is there");
                }
                connections.push(parts(id, connection));
            }
            ItemValue::UnreadableConnection(_) => leave_out("cannot be read by Airflow"),
            ItemValue::Variable(value) if value.is_empty() => leave_out("is empty, and Astro passes over it"),
            ItemValue::Variable(value) => {
                variables.push(object([("variable_name", text(id)), ("variable_value", text(value))]))
            }
            ItemValue::Config(_) => leave_out("is an option of the configuration, for which this form has no place"),
        }
    }
    let airflow = object([
        ("connections", Json::List(connections)),
        ("pools", Json::List(Vec::new())),
        ("variables", Json::List(variables)),
    ]);
    Ok(Written { text: yaml::dump(&object([("airflow", airflow)])), left_out })
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn parts(id: &str, connection: &Connection) -> Json {
    let Connection { conn_type, description: _, host, login, password, schema, port, extra } = connection;
    let text =
        |part: &Option<String>| part.as_deref().filter(|text| !text.is_empty()).map(|text| Json::Text(text.to_owned()));
    let parts = [
        ("conn_id", Some(Json::Text(id.to_owned()))),
        ("conn_type", text(conn_type)),
        ("conn_host", text(host)),
        ("conn_schema", text(schema)),
        ("conn_login", text(login)),
        ("conn_password", text(password)),
        ("conn_port", port.filter(|port| *port != 0).map(|port| Json::Int(port.to_string()))),
        // As text: of a mapping, viper makes all keys lower case.
        ("conn_extra", text(extra)),
    ];
    Json::Object(parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

impl Contents {
    /// How many of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.items.iter().filter(|item| item.value.kind() == kind).count()
    }
}
