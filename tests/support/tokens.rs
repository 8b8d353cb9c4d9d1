//! Sign-ins as the AWS CLI leaves them in its caches: `aws sso login` under `~/.aws/sso/cache`, `aws login` under
//! `~/.aws/login/cache`.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::aws::{Identity, SECRET_MARKER, rfc3339};
use super::environment::TestEnvironment;

/// The names of the token cache files of AWS CLI v2: SHA-1 of the sso-session's name, or of a legacy profile's start URL.
const TOKEN_OF_SESSION_COMPANY: &str = "71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json";
const TOKEN_OF_START_URL: &str = "7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json";

/// The name of the cache file of `aws login`: SHA-256 of the profile's `login_session`, `arn:aws:iam::111122223333:user/ana`.
const TOKEN_OF_LOGIN_SESSION: &str = "54b26e94961ade5aa4cd61f3deff3136c953a65099a948739052499a875d5095.json";

impl TestEnvironment {
    /// Puts a token into the cache as `aws sso login` does, for the sso-session `company` and for the legacy profile,
    /// and makes it known to the portal.
    pub(crate) fn with_sso_token(self, good_for: Duration) -> Self {
        self.write_sso_tokens(SystemTime::now() + good_for);
        self
    }

    /// As `with_sso_token`, with one that ran out an hour ago.
    pub(crate) fn with_expired_sso_token(self) -> Self {
        self.write_sso_tokens(SystemTime::now() - Duration::from_secs(3600));
        self
    }

    /// The token cache's file for the sso-session `company`.
    pub(crate) fn sso_token(expires_at: SystemTime) -> (String, String) {
        let token = json!({
            "startUrl": "https://d-1234567890.awsapps.com/start", "region": "eu-west-1",
            "accessToken": format!("{SECRET_MARKER}-access-token"), "expiresAt": rfc3339(expires_at),
        });
        (format!("sso/cache/{TOKEN_OF_SESSION_COMPANY}"), token.to_string())
    }

    fn write_sso_tokens(&self, expires_at: SystemTime) {
        let (name, token) = Self::sso_token(expires_at);
        self.aws.knows_portal_token(&format!("{SECRET_MARKER}-access-token"));
        let path = self.home().join(".aws").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        self.write_private(&path, &token);
        self.write_private(&path.with_file_name(TOKEN_OF_START_URL), &token);
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
        let folder = self.home().join(".aws/login/cache");
        fs::create_dir_all(&folder).unwrap();
        self.write_private(&folder.join(TOKEN_OF_LOGIN_SESSION), &token.to_string());
        self
    }
}
