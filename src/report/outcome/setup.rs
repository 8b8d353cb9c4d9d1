//! The outcomes of the commands that set up, renew and take back.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::aws::identity::Identity;
use crate::report::error::Error;
use crate::report::style::{DIM, GOOD, STRONG};

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there.
    Created,
    /// It was changed.
    Updated,
    /// It already was as wanted.
    Unchanged,
    /// It was deleted.
    Removed,
}

impl Change {
    fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
        }
    }
}

/// A file and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// The file, absolute.
    pub path: PathBuf,
    /// What happened.
    pub change: Change,
}

/// The outcome of `init`.
#[derive(Debug, Serialize)]
pub struct Init {
    /// The project's folder.
    pub project: PathBuf,
    /// The Airflow major version; `null` in standalone mode where the Dockerfile does not tell.
    pub airflow: Option<u8>,
    /// The services that have the identity.
    pub services: Vec<String>,
    /// The profile.
    pub profile: String,
    /// The profile's kind.
    #[serde(skip)]
    pub kind: &'static str,
    /// `mount`, `session`, or `standalone` where no container is involved.
    pub delivery: &'static str,
    /// Why this delivery.
    pub delivery_reason: String,
    /// The files of the set-up.
    pub files: Vec<FileChange>,
    /// Who the profile is; `null` where nobody asked or STS could not be reached.
    pub identity: Option<Identity>,
    /// Nothing was written.
    pub dry_run: bool,
    /// Credentials that AWS refused, though the files are in place.
    #[serde(skip)]
    pub failure: Option<Error>,
}

impl Init {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let name = self
            .project
            .file_name()
            .map_or_else(|| self.project.display().to_string(), |n| n.to_string_lossy().into_owned());
        let airflow = self.airflow.map_or_else(|| "Airflow".to_owned(), |version| format!("Airflow {version}"));
        let changed = self.files.iter().any(|file| file.change != Change::Unchanged);
        let state = match (self.dry_run, changed) {
            (true, true) => "would be set up",
            (false, true) => "is set up",
            (_, false) => "is set up already",
        };
        let _ = writeln!(
            text,
            "{GOOD}✓{GOOD:#} {STRONG}{name}{STRONG:#} {state}: {airflow}, profile {STRONG}{}{STRONG:#} ({}), delivery {STRONG}{}{STRONG:#}",
            self.profile, self.kind, self.delivery
        );
        let _ = writeln!(text, "  {DIM}because {}{DIM:#}", self.delivery_reason);
        text.push_str(&file_lines(&self.files, &self.project));
        if let Some(identity) = &self.identity {
            let _ = writeln!(text, "  You are {STRONG}{}{STRONG:#}", identity.arn);
        }
        if changed && !self.dry_run {
            let _ = writeln!(
                text,
                "Next: `astro dev start`, or `astro dev restart` if it is running; then `astro-aws verify`."
            );
        }
        text
    }
}

/// The outcome of `configure`.
#[derive(Debug, Serialize)]
pub struct Configured {
    /// The profile that was configured; `null` where the AWS CLI was left to ask for its name.
    pub profile: Option<String>,
    /// All profiles there are now.
    pub profiles: Vec<String>,
}

impl Configured {
    pub(super) fn text(&self) -> String {
        format!("Profiles: {}. Next: `astro-aws init` in your Astro project.\n", self.profiles.join(", "))
    }
}

/// A project's session, renewed or not.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    /// The project's folder.
    pub project: PathBuf,
    /// The profile.
    pub profile: String,
    /// RFC 3339 in UTC; `null` for static keys, which do not expire.
    pub expires_at: Option<String>,
    /// The session folder was written anew.
    pub renewed: bool,
    /// Minutes until then.
    #[serde(skip)]
    pub minutes_left: Option<u64>,
}

/// The outcome of `refresh`.
#[derive(Debug, Serialize)]
pub struct Refreshed {
    /// One per project.
    pub sessions: Vec<Session>,
}

impl Refreshed {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for session in &self.sessions {
            let name = session.project.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let left = match session.minutes_left {
                Some(minutes) => format!("{minutes} min left"),
                None => "no expiry".to_owned(),
            };
            let what = if session.renewed {
                "renewed: running containers see it without a restart"
            } else {
                "nothing to rewrite: the containers read your own AWS folder"
            };
            let _ =
                writeln!(text, "{GOOD}✓{GOOD:#} {STRONG}{name}{STRONG:#}: profile {}, {left}; {what}", session.profile);
        }
        text
    }
}

/// The outcome of `undo`.
#[derive(Debug, Serialize)]
pub struct Undone {
    /// The files that were restored, edited or deleted.
    pub files: Vec<FileChange>,
    /// The project's folder.
    #[serde(skip)]
    pub project: PathBuf,
    /// Nothing was written.
    pub dry_run: bool,
}

impl Undone {
    pub(super) fn text(&self) -> String {
        if self.files.is_empty() {
            return "Nothing to undo: astro-aws has written nothing in this project.\n".to_owned();
        }
        let done = if self.dry_run { "Would be taken back" } else { "Taken back" };
        let mut text = format!("{GOOD}✓{GOOD:#} {done}:\n{}", file_lines(&self.files, &self.project));
        if !self.dry_run {
            text.push_str("Next: `astro dev restart` if the project is running.\n");
        }
        text
    }
}

fn file_lines(files: &[FileChange], project: &PathBuf) -> String {
    let mut text = String::new();
    for file in files {
        let shown = file.path.strip_prefix(project).unwrap_or(&file.path);
        let _ = writeln!(text, "  {:<9} {}", file.change.word(), shown.display());
    }
    text
}
