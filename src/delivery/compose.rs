//! The override file: which lines are ours, which are to come, which are to go.
//!
//! The bytes of `docker-compose.override.yml`, the wanted entries and the owned ones come in; the edited bytes go out, with
//! the mounts and values that a person wrote and that were left alone.

mod look;
mod service;
#[cfg(test)]
mod tests;

use serde_yaml::Value;

pub use look::{InService, changed_since, in_services, mounts_session, profile_variables};

pub use service::{Setting, settings};

use super::entries::{Edited, OnConflict, Owned, Ownership, Verdict, Wanted, decide};
use crate::edit::Refusal;
use crate::edit::yaml::{Document, Step};
use look::{
    Variable, at, in_service, key, own_mounts, ownership, position_of_session, position_of_text, static_keys,
    undefined_services, variable,
};

/// The file while its entries are brought to what is wanted.
struct Work {
    document: Document,
    done: Edited,
}

/// Brings an override file (`None` where there is none yet) to what is wanted: entries that we own and no longer want
/// go, missing ones come.
///
/// # Errors
/// A [`Refusal`] of the editor, with the line: then nothing of the file may be changed.
pub fn bring_to(
    before: Option<&[u8]>,
    wanted: &Wanted,
    owned: &[Owned],
    on_conflict: OnConflict,
) -> Result<Edited, Refusal> {
    let document = before.map_or_else(|| Ok(Document::empty()), Document::parse)?;
    let stale: Vec<_> = owned.iter().filter(|entry| !is_wanted(entry, wanted)).cloned().collect();
    // A value that only changes is replaced where it stands, so a person's order and comments stay.
    let (replaced, gone): (Vec<_>, Vec<_>) = stale.into_iter().partition(|entry| has_successor(entry, wanted));
    let mut work = Work { document: without(document, &gone)?, done: Edited::default() };
    for service in &wanted.services {
        if let Some(volume) = &wanted.volume {
            work.bring_volume(service, (volume, wanted.sessions.as_deref()), owned, &replaced)?;
        }
        for (key, value) in &wanted.environment {
            work.bring_variable(service, (key, value), (owned, wanted.adopts), on_conflict)?;
        }
    }
    let Work { document, done } = work;
    Ok(Edited {
        bytes: document.bytes().to_vec(),
        undefined: undefined_services(&document),
        static_keys: static_keys(&document),
        ..done
    })
}

/// Removes the entries that are ours and still read as written, and nothing else.
///
/// # Errors
/// A [`Refusal`] of the editor.
pub fn take_out(bytes: &[u8], owned: &[Owned]) -> Result<Vec<u8>, Refusal> {
    Ok(without(Document::parse(bytes)?, owned)?.bytes().to_vec())
}

fn without(mut document: Document, owned: &[Owned]) -> Result<Document, Refusal> {
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
            Owned::Dotenv { .. } | Owned::DotenvGone { .. } | Owned::Requirement { .. } | Owned::File { .. } => {}
        }
    }
    Ok(document)
}

impl Work {
    fn bring_volume(
        &mut self,
        service: &str,
        (volume, sessions): (&str, Option<&str>),
        owned: &[Owned],
        replaced: &[Owned],
    ) -> Result<(), Refusal> {
        let ours = Owned::Volume { service: service.to_owned(), text: volume.to_owned() };
        if position_of_text(&self.document, service, volume).is_some() {
            // Written by hand just as we would: it serves, and it is not ours to take back. Nobody writes a session
            // folder of ours by hand.
            if owned.contains(&ours) || sessions.is_some_and(|sessions| volume.starts_with(sessions)) {
                self.done.owned.push(ours);
            }
            return Ok(());
        }
        let before = replaced.iter().find_map(|entry| match entry {
            Owned::Volume { service: of, text } if of == service => position_of_text(&self.document, service, text),
            _ => None,
        });
        // A project that was moved has lost its record, but nobody else mounts a session folder of ours.
        let before = before.or_else(|| position_of_session(&self.document, service, sessions?));
        if let Some(index) = before {
            let path = in_service(service, &[key("volumes"), Step::Index(index)]);
            self.document = self.document.replace_scalar(&path, volume)?;
            self.done.owned.push(ours);
            return Ok(());
        }
        let own_mounts = own_mounts(&self.document, service);
        if own_mounts.is_empty() {
            self.document = self.document.append_item(&in_service(service, &[key("volumes")]), volume)?;
            self.done.owned.push(ours);
        } else {
            self.done.own_mounts.extend(own_mounts);
        }
        Ok(())
    }

    fn bring_variable(
        &mut self,
        service: &str,
        (name, value): (&str, &str),
        (owned, adopts): (&[Owned], bool),
        on_conflict: OnConflict,
    ) -> Result<(), Refusal> {
        let found = variable(&self.document, service, name);
        let present = found.as_ref().map(|found| (found.value.as_str(), ownership(owned, service, name, &found.value)));
        let (verdict, is_conflict) = decide(present, value, on_conflict);
        if let (Some(found), true) = (&found, is_conflict) {
            self.done.conflicts.push(found.conflict(&self.document, (service, name), value));
        }
        let previous = match verdict {
            // Beside a session folder of ours, entries just as ours are ours too: their record was lost.
            Verdict::Stays(Ownership::Theirs) if adopts && !is_conflict => None,
            Verdict::Stays(Ownership::Theirs) => return Ok(()),
            Verdict::Stays(Ownership::Ours { previous }) => previous,
            Verdict::Written { previous } => {
                self.document = self.with_variable(service, (name, value), found.as_ref())?;
                previous
            }
        };
        self.done.owned.push(Owned::Environment {
            service: service.to_owned(),
            key: name.to_owned(),
            value: value.to_owned(),
            previous,
        });
        Ok(())
    }

    fn with_variable(
        &self,
        service: &str,
        (name, value): (&str, &str),
        found: Option<&Variable>,
    ) -> Result<Document, Refusal> {
        if let Some(found) = found {
            return self.document.replace_scalar(&found.path, &found.form.text(name, value));
        }
        let environment = in_service(service, &[key("environment")]);
        match at(&self.document, &environment) {
            Some(Value::Sequence(_)) => self.document.append_item(&environment, &format!("{name}={value}")),
            _ => self.document.insert_entry(&environment, name, value),
        }
    }
}

fn is_wanted(entry: &Owned, wanted: &Wanted) -> bool {
    match entry {
        Owned::Volume { service, text } => {
            wanted.services.contains(service) && wanted.volume.as_ref().is_some_and(|volume| volume == text)
        }
        Owned::Environment { service, key, value, .. } => {
            wanted.services.contains(service) && wanted.environment.iter().any(|(k, v)| k == key && v == value)
        }
        Owned::Dotenv { .. } | Owned::DotenvGone { .. } | Owned::Requirement { .. } | Owned::File { .. } => true,
    }
}

fn has_successor(entry: &Owned, wanted: &Wanted) -> bool {
    match entry {
        Owned::Volume { service, .. } => wanted.services.contains(service) && wanted.volume.is_some(),
        Owned::Environment { service, key, .. } => {
            wanted.services.contains(service) && wanted.environment.iter().any(|(k, _)| k == key)
        }
        Owned::Dotenv { .. } | Owned::DotenvGone { .. } | Owned::Requirement { .. } | Owned::File { .. } => false,
    }
}
