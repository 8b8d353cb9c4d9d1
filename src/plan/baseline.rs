//! What undo has to know of a file: how it was before the first change, and what we wrote last.
//!
//! As long as nobody else writes to the file, the first original can be put back byte for byte. Once a person has
//! changed it, the original is out of date: undo then has to take out just our entries, which the layers above do.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Checksum;

/// What is recorded of one changed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Whether the first change created the file.
    pub created: bool,
    /// The content before the first change, as a backup in the store.
    pub original: Option<Checksum>,
    /// The content that we wrote last; `None` where we removed the file.
    pub written: Option<Checksum>,
}

/// How to take back what was done to a file. `Debug` shows no bytes.
#[derive(Clone, PartialEq, Eq)]
pub enum Restore {
    /// Nobody touched the file since: put these bytes back.
    Original(Vec<u8>),
    /// Nobody touched the file since, and there was none before: delete it.
    Delete,
    /// Someone changed the file since, or its original was never kept: take out our entries only.
    Touched,
}

impl fmt::Debug for Restore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Original(_) => "Original(redacted)",
            Self::Delete => "Delete",
            Self::Touched => "Touched",
        })
    }
}

impl FileRecord {
    /// The record after a file goes from `before` to `after`; `None` when nothing is left to take back.
    ///
    /// The first change keeps the original. A later one keeps the first original as long as nobody else changed the
    /// file in between; else the original is given up.
    pub fn next(previous: Option<&Self>, before: Option<&[u8]>, after: Option<&[u8]>) -> Option<Self> {
        let written = after.map(Checksum::of);
        let before = before.map(Checksum::of);
        let next = match previous {
            None => Self { created: before.is_none(), original: before, written },
            Some(previous) if previous.written == before => Self { written, ..previous.clone() },
            Some(previous) if previous.original.is_some() && previous.original == written => return None,
            // A person deleted the file since: what comes now is ours from its first byte.
            Some(_) if before.is_none() => Self { created: true, original: None, written },
            Some(_) => Self { created: false, original: None, written },
        };
        (!next.is_as_before()).then_some(next)
    }

    /// Whether the file holds again what it held before the first change; a file that we gave up and removed counts.
    fn is_as_before(&self) -> bool {
        self.original == self.written
    }

    /// How to take the changes back, given what the file holds now and a way to read a backup.
    pub(super) fn restore(&self, current: Option<&[u8]>, backup: impl FnOnce(&Checksum) -> Option<Vec<u8>>) -> Restore {
        if current.map(Checksum::of) != self.written {
            return Restore::Touched;
        }
        match &self.original {
            Some(original) => backup(original).map_or(Restore::Touched, Restore::Original),
            None if self.created => Restore::Delete,
            None => Restore::Touched,
        }
    }
}
