//! The changes that a command wants to make, computed before anything is touched.
//!
//! A change says what a file holds now, what it shall hold, and how secret that is; a plan is a list of them.

use std::fmt;
use std::path::PathBuf;

/// How much of a file may be shown and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// All of it may be shown, and its bytes are backed up.
    Plain,
    /// Other lines may hold someone's secrets: only changed lines are shown; its bytes are backed up privately.
    Neighbours,
    /// Nothing of it is shown or backed up.
    Secret,
}

/// What a change does to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The file does not exist yet.
    Created,
    /// The file exists and gets other bytes.
    Updated,
    /// The file is as it shall be.
    Unchanged,
    /// The file goes.
    Removed,
}

/// A folder of our own on the way to a file. Other missing folders are created as the umask says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The folder; it is removed again with the file when it is empty then.
    pub path: PathBuf,
    /// The permission bits it is created with.
    pub mode: u32,
    /// What happens when it exists with other permission bits.
    pub when_looser: WhenLooser,
}

/// What happens to an existing folder whose mode differs from the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenLooser {
    /// It keeps its mode.
    Keep,
    /// It gets the wanted mode again before anything is written below it.
    Tighten,
}

impl Folder {
    /// A folder that gets `mode` when it is created and keeps the one it has otherwise.
    pub fn new(path: impl Into<PathBuf>, mode: u32) -> Self {
        Self { path: path.into(), mode, when_looser: WhenLooser::Keep }
    }

    /// A folder that nobody else may enter (0700), also when someone loosened it.
    pub fn private(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), mode: 0o700, when_looser: WhenLooser::Tighten }
    }
}

/// One file's change. `Debug` shows no bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, absolute; it may be a symlink.
    pub path: PathBuf,
    /// What it holds now; `None` where there is no file.
    pub before: Option<Vec<u8>>,
    /// What it shall hold; `None` to remove it.
    pub after: Option<Vec<u8>>,
    /// How much may be shown and kept.
    pub secrecy: Secrecy,
    /// The permission bits of a created file; `None` for what the umask gives (0600 for a secret). An existing file
    /// keeps its own.
    pub mode: Option<u32>,
    /// Our own folders on the way to it, the outermost first.
    pub folders: Vec<Folder>,
}

impl Change {
    /// A plain change without folders of our own.
    pub fn new(path: impl Into<PathBuf>, before: Option<Vec<u8>>, after: Option<Vec<u8>>) -> Self {
        Self { path: path.into(), before, after, secrecy: Secrecy::Plain, mode: None, folders: Vec::new() }
    }

    /// The same change with another secrecy.
    #[must_use]
    pub fn with_secrecy(self, secrecy: Secrecy) -> Self {
        Self { secrecy, ..self }
    }

    /// The same change with the permission bits that a created file gets.
    #[must_use]
    pub fn with_mode(self, mode: u32) -> Self {
        Self { mode: Some(mode), ..self }
    }

    /// The same change with our own folders on the way to it, the outermost first.
    #[must_use]
    pub fn in_folders(self, folders: impl IntoIterator<Item = Folder>) -> Self {
        Self { folders: folders.into_iter().collect(), ..self }
    }

    /// What the change does to its file.
    pub fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (None, Some(_)) => Kind::Created,
            (Some(_), None) => Kind::Removed,
            (before, after) if before == after => Kind::Unchanged,
            _ => Kind::Updated,
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Change")
            .field("path", &self.path)
            .field("kind", &self.kind())
            .field("bytes", &"(redacted)")
            .field("secrecy", &self.secrecy)
            .field("mode", &self.mode.map(|mode| format!("{mode:#o}")))
            .field("folders", &self.folders)
            .finish()
    }
}

/// Every change of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes in the order in which they are shown and made.
    pub changes: Vec<Change>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.kind() == Kind::Unchanged)
    }
}
