//! Whether the user inside an Airflow container could read the developer's AWS files through a plain mount.
//!
//! In: the files of the AWS folder. Out: the first of them that uid 50000 could not read, and why; botocore itself
//! would say nothing of it and report missing credentials.

use std::path::PathBuf;

#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::path::Path;

use super::aws_dir::AwsFiles;
use super::paths::HostPath;

/// A file that the container could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The file or folder on the host.
    pub path: PathBuf,
    /// Why.
    pub why: Obstacle,
}

/// What keeps a container from reading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Its permission bits; an ACL may say otherwise, but AWS tools replace these files and lose it.
    Mode {
        /// The permission bits, such as `0o600`.
        mode: u32,
        /// The owner's user id.
        uid: u32,
        /// The owning group's id.
        gid: u32,
    },
    /// A symbolic link whose target the mounted folder does not hold, or names by an absolute path of the host.
    LinkLeavesFolder,
    /// It cannot be inspected from here either.
    NotInspected(std::io::ErrorKind),
}

/// Whether the permission bits let a user read a file, or list and enter a folder.
///
/// `mode` is `st_mode` with its file type. The classes exclude one another: an owner without the owner's bit is
/// refused even if everyone else is let in (path_resolution(7)). The ids are those that the kernel compares: with
/// rootless engines and user namespaces the container's ids translated to the host.
pub fn container_can_read(mode: u32, uid: u32, gid: u32, container_uid: u32, container_gids: &[u32]) -> bool {
    if container_uid == 0 {
        return true;
    }
    let shift = if uid == container_uid {
        6
    } else if container_gids.contains(&gid) {
        3
    } else {
        0
    };
    let is_folder = mode & 0o170_000 == 0o040_000;
    let wanted = if is_folder { 0o5 } else { 0o4 };
    (mode >> shift) & wanted == wanted
}

/// Looks for the first file that a container's user could not read through a mount of the folder of `files`:
/// the folder, config, credentials, and the SSO token cache with its files. Missing ones are no obstacle.
///
/// Folders above do not count: a bind mount enters past them. `None` on Windows, where modes mean nothing.
#[cfg(unix)]
pub fn first_unreadable(
    files: &AwsFiles,
    sso_cache: Option<&HostPath>,
    container_uid: u32,
    container_gids: &[u32],
) -> Option<Unreadable> {
    let folder = files.folder()?;
    let cache = sso_cache.filter(|cache| cache.as_path().starts_with(folder.as_path()));
    let mut paths = vec![folder.to_path_buf(), files.config.to_path_buf(), files.credentials.to_path_buf()];
    paths.extend(cache.and_then(HostPath::parent).map(|sso| sso.to_path_buf()));
    paths.extend(cache.map(HostPath::to_path_buf));
    paths.extend(cache.map(token_files).unwrap_or_default());
    paths.into_iter().find_map(|path| {
        let why = obstacle(&path, folder.as_path(), container_uid, container_gids)?;
        Some(Unreadable { path, why })
    })
}

/// Windows has no modes for this question to be about.
#[cfg(not(unix))]
pub fn first_unreadable(
    _files: &AwsFiles,
    _sso_cache: Option<&HostPath>,
    _container_uid: u32,
    _container_gids: &[u32],
) -> Option<Unreadable> {
    None
}

/// The files of the token cache, sorted so that the answer is the same each time; a folder that cannot be listed is
/// reported by itself.
#[cfg(unix)]
fn token_files(cache: &HostPath) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cache.as_path()).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    files
}

#[cfg(unix)]
fn obstacle(path: &Path, folder: &Path, container_uid: u32, container_gids: &[u32]) -> Option<Obstacle> {
    use std::os::unix::fs::MetadataExt;

    if path != folder && path.is_symlink() && leaves_folder(path, folder) {
        return Some(Obstacle::LinkLeavesFolder);
    }
    match path.metadata() {
        Ok(file) => {
            let (mode, uid, gid) = (file.mode(), file.uid(), file.gid());
            let readable = container_can_read(mode, uid, gid, container_uid, container_gids);
            (!readable).then_some(Obstacle::Mode { mode: mode & 0o7777, uid, gid })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(Obstacle::NotInspected(error.kind())),
    }
}

/// A link is followed inside the container, where only the folder itself exists and under another name.
#[cfg(unix)]
fn leaves_folder(link: &Path, folder: &Path) -> bool {
    let target_is_absolute = link.read_link().is_ok_and(|target| target.is_absolute());
    let ends_inside = match (link.canonicalize(), folder.canonicalize()) {
        (Ok(end), Ok(folder)) => end.starts_with(folder),
        _ => false,
    };
    target_is_absolute || !ends_inside
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
