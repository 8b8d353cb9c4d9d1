//! JSON as `json.loads` reads it and `json.dumps` writes it.
//!
//! Numbers keep their digits, NaN and Infinity are numbers, and of a key that comes twice the last value counts, in the
//! first one's place: `serde_json` does none of this. A text with half of a surrogate pair is refused, since Airflow cannot
//! put it into a URI, which it does on each look-up.

mod read;
mod write;

use serde_json::{Map, Number, Value};

use read::Reader;
pub(in crate::airflow) use write::float;

/// A value of a JSON text.
#[derive(Clone, PartialEq)]
pub(in crate::airflow) enum Json {
    Null,
    Bool(bool),
    /// A whole number's digits, as Python prints it.
    Int(String),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why a text is no JSON; none of it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::airflow) struct JsonError {
    /// The line, counted from 1.
    pub(in crate::airflow) line: usize,
    /// The character in the line, counted from 1.
    pub(in crate::airflow) column: usize,
    pub(in crate::airflow) reason: &'static str,
}

impl Json {
    /// `json.loads(text)`.
    pub(in crate::airflow) fn parse(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader::of(text);
        let value = reader.value().and_then(|value| {
            reader.skip_blanks();
            if reader.is_at_end() { Ok(value) } else { Err("something follows its end") }
        });
        value.map_err(|reason| reader.error(reason))
    }

    /// The entries of a text that is one object, each with its key's line, in their order; a key may come twice.
    pub(in crate::airflow) fn entries(text: &str) -> Result<Vec<(String, usize, Self)>, JsonError> {
        let mut reader = Reader::of(text);
        reader.lines(text).map_err(|reason| reader.error(reason))
    }

    /// `bool(value)`.
    pub(in crate::airflow) fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(digits) => digits != "0",
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Object(entries) => !entries.is_empty(),
        }
    }

    pub(in crate::airflow) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The same for `serde_json`; `None` where a number would not be the same.
    pub(in crate::airflow) fn to_value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(digits) => match digits.parse::<i64>() {
                Ok(number) => Value::from(number),
                Err(_) => Value::from(digits.parse::<u64>().ok()?),
            },
            Self::Float(value) => Value::Number(Number::from_f64(*value)?),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_value).collect::<Option<_>>()?),
            Self::Object(entries) => {
                let entry = |(key, value): &(String, Self)| Some((key.clone(), value.to_value()?));
                Value::Object(entries.iter().map(entry).collect::<Option<Map<_, _>>>()?)
            }
        })
    }

    /// The same with the keys of every object in order: for comparing.
    pub(in crate::airflow) fn sorted(&self) -> Self {
        match self {
            Self::List(items) => Self::List(items.iter().map(Self::sorted).collect()),
            Self::Object(entries) => {
                let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), value.sorted())).collect();
                entries.sort_by(|one, other| one.0.cmp(&other.0));
                Self::Object(entries)
            }
            other => other.clone(),
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) if number.is_f64() => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            Value::Number(number) => Self::Int(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Object(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}
