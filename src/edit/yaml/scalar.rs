//! How a string is written so that every YAML reader gives back that string.
//!
//! A string and the file's habit of quoting go in; a plain, single-quoted or double-quoted scalar on one line comes
//! out. Plain only where neither YAML 1.1 nor YAML 1.2 reads it as anything else.

use granit_parser::ScalarStyle;
use std::fmt::Write as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Plain,
    Single,
    Double,
}

/// Inside `[]` and `{}` more characters have a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    Flow,
}

impl Quote {
    pub(super) fn of(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => Self::Plain,
        }
    }
}

/// Writes `text` as a scalar, in the wished style where that keeps it.
pub(super) fn write(text: &str, wish: Quote, context: Context) -> String {
    let escapes = text.chars().any(needs_escape);
    match wish {
        Quote::Plain if is_safe_plain(text, context) => text.to_owned(),
        Quote::Single if !escapes => single(text),
        Quote::Plain if !escapes && text.contains(['\\', '"']) => single(text),
        Quote::Plain | Quote::Single | Quote::Double => double(text),
    }
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Also valid JSON, as long as nothing beyond U+FFFF needs an escape.
fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if needs_escape(character) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Control characters, the line ends of YAML 1.1, and characters that YAML does not print.
fn needs_escape(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn is_safe_plain(text: &str, context: Context) -> bool {
    const INDICATORS: &[char] =
        &['-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`'];
    let is_one_plain_scalar = !text.is_empty()
        && text.trim() == text
        && !text.chars().any(needs_escape)
        && !text.starts_with(INDICATORS)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':');
    // libyaml before 0.2 rejects a colon in a plain scalar inside brackets.
    let fits = context == Context::Block || !text.contains([',', '[', ']', '{', '}', ':', '?']);
    is_one_plain_scalar && fits && !is_read_otherwise(text)
}

/// Whether a reader of YAML 1.1 or 1.2 takes the plain text for something that is not a string: null, a boolean, a merge
/// or value key, a number or a date (yaml.org/type, and chapter 10 of YAML 1.2.2).
fn is_read_otherwise(text: &str) -> bool {
    const WORDS: &[&str] = &["~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "=", "---", "..."];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || is_number(text) || is_date(text)
}

fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return true;
    }
    let digits = |rest: &str, radix: u32| !rest.is_empty() && rest.chars().all(|c| c == '_' || c.is_digit(radix));
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if lower.strip_prefix(prefix).is_some_and(|rest| digits(rest, radix)) {
            return true;
        }
    }
    if !lower.starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
        return false;
    }
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_mantissa = mantissa.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'));
    let is_base_60 = lower.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | ':'));
    (is_mantissa && digits(exponent, 10)) || is_base_60
}

/// `2001-12-14`, and the same followed by a time.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let is_day = |part: &str| (1..=2).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    let is_time =
        time.is_empty() || time.trim_start_matches(['T', 't', ' ', '\t']).starts_with(|c: char| c.is_ascii_digit());
    matches!(parts.as_slice(), [year, month, day]
        if year.len() == 4 && year.chars().all(|c| c.is_ascii_digit()) && is_day(month) && is_day(day) && is_time)
}
