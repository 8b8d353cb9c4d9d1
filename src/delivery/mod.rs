//! How one profile reaches one project's containers on one host, and the edits that make it so.
//!
//! Facts about host, project and profile come in; the wanted lines of the override file and of `.env`, or the files of a
//! session, go out. Nothing here touches the disk: what is to change is returned, for the plan to show and apply.

pub mod choose;
pub mod compose;
pub mod dotenv;
pub mod entries;
pub mod environment;
pub mod lookups;
pub mod probe;
pub mod record;
pub mod requirements;
pub mod session;

use serde::{Deserialize, Serialize};

/// How a profile reaches the containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// The host's own AWS folder, read-only, as Astronomer's guide has it.
    Mount,
    /// A private folder with one profile and its short-lived credentials.
    Session,
}

impl Delivery {
    /// The name as an option, in reports and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mount => "mount",
            Self::Session => "session",
        }
    }
}

/// Where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvIn {
    /// In `.env`, as Astronomer's guide has it.
    Dotenv,
    /// In the `environment:` of each service in the override file.
    Compose,
}
