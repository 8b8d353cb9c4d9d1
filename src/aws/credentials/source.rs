//! Where a chain starts: the credentials before any role is assumed.
//!
//! A sign-in to IAM Identity Center and a program are ours: the SDK writes the token cache without a lock, and leaves a
//! program running that does not end. Keys, `login_session`, web identities and `credential_source` are the SDK's.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;

use crate::aws::access::Access;
use crate::aws::http;
use crate::aws::profile::{Profile, ProfileSet, Source, SsoLogin};
use crate::aws::secret::AccessToken;
use crate::aws::sso::cache::Token;
use crate::aws::sso::portal::{self, PortalFailure};
use crate::aws::sso::token::{self, Renew, TokenFailure};
use crate::aws::trouble::{causes, connection_failed, innermost_reason, is_server_error};

use super::{Credentials, CredentialsFailure, lasts, process, region_of};

/// The one profile of the file that the SDK is given.
const SOURCE: &str = "source";

/// The credentials that a profile's chain starts with.
///
/// # Errors
/// [`CredentialsFailure`].
pub(super) async fn credentials(
    set: &ProfileSet,
    profile: &Profile,
    access: &Access<'_>,
) -> Result<Credentials, CredentialsFailure> {
    let source_profile = &profile.chain.source_profile;
    let credentials = match &profile.chain.source {
        Source::Sso(login) => of_sign_in(set, profile, login, access).await,
        Source::CredentialProcess { .. } => process::credentials(set, source_profile).await,
        Source::StaticKeys | Source::LoginSession | Source::WebIdentity | Source::Named(_) => {
            of_sdk(set, profile, access).await
        }
    }?;
    if lasts(&credentials, access.clock.now()) {
        return Ok(credentials);
    }
    let reason = "its credentials have expired already".to_owned();
    Err(CredentialsFailure::Useless { profile: source_profile.clone(), reason })
}

/// A token that the portal refuses although it looks alive is renewed once.
async fn of_sign_in(
    set: &ProfileSet,
    profile: &Profile,
    login: &SsoLogin,
    access: &Access<'_>,
) -> Result<Credentials, CredentialsFailure> {
    let access = &access.on_behalf_of(&profile.name);
    let live = async |renew: &Renew, refused: Option<&AccessToken>| {
        let live = token::live(set, &login.session, renew, access).await;
        live.map(|live| live.token).map_err(|failure| token_failure(profile, login, refused, failure))
    };
    let ask = async |token: &Token| portal::role_credentials(set, login, &token.access_token, access).await;
    let token = live(&Renew::WhenDue, None).await?;
    let (token, answer) = match ask(&token).await {
        Err(PortalFailure::Ended { .. }) => {
            let refused = token.access_token.clone();
            let token = live(&Renew::Refused(Box::new(token)), Some(&refused)).await?;
            let answer = ask(&token).await;
            (token, answer)
        }
        answer => (token, answer),
    };
    answer.map_err(|failure| portal_failure(profile, login, &token.access_token, failure))
}

fn token_failure(
    profile: &Profile,
    login: &SsoLogin,
    refused: Option<&AccessToken>,
    failure: TokenFailure,
) -> CredentialsFailure {
    match failure {
        TokenFailure::SignIn { reason } => sign_in(profile, Some(login), refused, reason),
        TokenFailure::Network { reason } => CredentialsFailure::Network { reason },
        TokenFailure::Cache(error) => CredentialsFailure::Cache(error),
    }
}

fn portal_failure(
    profile: &Profile,
    login: &SsoLogin,
    token: &AccessToken,
    failure: PortalFailure,
) -> CredentialsFailure {
    match failure {
        PortalFailure::Ended { reason } => sign_in(profile, Some(login), Some(token), reason),
        PortalFailure::Network { reason } => CredentialsFailure::Network { reason },
        PortalFailure::Refused { code } => refused(
            profile,
            format!(
                "the sign-in is alive, but gives no access to role {} of account {} ({code})",
                login.role_name, login.account_id
            ),
        ),
    }
}

fn sign_in(
    profile: &Profile,
    login: Option<&SsoLogin>,
    refused: Option<&AccessToken>,
    reason: String,
) -> CredentialsFailure {
    CredentialsFailure::SignIn {
        profile: profile.chain.source_profile.clone(),
        session: login.map(|login| Box::new(login.session.clone())),
        refused: refused.cloned(),
        reason,
    }
}

fn refused(profile: &Profile, reason: String) -> CredentialsFailure {
    CredentialsFailure::Refused { profile: profile.chain.source_profile.clone(), reason }
}

async fn of_sdk(set: &ProfileSet, profile: &Profile, access: &Access<'_>) -> Result<Credentials, CredentialsFailure> {
    let config = ProviderConfig::without_region()
        .with_region(Some(region_of(profile, access.region.as_deref())))
        .with_http_client(access.http.clone())
        .with_timeout_config(http::time_limits());
    let file = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, source_file(set, profile)).build();
    let provider =
        ProfileFileCredentialsProvider::builder().configure(&config).profile_files(file).profile_name(SOURCE).build();
    match tokio::time::timeout(http::CALL_LIMIT, provider.provide_credentials()).await {
        Ok(result) => result.map_err(|error| sdk_failure(profile, &error)),
        Err(_) => {
            Err(CredentialsFailure::Network { reason: format!("no answer within {} s", http::CALL_LIMIT.as_secs()) })
        }
    }
}

/// A config file with one profile: what the chain starts with, without a role, and the settings of the profile asked
/// for, whose endpoints count for the whole chain (aws-config: profile/credentials.rs).
pub(super) fn source_file(set: &ProfileSet, profile: &Profile) -> String {
    let own = |key: &'static str| Some((key, set.property(&profile.chain.source_profile, key)?));
    let credentials = source_keys(&profile.chain.source).iter().filter_map(|key| own(key));
    let settings = profile.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    // A nested block such as `s3 =` comes as its lines, joined by line breaks.
    let lines = credentials.chain(settings).map(|(key, value)| format!("{key} = {}\n", value.replace('\n', "\n  ")));
    let services = profile.services.iter().map(|(name, lines)| format!("[services {name}]\n{}\n", lines.join("\n")));
    std::iter::once(format!("[profile {SOURCE}]\n")).chain(lines).chain(services).collect()
}

/// The properties that make up a source.
fn source_keys(source: &Source) -> &'static [&'static str] {
    match source {
        Source::StaticKeys => &["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"],
        Source::LoginSession => &["login_session"],
        Source::WebIdentity => &["role_arn", "web_identity_token_file", "role_session_name"],
        Source::Named(_) => &["credential_source"],
        Source::Sso(_) | Source::CredentialProcess { .. } => &[],
    }
}

fn sdk_failure(profile: &Profile, error: &CredentialsError) -> CredentialsFailure {
    let reason = innermost_reason(error);
    // No sign-in and no other profile would mend what is AWS's own trouble.
    let server_failed = causes(error)
        .filter_map(|cause| cause.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError>>())
        .any(is_server_error);
    match profile.chain.source {
        _ if server_failed || connection_failed(error) => CredentialsFailure::Network { reason },
        // Without a cached token the SDK reports the missing file.
        Source::LoginSession if reason.contains("(os error 2)") => {
            sign_in(profile, None, None, "nobody has signed in yet".to_owned())
        }
        Source::LoginSession => sign_in(profile, None, None, reason),
        _ => refused(profile, reason),
    }
}
