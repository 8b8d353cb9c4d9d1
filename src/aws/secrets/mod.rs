//! Secrets Manager and SSM Parameter Store by full names: read, list, write and delete, and what stands in the way.
//!
//! A name comes in, a value or a [`StoreFailure`] goes out. What a name means to Airflow is not known here.

mod failure;
mod key;
mod many;
mod names;
mod parameter_store;
mod patience;
mod secrets_manager;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::SystemTime;

use aws_types::region::Region;

use super::access::Access;
use super::credentials::Credentials;
use super::profile::{Profile, ProfileSet};
use super::secret::SecretText;

pub use failure::StoreFailure;
pub use names::{looks_like_an_arn_s_end, wrong_with};

use patience::{Patience, patiently};

/// Which of the two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Systems Manager Parameter Store.
    ParameterStore,
}

/// What came of each name of a batch that AWS had an answer for.
type Answers = HashMap<String, Result<Secret, StoreFailure>>;

/// One of the two services, ready to be called.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    region: String,
    patience: Patience,
}

#[derive(Debug, Clone)]
enum Client {
    SecretsManager(aws_sdk_secretsmanager::Client),
    ParameterStore(aws_sdk_ssm::Client),
}

/// A value that was read.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The full name, as AWS has it.
    pub name: String,
    /// The value.
    pub value: SecretText,
    /// The ARN.
    pub arn: Option<String>,
    /// When this version was made.
    pub changed: Option<SystemTime>,
    /// The version: an id, or a number.
    pub version: Option<String>,
}

/// Something that a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The full name.
    pub name: String,
    /// When it was changed last.
    pub changed: Option<SystemTime>,
    /// The customer managed KMS key that encrypts it.
    pub kms_key_id: Option<String>,
}

/// How something is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// The KMS key; `None` leaves that of the account, or the one it has.
    pub kms_key_id: Option<String>,
    /// A parameter's type.
    pub encryption: Encryption,
    /// A parameter's tier; `None` for the one that its size needs.
    pub tier: Option<Tier>,
}

/// Whether a parameter is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// SecureString.
    #[default]
    Encrypted,
    /// String.
    Plain,
}

/// A parameter's tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Up to 4 KB.
    Standard,
    /// Up to 8 KB.
    Advanced,
}

/// What came of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// It was not there before.
    pub created: bool,
    /// The new version.
    pub version: Option<String>,
    /// The ARN, where AWS tells.
    pub arn: Option<String>,
    /// A parameter's tier.
    pub tier: Option<Tier>,
}

/// For how long something deleted can be brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// For so many days (Secrets Manager: 7 to 30; `None` is its default of 30).
    Days(Option<u8>),
    /// Not at all.
    None,
}

impl Service {
    /// The name that AWS gives it.
    pub fn title(self) -> &'static str {
        match self {
            Self::SecretsManager => "AWS Secrets Manager",
            Self::ParameterStore => "SSM Parameter Store",
        }
    }

    /// The largest value that it takes, in bytes: 65,536; 4,096 and 8,192 by tier (AWS's quotas of the two services).
    pub fn largest(self, tier: Option<Tier>) -> usize {
        match (self, tier) {
            (Self::SecretsManager, _) => 65_536,
            (Self::ParameterStore, Some(Tier::Standard)) => 4_096,
            (Self::ParameterStore, Some(Tier::Advanced) | None) => 8_192,
        }
    }
}

impl Store {
    /// A client for a service, with the profile's endpoint settings and every call's time limit
    /// ([`CALL_LIMIT`](super::http::CALL_LIMIT)).
    ///
    /// What AWS throttles is tried again: three times within that limit by the SDK, and then by ourselves for about a
    /// minute in all, so that a service that is down or cannot be reached is still told of at once.
    pub async fn connect(
        service: Service,
        set: &ProfileSet,
        profile: &Profile,
        credentials: &Credentials,
        region: Region,
        access: &Access<'_>,
    ) -> Self {
        let name = region.to_string();
        let config = access.sdk_config(set, Some(&profile.name), region).await;
        let credentials = aws_credential_types::provider::SharedCredentialsProvider::new(credentials.clone());
        let config = config.into_builder().credentials_provider(credentials).build();
        let client = match service {
            Service::SecretsManager => Client::SecretsManager(aws_sdk_secretsmanager::Client::new(&config)),
            Service::ParameterStore => Client::ParameterStore(aws_sdk_ssm::Client::new(&config)),
        };
        Self { client, region: name, patience: Patience::default() }
    }

