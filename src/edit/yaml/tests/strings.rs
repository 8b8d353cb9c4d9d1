//! Any string comes back as that string, in every style; and plain style only where YAML 1.1 agrees.

use crate::edit::yaml::Document;
use crate::edit::yaml::scalar::{Context, Quote, write};
use proptest::prelude::*;
use serde_yaml::Value;

const PLACES: [&str; 6] =
    ["v:\n  - a\n", "v:\n- 'a'\n", "v: [a]\n", "v: [\n  'a'\n]\n", "{\"v\": [\"a\"]}", "v:\r\n  - \"a\"\r\n"];

fn comes_back(text: &str) -> Result<(), TestCaseError> {
    for place in PLACES {
        let document = Document::parse(place.as_bytes()).expect("a list");
        let appended = document
            .append_item(&["v".into()], text)
            .map_err(|refusal| TestCaseError::fail(format!("{place:?} refuses {text:?}: {refusal:?}")))?;
        prop_assert_eq!(&appended.value()["v"][1], &Value::from(text));
        let replaced = document
            .replace_scalar(&["v".into(), 0.into()], text)
            .map_err(|refusal| TestCaseError::fail(format!("{place:?} refuses {text:?}: {refusal:?}")))?;
        prop_assert_eq!(&replaced.value()["v"][0], &Value::from(text));
    }
    for place in ["a: b\n", "{a: b}", "{\"a\": \"b\"}", "a: 'b'\n", "", "{}"] {
        let document = Document::parse(place.as_bytes()).expect("a mapping");
        let inserted = document
            .insert_entry(&[], "KEY", text)
            .map_err(|refusal| TestCaseError::fail(format!("{place:?} refuses {text:?}: {refusal:?}")))?;
        prop_assert_eq!(&inserted.value()["KEY"], &Value::from(text));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_string_comes_back(text in any::<String>()) {
        comes_back(&text)?;
    }

    #[test]
    fn any_string_of_indicators_comes_back(text in "[-?:,\\[\\]{}#&*!|>'\"%@`~ \t\r\n\\\\a0.=<+_ex]{0,8}") {
        comes_back(&text)?;
    }
}

#[test]
fn quotes_what_some_reader_takes_for_something_else() {
    let words = [
        "",
        " a",
        "a ",
        "~",
        "null",
        "NULL",
        "true",
        "False",
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "N",
        "<<",
        "=",
        "-",
        "- a",
        "?",
        ": a",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a",
        "\"a",
        "%a",
        "@a",
        "`a",
        "[a",
        "{a",
        "0",
        "00",
        "-1",
        "+1",
        "1_000",
        "0x1F",
        "0o17",
        "017",
        "0b11",
        "1.5",
        "1.",
        ".5",
        "1e3",
        "1.5E-3",
        ".inf",
        "-.INF",
        ".nan",
        "22:22",
        "190:20:30.15",
        "2001-12-14",
        "2001-12-14T21:59:43Z",
        "2001-12-14 21:59:43",
        "a\nb",
        "a\tb",
        "\u{85}",
        "\u{2028}",
        "\u{feff}a",
    ];
    for word in words {
        assert!(write(word, Quote::Plain, Context::Block).starts_with(['"', '\'']), "{word:?} is written plain");
    }
}

#[test]
fn leaves_plain_what_every_reader_takes_for_that_string() {
    let words = [
        "a",
        "/home/ana/.aws:/home/astro/.aws:ro",
        "./a",
        "~/.aws:/a",
        "$HOME/a",
        "dev",
        "yess",
        "0x",
        "1.2.3a",
        "a b",
        "a#b",
        "a'b",
        "a\"b",
        "é",
        "2001-12",
        "1e",
        "10m",
        "e3",
        "a\\b",
        "0.0.0.0/0",
        "192.168.0.1:80x",
    ];
    for word in words {
        assert_eq!(write(word, Quote::Plain, Context::Block), word);
    }
}

#[test]
fn keeps_the_quotes_of_the_file_where_they_can_hold_the_text() {
    assert_eq!(write("it's", Quote::Single, Context::Block), "'it''s'");
    assert_eq!(write("a\nb", Quote::Single, Context::Block), "\"a\\nb\"");
    assert_eq!(write("a\u{1}\"\\", Quote::Double, Context::Flow), "\"a\\u0001\\\"\\\\\"");
    assert_eq!(write("C:\\a: b", Quote::Plain, Context::Block), "'C:\\a: b'");
    assert_eq!(write("a, b", Quote::Plain, Context::Flow), "\"a, b\"");
}
