//! What the service's refusals mean.
//!
//! An error of the SDK comes in; the service's code, or what went wrong on the way, goes out.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_ssooidc::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::trouble::{self, Trouble};

/// Why the service did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws::sso) enum Failure {
    /// It could not be reached, or is in trouble itself.
    Network {
        /// What the connection said.
        reason: String,
    },
    /// It refused.
    Refused(Code),
}

/// The code of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws::sso) enum Code {
    /// The person has not signed in yet.
    Pending,
    /// It is asked too often.
    SlowDown,
    /// The device code, or the token, is too old.
    Expired,
    /// The person, or a rule, said no.
    Denied,
    /// It does not know the client, or not any more.
    UnknownClient,
    /// The client may not do this.
    UnauthorizedClient,
    /// The code or the refresh token does not count, or not any more.
    InvalidGrant,
    /// Any other code.
    Other(String),
}

/// As the service model names them (`sso-oidc`, 2019-06-10), each with the code of RFC 6749 and RFC 8628.
const CODES: [(&str, &str, Code); 7] = [
    ("AuthorizationPendingException", "authorization_pending", Code::Pending),
    ("SlowDownException", "slow_down", Code::SlowDown),
    ("ExpiredTokenException", "expired_token", Code::Expired),
    ("AccessDeniedException", "access_denied", Code::Denied),
    ("InvalidClientException", "invalid_client", Code::UnknownClient),
    ("UnauthorizedClientException", "unauthorized_client", Code::UnauthorizedClient),
    ("InvalidGrantException", "invalid_grant", Code::InvalidGrant),
];

impl Code {
    /// The meaning of a service error code, or of an `error` that the browser brings back.
    pub(in crate::aws::sso) fn named(name: &str) -> Self {
        let known = CODES.into_iter().find(|(service, standard, _)| *service == name || *standard == name);
        known.map_or_else(|| Self::Other(name.to_owned()), |(_, _, code)| code)
    }

    /// What it means, with the code itself, for a person; the code alone where nobody knows more.
    pub(in crate::aws::sso) fn in_words(&self) -> String {
        let meaning = match self {
            Self::Expired => "it has run out",
            Self::Denied => "access was denied",
            Self::UnknownClient => "IAM Identity Center does not know this client any more",
            Self::UnauthorizedClient => "IAM Identity Center does not let this client do that",
            Self::InvalidGrant => "IAM Identity Center does not accept it any more: it was ended, or used elsewhere",
            Self::Pending | Self::SlowDown | Self::Other(_) => return self.to_string(),
        };
        format!("{meaning} ({self})")
    }

    /// Whether signing in again is what helps against it.
    pub(super) fn ends_the_sign_in(&self) -> bool {
        match self {
            Self::Expired | Self::Denied | Self::UnknownClient | Self::UnauthorizedClient | Self::InvalidGrant => true,
            Self::Pending | Self::SlowDown | Self::Other(_) => false,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Other(name) => name,
            known => CODES.iter().find(|(_, _, code)| code == known).map_or("", |(service, _, _)| service),
        })
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Failure
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match trouble::of(&error) {
            Trouble::Network(reason) => Self::Network { reason },
            Trouble::Refused { code, .. } => Self::Refused(Code::named(&code)),
        }
    }
}
