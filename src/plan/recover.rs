//! Puts an interrupted change right: finishes it where every file can get its new content, else takes it back.
//!
//! What is on disk decides, not what was planned next, so that recovering can be killed and repeated too. A file that
//! holds neither its old nor its new content was changed by someone else since: it is left alone and reported.

use std::path::PathBuf;

use super::journal::{Journal, Progress};
use super::world::{Watched, World};
use super::{PlanError, StoreLock, atomic};

/// What [`recover()`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// What became of the interrupted change.
    pub outcome: Outcome,
    /// Files that someone changed after the interruption; they were left as they are.
    pub left: Vec<PathBuf>,
}

/// What became of an interrupted change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was none.
    Nothing,
    /// Every file has its new content, and the record says so.
    Finished,
    /// Every file has its old content again.
    PutBack,
}

/// Puts right what a killed call left half done. Cheap when there is nothing to do.
///
/// # Errors
/// [`PlanError::Corrupt`] for a damaged journal; [`PlanError::NotPutBack`] or [`PlanError::Io`] when a step fails:
/// the journal stays then, and the next call tries again.
pub fn recover(lock: &StoreLock<'_>) -> Result<Recovered, PlanError> {
    recover_in(lock, &Watched::begin()?)
}

pub(super) fn recover_in(lock: &StoreLock<'_>, world: &dyn World) -> Result<Recovered, PlanError> {
    let Some(journal) = Journal::read(lock.store())? else {
        // A kill before the journal was written can leave a backup or a temporary file in the store.
        lock.sweep(world)?;
        return Ok(Recovered { outcome: Outcome::Nothing, left: Vec::new() });
    };
    if journal.is_recorded(lock.store())? {
        journal.finish(lock, world)?;
        return Ok(Recovered { outcome: Outcome::Finished, left: Vec::new() });
    }
    let progress: Vec<Progress> = journal.steps.iter().map(|step| step.progress()).collect();
    if progress.contains(&Progress::Done) && !progress.contains(&Progress::Unready) {
        let left = go_on(&journal, lock, world)?;
        return Ok(Recovered { outcome: Outcome::Finished, left });
    }
    let left = put_back(&journal, lock, world)?;
    Ok(Recovered { outcome: Outcome::PutBack, left })
}

fn go_on(journal: &Journal, lock: &StoreLock<'_>, world: &dyn World) -> Result<Vec<PathBuf>, PlanError> {
    let mut left = Vec::new();
    for step in &journal.steps {
        match step.progress() {
            Progress::Ready => step.advance(world).map_err(|error| error.about(&step.path))?,
            Progress::Done => {}
            Progress::Unready | Progress::Foreign => left.push(step.path.clone()),
        }
    }
    for folder in journal.folders() {
        atomic::sync_folder(world, folder)?;
    }
    journal.write_record(lock, world)?;
    journal.finish(lock, world)?;
    Ok(left)
}

/// Gives every file that holds its new content the old one again, and takes away what was put beside them. Returns the
/// files that someone else changed after us.
pub(super) fn put_back(journal: &Journal, lock: &StoreLock<'_>, world: &dyn World) -> Result<Vec<PathBuf>, PlanError> {
    let mut left = Vec::new();
    let mut failed = Vec::new();
    let mut first_failure = None;
    for step in journal.steps.iter().rev() {
        match step.progress() {
            Progress::Done => match step.put_back(world) {
                Ok(true) => {}
                Ok(false) => left.push(step.path.clone()),
                Err(error) => {
                    failed.push(step.path.clone());
                    first_failure.get_or_insert(error.about(&step.path));
                }
            },
            // While the new content still waits, the file has never been replaced: the other change is no loss of ours.
            Progress::Foreign if !step.ready.exists() => left.push(step.path.clone()),
            Progress::Foreign | Progress::Ready | Progress::Unready => {}
        }
    }
    if let Some(cause) = first_failure {
        return Err(PlanError::NotPutBack { paths: failed, cause: Box::new(cause) });
    }
    for folder in journal.folders().into_iter().filter(|folder| folder.is_dir()) {
        atomic::sync_folder(world, folder)?;
    }
    journal.abandon(lock, world)?;
    Ok(left)
}
