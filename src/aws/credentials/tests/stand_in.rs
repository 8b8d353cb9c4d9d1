//! STS in place of a connection, a person who answers from a list, and a home folder: what a chain is followed with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tempfile::TempDir;

use crate::aws::access::{Access, Caches, MfaQuestion, Notice, Person};
use crate::aws::credentials::cli_cache::CliCache;
use crate::aws::credentials::role::RoleRequest;
use crate::aws::credentials::{Credentials, CredentialsFailure, resolve_lasting};
use crate::aws::profile::{Profile, ProfileSet};
use crate::aws::secret::MfaCode;
use crate::aws::sso::cache::Cache;
use crate::host::Clock;

/// 2027-01-15 08:00:00 UTC: the present in these tests.
pub(super) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Parameters of one AssumeRole, and the access key that signed it as `signed by`.
pub(super) type Call = BTreeMap<String, String>;

/// Answers AssumeRole with credentials that are named after the role and last for an hour.
#[derive(Clone, Debug, Default)]
pub(super) struct Sts {
    calls: Arc<Mutex<Vec<Call>>>,
    /// The error code and the message for calls that carry an MFA code.
    pub(super) refuses_codes: Option<(&'static str, &'static str)>,
    pub(super) is_unreachable: bool,
}

impl Sts {
    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The roles in the order in which they were assumed, each with the access key that did.
    pub(super) fn path(&self) -> Vec<String> {
        self.calls().iter().map(|call| format!("{} -> {}", call["signed by"], role_name(&call["RoleArn"]))).collect()
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        if self.is_unreachable {
            return Err(ConnectorError::io("nobody is there".into()));
        }
        // The SSO portal knows no token.
        if request.uri().contains("/federation/credentials") {
            let mut answer = HttpResponse::new(401.try_into().unwrap(), SdkBody::from("{}"));
            answer.headers_mut().insert("x-amzn-ErrorType", "UnauthorizedException");
            return Ok(answer);
        }
        let body = request.body().bytes().unwrap();
        let mut call: Call = url::form_urlencoded::parse(body).into_owned().collect();
        let signature = request.headers().get("authorization").unwrap();
        let key = signature.split_once("Credential=").unwrap().1.split('/').next().unwrap();
        call.insert("signed by".to_owned(), key.to_owned());
        let (status, text) = match self.refuses_codes.filter(|_| call.contains_key("TokenCode")) {
            Some((code, message)) => (
                403,
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
                ),
            ),
            None => (200, answer_for(role_name(&call["RoleArn"]))),
        };
        self.calls.lock().unwrap().push(call);
        Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text)))
    }
}

fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

fn answer_for(role: &str) -> String {
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId>\
         <Arn>arn:aws:sts::444455556666:assumed-role/{role}/x</Arn></AssumedRoleUser><Credentials>\
         <AccessKeyId>ASIA{role}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
         <Expiration>2027-01-15T09:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

impl HttpClient for Sts {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Sts {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sts = self.clone();
        HttpConnectorFuture::new(async move {
            // Others go on meanwhile.
            tokio::task::yield_now().await;
            sts.answer(&request)
        })
    }
}

/// Answers each question with the next of its codes, and remembers what it was asked and told.
#[derive(Debug, Default)]
pub(super) struct Holder {
    codes: Mutex<Vec<&'static str>>,
    heard: Mutex<Vec<String>>,
}

impl Holder {
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn hears(&self, words: String) {
        self.heard.lock().unwrap().push(words);
    }
}

impl Person for Holder {
    fn tell(&self, notice: Notice<'_>) {
        match notice {
            Notice::Corrupt { reason, .. } => self.hears(format!("corrupt: {reason}")),
            Notice::NotKept { .. } => self.hears("not kept".to_owned()),
            other => self.hears(format!("{other:?}")),
        }
    }

    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        self.hears(format!("asked for {} of {} ({:?})", question.profile, question.serial, question.process));
        let code = self.codes.lock().unwrap().pop();
        match code {
            Some("broken off") => Err("broken off".to_owned()),
            code => Ok(code.map(MfaCode::new)),
        }
    }
}

