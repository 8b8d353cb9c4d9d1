//! The kwargs of a secrets backend: a JSON object, merged from the variables that Airflow reads it from.
//!
//! The texts of AIRFLOW__SECRETS__BACKEND_KWARGS and of variables with one kwarg each come in; the kwargs as Airflow
//! gives them to the backend go out, and the one text of them that every reader of `.env` takes alike.

mod form;
mod python_only;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::backend::KWARG_VARIABLE_PREFIX;

/// The kwargs, in the order in which they were written. `Debug` shows keys alone: a value may be a static key.
#[derive(Clone, Default, PartialEq)]
pub struct Kwargs(Map<String, Value>);

/// Why kwargs are of no use to Airflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KwargsError {
    /// They are no JSON object: Airflow warns and goes on with its defaults.
    #[error("the kwargs are no JSON object: {reason}")]
    NotAnObject {
        /// What is wrong, without any of the text.
        reason: String,
    },
    /// One of them is of the wrong type or form.
    #[error("the kwarg `{key}` {reason}")]
    Value {
        /// The kwarg.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl KwargsError {
    pub(super) fn value(key: &str, reason: impl Into<String>) -> Self {
        Self::Value { key: key.to_owned(), reason: reason.into() }
    }
}

impl std::fmt::Debug for Kwargs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Kwargs {
    /// Reads the JSON text of AIRFLOW__SECRETS__BACKEND_KWARGS as Airflow does: an empty text, and whatever Python takes
    /// for false (`null`, `[]`, `0`), is an empty object; of a key that is there twice, the last value counts.
    ///
    /// # Errors
    /// [`KwargsError::NotAnObject`]; [`KwargsError::Value`] for what Python's `json` reads and JSON does not have (`NaN`,
    /// a number beyond all bounds, half a surrogate pair).
    pub fn parse(text: &str) -> Result<Self, KwargsError> {
        // apache/airflow:airflow-core/src/airflow/configuration.py, `getjson` and `_get_custom_secret_backend`.
        if text.is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(kwargs)) => Ok(Self(kwargs)),
            Ok(other) if !is_true(&other) => Ok(Self::default()),
            Ok(other) => Err(KwargsError::NotAnObject { reason: format!("they are {}", type_name(&other)) }),
            Err(error) => Err(python_only::found(text).unwrap_or_else(|| not_json(text, &error))),
        }
    }

    /// Reads the JSON text and lays variables with one kwarg each over it (`AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME`),
    /// whose values are texts and nothing else. Variables of any other name are passed over.
    ///
    /// Airflow before 3.2 does not know them.
    ///
    /// # Errors
    /// As [`Kwargs::parse`].
    pub fn merged<'a>(
        json: Option<&str>,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, KwargsError> {
        let mut kwargs = Self::parse(json.unwrap_or_default())?;
        for (name, value) in variables {
            if let Some(key) = key_of_variable(name) {
                kwargs.set(&key, Value::String(value.to_owned()));
            }
        }
        Ok(kwargs)
    }

    /// A kwarg; JSON `null` is `Some(Value::Null)`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Sets a kwarg in place, or behind all others.
    pub fn set(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// Takes a kwarg out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(key)
    }

    /// Every kwarg.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A kwarg that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The JSON text in the one form that every reader of `.env` takes alike: one line, without `$`, `#`, `'`, backquotes,
    /// backslashes that mean something to a reader, or anything that is not ASCII.
    pub fn to_dotenv(&self) -> String {
        form::text(&self.0)
    }
}

/// The kwarg that a variable is for; `None` where it is for none.
pub fn key_of_variable(name: &str) -> Option<String> {
    // apache/airflow:shared/configuration/src/airflow_shared/configuration/parser.py, `_collect_kwarg_env_vars`.
    name.strip_prefix(KWARG_VARIABLE_PREFIX).filter(|key| !key.is_empty()).map(str::to_lowercase)
}

/// Whether Python takes a value for true.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

/// What a value is, in words.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The parser's complaint in words that repeat none of the text.
fn not_json(text: &str, error: &serde_json::Error) -> KwargsError {
    let reason = if text.starts_with('\'') {
        "they are in single quotes, which are part of the value".to_owned()
    } else if text.trim_start().starts_with("{'") {
        "texts are in single quotes, where JSON has double quotes".to_owned()
    } else if error.is_eof() {
        "they end too early".to_owned()
    } else {
        format!("column {} is not as JSON has it", error.column())
    };
    KwargsError::NotAnObject { reason }
}
