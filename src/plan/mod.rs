//! Plan, apply, undo: everything that changes files on disk goes through here.
//!
//! In come [`Change`]s: what a file holds and what it shall hold. [`diff()`] shows them, [`apply()`] makes all of them or
//! none, whatever fails or is killed, and keeps what [`FileRecord`] needs to take them back. A file keeps its mode,
//! owner and symlink. Only [`Store::lock`], [`recover`] and [`apply()`] write, and [`replace()`] for a single file that
//! stands for itself. Nothing here knows what the files mean.

mod apply;
mod atomic;
mod baseline;
mod change;
mod checksum;
mod diff;
mod error;
mod file;
mod folder;
mod journal;
mod lock;
mod recover;
mod replace;
mod signals;
mod store;
#[cfg(test)]
mod tests;
mod world;

pub use apply::{Applied, apply};
pub use baseline::{FileRecord, Restore};
pub use change::{Change, Folder, Kind, Plan, Secrecy, WhenLooser};
pub use checksum::Checksum;
pub use diff::{DiffLine, FileDiff, LineKind, diff};
pub use error::PlanError;
pub use file::{FileState, RegularFile};
pub use lock::FileLock;
pub use recover::{Outcome, Recovered, recover};
pub use replace::{Replacement, replace, sweep};
pub use signals::{Minded, mind_signals};
pub use store::{Loaded, Stamp, Store, StoreLock};
