//! What can stand in the way of reading, changing or putting back files.
//!
//! Every variant names the path it is about; none holds any content of a file.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file could not be read or a plan not be applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A folder stands where a file is expected.
    #[error("`{path}` is a folder, not a file")]
    Folder {
        /// The path as the caller named it.
        path: PathBuf,
    },
    /// A FIFO, socket or device stands where a file is expected; it was not opened.
    #[error("`{path}` is not a regular file")]
    NotRegular {
        /// The path as the caller named it.
        path: PathBuf,
    },
    /// A symlink leads to nothing.
    #[error("`{path}` is a symlink to `{target}`, which does not exist")]
    DanglingSymlink {
        /// The symlink.
        path: PathBuf,
        /// What it points to, as it says itself.
        target: PathBuf,
    },
    /// Symlinks lead round in a circle.
    #[error("`{path}` is a symlink that leads back to itself")]
    SymlinkLoop {
        /// The path as the caller named it.
        path: PathBuf,
    },
    /// A file stands where the path needs a folder.
    #[error("`{path}` cannot exist: a part of its path is a file, not a folder")]
    ParentNotFolder {
        /// The path as the caller named it.
        path: PathBuf,
    },
    /// The file is larger than the caller takes.
    #[error("`{path}` is larger than {} KiB", limit / 1024)]
    TooLarge {
        /// The path as the caller named it.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Permission to read is missing.
    #[error("`{path}` cannot be read")]
    Unreadable {
        /// The path as the caller named it.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The path has no form in UTF-8, so it could not be recorded.
    #[error("the path `{path}` is not UTF-8, so it cannot be recorded")]
    NotUtf8 {
        /// The path as the caller named it.
        path: PathBuf,
    },
    /// Two changes of one plan lead to the same file.
    #[error("`{one}` and `{other}` are the same file")]
    SameFile {
        /// The path of the first change.
        one: PathBuf,
        /// The path of the second change.
        other: PathBuf,
    },
    /// The file belongs to someone else and a replaced one would not.
    #[error("`{path}` belongs to another user, and replacing it would change its owner")]
    OwnerNotKept {
        /// The file that would be replaced.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The file is no longer as it was when the plan was made. Nothing was changed.
    #[error("another program changed `{path}` in the meantime")]
    ChangedMeanwhile {
        /// The file, or this room's own record.
        path: PathBuf,
    },
    /// Another process holds the lock for longer than the caller waits.
    #[error("another process is changing this project (`{path}` is locked)")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// The record, or the journal of an interrupted change, is damaged.
    #[error("`{path}` is damaged: {reason}")]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The record was written by a newer version.
    #[error("`{path}` was written by a newer astro-aws (schema {found}; this one knows {known})")]
    NewerSchema {
        /// The record.
        path: PathBuf,
        /// The schema it has.
        found: u64,
        /// The newest schema this version reads.
        known: u64,
    },
    /// The folder takes no new files, so that the file cannot be replaced in one step.
    #[error("`{path}` cannot be written: its folder is not writable")]
    FolderNotWritable {
        /// The file that would be written.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// Signals cannot be held off on this system.
    #[error("could not hold off signals")]
    Signals {
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// A signal came before the first file was replaced. Nothing was changed.
    #[error("interrupted by signal {signal}")]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
    /// A step failed. What was changed before it has been put back.
    #[error("could not {action} `{path}`")]
    Io {
        /// What was tried, as a verb in the imperative.
        action: &'static str,
        /// The file or folder it was tried on.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// A step failed, and some files could not be put back as they were. Where the system refused that, the next call
    /// puts things right; a file that someone else changed in the meantime stays as it is.
    #[error("a change failed, and not all of it could be put back: {}", list(paths))]
    NotPutBack {
        /// The files that are not as they were before.
        paths: Vec<PathBuf>,
        /// The failure that came first.
        #[source]
        cause: Box<PlanError>,
    },
}

impl PlanError {
    /// Makes a function that wraps the error of a step on `path`, for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// The same error about the file that a person knows, where it was met on a temporary one beside it.
    pub(super) fn about(self, path: &Path) -> Self {
        let path = path.to_owned();
        match self {
            Self::Io { action, source, .. } => Self::Io { action, path, source },
            Self::OwnerNotKept { source, .. } => Self::OwnerNotKept { path, source },
            Self::FolderNotWritable { source, .. } => Self::FolderNotWritable { path, source },
            other => other,
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}
