//! The one form of the kwargs that every reader of `.env` takes alike.
//!
//! Compose expands `$` and cuts at ` #`, gotenv at any `#`, some readers resolve `\n` or `\"`, and Airflow itself expands
//! `$NAME` in what is left: so whatever any of them could touch is written as `\uXXXX`, which JSON alone resolves.

use std::io::{self, Write};

use serde_json::ser::{CharEscape, Formatter, Serializer};
use serde_json::{Map, Value};

pub(super) fn text(kwargs: &Map<String, Value>) -> String {
    let mut bytes = Vec::new();
    // A vector takes all, the keys are texts, and what is written is ASCII.
    let _ = serde::Serialize::serialize(kwargs, &mut Serializer::with_formatter(&mut bytes, OneForm));
    String::from_utf8(bytes).unwrap_or_default()
}

struct OneForm;

impl Formatter for OneForm {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for character in fragment.chars() {
            match character {
                '$' | '#' | '\'' | '`' => escape(writer, u16::try_from(u32::from(character)).unwrap_or_default())?,
                ' '..='~' => write!(writer, "{character}")?,
                other => other.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| escape(writer, *unit))?,
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, character: CharEscape) -> io::Result<()> {
        let code = match character {
            CharEscape::Quote => b'"',
            CharEscape::ReverseSolidus => b'\\',
            CharEscape::Solidus => b'/',
            CharEscape::Backspace => 8,
            CharEscape::FormFeed => 12,
            CharEscape::LineFeed => b'\n',
            CharEscape::CarriageReturn => b'\r',
            CharEscape::Tab => b'\t',
            CharEscape::AsciiControl(code) => code,
        };
        escape(writer, u16::from(code))
    }
}

fn escape<W: ?Sized + Write>(writer: &mut W, unit: u16) -> io::Result<()> {
    write!(writer, "\\u{unit:04x}")
}
