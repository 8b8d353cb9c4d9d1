//! The stand-in for STS: who an access key belongs to, and roles, with the conditions that a test put on them (a
//! one-time code, an external id). A caller with the wrong credentials is told apart from one with the right ones by the
//! access key in the signature's credential scope and the session token.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::secret::SECRET_MARKER;
use super::settings::Settings;
use super::times::rfc3339;
use super::wire::{Answer, Refusal, Reply, Request, refuse};

/// Who a set of credentials belongs to, as GetCallerIdentity answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
}

impl Identity {
    /// The IAM user `name` of `account`.
    pub(crate) fn user(account: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            user_id: format!("AIDA{}", name.to_uppercase()),
        }
    }

    /// A session of the role `role` (its name, without a path).
    pub(super) fn session(account: &str, role: &str, session: &str) -> Self {
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            user_id: format!("AROA{}:{session}", role.to_uppercase()),
        }
    }
}

/// What a role asks of whoever assumes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// The device, and the codes that it shows, each good once.
    pub(crate) mfa: Option<(String, BTreeSet<String>)>,
    pub(crate) external_id: Option<String>,
}

#[derive(Default)]
pub(super) struct Sts {
    pub(super) keys: BTreeMap<String, Key>,
    /// By the role's ARN.
    pub(super) conditions: BTreeMap<String, Condition>,
    minted: Vec<Minted>,
}

pub(super) struct Key {
    pub(super) identity: Identity,
    /// Temporary credentials count only together with their session token.
    pub(super) session_token: Option<String>,
    /// Never, without one.
    pub(super) expires_at: Option<SystemTime>,
}

#[derive(Clone)]
pub(super) struct Minted {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: String,
    pub(super) expires_at: SystemTime,
}

impl Sts {
    pub(super) fn answer(&mut self, action: &str, request: &Request, settings: &Settings) -> Answer {
        match action {
            "GetCallerIdentity" => {
                let Identity { account, arn, user_id } = self.caller(request)?;
                let result = format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account}</Account>");
                Ok(Reply::sts(action, &result))
            }
            "AssumeRole" => {
                let caller = self.caller(request)?;
                self.check_condition(request, &caller)?;
                let lifetime = lifetime(request, settings, caller.arn.contains(":assumed-role/"))?;
                Ok(self.assume(action, request, lifetime))
            }
            "AssumeRoleWithWebIdentity" if request.parameter("WebIdentityToken").is_empty() => {
                refuse("InvalidIdentityToken", "No token was given")
            }
            "AssumeRoleWithWebIdentity" => {
                let lifetime = lifetime(request, settings, false)?;
                Ok(self.assume(action, request, lifetime))
            }
            _ => refuse("InvalidAction", format!("Could not find operation {action}")),
        }
    }

    pub(super) fn caller(&self, request: &Request) -> Result<Identity, Refusal> {
        let token = request.headers.get("x-amz-security-token");
        let key = request.access_key_id().and_then(|id| self.keys.get(id));
        let Some(key) = key.filter(|key| key.session_token.as_ref() == token) else {
            return refuse("InvalidClientTokenId", "The security token included in the request is invalid.");
        };
        if key.expires_at.is_some_and(|end| end <= SystemTime::now()) {
            return refuse("ExpiredToken", "The security token included in the request is expired");
        }
        Ok(key.identity.clone())
    }

    fn check_condition(&mut self, request: &Request, caller: &Identity) -> Result<(), Refusal> {
        let role = request.parameter("RoleArn");
        let Some(condition) = self.conditions.get_mut(role) else { return Ok(()) };
        let external_id = condition.external_id.as_deref().unwrap_or(request.parameter("ExternalId"));
        let [serial, code] = ["SerialNumber", "TokenCode"].map(|name| request.parameter(name));
        if external_id != request.parameter("ExternalId") || (condition.mfa.is_some() && code.is_empty()) {
            let message =
                format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {role}", caller.arn);
            return refuse("AccessDenied", message);
        }
        let Some((device, codes)) = &mut condition.mfa else { return Ok(()) };
        if device != serial {
            return refuse(
                "AccessDenied",
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number \
                 is valid and associated with this user.",
            );
        }
        if !codes.remove(code) {
            return refuse("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
        }
        Ok(())
    }

    fn assume(&mut self, action: &str, request: &Request, lifetime: Duration) -> Reply {
        let arn = request.parameter("RoleArn");
        let account = arn.split(':').nth(4).unwrap_or_default();
        let role = arn.rsplit('/').next().unwrap_or_default();
        let identity = Identity::session(account, role, request.parameter("RoleSessionName"));
        let (arn, user_id) = (identity.arn.clone(), identity.user_id.clone());
        let minted = self.mint(identity, lifetime);
        Reply::sts(
            action,
            &format!(
                "<AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>\
                 <Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
                 <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>",
                minted.access_key_id,
                minted.secret_access_key,
                minted.session_token,
                rfc3339(minted.expires_at)
            ),
        )
    }

    pub(super) fn mint(&mut self, identity: Identity, lifetime: Duration) -> Minted {
        let number = self.minted.len() + 1;
        let minted = Minted {
            access_key_id: format!("ASIASTANDIN{number:09}"),
            secret_access_key: format!("{SECRET_MARKER}+minted/key{number:018}"),
            session_token: format!("{SECRET_MARKER}+minted/token{number}"),
            expires_at: SystemTime::now() + lifetime,
        };
        let session_token = Some(minted.session_token.clone());
        let key = Key { identity, session_token, expires_at: Some(minted.expires_at) };
        self.keys.insert(minted.access_key_id.clone(), key);
        self.minted.push(minted.clone());
        minted
    }

    pub(super) fn as_json(&self) -> Value {
        let minted = self.minted.iter().map(|minted| {
            json!({
                "access_key_id": minted.access_key_id, "secret_access_key": minted.secret_access_key,
                "session_token": minted.session_token, "expires_at": rfc3339(minted.expires_at),
            })
        });
        minted.collect()
    }
}

/// As long as is asked for: 15 minutes to 12 hours, and at most one hour for a role that a role assumes.
fn lifetime(request: &Request, settings: &Settings, chained: bool) -> Result<Duration, Refusal> {
    let asked = request.parameter("DurationSeconds");
    if asked.is_empty() {
        return Ok(settings.credentials_lifetime);
    }
    match asked.parse::<u64>() {
        Ok(seconds) if chained && seconds > 3600 => refuse(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ),
        Ok(seconds) if (900..=43_200).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => refuse("ValidationError", "durationSeconds must be between 900 and 43200"),
    }
}
