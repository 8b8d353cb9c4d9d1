//! The files of a project that its DAGs are made of: those of dags/, include/ and plugins/.
//!
//! A project's folder and which files are wanted come in, their paths go out, sorted. Nothing is read but `.airflowignore`;
//! links are followed within the project alone, and never twice on one way down.

mod ignore;

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

pub use ignore::IgnoreSyntax;
use ignore::Rules;

/// The folders whose files name connections and variables.
const FOLDERS: [&str; 3] = ["dags", "include", "plugins"];

/// Folders that hold other people's code, or none.
const FOREIGN: &[&str] = &["__pycache__", "node_modules", "venv", "env", "virtualenv", "site-packages"];

/// What was found.
#[derive(Debug, Default)]
pub struct Sources {
    /// The wanted files, sorted.
    pub files: Vec<PathBuf>,
    /// What was left out although it looked wanted, and why.
    pub left_out: Vec<(PathBuf, String)>,
}

/// Walks the folders of a project. `root` has its links resolved; a folder that is not there has no files.
pub fn sources(root: &Path, syntax: IgnoreSyntax, is_wanted: impl Fn(&Path) -> bool) -> Sources {
    let mut found = Sources::default();
    for folder in FOLDERS {
        let folder = root.join(folder);
        if folder.is_dir() {
            walk(root, &folder, syntax, &is_wanted, &mut found);
        }
    }
    found.files.sort();
    found
}

fn walk(root: &Path, folder: &Path, syntax: IgnoreSyntax, is_wanted: &impl Fn(&Path) -> bool, found: &mut Sources) {
    let mut rules = Rules::new(folder, syntax);
    let mut entries = WalkDir::new(folder).follow_links(true).into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                let reason = match (error.loop_ancestor(), error.io_error()) {
                    (Some(_), _) => "it is a link to a folder that it is in".to_owned(),
                    (None, Some(error)) => format!("it cannot be read: {error}"),
                    (None, None) => "it cannot be read".to_owned(),
                };
                found.left_out.push((path, reason));
                continue;
            }
        };
        let is_folder = entry.file_type().is_dir();
        if entry.depth() > 0 && (is_foreign(&entry) || rules.leave_out(entry.path(), entry.depth(), is_folder)) {
            if is_folder {
                entries.skip_current_dir();
            }
            continue;
        }
        if entry.path_is_symlink() && !stays_inside(root, entry.path()) {
            found.left_out.push((entry.path().to_owned(), "it is a link out of the project".to_owned()));
            if is_folder {
                entries.skip_current_dir();
            }
            continue;
        }
        if is_folder {
            rules.enter(entry.path(), entry.depth());
        } else if entry.file_type().is_file() && is_wanted(entry.path()) {
            found.files.push(entry.into_path());
        }
    }
}

/// Hidden files and folders, caches, and the packages of a virtual environment.
fn is_foreign(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_environment = || entry.path().join("pyvenv.cfg").is_file();
    name.starts_with('.') || (entry.file_type().is_dir() && (FOREIGN.contains(&&*name) || is_environment()))
}

fn stays_inside(root: &Path, link: &Path) -> bool {
    std::fs::canonicalize(link).is_ok_and(|target| target.starts_with(root))
}

#[cfg(test)]
mod tests;
