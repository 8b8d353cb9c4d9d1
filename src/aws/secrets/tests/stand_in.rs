//! AWS in place of a connection: answers each call by its action and its JSON body, and remembers what was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};

use crate::aws::credentials::Credentials;
use crate::aws::secrets::patience::Patience;
use crate::aws::secrets::{Client, Service, Store};

/// A status and a JSON body; status 0 is a connection that breaks.
pub(super) type Answer = (u16, Value);

type Answers = dyn FnMut(&str, &Value) -> Answer + Send;

/// A service that answers as a test says.
#[derive(Clone)]
pub(super) struct Aws {
    answers: Arc<Mutex<Box<Answers>>>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
    /// How many calls are under way, and how many were at most.
    under_way: Arc<Mutex<(usize, usize)>>,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Aws")
    }
}

/// An error as the two services write one.
pub(super) fn refusal(code: &str, message: &str) -> Answer {
    (400, json!({"__type": code, "message": message}))
}

impl Aws {
    /// One that answers by action and body.
    pub(super) fn answering(answers: impl FnMut(&str, &Value) -> Answer + Send + 'static) -> Self {
        Self { answers: Arc::new(Mutex::new(Box::new(answers))), calls: Arc::default(), under_way: Arc::default() }
    }

    /// The actions in the order in which they were called, each with its body.
    pub(super) fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().clone()
    }

    /// The same without the bodies.
    pub(super) fn actions(&self) -> Vec<String> {
        self.calls().into_iter().map(|(action, _)| action).collect()
    }

    /// How many calls were under way at once, at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.under_way.lock().unwrap().1
    }

    /// A client of it that never pauses.
    pub(super) fn store(&self, service: Service) -> Store {
        let credentials = Credentials::new("AKIA", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard().with_max_attempts(1))
            .http_client(self.clone())
            .build();
        let client = match service {
            Service::SecretsManager => Client::SecretsManager(aws_sdk_secretsmanager::Client::new(&config)),
            Service::ParameterStore => Client::ParameterStore(aws_sdk_ssm::Client::new(&config)),
        };
        let patience = Patience { first: Duration::ZERO, longest: Duration::ZERO, calls: 10 };
        Store { client, region: "eu-west-1".to_owned(), patience }
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap();
        let action = target.rsplit('.').next().unwrap().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let (status, answer) = (self.answers.lock().unwrap())(&action, &body);
        self.calls.lock().unwrap().push((action, body));
        match status {
            0 => Err(ConnectorError::io("nobody is there".into())),
            status => Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(answer.to_string()))),
        }
    }
}

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.clone();
        HttpConnectorFuture::new(async move {
            {
                let mut under_way = aws.under_way.lock().unwrap();
                under_way.0 += 1;
                under_way.1 = under_way.1.max(under_way.0);
            }
            // Others go on meanwhile.
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
            aws.under_way.lock().unwrap().0 -= 1;
            aws.answer(&request)
        })
    }
}

/// Runs a test's calls.
pub(super) fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
