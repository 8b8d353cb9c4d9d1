//! Python's string literals: prefixes, quotes, escapes, and what f-strings put in.

use super::{DEEPEST, Lexer, Text, Until};

/// How a literal ended.
pub(super) enum Ending {
    /// As it should; it is a `str`.
    Closed(Text),
    /// As it should; it is `bytes`.
    Bytes,
    /// Not: the line, or the source, ended before.
    Broken,
}

/// Whether letters before a quote make it a prefixed literal.
pub(super) fn is_prefix(name: &str) -> bool {
    const PREFIXES: &[&str] = &["r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"];
    name.len() <= 2 && PREFIXES.iter().any(|prefix| prefix.eq_ignore_ascii_case(name))
}

/// What a prefix says, and the quotes.
#[derive(Clone, Copy)]
struct Manner {
    raw: bool,
    format: bool,
    quote: u8,
    triple: bool,
}

impl Lexer<'_> {
    /// Reads a literal; its prefix is behind us, its first quote before.
    pub(super) fn string(&mut self, prefix: &str, level: usize) -> Ending {
        let Some(quote) = self.byte(0) else { return Ending::Broken };
        let has = |letter: char| prefix.chars().any(|c| c.eq_ignore_ascii_case(&letter));
        let triple = self.byte(1) == Some(quote) && self.byte(2) == Some(quote);
        let manner = Manner { raw: has('r'), format: has('f') || has('t'), quote, triple };
        let mut text = Text { value: String::new(), is_static: true, marks: vec![(0, self.line)] };
        self.at += if triple { 3 } else { 1 };
        loop {
            self.plain(&mut text, manner);
            let Some(byte) = self.byte(0) else { return Ending::Broken };
            match byte {
                _ if byte == quote => {
                    if self.closes(manner) {
                        self.at += if triple { 3 } else { 1 };
                        return if has('b') { Ending::Bytes } else { Ending::Closed(text) };
                    }
                    self.take(&mut text, 1);
                }
                b'\n' | b'\r' if !triple => return Ending::Broken,
                b'\n' | b'\r' => {
                    // Python reads every line end as LF.
                    text.value.push('\n');
                    self.line_end();
                    text.marks.push((text.value.len(), self.line));
                }
                b'\\' => self.escape(&mut text, manner),
                _ => {
                    if self.braces(&mut text, manner, level).is_none() {
                        return Ending::Broken;
                    }
                }
            }
        }
    }

    /// Takes over everything that means nothing.
    fn plain(&mut self, text: &mut Text, manner: Manner) {
        let rest = &self.source[self.at..];
        let means = |byte: u8| {
            byte == manner.quote
                || matches!(byte, b'\\' | b'\n' | b'\r')
                || (manner.format && matches!(byte, b'{' | b'}'))
        };
        let length = rest.bytes().position(means).unwrap_or(rest.len());
        text.value.push_str(&rest[..length]);
        self.at += length;
    }

    fn closes(&self, manner: Manner) -> bool {
        let is_quote = |ahead| self.byte(ahead) == Some(manner.quote);
        !manner.triple || (is_quote(1) && is_quote(2))
    }

    /// Takes over some ASCII bytes as they are.
    fn take(&mut self, text: &mut Text, count: usize) {
        text.value.push_str(self.source.get(self.at..self.at + count).unwrap_or_default());
        self.at += count;
    }

    fn escape(&mut self, text: &mut Text, manner: Manner) {
        let Some(next) = self.byte(1) else {
            self.at += 1;
            return;
        };
        if matches!(next, b'\n' | b'\r') {
            if manner.raw {
                text.value.push_str("\\\n");
            }
            self.at += 1;
            self.line_end();
            text.marks.push((text.value.len(), self.line));
            return;
        }
        if manner.raw {
            // The backslash stays, and what follows it ends nothing.
            let count = if next == manner.quote || next == b'\\' { 2 } else { 1 };
            return self.take(text, count);
        }
        let simple = match next {
            b'\\' | b'\'' | b'"' => Some(char::from(next)),
            b'a' => Some('\u{7}'),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{C}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'v' => Some('\u{B}'),
            _ => None,
        };
        if let Some(character) = simple {
            text.value.push(character);
            self.at += 2;
            return;
        }
        match next {
            b'x' => self.number_escape(text, 2, 2, 16),
            b'u' => self.number_escape(text, 2, 4, 16),
            b'U' => self.number_escape(text, 2, 8, 16),
            b'0'..=b'7' => self.number_escape(text, 1, 3, 8),
            b'N' if self.byte(2) == Some(b'{') => self.named_escape(text),
            // Python keeps the backslash of an escape that it does not know.
            _ => self.take(text, 1),
        }
    }

    /// `\x41`, `\u0041`, `\U00000041`, `\101`.
    fn number_escape(&mut self, text: &mut Text, skip: usize, most: usize, radix: u32) {
        let digits: String =
            self.source[self.at + skip..].chars().take(most).take_while(|digit| digit.is_digit(radix)).collect();
        let character = u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32);
        text.value.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.at += skip + digits.len();
    }

    /// `\N{EM DASH}`: which character it is does not matter, only that it is one that no id has.
    fn named_escape(&mut self, text: &mut Text) {
        let rest = &self.source[self.at..];
        let length = rest.find(['}', '\n', '\r']).unwrap_or(rest.len());
        text.value.push(char::REPLACEMENT_CHARACTER);
        self.at += length + usize::from(rest.as_bytes().get(length) == Some(&b'}'));
    }

    /// `{{`, `}}`, or something that an f-string puts in; `None` where that has no end.
    fn braces(&mut self, text: &mut Text, manner: Manner, level: usize) -> Option<()> {
        let brace = self.byte(0)?;
        if self.byte(1) == Some(brace) {
            text.value.push(char::from(brace));
            self.at += 2;
            return Some(());
        }
        if brace == b'}' {
            self.at += 1;
            return Some(());
        }
        text.value.push('\0');
        text.is_static = false;
        self.field(manner, level)?;
        text.marks.push((text.value.len(), self.line));
        Some(())
    }

    /// Reads `{expression!r:spec}`; the expression becomes a stream of its own.
    fn field(&mut self, manner: Manner, level: usize) -> Option<()> {
        if level >= DEEPEST {
            return None;
        }
        self.at += 1;
        let stream = self.run(Until::FieldEnd, level + 1);
        self.nested.push(stream);
        if self.byte(0) == Some(b'!') {
            self.at += 1;
            self.name();
        }
        if self.byte(0) == Some(b':') {
            self.at += 1;
            self.spec(manner, level)?;
        }
        (self.byte(0) == Some(b'}')).then(|| self.at += 1)
    }

    /// Steps over a format specification, to its `}`.
    fn spec(&mut self, manner: Manner, level: usize) -> Option<()> {
        loop {
            let rest = &self.source.as_bytes()[self.at..];
            self.at +=
                rest.iter().position(|&byte| matches!(byte, b'{' | b'}' | b'\n' | b'\r') || byte == manner.quote)?;
            match self.byte(0)? {
                b'}' => return Some(()),
                b'{' => self.field(manner, level + 1)?,
                b'\n' | b'\r' if manner.triple => self.line_end(),
                byte if byte == manner.quote && manner.triple && !self.closes(manner) => self.at += 1,
                _ => return None,
            }
        }
    }
}
