//! One JSON or YAML object with ids as keys: the files of `airflow connections|variables export` and `import`.

use super::yaml::{self, Node};
use super::{Contents, ExchangeError, Item, ItemValue, Written, connection_of_text, gathered, of_connection, shown};
use crate::airflow::backend::Kind;
use crate::airflow::connection::Connection;
use crate::airflow::python::json::Json;

/// How the object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Yaml,
}

/// One id with its value.
pub(super) struct Entry {
    id: String,
    line: usize,
    value: Json,
}

pub(super) fn entries_of_json(text: &str) -> Result<Vec<Entry>, ExchangeError> {
    let entries = Json::entries(text)?;
    Ok(entries.into_iter().map(|(id, line, value)| Entry { id, line, value }).collect())
}

pub(super) fn entries_of_yaml(text: &str) -> Result<Vec<Entry>, ExchangeError> {
    let Some(root) = yaml::parse(text)? else { return Err(ExchangeError::whole("is empty")) };
    let Node::Map { entries, .. } = root else { return Err(ExchangeError::whole("is no mapping of ids")) };
    let entry =
        |(key, node): (yaml::Scalar, Node)| Ok(Entry { id: key.key()?, line: key.line, value: node.to_json()? });
    entries.into_iter().map(entry).collect()
}

pub(super) fn read(entries: Vec<Entry>, kind: Option<Kind>) -> Result<Contents, Vec<ExchangeError>> {
    let kind = kind.or_else(|| kind_of(&entries)).ok_or_else(|| {
        vec![ExchangeError::whole("does not tell whether it holds connections or variables; say which with --kind")]
    })?;
    let mut left_out = Vec::new();
    let items = entries.into_iter().filter_map(|entry| match kind {
        Kind::Connection => connection(entry),
        Kind::Variable => Some(variable(entry, &mut left_out)),
        Kind::Config => Some(config(entry)),
    });
    let items = items.collect();
    gathered(items, left_out)
}

/// What the values are, where all of them tell the same.
fn kind_of(entries: &[Entry]) -> Option<Kind> {
    let is_connection = |value: &Json| value.get("conn_type").or(value.get("uri")).is_some();
    let may_be_uri = |value: &Json| matches!(value, Json::Text(text) if text.contains("://"));
    let (mut connections, mut unclear) = (0, 0);
    for Entry { value, .. } in entries {
        let first = match value {
            Json::List(items) => items.first().unwrap_or(value),
            other => other,
        };
        connections += usize::from(is_connection(first));
        unclear += usize::from(may_be_uri(first));
    }
    match (connections, unclear) {
        (0, 0) => Some(Kind::Variable),
        (connections, unclear) if connections > 0 && connections + unclear == entries.len() => Some(Kind::Connection),
        _ => None,
    }
}

/// `_create_connection`; an empty list is no connection.
fn connection(Entry { id, line, value }: Entry) -> Option<Result<Item, ExchangeError>> {
    let refused = |reason: &str| Err(of_connection(&id, line, reason));
    Some(match value {
        Json::Text(text) => connection_of_text(&id, &text, line),
        Json::Object(parts) => match of_parts(&id, parts) {
            Ok(connection) => {
                let value = ItemValue::Connection(Box::new(connection), None);
                Ok(Item { id: id.clone(), value, line: Some(line) })
            }
            Err(reason) => refused(&reason),
        },
        Json::List(items) => match <[Json; 1]>::try_from(items) {
            Ok([Json::List(_)]) => refused("is neither a text nor an object"),
            Ok([value]) => return connection(Entry { id, line, value }),
            Err(items) if items.is_empty() => return None,
            Err(_) => refused("has more than one value"),
        },
        _ => refused("is neither a text nor an object"),
    })
}

/// `Connection(**parts)`, as it would be read back from a secret.
fn of_parts(id: &str, parts: Vec<(String, Json)>) -> Result<Connection, String> {
    let has = |name: &str| parts.iter().any(|(key, _)| key == name);
    if has("extra") && has("extra_dejson") {
        return Err("has both an `extra` and an `extra_dejson`".to_owned());
    }
    let mut kept = Vec::new();
    for (key, value) in parts {
        match key.as_str() {
            "conn_id" if value == Json::Text(id.to_owned()) => {}
            "conn_id" => return Err("has another `conn_id` inside".to_owned()),
            "extra_dejson" => kept.push(("extra".to_owned(), value)),
            _ => kept.push((key, value)),
        }
    }
    let connection = Connection::of_object(&Json::Object(kept)).map_err(|error| error.reason)?;
    match connection.conn_type.as_deref() {
        None | Some("") => Err("has no `conn_type`".to_owned()),
        Some(_) => Ok(connection),
    }
}

