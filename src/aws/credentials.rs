//! Credentials of a profile, resolved by the AWS SDK.
//!
//! A profile comes in, short-lived (or static) credentials go out, or the reason why there are none: above all whether a
//! sign-in would mend it. Secrets stay in the SDK's own type, which prints as redacted.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sso::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::region::Region;

pub use aws_credential_types::Credentials;

use super::http;
use super::profile::{Profile, ProfileSet, Source};

/// Where no region is set anywhere: STS and SSO need one to find their endpoint.
const FALLBACK_REGION: &str = "us-east-1";

/// A credential_process may ask a password manager or a hardware key; longer than this is a hang.
const PROCESS_LIMIT: Duration = Duration::from_secs(60);

/// Why a profile yields no credentials.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFailure {
    /// A role on the way asks for an MFA code, which the SDK silently leaves out.
    #[error("profile `{profile}` assumes a role with an MFA code (`mfa_serial`), which astro-aws cannot ask for yet")]
    NeedsMfa {
        /// The profile that has `mfa_serial`.
        profile: String,
    },
    /// There is no live sign-in.
    #[error("the sign-in of profile `{profile}` is missing or has expired: {reason}")]
    SignIn {
        /// The profile that signs in.
        profile: String,
        /// What the SDK found.
        reason: String,
    },
    /// AWS could not be reached, or is in trouble itself.
    #[error("AWS does not answer as it should: {reason}")]
    Network {
        /// What the connection said.
        reason: String,
    },
    /// The credentials have run out, or the program of the profile did not end.
    #[error("profile `{profile}`: {reason}")]
    Useless {
        /// The profile asked for.
        profile: String,
        /// What is wrong with them.
        reason: String,
    },
    /// AWS, or a program of the profile, refused.
    #[error("profile `{profile}` yields no credentials: {reason}")]
    Refused {
        /// The profile asked for.
        profile: String,
        /// What was said.
        reason: String,
    },
}

/// The region in which a profile's calls are made.
pub fn region_of(profile: &Profile, asked: Option<&str>) -> Region {
    Region::new(asked.or(profile.region()).unwrap_or(FALLBACK_REGION).to_owned())
}

/// What a call to AWS is made with.
#[derive(Debug, Clone)]
pub struct Calls {
    /// The client of [`http::client`].
    pub http: SharedHttpClient,
    /// The region a person asked for; else the profile's.
    pub region: Option<String>,
    /// The present time.
    pub now: SystemTime,
}

/// Resolves a profile's credentials; its roles are assumed, its program is run.
///
/// # Errors
/// [`CredentialsFailure`]; never later than [`http::CALL_LIMIT`] (60 s where a program is run).
pub async fn resolve(set: &ProfileSet, profile: &Profile, calls: &Calls) -> Result<Credentials, CredentialsFailure> {
    require_no_mfa(profile)?;
    let config = ProviderConfig::without_region()
        .with_region(Some(region_of(profile, calls.region.as_deref())))
        .with_http_client(calls.http.clone())
        .with_timeout_config(http::time_limits());
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_files(set.sdk_files())
        .profile_name(set.sdk_name(&profile.name))
        .build();
    let limit = match profile.chain.source {
        Source::CredentialProcess { .. } => PROCESS_LIMIT,
        _ => http::CALL_LIMIT,
    };
    let useless = |reason: String| CredentialsFailure::Useless { profile: profile.name.clone(), reason };
    match tokio::time::timeout(limit, provider.provide_credentials()).await {
        Ok(Ok(credentials)) if credentials.expiry().is_some_and(|expiry| expiry <= calls.now) => {
            Err(useless("its credentials have expired already".to_owned()))
        }
        Ok(result) => result.map_err(|error| failure(profile, &error)),
        Err(_) => Err(match profile.chain.source {
            Source::CredentialProcess { .. } => {
                useless(format!("its `credential_process` did not end within {} s", limit.as_secs()))
            }
            _ => CredentialsFailure::Network { reason: format!("no answer within {} s", limit.as_secs()) },
        }),
    }
}

