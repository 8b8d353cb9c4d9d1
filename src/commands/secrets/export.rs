//! `secrets export`: the connections and variables of the backend, with their values, for a file.

use std::collections::BTreeMap;

use crate::airflow::connection::Connection;
use crate::airflow::exchange::{self, Format, Item as FileItem, ItemValue};
use crate::airflow::{Kind, LookUp};
use crate::aws::secrets::{Secret, StoreFailure};
use crate::cli::secrets::{ExportArgs, ExportFormat};
use crate::commands::interrupt::or_interrupted;
use crate::commands::{App, failures};
use crate::plan;
use crate::report::outcome::secrets::{Exported, Item, LeftOut, Revealed};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::{self, Backed};
use super::connect::Connected;
use super::failures::{self as store_failures, About};
use super::{connect, item, surprises};

pub(super) async fn run(app: &mut App, args: &ExportArgs) -> Result<Exported, Error> {
    let (kinds, form) = asked(args)?;
    let path = args.file.as_ref().map(|file| app.host.cwd.join(file));
    if let Some(path) = path.as_ref().filter(|path| path.symlink_metadata().is_ok() && !args.overwrite) {
        return Err(Error::new(ErrorKind::Refused, format!("`{}` is there already", path.display()))
            .hint("replace it with `--overwrite`, or name another file"));
    }
    let backed = backend::find(app, &args.backend)?;
    require_switched_on(&backed, args)?;
    let connected = connect::connect(app, &backed).await?;
    let mut items = listed(app, &backed, &connected, &kinds).await?;
    require_one_kind(form, &items)?;
    let (format, format_name) = format(form);
    let mut exported = Exported {
        place: item::place(&backed, &connected.region),
        format: format_name,
        file: path.as_ref().map(|path| path.display().to_string()),
        items: Vec::new(),
        left_out: Vec::new(),
        content: None,
        dry_run: app.global.dry_run,
    };
    if app.global.dry_run {
        exported.items = items;
        return Ok(exported);
    }
    let values = values(app, &backed, &connected, &mut items).await?;
    let written = exchange::write(format, &values)
        .map_err(|error| Error::new(ErrorKind::Usage, format!("the form `{format_name}` {error}")))?;
    exported.left_out =
        written.left_out.into_iter().map(|(kind, id, reason)| LeftOut { kind: kind.name(), id, reason }).collect();
    for LeftOut { kind, id, reason } in &exported.left_out {
        app.report.warn("left_out", format!("{kind} `{id}` {reason}"));
    }
    exported.items = items;
    app.report
        .note("What is exported holds secrets: keep it out of version control, and delete it when it has served.");
    match &path {
        Some(path) => plan::replace(path, written.text.as_bytes()).map_err(|error| failures::plan(path, &error))?,
        None => exported.content = Some(Revealed::new(written.text)),
    }
    Ok(exported)
}

/// The kinds that are asked for, and the form.
fn asked(args: &ExportArgs) -> Result<(Vec<Kind>, ExportFormat), Error> {
    let kind = args.kind.map(Kind::from);
    let usual = if kind.is_some() { ExportFormat::Yaml } else { ExportFormat::AirflowSettings };
    let form = args.format.unwrap_or(usual);
    match (form, kind) {
        (ExportFormat::Env | ExportFormat::AirflowSettings, Some(Kind::Config)) => {
            Err(Error::new(ErrorKind::Usage, "options of the configuration have no place in this form")
                .hint("take `--format json` or `--format yaml`"))
        }
        (_, Some(kind)) => Ok((vec![kind], form)),
        (_, None) => Ok((vec![Kind::Connection, Kind::Variable], form)),
    }
}

/// A JSON or YAML file holds one kind.
fn require_one_kind(form: ExportFormat, items: &[Item]) -> Result<(), Error> {
    let first = items.first().map(|item| item.kind);
    let is_single = items.iter().all(|item| Some(item.kind) == first);
    if is_single || matches!(form, ExportFormat::Env | ExportFormat::AirflowSettings) {
        return Ok(());
    }
    let message = "a JSON or YAML file holds connections or variables, not both: Airflow reads them from a file each";
    Err(Error::new(ErrorKind::Usage, message).hint(
        "say which: `astro-aws secrets export connection` or `astro-aws secrets export variable`; \
         `--format env` and `--format airflow-settings` take both",
    ))
}

fn format(choice: ExportFormat) -> (Format, &'static str) {
    match choice {
        ExportFormat::Env => (Format::Env, "env"),
        ExportFormat::Json => (Format::Json, "json"),
        ExportFormat::Yaml => (Format::Yaml, "yaml"),
        ExportFormat::AirflowSettings => (Format::AirflowSettings, "airflow-settings"),
    }
}

