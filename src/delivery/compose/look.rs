//! What stands in an override file: volumes and variables of its services, in every form that Compose accepts.
//!
//! A parsed document comes in; places, values and findings go out, with their lines. Nothing is changed here.

use serde_yaml::Value;

use super::super::dotenv::{PROFILE_NAMES, STRONGER_THAN_PROFILES};
use super::super::entries::{Conflict, OwnMount, Owned, Ownership, StaticKey, Undefined};
use crate::edit::Refusal;
use crate::edit::yaml::{Document, Step};
use crate::project::services::CONTAINER_AWS_FOLDER;

/// Services that the file names without an image or a build, so that another file has to define them.
pub(super) fn undefined_services(document: &Document) -> Vec<Undefined> {
    let services = at(document, &[key("services")]).and_then(Value::as_mapping);
    let names = services.into_iter().flatten().filter_map(|(name, service)| {
        let defines = |field| untagged(service).get(field).is_some();
        (!defines("image") && !defines("build")).then(|| name.as_str()).flatten()
    });
    names
        .map(|name| Undefined { service: name.to_owned(), line: document.line_of(&[key("services"), key(name)]) })
        .collect()
}

/// The variables by which a person's entries give a service a profile.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn profile_variables(bytes: &[u8], owned: &[Owned]) -> Result<Vec<&'static str>, Refusal> {
    let document = Document::parse(bytes)?;
    let names = service_names(&document);
    let is_theirs = |service: &str, name: &str| {
        variable(&document, service, name)
            .is_some_and(|found| ownership(owned, service, name, &found.value) == Ownership::Theirs)
    };
    Ok(PROFILE_NAMES.iter().copied().filter(|name| names.iter().any(|service| is_theirs(service, name))).collect())
}

/// The static keys that entries give to services.
pub(super) fn static_keys(document: &Document) -> Vec<StaticKey> {
    let mut found = Vec::new();
    for service in service_names(document) {
        for name in STRONGER_THAN_PROFILES {
            if let Some(present) = variable(document, service, name).filter(|present| !present.value.is_empty()) {
                let line = document.line_of(&present.path);
                found.push(StaticKey { service: service.to_owned(), key: name, line });
            }
        }
    }
    found
}

/// A variable that a service's `environment:` sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InService {
    /// The service.
    pub service: String,
    /// The variable.
    pub key: String,
    /// Its line, counted from 1, where it is known.
    pub line: Option<usize>,
}

/// The variables of services that are asked for: they beat those of `.env`.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn in_services(bytes: &[u8], is_asked_for: impl Fn(&str) -> bool) -> Result<Vec<InService>, Refusal> {
    let document = Document::parse(bytes)?;
    let mut found = Vec::new();
    for service in service_names(&document) {
        let names = match at(&document, &in_service(service, &[key("environment")])) {
            Some(Value::Mapping(entries)) => entries.keys().filter_map(Value::as_str).collect(),
            Some(Value::Sequence(items)) => items.iter().filter_map(Value::as_str).map(name_of_item).collect(),
            _ => Vec::new(),
        };
        for name in names.into_iter().filter(|name| is_asked_for(name)) {
            let line = variable(&document, service, name).and_then(|found| document.line_of(&found.path));
            found.push(InService { service: service.to_owned(), key: name.to_owned(), line });
        }
    }
    Ok(found)
}

/// The variable of `- KEY=value`, or of `- KEY`.
fn name_of_item(item: &str) -> &str {
    item.split_once('=').map_or(item, |(name, _)| name)
}

/// Whether a service mounts a session folder of ours: `sessions` is what their sources begin with.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn mounts_session(bytes: &[u8], sessions: &str) -> Result<bool, Refusal> {
    let document = Document::parse(bytes)?;
    Ok(service_names(&document).iter().any(|service| position_of_session(&document, service, sessions).is_some()))
}

fn service_names(document: &Document) -> Vec<&str> {
    let services = at(document, &[key("services")]).and_then(Value::as_mapping);
    services.into_iter().flatten().filter_map(|(name, _)| name.as_str()).collect()
}

/// Variables that we wrote and a person changed since: undo leaves them.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn changed_since(bytes: &[u8], owned: &[Owned]) -> Result<Vec<Conflict>, Refusal> {
    let document = Document::parse(bytes)?;
    let changed = owned.iter().filter_map(|entry| match entry {
        Owned::Environment { service, key, value, .. } => {
            let found = variable(&document, service, key).filter(|found| found.value != *value)?;
            Some(found.conflict(&document, (service, key), value))
        }
        _ => None,
    });
    Ok(changed.collect())
}

/// Whose a variable with this value is.
pub(super) fn ownership(owned: &[Owned], service: &str, name: &str, present: &str) -> Ownership {
    let ours = owned.iter().find_map(|entry| match entry {
        Owned::Environment { service: of, key, value, previous }
            if of == service && key == name && value == present =>
        {
            Some(previous.clone())
        }
        _ => None,
    });
    ours.map_or(Ownership::Theirs, |previous| Ownership::Ours { previous })
}

pub(super) fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

pub(super) fn in_service(service: &str, rest: &[Step]) -> Vec<Step> {
    [&[key("services"), key(service)], rest].concat()
}

pub(super) fn at<'a>(document: &'a Document, path: &[Step]) -> Option<&'a Value> {
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
pub(super) fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => untagged(&tagged.value),
        plain => plain,
    }
}

fn volumes<'a>(document: &'a Document, service: &str) -> &'a [Value] {
    at(document, &in_service(service, &[key("volumes")])).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
}

pub(super) fn position_of_text(document: &Document, service: &str, text: &str) -> Option<usize> {
    volumes(document, service).iter().position(|item| item.as_str() == Some(text))
}

pub(super) fn position_of_session(document: &Document, service: &str, sessions: &str) -> Option<usize> {
    volumes(document, service).iter().position(|item| item.as_str().is_some_and(|text| text.starts_with(sessions)))
}

pub(super) fn own_mounts(document: &Document, service: &str) -> Vec<OwnMount> {
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
    // So does that of `${VAR:-default}`, which Compose expands before it splits.
    let mut depth = 0_usize;
    let source = text.char_indices().skip(if is_drive { 2 } else { 0 }).find(|(_, character)| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *character == ':' && depth == 0
    });
    match source {
        Some((colon, _)) => text[colon + 1..].split(':').next().unwrap_or_default(),
        None => text,
    }
}

/// How a variable is written in `environment:`.
pub(super) enum Form {
    /// `KEY: value`
    Entry,
    /// `- KEY=value`
    Item,
}

impl Form {
    pub(super) fn text(&self, name: &str, value: &str) -> String {
        match self {
            Self::Entry => value.to_owned(),
            Self::Item => format!("{name}={value}"),
        }
    }
}

pub(super) struct Variable {
    pub(super) path: Vec<Step>,
    pub(super) form: Form,
    pub(super) value: String,
}

impl Variable {
    /// That this variable differs from what is wanted.
    pub(super) fn conflict(&self, document: &Document, (service, name): (&str, &str), wanted: &str) -> Conflict {
        Conflict {
            line: document.line_of(&self.path),
            service: Some(service.to_owned()),
            key: name.to_owned(),
            present: self.value.clone(),
            wanted: wanted.to_owned(),
        }
    }
}

pub(super) fn variable(document: &Document, service: &str, name: &str) -> Option<Variable> {
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

pub(super) fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
