//! Held against what the real Airflows read and write: fixtures/airflow-exchange/.

use serde_json::Value;

use super::*;
use crate::airflow::connection::ExtraWords;
use crate::airflow::{Backend, Kind};

fn connection(id: &str, text: &str) -> Item {
    let read = Connection::parse(text, Backend::ParameterStore, &ExtraWords::new()).expect("a connection");
    Item { id: id.to_owned(), value: ItemValue::Connection(Box::new(read.0), None), line: None }
}

fn variable(id: &str, text: &str) -> Item {
    Item { id: id.to_owned(), value: ItemValue::Variable(text.to_owned()), line: None }
}

fn connections() -> Vec<Item> {
    let texts = [
        ("aws_default", "aws:///?region_name=eu-west-1"),
        ("capitals", "http://%48ost.Example.COM"),
        ("described", r#"{"conn_type": "http", "description": "It's a \"test\": yes # no", "host": "h"}"#),
        ("empty", "generic://"),
        ("http_default", "http://https%3A%2F%2Fapi.example.com%2Fv1/?timeout=30"),
        ("nested", r#"{"conn_type": "aws", "extra": {"a": {"b": [1, 2.5, null, true, "é😀"]}, "z": "1"}}"#),
        (
            "postgres_default",
            "postgres://us%40er:p%25a%2Fs%3As%2Bw%23%24d@db.example.com:5432/sche%2Fma?sslmode=require",
        ),
        ("socket", "mysql://root@%2Ftmp%2FMy.sock"),
        ("unicode", "postgres://%D0%B8%D0%BC%D1%8F:%E5%AF%86%E7%A0%81@h/%F0%9F%98%80"),
        ("v6", "postgres://[::1]:5432/"),
        ("yes", r#"{"conn_type": "generic", "login": "off", "password": "0123", "host": "1e3", "schema": "~"}"#),
        (
            "z_lines",
            r#"{"conn_type": "ssh", "password": "-----BEGIN-----\na\tb\n-----END-----\n", "extra": {"k": " "}}"#,
        ),
    ];
    texts.into_iter().map(|(id, text)| connection(id, text)).collect()
}

fn variables() -> Vec<Item> {
    let texts = [
        ("bool", "true"),
        ("date", "2024-01-01"),
        ("float", "1.50"),
        ("hello", "world"),
        ("json_compact", r#"{"b":1,"a":[]}"#),
        ("json_indented", "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}"),
        ("json_text", "\"quoted\""),
        ("lines", "a\nb\n"),
        ("nothing", "null"),
        ("number", "0123"),
        ("unicode", "é😀\u{85}\u{2028}"),
        ("value_inside", "{\n  \"value\": 5\n}"),
        ("whole", "42"),
        ("z_quotes", "it's: \"x\" # y"),
    ];
    texts.into_iter().map(|(id, text)| variable(id, text)).collect()
}

fn without_texts(items: Vec<Item>) -> Vec<Item> {
    let value = |value| match value {
        ItemValue::Connection(connection, _) => ItemValue::Connection(connection, None),
        other => other,
    };
    items.into_iter().map(|item| Item { value: value(item.value), line: None, ..item }).collect()
}

/// Fails with the first item that is another one.
fn assert_same(found: Vec<Item>, expected: &[Item], what: &str) {
    let found = without_texts(found);
    let ids = |items: &[Item]| items.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&found), ids(expected), "{what}");
    for (one, other) in found.iter().zip(expected) {
        let is_same = match (&one.value, &other.value) {
            (ItemValue::Connection(one, _), ItemValue::Connection(other, _)) => one.is_same_as(other),
            (one, other) => one == other,
        };
        assert!(is_same, "{what}: {} differs", one.id);
    }
}

fn contents(format: Format, kind: Kind, text: &str) -> Vec<Item> {
    read(format, Some(kind), text.as_bytes()).unwrap_or_else(|errors| panic!("{errors:?}")).items
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/airflow-exchange/", $name))
    };
}

#[test]
fn what_is_written_is_what_the_fixtures_hold() {
    let text = |format, items: &[Item]| write(format, items).expect("written").text;
    assert_eq!(text(Format::Yaml, &connections()), fixture!("ours/connections.yaml"));
    assert_eq!(text(Format::Json, &connections()), fixture!("ours/connections.json"));
    assert_eq!(text(Format::Json, &variables()), fixture!("ours/variables.json"));
    assert_eq!(text(Format::Yaml, &variables()), fixture!("ours/variables.yaml"));
    let all: Vec<Item> = connections().into_iter().chain(variables()).collect();
    assert_eq!(text(Format::AirflowSettings, &all), fixture!("ours/airflow_settings.yaml"));
}

/// Both Airflows imported our files with their own commands, and exported these.
#[test]
fn what_the_commands_of_airflow_export_of_our_files_is_the_same() {
    let json = [fixture!("two/connections.json"), fixture!("three/connections.json")];
    let yaml = [fixture!("two/connections.yaml"), fixture!("three/connections.yaml")];
    for (format, texts) in [(Format::Json, json), (Format::Yaml, yaml)] {
        for text in texts {
            assert_same(contents(format, Kind::Connection, text), &connections(), &format!("{format:?}"));
        }
    }
    for text in [fixture!("two/connections.env"), fixture!("three/connections.env")] {
        let bare = contents(Format::Env, Kind::Connection, text);
        // Airflow's own URIs have no description, and lose the capitals of a host.
        let lost = ["described", "capitals"];
        let kept = |items: Vec<Item>| items.into_iter().filter(|item| !lost.contains(&item.id.as_str())).collect();
        assert_same(kept(bare), &kept(connections()), "env");
    }
    // Both write what JSON makes of a text, and so lose its form; 2 also writes `{"value": 5}` as 3 writes a 5 that is
    // described, and a quoted text without its quotes.
    let form = ["float", "json_compact"];
    let more = ["float", "json_compact", "json_text", "value_inside"];
    for (text, lost) in [(fixture!("two/variables.json"), &more[..]), (fixture!("three/variables.json"), &form[..])] {
        let kept = |items: Vec<Item>| -> Vec<Item> {
            items.into_iter().filter(|item| !lost.contains(&item.id.as_str())).collect()
        };
        assert_same(kept(contents(Format::Json, Kind::Variable, text)), &kept(variables()), "variables");
    }
}

#[test]
fn every_form_reads_back_what_it_wrote() {
    for format in [Format::Json, Format::Yaml] {
        for (kind, items) in [(Kind::Connection, connections()), (Kind::Variable, variables())] {
            let Written { text, left_out } = write(format, &items).expect("written");
            assert_eq!(left_out, []);
            assert_same(contents(format, kind, &text), &items, &format!("{format:?}"));
        }
    }
    let all: Vec<Item> = connections().into_iter().chain(variables()).collect();
    let settings = write(Format::AirflowSettings, &all).expect("written");
    assert_eq!(settings.left_out.iter().map(|(_, id, _)| id.as_str()).collect::<Vec<_>>(), ["described"]);
    let found = read(Format::AirflowSettings, None, settings.text.as_bytes()).expect("settings").items;
    let undescribed = |items: Vec<Item>| items.into_iter().filter(|item| item.id != "described").collect::<Vec<_>>();
    assert_same(undescribed(found), &undescribed(all.clone()), "settings");
    let env = write(Format::Env, &all).expect("written");
    let left_out: Vec<_> = env.left_out.iter().map(|(_, id, _)| id.clone()).collect();
    assert_eq!(left_out, ["json_indented", "json_text", "lines", "unicode", "value_inside", "z_quotes"]);
    let kept: Vec<_> = all
        .into_iter()
        .filter(|item| !left_out.contains(&item.id) || item.id == "unicode" && item.value.kind() == Kind::Connection)
        .collect();
    assert_same(read(Format::Env, None, env.text.as_bytes()).expect("env").items, &kept, "env");
}

/// Stricter than Airflow on purpose: what no secret can hold, or what one Airflow alone takes.
const STRICTER: [&str; 9] = [
    "a: {conn_type: http, password: 123}\n",
    "1: a\n",
    "yes: a\n",
    "a: {conn_type: http, extra: {d: 2024-01-01}}\n",
    "a: b: c\n",
    "",
    "a: http://h\r\n",
    "a: =\n",
    "{\"a\": 1}",
];

#[test]
fn files_are_read_as_airflow_reads_them() {
    let vectors: Vec<Value> = serde_json::from_str(fixture!("vectors.json")).expect("vectors");
    assert!(vectors.len() > 70, "{}", vectors.len());
    let mut wrong = Vec::new();
    for vector in &vectors {
        let text = vector["text"].as_str().expect("text");
        let kind = if vector["kind"] == "connection" { Kind::Connection } else { Kind::Variable };
        let format = if vector["ext"] == "json" { Format::Json } else { Format::Yaml };
        let found = read(format, Some(kind), text.as_bytes());
        let agrees = match &found {
            Ok(found) => ["two", "three"].iter().any(|airflow| is_reading(&found.items, &vector[airflow])),
            Err(_) => vector["two"].is_string() || STRICTER.contains(&text),
        };
        if !agrees {
            let found = found.map(|found| write(Format::Yaml, &found.items).map(|written| written.text));
            wrong.push(format!("{text:?}\n  Airflow: {}\n  {}\n  found: {found:?}", vector["two"], vector["three"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether these are the items of a reading; a port is a number to us where Airflow leaves it as it is.
fn is_reading(items: &[Item], reading: &Value) -> bool {
    let Some(entries) = reading.as_object() else { return false };
    entries.len() == items.len()
        && items.iter().all(|item| match &item.value {
            ItemValue::Variable(text) => entries.get(&item.id) == Some(&Value::from(text.as_str())),
            ItemValue::Connection(found, _) => entries.get(&item.id).is_some_and(|parts| {
                let text = |at: usize| parts[at].as_str().map(str::to_owned);
                let expected = Connection {
                    conn_type: text(0),
                    description: text(1),
                    host: text(2),
                    login: text(3),
                    password: text(4),
                    schema: text(5),
                    port: parts[6].as_i64(),
                    extra: text(7),
                };
                found.is_same_as(&expected)
            }),
            _ => false,
        })
}

#[test]
fn lines_of_airflow_in_an_env_file_are_taken_and_others_told() {
    let text = "\u{feff}# mine\r\nAWS_REGION=eu-west-1\r\nAIRFLOW_CONN_MY_DB=postgres://u:p@h:5432/s\r\n\
                export AIRFLOW_VAR_HELLO=\"wor ld\"\r\nAIRFLOW_CONN_J='{\"conn_type\": \"http\", \"password\": \"$x\"}'\r\n";
    let Contents { items, left_out } = read(Format::Env, None, text.as_bytes()).expect("contents");
    let ids: Vec<_> = items.iter().map(|item| (item.id.as_str(), item.value.kind(), item.line)).collect();
    let expected =
        [("my_db", Kind::Connection, Some(3)), ("hello", Kind::Variable, Some(4)), ("j", Kind::Connection, Some(5))];
    assert_eq!(ids, expected);
    assert!(items[1].value == ItemValue::Variable("wor ld".to_owned()));
    assert_eq!(left_out.len(), 1);
    let ItemValue::Connection(connection, text) = &items[2].value else { panic!("no connection") };
    assert_eq!(connection.password.as_deref(), Some("$x"));
    assert!(text.as_deref().is_some_and(|text| text.starts_with('{')));
}

#[test]
fn settings_of_astro_are_read_as_astro_reads_them() {
    let text = "airflow:\n  connections:\n    - conn_id:\n      conn_type:\n      conn_extra:\n    - conn_id: a\n      conn_type: postgres\n\
                \x20     conn_host: h\n      conn_password: 1234\n      conn_port: 5432\n      conn_extra:\n        k: v\n\
                \x20   - conn_id: b\n      conn_uri: http://u@h\n    - conn_id: c\n      conn_type: aws\n      conn_extra: '{\"x\": 1}'\n\
                \x20 pools:\n    - pool_name: p\n      pool_slot: 3\n  variables:\n    - variable_name: v\n      variable_value: 5\n\
                \x20   - variable_name: w\n      variable_value:\n";
    assert_eq!(format_of("airflow_settings.yaml", text), Format::AirflowSettings);
    let Contents { items, left_out } = read(Format::AirflowSettings, None, text.as_bytes()).expect("contents");
    let expected = [
        connection(
            "a",
            r#"{"conn_type": "postgres", "host": "h", "password": "1234", "port": 5432, "extra": {"k": "v"}}"#,
        ),
        connection("b", "http://u@h"),
        connection("c", r#"{"conn_type": "aws", "extra": {"x": 1}}"#),
        variable("v", "5"),
    ];
    assert_same(items, &expected, "settings");
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(left_out.iter().any(|told| told.contains("pools (1)")) && left_out.iter().any(|told| told.contains("`w`")));
}

#[test]
fn the_form_is_told_by_name_and_content() {
    let cases = [
        (".env", "", Format::Env),
        (".env.local", "x", Format::Env),
        ("prod.env", "", Format::Env),
        ("a.json", "", Format::Json),
        ("a.yml", "airflow:\n  connections: []", Format::AirflowSettings),
        ("a.yaml", "x: y", Format::Yaml),
        ("airflow_settings.yaml", "", Format::AirflowSettings),
        ("-", " {\"a\": 1}", Format::Json),
        ("-", "A=b\n", Format::Env),
        ("-", "a: b\n", Format::Yaml),
        ("-", "airflow:\n  x: y\n", Format::AirflowSettings),
    ];
    for (name, text, expected) in cases {
        assert_eq!(format_of(name, text), expected, "{name} {text}");
    }
    let kinds = ["connections.json", "vars.yaml", "conn_vars.json", "x.json"].map(kind_of);
    assert_eq!(kinds, [Some(Kind::Connection), Some(Kind::Variable), None, None]);
}

#[test]
fn what_a_file_holds_is_told_by_its_content() {
    let kind = |text: &str| read(Format::Json, None, text.as_bytes()).map(|found| found.items[0].value.kind());
    assert_eq!(kind(r#"{"a": {"conn_type": "http"}, "b": "http://h"}"#), Ok(Kind::Connection));
    assert_eq!(kind(r#"{"a": "text", "b": {"c": 1}}"#), Ok(Kind::Variable));
    for unclear in [r#"{"a": "http://h"}"#, r#"{"a": {"conn_type": "http"}, "b": 5}"#] {
        assert!(kind(unclear).expect_err(unclear)[0].reason.contains("--kind"));
    }
}

fn errors(format: Format, kind: Kind, bytes: &[u8]) -> Vec<(Option<usize>, String)> {
    let errors = read(format, Some(kind), bytes).expect_err("errors");
    errors.into_iter().map(|error| (error.line, error.reason)).collect()
}

#[test]
fn errors_tell_every_line_and_no_value() {
    let json = "{\n  \"a\": {\"conn_type\": \"x\", \"foo\": \"hunter2\"},\n  \"b\": \"hunter2\",\n  \"c\": {\"password\": \"hunter2\"},\n  \"d\": [1, 2]\n}";
    let yaml = "a: {conn_type: x, foo: hunter2}\nb: hunter2\nc: {password: hunter2}\nd: [1, 2]\n";
    let env = "AIRFLOW_CONN_A=hunter2\nAIRFLOW_CONN_B={\"password\": hunter2}\nAIRFLOW_VAR_C=hunter2$x\nAIRFLOW_CONN_D=x://hunter2[\n";
    let settings = "airflow:\n  connections:\n    - {conn_id: a, conn_password: hunter2}\n    - {conn_type: x, conn_password: hunter2}\n    - {conn_id: c, conn_type: x, conn_port: hunter2}\n  variables:\n    - {variable_value: hunter2}\n";
    let cases = [
        (Format::Json, json, [2, 3, 4, 5]),
        (Format::Yaml, yaml, [1, 2, 3, 4]),
        (Format::Env, env, [1, 2, 3, 4]),
        (Format::AirflowSettings, settings, [3, 4, 5, 7]),
    ];
    for (format, text, lines) in cases {
        let found = errors(format, Kind::Connection, text.as_bytes());
        assert_eq!(found.iter().filter_map(|(line, _)| *line).collect::<Vec<_>>(), lines, "{format:?}: {found:?}");
        assert!(found.iter().all(|(_, reason)| !reason.contains("hunter2")), "{found:?}");
    }
}

#[test]
fn an_id_that_comes_twice_is_refused() {
    let cases = [
        (Format::Json, "{\"a\": \"1\",\n\"a\": \"2\"}", 2),
        (Format::Yaml, "a: 1\na: 2\n", 2),
        (Format::Env, "AIRFLOW_VAR_A=1\nAIRFLOW_VAR_a=2\n", 2),
        (
            Format::AirflowSettings,
            "airflow:\n  variables:\n  - {variable_name: a, variable_value: x}\n  - {variable_name: a, variable_value: y}\n",
            4,
        ),
    ];
    for (format, text, line) in cases {
        let found = errors(format, Kind::Variable, text.as_bytes());
        assert_eq!((found[0].0, found[0].1.contains("a second time")), (Some(line), true), "{format:?}: {found:?}");
    }
}

#[test]
fn hostile_files_are_refused() {
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..30).map(|at| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(", "))))
        .collect();
    let deep = (1..5000).fold("a0: &a0 [x]\n".to_owned(), |text, at| text + &format!("a{at}: &a{at} [*a{}]\n", at - 1));
    let cases: Vec<(Format, Vec<u8>, &str)> = vec![
        (Format::Yaml, bomb.into_bytes(), "aliases"),
        (Format::Yaml, deep.into_bytes(), "nesting"),
        (Format::Yaml, b"a: &a [*a]\n".to_vec(), ""),
        (Format::Yaml, vec![b'['; 100_000], ""),
        (Format::Json, vec![b'['; 100_000], ""),
        (Format::Json, [b"{\"a\":".to_vec(), vec![b'['; 100_000]].concat(), "deeply"),
        (Format::Yaml, vec![b'a'; MAX_BYTES + 1], "larger than 1024 KiB"),
        (Format::Env, vec![b'a'; MAX_BYTES + 1], "larger"),
        (Format::Json, b"{\"a\": \"\xe9\"}".to_vec(), "UTF-8 (Latin-1?)"),
        (Format::Env, b"AIRFLOW_VAR_A=\xe9\n".to_vec(), "Latin-1"),
        (Format::Yaml, b"\xff\xfea\0".to_vec(), "UTF-16"),
        (Format::Yaml, b"a: \0".to_vec(), "NUL"),
        (Format::Yaml, b"a: !!python/object:os.system x\n".to_vec(), "tag"),
        (Format::Env, b"AIRFLOW_VAR_A=\"x\n".to_vec(), "never closed"),
        (Format::AirflowSettings, b"airflow: 5\n".to_vec(), "no `airflow:`"),
        (Format::Yaml, b"a: b\n---\nc: d\n".to_vec(), "second YAML document"),
    ];
    for (format, bytes, reason) in cases {
        let found = errors(format, Kind::Variable, &bytes);
        assert!(found[0].1.contains(reason), "{format:?} {reason}: {found:?}");
    }
}

#[test]
fn a_connection_that_cannot_be_read_is_written_where_it_does_no_harm() {
    let items = [
        Item { id: "a".to_owned(), value: ItemValue::UnreadableConnection("no-uri".to_owned()), line: None },
        connection("b", "http://h"),
    ];
    assert_eq!(write(Format::Env, &items).expect("env").text, "AIRFLOW_CONN_A=no-uri\nAIRFLOW_CONN_B=http://h\n");
    for format in [Format::Json, Format::Yaml, Format::AirflowSettings] {
        let Written { text, left_out } = write(format, &items).expect("written");
        assert!(!text.contains("no-uri") && left_out.len() == 1 && left_out[0].1 == "a", "{format:?}");
    }
    assert!(!format!("{items:?}").contains("no-uri"));
    let both = [connection("a", "http://h"), variable("b", "x")];
    assert!(write(Format::Json, &both).is_err());
}
