//! Sign-ins as the AWS CLI leaves them in its caches: `aws sso login` under `~/.aws/sso/cache`, `aws login` under
//! `~/.aws/login/cache`; and a role that wants a one-time code.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::aws::{Identity, KnownRefresh, KnownSignIn, SECRET_MARKER, rfc3339};
use super::environment::TestEnvironment;

pub(crate) const START_URL: &str = "https://d-1234567890.awsapps.com/start";
const SSO_REGION: &str = "eu-west-1";
const SCOPES: [&str; 1] = ["sso:account:access"];

/// The name of the cache file of `aws login`: SHA-256 of the profile's `login_session`, `arn:aws:iam::111122223333:user/ana`.
const TOKEN_OF_LOGIN_SESSION: &str = "54b26e94961ade5aa4cd61f3deff3136c953a65099a948739052499a875d5095.json";

/// A token as AWS CLI v2 caches it, of the fixtures' start URL and region.
#[derive(Clone, Debug)]
pub(crate) struct SsoToken {
    /// What the file's name is the SHA-1 of: the sso-session's name, or a legacy profile's start URL.
    key: String,
    access_token: String,
    expires_at: SystemTime,
    refresh: Option<KnownRefresh>,
}

impl SsoToken {
    /// Of `aws sso login --sso-session NAME`: good for an hour, and nobody can refresh it.
    pub(crate) fn of_session(name: &str) -> Self {
        Self {
            key: name.to_owned(),
            access_token: format!("{SECRET_MARKER}-access-token-of-{name}"),
            expires_at: SystemTime::now() + Duration::from_hours(1),
            refresh: None,
        }
    }

    /// Of a legacy profile, which has the start URL in itself.
    pub(crate) fn of_start_url() -> Self {
        Self::of_session(START_URL)
    }

    pub(crate) fn expires_at(self, expires_at: SystemTime) -> Self {
        Self { expires_at, ..self }
    }

    pub(crate) fn expires_in(self, time_left: Duration) -> Self {
        self.expires_at(SystemTime::now() + time_left)
    }

    /// An hour ago.
    pub(crate) fn expired(self) -> Self {
        self.expires_at(SystemTime::now() - Duration::from_hours(1))
    }

    /// With a refresh token and the client that it was given to, whose registration lasts for another two months.
    pub(crate) fn refreshable(self) -> Self {
        self.refreshable_until(SystemTime::now() + Duration::from_hours(60 * 24))
    }

    /// As `refreshable`, with a registration that ends then.
    pub(crate) fn refreshable_until(self, client_expires_at: SystemTime) -> Self {
        let refresh = KnownRefresh {
            token: format!("{SECRET_MARKER}-refresh-token-of-{}", self.key),
            client_id: format!("client-of-{}", self.key),
            client_secret: format!("{SECRET_MARKER}-client-secret-of-{}", self.key),
            client_expires_at,
        };
        Self { refresh: Some(refresh), ..self }
    }

    pub(crate) fn access_token(&self) -> &str {
        &self.access_token
    }

    /// The name of its file below `~/.aws`.
    pub(crate) fn file_name(&self) -> String {
        cache_file(&self.key)
    }

    /// What the AWS CLI writes into that file.
    pub(crate) fn document(&self) -> Value {
        let mut document = json!({
            "startUrl": START_URL, "region": SSO_REGION, "accessToken": self.access_token,
            "expiresAt": rfc3339(self.expires_at),
        });
        if let Some(refresh) = &self.refresh {
            document["clientId"] = json!(refresh.client_id);
            document["clientSecret"] = json!(refresh.client_secret);
            document["registrationExpiresAt"] = json!(rfc3339(refresh.client_expires_at));
            document["refreshToken"] = json!(refresh.token);
        }
        document
    }

    fn known(&self) -> KnownSignIn {
        let (access_token, refresh) = (self.access_token.clone(), self.refresh.clone());
        KnownSignIn { access_token, expires_at: Some(self.expires_at), refresh }
    }
}

impl TestEnvironment {
    /// Signed in: the token is in the cache, and AWS knows it.
    pub(crate) fn with_token(self, token: &SsoToken) -> Self {
        self.aws.knows_sign_in(&token.known());
        self.caches(token);
        self
    }

    /// The token is in the cache, and AWS has never heard of it.
    pub(crate) fn caches(&self, token: &SsoToken) {
        self.write_cache(&token.file_name(), &token.document().to_string());
    }

