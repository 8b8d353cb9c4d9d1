//! What Python's `json` reads although JSON does not have it: there Airflow goes on with what it read, and not with its
//! defaults, but no other reader of JSON can follow (CPython: `Lib/json/decoder.py`).

use serde_json::Value;

use super::KwargsError;

/// Stands for what was found: no text of a person is like it.
const MARK: &str = "\u{fdd0}astro-aws\u{fdd1}";

/// The kwarg that holds something which Python alone reads; `None` where Python would not read the text either.
pub(super) fn found(text: &str) -> Option<KwargsError> {
    let kwargs = match serde_json::from_str(&marked(text)).ok()? {
        Value::Object(kwargs) => kwargs,
        _ => return None,
    };
    let holder = kwargs.iter().find(|(key, value)| key.contains(MARK) || holds_mark(value));
    let (key, _) = holder?;
    let reason = "holds what Python reads and JSON does not have: `NaN`, `Infinity`, a number beyond all bounds, or half \
                  of a surrogate pair";
    Some(KwargsError::value(&key.replace(MARK, "\u{fffd}"), reason))
}

fn holds_mark(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MARK),
        Value::Array(items) => items.iter().any(holds_mark),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains(MARK) || holds_mark(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The text with marks in place of what Python alone reads.
fn marked(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let end = if first == '"' { end_of_string(rest) } else { end_of_token(rest) };
        let (token, after) = rest.split_at(end);
        match token {
            _ if first == '"' => out.push_str(&without_halves(token)),
            "NaN" | "Infinity" | "-Infinity" => out.push_str(&format!("\"{MARK}\"")),
            number if is_beyond_bounds(number) => out.push_str(&format!("\"{MARK}\"")),
            other => out.push_str(other),
        }
        rest = after;
    }
    out
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = true;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !escaped => return at + 1,
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    text.len()
}

fn end_of_token(text: &str) -> usize {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '+' | '-' | '.');
    match text.find(|character| !is_part(character)) {
        Some(0) => text.chars().next().map_or(text.len(), char::len_utf8),
        Some(end) => end,
        None => text.len(),
    }
}

fn is_beyond_bounds(token: &str) -> bool {
    let is_number = token.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit());
    is_number && token.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// A string with marks in place of escapes of half a surrogate pair.
fn without_halves(string: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(string.len()), string);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                out.push_str(MARK);
                rest = &rest[6..];
                continue;
            }
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out + rest
}

/// The code unit of an escape `\uXXXX` at the beginning of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}
