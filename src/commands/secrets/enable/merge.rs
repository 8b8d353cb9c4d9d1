//! The kwargs that are there and those that are asked for, merged: what stands where afterwards, and what changes.
//!
//! What nobody asked to change stays. Pure: texts in, texts out.

use serde_json::Value;

use super::options::{Options, REGION, ROLE, WORDS};
use crate::airflow::kwargs::key_of_variable;
use crate::airflow::{Backend, Configured, Kind, Kwargs};
use crate::aws::arn;
use crate::commands::secrets::present::{Found, Origin};
use crate::edit::dotenv::DotEnv;

/// What is set up now.
#[derive(Default)]
pub(super) struct Existing {
    /// The backend; `None` for none, or for one of which nothing is kept.
    pub(super) backend: Option<Backend>,
    /// AIRFLOW__SECRETS__BACKEND_KWARGS.
    pub(super) json: Kwargs,
    /// Variables with one kwarg each that this Airflow reads.
    pub(super) singles: Vec<Found>,
    /// Such variables of another class, which would be passed to this one.
    pub(super) foreign: Vec<Found>,
}

impl Existing {
    /// The kwargs as the backend gets them.
    pub(super) fn kwargs(&self) -> Kwargs {
        let mut kwargs = self.json.clone();
        for single in &self.singles {
            if let Some(key) = key_of_variable(&single.name) {
                kwargs.set(&key, Value::String(single.value.clone()));
            }
        }
        kwargs
    }

    fn single(&self, key: &str) -> Option<&Found> {
        self.singles.iter().find(|found| key_of_variable(&found.name).as_deref() == Some(key))
    }
}

/// What is to be set up.
#[derive(Debug)]
pub(super) struct Merged {
    /// The backend and its kwargs as it will get them.
    pub(super) configured: Configured,
    /// AIRFLOW__SECRETS__BACKEND_KWARGS.
    pub(super) json: Kwargs,
    /// Variables with one kwarg each that get another value.
    pub(super) singles: Vec<(String, String)>,
    /// Variables with one kwarg each that go from `.env`.
    pub(super) gone: Vec<String>,
    /// Variables of the Dockerfile that no line of `.env` can undo.
    pub(super) beyond: Vec<Found>,
}

/// Merges; `region` is what counts where neither an option nor a kwarg that is there tells one.
pub(super) fn merge(options: &Options, existing: &Existing, region: Option<&str>) -> Merged {
    let before = existing.kwargs();
    let mut merged = Merged {
        configured: Configured { backend: options.backend, kwargs: Kwargs::default() },
        json: existing.json.clone(),
        singles: Vec::new(),
        gone: Vec::new(),
        beyond: Vec::new(),
    };
    for single in &existing.foreign {
        merged.leave_out(single);
    }
    for kind in Kind::ALL {
        if let Some(prefix) = prefix(options, existing, &before, kind) {
            merged.set(existing, kind.prefix_key(), prefix);
        }
    }
    let is_prefix = |key: &str| Kind::ALL.iter().any(|kind| kind.prefix_key() == key);
    for (key, value) in options.kwargs.iter().filter(|(key, _)| !is_prefix(key)) {
        merged.set(existing, key, value.clone());
    }
    if let (None, false, Some(region)) = (options.get(REGION), has_region(&before), region) {
        merged.set(existing, REGION, Value::String(region.to_owned()));
    }
    if !options.words.is_empty() {
        let mut words = before.get(WORDS).and_then(Value::as_object).cloned().unwrap_or_default();
        words.extend(options.words.clone());
        merged.set(existing, WORDS, Value::Object(words));
    }
    let mut useless = vec![ROLE];
    if options.backend == Backend::ParameterStore {
        useless.extend(["sep", WORDS]);
    }
    for key in useless {
        merged.take_out(existing, key);
    }
    merged.configured.kwargs = merged.kwargs(existing);
    merged
}

/// Whether the kwargs that are there name a region: `<your-region>`, as the documentation has it, is none.
pub(super) fn has_region(kwargs: &Kwargs) -> bool {
    kwargs.get(REGION).is_some_and(|region| region.as_str().is_none_or(arn::is_region))
}

/// A prefix that is to be written: the one that is asked for, the backend's own where there is none, or where the one that
/// is there is the other backend's own.
fn prefix(options: &Options, existing: &Existing, before: &Kwargs, kind: Kind) -> Option<Value> {
    let own = || Value::String(kind.default_prefix(options.backend).to_owned());
    let of_other = existing.backend.filter(|backend| *backend != options.backend);
    match (options.get(kind.prefix_key()), before.get(kind.prefix_key())) {
        (Some(asked), _) => Some(asked.clone()),
        (None, None) => Some(own()),
        (None, Some(found)) => {
            let is_other_s_own = of_other.is_some_and(|other| found.as_str() == Some(kind.default_prefix(other)));
            is_other_s_own.then(own)
        }
    }
}

impl Merged {
    fn set(&mut self, existing: &Existing, key: &str, value: Value) {
        let Some(single) = existing.single(key) else {
            self.json.set(key, value);
            return;
        };
        match value {
            Value::String(text) if text == single.value => {}
            // Where it is set it is changed: there it beats the JSON text.
            Value::String(text) if DotEnv::empty().set(&single.name, &text).is_ok() => {
                self.singles.push((single.name.clone(), text));
            }
            value => {
                self.json.set(key, value);
                self.leave_out(single);
            }
        }
    }

    fn take_out(&mut self, existing: &Existing, key: &str) {
        self.json.remove(key);
        if let Some(single) = existing.single(key) {
            self.leave_out(single);
        }
    }

    fn leave_out(&mut self, single: &Found) {
        match single.origin {
            Origin::Dotenv => self.gone.push(single.name.clone()),
            Origin::Dockerfile => self.beyond.push(single.clone()),
        }
    }

    fn kwargs(&self, existing: &Existing) -> Kwargs {
        let mut kwargs = self.json.clone();
        let kept = existing.singles.iter().filter(|single| !self.gone.contains(&single.name));
        let kept = kept.map(|single| (single.name.as_str(), single.value.as_str()));
        let changed = self.singles.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in kept.chain(changed) {
            if let Some(key) = key_of_variable(name) {
                kwargs.set(&key, Value::String(value.to_owned()));
            }
        }
        kwargs
    }
}

#[cfg(test)]
mod tests;
