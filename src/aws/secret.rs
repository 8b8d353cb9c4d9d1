//! Secrets as types: they print as `(redacted)`, are told apart, and are wiped from memory when dropped.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! secrets {
    ($($(#[$meaning:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meaning])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the secret over.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(Zeroizing::new(secret.into()))
            }

            /// The secret itself: for a request or a file that only its owner reads, and for nothing else.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("(redacted)")
            }
        }
    )+};
}

secrets! {
    /// The bearer token of an IAM Identity Center sign-in.
    AccessToken,
    /// What a new access token is got with; rotated at each use.
    RefreshToken,
    /// The secret of a registered OIDC client.
    ClientSecret,
    /// What a device waits with until its person has signed in.
    DeviceCode,
    /// What the browser brings back from the sign-in.
    AuthorizationCode,
    /// The PKCE verifier that only this process knows.
    CodeVerifier,
    /// A command line, which may itself hold a secret.
    CommandLine,
    /// A one-time code of an MFA device.
    MfaCode,
    /// The value of a connection, a variable or any other secret.
    SecretText,
    /// An IAM user's secret access key, as a person types it.
    SecretAccessKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_redacted() {
        assert_eq!(format!("{:?}", AccessToken::new("hunter2")), "(redacted)");
        assert_eq!(format!("{:#?}", Some(RefreshToken::new("hunter2"))), "Some(\n    (redacted),\n)");
    }
}