/// A text is the value; anything else is kept as `json.dumps(value, indent=2)`. An object of `value` and `description` alone
/// is one value with its description, as Airflow 3 writes it; 2 would take it for the value.
fn variable(Entry { id, line, value }: Entry, left_out: &mut Vec<String>) -> Result<Item, ExchangeError> {
    let value = match value {
        Json::Object(parts) if is_described(&parts) => {
            let described = parts.iter().any(|(key, value)| key == "description" && value.is_truthy());
            if described {
                left_out.push(format!("describes the variable `{}`, and a secret has no description", shown(&id)));
            }
            parts.into_iter().find_map(|(key, value)| (key == "value").then_some(value)).unwrap_or(Json::Null)
        }
        other => other,
    };
    let text = match value {
        Json::Text(text) => text,
        other => other.dumps_indented(2),
    };
    Ok(Item { id, value: ItemValue::Variable(text), line: Some(line) })
}

fn is_described(parts: &[(String, Json)]) -> bool {
    parts.iter().any(|(key, _)| key == "value") && parts.iter().all(|(key, _)| key == "value" || key == "description")
}

fn config(Entry { id, line, value }: Entry) -> Result<Item, ExchangeError> {
    match value {
        Json::Text(text) => Ok(Item { id, value: ItemValue::Config(text), line: Some(line) }),
        _ => Err(ExchangeError::at(line, format!("sets the option `{}` to something that is no text", shown(&id)))),
    }
}

pub(super) fn write(items: &[&Item], syntax: Syntax) -> Result<Written, ExchangeError> {
    let kind = items.first().map(|item| item.value.kind());
    if items.iter().any(|item| Some(item.value.kind()) != kind) {
        let reason = "can hold connections or variables, not both: Airflow reads them from a file each";
        return Err(ExchangeError::whole(reason));
    }
    let (mut entries, mut left_out) = (Vec::new(), Vec::new());
    for Item { id, value, .. } in items {
        match value {
            ItemValue::Connection(connection, _) => entries.push((id.clone(), parts(connection))),
            ItemValue::UnreadableConnection(_) => {
                let reason = "cannot be read by Airflow, and would keep it from importing the whole file";
                left_out.push((Kind::Connection, id.clone(), reason.to_owned()));
            }
            ItemValue::Variable(text) => entries.push((id.clone(), of_text(text))),
            ItemValue::Config(text) => entries.push((id.clone(), Json::Text(text.clone()))),
        }
    }
    let object = Json::Object(entries);
    let text = match (syntax, kind) {
        (Syntax::Yaml, _) => yaml::dump(&object.sorted()),
        (Syntax::Json, Some(Kind::Connection)) => format!("{}\n", object.dumps_indented(2)),
        (Syntax::Json, _) => format!("{}\n", object.sorted().dumps_indented(4)),
    };
    Ok(Written { text, left_out })
}

/// `_connection_to_dict`.
fn parts(connection: &Connection) -> Json {
    let Connection { conn_type, description, host, login, password, schema, port, extra } = connection;
    let text = |part: &Option<String>| part.clone().map_or(Json::Null, Json::Text);
    let parts = [
        ("conn_type", text(conn_type)),
        ("description", text(description)),
        ("login", text(login)),
        ("password", text(password)),
        ("host", text(host)),
        ("port", port.map_or(Json::Null, |port| Json::Int(port.to_string()))),
        ("schema", text(schema)),
        ("extra", text(extra)),
    ];
    Json::Object(parts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The value that JSON makes of a text, where an import makes the same text of it; Airflow itself also takes what it would
/// write otherwise.
fn of_text(text: &str) -> Json {
    match Json::parse(text) {
        Ok(Json::Text(_)) | Err(_) => Json::Text(text.to_owned()),
        Ok(Json::Object(parts)) if parts.iter().any(|(key, _)| key == "value") => Json::Text(text.to_owned()),
        Ok(value) if value.dumps_indented(2) == text && value.sorted() == value => value,
        Ok(_) => Json::Text(text.to_owned()),
    }
}
