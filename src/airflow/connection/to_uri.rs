//! A connection into the URI that Airflow reads back as it was.

use super::from_uri::{self, EXTRA_KEY};
use super::{Connection, ConnectionError, Reader};
use crate::airflow::python::json::Json;
use crate::airflow::python::url::{encode_query, quote};

/// The ways to write a URI, Airflow's own first: its host with the protocol before the user, or all of it encoded.
const WAYS: [(Host, Extra); 4] = [
    (Host::Airflow, Extra::Flat),
    (Host::Airflow, Extra::Whole),
    (Host::Encoded, Extra::Flat),
    (Host::Encoded, Extra::Whole),
];

#[derive(Clone, Copy)]
enum Host {
    Airflow,
    Encoded,
}

#[derive(Clone, Copy, PartialEq)]
enum Extra {
    /// `?key=value`, where all values are texts.
    Flat,
    /// `?__extra__=…`
    Whole,
}

pub(super) fn write(connection: &Connection) -> Result<String, ConnectionError> {
    let is_read_back = |uri: &String| {
        Reader::ALL.into_iter().all(|reader| {
            refuses(connection, reader) || from_uri::read(uri, reader).is_ok_and(|read| read.is_same_as(connection))
        })
    };
    let mut ways = WAYS.into_iter().filter_map(|(host, extra)| one_way(connection, host, extra));
    ways.find(is_read_back).ok_or_else(|| ConnectionError::new(why_not(connection)))
}

/// Airflow 3's services refuse an extra that is no object in any form.
fn refuses(connection: &Connection, reader: Reader) -> bool {
    super::checked_extra(connection.extra.clone(), reader).is_err()
}

/// `get_uri`; `None` where this way cannot say it.
fn one_way(connection: &Connection, host_way: Host, extra_way: Extra) -> Option<String> {
    let Connection { conn_type, description: _, host, login, password, schema, port, extra } = connection;
    let conn_type = conn_type.as_deref().unwrap_or_default().to_lowercase().replace('_', "-");
    let mut uri = format!("{conn_type}://");
    let host = host.as_deref().unwrap_or_default();
    let host = match (host_way, host.split_once("://")) {
        (Host::Airflow, Some((protocol, host))) => {
            uri.push_str(&format!("{protocol}://"));
            quote(host)
        }
        (Host::Airflow, None) => quote(host),
        (Host::Encoded, _) => quote_with_case(host),
    };
    let user = match (login, password) {
        (None, None) => String::new(),
        (login, None) if login.as_deref().unwrap_or_default().is_empty() => String::new(),
        (login, password) => {
            let password = password.as_deref().map(|password| format!(":{}", quote(password)));
            format!("{}{}@", quote(login.as_deref().unwrap_or_default()), password.unwrap_or_default())
        }
    };
    let port = match port.filter(|port| *port != 0) {
        Some(port) if host.is_empty() && user.is_empty() => format!("@:{port}"),
        Some(port) => format!(":{port}"),
        None => String::new(),
    };
    uri.push_str(&format!("{user}{host}{port}"));
    let schema = schema.as_deref().unwrap_or_default();
    uri.push_str(&if schema.is_empty() { String::new() } else { format!("/{}", quote(schema)) });
    if let Some(extra) = extra.as_deref().filter(|extra| !extra.is_empty()) {
        uri.push_str(if schema.is_empty() { "/?" } else { "?" });
        uri.push_str(&match extra_way {
            Extra::Flat => flat(extra)?,
            Extra::Whole => encode_query([(EXTRA_KEY, extra)]),
        });
    } else if extra_way == Extra::Whole {
        return None;
    }
    Some(uri)
}

/// A host is lower-cased up to its first `%`: one before the first capital keeps it.
fn quote_with_case(host: &str) -> String {
    let is_kept = |c: char| c.to_lowercase().eq([c]);
    match host.find(|c: char| !is_kept(c)).filter(|&at| host[at..].starts_with(|c: char| c.is_ascii())) {
        Some(at) if quote(&host[..at]) == host[..at] => {
            format!("{}%{:02X}{}", &host[..at], host.as_bytes()[at], quote(&host[at + 1..]))
        }
        _ => quote(host),
    }
}

fn flat(extra: &str) -> Option<String> {
    let Ok(Json::Object(entries)) = Json::parse(extra) else { return None };
    let text = |(key, value): &(String, Json)| match value {
        Json::Text(text) => Some((key.clone(), text.clone())),
        _ => None,
    };
    let pairs: Vec<_> = entries.iter().map(text).collect::<Option<_>>()?;
    (!pairs.is_empty()).then(|| encode_query(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
}

fn why_not(connection: &Connection) -> &'static str {
    let is_set = |part: &Option<String>| part.as_deref().is_some_and(|text| !text.is_empty());
    if is_set(&connection.description) {
        "has a description, for which a URI has no place"
    } else if !connection.port.is_none_or(|port| (0..=65535).contains(&port)) {
        "has a port that a URI cannot hold"
    } else if !is_set(&connection.conn_type) {
        "has no type, with which a URI begins"
    } else {
        "cannot be written as a URI that Airflow reads back as it was: its type is no scheme of a URI"
    }
}
