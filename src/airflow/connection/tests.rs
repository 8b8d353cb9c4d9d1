//! Held against what the real Airflows read: fixtures/airflow-connections/.

use serde_json::Value;

use super::*;

const PARTS: usize = 8;

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("vectors")
}

fn read_vectors() -> Vec<Value> {
    vectors(include_str!("../../../fixtures/airflow-connections/vectors.json"))
}

fn reading(vector: &Value, reader: Reader) -> &Value {
    let name = match reader {
        Reader::Airflow2 => "two",
        Reader::Airflow3 => "three",
        Reader::Airflow3Tasks => "tasks",
    };
    vector.get("all").unwrap_or(&vector[name])
}

fn of_parts(parts: &Value) -> Connection {
    assert_eq!(parts.as_array().map(Vec::len), Some(PARTS), "{parts}");
    let text = |at: usize| parts[at].as_str().map(str::to_owned);
    Connection {
        conn_type: text(0),
        description: text(1),
        host: text(2),
        login: text(3),
        password: text(4),
        schema: text(5),
        port: parts[6].as_i64(),
        extra: text(7),
    }
}

fn parts(connection: &Connection) -> Value {
    let Connection { conn_type, description, host, login, password, schema, port, extra } = connection;
    serde_json::json!([conn_type, description, host, login, password, schema, port, extra])
}

/// Parts that are no texts, which Airflow lets pass where they are false.
fn is_no_connection(found: &Value) -> bool {
    let texts = [0, 1, 2, 3, 4, 5, 7];
    texts.into_iter().any(|at| !found[at].is_null() && !found[at].is_string())
}

fn asked(vector: &Value) -> (&str, Backend, ExtraWords) {
    let backend =
        if vector["backend"] == "secrets-manager" { Backend::SecretsManager } else { Backend::ParameterStore };
    let words = serde_json::from_value(vector["words"].clone()).expect("words");
    (vector["text"].as_str().expect("text"), backend, words)
}

