//! SSM Parameter Store's calls.
//!
//! Full names come in; values, pages and [`StoreFailure`]s go out. Values are read decrypted, as Airflow reads them.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::{Parameter, ParameterMetadata, ParameterStringFilter, ParameterTier, ParameterType as Type};

use super::failure::Asked;
use super::patience::{Patience, patiently};
use super::{Answers, Encryption, Entry, Put, PutOptions, Secret, Service, StoreFailure, Tier, names, time};
use crate::aws::secret::SecretText;

const GET: &str = "ssm:GetParameter";
const DESCRIBE: &str = "ssm:DescribeParameters";

/// The most entries of a page (Systems Manager API Reference, DescribeParameters).
const PAGE: i32 = 50;

pub(super) async fn get(client: &Client, name: &str) -> Result<Secret, StoreFailure> {
    let asked = Asked { action: GET, name };
    let call = client.get_parameter().name(name).with_decryption(true);
    let answer = call.send().await.map_err(|error| asked.failed(&error))?;
    answer.parameter.map(secret).ok_or(StoreFailure::NotFound)
}

fn secret(of: Parameter) -> Secret {
    Secret {
        name: of.name.unwrap_or_default(),
        value: SecretText::new(of.value.unwrap_or_default()),
        arn: of.arn,
        changed: time(of.last_modified_date),
        version: Some(of.version.to_string()),
    }
}

/// One GetParameters: what AWS has for each name, as far as it says something about it.
///
/// # Errors
/// Where the call as a whole failed: one name that may not be read, or cannot be decrypted, is enough for that.
pub(super) async fn get_batch(client: &Client, names: &[String]) -> Result<Answers, StoreFailure> {
    let asked = Asked { action: "ssm:GetParameters", name: "*" };
    let call = client.get_parameters().set_names(Some(names.to_vec())).with_decryption(true);
    let answer = call.send().await.map_err(|error| asked.failed(&error))?;
    let mut answers = Answers::new();
    for parameter in answer.parameters.unwrap_or_default() {
        let found = [&parameter.name, &parameter.arn];
        let asked = found.into_iter().flatten().find(|id| names.contains(id)).cloned();
        if let Some(asked) = asked {
            answers.insert(asked, Ok(secret(parameter)));
        }
    }
    for name in answer.invalid_parameters.unwrap_or_default() {
        answers.insert(name, Err(StoreFailure::NotFound));
    }
    Ok(answers)
}

/// DescribeParameters, which tells the time of change without decrypting, at 50 a page where GetParametersByPath has 10.
pub(super) async fn list(
    client: &Client,
    patience: Patience,
    beginning: &str,
    mut each: impl FnMut(Vec<Entry>),
) -> Result<(), StoreFailure> {
    if !names::can_be_a_parameter(beginning) {
        return Ok(());
    }
    let filters = filter(beginning).map(|filter| vec![filter]);
    let asked = Asked { action: DESCRIBE, name: "*" };
    let mut token = None;
    loop {
        let page = patiently(patience, || async {
            let call = client.describe_parameters().max_results(PAGE).set_parameter_filters(filters.clone());
            call.set_next_token(token.clone()).send().await.map_err(|error| asked.failed(&error))
        });
        let page = page.await?;
        let entries = page.parameters.unwrap_or_default().into_iter().filter_map(entry);
        each(entries.filter(|entry| entry.name.starts_with(beginning)).collect());
        match page.next_token.filter(|token| !token.is_empty()) {
            None => return Ok(()),
            next if next == token => {
                return Err(StoreFailure::Network("AWS lists the same page again and again".to_owned()));
            }
            next => token = next,
        }
    }
}

/// What AWS can leave out by itself: all that is outside the last folder of a path.
fn filter(beginning: &str) -> Option<ParameterStringFilter> {
    let folder = beginning.rsplit_once('/').map_or("", |(folder, _)| folder);
    let filter = match folder {
        folder if folder.starts_with('/') => {
            ParameterStringFilter::builder().key("Path").option("Recursive").values(folder)
        }
        _ if beginning.is_empty() || beginning == "/" => return None,
        _ => ParameterStringFilter::builder().key("Name").option("BeginsWith").values(beginning),
    };
    filter.build().ok()
}

fn entry(of: ParameterMetadata) -> Option<Entry> {
    Some(Entry { name: of.name?, changed: time(of.last_modified_date), kms_key_id: of.key_id.filter(is_customer_s) })
}

/// `alias/aws/ssm` is the account's own key.
fn is_customer_s(key: &String) -> bool {
    key != "alias/aws/ssm"
}

