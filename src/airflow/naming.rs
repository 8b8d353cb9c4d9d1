//! The names under which a backend looks things up in AWS, and back from a name to an id.
//!
//! Rules: apache/airflow:providers/amazon/src/airflow/providers/amazon/aws/secrets/{secrets_manager,systems_manager}.py.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::backend::{Backend, Kind};
use super::kwargs::{Kwargs, KwargsError, is_true, type_name};
use super::pattern::Pattern;

/// How a configured backend makes names.
#[derive(Debug, Clone)]
pub struct Naming {
    connections: Rule,
    variables: Rule,
    config: Rule,
}

/// How the names of one kind are made.
#[derive(Debug, Clone)]
struct Rule {
    /// `None` where the kind is switched off.
    beginning: Option<String>,
    pattern: Option<Pattern>,
}

/// What a backend does with an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// It asks AWS for this name.
    Name(String),
    /// It does not ask: the kind's prefix is `null`.
    SwitchedOff,
    /// It does not ask: the id does not match this pattern.
    Unmatched {
        /// The kind's lookup pattern.
        pattern: String,
    },
}

impl Naming {
    pub(super) fn of(backend: Backend, kwargs: &Kwargs) -> Result<Self, KwargsError> {
        if kwargs.get("self").is_some() {
            return Err(KwargsError::value("self", "is a name that Python keeps for itself; Airflow does not start"));
        }
        let rule = |kind: Kind| {
            let beginning = match backend {
                Backend::SecretsManager => of_secrets_manager(kwargs, kind)?,
                Backend::ParameterStore => of_parameter_store(kwargs, kind)?,
            };
            // Airflow never looks at the pattern of a kind that is off.
            let pattern = if beginning.is_some() { pattern(kwargs, kind)? } else { None };
            Ok(Rule { beginning, pattern })
        };
        Ok(Self { connections: rule(Kind::Connection)?, variables: rule(Kind::Variable)?, config: rule(Kind::Config)? })
    }

    /// What the backend does with an id.
    pub fn look_up(&self, kind: Kind, id: &str) -> LookUp {
        let Rule { beginning, pattern } = self.rule(kind);
        match (beginning, pattern) {
            (None, _) => LookUp::SwitchedOff,
            (Some(_), Some(pattern)) if !pattern.matches(id) => {
                LookUp::Unmatched { pattern: pattern.as_str().to_owned() }
            }
            (Some(beginning), _) => LookUp::Name(format!("{beginning}{id}")),
        }
    }

    /// The id that a full name stands for; `None` where it is none of this kind. Where prefixes overlap, a name may stand
    /// for ids of several kinds. Whether Airflow asks for the id at all, [`Naming::look_up`] tells.
    pub fn id_of<'a>(&self, kind: Kind, name: &'a str) -> Option<&'a str> {
        name.strip_prefix(self.beginning(kind)?).filter(|id| !id.is_empty())
    }

    /// What every name of a kind begins with, separator included (`""` where the prefix is empty); `None` where the kind
    /// is switched off.
    pub fn beginning(&self, kind: Kind) -> Option<&str> {
        self.rule(kind).beginning.as_deref()
    }

    fn rule(&self, kind: Kind) -> &Rule {
        match kind {
            Kind::Connection => &self.connections,
            Kind::Variable => &self.variables,
            Kind::Config => &self.config,
        }
    }
}

/// `if prefix: prefix.rstrip(sep)`, then `prefix + sep + id`, or the id alone where nothing is left of the prefix.
fn of_secrets_manager(kwargs: &Kwargs, kind: Kind) -> Result<Option<String>, KwargsError> {
    let prefix = match kwargs.get(kind.prefix_key()) {
        None => kind.default_prefix(Backend::SecretsManager),
        Some(Value::Null) => return Ok(None),
        // Python asks whether it is true, so `false` and `0` count as an empty prefix.
        Some(other) if !is_true(other) => return Ok(Some(String::new())),
        Some(Value::String(prefix)) => prefix,
        Some(other) => return Err(no_text(kind.prefix_key(), other)),
    };
    let (stripped, sep) = match kwargs.get("sep") {
        None => (prefix.trim_end_matches('/'), "/"),
        // `rstrip` takes a set of characters and not a suffix.
        Some(Value::String(sep)) => (prefix.trim_end_matches(|last| sep.contains(last)), sep.as_str()),
        // `rstrip(None)` takes blanks off, and an f-string makes "None" of it.
        Some(Value::Null) => (prefix.trim_end_matches(is_python_space), "None"),
        Some(other) => return Err(no_text("sep", other)),
    };
    Ok(Some(if stripped.is_empty() { String::new() } else { format!("{stripped}{sep}") }))
}

/// `prefix.rstrip("/") + "/" + id`, with a `/` before it where there is none.
fn of_parameter_store(kwargs: &Kwargs, kind: Kind) -> Result<Option<String>, KwargsError> {
    let prefix = match kwargs.get(kind.prefix_key()) {
        None => kind.default_prefix(Backend::ParameterStore),
        Some(Value::Null) => return Ok(None),
        Some(Value::String(prefix)) => prefix,
        Some(other) => return Err(no_text(kind.prefix_key(), other)),
    };
    let name = format!("{}/", prefix.trim_end_matches('/'));
    Ok(Some(if name.starts_with('/') { name } else { format!("/{name}") }))
}

fn pattern(kwargs: &Kwargs, kind: Kind) -> Result<Option<Pattern>, KwargsError> {
    let key = kind.pattern_key();
    match kwargs.get(key).filter(|value| is_true(value)) {
        None => Ok(None),
        Some(Value::String(pattern)) => {
            Pattern::parse(pattern).map(Some).map_err(|error| KwargsError::value(key, error.to_string()))
        }
        Some(other) => {
            let reason = format!("is {}, where a regular expression belongs; every look-up fails", type_name(other));
            Err(KwargsError::value(key, reason))
        }
    }
}

fn no_text(key: &str, found: &Value) -> KwargsError {
    KwargsError::value(key, format!("is {}, where a text belongs; Airflow does not start", type_name(found)))
}

/// Python's `str.isspace`, which has four control characters more than Unicode.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}
