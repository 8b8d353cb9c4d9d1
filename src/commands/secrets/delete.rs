//! `secrets delete`: asks, deletes, and says until when it can be brought back.

use crate::airflow::{Backend, Kind};
use crate::aws::secrets::Recovery;
use crate::cli::secrets::DeleteArgs;
use crate::commands::App;
use crate::commands::failures::word;
use crate::delivery::session::rfc3339;
use crate::report::outcome::secrets::{Deleted, DeletedEntry, Item};
use crate::report::{Error, Kind as ErrorKind, prompt};

use super::backend::{self, Backed};
use super::{connect, item};

/// What Secrets Manager keeps a deleted secret for where nothing is said (its API Reference, DeleteSecret).
const DEFAULT_WINDOW: u8 = 30;

pub(super) async fn run(app: &mut App, args: &DeleteArgs) -> Result<Deleted, Error> {
    let backed = backend::find(app, &args.backend)?;
    let recovery = recovery(args, backed.configured.backend)?;
    let items = items(&backed, args)?;
    let place = connect::place(app, &backed)?;
    let at = item::place(&backed, &place.region);
    if app.global.dry_run {
        let entries = items.into_iter().map(|item| entry(item, false, None)).collect();
        return Ok(Deleted { place: at, entries, dry_run: true, failure: None });
    }
    confirm(app, &items, &at.to_string(), recovery)?;
    let region = place.region.clone();
    let connected = connect::connect_to(app, place, connect::service(backed.configured.backend)).await?;
    let mut entries = Vec::new();
    for item in items {
        let _progress = app.report.progress(format!("deleting {}", item::what(&item)));
        let entry = match connected.store.delete(&item.name, recovery).await {
            Ok(until) => {
                let restore =
                    format!("aws secretsmanager restore-secret --secret-id {} --region {region}", word(&item.name));
                DeletedEntry { deletes_at: until.map(rfc3339), restore: Some(restore), ..entry(item, true, None) }
            }
            Err(failure) => {
                let error = item::failed(&backed, &item, &region, &failure);
                entry(item, false, Some(error))
            }
        };
        entries.push(entry);
    }
    verdict(Deleted { place: at, entries, dry_run: false, failure: None })
}

fn recovery(args: &DeleteArgs, backend: Backend) -> Result<Recovery, Error> {
    match (backend, args.recovery_window) {
        (Backend::ParameterStore, Some(_)) => Err(Error::new(
            ErrorKind::Usage,
            "SSM Parameter Store has no recovery window: what is deleted there is gone at once",
        )),
        (Backend::ParameterStore, None) => Ok(Recovery::None),
        (Backend::SecretsManager, _) if args.force => Ok(Recovery::None),
        (Backend::SecretsManager, days) => Ok(Recovery::Days(Some(days.unwrap_or(DEFAULT_WINDOW)))),
    }
}

/// What is to go, each once.
fn items(backed: &Backed, args: &DeleteArgs) -> Result<Vec<Item>, Error> {
    let mut items: Vec<Item> = Vec::new();
    for id in &args.ids {
        let item = item::of(backed, Kind::from(args.kind), id)?;
        if !items.contains(&item) {
            items.push(item);
        }
    }
    Ok(items)
}

fn entry(item: Item, deleted: bool, error: Option<Error>) -> DeletedEntry {
    DeletedEntry { item, deleted, deletes_at: None, error, restore: None }
}

/// Asks, with everything that will go by name.
fn confirm(app: &App, items: &[Item], place: &str, recovery: Recovery) -> Result<(), Error> {
    let names = items.iter().map(|item| format!("  {} ({})", item::what(item), item.name));
    let until = match recovery {
        Recovery::None => "for good: nobody can bring it back".to_owned(),
        Recovery::Days(days) => format!("for {} days it can be brought back", days.unwrap_or(DEFAULT_WINDOW)),
    };
    let lines: Vec<_> = std::iter::once(format!("To be deleted in {place}, {until}:")).chain(names).collect();
    if app.global.yes {
        lines.iter().for_each(|line| app.report.note(line));
        return Ok(());
    }
    if !app.may_ask() {
        lines.iter().for_each(|line| app.report.note(line));
        let message = format!("deleting needs a yes, and {}", app.why_not_asked());
        return Err(Error::new(ErrorKind::Refused, message).hint("delete with `--yes`, or look with `--dry-run`"));
    }
    lines.iter().for_each(|line| app.report.show(line));
    match prompt::confirm("Delete?", false)? {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Failed, "not deleted")),
    }
}

/// One that failed alone is the command's own failure; of several the rest is told, too.
fn verdict(mut deleted: Deleted) -> Result<Deleted, Error> {
    if let [DeletedEntry { error: Some(error), .. }] = deleted.entries.as_slice() {
        return Err(error.clone());
    }
    let failed: Vec<_> = deleted.entries.iter().filter_map(|entry| entry.error.as_ref()).collect();
    if let Some(first) = failed.first() {
        let message = format!("{} of {} were not deleted", failed.len(), deleted.entries.len());
        let mut error = Error::new(first.kind, message);
        for hint in failed.iter().flat_map(|error| &error.hints) {
            if !error.hints.contains(hint) {
                error.hints.push(hint.clone());
            }
        }
        deleted.failure = Some(error);
    }
    Ok(deleted)
}