/// What is known of a parameter without its value; `None` where it is not there.
///
/// # Errors
/// [`StoreFailure`].
pub(super) async fn described(client: &Client, name: &str) -> Result<Option<Entry>, StoreFailure> {
    let asked = Asked { action: DESCRIBE, name: "*" };
    let filter = ParameterStringFilter::builder().key("Name").option("Equals").values(name).build();
    let call = client.describe_parameters().set_parameter_filters(filter.ok().map(|filter| vec![filter]));
    let answer = call.send().await.map_err(|error| asked.failed(&error))?;
    Ok(answer.parameters.unwrap_or_default().into_iter().filter_map(entry).find(|entry| entry.name == name))
}

/// A new parameter, else a new version of it. Without a key of its own in the call AWS would take the account's for the
/// new version, and forget the one that it has: that is asked for first.
pub(super) async fn put(
    client: &Client,
    name: &str,
    value: &SecretText,
    options: &PutOptions,
) -> Result<Put, StoreFailure> {
    let request = Request { client, name, value, options };
    let size = value.expose().len();
    let tier = options.tier.unwrap_or(match size > Service::ParameterStore.largest(Some(Tier::Standard)) {
        true => Tier::Advanced,
        false => Tier::Standard,
    });
    match request.send(tier, options.kms_key_id.clone(), Existing::Kept).await {
        Err(Refusal::IsThere) => {}
        Err(Refusal::StaysAdvanced(failure) | Refusal::Other(failure)) => return Err(failure),
        Ok(put) => return Ok(put),
    }
    let key = match (&options.kms_key_id, options.encryption) {
        (None, Encryption::Encrypted) => described(client, name).await?.and_then(|entry| entry.kms_key_id),
        (key, _) => key.clone(),
    };
    match request.send(tier, key.clone(), Existing::Replaced).await {
        Err(Refusal::StaysAdvanced(_)) if options.tier.is_none() => {
            request.send(Tier::Advanced, key, Existing::Replaced).await.map_err(Refusal::into_failure)
        }
        result => result.map_err(Refusal::into_failure),
    }
}

/// A parameter to be written.
struct Request<'a> {
    client: &'a Client,
    name: &'a str,
    value: &'a SecretText,
    options: &'a PutOptions,
}

/// What becomes of a parameter that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Existing {
    Kept,
    Replaced,
}

/// Why a parameter was not written.
enum Refusal {
    IsThere,
    /// It is of the advanced tier, and no way leads back.
    StaysAdvanced(StoreFailure),
    Other(StoreFailure),
}

impl Refusal {
    fn into_failure(self) -> StoreFailure {
        match self {
            Self::IsThere => StoreFailure::Refused("it is there already".to_owned()),
            Self::StaysAdvanced(failure) | Self::Other(failure) => failure,
        }
    }
}

impl Request<'_> {
    async fn send(&self, tier: Tier, key: Option<String>, existing: Existing) -> Result<Put, Refusal> {
        let asked = Asked { action: "ssm:PutParameter", name: self.name };
        let (of, key) = match self.options.encryption {
            Encryption::Encrypted => (Type::SecureString, key),
            Encryption::Plain => (Type::String, None),
        };
        let call = self.client.put_parameter().name(self.name).value(self.value.expose()).r#type(of);
        let call = call.set_key_id(key).tier(of_sdk(tier)).overwrite(existing == Existing::Replaced);
        match call.send().await {
            Ok(answer) => Ok(Put {
                // The version of one that was deleted meanwhile begins anew.
                created: answer.version == 1,
                version: Some(answer.version.to_string()),
                arn: None,
                tier: answer.tier.as_ref().and_then(of_ours).or(Some(tier)),
            }),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_parameter_already_exists()) => {
                Err(Refusal::IsThere)
            }
            // "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the
            // advanced-parameter tier to the standard-parameter tier."
            Err(error)
                if error.code() == Some("ValidationException")
                    && error.message().is_some_and(|message| message.contains("advanced-parameter tier")) =>
            {
                let reason =
                    "it is of the advanced tier, and Parameter Store does not take it back to the standard one";
                Err(Refusal::StaysAdvanced(StoreFailure::Refused(reason.to_owned())))
            }
            Err(error) => Err(Refusal::Other(asked.failed(&error))),
        }
    }
}

fn of_sdk(tier: Tier) -> ParameterTier {
    match tier {
        Tier::Standard => ParameterTier::Standard,
        Tier::Advanced => ParameterTier::Advanced,
    }
}

fn of_ours(tier: &ParameterTier) -> Option<Tier> {
    match tier {
        ParameterTier::Standard => Some(Tier::Standard),
        ParameterTier::Advanced => Some(Tier::Advanced),
        _ => None,
    }
}

pub(super) async fn delete(client: &Client, name: &str) -> Result<(), StoreFailure> {
    let asked = Asked { action: "ssm:DeleteParameter", name };
    client.delete_parameter().name(name).send().await.map(|_| ()).map_err(|error| asked.failed(&error))
}
