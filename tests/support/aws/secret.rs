//! The secrets that the stand-in for AWS hands out: long as the real ones, with the characters that get lost where
//! somebody forgets to encode, and every one with the mark by which a leak is found.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Part of every secret that a fixture or this stand-in hands out: it may appear in no output and in no argument.
pub(crate) const SECRET_MARKER: &str = "s3kr1t";

/// A new secret of this kind.
pub(super) fn secret(kind: &str) -> String {
    format!("{kind}:{SECRET_MARKER}+{}/{}=", public(32), public(96))
}

/// What is as unique as a secret, and is none: a client id.
pub(super) fn public(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    // Where the system has no randomness left, the counter-like zeros only make two names equal: a test then fails.
    let _ = getrandom::fill(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

/// The `S256` of RFC 7636.
pub(super) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// SHA-256 in hexadecimal digits.
pub(super) fn hex_of(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