fn require_switched_on(backed: &Backed, args: &ExportArgs) -> Result<(), Error> {
    match args.kind.map(Kind::from) {
        Some(kind) if backed.naming.beginning(kind).is_none() => {
            let title = backed.configured.backend.title();
            let message = format!("Airflow asks {title} for no {}: `{}` is null", kind.name(), kind.prefix_key());
            Err(Error::new(ErrorKind::Usage, message))
        }
        _ => Ok(()),
    }
}

/// What the backend has of these kinds, and Airflow looks up.
async fn listed(app: &App, backed: &Backed, connected: &Connected, kinds: &[Kind]) -> Result<Vec<Item>, Error> {
    let mut found: BTreeMap<(Kind, String), String> = BTreeMap::new();
    let beginnings: BTreeMap<&str, ()> =
        kinds.iter().filter_map(|kind| Some((backed.naming.beginning(*kind)?, ()))).collect();
    for beginning in beginnings.keys() {
        let _progress = app.report.progress(format!("listing {beginning}"));
        let listed = connected.store.list(beginning, |page| {
            for entry in page {
                if let Some((kind, id)) = meaning(backed, kinds, &entry.name) {
                    found.insert((kind, id), entry.name);
                }
            }
        });
        let about = About {
            what: "the list",
            name: beginning,
            service: connect::service(backed.configured.backend),
            region: &connected.region,
        };
        or_interrupted(listed).await?.map_err(|failure| store_failures::store(&about, &failure))?;
    }
    Ok(found.into_iter().map(|((kind, id), name)| Item { kind: kind.name(), id, name }).collect())
}

/// What a name stands for. Where one prefix begins another, the longer one tells; where they are the same, the first kind.
fn meaning(backed: &Backed, kinds: &[Kind], name: &str) -> Option<(Kind, String)> {
    let beginning = |kind: Kind| backed.naming.beginning(kind).filter(|_| backed.naming.id_of(kind, name).is_some());
    let longest = Kind::ALL.into_iter().filter_map(beginning).map(str::len).max()?;
    let kind = kinds.iter().copied().find(|kind| beginning(*kind).is_some_and(|found| found.len() == longest))?;
    let id = backed.naming.id_of(kind, name)?;
    matches!(backed.naming.look_up(kind, id), LookUp::Name(found) if found == name).then(|| (kind, id.to_owned()))
}

/// The values; what has gone meanwhile, or is no text, is taken out of the items.
async fn values(
    app: &App,
    backed: &Backed,
    connected: &Connected,
    items: &mut Vec<Item>,
) -> Result<Vec<FileItem>, Error> {
    let _progress = app.report.progress(format!("reading {} values", items.len()));
    let names: Vec<_> = items.iter().map(|item| item.name.clone()).collect();
    let mut values: Vec<Option<FileItem>> = vec![None; items.len()];
    let mut failed = Vec::new();
    let each = |index: usize, result: Result<Secret, StoreFailure>| match result {
        Ok(secret) => values[index] = Some(file_item(app, backed, &items[index], secret.value.expose())),
        Err(StoreFailure::NotFound | StoreFailure::PendingDeletion) => {}
        Err(StoreFailure::Binary) => {
            let what = item::what(&items[index]);
            app.report.warn("left_out", format!("{what} holds binary data, which Airflow does not read"));
        }
        Err(failure) => failed.push((index, failure)),
    };
    or_interrupted(connected.store.get_many(&names, each)).await?;
    failed.sort_by_key(|(index, _)| *index);
    if let Some((index, failure)) = failed.first() {
        return Err(item::failed(backed, &items[*index], &connected.region, failure));
    }
    let mut is_there = values.iter().map(Option::is_some);
    items.retain(|_| is_there.next() == Some(true));
    Ok(values.into_iter().flatten().collect())
}

fn file_item(app: &App, backed: &Backed, item: &Item, text: &str) -> FileItem {
    let value = match item.kind {
        kind if kind == Kind::Connection.name() => {
            let words = backed.configured.extra_words().unwrap_or_default();
            match Connection::parse(text, backed.configured.backend, &words) {
                // What tasks read is what is written.
                Ok((connection, _)) => {
                    surprises::of_connection(app, &item::what(item), text, backed.configured.backend, &words);
                    ItemValue::Connection(Box::new(connection), Some(text.to_owned()))
                }
                Err(_) => ItemValue::UnreadableConnection(text.to_owned()),
            }
        }
        kind if kind == Kind::Variable.name() => ItemValue::Variable(text.to_owned()),
        _ => ItemValue::Config(text.to_owned()),
    };
    FileItem { id: item.id.clone(), value, line: None }
}