/// Refuses a profile with a role on the way that asks for an MFA code: the SDK would assume it without.
///
/// # Errors
/// [`CredentialsFailure::NeedsMfa`].
pub fn require_no_mfa(profile: &Profile) -> Result<(), CredentialsFailure> {
    match profile.chain.mfa_role() {
        Some(role) => Err(CredentialsFailure::NeedsMfa { profile: role.profile.clone() }),
        None => Ok(()),
    }
}

fn failure(profile: &Profile, error: &CredentialsError) -> CredentialsFailure {
    let reason = innermost_reason(error);
    if connection_failed(error) || server_failed(error) {
        return CredentialsFailure::Network { reason };
    }
    let refused = |reason| CredentialsFailure::Refused { profile: profile.name.clone(), reason };
    match &profile.chain.source {
        Source::Sso(login) => match portal_refusal(error) {
            Some(code) => refused(format!(
                "the sign-in is alive, but gives no access to role {} of account {} ({code})",
                login.role_name, login.account_id
            )),
            None if role_refused(error) => refused(reason),
            None => sign_in(profile, reason),
        },
        Source::LoginSession if !role_refused(error) => sign_in(profile, reason),
        // The program's own words may hold a secret.
        Source::CredentialProcess { .. } => {
            let words = reason.split("Stderr:").next().unwrap_or_default().trim_end_matches([' ', ':', '.']);
            refused(format!("its `credential_process` failed: {words}"))
        }
        _ => refused(reason),
    }
}

/// True where AWS answered that the trouble is its own: no sign-in and no other profile would mend that.
fn server_failed(error: &CredentialsError) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<SdkError<AssumeRoleError>>().is_some_and(is_server_error)
            || cause.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError>>().is_some_and(is_server_error)
            || cause.downcast_ref::<SdkError<GetRoleCredentialsError>>().is_some_and(is_server_error)
    })
}

/// True for an answer of the 500s.
pub(super) fn is_server_error<E>(error: &SdkError<E>) -> bool {
    error.raw_response().is_some_and(|answer| answer.status().is_server_error())
}

fn sign_in(profile: &Profile, reason: String) -> CredentialsFailure {
    // Without a cached token the SDK reports the missing file.
    let reason = if reason.contains("os error 2") { "nobody has signed in yet".to_owned() } else { reason };
    CredentialsFailure::SignIn { profile: profile.chain.source_profile.clone(), reason }
}

/// What the SSO portal said, where it knows the sign-in and still gives no credentials.
fn portal_refusal(error: &CredentialsError) -> Option<String> {
    let answer = causes(error).find_map(|cause| cause.downcast_ref::<GetRoleCredentialsError>())?;
    (!answer.is_unauthorized_exception()).then(|| answer.code().unwrap_or("no reason given").to_owned())
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// True where the call did not reach AWS or got no answer.
pub(super) fn connection_failed(error: &(dyn StdError + 'static)) -> bool {
    // The SDK's time-out has no public type of its own: "request has timed out" (aws-smithy-runtime-api: client/result.rs)
    causes(error).any(|cause| cause.is::<ConnectorError>() || cause.to_string().contains("timed out"))
}

fn role_refused(error: &CredentialsError) -> bool {
    causes(error).any(|cause| cause.is::<AssumeRoleError>())
}

/// The last cause, which says most; the SDK's outer layers say "an error occurred while loading credentials".
pub(super) fn innermost_reason(error: &(dyn StdError + 'static)) -> String {
    let reason = causes(error).last().map_or_else(|| DisplayErrorContext(error).to_string(), ToString::to_string);
    if reason.contains("timeout") || reason.contains("timed out") {
        return format!("no answer within {} s", http::CALL_LIMIT.as_secs());
    }
    reason.lines().next().unwrap_or_default().trim().to_owned()
}
