//! A secrets backend with its kwargs: what Airflow makes of the two variables together.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::backend::Backend;
use super::connection::ExtraWords;
use super::kwargs::{Kwargs, KwargsError, is_true, type_name};
use super::naming::Naming;

/// A backend with its kwargs.
#[derive(Debug, Clone, PartialEq)]
pub struct Configured {
    /// The backend.
    pub backend: Backend,
    /// Its kwargs.
    pub kwargs: Kwargs,
}

impl Configured {
    /// The backend with Airflow's defaults.
    pub fn default_of(backend: Backend) -> Self {
        Self { backend, kwargs: Kwargs::default() }
    }

    /// The names it looks up.
    ///
    /// # Errors
    /// Where a kwarg is of the wrong type, or a pattern no regular expression: Airflow then does not start, or asks for
    /// nothing.
    pub fn naming(&self) -> Result<Naming, KwargsError> {
        Naming::of(self.backend, &self.kwargs)
    }

    /// The additional words for the parts of a connection that is stored as JSON (`extra_conn_words`), by part as
    /// Airflow calls it: words for `user` are under `login`. Parameter Store knows none.
    ///
    /// # Errors
    /// Where they are not as Airflow needs them: every look-up of a connection that is stored as JSON fails then.
    pub fn extra_words(&self) -> Result<ExtraWords, KwargsError> {
        match self.backend {
            Backend::SecretsManager => extra_words(self.kwargs.get("extra_conn_words")),
            Backend::ParameterStore => Ok(ExtraWords::new()),
        }
    }
}

/// The parts of a connection that have words (secrets_manager.py, `possible_words_for_conn_fields`).
const PARTS: [&str; 7] = ["login", "password", "host", "port", "schema", "conn_type", "extra"];

fn extra_words(kwarg: Option<&Value>) -> Result<ExtraWords, KwargsError> {
    let wrong = |reason: String| KwargsError::value("extra_conn_words", reason);
    let parts = match kwarg.filter(|value| is_true(value)) {
        None => return Ok(ExtraWords::new()),
        Some(Value::Object(parts)) => parts,
        Some(other) => return Err(wrong(format!("is {}, where an object of lists belongs", type_name(other)))),
    };
    let mut words = ExtraWords::new();
    for (part, list) in parts {
        let part = if part == "user" { "login" } else { part };
        if !PARTS.contains(&part) {
            return Err(wrong(format!("has words for `{}`, which no connection has", part.escape_debug())));
        }
        let list: Vec<String> = match list {
            // `extend` takes a text apart, and of an object the keys; what is no text is like no key.
            Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            Value::String(text) => text.chars().map(String::from).collect(),
            Value::Object(entries) => entries.keys().cloned().collect(),
            other => return Err(wrong(format!("has {} for `{part}`, where a list belongs", type_name(other)))),
        };
        words.entry(part.to_owned()).or_default().extend(list);
    }
    Ok(words)
}
