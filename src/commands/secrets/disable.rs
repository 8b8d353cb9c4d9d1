//! `secrets disable`: takes back what `secrets enable` wrote, and no more; what a person set by hand only when asked to.

use crate::airflow::backend::BACKEND_VARIABLE;
use crate::cli::secrets::DisableArgs;
use crate::commands::project::{ATTEMPTS, Attempt, Workspace};
use crate::commands::{App, choices, failures};
use crate::delivery::entries::{OnConflict, Owned, Wanted};
use crate::delivery::record::Record;
use crate::delivery::{dotenv, requirements};
use crate::plan::{Change, Plan, Secrecy};
use crate::project::OVERRIDE;
use crate::project::requirements::REQUIREMENTS;
use crate::report::outcome::secrets::Disabled;
use crate::report::{Error, Kind, prompt};

use super::present::{Found, Present, in_override, is_of_backend};

pub(super) async fn run(app: &mut App, args: &DisableArgs) -> Result<Disabled, Error> {
    let workspace = Workspace::open(app)?;
    let set_by_hand = if args.overwrite { OnConflict::Replace } else { OnConflict::Keep };
    take_out(app, &workspace, (set_by_hand, Provider::Goes))
}

/// What becomes of the line of requirements.txt that brings the amazon provider, where it is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// Nothing needs it any more.
    Goes,
    /// The Deployment's image is made of this project, and its backend needs it.
    Stays,
}

/// What is taken out.
type Extent = (OnConflict, Provider);

/// Takes the backend out of a project: shown, asked about, applied. What a person set by hand goes with
/// [`OnConflict::Replace`], and comes back with `undo`.
///
/// # Errors
/// [`Kind::Refused`] where nothing of a backend that is there is ours.
pub(super) fn take_out(app: &mut App, workspace: &Workspace, extent: Extent) -> Result<Disabled, Error> {
    let mut result = attempt(app, workspace, extent)?;
    for _ in 0..ATTEMPTS {
        match result {
            Ok(outcome) => return Ok(outcome),
            Err(_overtaken) => {
                let again = Workspace::open(app)?;
                result = attempt(app, &again, extent)?;
            }
        }
    }
    result
}

fn attempt(
    app: &mut App,
    workspace: &Workspace,
    (set_by_hand, provider): Extent,
) -> Result<Result<Disabled, Error>, Error> {
    let present = Present::read(workspace)?;
    let owned = workspace.record().map_or(&[][..], |record| &record.secrets);
    let lines = present.backend_lines();
    let is_ours = owned.iter().any(|entry| matches!(entry, Owned::Dotenv { .. } | Owned::Requirement { .. }));
    let is_all = set_by_hand == OnConflict::Replace || (!is_ours && !lines.is_empty() && agreed(app, &lines)?);
    let mut outcome = Disabled { project: workspace.root().to_owned(), files: Vec::new(), dry_run: app.global.dry_run };
    if !is_ours && !is_all {
        report_elsewhere(app, workspace, &present)?;
        return Ok(Ok(outcome));
    }
    let gone = if is_all { lines.iter().map(|found| found.name.clone()).collect() } else { Vec::new() };
    let (plan, record) = plan(app, workspace, &present, (gone, provider))?;
    report_elsewhere(app, workspace, &present)?;
    outcome.files = choices::file_changes(&plan);
    if !plan.is_empty() {
        outcome.dry_run = !choices::confirm(app, &plan, None, "Take this out?")?;
    }
    if !outcome.dry_run
        && (!plan.is_empty() || workspace.record() != record.as_ref())
        && let Attempt::Overtaken(error) = workspace.apply(app, &plan, record.as_ref())?
    {
        return Ok(Err(error));
    }
    Ok(Ok(outcome))
}

