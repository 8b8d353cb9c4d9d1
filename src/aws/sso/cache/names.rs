//! How AWS CLI v2 and botocore name the files of their caches.
//!
//! In: what a file is about. Out: the SHA-1 that is its name (botocore: `utils.py`, `_token_cache_key` and
//! `_registration_cache_key`; `credentials.py`, `SSOCredentialFetcher._create_cache_key`).

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha1::{Digest, Sha1};

use crate::aws::profile::{SsoLogin, SsoSession};
use crate::aws::python_json;

use super::RegistrationKind;

/// The name of a sign-in's token: by the session's name, in the legacy form by the start URL as written.
pub(super) fn token(session: &SsoSession) -> String {
    hash(session.label())
}

/// The name of a sign-in's registered client. botocore leaves the default scope out of the name with PKCE; with the
/// device code it has none, so that a client of ours with that scope has to have a name of its own.
pub(super) fn registration(session: &SsoSession, kind: RegistrationKind) -> String {
    // Sorted, as `sort_keys=True` has them.
    #[derive(Serialize)]
    struct Key<'a> {
        region: &'a str,
        scopes: Option<Vec<&'a str>>,
        session_name: Option<&'a str>,
        #[serde(rename = "startUrl")]
        start_url: &'a str,
        tool: &'a str,
    }
    let is_left_out = session.scopes.is_empty() && (kind == RegistrationKind::Pkce || session.name.is_none());
    let scopes = (!is_left_out).then(|| session.registration_scopes());
    hash(&python_json::spaced(&Key {
        region: &session.region,
        scopes,
        session_name: session.name.as_deref(),
        start_url: &session.start_url,
        tool: "botocore",
    }))
}

/// The file in which AWS CLI v2 caches a role's credentials (in `~/.aws/cli/cache`).
pub fn role_credentials_path(cli: &Path, login: &SsoLogin) -> PathBuf {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Key<'a> {
        account_id: &'a str,
        role_name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        session_name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        start_url: Option<&'a str>,
    }
    let session = &login.session;
    let key = Key {
        account_id: &login.account_id,
        role_name: &login.role_name,
        session_name: session.name.as_deref(),
        start_url: session.name.is_none().then_some(&session.start_url),
    };
    cli.join(format!("{}.json", hash(&python_json::minified(&key))))
}

fn hash(text: &str) -> String {
    hex::encode(Sha1::digest(text.as_bytes()))
}
