//! A lock between processes: a file that one of them has locked at a time.
//!
//! In: a path. Out: the lock, or that another has it; the kernel frees it when its holder closes the file or dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::world::{Step, Unwatched, World};
use super::{PlanError, folder};

/// A file that this process has locked, until it is dropped. The file stays, unless it is [discarded](FileLock::discard).
#[derive(Debug)]
pub struct FileLock {
    // Closing the file releases the lock, also when the process is killed.
    file: File,
    path: PathBuf,
    new_folders: Vec<PathBuf>,
}

/// The longest note that is read, in bytes.
const NOTE_LIMIT: u64 = 1024;

impl FileLock {
    /// The lock, or `None` where another has it: this process too, since each attempt is one of its own. Creates the
    /// file (0600) and missing folders (0700). Never waits.
    ///
    /// # Errors
    /// [`PlanError::Io`].
    pub fn attempt(path: &Path) -> Result<Option<Self>, PlanError> {
        let new_folders = folder::missing_on(path.parent().unwrap_or(path));
        for folder in &new_folders {
            folder::create_one_private(&Unwatched, folder)?;
        }
        Ok(attempt_in(&Unwatched, path)?.map(|lock| Self { new_folders, ..lock }))
    }

    /// Frees the lock and leaves nothing behind: neither the file nor a folder made for it that is empty. Best effort.
    pub fn discard(self) {
        // While it is locked: whoever waits finds out that it has lost its name. Windows would refuse it to them instead.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
        drop(self.file);
        folder::remove_empty(self.new_folders.iter());
    }

    /// What an earlier holder has left for the next ones; empty where nothing legible is.
    pub fn note(&self) -> String {
        let mut note = String::new();
        let mut file = &self.file;
        match file.seek(SeekFrom::Start(0)).and_then(|_| file.take(NOTE_LIMIT).read_to_string(&mut note)) {
            Ok(_) => note,
            Err(_) => String::new(),
        }
    }

    /// Leaves a short note for the next holders in place of the last one. A kill may cut it short.
    ///
    /// # Errors
    /// The system's.
    pub fn set_note(&self, note: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(note.as_bytes())
    }
}

/// [`FileLock::attempt`] in a folder that exists.
pub(super) fn attempt_in(world: &dyn World, path: &Path) -> Result<Option<FileLock>, PlanError> {
    let file = open(path).map_err(PlanError::io("open", path))?;
    world.step(Step::Lock, path)?;
    match file.try_lock() {
        // Whoever held the lock may have removed the file since it was opened here: the lock on a file that has
        // lost its name keeps nobody out, since the next process locks a new one.
        Ok(()) if is_at(&file, path).map_err(PlanError::io("lock", path))? => {
            Ok(Some(FileLock { file, path: path.to_owned(), new_folders: Vec::new() }))
        }
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(TryLockError::Error(source)) => Err(PlanError::Io { action: "lock", path: path.to_owned(), source }),
    }
}

/// Whether `path` still names the open `file`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// On Windows the file is never removed.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
