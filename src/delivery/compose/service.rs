//! What an override file sets in the `environment:` of one service, in either form.

use serde_yaml::Value;

use super::look::{at, in_service, key, scalar_text, untagged};
use crate::edit::Refusal;
use crate::edit::yaml::{Document, Step};

/// A variable that a service's `environment:` sets.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: String,
    /// Its value as written, `$` and all; `None` where the name stands alone, which passes the caller's variable on.
    pub value: Option<String>,
    /// Its line, counted from 1, where it is known.
    pub line: Option<usize>,
}

impl std::fmt::Debug for Setting {
    /// Without the value, which may be a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Setting").field("name", &self.name).field("line", &self.line).finish_non_exhaustive()
    }
}

/// What the `environment:` of a service sets, in its order.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn settings(bytes: &[u8], service: &str) -> Result<Vec<Setting>, Refusal> {
    let document = Document::parse(bytes)?;
    let path = in_service(service, &[key("environment")]);
    let setting = |name: &str, value: Option<String>, step: Step| Setting {
        name: name.to_owned(),
        value,
        line: document.line_of(&[path.as_slice(), &[step]].concat()),
    };
    Ok(match at(&document, &path) {
        Some(Value::Mapping(entries)) => entries
            .iter()
            .filter_map(|(name, value)| {
                let (name, value) = (name.as_str()?, untagged(value));
                Some(setting(name, (!value.is_null()).then(|| scalar_text(value)), key(name)))
            })
            .collect(),
        Some(Value::Sequence(items)) => items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                let text = item.as_str()?;
                let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
                Some(setting(name, value.map(str::to_owned), Step::Index(index)))
            })
            .collect(),
        _ => Vec::new(),
    })
}
