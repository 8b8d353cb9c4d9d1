//! What may be shown of a connection without `--reveal`.
//!
//! A connection comes in, its parts go out with everything that may be a secret as `***`. In doubt it is one.

use serde_json::{Map, Value};

use crate::airflow::connection::Connection;

/// What stands in a secret's place.
pub(super) const MASK: &str = "***";

/// Texts that are longer are no setting's.
const LONGEST_SETTING: usize = 40;

/// Words in the name of an extra that make it a secret: Airflow's own (airflow: `secrets_masker.py`,
/// DEFAULT_SENSITIVE_FIELDS) and those of the providers' extras that it leaves out.
const SECRET_WORDS: &[&str] = &[
    "token",
    "key",
    "auth",
    "pass",
    "pwd",
    "prox",
    "secret",
    "service_account",
    "cred",
    "cert",
    "sas",
    "signature",
    "session",
    "connection_string",
    "conn_str",
    "dsn",
    "cookie",
    "header",
    "private",
];

/// True for the name of an extra, or of a variable's member, whose value is nobody's to see.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// True for a part that `--field` shows only with `--reveal`.
pub(super) fn is_secret_field(connection: &Connection, name: &str) -> bool {
    match name {
        "conn_type" | "port" | "description" => false,
        "host" | "login" | "schema" => connection.field(name).is_some_and(|value| carries_a_secret(&value)),
        name => match (name.strip_prefix("extra."), connection.field(name)) {
            (Some(key), Some(value)) => shown(key, &Value::from(value)) == MASK,
            _ => true,
        },
    }
}

/// A connection's parts, in Airflow's order, without those that are not set.
pub(super) fn parts(connection: &Connection) -> Map<String, Value> {
    let mut parts = connection.to_json();
    for (name, value) in &mut parts {
        *value = match (name.as_str(), &*value) {
            ("conn_type" | "port" | "description", value) => value.clone(),
            ("host" | "login" | "schema", Value::String(text)) if !carries_a_secret(text) => value.clone(),
            ("extra", Value::Object(extras)) => {
                Value::Object(extras.iter().map(|(key, value)| (key.clone(), shown(key, value))).collect())
            }
            _ => Value::from(MASK),
        };
    }
    parts
}

/// An extra's value, or a mask.
fn shown(key: &str, value: &Value) -> Value {
    match value {
        _ if is_secret(key) => Value::from(MASK),
        Value::Bool(_) | Value::Number(_) | Value::Null => value.clone(),
        Value::String(text) if text.len() <= LONGEST_SETTING && !carries_a_secret(text) => value.clone(),
        _ => Value::from(MASK),
    }
}

/// `https://user:password@host`, or a query with a token.
fn carries_a_secret(text: &str) -> bool {
    (text.contains("://") && text.contains('@'))
        || text.contains(['?', '{', '\n'])
        || (text.contains('@') && text.contains(':'))
}

/// A value of which nothing is shown but its length.
pub(super) fn whole(text: &str) -> String {
    match text.chars().count() {
        1 => format!("{MASK} (1 character)"),
        count => format!("{MASK} ({count} characters)"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection() -> Connection {
        let extra = json!({
            "sslmode": "require", "timeout": 30, "aws_secret_access_key": "hunter2", "private_key_content": "hunter2",
            "nested": {"x": "hunter2"}, "url": "https://ana:hunter2@example.com", "long": "hunter2".repeat(8), "PASSWORD": "hunter2",
        });
        Connection {
            conn_type: Some("postgres".to_owned()),
            host: Some("db.example.com".to_owned()),
            login: Some("ana".to_owned()),
            password: Some("hunter2".to_owned()),
            port: Some(5432),
            extra: Some(extra.to_string()),
            ..Connection::default()
        }
    }

    #[test]
    fn no_secret_of_a_connection_is_shown() {
        let parts = Value::Object(parts(&connection()));
        assert!(!parts.to_string().contains("hunter2"), "{parts}");
        let shown = json!({"host": "db.example.com", "login": "ana", "password": MASK, "port": 5432});
        for (name, value) in shown.as_object().unwrap() {
            assert_eq!(&parts[name], value);
        }
        assert_eq!((&parts["extra"]["sslmode"], &parts["extra"]["timeout"]), (&json!("require"), &json!(30)));
    }

    #[test]
    fn an_extra_that_is_no_object_is_masked_as_a_whole() {
        let connection = Connection {
            extra: Some("hunter2".to_owned()),
            host: Some("https://a:hunter2@b".to_owned()),
            ..connection()
        };
        let parts = Value::Object(parts(&connection));
        assert!(!parts.to_string().contains("hunter2"), "{parts}");
        assert!(is_secret_field(&connection, "host"));
    }

    #[test]
    fn a_field_is_a_secret_exactly_where_it_is_masked() {
        let connection = connection();
        for (field, secret) in [
            ("host", false),
            ("port", false),
            ("password", true),
            ("extra", true),
            ("extra.sslmode", false),
            ("extra.nested", true),
            ("extra.private_key_content", true),
        ] {
            assert_eq!(is_secret_field(&connection, field), secret, "{field}");
        }
    }

    #[test]
    fn of_a_value_only_the_length_is_shown() {
        assert_eq!((whole("ü").as_str(), whole("hunter2").as_str()), ("*** (1 character)", "*** (7 characters)"));
    }
}
