//! Text as XML takes it.

use std::fmt::Write as _;

/// The text with what has a meaning in XML escaped, and every letter beyond ASCII by its number, so that no reader can
/// take it for another encoding.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            ascii if ascii.is_ascii() => escaped.push(ascii),
            other => {
                let _ = write!(escaped, "&#{};", u32::from(other));
            }
        }
    }
    escaped
}
