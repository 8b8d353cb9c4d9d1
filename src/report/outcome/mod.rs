//! What each command found or did, as data: the fields of its JSON document and the text for people.

mod refreshed;
pub mod secrets;
mod service;
mod setup;
mod sign_in;
mod status;
mod time;
mod verify;

use serde::Serialize;
use serde_json::{Map, Value};

pub use refreshed::{Refreshed, Renewal, Session, SignIn};
pub use secrets::Secrets;
pub use service::{Service, ServiceState};
pub use setup::{Change, Configured, FileChange, Init, Undone};
pub use sign_in::{LoggedIn, LoggedOut, OneOfSeveral, SignedIn};
pub use status::{FileState, Lasting, SecretsStatus, SignInStatus, State, Status};
pub use time::{left, until};
pub use verify::{Container, ContainerFailure, HostIdentity, Verified};

use super::error::Error;

/// The result of a command.
#[derive(Debug)]
pub enum Outcome {
    /// Of `init`.
    Init(Box<Init>),
    /// Of `configure`.
    Configured(Configured),
    /// Of `login`.
    LoggedIn(LoggedIn),
    /// Of `logout`.
    LoggedOut(LoggedOut),
    /// Of `refresh`.
    Refreshed(Refreshed),
    /// Of `refresh --watch`, when it ends.
    Watched(Refreshed),
    /// Of `refresh --install-service` and `--uninstall-service`.
    Service(Service),
    /// Of `run`: the exit code of the command that ran, which says everything else by itself.
    Ran(u8),
    /// Of `verify`.
    Verified(Box<Verified>),
    /// Of `status`.
    Status(Box<Status>),
    /// Of a command of `secrets`.
    Secrets(Box<Secrets>),
    /// Of `undo`.
    Undone(Undone),
}

impl Outcome {
    /// The failure that the outcome amounts to, though all of it was found out: identities that do not agree.
    pub fn verdict(&self) -> Option<&Error> {
        match self {
            Self::Init(init) => init.failure.as_ref(),
            Self::LoggedIn(logged_in) => logged_in.failure.as_ref(),
            Self::Refreshed(refreshed) => refreshed.failure.as_ref(),
            Self::Verified(verified) => verified.failure.as_ref(),
            Self::Secrets(secrets) => secrets.verdict(),
            _ => None,
        }
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Ran(code) => *code,
            other => other.verdict().map_or(0, |error| error.kind.exit_code()),
        }
    }

    /// The fields of the command's own in its JSON document.
    pub(super) fn fields(&self) -> Map<String, Value> {
        match self {
            Self::Init(init) => fields_of(init),
            Self::Configured(configured) => fields_of(configured),
            Self::LoggedIn(logged_in) => fields_of(logged_in),
            Self::LoggedOut(logged_out) => fields_of(logged_out),
            Self::Status(status) => fields_of(status),
            Self::Refreshed(refreshed) | Self::Watched(refreshed) => fields_of(refreshed),
            Self::Service(service) => fields_of(service),
            Self::Ran(_) => Map::new(),
            Self::Verified(verified) => fields_of(verified),
            Self::Secrets(secrets) => secrets.fields(),
            Self::Undone(undone) => fields_of(undone),
        }
    }

    /// What is printed to the last byte as it is, and a newline, in place of a text for people.
    pub(super) fn verbatim(&self) -> Option<&str> {
        match self {
            Self::Secrets(secrets) => secrets.verbatim(),
            _ => None,
        }
    }

    /// The text for people.
    pub fn text(&self) -> String {
        match self {
            Self::Init(init) => init.text(),
            Self::Configured(configured) => configured.text(),
            Self::LoggedIn(logged_in) => logged_in.text(),
            Self::LoggedOut(logged_out) => logged_out.text(),
            Self::Status(status) => status.text(),
            Self::Refreshed(refreshed) => refreshed.text(),
            Self::Watched(refreshed) => refreshed.text_at_the_end(),
            Self::Service(service) => service.text(),
            Self::Ran(_) => String::new(),
            Self::Verified(verified) => verified.text(),
            Self::Secrets(secrets) => secrets.text(),
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
