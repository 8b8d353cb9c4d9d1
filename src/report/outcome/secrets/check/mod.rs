//! The outcome of `secrets check`: what Airflow will find, and why not.

mod text;

use std::path::PathBuf;

use serde::Serialize;

use crate::report::error::Error;

/// What became of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is found.
    Found,
    /// It is found in the backend, and `.env` has it too, in vain.
    Shadowed,
    /// There is nothing of its name.
    NotFound,
    /// The credentials may not read it.
    Denied,
    /// It cannot be decrypted.
    Undecryptable,
    /// Airflow cannot make anything of the value.
    Malformed,
    /// It is no text.
    Binary,
    /// It is scheduled for deletion.
    PendingDeletion,
    /// The backend is never asked: the prefix is `null`.
    SwitchedOff,
    /// The backend is never asked: the id does not match the lookup pattern.
    Unmatched,
    /// AWS did not answer, or refused for another reason.
    Failed,
}

/// Where Airflow takes a value from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The secrets backend.
    Backend,
    /// An AIRFLOW_CONN_ or AIRFLOW_VAR_ variable of the container.
    Environment,
    /// The metastore, which `astro dev start` fills from `airflow_settings.yaml`.
    AirflowSettings,
}

/// A place that names an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The path as a person reads it: from the project on.
    #[serde(skip)]
    pub shown: String,
}

/// What was found out about one id.
#[derive(Debug, Clone, Serialize)]
pub struct Looked {
    /// `connection`, `variable` or `config`.
    pub kind: &'static str,
    /// The id.
    pub id: String,
    /// The name that is looked up in AWS; `null` where the backend is not asked.
    pub name: Option<String>,
    /// What became of it.
    pub state: State,
    /// Where Airflow takes it from; `null` where it finds nothing.
    pub origin: Option<Origin>,
    /// What was found, in words.
    pub message: String,
    /// What mends it.
    pub hint: Option<String>,
    /// Where it is named; empty where it was asked for by its id.
    #[serde(rename = "where")]
    pub places: Vec<Place>,
    /// Every place that names it goes on without it.
    pub has_default: bool,
    /// It will be found, or need not be.
    pub ok: bool,
    /// What each container that was asked says.
    pub in_containers: Vec<Seen>,
}

/// What a container says of an id.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// The Compose service.
    pub service: String,
    /// It is found there; `null` where it was not asked.
    pub found: Option<bool>,
    /// The class that answered, such as `SecretsManagerBackend`.
    pub backend: Option<String>,
    /// The value is the same as here; `null` where there is nothing to compare.
    pub same: Option<bool>,
    /// What went wrong there.
    pub message: Option<String>,
}

/// A container that was asked.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// The Compose service.
    pub service: String,
    /// Its Airflow's version.
    pub airflow: Option<String>,
    /// Its amazon provider's version.
    pub provider: Option<String>,
    /// The secrets backend that it uses.
    pub backend: Option<String>,
    /// How many ids it finds.
    pub found: usize,
    /// Why it could not be asked, or asks something else than `.env` says.
    pub error: Option<Trouble>,
}

/// Why a container did not answer as it should.
#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    /// A stable name.
    pub kind: &'static str,
    /// What was found.
    pub message: String,
    /// What mends it.
    pub hint: Option<String>,
}

/// A secret under the backend's prefixes that nothing names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unused {
    /// `connection`, `variable` or `config`.
    pub kind: &'static str,
    /// The id.
    pub id: String,
    /// The name in AWS.
    pub name: String,
}

/// Counts.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Summary {
    /// How many ids were looked up.
    pub checked: usize,
    /// How many of them will be found.
    pub found: usize,
    /// How many will not, and need not be: every place has a default.
    pub defaulted: usize,
    /// How many fail.
    pub failed: usize,
    /// How many secrets nothing names; `null` where nobody looked.
    pub unused: Option<usize>,
    /// How many files were read.
    pub files: usize,
}

/// The outcome of `secrets check`.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// The backend.
    pub backend: &'static str,
    /// The region of the look-ups; `null` where AWS was not asked.
    pub region: Option<String>,
    /// One per id, problems first.
    pub results: Vec<Looked>,
    /// What nothing names; empty where ids were given.
    pub unused: Vec<Unused>,
    /// Counts.
    pub summary: Summary,
    /// The containers that were asked.
    pub containers: Vec<Asked>,
    /// How the service is called.
    #[serde(skip)]
    pub title: &'static str,
    /// What is wrong, if anything is.
    #[serde(skip)]
    pub failure: Option<Error>,
}

#[cfg(test)]
mod tests;
