//! Credentials of assumed roles in the cache of the AWS CLI, `~/.aws/cli/cache`: the same names, the same content.
//!
//! A role's settings make the name (botocore: credentials.py, `BaseAssumeRoleCredentialFetcher._create_cache_key`), STS's
//! answer the content (botocore: utils.py, `JSONFileCache`). What cannot be read or written is told, and is no failure.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::aws::access::{Notice, Person};
use crate::aws::lock::{self, PERSON_LIMIT};
use crate::aws::python_json;
use crate::plan::{self, FileLock, PlanError};

use super::Credentials;
use super::role::{Assumed, RoleRequest};

/// The largest entry that is read, in bytes: a real one has about 2,000.
const MAX_BYTES: u64 = 256 * 1024;

/// The cache's folder, which need not exist.
pub(super) struct CliCache<'a> {
    folder: &'a Path,
    person: &'a dyn Person,
}

/// An entry; whatever else the AWS CLI keeps in it (`ResponseMetadata`) is of no use.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    credentials: Keys<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assumed_role_user: Option<User<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Keys<'a> {
    access_key_id: Cow<'a, str>,
    secret_access_key: Cow<'a, str>,
    session_token: Cow<'a, str>,
    expiration: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_id: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User<'a> {
    assumed_role_id: Cow<'a, str>,
    arn: Cow<'a, str>,
}

impl<'a> CliCache<'a> {
    pub(super) fn new(folder: &'a Path, person: &'a dyn Person) -> Self {
        Self { folder, person }
    }

    /// The file of a role.
    pub(super) fn path(&self, role: &RoleRequest<'_>) -> PathBuf {
        self.folder.join(format!("{}.json", hex::encode(Sha1::digest(arguments(role)))))
    }

    /// What the cache has of a role, expired or not. A corrupt file counts as missing and is told of.
    pub(super) fn held(&self, role: &RoleRequest<'_>) -> Option<Credentials> {
        let path = self.path(role);
        match read(&path) {
            Ok(found) => found,
            Err(reason) => {
                self.person.tell(Notice::Corrupt { path: &path, reason: &reason });
                None
            }
        }
    }

    /// What another process has made of a role since [`held`](Self::held), which has told of a corrupt file.
    pub(super) fn made_meanwhile(&self, role: &RoleRequest<'_>) -> Option<Credentials> {
        read(&self.path(role)).ok().flatten()
    }

    /// Waits for the lock under which a role's code is asked for: one process at a time. `None` where others have had it
    /// for too long.
    ///
    /// # Errors
    /// Where there can be no lock.
    pub(super) async fn lock(&self, role: &RoleRequest<'_>) -> Result<Option<FileLock>, PlanError> {
        let path = self.path(role);
        let mut waiting = || self.person.tell(Notice::WaitingForCode { profile: &role.role.profile });
        let lock = lock::acquire(&path.with_extension("lock"), PERSON_LIMIT, &mut waiting).await?;
        if lock.is_some() {
            plan::sweep(&path);
        }
        Ok(lock)
    }

    /// Writes what STS gave; where that cannot be, it is told.
    pub(super) fn keep(&self, role: &RoleRequest<'_>, assumed: &Assumed) {
        let Some(text) = entry(assumed) else { return };
        let path = self.path(role);
        if let Err(error) = plan::replace(&path, &text) {
            self.person.tell(Notice::NotKept { path: &path, reason: &error.to_string() });
        }
    }
}

fn read(path: &Path) -> Result<Option<Credentials>, String> {
    let metadata = match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(|error| error.to_string())?,
    };
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err("it is no file of the AWS CLI's cache".to_owned());
    }
    let text = Zeroizing::new(std::fs::read(path).map_err(|error| error.to_string())?);
    // serde_json quotes what it found: only the place is told.
    let entry: Entry<'_> = serde_json::from_slice(&text)
        .map_err(|error| format!("it holds no credentials (line {}, column {})", error.line(), error.column()))?;
    let keys = entry.credentials;
    let expiry = parse_time(&keys.expiration).ok_or("its `Expiration` is no time")?;
    let credentials = Credentials::builder()
        .access_key_id(keys.access_key_id)
        .secret_access_key(keys.secret_access_key)
        .session_token(keys.session_token)
        .expiry(expiry)
        .provider_name("AwsCliCache");
    Ok(Some(match keys.account_id {
        Some(account) => credentials.account_id(account.as_ref()).build(),
        None => credentials.build(),
    }))
}

fn entry(assumed: &Assumed) -> Option<Zeroizing<Vec<u8>>> {
    let credentials = &assumed.credentials;
    let expiration = DateTime::from(credentials.expiry()?);
    // botocore writes '%Y-%m-%dT%H:%M:%S%Z', where %Z is `UTC`.
    let expiration = DateTime::from_secs(expiration.secs()).fmt(Format::DateTime).ok()?.replace('Z', "UTC");
    let entry = Entry {
        credentials: Keys {
            access_key_id: credentials.access_key_id().into(),
            secret_access_key: credentials.secret_access_key().into(),
            session_token: credentials.session_token()?.into(),
            expiration: expiration.into(),
            account_id: credentials.account_id().map(|account| account.as_str().into()),
        },
        assumed_role_user: assumed
            .user
            .as_ref()
            .map(|user| User { assumed_role_id: user.assumed_role_id().into(), arn: user.arn().into() }),
    };
    serde_json::to_vec(&entry).ok().map(Zeroizing::new)
}

/// A time as botocore writes it (`…UTC`), or as RFC 3339.
pub(super) fn parse_time(text: &str) -> Option<SystemTime> {
    let text = text.strip_suffix("UTC").map_or(Cow::Borrowed(text), |time| Cow::Owned(format!("{time}Z")));
    SystemTime::try_from(DateTime::from_str(&text, Format::DateTimeWithOffset).ok()?).ok()
}

/// What is hashed: the arguments of AssumeRole as Python's `json.dumps(…, sort_keys=True)` prints them. A session name
/// that botocore makes up is not among them.
pub(super) fn arguments(role: &RoleRequest<'_>) -> String {
    python_json::spaced(&Arguments {
        duration_seconds: role.duration_seconds,
        external_id: role.role.external_id.as_deref(),
        role_arn: &role.role.arn,
        role_session_name: role.session_name(),
        serial_number: role.mfa_serial(),
    })
}

/// In the order of Python's sorting.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Arguments<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    role_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_session_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<&'a str>,
}
