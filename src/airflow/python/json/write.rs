//! `json.dumps`: from a value to its text.

use std::fmt::Write;

use super::Json;

impl Json {
    /// `json.dumps(value)`: ASCII alone, a blank after each comma and colon.
    pub(in crate::airflow) fn dumps(&self) -> String {
        let mut out = String::new();
        self.dump(&mut out);
        out
    }

    /// `json.dumps(value, indent=width)`.
    pub(in crate::airflow) fn dumps_indented(&self, width: usize) -> String {
        let mut out = String::new();
        self.dump_indented(width, 0, &mut out);
        out
    }

    /// A text in double quotes, with one escape for each character that is not ASCII: YAML joins no surrogates.
    pub(in crate::airflow) fn dumps_for_yaml(text: &str) -> String {
        let escape = |character: char| match u32::from(character) {
            number @ 0x10000.. => format!("\\U{number:08X}"),
            _ => {
                let mut out = String::new();
                dump_text(character.encode_utf8(&mut [0; 4]), &mut out);
                out[1..out.len() - 1].to_owned()
            }
        };
        format!("\"{}\"", text.chars().map(escape).collect::<String>())
    }

    fn dump_indented(&self, width: usize, depth: usize, out: &mut String) {
        let line =
            |depth: usize, at: usize| format!("{}\n{}", if at == 0 { "" } else { "," }, " ".repeat(width * depth));
        match self {
            Self::List(items) if !items.is_empty() => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(&line(depth + 1, at));
                    item.dump_indented(width, depth + 1, out);
                }
                out.push_str(&line(depth, 0));
                out.push(']');
            }
            Self::Object(entries) if !entries.is_empty() => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(&line(depth + 1, at));
                    dump_text(key, out);
                    out.push_str(": ");
                    value.dump_indented(width, depth + 1, out);
                }
                out.push_str(&line(depth, 0));
                out.push('}');
            }
            other => other.dump(out),
        }
    }

    fn dump(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(digits) => out.push_str(digits),
            Self::Float(value) => out.push_str(&float(*value)),
            Self::Text(text) => dump_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    item.dump(out);
                }
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    dump_text(key, out);
                    out.push_str(": ");
                    value.dump(out);
                }
                out.push('}');
            }
        }
    }
}

fn dump_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // A text takes all.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// `float.__repr__`, which turns to an exponent below 1e-4 and from 1e16 on.
pub(in crate::airflow) fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        exponent @ -4..=15 => {
            let plain = format!("{value}");
            let is_whole = exponent >= 0 && !plain.contains('.');
            if is_whole || plain == "0" || plain == "-0" { format!("{plain}.0") } else { plain }
        }
        exponent => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
    }
}
