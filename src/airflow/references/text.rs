//! From the bytes of a source to its text: UTF-8, or Latin-1 where a coding comment or the bytes themselves say so.

use std::borrow::Cow;

/// A file that is no text: it holds NUL bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it holds NUL bytes, so it is no text")]
pub struct NotText;

/// Decodes a source. Python is asked for its coding comment (PEP 263); an encoding that is not known here, or bytes that are
/// not what they claim to be, are read as Latin-1, in which every byte is a character.
pub(super) fn decode(bytes: &[u8], is_python: bool) -> Result<Cow<'_, str>, NotText> {
    if bytes.contains(&0) {
        return Err(NotText);
    }
    let (bytes, has_mark) = bytes.strip_prefix(b"\xEF\xBB\xBF").map_or((bytes, false), |rest| (rest, true));
    let is_latin = is_python && !has_mark && coding(bytes).is_some_and(is_latin_1);
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_latin => Ok(Cow::Borrowed(text)),
        _ => Ok(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
    }
}

/// The encoding that one of the first two lines names: `# -*- coding: latin-1 -*-`.
fn coding(bytes: &[u8]) -> Option<&[u8]> {
    bytes.split(|&byte| byte == b'\n').take(2).find_map(|line| {
        let comment = line.trim_ascii_start().strip_prefix(b"#")?;
        let at = comment.windows(6).position(|word| word == b"coding")?;
        let rest = &comment[at + 6..];
        let rest = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"="))?.trim_ascii_start();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        Some(&rest[..rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len())])
    })
}

fn is_latin_1(name: &[u8]) -> bool {
    let name: Vec<u8> = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    [&b"latin1"[..], b"iso88591", b"iso885915", b"latin9", b"cp1252", b"windows1252", b"l1"].contains(&name.as_slice())
}
