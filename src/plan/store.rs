//! One project's folder in the state directory: the record, the lock, the journal and the backups.
//!
//! `record.json` holds what the layers above want to know of the last run and what undo needs of each file;
//! `pending.json` exists while files are being changed; `blobs/` holds original contents under their checksums. All of
//! it is private (0700 and 0600). Opening and loading create nothing.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::apply::{Step, World};
use super::atomic::{TEMPORARY, write_private};
use super::folder::{self, Missing};
use super::{Checksum, FileRecord, FileState, PlanError, Restore, apply};

/// The newest form of the record that this version reads and writes.
pub(super) const SCHEMA: u64 = 1;

/// The largest record or journal, in bytes; ours are a few kilobytes.
const RECORD_LIMIT: u64 = 16 * 1024 * 1024;

/// How long one try for the lock waits for the next.
const LOCK_POLL: Duration = Duration::from_millis(25);

/// One project's folder in the state directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    dir: PathBuf,
}

/// The right to change a project's files, held until it is dropped.
#[derive(Debug)]
pub struct StoreLock<'store> {
    store: &'store Store,
    // Closing the file releases the lock, also when the process is killed.
    _file: File,
}

/// Which version of the record was seen, so that a change by another process in between is noticed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp(Option<String>);

/// What the record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded<R> {
    /// What the layers above recorded; `None` where nothing is set up.
    pub record: Option<R>,
    /// What undo needs of each changed file, by its path.
    pub files: BTreeMap<PathBuf, FileRecord>,
    /// The version that was read, for [`apply()`].
    pub stamp: Stamp,
}

/// The content of `record.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub(super) schema: u64,
    /// The change that wrote it: tells a finished one from an interrupted one.
    pub(super) transaction: String,
    pub(super) files: BTreeMap<PathBuf, FileRecord>,
    pub(super) record: serde_json::Value,
}

impl Store {
    /// The store in `dir`, which may not exist yet. Creates nothing.
    pub fn open(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        // An empty path alone has no absolute form; the first use names it.
        Self { dir: std::path::absolute(&dir).unwrap_or(dir) }
    }

    /// Reads the record.
    ///
    /// # Errors
    /// [`PlanError::Corrupt`] and [`PlanError::NewerSchema`], both with the record's path; else those of
    /// [`FileState::read`].
    pub fn load<R: DeserializeOwned>(&self) -> Result<Loaded<R>, PlanError> {
        let envelope = self.envelope()?;
        let stamp = Stamp::of(envelope.as_ref());
        let Some(envelope) = envelope else { return Ok(Loaded { record: None, files: BTreeMap::new(), stamp }) };
        let record = serde_json::from_value(envelope.record).map_err(|error| corrupt(&self.record_path(), &error))?;
        Ok(Loaded { record, files: envelope.files, stamp })
    }

    /// Whether a change was interrupted, so that [`recover`](super::recover()) has something to do.
    pub fn is_interrupted(&self) -> bool {
        self.journal_path().exists()
    }

    /// How to take back the changes of the file that `record` is about and that holds `current` now. An original whose
    /// backup is gone or damaged counts as [`Restore::Touched`].
    pub fn restore(&self, record: &FileRecord, current: Option<&[u8]>) -> Restore {
        let backup = |checksum: &Checksum| {
            fs::read(self.blob_path(checksum)).ok().filter(|bytes| Checksum::of(bytes) == *checksum)
        };
        record.restore(current, backup)
    }

