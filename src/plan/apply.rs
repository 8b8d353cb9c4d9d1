//! Makes all changes of a plan or none.
//!
//! First everything that can fail is done beside the files: backups, the journal, the new contents with mode and owner,
//! second names for the old ones. Then the files are renamed into place one after the other, and the record is written:
//! that is the moment from which the change counts. A failure before it puts everything back; a kill leaves the
//! journal, and [`recover`](super::recover()) puts things right.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::atomic::{self, Look};
use super::journal::{FileStep, Journal};
use super::recover::{Recovered, put_back, recover_in};
use super::store::{Envelope, SCHEMA};
use super::world::{Watched, World};
use super::{Change, Checksum, FileRecord, FileState, Kind, Plan, PlanError, Secrecy, Stamp, StoreLock, folder};

/// What [`apply()`] did besides making the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What became of a change that was interrupted earlier.
    pub recovered: Recovered,
    /// The signal that came while files were being changed. It was held off; the caller should exit now.
    pub interrupted: Option<i32>,
}

/// Makes every change of `plan` and sets the record, or does nothing at all.
///
/// `seen` is the version of the record that the plan was made from. With `record` `None` the project is forgotten: its
/// record and backups go. A change that was interrupted earlier is put right first.
///
/// # Errors
/// [`PlanError::ChangedMeanwhile`] when a file or the record is not as it was when the plan was made, the errors of
/// [`FileState::read`], [`PlanError::SameFile`], [`PlanError::NotUtf8`], [`PlanError::FolderNotWritable`],
/// [`PlanError::OwnerNotKept`], [`PlanError::Interrupted`], [`PlanError::Io`]: with each of them every file is as it
/// was before. With [`PlanError::NotPutBack`] some are not; the next call puts that right.
pub fn apply<R: Serialize>(
    lock: &StoreLock<'_>,
    plan: &Plan,
    seen: &Stamp,
    record: Option<&R>,
) -> Result<Applied, PlanError> {
    let world = Watched::begin()?;
    let recovered = apply_in(lock, plan, seen, record, &world)?;
    Ok(Applied { recovered, interrupted: world.release() })
}

pub(super) fn apply_in<R: Serialize>(
    lock: &StoreLock<'_>,
    plan: &Plan,
    seen: &Stamp,
    record: Option<&R>,
    world: &dyn World,
) -> Result<Recovered, PlanError> {
    let recovered = recover_in(lock, world)?;
    let present = lock.store().envelope()?;
    if Stamp::of(present.as_ref()) != *seen {
        return Err(PlanError::ChangedMeanwhile { path: lock.store().record_path() });
    }
    let transaction = atomic::random_name();
    let entries = prepare(plan, &transaction)?;
    let files = present.map(|envelope| envelope.files).unwrap_or_default();
    let record = serde_json::to_value(record)
        .map_err(|error| PlanError::Corrupt { path: lock.store().record_path(), reason: error.to_string() })?;
    let files = if record.is_null() { BTreeMap::new() } else { next_files(files, &entries) };
    let journal = write_down(&entries, Envelope { schema: SCHEMA, transaction, files, record })?;
    if let Err(cause) = make(lock, &journal, &entries, world) {
        // The record may be in place although the step after its rename failed: then the change counts.
        if !journal.is_recorded(lock.store()).unwrap_or(false) {
            return Err(not_made(cause, put_back(&journal, lock, world)));
        }
    }
    // The change counts already; what cannot be cleared away now is cleared away by the next call.
    let _ = journal.finish(lock, world);
    Ok(recovered)
}

/// A change together with what was found at its path.
struct Entry<'plan> {
    change: &'plan Change,
    step: FileStep,
    look: Look,
}

/// Looks at every file again and refuses what is not as the plan says.
fn prepare<'plan>(plan: &'plan Plan, transaction: &str) -> Result<Vec<Entry<'plan>>, PlanError> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for change in &plan.changes {
        let path = &change.path;
        let expected = change.before.as_deref();
        let state = match FileState::read(path, expected.map_or(0, <[u8]>::len) as u64) {
            Err(PlanError::TooLarge { path, .. }) => return Err(PlanError::ChangedMeanwhile { path }),
            result => result?,
        };
        if state.bytes() != expected {
            return Err(PlanError::ChangedMeanwhile { path: path.clone() });
        }
        if change.kind() == Kind::Unchanged {
            continue;
        }
        let target = state.target().to_owned();
        if path.to_str().is_none() || target.to_str().is_none() {
            return Err(PlanError::NotUtf8 { path: path.clone() });
        }
        if let Some(other) = entries.iter().find(|entry| entry.step.target == target) {
            return Err(PlanError::SameFile { one: other.change.path.clone(), other: path.clone() });
        }
        let look = match (&state, change.mode, change.secrecy) {
            (FileState::Regular(file), ..) => Look::Kept { mode: file.mode, owner: file.owner },
            (FileState::Absent { .. }, Some(mode), _) => Look::Mode(mode),
            (FileState::Absent { .. }, None, Secrecy::Secret) => Look::Mode(0o600),
            (FileState::Absent { .. }, None, _) => Look::Umask,
        };
        let step = FileStep::new(change, target, transaction, entries.len());
        entries.push(Entry { change, step, look });
    }
    Ok(entries)
}