/// The profiles of a home, and where its role credentials are cached.
pub(super) struct Home {
    set: ProfileSet,
    folder: TempDir,
    pub(super) holder: Holder,
    pub(super) sts: Sts,
}

impl Home {
    pub(super) fn new(config: &str) -> Self {
        let set = ProfileSet::parse((Path::new("config"), config), (Path::new("credentials"), "")).unwrap();
        Self { set, folder: TempDir::new().unwrap(), holder: Holder::default(), sts: Sts::default() }
    }

    /// The person has these codes, in this order.
    pub(super) fn with_codes(self, codes: &[&'static str]) -> Self {
        *self.holder.codes.lock().unwrap() = codes.iter().rev().copied().collect();
        self
    }

    /// The cache has credentials of the role of `profile` with so many minutes left.
    pub(super) fn with_cached(self, profile: &str, minutes: u64) -> Self {
        let until = now() + Duration::from_secs(60 * minutes);
        let until = aws_smithy_types::DateTime::from(until).to_string().replace('Z', "UTC");
        let text = format!(
            r#"{{"Credentials": {{"AccessKeyId": "ASIAcached", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{until}"}}}}"#
        );
        let file = self.cache_file(profile);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self
    }

    /// The cache has this token for the sign-in of `profile`, with an hour left.
    pub(super) fn with_token(self, profile: &str, token: &str) -> Self {
        let file = Cache::new(self.sso_folder()).token_path(&self.profile(profile).chain.sso().unwrap().session);
        std::fs::create_dir_all(self.sso_folder()).unwrap();
        std::fs::write(file, format!(r#"{{"accessToken": "{token}", "expiresAt": "2027-01-15T09:00:00Z"}}"#)).unwrap();
        self
    }

    fn sso_folder(&self) -> PathBuf {
        self.folder.path().join("sso/cache")
    }

    pub(super) fn profile(&self, name: &str) -> Profile {
        self.set.profile(name).unwrap()
    }

    pub(super) fn set(&self) -> &ProfileSet {
        &self.set
    }

    /// The cache's file of the last role of a profile.
    pub(super) fn cache_file(&self, profile: &str) -> PathBuf {
        let chain = self.profile(profile).chain;
        let role = RoleRequest::of(chain.roles.last().unwrap()).unwrap();
        CliCache::new(&self.cache_folder(), &self.holder).path(&role)
    }

    pub(super) fn cache_folder(&self) -> PathBuf {
        self.folder.path().join("cli/cache")
    }

    pub(super) fn resolve(&self, profile: &str) -> Result<Credentials, CredentialsFailure> {
        self.resolve_lasting(profile, 0)
    }

    /// Resolves for one who wants so many minutes.
    pub(super) fn resolve_lasting(&self, profile: &str, minutes: u64) -> Result<Credentials, CredentialsFailure> {
        runtime().block_on(self.lasting(profile, minutes))
    }

    /// The same for so many at once.
    pub(super) fn resolve_at_once(&self, profile: &str, count: usize) -> Vec<Result<Credentials, CredentialsFailure>> {
        runtime().block_on(futures_util::future::join_all((0..count).map(|_| self.lasting(profile, 0))))
    }

    async fn lasting(&self, profile: &str, minutes: u64) -> Result<Credentials, CredentialsFailure> {
        let access = Access {
            http: SharedHttpClient::new(self.sts.clone()),
            region: None,
            profile: None,
            clock: Clock::new(now),
            caches: Some(Caches { sso: self.sso_folder(), cli: self.cache_folder() }),
            person: &self.holder,
        };
        let wanted = Duration::from_secs(60 * minutes);
        let profile = self.profile(profile);
        resolve_lasting(&self.set, &profile, wanted, &access).await
    }
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
