//! What an import will write: each item's name and text, and what is there already.

use std::collections::HashMap;

use crate::airflow::Backend;
use crate::airflow::connection::{Connection, ExtraWords};
use crate::airflow::exchange::{Item as FileItem, ItemValue};
use crate::aws::secret::SecretText;
use crate::aws::secrets::{PutOptions, Secret, Store, StoreFailure};
use crate::cli::secrets::ImportArgs;
use crate::commands::App;
use crate::commands::interrupt::or_interrupted;
use crate::commands::secrets::backend::Backed;
use crate::commands::secrets::connect::{self, Connected};
use crate::commands::secrets::{item, surprises};
use crate::report::outcome::secrets::{Change, Item};
use crate::report::{Error, Kind as ErrorKind};

use super::several;

/// One item with the text that Airflow will read.
pub(super) struct Entry {
    pub(super) item: Item,
    pub(super) value: SecretText,
    /// For telling whether what is there is the same.
    connection: Option<Connection>,
}

/// How everything of an import is written.
pub(super) fn options(args: &ImportArgs) -> PutOptions {
    PutOptions { kms_key_id: args.kms_key_id.clone(), ..PutOptions::default() }
}

/// Every item as it will be stored.
///
/// # Errors
/// [`ErrorKind::Usage`], naming all that would not work.
pub(super) fn entries(
    app: &App,
    backed: &Backed,
    region: &str,
    items: &[FileItem],
    args: &ImportArgs,
) -> Result<Vec<Entry>, Error> {
    let words = backed.configured.extra_words().map_err(|error| Error::new(ErrorKind::Project, error.to_string()))?;
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    let mut names: HashMap<String, String> = HashMap::new();
    for found in items {
        match entry(app, backed, region, found, &words, args) {
            Ok(entry) => {
                let what = item::what(&entry.item);
                match names.insert(entry.item.name.clone(), what.clone()) {
                    Some(other) => wrong.push(format!("{what} and {other} would both be `{}`", entry.item.name)),
                    None => entries.push(entry),
                }
            }
            Err(error) => wrong.push(error.message),
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(several(ErrorKind::Usage, wrong).hint("nothing was written")) }
}

fn entry(
    app: &App,
    backed: &Backed,
    region: &str,
    found: &FileItem,
    words: &ExtraWords,
    args: &ImportArgs,
) -> Result<Entry, Error> {
    let item = item::of(backed, found.value.kind(), &found.id)?;
    surprises::of_id(app, found.value.kind(), &found.id);
    let backend = backed.configured.backend;
    let (text, connection) = match &found.value {
        ItemValue::Connection(connection, text) => {
            let text = stored(connection, text.as_deref(), backend, words).ok_or_else(|| {
                let message =
                    format!("{} cannot be stored in a form that Airflow reads back as it is", item::what(&item));
                Error::new(ErrorKind::Usage, message)
            })?;
            surprises::of_connection(app, &item::what(&item), &text, backend, words);
            (text, Some((**connection).clone()))
        }
        ItemValue::UnreadableConnection(text) | ItemValue::Variable(text) | ItemValue::Config(text) => {
            (text.clone(), None)
        }
    };
    let value = SecretText::new(text);
    Store::check(connect::service(backend), region, &item.name, &value, &options(args))
        .map_err(|failure| item::failed(backed, &item, region, &failure))?;
    Ok(Entry { item, value, connection })
}

/// The text as the file has it, else JSON, else a URI: the first that this backend reads back as the same connection. Secrets
/// Manager's backend keeps no description.
fn stored(connection: &Connection, text: Option<&str>, backend: Backend, words: &ExtraWords) -> Option<String> {
    let description = connection.description.clone().filter(|_| backend == Backend::ParameterStore);
    let expected = Connection { description, ..connection.clone() };
    let json = serde_json::Value::Object(connection.to_json()).to_string();
    let ways = text.map(str::to_owned).into_iter().chain([json]).chain(expected.to_uri().ok());
    ways.into_iter()
        .find(|way| Connection::parse(way, backend, words).is_ok_and(|(read, _)| read.is_same_as(&expected)))
}

/// What is there of each.
///
/// # Errors
/// Where that cannot be told, or something in the way keeps it from being written.
pub(super) async fn changes(
    app: &App,
    backed: &Backed,
    connected: &Connected,
    entries: &[Entry],
) -> Result<Vec<Change>, Error> {
    let _progress = app.report.progress(format!("looking up {} names", entries.len()));
    let words = backed.configured.extra_words().unwrap_or_default();
    let names: Vec<_> = entries.iter().map(|entry| entry.item.name.clone()).collect();
    let mut changes = vec![Change::New; entries.len()];
    let mut failed = Vec::new();
    let each = |index: usize, result: Result<Secret, StoreFailure>| match result {
        Ok(secret) => changes[index] = change(&entries[index], &secret, backed.configured.backend, &words),
        Err(StoreFailure::NotFound) => {}
        // A new version replaces it; what it says cannot be compared.
        Err(StoreFailure::Binary) => changes[index] = Change::Differs,
        Err(failure) => failed.push((index, failure)),
    };
    or_interrupted(connected.store.get_many(&names, each)).await?;
    failed.sort_by_key(|(index, _)| *index);
    match failed.first() {
        None => Ok(changes),
        Some((index, failure)) => {
            let error = item::failed(backed, &entries[*index].item, &connected.region, failure);
            Err(error.hint("nothing was written"))
        }
    }
}

fn change(entry: &Entry, there: &Secret, backend: Backend, words: &ExtraWords) -> Change {
    let is_same_connection = || {
        let connection = entry.connection.as_ref()?;
        let (found, _) = Connection::parse(there.value.expose(), backend, words).ok()?;
        let (mine, _) = Connection::parse(entry.value.expose(), backend, words).ok()?;
        Some(found.is_same_as(connection) || found.is_same_as(&mine))
    };
    match there.value == entry.value || is_same_connection() == Some(true) {
        true => Change::Same,
        false => Change::Differs,
    }
}
