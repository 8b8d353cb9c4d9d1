//! Where a company's own address leads: one request to a server that need not be AWS.
//!
//! A URL comes in; the status and the address it redirects to go out. Nothing is followed.

use std::convert::Infallible;

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use url::{Position, Url};

use crate::aws::http::CALL_LIMIT;
use crate::aws::trouble;

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// Where it redirects to.
    pub(super) location: Option<String>,
}

/// Asks once, within [`CALL_LIMIT`].
///
/// # Errors
/// In words, where the server cannot be reached.
pub(super) async fn ask(client: &SharedHttpClient, method: &'static str, url: &Url) -> Result<Answer, String> {
    let path = url[Position::BeforePath..Position::AfterQuery].to_owned();
    let operation = Operation::builder()
        .service_name("start URL")
        .operation_name(method)
        .http_client(client.clone())
        .endpoint_url(&url.origin().ascii_serialization())
        .no_auth()
        .no_retry()
        .timeout_config(TimeoutConfig::disabled())
        .serializer(move |()| {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_method(method)?;
            request.set_uri(path.as_str())?;
            Ok(request)
        })
        .deserializer(|answer: &HttpResponse| {
            let location = answer.headers().get("location").map(str::to_owned);
            Ok::<_, OrchestratorError<Infallible>>(Answer { status: answer.status().as_u16(), location })
        })
        .build();
    match tokio::time::timeout(CALL_LIMIT, operation.invoke(())).await {
        Ok(answer) => answer.map_err(|error| trouble::innermost_reason(&error)),
        Err(_) => Err(format!("no answer within {} s", CALL_LIMIT.as_secs())),
    }
}
