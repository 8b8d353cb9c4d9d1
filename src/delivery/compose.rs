//! The override file: which lines are ours, which are to come, which are to go.
//!
//! A parsed `docker-compose.override.yml`, the wanted entries and the owned ones come in; the edited document goes out,
//! with the mounts and values that a person wrote and that were left alone.

use serde_yaml::Value;

use super::entries::{Conflict, OnConflict, OwnMount, Owned, Wanted};
use crate::edit::Refusal;
use crate::edit::yaml::{Document, Step};
use crate::project::services::CONTAINER_AWS_FOLDER;

/// The edited override file and what was found on the way.
#[derive(Debug)]
pub struct Edited {
    /// The file as it shall be.
    pub document: Document,
    /// The entries in it that are ours now.
    pub owned: Vec<Owned>,
    /// Mounts of a person at the place of ours.
    pub own_mounts: Vec<OwnMount>,
    /// Values of a person that differ from the wanted ones.
    pub conflicts: Vec<Conflict>,
}

/// Brings an override file to what is wanted: entries that we own and no longer want go, missing ones come.
///
/// # Errors
/// A [`Refusal`] of the editor, with the line: then nothing of the file may be changed.
pub fn bring_to(
    document: Document,
    wanted: &Wanted,
    owned: &[Owned],
    on_conflict: OnConflict,
) -> Result<Edited, Refusal> {
    let stale: Vec<_> = owned.iter().filter(|entry| !is_wanted(entry, wanted)).cloned().collect();
    // A value that only changes is replaced where it stands, so a person's order and comments stay.
    let (replaced, gone): (Vec<_>, Vec<_>) = stale.into_iter().partition(|entry| has_successor(entry, wanted));
    let mut edit = Edited {
        document: take_out(document, &gone)?,
        owned: Vec::new(),
        own_mounts: Vec::new(),
        conflicts: Vec::new(),
    };
    for service in &wanted.services {
        if let Some(volume) = &wanted.volume {
            edit.bring_volume(service, volume, owned, &replaced)?;
        }
        for (key, value) in &wanted.environment {
            edit.bring_variable(service, (key, value), owned, on_conflict)?;
        }
    }
    Ok(edit)
}

/// Removes the entries that are ours and still read as written, and nothing else.
///
/// # Errors
/// A [`Refusal`] of the editor.
pub fn take_out(mut document: Document, owned: &[Owned]) -> Result<Document, Refusal> {
    for entry in owned.iter().rev() {
        match entry {
            Owned::Volume { service, text } => {
                if let Some(index) = position_of_text(&document, service, text) {
                    document = document.remove(&in_service(service, &[key("volumes"), Step::Index(index)]))?;
                }
            }
            Owned::Environment { service, key: name, value, previous } => {
                let Some(found) = variable(&document, service, name).filter(|found| found.value == *value) else {
                    continue;
                };
                document = match previous {
                    Some(previous) => document.replace_scalar(&found.path, &found.form.text(name, previous))?,
                    None => document.remove(&found.path)?,
                };
            }
            Owned::Dotenv { .. } => {}
        }
    }
    Ok(document)
}

/// Services that the file names without an image or a build, so that another file has to define them.
pub fn undefined_services(document: &Document) -> Vec<&str> {
    let services = at(document, &[key("services")]).and_then(Value::as_mapping);
    let names = services.into_iter().flatten().filter_map(|(name, service)| {
        let defines = |field| untagged(service).get(field).is_some();
        (!defines("image") && !defines("build")).then(|| name.as_str()).flatten()
    });
    names.collect()
}

impl Edited {
    fn bring_volume(
        &mut self,
        service: &str,
        volume: &str,
        owned: &[Owned],
        replaced: &[Owned],
    ) -> Result<(), Refusal> {
        let ours = Owned::Volume { service: service.to_owned(), text: volume.to_owned() };
        if position_of_text(&self.document, service, volume).is_some() {
            // Written by hand just as we would: it serves, and it is not ours to take back.
            if owned.contains(&ours) {
                self.owned.push(ours);
            }
            return Ok(());
        }
        let before = replaced.iter().find_map(|entry| match entry {
            Owned::Volume { service: of, text } if of == service => position_of_text(&self.document, service, text),
            _ => None,
        });
        if let Some(index) = before {
            let path = in_service(service, &[key("volumes"), Step::Index(index)]);
            self.document = self.document.replace_scalar(&path, volume)?;
            self.owned.push(ours);
            return Ok(());
        }
        let own_mounts = own_mounts(&self.document, service);
        if own_mounts.is_empty() {
            self.document = self.document.append_item(&in_service(service, &[key("volumes")]), volume)?;
            self.owned.push(ours);
        } else {
            self.own_mounts.extend(own_mounts);
        }
        Ok(())
    }

