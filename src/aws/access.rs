//! What reaching AWS takes: connection, region, clock, the caches that are shared with the AWS CLI, and the person.
//!
//! Everything that makes a call, renews a token or asks for a code takes an [`Access`]; nothing below looks around.

use std::path::{Path, PathBuf};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::region::Region;

use super::http;
use super::profile::{ProfileSet, SsoSession};
use super::secret::MfaCode;
use crate::host::Clock;

/// What a call to AWS is made with.
#[derive(Clone)]
pub struct Access<'a> {
    /// The client of [`http::client`].
    pub http: SharedHttpClient,
    /// The region a person asked for; else the profile's.
    pub region: Option<String>,
    /// The profile whose endpoint settings (`endpoint_url`, `services`, `use_fips_endpoint` …) count for sign-ins and the
    /// SSO portal; without one, those of the first profile, by name, that uses the sign-in.
    pub profile: Option<String>,
    /// The present time.
    pub clock: Clock,
    /// The caches of the AWS CLI; `None` where the host has no home folder.
    pub caches: Option<Caches>,
    /// Who is told and asked.
    pub person: &'a dyn Person,
}

/// The caches that AWS CLI v2 and botocore use, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caches {
    /// `~/.aws/sso/cache`: tokens and client registrations.
    pub sso: PathBuf,
    /// `~/.aws/cli/cache`: credentials of roles.
    pub cli: PathBuf,
}

/// Something that a person should know while credentials are got.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// Another process is signing in or refreshing; its token will be used.
    Waiting(&'a SsoSession),
    /// Another process is asking for an MFA code for this profile's role; what it gets will be used.
    WaitingForCode {
        /// The profile that has `mfa_serial`.
        profile: &'a str,
    },
    /// A cache file is not what it should be; it counts as missing and is replaced.
    Corrupt {
        /// The file.
        path: &'a Path,
        /// What is wrong with it.
        reason: &'a str,
    },
    /// Credentials could not be put into a cache file: they serve now, and have to be got again next time.
    NotKept {
        /// The file.
        path: &'a Path,
        /// What stood in the way.
        reason: &'a str,
    },
    /// A sign-in waits for the browser.
    SignIn(&'a Link<'a>),
}

/// Where a person signs in.
#[derive(Clone, Copy)]
pub struct Link<'a> {
    /// What is signed in to.
    pub session: &'a SsoSession,
    /// The page to open.
    pub url: &'a str,
    /// The code that the page must show (device code flow).
    pub user_code: Option<&'a str>,
}

impl std::fmt::Debug for Link<'_> {
    /// Without page and code, with which somebody else could sign in.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Link").field("session", &self.session.label()).finish_non_exhaustive()
    }
}

/// An MFA device that a role asks a code of.
#[derive(Clone, Copy)]
pub struct MfaQuestion<'a> {
    /// The profile that has `mfa_serial`.
    pub profile: &'a str,
    /// The device.
    pub serial: &'a str,
    /// The profile's `mfa_process`: a program that prints the code.
    pub process: Option<&'a str>,
}

/// The person at the terminal, or nobody.
pub trait Person {
    /// Says something; opens the browser for [`Notice::SignIn`] where one is wanted.
    fn tell(&self, notice: Notice<'_>);

    /// A one-time code; `None` where nobody can be asked.
    ///
    /// # Errors
    /// In words, where the question was broken off.
    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String>;
}

/// Nobody: nothing is told, nothing is answered.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Person for Nobody {
    fn tell(&self, _: Notice<'_>) {}

    fn mfa_code(&self, _: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        Ok(None)
    }
}

impl std::fmt::Debug for Access<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Access").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Access<'_> {
    /// The same for calls on behalf of a profile, whose endpoint settings count then.
    pub(super) fn on_behalf_of(&self, profile: &str) -> Self {
        Self { profile: Some(profile.to_owned()), ..self.clone() }
    }

    /// The SDK's settings for calls without credentials: endpoints (AWS_ENDPOINT_URL…, `endpoint_url`, `services`),
    /// client and time limits, for a profile of the files (any name; `default` where none is given).
    pub async fn sdk_config(&self, set: &ProfileSet, profile: Option<&str>, region: Region) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .profile_files(set.sdk_files())
            .profile_name(set.sdk_name(profile.unwrap_or("default")))
            .region(region)
            .no_credentials()
            .http_client(self.http.clone())
            .timeout_config(http::time_limits())
            .load()
            .await
    }
}
