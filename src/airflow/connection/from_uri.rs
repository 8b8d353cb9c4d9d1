//! A URI into a connection, as `_parse_from_uri` (Airflow 2, and 3's services) and `from_uri` (its tasks) read it.

use super::{Connection, ConnectionError, Reader, checked_extra, kept_password, normal_type};
use crate::airflow::python::json::Json;
use crate::airflow::python::url::{self, Split, parse_query, unquote};

/// The key of a query that holds the whole extra.
pub(super) const EXTRA_KEY: &str = "__extra__";

const MEANT_OTHERWISE: &str =
    "has a second `://` that Airflow cannot read: write a host with a protocol as `http://https%3A%2F%2Fhost`";

pub(super) fn read(uri: &str, reader: Reader) -> Result<Connection, ConnectionError> {
    let schemes = uri.matches("://").count();
    if schemes > 2 {
        return Err(ConnectionError::new("has more than two `://`: percent-encode those of its parts (`%3A%2F%2F`)"));
    }
    let conn_type = split(uri)?.scheme;
    let scheme = format!("{conn_type}://");
    let (rest, parts) = if schemes == 2 {
        let rest = uri.replace(&scheme, "");
        let protocol = rest.split("://").next().unwrap_or_default();
        if protocol.contains(['@', ':']) {
            return Err(ConnectionError::new(MEANT_OTHERWISE));
        }
        let parts = split(&rest)?;
        (Some(parts.scheme.clone()), parts)
    } else {
        (None, split(&uri.replace(&scheme, "//"))?)
    };
    let protocol = rest.filter(|protocol| !protocol.is_empty());
    let host = host(&parts);
    let host = match protocol {
        Some(protocol) if !host.is_empty() => format!("{protocol}://{host}"),
        _ => host,
    };
    let (login, password) = parts.user();
    let port = parts.port().map_err(of_uri)?;
    Ok(Connection {
        conn_type: Some(normal_type(&conn_type)),
        description: None,
        host: Some(host),
        login: login.map(unquote),
        password: kept_password(password.map(unquote), reader),
        schema: Some(unquote(parts.path.chars().skip(1).collect::<String>().as_str())),
        port,
        extra: checked_extra(extra(&parts.query, reader)?, reader)?,
    })
}

fn split(uri: &str) -> Result<Split, ConnectionError> {
    url::split(uri).map_err(of_uri)
}

fn of_uri(reason: &'static str) -> ConnectionError {
    ConnectionError::new(format!(
        "is no URI that Airflow reads: {reason}; percent-encode what is special in a user, a password or a host"
    ))
}

/// `_parse_netloc_to_hostname`: a path in the host keeps its case.
fn host(parts: &Split) -> String {
    let host = unquote(&parts.hostname());
    if !host.contains('/') {
        return host;
    }
    let host = parts.netloc.rsplit_once('@').map_or(parts.netloc.as_str(), |(_, host)| host);
    unquote(host.split(':').next().unwrap_or_default())
}

fn extra(query: &str, reader: Reader) -> Result<Option<String>, ConnectionError> {
    if query.is_empty() {
        return Ok(None);
    }
    let pairs = parse_query(query);
    if let Some((_, extra)) = pairs.iter().find(|(key, _)| key == EXTRA_KEY) {
        return Ok(Some(extra.clone()));
    }
    let value = |text: String| match Json::parse(&text) {
        Ok(json) if reader == Reader::Airflow3 => json,
        _ => Json::Text(text),
    };
    Ok(Some(Json::Object(pairs.into_iter().map(|(key, text)| (key, value(text))).collect()).dumps()))
}
