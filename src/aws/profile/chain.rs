//! How a profile's credentials come about: where they start, and the roles assumed on the way.
//!
//! The order of precedence is the SDK's (aws-config: `profile/credentials/repr.rs`).

use sha2::{Digest, Sha256};

use super::{ProfileError, ProfileSet};
use crate::aws::secret::CommandLine;

/// What a client may do for a person who signs in, where the config names no scopes (botocore: `utils.py`,
/// `_AUTH_GRANT_DEFAULT_SCOPE`).
const DEFAULT_SCOPE: &str = "sso:account:access";

/// A sign-in to IAM Identity Center, shared by every profile that names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SsoSession {
    /// The `[sso-session …]`; `None` for the legacy form with everything in the profile.
    pub name: Option<String>,
    /// The start URL as written: the name of the token's cache file is its hash in the legacy form.
    pub start_url: String,
    /// The region of the Identity Center instance.
    pub region: String,
    /// `sso_registration_scopes`; empty where none are set.
    pub scopes: Vec<String>,
}

impl SsoSession {
    /// How a person knows it: the section's name, or the start URL.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.start_url)
    }

    /// What a client is registered for: without any scope its token could not be refreshed. A legacy sign-in has none,
    /// as with the AWS CLI.
    pub fn registration_scopes(&self) -> Vec<&str> {
        if self.scopes.is_empty() && self.name.is_some() {
            return vec![DEFAULT_SCOPE];
        }
        self.scopes.iter().map(String::as_str).collect()
    }
}

/// A role that a profile gets through a sign-in to IAM Identity Center.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoLogin {
    /// The sign-in.
    pub session: SsoSession,
    /// The AWS account.
    pub account_id: String,
    /// The permission set's role.
    pub role_name: String,
}

/// Where the credentials start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Access keys in the files themselves.
    StaticKeys,
    /// IAM Identity Center.
    Sso(SsoLogin),
    /// `aws login`: a console session.
    LoginSession,
    /// A program of the host prints them.
    CredentialProcess {
        /// SHA-256 of the command line, which may itself hold a secret: tells one command from another.
        digest: String,
    },
    /// A token file exchanged for a role.
    WebIdentity,
    /// `credential_source`: the environment, the instance or the container this host is.
    Named(String),
}

/// A role assumed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The profile that names it.
    pub profile: String,
    /// The role.
    pub arn: String,
    /// `role_session_name`.
    pub session_name: Option<String>,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `duration_seconds`, as written.
    pub duration_seconds: Option<String>,
    /// The MFA device whose code is asked for.
    pub mfa_serial: Option<String>,
    /// `mfa_process`: a program that prints the code.
    pub mfa_process: Option<CommandLine>,
}

/// A source and the roles assumed from it, the last being the profile's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Where the credentials start.
    pub source: Source,
    /// The profile that has the source.
    pub source_profile: String,
    /// In the order in which they are assumed.
    pub roles: Vec<Role>,
}

impl Chain {
    /// The kind's name in reports and JSON.
    pub fn kind(&self) -> &'static str {
        if self.roles.is_empty() { self.source.name() } else { "assume-role" }
    }

    /// The role of the chain that asks for an MFA code.
    pub fn mfa_role(&self) -> Option<&Role> {
        self.roles.iter().find(|role| role.mfa_serial.is_some())
    }

    /// The sign-in that the chain starts with.
    pub fn sso(&self) -> Option<&SsoLogin> {
        match &self.source {
            Source::Sso(login) => Some(login),
            _ => None,
        }
    }
}

impl Source {
    /// The source's name in reports and JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StaticKeys => "static-keys",
            Self::Sso(login) if login.session.name.is_some() => "sso-session",
            Self::Sso(_) => "legacy-sso",
            Self::LoginSession => "login-session",
            Self::CredentialProcess { .. } => "credential-process",
            Self::WebIdentity => "web-identity",
            Self::Named(_) => "credential-source",
        }
    }
}

/// Follows a profile's `source_profile`s to where its credentials start.
///
/// # Errors
/// [`ProfileError::Unusable`] for a loop, a missing source or a profile without any credentials.
pub(super) fn of(set: &ProfileSet, name: &str) -> Result<Chain, ProfileError> {
    let mut roles = Vec::new();
    let mut visited: Vec<String> = Vec::new();
    let mut current = name.to_owned();
    loop {
        if visited.contains(&current) {
            return Err(unusable(name, format!("its `source_profile`s go round in a circle at `{current}`")));
        }
        if !set.has_profile(&current) {
            let referrer = visited.last().map_or(name, String::as_str);
            return Err(unusable(referrer, format!("its `source_profile` `{current}` does not exist")));
        }
        visited.push(current.clone());
        let has_keys = set.property(&current, "aws_access_key_id").is_some();
        let role = role_of(set, &current);
        let Some(role) = role.filter(|_| visited.len() == 1 || !has_keys) else {
            return finish(set, current, roles);
        };
        roles.push(role);
        match (set.property(&current, "source_profile"), set.property(&current, "credential_source")) {
            (Some(_), Some(_)) => {
                return Err(unusable(
                    &current,
                    "has both `source_profile` and `credential_source`: keep one".to_owned(),
                ));
            }
            (None, None) => {
                return Err(unusable(
                    &current,
                    "has a `role_arn` but no `source_profile` or `credential_source`".to_owned(),
                ));
            }
            (Some(next), None) if set.real_name(next) != current => current = set.real_name(next).to_owned(),
            _ => return finish(set, current, roles),
        }
    }
}

