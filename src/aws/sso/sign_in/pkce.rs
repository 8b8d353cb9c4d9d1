//! The secrets of one authorization-code sign-in: the verifier and its challenge (RFC 7636), and the state (RFC 6749).
//!
//! In: the system's random numbers. Out: what the browser is sent with, and whether what it brings back is its answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::aws::secret::CodeVerifier;

/// 256 bits, as RFC 7636 section 7.1 recommends; 43 characters in base64url, its smallest verifier.
const RANDOM_BYTES: usize = 32;

/// A verifier that no other process can know.
///
/// # Errors
/// Where the system gives no random numbers.
pub(super) fn verifier() -> Result<CodeVerifier, getrandom::Error> {
    Ok(CodeVerifier::new(random_text()?))
}

/// The `S256` challenge of a verifier (RFC 7636 section 4.2).
pub(super) fn challenge(verifier: &CodeVerifier) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

/// What marks an answer as that to our own question.
pub(super) struct State(Zeroizing<String>);

impl State {
    /// A state that no other process can know.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self(Zeroizing::new(random_text()?)))
    }

    /// For the link that the browser is sent to, and for nothing else.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether an answer brings this state; takes as long for any text of the same length.
    pub(super) fn is(&self, brought: &str) -> bool {
        self.0.as_bytes().ct_eq(brought.as_bytes()).into()
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(redacted)")
    }
}

fn random_text() -> Result<String, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
    getrandom::fill(bytes.as_mut())?;
    Ok(URL_SAFE_NO_PAD.encode(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_appendix_s_octets_become_its_verifier() {
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        assert_eq!(URL_SAFE_NO_PAD.encode(octets), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn verifiers_have_the_length_and_alphabet_of_the_rfc_and_differ() {
        let made: Vec<_> = (0..100).map(|_| verifier().unwrap()).collect();
        for verifier in &made {
            assert!((43..=128).contains(&verifier.expose().len()));
            assert!(verifier.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
        }
        let distinct: std::collections::BTreeSet<_> = made.iter().map(CodeVerifier::expose).collect();
        assert_eq!(distinct.len(), made.len());
    }

    #[test]
    fn a_state_is_itself_and_nothing_else() {
        let state = State::new().unwrap();
        let own = state.expose().to_owned();
        assert!(state.is(&own));
        for other in ["", &own[1..], &own.to_uppercase(), &format!("{own}x"), State::new().unwrap().expose()] {
            assert!(!state.is(other), "{other}");
        }
    }

    #[test]
    fn a_state_prints_as_redacted() {
        assert_eq!(format!("{:?}", State::new().unwrap()), "(redacted)");
    }
}
