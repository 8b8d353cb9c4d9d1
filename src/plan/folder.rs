//! The folders on the way to a file: which are missing, making them, and taking them away again.
//!
//! In: a target and the folders that the change calls our own. Out: folders on disk with the wanted modes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::sync_folder;
use super::file::resolve;
use super::world::{Step, World};
use super::{Change, Folder, PlanError, WhenLooser};

/// A folder that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Missing {
    pub(super) path: PathBuf,
    /// The permission bits it gets; `None` for what the umask gives.
    pub(super) mode: Option<u32>,
}

/// The missing folders on the way to `target`, the outermost first.
pub(super) fn missing(target: &Path, change: &Change) -> Result<Vec<Missing>, PlanError> {
    let ours = resolved(&change.folders)?;
    let mut found: Vec<Missing> = Vec::new();
    for path in target.ancestors().skip(1).take_while(|path| !path.exists()) {
        let mode = ours.iter().find(|(ours, _)| ours == path).map(|(_, folder)| folder.mode);
        found.push(Missing { path: path.to_owned(), mode });
    }
    found.reverse();
    Ok(found)
}

/// Our own folders with their resolved paths.
pub(super) fn resolved(folders: &[Folder]) -> Result<Vec<(PathBuf, &Folder)>, PlanError> {
    folders.iter().map(|folder| Ok((resolve(&folder.path)?, folder))).collect()
}

/// Creates a missing folder.
pub(super) fn create(world: &dyn World, folder: &Missing) -> Result<(), PlanError> {
    world.step(Step::Folder, &folder.path)?;
    match make(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(PlanError::Io { action: "create", path: folder.path.clone(), source: error })
        }
        _ => folder.path.parent().map_or(Ok(()), |parent| sync_folder(world, parent)),
    }
}

/// Gives those of our private folders that exist their mode again.
pub(super) fn tighten(world: &dyn World, folders: &[Folder]) -> Result<(), PlanError> {
    for folder in folders.iter().filter(|folder| folder.when_looser == WhenLooser::Tighten) {
        if folder.path.is_dir() {
            world.step(Step::Folder, &folder.path)?;
            tighten_one(&folder.path, folder.mode).map_err(PlanError::io("set the mode of", &folder.path))?;
        }
    }
    Ok(())
}

/// Creates the store's own folder (0700) with every missing parent (0700 too), and closes it if someone opened it.
pub(super) fn create_private(world: &dyn World, path: &Path) -> Result<(), PlanError> {
    for folder in missing_on(path) {
        create_one_private(world, &folder)?;
    }
    tighten(world, &[Folder::private(path)])
}

/// The missing folders on the way to the folder `path`, itself the last of them.
pub(super) fn missing_on(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<_> = path.ancestors().take_while(|path| !path.exists()).map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Creates a missing folder that nobody else can look into.
pub(super) fn create_one_private(world: &dyn World, path: &Path) -> Result<(), PlanError> {
    create(world, &Missing { path: path.to_owned(), mode: Some(0o700) })
}

/// Removes the folders that are empty, the innermost first. A folder that holds something stays.
pub(super) fn remove_empty<'a>(folders: impl DoubleEndedIterator<Item = &'a PathBuf>) {
    for folder in folders.rev() {
        // Not empty, gone or not ours to remove: each is a reason to leave it.
        let _ = fs::remove_dir(folder);
    }
}

#[cfg(unix)]
fn make(folder: &Missing) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let Some(mode) = folder.mode else { return fs::create_dir(&folder.path) };
    fs::DirBuilder::new().mode(mode).create(&folder.path)?;
    // The umask may have taken bits away.
    fs::set_permissions(&folder.path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn make(folder: &Missing) -> io::Result<()> {
    fs::create_dir(&folder.path)
}

#[cfg(unix)]
fn tighten_one(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn tighten_one(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
