//! Why a sign-in comes to nothing.
//!
//! What the service, the browser or the system said comes in; the reason, in words that name what can be done, goes out.

use std::time::Duration;

use crate::aws::profile::SsoSession;
use crate::aws::sso::cache::CacheError;
use crate::aws::sso::oidc::{Code, Failure};

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInFailure {
    /// The service could not be reached, or is in trouble itself.
    #[error("IAM Identity Center does not answer as it should: {reason}")]
    Network {
        /// What the connection said.
        reason: String,
    },
    /// The service or the page refused: denied, by the person, by a rule.
    #[error("the sign-in was refused: {reason}")]
    Refused {
        /// What was said.
        reason: String,
    },
    /// The service does not know the start URL in this region.
    #[error("the sign-in was refused: {reason}")]
    Instance {
        /// What was said.
        reason: String,
    },
    /// Nobody signed in within the time there is.
    #[error("nobody signed in within {minutes} min")]
    TimedOut {
        /// The limit.
        minutes: u64,
    },
    /// The start URL leads to no host of AWS.
    #[error("the start URL `{url}` cannot be used: {reason}")]
    StartUrl {
        /// As written.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// This machine does not let us listen, or gives no random numbers.
    #[error("{reason}")]
    Host {
        /// What the system said.
        reason: String,
    },
    /// The cache could not be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl SignInFailure {
    /// Whether another start URL, or another region, could help. A region that does not exist has no host either.
    pub fn concerns_the_instance(&self) -> bool {
        matches!(self, Self::Network { .. } | Self::Instance { .. } | Self::StartUrl { .. })
    }
}

/// What ended one attempt.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The service, or the page that it sent the browser back from, refused.
    Refused(Code),
    /// Anything else.
    Failed(SignInFailure),
}

impl Stopped {
    /// Whether a new client could help.
    pub(super) fn concerns_the_client(&self) -> bool {
        matches!(self, Self::Refused(Code::UnknownClient | Code::UnauthorizedClient))
    }

    /// In words for the person who signs in.
    pub(super) fn explained(self, session: &SsoSession) -> SignInFailure {
        let code = match self {
            Self::Failed(failure) => return failure,
            Self::Refused(code) => code,
        };
        let reason = match &code {
            // The service says no more than this where it does not know the start URL in this region.
            Code::Other(name) if name == "InvalidRequestException" => {
                let SsoSession { start_url, region, .. } = session;
                let reason = format!("{code}: is `{start_url}` the start URL, and {region} its region?");
                return SignInFailure::Instance { reason };
            }
            code => code.in_words(),
        };
        SignInFailure::Refused { reason }
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Network { reason } => Self::Failed(SignInFailure::Network { reason }),
            // The code that the person signed in with, or was to sign in with, is too old.
            Failure::Refused(Code::Expired) => timed_out(super::LIMIT),
            // Asked for a token the code is answered for; else too many sign-ins begin at once.
            Failure::Refused(Code::SlowDown) => {
                Self::Failed(SignInFailure::Network { reason: "it is asked too often (SlowDownException)".to_owned() })
            }
            Failure::Refused(code) => Self::Refused(code),
        }
    }
}

/// Nobody signed in within this time, which is told in full minutes.
pub(super) fn timed_out(limit: Duration) -> Stopped {
    Stopped::Failed(SignInFailure::TimedOut { minutes: limit.as_secs().div_ceil(60).max(1) })
}

/// This machine does not play its part.
pub(super) fn host(reason: String) -> Stopped {
    Stopped::Failed(SignInFailure::Host { reason })
}
