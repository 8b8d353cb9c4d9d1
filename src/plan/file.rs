//! What stands at a path now: nothing, or a regular file with its bytes, mode and owner.
//!
//! Symlinks are followed and the file they lead to is named. Everything that is neither nothing nor a regular file of
//! bearable size is a typed error; a FIFO or a device is never opened. Reading creates and changes nothing.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::PlanError;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Nothing; the parent folder may be missing too.
    Absent {
        /// Where the file would be created: absolute, symlinks in its folders resolved.
        target: PathBuf,
    },
    /// A regular file.
    Regular(RegularFile),
}

/// A regular file as it was read. `Debug` leaves its bytes out.
#[derive(Clone, PartialEq, Eq)]
pub struct RegularFile {
    /// The file itself: absolute, with every symlink resolved.
    pub target: PathBuf,
    /// Its whole content.
    pub bytes: Vec<u8>,
    /// The permission bits and set-id bits (`0o7777`); 0 on Windows.
    pub mode: u32,
    /// The owner's user and group id; `None` on Windows.
    pub owner: Option<(u32, u32)>,
}

impl fmt::Debug for RegularFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RegularFile")
            .field("target", &self.target)
            .field("bytes", &"(redacted)")
            .field("mode", &format_args!("{:#o}", self.mode))
            .field("owner", &self.owner)
            .finish()
    }
}

impl FileState {
    /// Reads what stands at `path`, up to `limit` bytes.
    ///
    /// # Errors
    /// [`PlanError::Folder`], [`PlanError::NotRegular`], [`PlanError::DanglingSymlink`], [`PlanError::SymlinkLoop`],
    /// [`PlanError::ParentNotFolder`], [`PlanError::TooLarge`], [`PlanError::Unreadable`], else [`PlanError::Io`].
    pub fn read(path: &Path, limit: u64) -> Result<Self, PlanError> {
        let target = resolve(path)?;
        let Some(file) = open_regular(path, &target, limit)? else { return Ok(Self::Absent { target }) };
        let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
        let mut bytes = Vec::new();
        // A file may grow while it is read, and those of /proc say that they are empty.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
        if bytes.len() as u64 > limit {
            return Err(PlanError::TooLarge { path: path.to_owned(), limit });
        }
        let (mode, owner) = mode_and_owner(&metadata);
        Ok(Self::Regular(RegularFile { target, bytes, mode, owner }))
    }

    /// The content, where there is a file.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Absent { .. } => None,
            Self::Regular(file) => Some(&file.bytes),
        }
    }

    /// The file behind every symlink, or where it would be created.
    pub fn target(&self) -> &Path {
        match self {
            Self::Absent { target } => target,
            Self::Regular(file) => &file.target,
        }
    }
}

/// The absolute path behind every symlink; where nothing exists, that of the nearest existing folder with the rest.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, PlanError> {
    let absolute = std::path::absolute(path).map_err(PlanError::io("find", path))?;
    let error = match fs::canonicalize(&absolute) {
        Ok(target) => return Ok(target),
        Err(error) => error,
    };
    if error.kind() != io::ErrorKind::NotFound {
        return Err(unreadable(path, error));
    }
    if let Ok(target) = fs::read_link(&absolute) {
        return Err(PlanError::DanglingSymlink { path: path.to_owned(), target });
    }
    match (absolute.parent(), absolute.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(parent)?.join(name)),
        _ => Err(PlanError::Io { action: "find", path: path.to_owned(), source: error }),
    }
}

/// Opens the regular file `target`, or says that it is absent; errors name `path`.
pub(super) fn open_regular(path: &Path, target: &Path, limit: u64) -> Result<Option<File>, PlanError> {
    let metadata = match fs::symlink_metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    require_regular(path, &metadata)?;
    if metadata.len() > limit {
        return Err(PlanError::TooLarge { path: path.to_owned(), limit });
    }
    let file = open_without_waiting(target).map_err(|error| unreadable(path, error))?;
    // What was looked at may have been replaced before it was opened.
    require_regular(path, &file.metadata().map_err(|error| unreadable(path, error))?)?;
    Ok(Some(file))
}

/// Refuses what is no regular file; errors name `path`.
pub(super) fn require_regular(path: &Path, metadata: &Metadata) -> Result<(), PlanError> {
    if metadata.is_dir() {
        return Err(PlanError::Folder { path: path.to_owned() });
    }
    if !metadata.is_file() {
        return Err(PlanError::NotRegular { path: path.to_owned() });
    }
    Ok(())
}

fn unreadable(path: &Path, source: io::Error) -> PlanError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied => PlanError::Unreadable { path, source },
        io::ErrorKind::NotADirectory => PlanError::ParentNotFolder { path },
        _ if is_loop(&source) => PlanError::SymlinkLoop { path },
        _ => PlanError::Io { action: "read", path, source },
    }
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(error: &io::Error) -> bool {
    const ERROR_CANT_RESOLVE_FILENAME: i32 = 1921;
    error.raw_os_error() == Some(ERROR_CANT_RESOLVE_FILENAME)
}

#[cfg(unix)]
fn open_without_waiting(target: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    // A FIFO put here at the last moment must neither block the open nor a symlink lead elsewhere.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(target, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_without_waiting(target: &Path) -> io::Result<File> {
    File::open(target)
}

#[cfg(unix)]
pub(super) fn mode_and_owner(metadata: &Metadata) -> (u32, Option<(u32, u32)>) {
    use std::os::unix::fs::MetadataExt;
    (metadata.mode() & 0o7777, Some((metadata.uid(), metadata.gid())))
}

#[cfg(not(unix))]
pub(super) fn mode_and_owner(_: &Metadata) -> (u32, Option<(u32, u32)>) {
    (0, None)
}
