//! Secrets Manager's calls.
//!
//! Full names come in; values, pages and [`StoreFailure`]s go out. Values are plain SecretStrings, as Airflow reads them.

use std::time::SystemTime;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::{ApiErrorType, Filter, FilterNameStringType, SecretListEntry, SecretValueEntry};
use aws_smithy_types::DateTime;

use super::failure::Asked;
use super::patience::{Patience, patiently};
use super::{Answers, Entry, Put, PutOptions, Recovery, Secret, StoreFailure, names, time};
use crate::aws::secret::SecretText;

const GET: &str = "secretsmanager:GetSecretValue";
pub(super) const BATCH: &str = "secretsmanager:BatchGetSecretValue";

/// The most entries of a page (AWS Secrets Manager API Reference, ListSecrets).
const PAGE: i32 = 100;

pub(super) async fn get(client: &Client, name: &str) -> Result<Secret, StoreFailure> {
    let asked = Asked { action: GET, name };
    let answer = client.get_secret_value().secret_id(name).send().await.map_err(|error| asked.failed(&error))?;
    let value = text(answer.secret_string)?;
    let name = answer.name.unwrap_or_else(|| name.to_owned());
    Ok(Secret { name, value, arn: answer.arn, changed: time(answer.created_date), version: answer.version_id })
}

/// A secret has either a text or bytes.
fn text(value: Option<String>) -> Result<SecretText, StoreFailure> {
    value.map(SecretText::new).ok_or(StoreFailure::Binary)
}

/// One BatchGetSecretValue: what AWS has for each name, as far as it says something about it.
///
/// # Errors
/// Where the call as a whole failed.
pub(super) async fn get_batch(client: &Client, names: &[String]) -> Result<Answers, StoreFailure> {
    let asked = Asked { action: BATCH, name: "*" };
    let answer = client.batch_get_secret_value().set_secret_id_list(Some(names.to_vec())).send().await;
    let answer = answer.map_err(|error| asked.failed(&error))?;
    let mut answers = Answers::new();
    for value in answer.secret_values.unwrap_or_default() {
        let asked = [&value.name, &value.arn].into_iter().flatten().find(|id| names.contains(id)).cloned();
        if let Some(asked) = asked {
            answers.insert(asked, of_batch(value));
        }
    }
    for error in answer.errors.unwrap_or_default() {
        let ApiErrorType { secret_id: Some(name), error_code: Some(code), message, .. } = error else { continue };
        let failure = Asked { action: GET, name: &name }.refused(&code, message.as_deref().unwrap_or_default());
        answers.insert(name, Err(failure));
    }
    Ok(answers)
}

fn of_batch(value: SecretValueEntry) -> Result<Secret, StoreFailure> {
    Ok(Secret {
        name: value.name.unwrap_or_default(),
        value: text(value.secret_string)?,
        arn: value.arn,
        changed: time(value.created_date),
        version: value.version_id,
    })
}

/// The customer managed key of a secret, where that may be asked.
pub(super) async fn key_of(client: &Client, name: &str) -> Option<String> {
    client.describe_secret().secret_id(name).send().await.ok()?.kms_key_id
}

pub(super) async fn list(
    client: &Client,
    patience: Patience,
    beginning: &str,
    mut each: impl FnMut(Vec<Entry>),
) -> Result<(), StoreFailure> {
    if !names::can_be_a_secret(beginning) {
        return Ok(());
    }
    // The filter goes by words as well as by beginnings: what it lets through is looked at again.
    let filter = Filter::builder().key(FilterNameStringType::Name).values(beginning).build();
    let filters = (!beginning.is_empty()).then(|| vec![filter]);
    let asked = Asked { action: "secretsmanager:ListSecrets", name: "*" };
    let mut token = None;
    loop {
        let page = patiently(patience, || async {
            let call = client.list_secrets().max_results(PAGE).set_filters(filters.clone());
            call.set_next_token(token.clone()).send().await.map_err(|error| asked.failed(&error))
        });
        let page = page.await?;
        let entries = page.secret_list.unwrap_or_default().into_iter().filter_map(entry);
        each(entries.filter(|entry| entry.name.starts_with(beginning)).collect());
        match page.next_token {
            None => return Ok(()),
            next if next == token => {
                return Err(StoreFailure::Network("AWS lists the same page again and again".to_owned()));
            }
            next => token = next,
        }
    }
}

/// What is scheduled for deletion is not there for Airflow either.
fn entry(of: SecretListEntry) -> Option<Entry> {
    if of.deleted_date.is_some() {
        return None;
    }
    let changed = time(of.last_changed_date.or(of.created_date));
    Some(Entry { name: of.name?, changed, kms_key_id: of.kms_key_id })
}

/// A new version of a secret that is there, else a new secret. One that comes to be in between gets a new version.
pub(super) async fn put(
    client: &Client,
    name: &str,
    value: &SecretText,
    options: &PutOptions,
) -> Result<Put, StoreFailure> {
    match update(client, name, value, options).await {
        Err(StoreFailure::NotFound) => {}
        result => return result,
    }
    let asked = Asked { action: "secretsmanager:CreateSecret", name };
    let call = client.create_secret().name(name).secret_string(value.expose());
    match call.set_kms_key_id(options.kms_key_id.clone()).send().await {
        Ok(answer) => Ok(Put { created: true, version: answer.version_id, arn: answer.arn, tier: None }),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_exists_exception()) => {
            update(client, name, value, options).await
        }
        Err(error) => Err(asked.failed(&error)),
    }
}

async fn update(client: &Client, name: &str, value: &SecretText, options: &PutOptions) -> Result<Put, StoreFailure> {
    // PutSecretValue cannot change the key.
    let Some(key) = &options.kms_key_id else {
        let asked = Asked { action: "secretsmanager:PutSecretValue", name };
        let call = client.put_secret_value().secret_id(name).secret_string(value.expose());
        let answer = call.send().await.map_err(|error| asked.failed(&error))?;
        return Ok(Put { created: false, version: answer.version_id, arn: answer.arn, tier: None });
    };
    let asked = Asked { action: "secretsmanager:UpdateSecret", name };
    let call = client.update_secret().secret_id(name).kms_key_id(key).secret_string(value.expose());
    let answer = call.send().await.map_err(|error| asked.failed(&error))?;
    Ok(Put { created: false, version: answer.version_id, arn: answer.arn, tier: None })
}

pub(super) async fn delete(
    client: &Client,
    name: &str,
    recovery: Recovery,
) -> Result<Option<SystemTime>, StoreFailure> {
    let call = client.delete_secret().secret_id(name);
    let call = match recovery {
        Recovery::Days(days) => call.set_recovery_window_in_days(days.map(i64::from)),
        Recovery::None => {
            is_there(client, name).await?;
            call.force_delete_without_recovery(true)
        }
    };
    let asked = Asked { action: "secretsmanager:DeleteSecret", name };
    let answer = call.send().await.map_err(|error| asked.failed(&error))?;
    let until: Option<DateTime> = answer.deletion_date.filter(|_| recovery != Recovery::None);
    Ok(time(until))
}

/// AWS deletes for good what is not there without a word (AWS Secrets Manager API Reference, DeleteSecret). Whoever may
/// not describe it goes without this.
async fn is_there(client: &Client, name: &str) -> Result<(), StoreFailure> {
    let asked = Asked { action: "secretsmanager:DescribeSecret", name };
    match client.describe_secret().secret_id(name).send().await.map_err(|error| asked.failed(&error)) {
        Err(failure @ StoreFailure::NotFound) => Err(failure),
        _ => Ok(()),
    }
}
