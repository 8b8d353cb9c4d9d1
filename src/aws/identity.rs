//! Who the credentials are: STS GetCallerIdentity, which needs no permission.
//!
//! Endpoint settings count as for any AWS tool: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, `endpoint_url`, `services`.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::error::ProvideErrorMetadata;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::credentials::{Credentials, region_of};
use super::profile::{Profile, ProfileSet};
use super::trouble::{connection_failed, first_line, innermost_reason, is_server_error};

/// A caller as STS names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The 12-digit account.
    pub account: String,
    /// The user's or the assumed role's ARN.
    pub arn: String,
    /// The unique id, with the session name behind a colon for roles.
    pub user_id: String,
}

/// Why STS did not say who the credentials are.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFailure {
    /// STS could not be reached.
    #[error("STS cannot be reached: {0}")]
    Network(String),
    /// STS refused the credentials.
    #[error("STS refuses the credentials: {0}")]
    Refused(String),
    /// STS answered, but not with an identity: it is in trouble, or something else answered in its place.
    #[error("STS did not say who you are: {0}")]
    Failed(String),
}

/// Asks STS who these credentials are, within [`CALL_LIMIT`](super::http::CALL_LIMIT).
///
/// # Errors
/// [`IdentityFailure`].
pub async fn caller_identity(
    set: &ProfileSet,
    profile: &Profile,
    credentials: &Credentials,
    access: &Access<'_>,
) -> Result<Identity, IdentityFailure> {
    let config = access.sdk_config(set, Some(&profile.name), region_of(profile, access.region.as_deref())).await;
    let config =
        config.into_builder().credentials_provider(SharedCredentialsProvider::new(credentials.clone())).build();
    let answer = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.map_err(|error| {
        if connection_failed(&error) {
            return IdentityFailure::Network(innermost_reason(&error));
        }
        match (error.code(), error.message()) {
            (Some(code), message) if !is_server_error(&error) => {
                IdentityFailure::Refused(format!("{code}: {}", first_line(message)))
            }
            (Some(code), _) => IdentityFailure::Failed(code.to_owned()),
            (None, _) => IdentityFailure::Failed(innermost_reason(&error)),
        }
    })?;
    let field = |value: Option<String>| value.unwrap_or_default();
    let identity = Identity { account: field(answer.account), arn: field(answer.arn), user_id: field(answer.user_id) };
    if identity.arn.is_empty() {
        return Err(IdentityFailure::Failed("the answer names no identity".to_owned()));
    }
    Ok(identity)
}
