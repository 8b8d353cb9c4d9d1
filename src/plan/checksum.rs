//! SHA-256 of a file's content: how the record and the journal recognise content without holding it.
//!
//! In: bytes, or a reader of them. Out: a [`Checksum`], which is written and read as 64 hex digits and nothing else.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The SHA-256 of some content, in lower-case hex. Also the name of its backup, so nothing else can be read into one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Checksum(String);

impl Checksum {
    /// The checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// The checksum of everything that `source` yields.
    pub(super) fn of_reader(mut source: impl Read) -> io::Result<Self> {
        let mut digest = Sha256::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return Ok(Self(hex::encode(digest.finalize()))),
                Ok(count) => digest.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Checksum {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let valid = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if valid { Ok(Self(text)) } else { Err("not a SHA-256 checksum") }
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> Self {
        checksum.0
    }
}
