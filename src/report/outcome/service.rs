//! The outcome of `refresh --install-service` and `--uninstall-service`.

use std::fmt::Write as _;

use serde::Serialize;

use super::setup::{Change, FileChange};
use crate::report::style::{DIM, GOOD, STRONG};

/// Whether the service runs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceState {
    /// It runs, and starts with every login.
    Enabled,
    /// It does not, and its file is gone.
    Removed,
}

/// What became of the service that keeps sessions fresh.
#[derive(Debug, Serialize)]
pub struct Service {
    /// What runs it: `systemd`, `launchd` or `task-scheduler`.
    pub service: &'static str,
    /// Its state now; that which it would have, in a dry run.
    pub state: ServiceState,
    /// Its file.
    pub files: Vec<FileChange>,
    /// How a person looks at what it does.
    #[serde(skip)]
    pub look: &'static str,
    /// Nothing was written, nothing was started or stopped.
    pub dry_run: bool,
}

impl Service {
    pub(super) fn text(&self) -> String {
        let changed = self.files.iter().any(|file| file.change != Change::Unchanged);
        let what = match (self.state, self.dry_run, changed) {
            (ServiceState::Enabled, true, _) => "would keep the sessions of every project fresh",
            (ServiceState::Enabled, false, true) => "keeps the sessions of every project fresh from now on",
            (ServiceState::Enabled, false, false) => "keeps the sessions of every project fresh already",
            (ServiceState::Removed, true, true) => "would no longer run",
            (ServiceState::Removed, true, false) => "is not installed: there is nothing to take away",
            (ServiceState::Removed, false, true) => "no longer runs",
            (ServiceState::Removed, false, false) => "was not installed",
        };
        let mut text = format!("{GOOD}✓{GOOD:#} {STRONG}astro-aws-refresh{STRONG:#} ({}) {what}\n", self.service);
        for file in &self.files {
            let _ = writeln!(text, "  {:<9} {}", file.change.word(), file.path.display());
        }
        if self.state == ServiceState::Enabled && !self.dry_run {
            let _ = writeln!(text, "  {DIM}what it does: {}{DIM:#}", self.look);
        }
        text
    }
}
