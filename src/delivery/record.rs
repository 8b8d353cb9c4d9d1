//! What is remembered of a project that was set up: how, with what, and which entries are ours.
//!
//! It lies in the state folder, never in the project, and holds no secret.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::entries::Owned;
use super::{Delivery, EnvIn};
use crate::aws::profile::Chain;

/// What is remembered of one project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The project's folder.
    pub project: PathBuf,
    /// What `init` set up; `None` where only a secrets backend was.
    #[serde(flatten)]
    pub set_up: Option<SetUp>,
    /// The entries of the secrets backend that are ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Owned>,
}

impl Record {
    /// Every entry that is ours.
    pub fn owned(&self) -> Vec<Owned> {
        let of_set_up = self.set_up.iter().flat_map(|set_up| &set_up.owned);
        of_set_up.chain(&self.secrets).cloned().collect()
    }
}

/// How a project got its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// The profile.
    pub profile: String,
    /// How the profile's credentials came about, as [`fingerprint`] tells it: another role is another identity.
    pub chain: String,
    /// The delivery; `None` in standalone mode.
    pub delivery: Option<Delivery>,
    /// The delivery a person asked for; `None` where it was left to astro-aws.
    pub asked_for: Option<Delivery>,
    /// The region a person asked for.
    pub region: Option<String>,
    /// Where the two variables are.
    pub env_in: EnvIn,
    /// The mount's source is `~/.aws`.
    pub portable: bool,
    /// The Airflow version a person gave, where the Dockerfile does not tell.
    pub airflow: Option<u8>,
    /// The entries that are ours.
    pub owned: Vec<Owned>,
}

/// The name of a project's folders in the state folder: readable, and different for two projects of one name.
pub fn project_id(root: &Path) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Docker Desktop and botocore's `shlex` both see this name: letters that need no quoting anywhere.
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' })
        .take(40)
        .collect();
    let digest = Sha256::digest(root.to_string_lossy().as_bytes());
    format!("{plain}-{}", hex::encode(&digest[..4]))
}

/// Tells two ways to credentials apart, without naming them.
pub fn fingerprint(chain: &Chain) -> String {
    hex::encode(Sha256::digest(format!("{chain:?}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_projects_of_one_name_have_folders_of_their_own() {
        let (a, b) = (project_id(Path::new("/a/etl")), project_id(Path::new("/b/etl")));
        assert!(a.starts_with("etl-") && b.starts_with("etl-"));
        assert_ne!(a, b);
        assert_eq!(a, project_id(Path::new("/a/etl")));
    }

    #[test]
    fn the_folder_s_name_needs_no_quoting_anywhere() {
        let id = project_id(Path::new("/a/my project's $HOME: ü"));
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "{id}");
    }
}
