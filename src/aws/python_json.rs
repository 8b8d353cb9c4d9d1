//! JSON as Python's `json.dumps` writes it: botocore and the AWS CLI name cache files by hashes of such texts.
//!
//! In: a value whose keys are in the order wanted, and are texts. Out: its text, ASCII only (CPython: `Lib/json/encoder.py`).

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// `json.dumps(value)`: a space after each comma and colon.
pub fn spaced(value: &impl Serialize) -> String {
    text(value, Separators { item: b", ", key: b": " })
}

/// `json.dumps(value, separators=(',', ':'))`.
pub fn minified(value: &impl Serialize) -> String {
    text(value, Separators { item: b",", key: b":" })
}

struct Separators {
    item: &'static [u8],
    key: &'static [u8],
}

fn text(value: &impl Serialize, separators: Separators) -> String {
    let mut bytes = Vec::new();
    // A vector takes all, our values have only texts as keys, and what is written is ASCII.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, separators));
    String::from_utf8(bytes).unwrap_or_default()
}

impl Formatter for Separators {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(self.item) }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(self.item) }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(self.key)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for character in fragment.chars() {
            match character {
                ' '..='~' => write!(writer, "{character}")?,
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // Each expectation is what CPython 3.11 printed.
    #[test]
    fn texts_are_those_of_python() {
        let value = json!({"a": ["é", "日本", "😀"], "b": "\u{7f}\u{1}\"\\/\n\t", "c": null, "d": [], "e": {}, "f": 1});
        assert_eq!(
            spaced(&value),
            "{\"a\": [\"\\u00e9\", \"\\u65e5\\u672c\", \"\\ud83d\\ude00\"], \
             \"b\": \"\\u007f\\u0001\\\"\\\\/\\n\\t\", \"c\": null, \"d\": [], \"e\": {}, \"f\": 1}"
        );
        assert_eq!(minified(&json!({"a": [1, true], "b": "x, y"})), "{\"a\":[1,true],\"b\":\"x, y\"}");
    }
}
