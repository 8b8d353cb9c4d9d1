//! The other end of the wire in tests: says what it is told to say, and remembers what it was asked.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::aws::access::{Access, Caches, Person};
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::host::Clock;

/// The present time of the tests.
pub(super) const NOW: u64 = 1_800_000_000;

/// What a call is answered with.
#[derive(Debug, Clone)]
pub(super) enum Says {
    /// A status, a header and a body.
    Http(u16, Option<(&'static str, String)>, String),
    /// No connection.
    Unreachable,
}

/// 200 with this body.
pub(super) fn ok(body: &str) -> Says {
    Says::Http(200, None, body.to_owned())
}

/// A refusal as the service makes it.
pub(super) fn refused(status: u16, code: &str) -> Says {
    let header = ("x-amzn-ErrorType", format!("{code}:http://internal.amazon.com/coral/com.amazonaws.sso/"));
    let body = r#"{"error":"x","error_description":"the token hunter2 does not count","message":"hunter2"}"#;
    Says::Http(status, Some(header), body.to_owned())
}

/// A request as it arrived: method, URI and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) body: String,
    pub(super) bearer: Option<String>,
}

/// The other end.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire {
    says: Arc<Mutex<VecDeque<Says>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Wire {
    pub(super) fn new(says: impl IntoIterator<Item = Says>) -> Self {
        Self { says: Arc::new(Mutex::new(says.into_iter().collect())), asked: Arc::default() }
    }

    pub(super) fn client(&self) -> SharedHttpClient {
        let wire = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(wire.clone()))
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn access<'a>(&self, person: &'a dyn Person, sso: Option<&Path>) -> Access<'a> {
        Access {
            http: self.client(),
            region: None,
            profile: None,
            clock: Clock::new(|| at(NOW)),
            caches: sso.map(|sso| Caches { sso: sso.to_owned(), cli: sso.join("../cli") }),
            person,
        }
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.asked.lock().unwrap().push(Asked {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            body: String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap(),
            bearer: request.headers().get("x-amz-sso_bearer_token").map(str::to_owned),
        });
        HttpConnectorFuture::ready(match self.says.lock().unwrap().pop_front() {
            Some(Says::Http(status, header, body)) => {
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                if let Some((name, value)) = header {
                    answer.headers_mut().insert(name, value);
                }
                Ok(answer)
            }
            Some(Says::Unreachable) => Err(ConnectorError::io("connection refused".into())),
            None => Err(ConnectorError::user("nothing more to say".into())),
        })
    }
}

pub(super) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Shared files with which no call is tried again: that takes real time.
pub(super) const ONE_ATTEMPT: &str = "[default]\nmax_attempts = 1\n";

pub(super) fn profiles(config: &str) -> ProfileSet {
    ProfileSet::parse((Path::new("config"), config), (Path::new("credentials"), "")).unwrap()
}

pub(super) fn session(region: &str) -> SsoSession {
    SsoSession {
        name: Some("corp".to_owned()),
        start_url: "https://d-1234567890.awsapps.com/start".to_owned(),
        region: region.to_owned(),
        scopes: Vec::new(),
    }
}

/// Runs a test.
pub(super) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}
