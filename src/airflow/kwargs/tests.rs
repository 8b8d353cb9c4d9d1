use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Kwargs, KwargsError};
use crate::edit::dotenv::DotEnv;

/// Python's `repr` of the values that the vectors hold.
fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(float)) if float.fract() == 0.0 && float < 1e16 => format!("{float:.1}"),
            _ => number.to_string(),
        },
        Value::String(text) if text.contains('\'') => format!("\"{text}\""),
        Value::String(text) => format!("'{}'", text.replace('\t', "\\t")),
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("'{key}': {}", repr(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn check_against(vectors: &str, knows_per_key: bool) {
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    assert!(vectors.len() > 80, "{}", vectors.len());
    for case in vectors {
        let (text, airflow) = (case["json"].as_str().unwrap(), &case["kwargs"]);
        let names: Vec<(String, &str)> = case["per_key"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|_| knows_per_key)
            .map(|(key, value)| (format!("AIRFLOW__SECRETS__BACKEND_KWARG__{key}"), value.as_str().unwrap()))
            .collect();
        let read = Kwargs::merged(Some(text), names.iter().map(|(name, value)| (name.as_str(), *value)));
        match read {
            Ok(kwargs) => {
                assert_eq!(case["warns"], false, "{case}");
                let got: Vec<Value> = kwargs.iter().map(|(key, value)| json!([key, repr(value)])).collect();
                // Python's whole numbers have neither bounds nor a negative zero.
                let exact = !text.contains("100000000000000000000") && !text.contains("-0");
                assert!(!exact || Value::Array(got.clone()) == *airflow, "{got:?} {case}");
            }
            Err(KwargsError::NotAnObject { .. }) => assert_eq!(case["warns"], true, "{case}"),
            Err(KwargsError::Value { .. }) => {
                assert_eq!(case["warns"], false, "{case}");
                let odd = ["nan", "inf", "\\ud800"];
                assert!(odd.iter().any(|odd| airflow.to_string().contains(odd)) || text.contains("\\ud800"), "{case}");
            }
        }
    }
}

#[test]
fn kwargs_are_what_airflow_2_reads() {
    check_against(include_str!("../../../fixtures/airflow-names/kwargs-airflow2.json"), false);
}

#[test]
fn kwargs_are_what_airflow_3_reads() {
    check_against(include_str!("../../../fixtures/airflow-names/kwargs-airflow3.json"), true);
}

#[test]
fn a_kwarg_of_its_own_variable_counts_and_keeps_its_place() {
    let names = [
        ("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME", "eu-west-1"),
        ("AIRFLOW__SECRETS__BACKEND_KWARG__", "nothing"),
        ("AIRFLOW__SECRETS__BACKEND_KWARGS", "{\"x\": 1}"),
        ("AIRFLOW__SECRETS__BACKEND_KWARG__SEP", "null"),
    ];
    let kwargs = Kwargs::merged(Some("{\"region_name\": \"x\", \"a\": 1}"), names).unwrap();
    assert_eq!(kwargs.to_dotenv(), r#"{"region_name":"eu-west-1","a":1,"sep":"null"}"#);
}

#[test]
fn an_error_repeats_no_value() {
    for text in [
        "{\"aws_secret_access_key\": \"hunter2",
        "'{\"a\": \"hunter2\"}'",
        "{'a': 'hunter2'}",
        "{\"a\": hunter2}",
        "{\"a\": [\"hunter2\", NaN]}",
        "\"hunter2\"",
    ] {
        let error = Kwargs::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let kwargs = Kwargs::parse("{\"aws_secret_access_key\": \"hunter2\"}").unwrap();
    assert_eq!(format!("{kwargs:?}"), "{\"aws_secret_access_key\"}");
}

#[test]
fn nothing_that_a_reader_could_touch_is_written() {
    let mut kwargs = Kwargs::default();
    kwargs.set("connections_lookup_pattern", json!("^a$ #\\d'\"`\n\té😀"));
    let expected =
        r#"{"connections_lookup_pattern":"^a\u0024 \u0023\u005cd\u0027\u0022\u0060\u000a\u0009\u00e9\ud83d\ude00"}"#;
    assert_eq!(kwargs.to_dotenv(), expected);
    assert_eq!(Kwargs::parse(expected).unwrap(), kwargs);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // serde_json reads others to within the last bit.
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        any::<String>().prop_map(Value::from),
        "[$#'\"`\\\\{}%~ =a\n]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_to_dotenv_is_read_back(
        entries in prop::collection::vec(("[a-z_$#'\"\\\\é ]{0,6}", value()), 0..5),
        before in prop_oneof![Just(""), Just("A=1\n"), Just("X='old' # why\r\n"), Just("export X=\n")],
    ) {
        let mut kwargs = Kwargs::default();
        for (key, value) in entries {
            kwargs.set(&key, value);
        }
        let text = kwargs.to_dotenv();
        prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"$#'`".contains(&byte)));
        // A backslash only ever begins \uXXXX.
        prop_assert!(text.match_indices('\\').all(|(at, _)| text[at + 1..].starts_with('u')));
        let file = DotEnv::parse(before.as_bytes()).unwrap().set("X", &text).unwrap();
        let read = DotEnv::parse(file.bytes()).unwrap();
        prop_assert_eq!(Kwargs::parse(&read.get("X").unwrap().value).unwrap(), kwargs);
    }

    #[test]
    fn reading_never_fails_otherwise_than_by_an_error(text in "[{}\\[\\]\":,\\\\ua0-9dDNanIfity.eE+ -]{0,24}") {
        let _ = Kwargs::parse(&text);
    }
}
