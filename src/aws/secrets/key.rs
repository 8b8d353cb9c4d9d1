//! The KMS key of something that cannot be decrypted, where AWS did not name it.
//!
//! Secrets Manager says "Access to KMS is not allowed" and no more. Whoever may describe the secret learns its key.

use super::{Client, Secret, StoreFailure, parameter_store, secrets_manager};

/// The same result; an undecryptable one with the key, where that can be found out.
pub(super) async fn named(
    client: &Client,
    name: &str,
    found: Result<Secret, StoreFailure>,
) -> Result<Secret, StoreFailure> {
    let Err(StoreFailure::Undecryptable { key: None }) = found else { return found };
    let key = match client {
        Client::SecretsManager(client) => secrets_manager::key_of(client, name).await,
        Client::ParameterStore(client) => {
            parameter_store::described(client, name).await.ok().flatten().and_then(|entry| entry.kms_key_id)
        }
    };
    Err(StoreFailure::Undecryptable { key })
}
