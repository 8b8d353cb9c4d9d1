//! The few questions that this room asks of the file system, behind a trait so that a test answers from a table.
//!
//! In: a path. Out: its text, whether it is there, where its link leads; nothing is ever written.

use std::path::PathBuf;

use super::paths::HostPath;

/// Read-only access to files whose absence is an ordinary answer.
pub trait Files {
    /// The text of a file, or `None` where it is missing, unreadable, or not UTF-8.
    fn read(&self, path: &HostPath) -> Option<String>;
    /// Whether anything is there.
    fn exists(&self, path: &HostPath) -> bool;
    /// Where a symbolic link points, followed to its end; `None` where it is no link or leads nowhere.
    fn link_target(&self, path: &HostPath) -> Option<String>;
}

/// The disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFiles;

impl Files for RealFiles {
    fn read(&self, path: &HostPath) -> Option<String> {
        std::fs::read_to_string(path.as_path()).ok()
    }

    fn exists(&self, path: &HostPath) -> bool {
        path.as_path().exists()
    }

    fn link_target(&self, path: &HostPath) -> Option<String> {
        let link = path.as_path().symlink_metadata().ok()?;
        if !link.is_symlink() {
            return None;
        }
        dunce::canonicalize(path.as_path()).ok().map(PathBuf::into_os_string)?.into_string().ok()
    }
}

#[cfg(test)]
pub(super) use table::Table;

#[cfg(test)]
mod table {
    use std::collections::BTreeMap;

    use super::{Files, HostPath};

    /// Files by path for tests: a text, or a link to somewhere.
    #[derive(Default)]
    pub(in crate::host) struct Table {
        texts: BTreeMap<String, String>,
        links: BTreeMap<String, String>,
    }

    impl Table {
        pub(in crate::host) fn with(mut self, path: &str, text: &str) -> Self {
            self.texts.insert(path.to_owned(), text.to_owned());
            self
        }

        pub(in crate::host) fn with_link(mut self, path: &str, target: &str) -> Self {
            self.links.insert(path.to_owned(), target.to_owned());
            self
        }
    }

    impl Files for Table {
        fn read(&self, path: &HostPath) -> Option<String> {
            self.texts.get(path.as_str()).cloned()
        }

        fn exists(&self, path: &HostPath) -> bool {
            self.texts.contains_key(path.as_str()) || self.links.contains_key(path.as_str())
        }

        fn link_target(&self, path: &HostPath) -> Option<String> {
            self.links.get(path.as_str()).cloned()
        }
    }
}
