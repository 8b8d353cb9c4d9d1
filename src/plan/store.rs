//! One project's folder in the state directory: the record, the lock, the journal and the backups.
//!
//! `record.json` holds what the layers above want to know of the last run and what undo needs of each file;
//! `pending.json` exists while files are being changed; `blobs/` holds original contents under their checksums. All of
//! it is private (0700 and 0600). Opening and loading create nothing, and a lock that is released with nothing recorded
//! takes the folder away with it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::atomic::{self, TEMPORARY, write_private};
use super::folder::{self, Missing};
use super::lock::{self, FileLock};
use super::world::{Step, Unwatched, World};
use super::{Checksum, FileRecord, FileState, PlanError, Restore};

/// The newest form of the record that this version reads and writes.
pub(super) const SCHEMA: u64 = 1;

/// The largest record or journal, in bytes; ours are a few kilobytes.
const RECORD_LIMIT: u64 = 16 * 1024 * 1024;

/// The file that is locked.
const LOCK: &str = "lock";

/// How long one try for the lock waits for the next.
const LOCK_POLL: Duration = Duration::from_millis(25);

/// How often the folder may vanish under a try for the lock. Each time takes another process that releases it.
const VANISHINGS: u32 = 10;

/// The store's folder and the two above it are ours: `<state folder>/projects/<project>`.
#[cfg(unix)]
const OWN_FOLDERS: usize = 3;

/// One project's folder in the state directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    dir: PathBuf,
}

/// The right to change a project's files, held until it is dropped.
///
/// Dropping it removes the store's folder where it holds nothing else, and the folders above it that are ours where
/// they are empty then (not on Windows, which removes no open file at once).
#[derive(Debug)]
pub struct StoreLock<'store> {
    store: &'store Store,
    _lock: FileLock,
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
    /// The version that was read, for [`apply`](super::apply()).
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
        self.lock_in(&Unwatched, wait, on_wait)
    }

    pub(super) fn lock_in(
        &self,
        world: &dyn World,
        wait: Duration,
        on_wait: impl FnOnce(),
    ) -> Result<StoreLock<'_>, PlanError> {
        let path = self.lock_path();
        let (mut on_wait, mut waited, mut vanished) = (Some(on_wait), Duration::ZERO, 0);
        loop {
            match self.try_lock(world, &path) {
                Ok(Some(lock)) => return Ok(lock),
                Ok(None) if waited >= wait => return Err(PlanError::Locked { path }),
                Ok(None) => {
                    if let Some(tell) = on_wait.take() {
                        tell();
                    }
                }
                // A process that released the lock has removed the folder that we were about to use.
                Err(error) if is_missing(&error) && vanished < VANISHINGS => vanished += 1,
                Err(error) => return Err(error),
            }
            std::thread::sleep(LOCK_POLL);
            waited += LOCK_POLL;
        }
    }

    /// The lock, or `None` where another process has it. Creates the folder and the file where they are missing.
    fn try_lock(&self, world: &dyn World, path: &Path) -> Result<Option<StoreLock<'_>>, PlanError> {
        folder::create_private(world, &self.dir)?;
        let lock = lock::attempt_in(world, path)?;
        Ok(lock.map(|lock| StoreLock { store: self, _lock: lock }))
    }

    /// Removes the folders that only the lock, which the caller holds, has kept from being empty.
    #[cfg(unix)]
    fn remove_unused(&self) {
        // Best effort throughout: what stays is used or removed next time.
        let _ = fs::remove_dir(self.blobs());
        let is_lock = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() == LOCK);
        let is_unused = fs::read_dir(&self.dir).is_ok_and(|mut entries| entries.all(is_lock));
        // The lock's file goes last of all files: without its name it keeps nobody out any more. From then on only
        // empty folders may go, which a process that has the next lock can make again.
        if is_unused && fs::remove_file(self.lock_path()).is_ok() {
            let _ = self.dir.ancestors().take(OWN_FOLDERS).try_for_each(fs::remove_dir);
        }
    }

    /// Windows removes no open file at once, so the folder stays.
    #[cfg(not(unix))]
    fn remove_unused(&self) {}

    fn lock_path(&self) -> PathBuf {
        self.dir.join(LOCK)
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

    /// Removes a record of nothing, backups that the record no longer names, and temporary files of a killed process.
    /// Best effort: what stays is removed next time.
    pub(super) fn sweep(&self, world: &dyn World) -> Result<(), PlanError> {
        let envelope = self.store.envelope()?;
        if envelope.as_ref().is_some_and(Envelope::is_of_nothing) {
            atomic::remove(world, &self.store.record_path())?;
        }
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

impl Drop for StoreLock<'_> {
    /// Runs while the file is still locked.
    fn drop(&mut self) {
        self.store.remove_unused();
    }
}

impl Envelope {
    /// Whether it only says that the project is forgotten, which is as good as no record.
    fn is_of_nothing(&self) -> bool {
        self.record.is_null()
    }
}

impl Stamp {
    pub(super) fn of(envelope: Option<&Envelope>) -> Self {
        Self(envelope.filter(|envelope| !envelope.is_of_nothing()).map(|envelope| envelope.transaction.clone()))
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

fn is_missing(error: &PlanError) -> bool {
    matches!(error, PlanError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
}