    fn bring_variable(
        &mut self,
        service: &str,
        (name, value): (&str, &str),
        owned: &[Owned],
        on_conflict: OnConflict,
    ) -> Result<(), Refusal> {
        let Some(found) = variable(&self.document, service, name) else {
            let environment = in_service(service, &[key("environment")]);
            self.document = match at(&self.document, &environment) {
                Some(Value::Sequence(_)) => self.document.append_item(&environment, &format!("{name}={value}"))?,
                _ => self.document.insert_entry(&environment, name, value)?,
            };
            self.owned.push(environment_entry(service, name, value, None));
            return Ok(());
        };
        let ours = owned.iter().find_map(|entry| match entry {
            Owned::Environment { service: of, key, value, previous }
                if of == service && key == name && *value == found.value =>
            {
                Some(previous.clone())
            }
            _ => None,
        });
        if found.value == value {
            self.owned.extend(ours.map(|previous| environment_entry(service, name, value, previous)));
            return Ok(());
        }
        let previous = match ours {
            Some(previous) => previous,
            None => {
                self.conflicts.push(Conflict {
                    line: self.document.line_of(&found.path),
                    service: Some(service.to_owned()),
                    key: name.to_owned(),
                    present: found.value.clone(),
                    wanted: value.to_owned(),
                });
                if on_conflict == OnConflict::Keep {
                    return Ok(());
                }
                Some(found.value.clone())
            }
        };
        self.document = self.document.replace_scalar(&found.path, &found.form.text(name, value))?;
        self.owned.push(environment_entry(service, name, value, previous));
        Ok(())
    }
}

fn environment_entry(service: &str, key: &str, value: &str, previous: Option<String>) -> Owned {
    Owned::Environment { service: service.to_owned(), key: key.to_owned(), value: value.to_owned(), previous }
}

fn is_wanted(entry: &Owned, wanted: &Wanted) -> bool {
    match entry {
        Owned::Volume { service, text } => {
            wanted.services.contains(service) && wanted.volume.as_ref().is_some_and(|volume| volume == text)
        }
        Owned::Environment { service, key, value, .. } => {
            wanted.services.contains(service) && wanted.environment.iter().any(|(k, v)| k == key && v == value)
        }
        Owned::Dotenv { .. } => true,
    }
}

fn has_successor(entry: &Owned, wanted: &Wanted) -> bool {
    match entry {
        Owned::Volume { service, .. } => wanted.services.contains(service) && wanted.volume.is_some(),
        Owned::Environment { service, key, .. } => {
            wanted.services.contains(service) && wanted.environment.iter().any(|(k, _)| k == key)
        }
        Owned::Dotenv { .. } => false,
    }
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

fn in_service(service: &str, rest: &[Step]) -> Vec<Step> {
    [&[key("services"), key(service)], rest].concat()
}

fn at<'a>(document: &'a Document, path: &[Step]) -> Option<&'a Value> {
    path.iter()
        .try_fold(document.value(), |value, step| {
            let value = untagged(value);
            match step {
                Step::Key(name) => value.as_mapping()?.get(name.as_str()),
                Step::Index(index) => value.as_sequence()?.get(*index),
            }
        })
        .map(untagged)
}

/// What a `!override` tag stands before.
fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => untagged(&tagged.value),
        plain => plain,
    }
}

fn volumes<'a>(document: &'a Document, service: &str) -> &'a [Value] {
    at(document, &in_service(service, &[key("volumes")])).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
}

fn position_of_text(document: &Document, service: &str, text: &str) -> Option<usize> {
    volumes(document, service).iter().position(|item| item.as_str() == Some(text))
}

fn own_mounts(document: &Document, service: &str) -> Vec<OwnMount> {
    let mounts = volumes(document, service).iter().enumerate().filter_map(|(index, item)| {
        let (text, target) = target_of(item)?;
        let target = target.trim_end_matches('/');
        let is_ours = target == CONTAINER_AWS_FOLDER || target.starts_with(&format!("{CONTAINER_AWS_FOLDER}/"));
        is_ours.then(|| OwnMount {
            service: service.to_owned(),
            line: document.line_of(&in_service(service, &[key("volumes"), Step::Index(index)])),
            text,
        })
    });
    mounts.collect()
}

/// The text to show for a volume, and where in the container it appears (Compose specification, "volumes").
fn target_of(item: &Value) -> Option<(String, String)> {
    match untagged(item) {
        Value::String(text) => Some((text.clone(), short_target(text).to_owned())),
        Value::Mapping(long) => {
            let field = |name: &str| long.get(name).and_then(Value::as_str);
            let target = field("target")?.to_owned();
            Some((format!("{}:{target}", field("source").unwrap_or_default()), target))
        }
        _ => None,
    }
}

/// The target of `[source:]target[:options]`; the colon of a drive letter separates nothing.
fn short_target(text: &str) -> &str {
    let bytes = text.as_bytes();
    let is_drive =
        bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/');
    let source_end = if is_drive { 2 } else { 0 };
    match text[source_end..].split_once(':') {
        Some((_, rest)) => rest.split(':').next().unwrap_or(rest),
        None => text,
    }
}

/// How a variable is written in `environment:`.
enum Form {
    /// `KEY: value`
    Entry,
    /// `- KEY=value`
    Item,
}

impl Form {
    fn text(&self, name: &str, value: &str) -> String {
        match self {
            Self::Entry => value.to_owned(),
            Self::Item => format!("{name}={value}"),
        }
    }
}

struct Variable {
    path: Vec<Step>,
    form: Form,
    value: String,
}

fn variable(document: &Document, service: &str, name: &str) -> Option<Variable> {
    let environment = in_service(service, &[key("environment")]);
    match at(document, &environment)? {
        Value::Mapping(entries) => {
            let value = scalar_text(untagged(entries.get(name)?));
            Some(Variable { path: in_service(service, &[key("environment"), key(name)]), form: Form::Entry, value })
        }
        Value::Sequence(items) => items.iter().enumerate().rev().find_map(|(index, item)| {
            let text = item.as_str()?;
            let (found, value) = text.split_once('=').unwrap_or((text, ""));
            (found == name).then(|| Variable {
                path: in_service(service, &[key("environment"), Step::Index(index)]),
                form: Form::Item,
                value: value.to_owned(),
            })
        }),
        _ => None,
    }
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
