//! One role assumed with STS: with an MFA code where the profile asks for one, for as long as the profile says.
//!
//! A role of the chain and the credentials before it come in; its own credentials go out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};
use aws_sdk_sts::types::AssumedRoleUser;

use crate::aws::access::{Access, MfaQuestion};
use crate::aws::profile::{Profile, ProfileSet, Role};
use crate::aws::secret::{CommandLine, MfaCode};
use crate::aws::trouble::{connection_failed, first_line, innermost_reason, is_server_error};

use super::{Credentials, CredentialsFailure, region_of};

/// What STS gives where no `duration_seconds` is asked for (AWS STS API Reference, AssumeRole).
const DEFAULT_DURATION: Duration = Duration::from_secs(3600);

/// The seconds that STS takes as `duration_seconds` (AWS STS API Reference, AssumeRole).
const DURATIONS: std::ops::RangeInclusive<i32> = 900..=43_200;

/// A role of a chain, its settings understood.
#[derive(Debug)]
pub(super) struct RoleRequest<'a> {
    pub(super) role: &'a Role,
    /// In seconds; `None` leaves it to STS.
    pub(super) duration_seconds: Option<i32>,
}

/// What STS answered.
pub(super) struct Assumed {
    pub(super) credentials: Credentials,
    pub(super) user: Option<AssumedRoleUser>,
}

impl<'a> RoleRequest<'a> {
    /// # Errors
    /// [`CredentialsFailure::Setting`] for a `duration_seconds` that STS would not take.
    pub(super) fn of(role: &'a Role) -> Result<Self, CredentialsFailure> {
        let seconds = |text: &String| {
            text.trim().parse().ok().filter(|seconds| DURATIONS.contains(seconds)).ok_or_else(|| {
                let (from, to) = (DURATIONS.start(), DURATIONS.end());
                let reason = format!("its `duration_seconds` is `{text}`, and has to be a number from {from} to {to}");
                CredentialsFailure::Setting { profile: role.profile.clone(), reason }
            })
        };
        Ok(Self { role, duration_seconds: role.duration_seconds.as_ref().map(seconds).transpose()? })
    }

    pub(super) fn mfa_serial(&self) -> Option<&'a str> {
        self.role.mfa_serial.as_deref()
    }

    /// `role_session_name`; botocore takes an empty one for none.
    pub(super) fn session_name(&self) -> Option<&'a str> {
        self.role.session_name.as_deref().filter(|name| !name.is_empty())
    }

    /// How long its credentials are good for.
    pub(super) fn duration(&self) -> Duration {
        let seconds = self.duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        seconds.map_or(DEFAULT_DURATION, Duration::from_secs)
    }

    /// Assumes the role with `source`; the endpoint and its settings are those of `profile`.
    ///
    /// # Errors
    /// [`CredentialsFailure`]; a code is asked for once, whatever comes of it.
    pub(super) async fn assume(
        &self,
        set: &ProfileSet,
        profile: &Profile,
        source: &Credentials,
        access: &Access<'_>,
    ) -> Result<Assumed, CredentialsFailure> {
        let code = self.mfa_serial().map(|serial| self.code(serial, access)).transpose()?;
        let region = region_of(profile, access.region.as_deref());
        let config = access.sdk_config(set, Some(&profile.name), region).await;
        let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(source.clone())).build();
        let answer = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(&self.role.arn)
            .role_session_name(self.session_name().map_or_else(|| made_up_name(access.clock.now()), str::to_owned))
            .set_external_id(self.role.external_id.clone())
            .set_duration_seconds(self.duration_seconds)
            .set_serial_number(self.role.mfa_serial.clone())
            .set_token_code(code.map(|code| code.expose().to_owned()))
            .send()
            .await;
        answer.map_err(|error| self.failure(&error)).and_then(|answer| self.assumed(answer))
    }

    fn code(&self, serial: &str, access: &Access<'_>) -> Result<MfaCode, CredentialsFailure> {
        let profile = &self.role.profile;
        let question =
            MfaQuestion { profile, serial, process: self.role.mfa_process.as_ref().map(CommandLine::expose) };
        match access.person.mfa_code(&question) {
            Ok(Some(code)) => Ok(code),
            Ok(None) => Err(CredentialsFailure::NeedsMfa { profile: profile.clone(), serial: serial.to_owned() }),
            Err(reason) => Err(CredentialsFailure::NoCode { profile: profile.clone(), reason }),
        }
    }

    fn assumed(&self, answer: AssumeRoleOutput) -> Result<Assumed, CredentialsFailure> {
        let incomplete = || self.refused("STS answered without credentials".to_owned());
        let keys = answer.credentials.ok_or_else(incomplete)?;
        let expiry = SystemTime::try_from(keys.expiration).map_err(|_| incomplete())?;
        let mut credentials = Credentials::builder()
            .access_key_id(keys.access_key_id)
            .secret_access_key(keys.secret_access_key)
            .session_token(keys.session_token)
            .expiry(expiry)
            .provider_name("AssumeRole");
        let user = answer.assumed_role_user;
        credentials.set_account_id(user.as_ref().and_then(|user| account_of(user.arn())).map(Into::into));
        Ok(Assumed { credentials: credentials.build(), user })
    }

    fn failure(&self, error: &SdkError<AssumeRoleError>) -> CredentialsFailure {
        if connection_failed(error) || is_server_error(error) {
            return CredentialsFailure::Network { reason: innermost_reason(error) };
        }
        let Some(code) = error.code() else { return self.refused(innermost_reason(error)) };
        let message = first_line(error.message());
        match self.mfa_serial() {
            // "MultiFactorAuthentication failed with invalid MFA one time pass code." (AccessDenied), or a
            // ValidationError at 'tokenCode' or 'serialNumber' for what cannot be a code or a device at all
            Some(serial)
                if ["MultiFactorAuthentication", "tokenCode", "serialNumber"]
                    .iter()
                    .any(|word| message.contains(word)) =>
            {
                CredentialsFailure::WrongMfa {
                    profile: self.role.profile.clone(),
                    serial: serial.to_owned(),
                    reason: without_values(message).to_owned(),
                }
            }
            _ => self.refused(format!("{code}: {}", without_values(message))),
        }
    }

    fn refused(&self, reason: String) -> CredentialsFailure {
        let reason = format!("role {}: {reason}", self.role.arn);
        CredentialsFailure::Refused { profile: self.role.profile.clone(), reason }
    }
}

/// A session name as botocore makes one (botocore: credentials.py).
fn made_up_name(now: SystemTime) -> String {
    format!("botocore-session-{}", now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// The 12 digits of an ARN.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// What a ValidationError says is wrong, without the values that it quotes: "1 validation error detected: Value '12' at
/// 'tokenCode' failed to satisfy constraint: …". Of several errors the last one is told.
fn without_values(message: &str) -> &str {
    message.rfind(" at '").map_or(message, |at| message[at..].trim_start())
}
