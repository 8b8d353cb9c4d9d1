//! Finds the Astro project that a folder belongs to.
//!
//! In: a start folder and the home folder. Out: the nearest folder upwards that holds `.astro/config.yaml`, which is
//! what the Astro CLI takes for a project (astronomer/astro-cli:config/config.go, `IsProjectDir`).

use std::io;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// Where a project is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Its folder, symbolic links resolved.
    pub root: PathBuf,
    /// The same folder by the way the person went.
    pub reached_as: PathBuf,
}

/// Why no project was found.
#[derive(Debug, Error)]
pub enum LocateError {
    /// Neither the folder nor one above it is a project.
    #[error("{} is not an Astro project: there is no .astro/config.yaml in it or above it", .start.display())]
    NotAProject {
        /// Where the search began.
        start: PathBuf,
    },
    /// The start is no folder, or cannot be entered.
    #[error("cannot use {} as a project", .start.display())]
    NoFolder {
        /// Where the search was to begin.
        start: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Whether a folder is a project cannot be told.
    #[error("cannot look for {}", .path.display())]
    Unreadable {
        /// The configuration file that was looked for.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Finds the project of `start`, which is absolute: the folder itself or the nearest one above it.
///
/// The home folder never counts: its `.astro` is the user-wide configuration. The folders above are first those of
/// the path as given (unless `..` in it makes them misleading), then those of the path with its links resolved.
///
/// # Errors
/// [`LocateError`].
pub fn locate(start: &Path, home: Option<&Path>) -> Result<Located, LocateError> {
    let no_folder = |source| LocateError::NoFolder { start: start.to_owned(), source };
    let canonical = dunce::canonicalize(start).map_err(no_folder)?;
    if !canonical.is_dir() {
        return Err(no_folder(io::ErrorKind::NotADirectory.into()));
    }
    let home = home.and_then(|home| dunce::canonicalize(home).ok());
    // The parent of `a/..` by its text is `a`, which is not above it at all.
    let goes_back = start.components().any(|part| part == Component::ParentDir);
    let as_given = if goes_back { &canonical } else { start };
    for folder in as_given.ancestors().chain(canonical.ancestors()) {
        if !holds_config(folder)? {
            continue;
        }
        let root = dunce::canonicalize(folder).map_err(no_folder)?;
        if Some(&root) != home.as_ref() {
            return Ok(Located { root, reached_as: folder.to_owned() });
        }
    }
    Err(LocateError::NotAProject { start: start.to_owned() })
}

fn holds_config(folder: &Path) -> Result<bool, LocateError> {
    let path = folder.join(".astro").join("config.yaml");
    match path.metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(source) => Err(LocateError::Unreadable { path, source }),
    }
}

#[cfg(test)]
mod tests;
