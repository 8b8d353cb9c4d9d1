//! What is written down before files are changed, so that the next call can finish or take back a killed one.
//!
//! The journal names for each file its checksum before and after and two names beside it: the new content, ready to be
//! renamed over the target, and the old one, kept under a second name. So both directions need renames only, no space,
//! and no content, least of all a secret one, is in the journal itself.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::{self, TEMPORARY};
use super::file::open_regular;
use super::folder::{self, Missing};
use super::store::{Envelope, SCHEMA, StoreLock};
use super::world::World;
use super::{Change, Checksum, PlanError, Store};

/// A change of several files on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    pub(super) schema: u64,
    pub(super) steps: Vec<FileStep>,
    /// Folders that did not exist before, the outermost first.
    pub(super) new_folders: Vec<Missing>,
    /// Our own folders round removed files, the outermost first.
    pub(super) old_folders: Vec<PathBuf>,
    /// The record as it will be. Its `transaction` names this journal too.
    pub(super) record: Envelope,
}

/// One file on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileStep {
    /// The file as the change names it.
    pub(super) path: PathBuf,
    /// The file behind every symlink.
    pub(super) target: PathBuf,
    pub(super) before: Option<Checksum>,
    pub(super) after: Option<Checksum>,
    /// Where the new content waits.
    pub(super) ready: PathBuf,
    /// The second name of the old content.
    pub(super) kept: PathBuf,
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// It holds its old content, and the new one waits complete.
    Ready,
    /// It holds its old content, and the new one is missing or incomplete.
    Unready,
    /// It holds its new content.
    Done,
    /// It holds neither: somebody else changed it.
    Foreign,
}

impl Journal {
    pub(super) fn new(record: Envelope, steps: Vec<FileStep>) -> Self {
        Self { schema: SCHEMA, steps, new_folders: Vec::new(), old_folders: Vec::new(), record }
    }

    pub(super) fn read(store: &Store) -> Result<Option<Self>, PlanError> {
        store.read_json(&store.journal_path())
    }

    /// The folders that hold the files, each once.
    pub(super) fn folders(&self) -> Vec<&Path> {
        let mut folders: Vec<&Path> = self.steps.iter().filter_map(|step| step.target.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }

    /// Whether the record on disk is already this journal's.
    pub(super) fn is_recorded(&self, store: &Store) -> Result<bool, PlanError> {
        Ok(store.envelope()?.is_some_and(|envelope| envelope.transaction == self.record.transaction))
    }

    /// Makes the record this journal's: from here on the change counts as made.
    pub(super) fn write_record(&self, lock: &StoreLock<'_>, world: &dyn World) -> Result<(), PlanError> {
        lock.write_json(world, &lock.store().record_path(), &self.record)
    }

    /// Takes away what is of no use once the change counts as made, the journal last.
    pub(super) fn finish(&self, lock: &StoreLock<'_>, world: &dyn World) -> Result<(), PlanError> {
        self.remove_temporaries(world)?;
        folder::remove_empty(self.old_folders.iter());
        atomic::remove(world, &lock.store().journal_path())?;
        lock.sweep(world)
    }

    /// Takes away everything that the change has put beside the files, and the journal.
    pub(super) fn abandon(&self, lock: &StoreLock<'_>, world: &dyn World) -> Result<(), PlanError> {
        self.remove_temporaries(world)?;
        folder::remove_empty(self.new_folders.iter().map(|folder| &folder.path));
        atomic::remove(world, &lock.store().journal_path())?;
        lock.sweep(world)
    }

    fn remove_temporaries(&self, world: &dyn World) -> Result<(), PlanError> {
        for step in &self.steps {
            atomic::remove(world, &step.ready)?;
            atomic::remove(world, &step.kept)?;
        }
        Ok(())
    }
}

impl FileStep {
    pub(super) fn new(change: &Change, target: PathBuf, transaction: &str, number: usize) -> Self {
        let beside = |suffix: &str| target.with_file_name(format!("{TEMPORARY}{transaction}-{number}{suffix}"));
        Self {
            path: change.path.clone(),
            ready: beside(""),
            kept: beside("-before"),
            before: change.before.as_deref().map(Checksum::of),
            after: change.after.as_deref().map(Checksum::of),
            target,
        }
    }

    /// How far the file is, judged by what is on disk.
    pub(super) fn progress(&self) -> Progress {
        match checksum(&self.target) {
            Ok(now) if now == self.after => Progress::Done,
            Ok(now) if now == self.before => match checksum(&self.ready) {
                _ if self.after.is_none() => Progress::Ready,
                Ok(ready) if ready == self.after => Progress::Ready,
                _ => Progress::Unready,
            },
            // A folder or an unreadable file is not what we wrote either.
            _ => Progress::Foreign,
        }
    }

    /// Whether the file still holds what it held when the plan was made.
    pub(super) fn is_untouched(&self) -> bool {
        checksum(&self.target).is_ok_and(|now| now == self.before)
    }

    /// Gives the file its new content, or removes it.
    pub(super) fn advance(&self, world: &dyn World) -> Result<(), PlanError> {
        match self.after {
            Some(_) => atomic::replace(world, &self.ready, &self.target),
            None => atomic::remove(world, &self.target),
        }
    }

    /// Gives the file its old content again, or removes it where there was none. False when the old content is gone.
    pub(super) fn put_back(&self, world: &dyn World) -> Result<bool, PlanError> {
        if self.before.is_none() {
            return atomic::remove(world, &self.target).map(|()| true);
        }
        if !checksum(&self.kept).is_ok_and(|kept| kept == self.before) {
            return Ok(false);
        }
        atomic::replace(world, &self.kept, &self.target).map(|()| true)
    }
}

fn checksum(path: &Path) -> Result<Option<Checksum>, PlanError> {
    let Some(file) = open_regular(path, path, u64::MAX)? else { return Ok(None) };
    Checksum::of_reader(file).map(Some).map_err(PlanError::io("read", path))
}
