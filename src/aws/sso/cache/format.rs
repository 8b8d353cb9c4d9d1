//! What AWS CLI v2 and botocore write into the files of the token cache: keys, their order, dates.
//!
//! Bytes come in and tokens and registrations go out, or the reason why the bytes are none; and the other way round.
//! No reason holds any content.

use std::time::SystemTime;

use aws_smithy_types::date_time::{DateTime, Format};
use serde::Serialize;
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::aws::profile::SsoSession;
use crate::aws::python_json;
use crate::aws::secret::{AccessToken, ClientSecret, RefreshToken};

use super::{Registration, RegistrationKind, Token};

/// What a client that signs in with PKCE is registered for (botocore: `utils.py`, `_AUTH_GRANT_TYPES`).
pub(in crate::aws::sso) const PKCE_GRANTS: [&str; 2] = ["authorization_code", "refresh_token"];

/// The keys of a token's file, in the order in which botocore writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenFile<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: String,
    #[serde(flatten)]
    client: Option<Client<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    registration_expires_at: String,
}

const TOKEN_KEYS: [&str; 8] = [
    "startUrl",
    "region",
    "accessToken",
    "expiresAt",
    "clientId",
    "clientSecret",
    "registrationExpiresAt",
    "refreshToken",
];

/// The keys of a registration's file, in the order in which botocore writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationFile<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    expires_at: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    scopes: &'a [&'a str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    grant_types: &'a [&'a str],
}

/// Reads a token's file. What it is refreshed with is there as a whole or not at all.
pub(super) fn token(bytes: &[u8]) -> Result<Token, String> {
    let mut file = object(bytes)?;
    let access_token = text(&mut file, "accessToken").ok_or("it has no access token")?;
    let expires_at = date(&mut file, "expiresAt").ok_or("it does not say when its token ends")?;
    Ok(Token {
        access_token: AccessToken::new(access_token),
        expires_at,
        refresh_token: text(&mut file, "refreshToken").map(RefreshToken::new),
        registration: client(&mut file, "registrationExpiresAt"),
    })
}

/// Writes a token's file. What `before` has beyond the known keys stays where it is about the same sign-in.
pub(super) fn token_text(session: &SsoSession, token: &Token, before: Option<&[u8]>) -> String {
    let client = token.registration.as_ref().map(|registration| Client {
        client_id: &registration.client_id,
        client_secret: registration.client_secret.expose(),
        registration_expires_at: date_text(registration.expires_at),
    });
    python_json::spaced(&TokenFile {
        start_url: &session.start_url,
        region: &session.region,
        access_token: token.access_token.expose(),
        expires_at: date_text(token.expires_at),
        client,
        refresh_token: token.refresh_token.as_ref().map(RefreshToken::expose),
        unknown: before.map(|before| unknown(session, before)).unwrap_or_default(),
    })
}

fn unknown(session: &SsoSession, before: &[u8]) -> Map<String, Value> {
    let Ok(mut file) = object(before) else { return Map::new() };
    if file.get("startUrl").and_then(Value::as_str) != Some(&session.start_url) {
        return Map::new();
    }
    file.retain(|key, _| !TOKEN_KEYS.contains(&key.as_str()));
    file
}

/// Reads a registration's file.
pub(super) fn registration(bytes: &[u8]) -> Result<(RegistrationKind, Registration), String> {
    let mut file = object(bytes)?;
    // Without `grantTypes` it is of the device code: the AWS CLI did not write them in former times.
    let is_for = |grant: &Value| grant.as_str() == Some(PKCE_GRANTS[0]);
    let kind = match file.get("grantTypes").and_then(Value::as_array) {
        Some(grants) if grants.iter().any(is_for) => RegistrationKind::Pkce,
        _ => RegistrationKind::Device,
    };
    let registration = client(&mut file, "expiresAt").ok_or("it holds no registered client")?;
    Ok((kind, registration))
}

/// Writes a registration's file.
pub(super) fn registration_text(session: &SsoSession, kind: RegistrationKind, registration: &Registration) -> String {
    python_json::spaced(&RegistrationFile {
        client_id: &registration.client_id,
        client_secret: registration.client_secret.expose(),
        expires_at: date_text(registration.expires_at),
        scopes: &session.registration_scopes(),
        grant_types: match kind {
            RegistrationKind::Pkce => &PKCE_GRANTS,
            RegistrationKind::Device => &[],
        },
    })
}

fn client(file: &mut Map<String, Value>, expires_at: &str) -> Option<Registration> {
    Some(Registration {
        client_id: text(file, "clientId")?,
        client_secret: ClientSecret::new(text(file, "clientSecret")?),
        expires_at: date(file, expires_at)?,
    })
}

/// serde_json's own words may quote the content.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Eof => "it ends too early".to_owned(),
        Category::Data => "it is not a JSON object".to_owned(),
        Category::Syntax | Category::Io => format!("it is not JSON (line {})", error.line()),
    })
}

fn text(file: &mut Map<String, Value>, key: &str) -> Option<String> {
    match file.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Dates end in `Z`, in files of former AWS CLIs in `UTC`; other tools write fractions of seconds, too.
fn date(file: &mut Map<String, Value>, key: &str) -> Option<SystemTime> {
    let text = text(file, key)?;
    let text = text.strip_suffix("UTC").map_or_else(|| text.clone(), |text| format!("{text}Z"));
    SystemTime::try_from(DateTime::from_str(&text, Format::DateTimeWithOffset).ok()?).ok()
}

/// 9999-12-31T23:59:59Z, the last second that Python and we can write.
const LAST_SECOND: i64 = 253_402_300_799;

/// `YYYY-MM-DDTHH:MM:SSZ`.
fn date_text(time: SystemTime) -> String {
    DateTime::from_secs(DateTime::from(time).secs().min(LAST_SECOND)).to_string()
}
