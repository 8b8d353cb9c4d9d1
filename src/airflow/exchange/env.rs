//! `.env`: `AIRFLOW_CONN_MY_DB=postgres://…`, `AIRFLOW_VAR_HELLO=world`.
//!
//! Airflow looks for the id in capitals, so which letters of it were capitals is lost: ids come back in lower case, as is
//! the custom. A file without such lines, given with its kind, is one of `airflow connections export --file-format env`:
//! `id=value`, as it stands.

use super::{Contents, ExchangeError, Format, Item, ItemValue, Written, connection_of_text, gathered, shown};
use crate::airflow::backend::Kind;
use crate::airflow::connection::Connection;
use crate::airflow::python::json::Json;
use crate::edit::dotenv::DotEnv;

const CONNECTION: &str = "AIRFLOW_CONN_";
const VARIABLE: &str = "AIRFLOW_VAR_";

/// Whether a line looks like `KEY=value`.
pub(super) fn is_assignment(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    line.split_once('=')
        .is_some_and(|(key, _)| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

pub(super) fn read(text: &str, kind: Option<Kind>) -> Result<Contents, Vec<ExchangeError>> {
    let is_airflows = |line: &str| line.contains(CONNECTION) || line.contains(VARIABLE);
    if let (Some(kind), false) = (kind, text.lines().any(is_airflows)) {
        return gathered(bare(text, kind), Vec::new());
    }
    let file = DotEnv::parse(text.as_bytes()).map_err(|refusal| vec![refusal.into()])?;
    let (mut found, mut others) = (Vec::new(), 0);
    let lines: Vec<&str> = text.lines().collect();
    for assignment in file.assignments() {
        let upper = assignment.key.to_ascii_uppercase();
        let id = |prefix: &str| upper.strip_prefix(prefix).filter(|id| !id.is_empty()).map(str::to_lowercase);
        let (value, line) = (&assignment.value, assignment.line);
        let is_single_quoted = lines.get(line - 1).is_some_and(|line| {
            line.split_once(['=', ':']).is_some_and(|(_, value)| value.trim_start().starts_with('\''))
        });
        found.push(match (id(CONNECTION), id(VARIABLE)) {
            (None, None) => {
                others += 1;
                continue;
            }
            _ if value.contains('$') && !is_single_quoted => Err(ExchangeError::at(
                line,
                format!(
                    "sets `{}` to a value with a `$`, which Compose expands; put it in single quotes",
                    shown(&assignment.key)
                ),
            )),
            (Some(id), _) => connection_of_text(&id, value, line),
            (None, Some(id)) => Ok(Item { id, value: ItemValue::Variable(value.clone()), line: Some(line) }),
        });
    }
    let left_out = (others > 0)
        .then(|| format!("sets {others} other variables, which are no connection and no variable of Airflow"));
    gathered(found, left_out.into_iter().collect())
}

/// `id=value` (local_filesystem.py: `_parse_env_file`).
fn bare(text: &str, kind: Kind) -> Vec<Result<Item, ExchangeError>> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.trim_start().starts_with('#'));
    let item = |(line, text): (usize, &str)| match text.split_once('=') {
        Some((id, value)) if !id.is_empty() && !value.is_empty() => match kind {
            Kind::Connection => connection_of_text(id, value, line),
            Kind::Variable => {
                Ok(Item { id: id.to_owned(), value: ItemValue::Variable(value.to_owned()), line: Some(line) })
            }
            Kind::Config => {
                Ok(Item { id: id.to_owned(), value: ItemValue::Config(value.to_owned()), line: Some(line) })
            }
        },
        _ => Err(ExchangeError::at(line, "is not `id=value`")),
    };
    lines.map(item).collect()
}

pub(super) fn write(items: &[&Item]) -> Result<Written, ExchangeError> {
    let (mut file, mut left_out) = (DotEnv::empty(), Vec::new());
    for Item { id, value, .. } in items {
        match assignment(id, value).and_then(|(key, text)| added(&file, &key, &text)) {
            Ok(with) => file = with,
            Err(reason) => left_out.push((value.kind(), id.clone(), reason)),
        }
    }
    Ok(Written { text: String::from_utf8_lossy(file.bytes()).into_owned(), left_out })
}

fn added(file: &DotEnv, key: &str, text: &str) -> Result<DotEnv, String> {
    if file.get(key).is_some() {
        return Err(format!("is told from another one by capitals alone, and `{key}` stands for both"));
    }
    file.set(key, text).map_err(|refusal| format!("does not fit into a line of .env, which {}", refusal.reason))
}

fn assignment(id: &str, value: &ItemValue) -> Result<(String, String), String> {
    let name = |prefix: &str| format!("{prefix}{}", id.to_uppercase());
    match value {
        ItemValue::Connection(connection, _) => Ok((name(CONNECTION), of_connection(connection))),
        ItemValue::UnreadableConnection(text) => Ok((name(CONNECTION), text.clone())),
        ItemValue::Variable(text) => Ok((name(VARIABLE), text.clone())),
        ItemValue::Config(_) => {
            Err(format!("is an option of the configuration, which has no place in {:?} files", Format::Env))
        }
    }
}

/// A URI where one says it all, else JSON without a character that a reader of `.env` takes for its own.
fn of_connection(connection: &Connection) -> String {
    connection.to_uri().unwrap_or_else(|_| {
        let json = Json::from(&serde_json::Value::Object(connection.to_json())).dumps();
        ['$', '#', '\'', '`']
            .iter()
            .fold(json, |json, special| json.replace(*special, &format!("\\u{:04x}", *special as u32)))
    })
}