    /// Which service it is.
    pub fn service(&self) -> Service {
        match &self.client {
            Client::SecretsManager(_) => Service::SecretsManager,
            Client::ParameterStore(_) => Service::ParameterStore,
        }
    }

    /// Reads a value by the very call that Airflow makes: GetSecretValue, or GetParameter with decryption. The name may
    /// be an ARN.
    ///
    /// # Errors
    /// [`StoreFailure`].
    pub async fn get(&self, name: &str) -> Result<Secret, StoreFailure> {
        let found = patiently(self.patience, || self.get_once(name)).await;
        key::named(&self.client, name, found).await
    }

    async fn get_once(&self, name: &str) -> Result<Secret, StoreFailure> {
        match &self.client {
            Client::SecretsManager(client) => secrets_manager::get(client, name).await,
            Client::ParameterStore(client) => parameter_store::get(client, name).await,
        }
    }

    /// Reads many values, in batches and several batches at a time (BatchGetSecretValue, GetParameters); where batches are
    /// not allowed, one by one. Results are handed over as they come, by the index of their name.
    pub async fn get_many(&self, names: &[String], each: impl FnMut(usize, Result<Secret, StoreFailure>)) {
        many::get(self, names, each).await;
    }

    /// Lists what begins with `beginning`, a page at a time; memory stays flat. Nothing is decrypted. Pages come in no
    /// order, and may be empty.
    ///
    /// # Errors
    /// [`StoreFailure`], after the pages that came before.
    pub async fn list(&self, beginning: &str, each: impl FnMut(Vec<Entry>)) -> Result<(), StoreFailure> {
        match &self.client {
            Client::SecretsManager(client) => secrets_manager::list(client, self.patience, beginning, each).await,
            Client::ParameterStore(client) => parameter_store::list(client, self.patience, beginning, each).await,
        }
    }

    /// Whether a value may be written under a name, as far as that can be told without a call: the name's characters and
    /// length, the value's size.
    ///
    /// # Errors
    /// [`StoreFailure::Name`], [`StoreFailure::TooLarge`], and [`StoreFailure::Refused`] for an empty value.
    pub fn check(
        service: Service,
        region: &str,
        name: &str,
        value: &SecretText,
        options: &PutOptions,
    ) -> Result<(), StoreFailure> {
        names::check(service, region, name)?;
        let (size, limit) = (value.expose().len(), service.largest(options.tier));
        match size {
            0 => Err(StoreFailure::Refused(format!("it is empty, and {} takes no empty value", service.title()))),
            size if size > limit => Err(StoreFailure::TooLarge { size, limit, service: service.title() }),
            _ => Ok(()),
        }
    }

    /// Writes a value: a new secret or parameter, or a new version of it.
    ///
    /// # Errors
    /// [`StoreFailure`]; what [`Store::check`] finds before any call is made.
    pub async fn put(&self, name: &str, value: &SecretText, options: &PutOptions) -> Result<Put, StoreFailure> {
        Self::check(self.service(), &self.region, name, value, options)?;
        match &self.client {
            Client::SecretsManager(client) => {
                patiently(self.patience, || secrets_manager::put(client, name, value, options)).await
            }
            Client::ParameterStore(client) => {
                patiently(self.patience, || parameter_store::put(client, name, value, options)).await
            }
        }
    }

    /// Deletes; the time until which it can be brought back.
    ///
    /// # Errors
    /// [`StoreFailure`]; [`StoreFailure::NotFound`] where it is not there, [`StoreFailure::PendingDeletion`] where it
    /// was deleted before and `recovery` would keep it.
    pub async fn delete(&self, name: &str, recovery: Recovery) -> Result<Option<SystemTime>, StoreFailure> {
        match &self.client {
            Client::SecretsManager(client) => {
                patiently(self.patience, || secrets_manager::delete(client, name, recovery)).await
            }
            Client::ParameterStore(client) => {
                patiently(self.patience, || parameter_store::delete(client, name)).await.map(|()| None)
            }
        }
    }
}

/// The time that AWS gives; `None` for one that the system cannot hold.
fn time(of: Option<aws_smithy_types::DateTime>) -> Option<SystemTime> {
    SystemTime::try_from(of?).ok()
}