#[test]
fn every_text_is_read_as_each_airflow_reads_it() {
    let mut wrong = Vec::new();
    let vectors = read_vectors();
    for (vector, reader) in vectors.iter().flat_map(|vector| Reader::ALL.map(|reader| (vector, reader))) {
        let (text, backend, words) = asked(vector);
        let expected = reading(vector, reader);
        let found = Connection::read(text, backend, &words, reader);
        let agrees = match &found {
            Ok((connection, _)) => parts(connection) == *expected,
            Err(_) => expected.is_string() || is_no_connection(expected),
        };
        if !agrees {
            let found = found.map_or_else(|error| error.reason.into(), |(connection, _)| parts(&connection));
            wrong.push(format!("{reader:?} {backend:?} {text:?}\n  Airflow: {expected}\n  found:   {found}"));
        }
    }
    let with_connection = vectors.iter().filter(|vector| reading(vector, Reader::Airflow2).is_array()).count();
    assert!(vectors.len() > 1200 && with_connection > 900, "{} {with_connection}", vectors.len());
    assert!(wrong.is_empty(), "{} readings differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn written_vectors() -> Vec<Value> {
    vectors(include_str!("../../../fixtures/airflow-connections/written.json"))
}

/// Where an Airflow keeps no such connection in any form: its services take no extra but an object.
fn cannot_have(connection: &Connection, reader: Reader) -> bool {
    checked_extra(connection.extra.clone(), reader).is_err()
}

#[test]
fn every_airflow_reads_the_uri_that_is_written_as_it_was() {
    let vectors = written_vectors();
    let with_uri = vectors.iter().filter(|vector| vector["uri"].is_string()).count();
    assert!(with_uri > 300, "{with_uri}");
    for vector in &vectors {
        let connection = of_parts(&vector["connection"]);
        let uri = connection.to_uri();
        assert_eq!(uri.as_deref().ok(), vector["uri"].as_str(), "{}", vector["connection"]);
        for reader in Reader::ALL.into_iter().filter(|reader| uri.is_ok() && !cannot_have(&connection, *reader)) {
            let found = of_parts(reading(vector, reader));
            assert!(found.is_same_as(&connection), "{reader:?}: {uri:?}\n{}\n{}", parts(&found), parts(&connection));
        }
    }
}

#[test]
fn what_is_written_as_json_is_read_back_as_it_was() {
    let words = ExtraWords::new();
    for vector in written_vectors() {
        let connection = of_parts(&vector["connection"]);
        let json = Value::Object(connection.to_json()).to_string();
        let kept = Connection { description: None, ..connection.clone() };
        for (backend, expected) in [(Backend::ParameterStore, &connection), (Backend::SecretsManager, &kept)] {
            for reader in Reader::ALL.into_iter().filter(|reader| !cannot_have(&connection, *reader)) {
                let (found, form) = Connection::read(&json, backend, &words, reader).expect("a connection");
                assert_eq!(form, Form::Json);
                assert!(found.is_same_as(expected), "{reader:?} {backend:?}: {json}");
            }
        }
    }
}

#[test]
fn no_error_repeats_any_of_the_value() {
    let words = ExtraWords::new();
    let secret = "hunter2";
    let texts = [
        "postgres://u:hunter2/x@h",
        "postgres://u:hunter2[@h",
        "a://b://hunter2://",
        "http://hunter2@https://h",
        "hunter2",
        "{hunter2",
        "{\"password\": hunter2}",
        "{\"conn_type\": \"x\", \"hunter2\": 1}",
        "{\"conn_type\": \"x\", \"port\": \"hunter2\"}",
        "{\"password\": \"hunter2\"}",
        "postgres://u:p@h:hunter2",
        "{\"conn_type\": \"x\", \"password\": [\"hunter2\"]}",
        "{\"uri\": \"x://hunter2\", \"host\": \"hunter2\"}",
    ];
    for text in texts {
        let error = Connection::parse(text, Backend::ParameterStore, &words).expect_err(text);
        assert!(!error.to_string().contains(secret), "{error}");
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
    let connection = Connection { password: Some(secret.to_owned()), ..Connection::default() };
    assert!(!format!("{connection:?}").contains(secret));
}

#[test]
fn a_connection_without_a_type_is_an_error() {
    let words = ExtraWords::new();
    for text in ["//host", "host", "{\"host\": \"h\"}", "{\"conn_type\": \"\"}", "{}"] {
        let error = Connection::parse(text, Backend::ParameterStore, &words).expect_err(text);
        assert!(error.reason.contains("type"), "{error}");
    }
}

#[test]
fn what_the_airflows_read_otherwise_is_told() {
    let words = ExtraWords::new();
    let told = |text| Connection::differences(text, Backend::ParameterStore, &words);
    assert_eq!(told("postgres://h/s?mode=require"), Vec::<String>::new());
    assert!(told("postgres://h/s?timeout=5")[0].contains("read as JSON"));
    assert!(told("{\"conn_type\": \"x\", \"extra\": \"text\"}")[0].contains("no JSON object"));
}

#[test]
fn an_unknown_part_in_extra_conn_words_is_an_error() {
    let words = ExtraWords::from([("hots".to_owned(), vec!["servidor".to_owned()])]);
    let text = "{\"conn_type\": \"x\"}";
    assert!(Connection::parse(text, Backend::SecretsManager, &words).is_err());
    assert!(Connection::parse(text, Backend::ParameterStore, &words).is_ok());
}

#[test]
fn parts_are_found_by_name() {
    let text = "postgres://u:p@h:1/s?__extra__=%7B%22a%22%3A%20%7B%22b%22%3A%201%7D%2C%20%22c.d%22%3A%20%22e%22%7D";
    let (connection, form) =
        Connection::parse(text, Backend::SecretsManager, &ExtraWords::new()).expect("a connection");
    assert_eq!(form, Form::Uri);
    let names = ["conn_type", "login", "password", "host", "port", "schema", "extra.a", "extra.c.d"];
    let found: Vec<_> = names.into_iter().filter_map(|name| connection.field(name)).collect();
    assert_eq!(found, ["postgres", "u", "p", "h", "1", "s", "{\"b\": 1}", "e"]);
    assert_eq!(connection.field("extra").as_deref(), Some("{\"a\": {\"b\": 1}, \"c.d\": \"e\"}"));
    assert_eq!(
        (connection.field("extra.x"), connection.field("description"), connection.field("x")),
        (None, None, None)
    );
}
