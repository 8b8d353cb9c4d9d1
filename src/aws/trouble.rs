//! What went wrong with a call to AWS: the connection, AWS itself, or the call.
//!
//! An error of the SDK comes in; its kind and the words that say most go out.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::http;

/// An error and what caused it, outermost first.
pub(super) fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// True where the call did not reach AWS or got no answer.
pub(super) fn connection_failed(error: &(dyn StdError + 'static)) -> bool {
    // The SDK's time-out has no public type of its own: "request has timed out" (aws-smithy-runtime-api: client/result.rs)
    causes(error).any(|cause| cause.is::<ConnectorError>() || cause.to_string().contains("timed out"))
}

/// True for an answer of the 500s.
pub(super) fn is_server_error<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|answer| answer.status().is_server_error())
}

/// The last cause, which says most; the SDK's outer layers say "an error occurred while loading credentials".
pub(super) fn innermost_reason(error: &(dyn StdError + 'static)) -> String {
    let reason = causes(error).last().map_or_else(|| DisplayErrorContext(error).to_string(), ToString::to_string);
    if reason.contains("timeout") || reason.contains("timed out") {
        return format!("no answer within {} s", http::CALL_LIMIT.as_secs());
    }
    reason.lines().next().unwrap_or_default().trim().to_owned()
}

/// What stood in the way of a call to a service whose refusals mean something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The service could not be reached, or is in trouble itself: what the connection said.
    Network(String),
    /// The service refused.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error's code; its own words are left out, since nobody promises that they do not repeat what was sent.
        code: String,
    },
}

/// Tells a refusal from everything that another try, at another time, could mend.
pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Trouble
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if connection_failed(error) {
        return Trouble::Network(innermost_reason(error));
    }
    match (error.meta().code(), error.raw_response().map(|answer| answer.status().as_u16())) {
        (_, Some(status @ (429 | 500..))) => Trouble::Network(format!("HTTP status {status}")),
        (Some(code), Some(status)) => Trouble::Refused { status, code: printable(code) },
        (None, Some(status @ 401)) => Trouble::Refused { status, code: format!("HTTP status {status}") },
        // Not the service, but something in its place: a proxy, the sign-in page of a hotel.
        (None, Some(status)) => Trouble::Network(format!("an answer that is none of its own (HTTP status {status})")),
        (_, None) => Trouble::Network(innermost_reason(error)),
    }
}

/// What a service says of a refusal, its first line alone: behind that a signature that does not match is shown the request
/// that was signed, session token and all.
pub(super) fn first_line(message: Option<&str>) -> &str {
    message.and_then(|message| message.lines().next()).map_or("no reason given", str::trim)
}

/// A code, if it can be one: what comes in its place could be anything.
pub(super) fn printable(code: &str) -> String {
    const LONGEST: usize = 64;
    let is_code = !code.is_empty()
        && code.len() <= LONGEST
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if is_code { code.to_owned() } else { "no known reason".to_owned() }
}
