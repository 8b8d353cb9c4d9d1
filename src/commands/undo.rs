//! `undo`: the very bytes of before where nobody touched a file since, else our entries alone; the session goes whole. Of
//! a folder that is gone, the record and the session go.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::delivery::entries::{Conflict, Owned, whole_files};
use crate::delivery::{compose, dotenv, requirements};
use crate::edit::Refusal;
use crate::plan::{Change, Plan, Restore, Secrecy};
use crate::project::requirements::REQUIREMENTS;
use crate::project::{DOTENV, OVERRIDE};
use crate::report::Error;
use crate::report::outcome::Undone;

use super::project::{Workspace, state};
use super::remembered::Remembered;
use super::{App, choices, failures, secrets, session};

/// What is asked of a file's bytes and of our entries in it.
type Asked<T> = fn(&[u8], &[Owned]) -> Result<T, Refusal>;

/// How our entries are taken out of one kind of file, and how those are found that a person changed since.
struct Editor {
    name: &'static str,
    take_out: Asked<Vec<u8>>,
    changed_since: Asked<Vec<Conflict>>,
}

const EDITORS: [Editor; 3] = [
    Editor { name: OVERRIDE, take_out: compose::take_out, changed_since: compose::changed_since },
    Editor { name: DOTENV, take_out: dotenv::take_out, changed_since: dotenv::changed_since },
    Editor { name: REQUIREMENTS, take_out: requirements::take_out, changed_since: requirements::changed_since },
];

pub(super) fn run(app: &mut App) -> Result<Undone, Error> {
    if let Some(gone) = gone(app)? {
        return forget(app, &gone);
    }
    let workspace = Workspace::open(app)?;
    let nothing = |dry_run| Undone { files: Vec::new(), project: workspace.root().to_owned(), is_gone: false, dry_run };
    let Some(record) = workspace.record() else {
        report_lost_record(app, &workspace)?;
        return Ok(nothing(app.global.dry_run));
    };
    let owned = record.owned();
    let mut changes = Vec::new();
    for editor in &EDITORS {
        changes.extend(taken_back(app, &workspace, editor, &owned)?);
    }
    for path in whole_files(workspace.root(), &owned) {
        changes.extend(taken_back_whole(app, &workspace, path)?);
    }
    changes.extend(session::removed(&workspace.remembered)?);
    changes.retain(|change| change.before != change.after);
    let plan = Plan { changes };
    let is_confirmed =
        if plan.is_empty() { !app.global.dry_run } else { choices::confirm(app, &plan, None, "Take this back?")? };
    if is_confirmed {
        workspace.apply(app, &plan, None)?.or_fail()?;
    }
    Ok(Undone { files: choices::file_changes(&plan), ..nothing(!is_confirmed) })
}

/// What is remembered of the folder that `--project` names, where that folder is no longer there.
fn gone(app: &App) -> Result<Option<Remembered>, Error> {
    let Some(folder) = &app.global.project else { return Ok(None) };
    let root = app.host.cwd.join(folder);
    let is_missing = std::fs::symlink_metadata(&root).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if !is_missing {
        return Ok(None);
    }
    // Records have a folder's real name, which what is left of the path still tells.
    let real = root
        .parent()
        .zip(root.file_name())
        .and_then(|(parent, name)| dunce::canonicalize(parent).ok().map(|parent| parent.join(name)));
    for root in [Some(root), real].into_iter().flatten() {
        let of = Remembered::of(state(app)?, root)?;
        if of.record().is_some() {
            return Ok(Some(of));
        }
    }
    Ok(None)
}

/// Takes away what is remembered of a project whose folder is gone, and its session.
fn forget(app: &App, of: &Remembered) -> Result<Undone, Error> {
    let plan = Plan { changes: session::removed(of)? };
    let is_confirmed = choices::confirm(app, &plan, None, "The project's folder is gone. Forget it?")?;
    if is_confirmed {
        let waiting = || app.report.note("Waiting for another astro-aws at work in this project");
        of.apply(&plan, None, waiting)?.or_fail()?;
    }
    let project = of.root().to_owned();
    Ok(Undone { files: choices::file_changes(&plan), project, is_gone: true, dry_run: !is_confirmed })
}

/// The change that takes back what was done to a file; `None` where there is no file.
fn taken_back(app: &mut App, workspace: &Workspace, editor: &Editor, owned: &[Owned]) -> Result<Option<Change>, Error> {
    let path = workspace.root().join(editor.name);
    let Some(before) = workspace.read(&path)? else { return Ok(None) };
    let file = workspace.remembered.loaded.files.get(&path);
    let restore = file.map_or(Restore::Touched, |file| workspace.remembered.store.restore(file, Some(&before)));
    let after = match restore {
        Restore::Original(bytes) => Some(bytes),
        Restore::Delete => None,
        Restore::Touched => {
            let refused = |error| failures::refusal(&path, &error);
            report_left(app, &path, &(editor.changed_since)(&before, owned).map_err(refused)?);
            let bytes = (editor.take_out)(&before, owned).map_err(refused)?;
            // What astro-aws created and nobody added anything to has nothing left.
            (!(bytes.is_empty() && file.is_some_and(|file| file.created))).then_some(bytes)
        }
    };
    Ok(Some(Change::new(path, Some(before), after).with_secrecy(Secrecy::Neighbours)))
}

/// The change that takes back a file that astro-aws made as a whole; `None` where it is gone, or a person's by now.
fn taken_back_whole(app: &mut App, workspace: &Workspace, path: PathBuf) -> Result<Option<Change>, Error> {
    let Some(before) = workspace.read(&path)? else { return Ok(None) };
    let file = workspace.remembered.loaded.files.get(&path);
    let after = match file.map(|file| workspace.remembered.store.restore(file, Some(&before))) {
        Some(Restore::Original(bytes)) => Some(bytes),
        Some(Restore::Delete) => None,
        Some(Restore::Touched) | None => {
            app.report.warn("left_file", format!("{} was changed by you since and stays", path.display()));
            return Ok(None);
        }
    };
    Ok(Some(Change::new(path, Some(before), after)))
}

fn report_left(app: &mut App, path: &Path, changed: &[Conflict]) {
    for entry in changed {
        let place = failures::place(path, entry.line);
        let present = match path.ends_with(REQUIREMENTS) {
            true => entry.present.clone(),
            false => format!("={}", secrets::masked_value(&entry.key, &entry.present)),
        };
        app.report.warn("left_value", format!("{place}: {}{present} was changed by you since and stays", entry.key));
    }
}

/// Without a record nothing is known to be ours, but for a mount of one of our session folders.
fn report_lost_record(app: &mut App, workspace: &Workspace) -> Result<(), Error> {
    let path = workspace.root().join(OVERRIDE);
    let Some(bytes) = workspace.read(&path)? else { return Ok(()) };
    let Some(sessions) = workspace.session_sources(app) else { return Ok(()) };
    if compose::mounts_session(&bytes, &sessions).is_ok_and(|mounts| mounts) {
        app.report.warn(
            "no_record",
            format!(
                "{} mounts a session folder, but there is no record of this project: was it moved? Run `astro-aws init` to take it over, then `astro-aws undo`",
                path.display()
            ),
        );
    }
    Ok(())
}
