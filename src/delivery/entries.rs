//! The entries that make a delivery work, and those that astro-aws wrote before.
//!
//! An entry is owned if astro-aws wrote it and it still reads as written. Only owned entries are ever changed or removed
//! without asking; what a person wrote is respected and reported.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What a delivery asks of the project's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The services that get an identity.
    pub services: Vec<String>,
    /// The volume in short syntax, the same for each service.
    pub volume: Option<String>,
    /// What the source of every session folder of ours begins with.
    pub sessions: Option<String>,
    /// The project has such a source and no record: entries that read as ours are ours.
    pub adopts: bool,
    /// Variables of each service's `environment:`.
    pub environment: Vec<(String, String)>,
    /// Lines of `.env`.
    pub dotenv: Vec<(String, String)>,
    /// Variables that `.env` shall not set.
    pub dotenv_gone: Vec<String>,
}

/// One entry that astro-aws wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Owned {
    /// An item of a service's `volumes:`.
    Volume {
        /// The service.
        service: String,
        /// The item as written.
        text: String,
    },
    /// A variable of a service's `environment:`.
    Environment {
        /// The service.
        service: String,
        /// The variable.
        key: String,
        /// The value as written.
        value: String,
        /// The value that a person had there and agreed to replace.
        previous: Option<String>,
    },
    /// A line of `.env`.
    Dotenv {
        /// The variable.
        key: String,
        /// The value as written.
        value: String,
        /// The value that a person had there and agreed to replace.
        previous: Option<String>,
    },
    /// A person's line of `.env` that was taken out.
    DotenvGone {
        /// The variable.
        key: String,
        /// The value as the person wrote it.
        previous: String,
    },
    /// A line of requirements.txt.
    Requirement {
        /// The line as written.
        text: String,
    },
    /// A file of the project that astro-aws made as a whole.
    File {
        /// The file, from the project's folder on, with `/`.
        path: String,
    },
}

impl Owned {
    /// Whether it is about a line of `.env`.
    pub fn is_of_dotenv(&self) -> bool {
        matches!(self, Self::Dotenv { .. } | Self::DotenvGone { .. })
    }

    /// Whether it is about an entry of the override file.
    pub fn is_of_override(&self) -> bool {
        matches!(self, Self::Volume { .. } | Self::Environment { .. })
    }

    /// Whether it is about a line of requirements.txt.
    pub fn is_of_requirements(&self) -> bool {
        matches!(self, Self::Requirement { .. })
    }
}

/// The files of a project that astro-aws made as a whole.
pub fn whole_files(root: &Path, owned: &[Owned]) -> Vec<PathBuf> {
    let file = |entry: &Owned| match entry {
        Owned::File { path } => Some(path.split('/').fold(root.to_owned(), |folder, name| folder.join(name))),
        _ => None,
    };
    owned.iter().filter_map(file).collect()
}

/// A value that a person set and that differs from the wanted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The service; `None` in `.env`.
    pub service: Option<String>,
    /// The variable.
    pub key: String,
    /// The value that is there.
    pub present: String,
    /// The value that is wanted.
    pub wanted: String,
}

/// What to do with a [`Conflict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// Leave what the person wrote.
    Keep,
    /// Write the wanted value, and remember the other for undo.
    Replace,
}

/// A file with its entries brought to what is wanted.
#[derive(Debug, Clone, Default)]
pub struct Edited {
    /// The file as it shall be.
    pub bytes: Vec<u8>,
    /// The entries in it that are ours now.
    pub owned: Vec<Owned>,
    /// Values of a person that differ from the wanted ones.
    pub conflicts: Vec<Conflict>,
    /// Mounts of a person at the place of ours.
    pub own_mounts: Vec<OwnMount>,
    /// Services that the file names without defining them.
    pub undefined: Vec<Undefined>,
    /// Static keys that the file gives to services.
    pub static_keys: Vec<StaticKey>,
}

/// What becomes of one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays as it is, be it ours or a person's.
    Stays(Ownership),
    /// It is written, and then ours.
    Written {
        /// The value of a person that undo has to bring back.
        previous: Option<String>,
    },
}

/// Whose a variable is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ownership {
    /// We wrote it; `previous` is the value of a person that it replaced.
    Ours {
        /// The replaced value.
        previous: Option<String>,
    },
    /// A person wrote it.
    Theirs,
}

/// Decides on a variable that has the value `present` now; true beside it where a person's value differs.
pub(super) fn decide(present: Option<(&str, Ownership)>, wanted: &str, on_conflict: OnConflict) -> (Verdict, bool) {
    match present {
        None => (Verdict::Written { previous: None }, false),
        Some((value, ownership)) if value == wanted => (Verdict::Stays(ownership), false),
        Some((_, Ownership::Ours { previous })) => (Verdict::Written { previous }, false),
        Some((value, Ownership::Theirs)) => match on_conflict {
            OnConflict::Keep => (Verdict::Stays(Ownership::Theirs), true),
            OnConflict::Replace => (Verdict::Written { previous: Some(value.to_owned()) }, true),
        },
    }
}

/// A mount that a person wrote at the place of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMount {
    /// The service.
    pub service: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The mount: the short syntax, or source and target of the long one.
    pub text: String,
}

/// A service that the file names and that has no definition in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// The service.
    pub service: String,
    /// Its line, counted from 1, where it is known.
    pub line: Option<usize>,
}

/// A static key that an entry gives to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticKey {
    /// The service.
    pub service: String,
    /// The variable.
    pub key: &'static str,
    /// Its line, counted from 1, where it is known.
    pub line: Option<usize>,
}
