//! Replacing one file that stands for itself, such as an entry of a cache: no journal and no way back.
//!
//! In come a path and bytes. The bytes are written under a temporary name beside the target, synced, and renamed over
//! it: a reader sees the old file or the new one, whatever fails or is killed. What a killed process leaves is a
//! temporary file, which [`sweep`] takes away.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::atomic::{self, Look, TEMPORARY};
use super::file::{mode_and_owner, require_regular, resolve};
use super::world::{Step, Watched, World};
use super::{PlanError, folder};

/// Replaces one file: atomic, synced, 0600 where it is new; owner, symlink and what its owner may do with an existing one
/// stay, and nobody else may do anything with it: what is written may be secret. Missing folders are created 0700. There is no way back: use [`apply()`](super::apply()) for a person's files.
///
/// # Errors
/// As [`Replacement::begin`] and [`Replacement::finish`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), PlanError> {
    Replacement::begin(path, 0)?.finish(bytes)
}

/// Takes away what killed processes have left of replacing `path`. Only for one who keeps others from replacing it.
/// Best effort: what stays is as harmless as before.
pub fn sweep(path: &Path) {
    let Ok(target) = resolve(path) else { return };
    let (Some(folder), Some(prefix)) = (target.parent(), prefix(&target)) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A replacement whose file is made already, for one who must know beforehand that it can be.
///
/// Signals are held off while it lives; one that comes meanwhile acts when it is dropped. Dropped without
/// [`finish`](Self::finish), it leaves nothing behind.
pub struct Replacement {
    // Dropped in this order: signals act when nothing is left behind any more.
    staged: Staged,
    held: Held,
}

impl Replacement {
    /// Makes the temporary file with `room` for that many bytes, with its final mode and owner.
    ///
    /// # Errors
    /// [`PlanError::Folder`], [`PlanError::NotRegular`], [`PlanError::DanglingSymlink`], [`PlanError::SymlinkLoop`],
    /// [`PlanError::ParentNotFolder`], [`PlanError::Unreadable`], [`PlanError::FolderNotWritable`],
    /// [`PlanError::OwnerNotKept`], [`PlanError::Signals`], else [`PlanError::Io`]. Nothing is left behind.
    pub fn begin(path: &Path, room: usize) -> Result<Self, PlanError> {
        let held = Held(Some(Watched::begin()?));
        Ok(Self { staged: Staged::begin(&held, path, room)?, held })
    }

    /// Puts the bytes in place.
    ///
    /// # Errors
    /// [`PlanError::Io`]: then the file is as before, but for a failure to make the new one's name last.
    pub fn finish(mut self, bytes: &[u8]) -> Result<(), PlanError> {
        self.staged.finish(&self.held, bytes)
    }
}

impl std::fmt::Debug for Replacement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Replacement").field("target", &self.staged.target).finish_non_exhaustive()
    }
}

/// The world as it is; a signal that was held off acts when this is dropped.
struct Held(Option<Watched>);

impl World for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(watched) = self.0.take() {
            watched.act();
        }
    }
}

/// The temporary file and what it is for; dropped, it is gone unless it was renamed.
pub(super) struct Staged {
    path: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
    /// `None` once it is closed: Windows renames no open file.
    file: Option<File>,
    new_folders: Vec<PathBuf>,
    renamed: bool,
}

impl Staged {
    pub(super) fn begin(world: &dyn World, path: &Path, room: usize) -> Result<Self, PlanError> {
        let target = resolve(path)?;
        let look = look_of(path, &target)?;
        let mut name = prefix(&target).ok_or_else(|| PlanError::Folder { path: path.to_owned() })?;
        name.push(atomic::random_name());
        let folder = target.parent().unwrap_or(&target);
        let mut staged = Self {
            path: path.to_owned(),
            temporary: target.with_file_name(name),
            file: None,
            new_folders: folder::missing_on(folder),
            renamed: false,
            target,
        };
        staged.create(world, look, room).map_err(|error| error.about(path))?;
        Ok(staged)
    }

    fn create(&mut self, world: &dyn World, look: Look, room: usize) -> Result<(), PlanError> {
        for folder in &self.new_folders {
            folder::create_one_private(world, folder)?;
        }
        let path = &self.temporary;
        let mut file = atomic::create(world, path, look)?;
        atomic::set_look(&file, look).map_err(|source| PlanError::OwnerNotKept { path: path.clone(), source })?;
        // A full disk is found here, and not when there is no way back any more.
        file.write_all(&vec![b' '; room]).map_err(PlanError::io("write", path))?;
        self.file = Some(file);
        Ok(())
    }

    pub(super) fn finish(&mut self, world: &dyn World, bytes: &[u8]) -> Result<(), PlanError> {
        let path = self.path.clone();
        self.write(world, bytes).map_err(|error| error.about(&path))
    }

    fn write(&mut self, world: &dyn World, bytes: &[u8]) -> Result<(), PlanError> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        world.step(Step::Write, &self.temporary)?;
        overwrite(&mut file, bytes).map_err(PlanError::io("write", &self.temporary))?;
        world.step(Step::Sync, &self.temporary)?;
        world.sync(&file).map_err(PlanError::io("write", &self.temporary))?;
        drop(file);
        atomic::replace(world, &self.temporary, &self.target)?;
        self.renamed = true;
        atomic::sync_folder(world, self.target.parent().unwrap_or(&self.target))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.renamed {
            drop(self.file.take());
            // The failure that led here is the one to report.
            let _ = fs::remove_file(&self.temporary);
            folder::remove_empty(self.new_folders.iter());
        }
    }
}

/// In place, so that the room that was made for it serves.
fn overwrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

/// How the temporary names of a file begin. They end in no `.json`, so that no other tool takes one for its own.
fn prefix(target: &Path) -> Option<OsString> {
    let mut name = OsString::from(TEMPORARY);
    name.push(target.file_name()?);
    name.push("-");
    Some(name)
}

/// What its owner may do with a file; others may do nothing.
const OWNERS_BITS: u32 = 0o700;

fn look_of(path: &Path, target: &Path) -> Result<Look, PlanError> {
    match fs::symlink_metadata(target) {
        Ok(metadata) => {
            require_regular(path, &metadata)?;
            let (mode, owner) = mode_and_owner(&metadata);
            Ok(Look::Kept { mode: mode & OWNERS_BITS, owner })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Look::Mode(0o600)),
        Err(source) => Err(PlanError::Unreadable { path: path.to_owned(), source }),
    }
}
