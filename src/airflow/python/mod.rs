//! What Airflow leaves to Python's standard library: JSON, URLs and blanks, as CPython reads and writes them.
//!
//! Texts come in, texts and trees go out. Sources: CPython 3.11 `Lib/json`, `Modules/_json.c`, `Lib/urllib/parse.py`.

pub(super) mod json;
pub(super) mod url;

/// `str.isspace` of one character: Rust's white space and the four separators of ASCII.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `int(text)` for ASCII digits: blanks around it, a sign, and single `_` between digits are taken.
pub(super) fn int(text: &str) -> Option<i64> {
    let text = strip(text);
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let is_number = digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    is_number.then(|| format!("{sign}{}", digits.replace('_', "")).parse().ok()).flatten()
}