/// Whether lines that are all of a person shall go.
///
/// # Errors
/// [`Kind::Refused`] where nobody may be asked; [`Kind::Failed`] for a no.
fn agreed(app: &App, lines: &[Found]) -> Result<bool, Error> {
    // Values are not shown: they may hold a token.
    let list: Vec<_> = lines.iter().map(|found| format!("{}: {}", found.place, found.name)).collect();
    let list = list.join("\n  ");
    if !app.may_ask() || app.global.yes {
        return Err(Error::new(Kind::Refused, format!("this secrets backend was set by hand, and stays:\n  {list}"))
            .hint("take it out with `--overwrite`; `astro-aws undo` brings it back"));
    }
    app.report.show(format!("This secrets backend was set by hand:\n  {list}"));
    if prompt::confirm("Take it out? `astro-aws undo` brings it back", false)? {
        return Ok(true);
    }
    Err(Error::new(Kind::Failed, "not applied"))
}

/// The changes, and what is remembered afterwards; `gone` are lines that go whoever wrote them.
fn plan(
    app: &App,
    workspace: &Workspace,
    present: &Present,
    (gone, provider): (Vec<String>, Provider),
) -> Result<(Plan, Option<Record>), Error> {
    let owned = workspace.record().map_or(&[][..], |record| &record.secrets);
    let goes = |entry: &Owned| entry.is_of_requirements() && provider == Provider::Goes;
    let mut changes = Vec::new();
    let mut secrets: Vec<Owned> = owned.iter().filter(|entry| !entry.is_of_dotenv() && !goes(entry)).cloned().collect();
    if let Some(bytes) = &present.bytes {
        let refused = |error| failures::refusal(&present.path, &error);
        for changed in dotenv::changed_since(bytes, owned).map_err(refused)? {
            let place = failures::place(&present.path, changed.line);
            app.report.warn("left_value", format!("{place}: {} was changed by you since and stays", changed.key));
        }
        let wanted = Wanted { dotenv_gone: gone, ..Wanted::default() };
        let edited = dotenv::bring_to(Some(bytes), &wanted, owned, OnConflict::Keep).map_err(refused)?;
        secrets.extend(edited.owned);
        changes.push(taken_back(workspace, &present.path, bytes, edited.bytes).with_secrecy(Secrecy::Neighbours));
    }
    let path = workspace.root().join(REQUIREMENTS);
    if let (Some(bytes), true) = (workspace.read(&path)?, owned.iter().any(goes)) {
        let refused = |error| failures::refusal(&path, &error);
        for changed in requirements::changed_since(&bytes, owned).map_err(refused)? {
            let place = failures::place(&path, changed.line);
            let message = format!("{place}: {}{} was changed by you since and stays", changed.key, changed.present);
            app.report.warn("left_value", message);
        }
        let after = requirements::take_out(&bytes, owned).map_err(refused)?;
        changes.push(taken_back(workspace, &path, &bytes, after).with_secrecy(Secrecy::Neighbours));
    }
    changes.retain(|change| change.before != change.after);
    let set_up = workspace.record().and_then(|record| record.set_up.clone());
    let record = Record { project: workspace.root().to_owned(), set_up, secrets };
    Ok((Plan { changes }, (record.set_up.is_some() || !record.secrets.is_empty()).then_some(record)))
}

/// A file that we created and in which nothing is left goes.
fn taken_back(workspace: &Workspace, path: &std::path::Path, before: &[u8], after: Vec<u8>) -> Change {
    let is_created = workspace.remembered.loaded.files.get(path).is_some_and(|file| file.created);
    let after = (!(after.is_empty() && is_created)).then_some(after);
    Change::new(path, Some(before.to_vec()), after)
}

/// Says where a backend is set that no line of `.env` takes out.
fn report_elsewhere(app: &App, workspace: &Workspace, present: &Present) -> Result<(), Error> {
    let path = workspace.root().join(OVERRIDE);
    let in_override =
        in_override(workspace, is_of_backend)?.into_iter().map(|found| failures::place(&path, found.line));
    let in_image = present.in_image(BACKEND_VARIABLE).map(|found| found.place);
    for place in in_override.chain(in_image) {
        app.report.warn("backend_elsewhere", format!("{place}: a secrets backend is set there too, and stays"));
    }
    Ok(())
}
