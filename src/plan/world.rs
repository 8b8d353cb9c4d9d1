//! What a change is made in: the disk, step by step, and the signals that may come meanwhile.
//!
//! Every step on the disk is announced to a [`World`] first. The real ones let it pass; those of the tests look on, make
//! a step fail, or let the process die at it.

use std::fs::File;
use std::io;
use std::path::Path;

use super::PlanError;
use super::signals::{self, Hold};

/// One thing done to the disk. Tests look on and make it fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Folder,
    Lock,
    Create,
    Write,
    Sync,
    Keep,
    Replace,
    Remove,
    SyncFolder,
}

/// What a change is made in: somebody may look on, and signals may come.
pub(super) trait World {
    /// Called before each step; an error stands for the step's own.
    fn step(&self, _: Step, _: &Path) -> Result<(), PlanError> {
        Ok(())
    }

    /// Makes what was written to `file` last.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    /// The signal that has come so far.
    fn came(&self) -> Option<i32> {
        None
    }
}

/// The world as it is, with signals held off.
pub(super) struct Watched(Hold);

impl Watched {
    pub(super) fn begin() -> Result<Self, PlanError> {
        signals::hold().map(Self).map_err(|source| PlanError::Signals { source })
    }

    /// Lets signals act again, then tells whether one came.
    pub(super) fn release(self) -> Option<i32> {
        self.0.release()
    }

    /// Lets signals act again; one that came meanwhile acts now.
    pub(super) fn act(self) {
        self.0.act();
    }
}

impl World for Watched {
    fn came(&self) -> Option<i32> {
        self.0.came()
    }
}

/// The world as it is, where a signal may end the process at once.
pub(super) struct Unwatched;

impl World for Unwatched {}
