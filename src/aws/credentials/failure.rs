//! Why a profile yields no credentials, in words that say what would mend it.

use crate::aws::profile::SsoSession;
use crate::aws::secret::AccessToken;
use crate::aws::sso::cache::CacheError;

/// Why a profile yields no credentials. Prints no secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFailure {
    /// A role on the way asks for an MFA code, and nobody gave one.
    #[error("profile `{profile}` assumes a role with an MFA code of `{serial}` (`mfa_serial`), and nobody gave one")]
    NeedsMfa {
        /// The profile that has `mfa_serial`.
        profile: String,
        /// The device.
        serial: String,
    },
    /// The question for the code was broken off, or `mfa_process` failed.
    #[error("there is no MFA code for profile `{profile}`: {reason}")]
    NoCode {
        /// The profile that has `mfa_serial`.
        profile: String,
        /// What the person at the terminal, or the program, left behind.
        reason: String,
    },
    /// STS did not take the MFA code: mistyped, used before, or of another device.
    #[error("STS does not take the MFA code of `{serial}` for profile `{profile}`: {reason}")]
    WrongMfa {
        /// The profile that has `mfa_serial`.
        profile: String,
        /// The device.
        serial: String,
        /// What STS said.
        reason: String,
    },
    /// There is no live sign-in.
    #[error("the sign-in of profile `{profile}` is missing or has expired: {reason}")]
    SignIn {
        /// The profile that signs in.
        profile: String,
        /// What to sign in to; `None` where that is no IAM Identity Center (`login_session`).
        session: Option<Box<SsoSession>>,
        /// The token that looks alive and is refused: the sign-in that mends it has another one
        /// ([`Accept::InsteadOf`](crate::aws::sso::sign_in::Accept::InsteadOf)).
        refused: Option<AccessToken>,
        /// What was found.
        reason: String,
    },
    /// AWS could not be reached, or is in trouble itself.
    #[error("AWS does not answer as it should: {reason}")]
    Network {
        /// What the connection said.
        reason: String,
    },
    /// The cache of sign-ins could not be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A setting of a profile means nothing.
    #[error("AWS profile `{profile}`: {reason}")]
    Setting {
        /// The profile that has it.
        profile: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The credentials have run out, or the program of the profile did not end.
    #[error("profile `{profile}`: {reason}")]
    Useless {
        /// The profile that the credentials come from.
        profile: String,
        /// What is wrong with them.
        reason: String,
    },
    /// AWS, or a program of the profile, refused.
    #[error("profile `{profile}` yields no credentials: {reason}")]
    Refused {
        /// The profile that the refusal is about.
        profile: String,
        /// What was said.
        reason: String,
    },
}