fn finish(set: &ProfileSet, source_profile: String, mut roles: Vec<Role>) -> Result<Chain, ProfileError> {
    roles.reverse();
    let source = source_of(set, &source_profile)?;
    Ok(Chain { source, source_profile, roles })
}

fn role_of(set: &ProfileSet, profile: &str) -> Option<Role> {
    if set.property(profile, "web_identity_token_file").is_some() {
        return None;
    }
    let own = |key| set.property(profile, key).map(str::to_owned);
    Some(Role {
        profile: profile.to_owned(),
        arn: own("role_arn")?,
        session_name: own("role_session_name"),
        external_id: own("external_id"),
        duration_seconds: own("duration_seconds"),
        mfa_serial: own("mfa_serial"),
        mfa_process: own("mfa_process").map(CommandLine::new),
    })
}

fn source_of(set: &ProfileSet, profile: &str) -> Result<Source, ProfileError> {
    let has = |key| set.property(profile, key).is_some();
    if let Some(source) = set.property(profile, "credential_source") {
        return Ok(Source::Named(source.to_owned()));
    }
    if has("web_identity_token_file") {
        return Ok(Source::WebIdentity);
    }
    if ["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"].into_iter().any(has) {
        return sso_login(set, profile).map(Source::Sso);
    }
    if has("login_session") {
        return Ok(Source::LoginSession);
    }
    if let Some(command) = set.property(profile, "credential_process") {
        return Ok(Source::CredentialProcess { digest: hex::encode(Sha256::digest(command.as_bytes())) });
    }
    match (has("aws_access_key_id"), has("aws_secret_access_key")) {
        (true, true) => Ok(Source::StaticKeys),
        (true, false) => Err(unusable(profile, "has `aws_access_key_id` but no `aws_secret_access_key`".to_owned())),
        (false, true) => Err(unusable(profile, "has `aws_secret_access_key` but no `aws_access_key_id`".to_owned())),
        (false, false) => Err(unusable(profile, "has no credentials and says nothing of where to get them".to_owned())),
    }
}

fn sso_login(set: &ProfileSet, profile: &str) -> Result<SsoLogin, ProfileError> {
    let own = |key| set.property(profile, key).map(str::to_owned);
    let session = own("sso_session");
    if let Some(session) = &session
        && !set.has_sso_session(session)
    {
        return Err(unusable(profile, format!("there is no section `[sso-session {session}]`")));
    }
    if let Some(session) = &session {
        require_consistent(set, profile, session)?;
    }
    let missing = |key: &str| unusable(profile, format!("its IAM Identity Center settings lack `{key}`"));
    let session = match session {
        Some(name) => session_of(Some(&name), |key| set.sso_session_property(&name, key)),
        None => session_of(None, |key| set.property(profile, key)),
    };
    Ok(SsoLogin {
        session: session.map_err(missing)?,
        account_id: own("sso_account_id").ok_or_else(|| missing("sso_account_id"))?,
        role_name: own("sso_role_name").ok_or_else(|| missing("sso_role_name"))?,
    })
}

/// The sign-in that these properties describe; else the key that is missing.
pub(super) fn session_of<'a>(
    name: Option<&str>,
    property: impl Fn(&'static str) -> Option<&'a str>,
) -> Result<SsoSession, &'static str> {
    let required = |key| property(key).map(str::to_owned).ok_or(key);
    let scopes = property("sso_registration_scopes").unwrap_or_default().split(',').map(str::trim);
    Ok(SsoSession {
        name: name.map(str::to_owned),
        start_url: required("sso_start_url")?,
        region: required("sso_region")?,
        scopes: scopes.filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
    })
}

/// botocore takes a setting both in the profile and in its sso-session where the values are equal (botocore:
/// credentials.py, `_resolve_sso_session_reference`); what the session lacks, the profile cannot lend it (tokens.py).
fn require_consistent(set: &ProfileSet, profile: &str, session: &str) -> Result<(), ProfileError> {
    for key in ["sso_start_url", "sso_region", "sso_registration_scopes"] {
        let (own, shared) = (set.property(profile, key), set.sso_session_property(session, key));
        if let (Some(own), Some(shared)) = (own, shared)
            && own != shared
        {
            let reason = format!(
                "its `{key}` is {own}, but that of `[sso-session {session}]` is {shared}: take it out of the profile"
            );
            return Err(unusable(profile, reason));
        }
    }
    Ok(())
}

fn unusable(profile: &str, reason: String) -> ProfileError {
    ProfileError::Unusable { profile: profile.to_owned(), reason }
}
