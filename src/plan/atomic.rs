//! Single steps on the file system that either happen or do not, and last once they have returned.
//!
//! A file is written under a temporary name beside its target with the right mode and owner, synced, and renamed over
//! the target; the target has been resolved before, so a symlink to it stays.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::Path;

use super::PlanError;
use super::world::{Step, World};

/// How every temporary file's name begins.
pub(super) const TEMPORARY: &str = ".astro-aws-";

/// The mode and owner that a written file gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Those of the file it replaces.
    Kept { mode: u32, owner: Option<(u32, u32)> },
    /// These permission bits and our own user.
    Mode(u32),
    /// What the umask gives, and our own user.
    Umask,
}

/// Sixteen hex digits that no other process picks at the same time.
pub(super) fn random_name() -> String {
    // The standard library seeds each `RandomState` from the system, which saves a crate and a look at the clock.
    format!("{:016x}", std::collections::hash_map::RandomState::new().build_hasher().finish())
}

/// Writes and syncs a new file that must not exist yet. Nobody else can read it before it has its final mode.
pub(super) fn write_new(world: &dyn World, path: &Path, bytes: &[u8], look: Look) -> Result<(), PlanError> {
    let mut file = create(world, path, look)?;
    world.step(Step::Write, path)?;
    file.write_all(bytes).map_err(PlanError::io("write", path))?;
    set_look(&file, look).map_err(|source| PlanError::OwnerNotKept { path: path.to_owned(), source })?;
    world.step(Step::Sync, path)?;
    world.sync(&file).map_err(PlanError::io("write", path))
}

/// Creates an empty file that must not exist yet; unless the umask is to decide, nobody else can read it.
pub(super) fn create(world: &dyn World, path: &Path, look: Look) -> Result<File, PlanError> {
    world.step(Step::Create, path)?;
    create_new(path, look).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            PlanError::FolderNotWritable { path: path.to_owned(), source }
        }
        _ => PlanError::Io { action: "write", path: path.to_owned(), source },
    })
}

/// Renames `temporary` over `target`, in one folder.
pub(super) fn replace(world: &dyn World, temporary: &Path, target: &Path) -> Result<(), PlanError> {
    world.step(Step::Replace, target)?;
    rename(temporary, target).map_err(PlanError::io("replace", target))
}

/// Writes a file of our own store (0600) in place of what is there, synced with its folder.
pub(super) fn write_private(world: &dyn World, path: &Path, bytes: &[u8]) -> Result<(), PlanError> {
    let folder = path.parent().unwrap_or(path);
    let temporary = folder.join(format!("{TEMPORARY}{}", random_name()));
    let written = write_new(world, &temporary, bytes, Look::Mode(0o600))
        .and_then(|()| replace(world, &temporary, path))
        .and_then(|()| sync_folder(world, folder));
    if written.is_err() {
        // A left-over is swept with the next change; the failure that led here is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Gives the file at `target` a second name, as the way back. Where the file system has no hard links, a copy does.
pub(super) fn keep(world: &dyn World, target: &Path, kept: &Path, bytes: &[u8], look: Look) -> Result<(), PlanError> {
    world.step(Step::Keep, kept)?;
    fs::hard_link(target, kept).or_else(|_| write_new(world, kept, bytes, look))
}

/// Removes a file; one that is gone already is no error.
pub(super) fn remove(world: &dyn World, path: &Path) -> Result<(), PlanError> {
    world.step(Step::Remove, path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PlanError::Io { action: "remove", path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Makes the names in a folder last.
pub(super) fn sync_folder(world: &dyn World, folder: &Path) -> Result<(), PlanError> {
    world.step(Step::SyncFolder, folder)?;
    sync_names(world, folder).map_err(PlanError::io("write", folder))
}

#[cfg(unix)]
fn sync_names(world: &dyn World, folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| world.sync(&folder)) {
        // Some network file systems cannot sync a folder; a rename lasts there as soon as it has returned.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_names(_: &dyn World, _: &Path) -> io::Result<()> {
    // Windows opens no folder as a file; NTFS journals renames.
    Ok(())
}

#[cfg(unix)]
fn create_new(path: &Path, look: Look) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mode = if look == Look::Umask { 0o666 } else { 0o600 };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path, _: Look) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
pub(super) fn set_look(file: &File, look: Look) -> io::Result<()> {
    use std::os::unix::fs::{PermissionsExt, fchown};
    let set_mode = |mode| file.set_permissions(fs::Permissions::from_mode(mode));
    match look {
        Look::Umask => Ok(()),
        Look::Mode(mode) => set_mode(mode),
        Look::Kept { mode, owner } => {
            let (_, ours) = super::file::mode_and_owner(&file.metadata()?);
            if let (Some((user, group)), Some((our_user, our_group))) = (owner, ours) {
                let wanted_user = (user != our_user).then_some(user);
                let wanted_group = (group != our_group).then_some(group);
                match fchown(file, wanted_user, wanted_group) {
                    // Our own file in a group that we are no member of: the group cannot be kept, the owner is.
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied && wanted_user.is_none() => {}
                    result => result?,
                }
            }
            // After the owner, since a change of owner clears the set-id bits.
            set_mode(mode)
        }
    }
}

#[cfg(not(unix))]
pub(super) fn set_look(_: &File, _: Look) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

#[cfg(not(unix))]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    const ATTEMPTS: u32 = 10;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    let is_held_open = |error: &io::Error| {
        error.kind() == io::ErrorKind::PermissionDenied || error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
    };
    for attempt in 1..ATTEMPTS {
        match fs::rename(from, to) {
            // Virus scanners and editors hold a file open for a moment.
            Err(error) if is_held_open(&error) => {
                std::thread::sleep(std::time::Duration::from_millis(10 * u64::from(attempt)));
            }
            result => return result,
        }
    }
    fs::rename(from, to)
}
