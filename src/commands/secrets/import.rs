//! `secrets import`: the connections and variables of a file, stored under the names that Airflow will look up.
//!
//! Nothing is written before every one of them is known to work, and to be new or meant to be replaced.

mod plan;
mod write;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::airflow::Kind;
use crate::airflow::exchange::{self, Contents, ExchangeError, Format};
use crate::aws::secret::SecretText;
use crate::cli::secrets::{ExportFormat, ImportArgs};
use crate::commands::App;
use crate::edit::MAX_BYTES;
use crate::report::outcome::secrets::{Change, Imported, ImportedItem};
use crate::report::{Error, Kind as ErrorKind, prompt};

use super::backend;
use super::{connect, item};

/// So many entries are named in one error.
const NAMED: usize = 20;

pub(super) async fn run(app: &mut App, args: &ImportArgs) -> Result<Imported, Error> {
    let file = args.file.display().to_string();
    let contents = read(app, args)?;
    let backed = backend::find(app, &args.backend)?;
    for told in &contents.left_out {
        app.report.warn("left_out", format!("`{file}` {told}"));
    }
    let place = connect::place(app, &backed)?;
    let region = place.region.clone();
    let entries = plan::entries(app, &backed, &region, &contents.items, args)?;
    let connected = connect::connect_to(app, place, connect::service(backed.configured.backend)).await?;
    let changes = plan::changes(app, &backed, &connected, &entries).await?;
    let items: Vec<_> = entries
        .iter()
        .zip(changes)
        .map(|(entry, change)| ImportedItem { item: entry.item.clone(), change, written: Some(false), error: None })
        .collect();
    let mut imported =
        Imported { place: item::place(&backed, &region), file, items, dry_run: app.global.dry_run, failure: None };
    if app.global.dry_run {
        return Ok(imported);
    }
    require_overwrite(args, &imported)?;
    let is_new = |found: &ImportedItem| found.change != Change::Same;
    if !imported.items.iter().any(is_new) {
        return Ok(imported);
    }
    confirm(app, &imported)?;
    let values: Vec<&SecretText> = entries.iter().map(|entry| &entry.value).collect();
    write::all(app, &backed, &connected, &values, &plan::options(args), &mut imported).await;
    Ok(imported)
}

/// The file's connections and variables.
fn read(app: &App, args: &ImportArgs) -> Result<Contents, Error> {
    let is_stdin = args.file == Path::new("-");
    let path = app.host.cwd.join(&args.file);
    let shown = if is_stdin { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    let unreadable = |error: std::io::Error| Error::new(ErrorKind::Usage, format!("{shown} cannot be read: {error}"));
    let mut bytes = Zeroizing::new(Vec::new());
    let most = MAX_BYTES as u64 + 1;
    let read = if is_stdin {
        std::io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        File::open(&path).map_err(unreadable)?.take(most).read_to_end(&mut bytes)
    };
    read.map_err(unreadable)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let format = args.format.map_or_else(|| exchange::format_of(&name, &String::from_utf8_lossy(&bytes)), format);
    let kind = args.kind.map(Kind::from).or_else(|| exchange::kind_of(&name));
    let contents = exchange::read(format, kind, &bytes).map_err(|errors| unusable(&shown, &errors))?;
    if contents.items.is_empty() {
        let message = format!("{shown} holds no connection and no variable");
        return Err(Error::new(ErrorKind::Usage, message)
            .hint("a form that is not told by its name and content is named with --format"));
    }
    Ok(contents)
}

fn format(choice: ExportFormat) -> Format {
    match choice {
        ExportFormat::Env => Format::Env,
        ExportFormat::Json => Format::Json,
        ExportFormat::Yaml => Format::Yaml,
        ExportFormat::AirflowSettings => Format::AirflowSettings,
    }
}

/// Everything that is wrong with a file.
fn unusable(shown: &str, errors: &[ExchangeError]) -> Error {
    let line = |error: &ExchangeError| match error.line {
        Some(line) => format!("{shown} line {line} {}", error.reason),
        None => format!("{shown} {}", error.reason),
    };
    several(ErrorKind::Usage, errors.iter().map(line).collect())
        .hint("mend the file, then run the command again; nothing was written")
}

/// One error of several.
fn several(kind: ErrorKind, mut messages: Vec<String>) -> Error {
    let more = messages.len().saturating_sub(NAMED);
    messages.truncate(NAMED);
    messages.extend((more > 0).then(|| format!("and {more} more")));
    Error::new(kind, messages.join("\n"))
}

fn require_overwrite(args: &ImportArgs, imported: &Imported) -> Result<(), Error> {
    let differing: Vec<_> = imported
        .items
        .iter()
        .filter(|found| found.change == Change::Differs)
        .map(|found| item::what(&found.item))
        .collect();
    if args.overwrite || differing.is_empty() {
        return Ok(());
    }
    let messages = differing.iter().map(|what| format!("{what} is there with another value")).collect();
    Err(several(ErrorKind::Refused, messages)
        .hint("replace them with `--overwrite`; Secrets Manager and Parameter Store keep the versions before")
        .hint("nothing was written"))
}

/// Shows what is to be done, and asks.
fn confirm(app: &App, imported: &Imported) -> Result<(), Error> {
    let lines: Vec<_> = imported.items.iter().map(ImportedItem::planned).collect();
    if app.global.yes {
        lines.iter().for_each(|line| app.report.note(line));
        return Ok(());
    }
    if !app.may_ask() {
        lines.iter().for_each(|line| app.report.note(line));
        let message = format!("storing them needs a yes, and {}", app.why_not_asked());
        return Err(
            Error::new(ErrorKind::Refused, message).hint("store them with `--yes`, or look at them with `--dry-run`")
        );
    }
    lines.iter().for_each(|line| app.report.show(line));
    let count = imported.items.iter().filter(|found| found.change != Change::Same).count();
    let question = format!("Store {count} in {}?", imported.place);
    if prompt::confirm(&question, true)? { Ok(()) } else { Err(Error::new(ErrorKind::Failed, "nothing was stored")) }
}
