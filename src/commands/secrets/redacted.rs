//! What of a secrets backend's variables may be shown: everything but static keys, passwords and tokens.
//!
//! A backend that a person set by hand may have any of these among its kwargs, and a connection has a password.

use serde_json::{Map, Value};

use crate::airflow::Kwargs;
use crate::airflow::backend::{BACKEND_VARIABLE, KWARGS_VARIABLE};
use crate::airflow::kwargs::key_of_variable;
use crate::edit::dotenv::DotEnv;
use crate::plan::{Change, Plan, Secrecy};
use crate::project::DOTENV;

use super::masked::is_secret;

/// What stands in the place of a secret.
const REDACTED: &str = "(redacted)";

/// Kwargs as they may be shown.
pub(in crate::commands) fn kwargs(kwargs: &Kwargs) -> Map<String, Value> {
    kwargs.iter().map(|(key, value)| (key.to_owned(), kwarg(key, value))).collect()
}

/// One kwarg as it may be shown.
pub(super) fn kwarg(key: &str, value: &Value) -> Value {
    match value {
        // Words that a person calls a password by are none.
        Value::Object(parts) if key != "extra_conn_words" => {
            Value::Object(parts.iter().map(|(key, value)| (key.clone(), kwarg(key, value))).collect())
        }
        Value::Null | Value::Bool(_) => value.clone(),
        _ if is_secret(key) => Value::String(REDACTED.to_owned()),
        _ => value.clone(),
    }
}

/// The value of a variable of `.env` as it may be shown.
pub(in crate::commands) fn value(variable: &str, value: &str) -> String {
    if variable == BACKEND_VARIABLE {
        return value.to_owned();
    }
    if let Some(key) = key_of_variable(variable) {
        return if is_secret(&key) { REDACTED.to_owned() } else { value.to_owned() };
    }
    match variable {
        KWARGS_VARIABLE => match Kwargs::parse(value) {
            Ok(found) if kwargs(&found).values().ne(found.iter().map(|(_, value)| value)) => {
                Value::Object(kwargs(&found)).to_string()
            }
            Ok(_) => value.to_owned(),
            Err(_) => REDACTED.to_owned(),
        },
        _ if variable.starts_with("AIRFLOW_CONN_") && value != super::AWS_CONNECTION => REDACTED.to_owned(),
        _ => value.to_owned(),
    }
}

/// A plan as it may be shown; what is applied is the other.
pub(in crate::commands) fn plan(plan: &Plan) -> Plan {
    Plan { changes: plan.changes.iter().map(change).collect() }
}

fn change(change: &Change) -> Change {
    let is_dotenv = change.path.file_name().is_some_and(|name| name == DOTENV);
    if !is_dotenv {
        return change.clone();
    }
    let shown = |bytes: &Option<Vec<u8>>| bytes.as_deref().map_or(Some(None), |bytes| masked(bytes).map(Some));
    match (shown(&change.before), shown(&change.after)) {
        (Some(before), Some(after)) => Change { before, after, ..change.clone() },
        _ => change.clone().with_secrecy(Secrecy::Secret),
    }
}

/// `None` for a file in which nothing can be masked.
fn masked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = DotEnv::parse(bytes).ok()?;
    let keys: Vec<_> = file.assignments().map(|found| found.key.clone()).collect();
    let secrets = file.assignments().filter_map(|found| {
        let shown = value(&found.key, &found.value);
        (shown != found.value).then(|| (found.key.clone(), shown))
    });
    for (key, shown) in secrets.collect::<Vec<_>>() {
        // A variable that is set twice has a line that cannot be reached.
        if keys.iter().filter(|other| **other == key).count() > 1 {
            return None;
        }
        file = file.set(&key, &shown).or_else(|_| file.set(&key, REDACTED)).ok()?;
    }
    Some(file.bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_masked_and_the_rest_stays_as_written() {
        for (variable, text, shown) in [
            (KWARGS_VARIABLE, r#"{"a": 1,  "sep": "/"}"#, r#"{"a": 1,  "sep": "/"}"#),
            (
                KWARGS_VARIABLE,
                r#"{"region_name": "r", "aws_secret_access_key": "x", "aws_access_key_id": "y"}"#,
                r#"{"region_name":"r","aws_secret_access_key":"(redacted)","aws_access_key_id":"(redacted)"}"#,
            ),
            (
                KWARGS_VARIABLE,
                r#"{"o": {"token": "x", "url": "u"}, "extra_conn_words": {"password": ["pw"]}}"#,
                r#"{"o":{"token":"(redacted)","url":"u"},"extra_conn_words":{"password":["pw"]}}"#,
            ),
            (KWARGS_VARIABLE, "{broken: token", REDACTED),
            ("AIRFLOW__SECRETS__BACKEND_KWARG__TOKEN", "x", REDACTED),
            ("AIRFLOW__SECRETS__BACKEND_KWARG__SEP", "-", "-"),
            ("AIRFLOW_CONN_AWS_DEFAULT", "aws://", "aws://"),
            ("AIRFLOW_CONN_AWS_DEFAULT", "aws://id:key@", REDACTED),
            ("OTHER", "x", "x"),
        ] {
            assert_eq!(value(variable, text), shown, "{variable}={text}");
        }
    }

    #[test]
    fn the_shown_file_differs_in_the_secret_alone() {
        let text = "A=1 # c\r\nAIRFLOW__SECRETS__BACKEND_KWARGS='{\"token\": \"s3kr1t\"}'\r\nB=2";
        let shown = String::from_utf8(masked(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(shown, "A=1 # c\r\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"token\":\"(redacted)\"}\r\nB=2");
        assert_eq!(masked(b"A=1\nB=2\n").unwrap(), b"A=1\nB=2\n");
        assert_eq!(masked(b"A='open\n"), None);
    }
}
