//! The outcomes of the commands that set up and take back.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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
    pub(super) fn word(self) -> &'static str {
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
    /// What is being set up and why, for the moment before the question.
    pub fn summary(&self) -> String {
        let airflow = self.airflow_words();
        format!(
            "{STRONG}{airflow}, profile {} ({}), delivery {}{STRONG:#}\n{DIM}because {}{DIM:#}",
            self.profile, self.kind, self.delivery, self.delivery_reason
        )
    }

    fn airflow_words(&self) -> String {
        self.airflow.map_or_else(|| "Airflow".to_owned(), |version| format!("Airflow {version}"))
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let name = name_of(&self.project);
        let airflow = self.airflow_words();
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
    /// The files that were written; empty where the AWS CLI did it.
    pub files: Vec<FileChange>,
    /// Nothing was written.
    pub dry_run: bool,
    /// What a dry run did not run.
    #[serde(skip)]
    pub would_run: Option<&'static str>,
}

impl Configured {
    pub(super) fn text(&self) -> String {
        if let Some(command) = self.would_run {
            return format!("would run `{command}`\n");
        }
        let mut text = String::new();
        if let (Some(profile), false) = (&self.profile, self.dry_run) {
            let state = if self.files.is_empty() { "is there" } else { "is written" };
            let _ = writeln!(text, "{GOOD}✓{GOOD:#} profile {STRONG}{profile}{STRONG:#} {state}");
        }
        text.push_str(&file_lines(&self.files, Path::new("")));
        if self.dry_run {
            return text;
        }
        let option = match &self.profile {
            None => String::new(),
            Some(name) if name.contains(char::is_whitespace) => format!(" --profile '{name}'"),
            Some(name) => format!(" --profile {name}"),
        };
        let _ = writeln!(
            text,
            "Profiles: {}. Next: `astro-aws init{option}` in your Astro project.",
            self.profiles.join(", ")
        );
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
    /// That folder is no longer there: its record and its session were forgotten.
    #[serde(skip)]
    pub is_gone: bool,
    /// Nothing was written.
    pub dry_run: bool,
}

impl Undone {
    pub(super) fn text(&self) -> String {
        if self.is_gone {
            let done = if self.dry_run { "Would be forgotten" } else { "Forgotten" };
            let project = self.project.display();
            return format!("{GOOD}✓{GOOD:#} {done}: {project}, which is no longer there\n");
        }
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

/// How a person calls a project: by its folder's name.
pub(in crate::report) fn name_of(project: &Path) -> String {
    project.file_name().map_or_else(|| project.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// A line a file of the project; the files of a session folder share one.
pub(in crate::report) fn file_lines(files: &[FileChange], project: &Path) -> String {
    let mut text = String::new();
    let mut outside: Vec<(Change, &Path, Vec<String>)> = Vec::new();
    for file in files {
        let (Some(folder), Some(name)) = (file.path.parent(), file.path.file_name()) else { continue };
        if let Ok(shown) = file.path.strip_prefix(project) {
            let _ = writeln!(text, "  {:<9} {}", file.change.word(), shown.display());
            continue;
        }
        let name = name.to_string_lossy().into_owned();
        match outside.iter_mut().find(|(change, of, _)| *change == file.change && *of == folder) {
            Some((_, _, names)) => names.push(name),
            None => outside.push((file.change, folder, vec![name])),
        }
    }
    for (change, folder, names) in outside {
        let _ = writeln!(text, "  {:<9} {} {DIM}({}){DIM:#}", change.word(), folder.display(), names.join(", "));
    }
    text
}
