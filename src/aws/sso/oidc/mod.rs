//! The SSO-OIDC service: registering a client, and the three grants that give a token.
//!
//! A sign-in and what it proves itself with come in; registered clients and tokens go out. Nothing is read from or
//! written to the cache.

mod client;
mod failure;
#[cfg(test)]
mod tests;

use crate::aws::access::Access;
use crate::aws::profile::{ProfileSet, SsoSession};

use super::cache::Token;

pub(super) use client::{Client, Grant, Purpose};
pub(super) use failure::{Code, Failure};

/// Why the service gave no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum OidcFailure {
    /// It could not be reached, or is in trouble itself (429 and 500s after the SDK's retries included).
    #[error("IAM Identity Center does not answer as it should: {reason}")]
    Network {
        /// What the connection said.
        reason: String,
    },
    /// The grant or the client does not count any more: sign in again.
    #[error("the sign-in has ended: {reason}")]
    Ended {
        /// What the service said.
        reason: String,
    },
    /// It refused for another reason.
    #[error("IAM Identity Center refuses: {reason}")]
    Refused {
        /// What the service said.
        reason: String,
    },
}

impl From<Failure> for OidcFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Network { reason } => Self::Network { reason },
            // No sign-in helps against too many questions.
            Failure::Refused(code @ Code::SlowDown) => {
                Self::Network { reason: format!("it is asked too often ({code})") }
            }
            Failure::Refused(code) if code.ends_the_sign_in() => Self::Ended { reason: code.in_words() },
            Failure::Refused(code) => Self::Refused { reason: code.in_words() },
        }
    }
}

/// A new token for a refresh token, which is used up by this; where none comes back, the old one stays in it. Nothing
/// is read from or written to the cache.
///
/// # Errors
/// [`OidcFailure`]; [`OidcFailure::Ended`] for a token that has nothing to be refreshed with, too.
pub(super) async fn refresh(
    set: &ProfileSet,
    session: &SsoSession,
    token: &Token,
    access: &Access<'_>,
) -> Result<Token, OidcFailure> {
    let (Some(refresh_token), Some(registration)) = (&token.refresh_token, &token.registration) else {
        return Err(OidcFailure::Ended { reason: "its token cannot be refreshed".to_owned() });
    };
    let client = Client::new(set, session, access).await;
    let renewed = client.token(registration, Grant::RefreshToken(refresh_token)).await?;
    Ok(Token { refresh_token: renewed.refresh_token.or_else(|| Some(refresh_token.clone())), ..renewed })
}
