//! A file of the project with its entries brought to what is wanted: what it was, what it shall be, what was found in it.

use std::path::PathBuf;

use crate::commands::failures;
use crate::commands::project::Workspace;
use crate::delivery::entries::{self, OnConflict, Owned, Wanted};
use crate::edit::Refusal;
use crate::plan::{Change, Secrecy};
use crate::report::Error;

use super::facts::Setup;

/// A file before and after, and what was found in it.
pub(super) struct Edited {
    pub(super) change: Change,
    pub(super) entries: entries::Edited,
}

/// How the entries of one kind of file are edited: `compose::bring_to` or `dotenv::bring_to`.
pub(super) type BringTo = fn(Option<&[u8]>, &Wanted, &[Owned], OnConflict) -> Result<entries::Edited, Refusal>;

/// Brings one file to what is wanted.
///
/// # Errors
/// A file that cannot be read or safely edited.
pub(super) fn edit(
    workspace: &Workspace,
    setup: &Setup,
    (name, bring_to): (&str, BringTo),
    on_conflict: OnConflict,
) -> Result<Edited, Error> {
    let path = workspace.root().join(name);
    let before = workspace.read(&path)?;
    let owned = workspace.set_up().map_or(&[][..], |record| &record.owned);
    let entries = bring_to(before.as_deref(), &setup.wanted, owned, on_conflict)
        .map_err(|error| failures::refusal(&path, &error))?;
    let is_ours = workspace.remembered.loaded.files.get(&path).is_some_and(|file| file.created);
    Ok(Edited { change: change(path, before, &entries.bytes, is_ours), entries })
}

/// A change of a file that may hold other people's secrets beside our lines.
fn change(path: PathBuf, before: Option<Vec<u8>>, after: &[u8], is_ours: bool) -> Change {
    // A file of ours that has become empty again goes; one that was there stays, be it empty.
    let after = if after.is_empty() && (before.is_none() || is_ours) { None } else { Some(after.to_vec()) };
    Change::new(path, before, after).with_secrecy(Secrecy::Neighbours)
}
