//! A picture of a folder: every file's bytes and mode, every link's target. Two pictures that are equal mean that
//! nobody touched the folder; where they differ, the failed assertion shows a person which file and how.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A folder as it was at one moment.
#[derive(PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<PathBuf, Entry>);

#[derive(PartialEq, Eq)]
enum Entry {
    Folder { mode: u32 },
    File { mode: u32, bytes: Vec<u8>, modified: Option<SystemTime> },
    Link { target: PathBuf },
}

impl Tree {
    /// Everything in `root`; a folder that does not exist is empty.
    pub(crate) fn of(root: &Path) -> Self {
        Self::read(root, false)
    }

    /// As `of`, and files that were written again with the same bytes differ too.
    pub(crate) fn with_times(root: &Path) -> Self {
        Self::read(root, true)
    }

    /// The paths in it, relative to its root.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.0.keys().map(|path| path.display().to_string()).collect()
    }

    fn read(root: &Path, times: bool) -> Self {
        let mut entries = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            let Ok(children) = fs::read_dir(&folder) else { continue };
            for child in children {
                let path = child.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                let mode = metadata.permissions().mode() & 0o7777;
                let entry = if metadata.is_symlink() {
                    Entry::Link { target: fs::read_link(&path).unwrap() }
                } else if metadata.is_dir() {
                    open.push(path.clone());
                    Entry::Folder { mode }
                } else {
                    let modified = times.then(|| metadata.modified().unwrap());
                    Entry::File { mode, bytes: fs::read(&path).unwrap_or_default(), modified }
                };
                entries.insert(path.strip_prefix(root).unwrap().to_owned(), entry);
            }
        }
        Self(entries)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, entry) in &self.0 {
            let path = path.display();
            match entry {
                Entry::Folder { mode } => writeln!(formatter, "{path}/  {mode:o}")?,
                Entry::Link { target } => writeln!(formatter, "{path} -> {}", target.display())?,
                Entry::File { mode, bytes, modified } => {
                    writeln!(formatter, "{path}  {mode:o}  {} bytes  {modified:?}", bytes.len())?;
                    let shown = &bytes[..bytes.len().min(2_000)];
                    writeln!(formatter, "    | {}", String::from_utf8_lossy(shown).replace('\n', "\n    | "))?;
                }
            }
        }
        Ok(())
    }
}
