//! compose-go's dotenv grammar over bytes: the assignments of a file and where they stand in it.
//!
//! Follows compose-spec/compose-go:dotenv/parser.go statement by statement, odd corners included, because that reader
//! decides what the containers get. What it rejects is a refusal with the line; values never appear in one.

use std::ops::Range;

use super::{Assignment, BOM, count_newlines};
use crate::edit::Refusal;

/// Every assignment of a file in its order.
pub(super) fn assignments(src: &[u8]) -> Result<Vec<Assignment>, Refusal> {
    let mut scanner = Scanner { src, at: if src.starts_with(BOM) { BOM.len() } else { 0 }, line: 1, counted: 0 };
    let mut found = Vec::new();
    while scanner.next_statement() {
        found.extend(scanner.statement()?);
    }
    Ok(found)
}

/// Whether something other than blanks and a comment stands between `at` and the end of its line.
pub(super) fn follows_on_line(src: &[u8], at: usize) -> bool {
    let next = skip_blanks(src, at);
    !matches!(src.get(next), None | Some(b'\n' | b'#'))
}

/// Whether `bytes` holds nothing but blanks.
pub(super) fn only_blanks(bytes: &[u8]) -> bool {
    skip_blanks(bytes, 0) == bytes.len()
}

/// The first place from `at` on that is no blank; a line break is none.
pub(super) fn skip_blanks(src: &[u8], at: usize) -> usize {
    skip(src, at, is_blank)
}

struct Scanner<'a> {
    src: &'a [u8],
    at: usize,
    line: usize,
    /// Up to where `line` has counted line breaks.
    counted: usize,
}

impl Scanner<'_> {
    /// Moves to the next statement over blank lines and comments; false at the end of the file.
    fn next_statement(&mut self) -> bool {
        loop {
            self.at = skip(self.src, self.at, char::is_whitespace);
            match self.src.get(self.at) {
                None => return false,
                Some(b'#') => self.at = self.end_of_line(self.at),
                Some(_) => return true,
            }
        }
    }

    /// Reads one statement; a bare `KEY` gives `None`.
    fn statement(&mut self) -> Result<Option<Assignment>, Refusal> {
        let start = self.at;
        let line = self.line_at(start);
        self.skip_export();
        let Some((key, separator)) = self.name(line)? else { return Ok(None) };
        let separated = separator + 1;
        let (value, written) = self.value(separated, line)?;
        self.at = written.end;
        Ok(Some(Assignment { key, value, line, whole: start..written.end, written, separated }))
    }

    fn skip_export(&mut self) {
        let Some(rest) = self.src[self.at..].strip_prefix(b"export") else { return };
        if matches!(rest.first(), Some(b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')) {
            self.at = skip_blanks(self.src, self.at + b"export".len());
        }
    }

    /// The name and the place of the `=` or `:` behind it; `None` for a bare name, which it moves past.
    fn name(&mut self, line: usize) -> Result<Option<(String, usize)>, Refusal> {
        let start = self.at;
        if start == self.src.len() {
            return Err(Refusal::at(line, "ends in an `export` without a name, which Compose rejects"));
        }
        let mut end = start;
        let separator = loop {
            let Some((character, width)) = character(&self.src[end..]) else { break None };
            match character {
                '=' | ':' => break Some(end),
                '\n' => break None,
                '_' | '.' | '-' | '[' | ']' => {}
                other if is_blank(other) || other.is_alphabetic() || other.is_numeric() => {}
                _ => return Err(Refusal::at(line, "is not KEY=value: the name has a character that Compose rejects")),
            }
            end += width;
        };
        // The loop has seen valid characters only, so nothing is lost here.
        let name = String::from_utf8_lossy(&self.src[start..end]).trim_end().to_owned();
        if name.contains(' ') {
            return Err(Refusal::at(line, "is not KEY=value: the name has a blank, which Compose rejects"));
        }
        self.at = end;
        Ok(separator.map(|at| (name, at)))
    }

    /// The value behind the separator and where it is written, quotes included.
    fn value(&self, separated: usize, line: usize) -> Result<(String, Range<usize>), Refusal> {
        let start = skip_blanks(self.src, separated);
        match self.src.get(start) {
            Some(&quote @ (b'"' | b'\'')) => self.quoted(start, quote, line),
            None | Some(b'\n') => {
                // Written where a person would write it: behind the blanks, before a CR.
                let at = skip(self.src, separated, |c| matches!(c, ' ' | '\t'));
                Ok((String::new(), at..at))
            }
            Some(_) => {
                let text = &self.src[start..self.end_of_line(start)];
                let text = text.windows(2).position(|pair| pair == b" #").map_or(text, |comment| &text[..comment]);
                let text = trim_end(text);
                Ok((String::from_utf8_lossy(text).into_owned(), start..start + text.len()))
            }
        }
    }

    fn quoted(&self, start: usize, quote: u8, line: usize) -> Result<(String, Range<usize>), Refusal> {
        let mut text = Vec::new();
        let mut escaped = false;
        for (offset, &byte) in self.src[start + 1..].iter().enumerate() {
            if byte == quote && !escaped {
                let text = if quote == b'"' { unescape(&text) } else { text };
                return Ok((String::from_utf8_lossy(&text).into_owned(), start..start + offset + 2));
            }
            if byte == b'\\' && !escaped {
                escaped = true;
                continue;
            }
            if escaped && byte != quote {
                text.push(b'\\');
            }
            escaped = false;
            text.push(byte);
        }
        Err(Refusal::at(line, "opens a quote that is never closed"))
    }

    fn end_of_line(&self, from: usize) -> usize {
        self.src[from..].iter().position(|&byte| byte == b'\n').map_or(self.src.len(), |at| from + at)
    }

    fn line_at(&mut self, at: usize) -> usize {
        self.line += count_newlines(&self.src[self.counted..at]);
        self.counted = at;
        self.line
    }
}

