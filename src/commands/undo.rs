//! `undo`: the very bytes of before where nobody touched a file since, else our entries alone; the session goes whole.

use std::path::Path;

use crate::delivery::entries::Owned;
use crate::delivery::{compose, dotenv};
use crate::edit::dotenv::DotEnv;
use crate::edit::yaml::Document;
use crate::plan::{Change, Plan, Restore, Secrecy};
use crate::report::Error;
use crate::report::outcome::Undone;

use super::init::{DOTENV, OVERRIDE};
use super::project::Workspace;
use super::{App, choices, failures, session};

pub(super) fn run(app: &mut App) -> Result<Undone, Error> {
    let workspace = Workspace::open(app)?;
    let nothing = |dry_run| Undone { files: Vec::new(), project: workspace.root().to_owned(), dry_run };
    let Some(record) = workspace.record() else { return Ok(nothing(app.global.dry_run)) };
    let mut changes = Vec::new();
    for name in [OVERRIDE, DOTENV] {
        changes.extend(taken_back(&workspace, &workspace.root().join(name), &record.owned)?);
    }
    changes.extend(session::removed(&workspace)?);
    changes.retain(|change| change.before != change.after);
    let plan = Plan { changes };
    let is_confirmed =
        if plan.is_empty() { !app.global.dry_run } else { choices::confirm(app, &plan, "Take this back?")? };
    if is_confirmed {
        workspace.apply(app, &plan, None)?;
    }
    Ok(Undone { files: choices::file_changes(&plan), ..nothing(!is_confirmed) })
}

/// The change that takes back what was done to a file; `None` where nothing of ours is in it.
fn taken_back(workspace: &Workspace, path: &Path, owned: &[Owned]) -> Result<Option<Change>, Error> {
    let Some(before) = workspace.read(path)? else { return Ok(None) };
    let file = workspace.loaded.files.get(path);
    let restore = file.map_or(Restore::Touched, |file| workspace.store.restore(file, Some(&before)));
    let after = match restore {
        Restore::Original(bytes) => Some(bytes),
        Restore::Delete => None,
        Restore::Touched => {
            let bytes = without_ours(path, &before, owned)?;
            // What astro-aws created and nobody added anything to has nothing left.
            (!(bytes.is_empty() && file.is_some_and(|file| file.created))).then_some(bytes)
        }
    };
    Ok(Some(Change::new(path, Some(before), after).with_secrecy(Secrecy::Neighbours)))
}

fn without_ours(path: &Path, bytes: &[u8], owned: &[Owned]) -> Result<Vec<u8>, Error> {
    let edited = if path.ends_with(OVERRIDE) {
        Document::parse(bytes)
            .and_then(|document| compose::take_out(document, owned))
            .map(|edited| edited.bytes().to_vec())
    } else {
        DotEnv::parse(bytes).and_then(|file| dotenv::take_out(file, owned)).map(|edited| edited.bytes().to_vec())
    };
    edited.map_err(|error| failures::refusal(path, &error))
}
