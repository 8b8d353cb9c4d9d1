//! The outcomes of the commands of `secrets`.

pub mod check;
mod deploy;
mod exchange;
mod policy;
mod set_up;
mod values;

use serde_json::{Map, Value};

pub use check::Checked;
pub use deploy::{AstroCommand, DagWritten, Deployed, DeploymentVariable};
pub use exchange::{Change, Exported, Imported, ImportedItem, LeftOut};
pub use policy::{PolicyMade, pretty};
pub use set_up::{Disabled, Enabled, KwargChange, Names};
pub use values::{Deleted, DeletedEntry, Fetched, Item, Listed, ListedEntry, Revealed, Shown, Stored, Where};

use super::fields_of;
use crate::report::error::Error;

/// The result of a command of `secrets`.
#[derive(Debug)]
pub enum Secrets {
    /// Of `secrets enable`.
    Enabled(Box<Enabled>),
    /// Of `secrets disable`.
    Disabled(Disabled),
    /// Of `secrets set`.
    Stored(Stored),
    /// Of `secrets get`.
    Shown(Shown),
    /// Of `secrets list`.
    Listed(Listed),
    /// Of `secrets delete`.
    Deleted(Deleted),
    /// Of `secrets import`.
    Imported(Imported),
    /// Of `secrets export`.
    Exported(Exported),
    /// Of `secrets check`.
    Checked(Box<Checked>),
    /// Of `secrets policy`.
    PolicyMade(PolicyMade),
    /// Of `secrets deploy`.
    Deployed(Deployed),
    /// Of `secrets dag`.
    DagWritten(DagWritten),
    /// Of `secrets fetch`.
    Fetched(Fetched),
}

impl Secrets {
    pub(super) fn verdict(&self) -> Option<&Error> {
        match self {
            Self::Checked(checked) => checked.failure.as_ref(),
            Self::Deleted(of) => of.failure.as_ref(),
            Self::Imported(of) => of.failure.as_ref(),
            _ => None,
        }
    }

    /// What is printed to the last byte as it is, and a newline, in place of a text for people.
    pub(super) fn verbatim(&self) -> Option<&str> {
        match self {
            Self::Shown(of) => of.verbatim(),
            Self::Fetched(of) => of.verbatim(),
            Self::Exported(of) => of.verbatim(),
            _ => None,
        }
    }

    pub(super) fn fields(&self) -> Map<String, Value> {
        match self {
            Self::Enabled(of) => fields_of(of.as_ref()),
            Self::Disabled(of) => fields_of(of),
            Self::Stored(of) => fields_of(of),
            Self::Shown(of) => fields_of(of),
            Self::Listed(of) => fields_of(of),
            Self::Deleted(of) => fields_of(of),
            Self::Imported(of) => fields_of(of),
            Self::Exported(of) => fields_of(of),
            Self::Checked(of) => fields_of(of.as_ref()),
            Self::PolicyMade(of) => fields_of(of),
            Self::Deployed(of) => fields_of(of),
            Self::DagWritten(of) => fields_of(of),
            Self::Fetched(of) => fields_of(of),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Enabled(of) => of.text(),
            Self::Disabled(of) => of.text(),
            Self::Stored(of) => of.text(),
            Self::Shown(of) => of.text(),
            Self::Listed(of) => of.text(),
            Self::Deleted(of) => of.text(),
            Self::Imported(of) => of.text(),
            Self::Exported(of) => of.text(),
            Self::Checked(of) => of.text(),
            Self::PolicyMade(of) => of.text(),
            Self::Deployed(of) => of.text(),
            Self::DagWritten(of) => of.text(),
            Self::Fetched(_) => String::new(),
        }
    }
}