/// Resolves the escapes of a double-quoted value as compose-go's `expandEscapes` does: `\$` becomes `$$`, which its
/// expansion turns into `$`; `\0` takes up to three octal digits; an unknown escape stays as it is.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let simple = match (byte, after.first()) {
            (b'\\', Some(b'a')) => b'\x07',
            (b'\\', Some(b'b')) => b'\x08',
            (b'\\', Some(b'f')) => b'\x0c',
            (b'\\', Some(b'n')) => b'\n',
            (b'\\', Some(b'r')) => b'\r',
            (b'\\', Some(b't')) => b'\t',
            (b'\\', Some(b'v')) => b'\x0b',
            (b'\\', Some(&same @ (b'"' | b'\\'))) => same,
            (b'\\', Some(b'$')) => {
                out.push(b'$');
                b'$'
            }
            (b'\\', Some(b'0')) => {
                rest = octal(&after[1..], &mut out);
                continue;
            }
            _ => {
                out.push(byte);
                rest = after;
                continue;
            }
        };
        out.push(simple);
        rest = &after[1..];
    }
    out
}

/// Writes the character of up to three digits behind `\0`, or the digits behind a backslash where they are no octal
/// number below 256 with three digits; returns what comes after them.
fn octal<'a>(text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let digits = text.iter().take(3).take_while(|digit| digit.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    let code = std::str::from_utf8(number).ok().filter(|_| digits == 3).and_then(|n| u8::from_str_radix(n, 8).ok());
    match code {
        Some(code) => out.extend_from_slice(char::from(code).encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            out.push(b'\\');
            out.extend_from_slice(number);
        }
    }
    rest
}

/// compose-go's `isSpace`: the blanks of a line, without the line break.
fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

fn skip(src: &[u8], mut at: usize, wanted: impl Fn(char) -> bool) -> usize {
    while let Some((_, width)) = character(&src[at..]).filter(|&(character, _)| wanted(character)) {
        at += width;
    }
    at
}

/// The first character and its width in bytes; a byte that begins no UTF-8 character is U+FFFD, as in Go.
fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let chunk = bytes[..bytes.len().min(4)].utf8_chunks().next()?;
    Some(chunk.valid().chars().next().map_or((char::REPLACEMENT_CHARACTER, 1), |first| (first, first.len_utf8())))
}

fn trim_end(mut text: &[u8]) -> &[u8] {
    loop {
        let last = (1..=text.len().min(4)).find_map(|width| {
            let tail = std::str::from_utf8(&text[text.len() - width..]).ok()?;
            tail.ends_with(char::is_whitespace).then_some(width)
        });
        match last {
            Some(width) => text = &text[..text.len() - width],
            None => return text,
        }
    }
}
