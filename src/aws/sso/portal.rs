//! The SSO portal: which accounts and roles a sign-in gives access to, and their credentials.
//!
//! An access token comes in; accounts, roles and credentials go out. Whether the token should be refreshed, or somebody
//! sign in, is told by the failure.

#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sdk_sso::Client;
use aws_sdk_sso::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sso::types::RoleCredentials;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::region::Region;

use crate::aws::access::Access;
use crate::aws::profile::{ProfileSet, SsoLogin, SsoSession};
use crate::aws::secret::AccessToken;
use crate::aws::trouble::{self, Trouble};

use super::settings_profile;

/// Why the portal gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum PortalFailure {
    /// It does not know the token (401): refresh it, or sign in again.
    #[error("the sign-in has ended: {reason}")]
    Ended {
        /// What it said.
        reason: String,
    },
    /// It knows the token, and still refuses.
    #[error("the sign-in is alive, but gives no access: {code}")]
    Refused {
        /// The error's code.
        code: String,
    },
    /// It could not be reached, or is in trouble itself.
    #[error("the SSO portal does not answer as it should: {reason}")]
    Network {
        /// What the connection said.
        reason: String,
    },
}

/// An account that a sign-in gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The 12-digit id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
}

/// The largest page that ListAccounts and ListAccountRoles give (their API reference: `max_result`).
const PAGE: i32 = 100;

/// The credentials of a role.
///
/// # Errors
/// [`PortalFailure`].
pub(in crate::aws) async fn role_credentials(
    set: &ProfileSet,
    login: &SsoLogin,
    token: &AccessToken,
    access: &Access<'_>,
) -> Result<Credentials, PortalFailure> {
    let client = client(set, &login.session, access).await;
    let call = client.get_role_credentials().access_token(token.expose());
    let answer = call.account_id(&login.account_id).role_name(&login.role_name).send().await?;
    let credentials = answer.role_credentials.and_then(|credentials| complete(credentials, login));
    credentials.ok_or_else(|| PortalFailure::Network { reason: "it gave incomplete credentials".to_owned() })
}

fn complete(credentials: RoleCredentials, login: &SsoLogin) -> Option<Credentials> {
    // Milliseconds since 1970 (GetRoleCredentials API reference: `expiration`).
    let since = u64::try_from(credentials.expiration).ok().filter(|since| *since > 0)?;
    let expiry = UNIX_EPOCH.checked_add(Duration::from_millis(since))?;
    let credentials = Credentials::builder()
        .access_key_id(filled(credentials.access_key_id)?)
        .secret_access_key(filled(credentials.secret_access_key)?)
        .session_token(filled(credentials.session_token)?)
        .expiry(expiry)
        .account_id(login.account_id.as_str())
        .provider_name("SSO")
        .build();
    Some(credentials)
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Every account of a sign-in, by name.
///
/// # Errors
/// [`PortalFailure`].
pub async fn accounts(
    set: &ProfileSet,
    session: &SsoSession,
    token: &AccessToken,
    access: &Access<'_>,
) -> Result<Vec<Account>, PortalFailure> {
    let client = client(set, session, access).await;
    let call = client.list_accounts().access_token(token.expose());
    let mut items = call.into_paginator().page_size(PAGE).items().send();
    let mut accounts = Vec::new();
    while let Some(account) = items.next().await {
        let account = account?;
        // Nothing can be done with an account without an id.
        if let Some(id) = filled(account.account_id) {
            let text = |text: Option<String>| text.unwrap_or_default();
            accounts.push(Account { id, name: text(account.account_name), email: text(account.email_address) });
        }
    }
    accounts.sort_by_cached_key(|account| (account.name.to_lowercase(), account.id.clone()));
    Ok(accounts)
}

/// Every role of an account, sorted.
///
/// # Errors
/// [`PortalFailure`].
pub async fn roles(
    set: &ProfileSet,
    session: &SsoSession,
    account: &str,
    token: &AccessToken,
    access: &Access<'_>,
) -> Result<Vec<String>, PortalFailure> {
    let client = client(set, session, access).await;
    let call = client.list_account_roles().access_token(token.expose()).account_id(account);
    let mut items = call.into_paginator().page_size(PAGE).items().send();
    let mut roles = Vec::new();
    while let Some(role) = items.next().await {
        roles.extend(filled(role?.role_name));
    }
    roles.sort_by_cached_key(|role| (role.to_lowercase(), role.clone()));
    Ok(roles)
}

/// Ends a sign-in with the service.
///
/// # Errors
/// [`PortalFailure`]; a token that has ended already is none.
pub async fn logout(
    set: &ProfileSet,
    session: &SsoSession,
    token: &AccessToken,
    access: &Access<'_>,
) -> Result<(), PortalFailure> {
    let client = client(set, session, access).await;
    match client.logout().access_token(token.expose()).send().await.map_err(PortalFailure::from) {
        Ok(_) | Err(PortalFailure::Ended { .. }) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// The portal of the sign-in's region, which need not be the profile's.
async fn client(set: &ProfileSet, session: &SsoSession, access: &Access<'_>) -> Client {
    let profile = settings_profile(set, session, access);
    Client::new(&access.sdk_config(set, profile.as_deref(), Region::new(session.region.clone())).await)
}

impl<E> From<SdkError<E, HttpResponse>> for PortalFailure
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match trouble::of(&error) {
            Trouble::Network(reason) => Self::Network { reason },
            Trouble::Refused { status: 401, code } => Self::Ended { reason: code },
            Trouble::Refused { code, .. } => Self::Refused { code },
        }
    }
}
