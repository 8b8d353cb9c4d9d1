//! What each command found or did, as data: the fields of its JSON document and the text for people.

mod setup;
mod verify;

use serde::Serialize;
use serde_json::{Map, Value};

pub use setup::{Change, Configured, FileChange, Init, Refreshed, Renewal, Session, Undone};
pub use verify::{Container, ContainerFailure, HostIdentity, Verified};

use super::error::Error;

/// The result of a command.
#[derive(Debug)]
pub enum Outcome {
    /// Of `init`.
    Init(Box<Init>),
    /// Of `configure`.
    Configured(Configured),
    /// Of `refresh`.
    Refreshed(Refreshed),
    /// Of `verify`.
    Verified(Box<Verified>),
    /// Of `undo`.
    Undone(Undone),
}

impl Outcome {
    /// The failure that the outcome amounts to, though all of it was found out: identities that do not agree.
    pub fn verdict(&self) -> Option<&Error> {
        match self {
            Self::Init(init) => init.failure.as_ref(),
            Self::Verified(verified) => verified.failure.as_ref(),
            _ => None,
        }
    }

    /// The fields of the command's own in its JSON document.
    pub(super) fn fields(&self) -> Map<String, Value> {
        match self {
            Self::Init(init) => fields_of(init),
            Self::Configured(configured) => fields_of(configured),
            Self::Refreshed(refreshed) => fields_of(refreshed),
            Self::Verified(verified) => fields_of(verified),
            Self::Undone(undone) => fields_of(undone),
        }
    }

    /// The text for people.
    pub fn text(&self) -> String {
        match self {
            Self::Init(init) => init.text(),
            Self::Configured(configured) => configured.text(),
            Self::Refreshed(refreshed) => refreshed.text(),
            Self::Verified(verified) => verified.text(),
            Self::Undone(undone) => undone.text(),
        }
    }
}

fn fields_of(outcome: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(outcome) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