/// The bookkeeping for undo, with the changed files brought up to date.
fn next_files(mut files: BTreeMap<PathBuf, FileRecord>, entries: &[Entry<'_>]) -> BTreeMap<PathBuf, FileRecord> {
    for Entry { change, .. } in entries {
        let next = FileRecord::next(files.get(&change.path), change.before.as_deref(), change.after.as_deref());
        match next {
            Some(next) if change.secrecy == Secrecy::Secret => {
                files.insert(change.path.clone(), FileRecord { original: None, ..next });
            }
            Some(next) => {
                files.insert(change.path.clone(), next);
            }
            None => {
                files.remove(&change.path);
            }
        }
    }
    files
}

fn write_down(entries: &[Entry<'_>], record: Envelope) -> Result<Journal, PlanError> {
    let mut journal = Journal::new(record, entries.iter().map(|entry| entry.step.clone()).collect());
    for Entry { change, step, .. } in entries {
        if change.after.is_some() {
            for folder in folder::missing(&step.target, change)? {
                if !journal.new_folders.contains(&folder) {
                    journal.new_folders.push(folder);
                }
            }
        } else {
            journal.old_folders.extend(folder::resolved(&change.folders)?.into_iter().map(|(path, _)| path));
        }
    }
    Ok(journal)
}

/// Does everything up to the record. Whatever fails in here can be put back.
fn make(lock: &StoreLock<'_>, journal: &Journal, entries: &[Entry<'_>], world: &dyn World) -> Result<(), PlanError> {
    back_up(lock, journal, entries, world)?;
    lock.write_json(world, &lock.store().journal_path(), journal)?;
    for entry in entries {
        folder::tighten(world, &entry.change.folders)?;
    }
    for missing in &journal.new_folders {
        folder::create(world, missing)?;
    }
    for entry in entries {
        stage(entry, world).map_err(|error| error.about(&entry.change.path))?;
    }
    if let Some(signal) = world.came() {
        return Err(PlanError::Interrupted { signal });
    }
    for Entry { step, .. } in entries {
        // Someone may have saved the file while the others were made ready.
        if !step.is_untouched() {
            return Err(PlanError::ChangedMeanwhile { path: step.path.clone() });
        }
        step.advance(world).map_err(|error| error.about(&step.path))?;
    }
    for folder in journal.folders() {
        atomic::sync_folder(world, folder)?;
    }
    journal.write_record(lock, world)
}

/// Keeps the originals that the record names, but never a secret.
fn back_up(lock: &StoreLock<'_>, journal: &Journal, entries: &[Entry<'_>], world: &dyn World) -> Result<(), PlanError> {
    for Entry { change, .. } in entries {
        let original = journal.record.files.get(&change.path).and_then(|file| file.original.as_ref());
        if let (Some(original), Some(before)) = (original, &change.before)
            && *original == Checksum::of(before)
        {
            lock.back_up(world, before)?;
        }
    }
    Ok(())
}

fn stage(entry: &Entry<'_>, world: &dyn World) -> Result<(), PlanError> {
    let Entry { change, step, look } = entry;
    if let Some(after) = &change.after {
        atomic::write_new(world, &step.ready, after, *look)?;
    }
    match &change.before {
        Some(before) => atomic::keep(world, &step.target, &step.kept, before, *look),
        None => Ok(()),
    }
}

/// The error of a change that was not made, given how putting it back went.
fn not_made(cause: PlanError, put_back: Result<Vec<PathBuf>, PlanError>) -> PlanError {
    match put_back {
        Ok(left) if !left.is_empty() => PlanError::NotPutBack { paths: left, cause: Box::new(cause) },
        Err(PlanError::NotPutBack { paths, .. }) => PlanError::NotPutBack { paths, cause: Box::new(cause) },
        // All files are as before; what else is left over, the journal knows and the next call takes away.
        Ok(_) | Err(_) => cause,
    }
}