    /// Waits up to `wait` for the lock, creating the folder where it is missing. `on_wait` is called once when another
    /// process has it.
    ///
    /// # Errors
    /// [`PlanError::Locked`] when the other process is not done in time; [`PlanError::Io`].
    pub fn lock(&self, wait: Duration, on_wait: impl FnOnce()) -> Result<StoreLock<'_>, PlanError> {
        self.lock_in(&apply::Unwatched, wait, on_wait)
    }

    pub(super) fn lock_in(
        &self,
        world: &dyn World,
        wait: Duration,
        on_wait: impl FnOnce(),
    ) -> Result<StoreLock<'_>, PlanError> {
        folder::create_private(world, &self.dir)?;
        let path = self.dir.join("lock");
        let file = open_lock(&path).map_err(PlanError::io("open", &path))?;
        let mut on_wait = Some(on_wait);
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(StoreLock { store: self, _file: file }),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(source)) => return Err(PlanError::Io { action: "lock", path, source }),
                Err(TryLockError::WouldBlock) if waited >= wait => return Err(PlanError::Locked { path }),
                Err(TryLockError::WouldBlock) => {
                    if let Some(tell) = on_wait.take() {
                        tell();
                    }
                    std::thread::sleep(LOCK_POLL);
                    waited += LOCK_POLL;
                }
            }
        }
    }

    pub(super) fn record_path(&self) -> PathBuf {
        self.dir.join("record.json")
    }

    pub(super) fn journal_path(&self) -> PathBuf {
        self.dir.join("pending.json")
    }

    fn blobs(&self) -> PathBuf {
        self.dir.join("blobs")
    }

    fn blob_path(&self, checksum: &Checksum) -> PathBuf {
        self.blobs().join(checksum.as_str())
    }

    pub(super) fn envelope(&self) -> Result<Option<Envelope>, PlanError> {
        self.read_json(&self.record_path())
    }

    /// Reads one of our JSON files: first its schema, so that a newer form is not called damaged.
    pub(super) fn read_json<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, PlanError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u64,
        }
        let state = FileState::read(path, RECORD_LIMIT)?;
        let Some(bytes) = state.bytes() else { return Ok(None) };
        let Schema { schema: found } = serde_json::from_slice(bytes).map_err(|error| corrupt(path, &error))?;
        if found > SCHEMA {
            return Err(PlanError::NewerSchema { path: path.to_owned(), found, known: SCHEMA });
        }
        serde_json::from_slice(bytes).map(Some).map_err(|error| corrupt(path, &error))
    }
}

impl StoreLock<'_> {
    pub(super) fn store(&self) -> &Store {
        self.store
    }

    pub(super) fn write_json(&self, world: &dyn World, path: &Path, value: &impl Serialize) -> Result<(), PlanError> {
        let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| corrupt(path, &error))?;
        bytes.push(b'\n');
        write_private(world, path, &bytes).map_err(|error| error.about(path))
    }

    /// Keeps a file's original content.
    pub(super) fn back_up(&self, world: &dyn World, bytes: &[u8]) -> Result<(), PlanError> {
        let blobs = self.store.blobs();
        let path = self.store.blob_path(&Checksum::of(bytes));
        if !blobs.is_dir() {
            folder::create(world, &Missing { path: blobs, mode: Some(0o700) })?;
        }
        if path.exists() { Ok(()) } else { write_private(world, &path, bytes).map_err(|error| error.about(&path)) }
    }

    /// Removes backups that the record no longer names, and temporary files of a killed process. Best effort: what
    /// stays is removed next time.
    pub(super) fn sweep(&self, world: &dyn World) -> Result<(), PlanError> {
        let envelope = self.store.envelope()?;
        let named = |name: &str| {
            let files = envelope.iter().flat_map(|envelope| envelope.files.values());
            files.filter_map(|file| file.original.as_ref()).any(|original| original.as_str() == name)
        };
        let stale_blob = |name: &str| !named(name);
        let temporary = |name: &str| name.starts_with(TEMPORARY);
        remove_entries(world, &self.store.blobs(), &stale_blob)?;
        remove_entries(world, &self.store.dir, &temporary)
    }
}

impl Stamp {
    pub(super) fn of(envelope: Option<&Envelope>) -> Self {
        Self(envelope.map(|envelope| envelope.transaction.clone()))
    }
}

fn remove_entries(world: &dyn World, folder: &Path, unwanted: &dyn Fn(&str) -> bool) -> Result<(), PlanError> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(unwanted) {
            world.step(Step::Remove, &entry.path())?;
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// serde_json's messages name a place and what was expected there; of the content at most one wrong value.
fn corrupt(path: &Path, error: &serde_json::Error) -> PlanError {
    PlanError::Corrupt { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(unix)]
fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