    /// What the cache has for an sso-session's name (or a start URL); null where there is no file.
    #[track_caller]
    pub(crate) fn cached_token(&self, key: &str) -> Value {
        match fs::read(self.token_file(key)) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
            Err(_) => Value::Null,
        }
    }

    /// The token's file for an sso-session's name (or a start URL).
    pub(crate) fn token_file(&self, key: &str) -> PathBuf {
        self.home().join(".aws").join(cache_file(key))
    }

    /// The file of the client registration that the AWS CLI looks for before it signs in to an sso-session.
    pub(crate) fn registration_file(&self, session: &str) -> PathBuf {
        // Python's json.dumps with sorted keys and its own separators (botocore:utils.py, _registration_cache_key).
        let scopes = SCOPES.map(|scope| format!("\"{scope}\"")).join(", ");
        let key = format!(
            "{{\"region\": \"{SSO_REGION}\", \"scopes\": [{scopes}], \"session_name\": \"{session}\", \
             \"startUrl\": \"{START_URL}\", \"tool\": \"botocore\"}}"
        );
        self.token_file(&key)
    }

    /// A client registration of the AWS CLI for PKCE in the cache, known to AWS: its id.
    pub(crate) fn caches_registration(&self, session: &str, expires_at: SystemTime) -> String {
        let of_session = SsoToken::of_session(session).refreshable_until(expires_at);
        self.aws.knows_sign_in(&of_session.known());
        let client = of_session.refresh.unwrap();
        let document = json!({
            "clientId": client.client_id, "clientSecret": client.client_secret, "expiresAt": rfc3339(expires_at),
            "scopes": SCOPES, "grantTypes": ["authorization_code", "refresh_token"],
        });
        let path = self.registration_file(session);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        self.write_private(&path, &document.to_string());
        client.client_id
    }

    /// Puts a token into the cache as `aws sso login` does, for the sso-session `company` and for the legacy profile,
    /// and makes it known to the portal.
    pub(crate) fn with_sso_token(self, good_for: Duration) -> Self {
        self.write_sso_tokens(SystemTime::now() + good_for);
        self
    }

    /// As `with_sso_token`, with one that ran out an hour ago.
    pub(crate) fn with_expired_sso_token(self) -> Self {
        self.write_sso_tokens(SystemTime::now() - Duration::from_hours(1));
        self
    }

    /// The token cache's file for the sso-session `company`.
    pub(crate) fn sso_token(expires_at: SystemTime) -> (String, String) {
        let token = SsoToken::of_session("company").expires_at(expires_at);
        (token.file_name(), token.document().to_string())
    }

    fn write_sso_tokens(&self, expires_at: SystemTime) {
        for token in [SsoToken::of_session("company"), SsoToken::of_start_url()] {
            self.aws.knows_portal_token(&token.access_token);
            self.caches(&token.expires_at(expires_at));
        }
    }

    /// Puts the keys of a console session into the cache as `aws login` does, and makes them known to AWS.
    pub(crate) fn with_login_token(self, good_for: Duration) -> Self {
        let session_token = format!("{SECRET_MARKER}-console-session");
        self.aws.knows_temporary_key("ASIALOGINLOGINEXAMPL", &session_token, Identity::user("111122223333", "ana"));
        let token = json!({
            "accessToken": {
                "accessKeyId": "ASIALOGINLOGINEXAMPL", "secretAccessKey": format!("{SECRET_MARKER}/console"),
                "sessionToken": session_token, "accountId": "111122223333",
                "expiresAt": rfc3339(SystemTime::now() + good_for),
            },
            "tokenType": "aws_sigv4", "refreshToken": format!("{SECRET_MARKER}-refresh"),
            "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": format!("{SECRET_MARKER}-dpop"),
        });
        self.write_cache(&format!("login/cache/{TOKEN_OF_LOGIN_SESSION}"), &token.to_string());
        self
    }

    /// The home whose profile `dev` wants a one-time code for its role; each of `codes` is good once.
    pub(crate) fn with_mfa_role(self, codes: &[&str]) -> Self {
        let environment = self.with_aws_home("role-with-mfa");
        let (role, device) = ("arn:aws:iam::222233334444:role/Guarded", "arn:aws:iam::111122223333:mfa/ana");
        environment.aws.requires_mfa(role, device, codes);
        environment
    }

    fn write_cache(&self, name: &str, text: &str) {
        let path = self.home().join(".aws").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        self.write_private(&path, text);
    }
}

fn cache_file(key: &str) -> String {
    format!("sso/cache/{}.json", hex::encode(Sha1::digest(key)))
}
