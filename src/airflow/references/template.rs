//! What Jinja templates name: `{{ var.value.x }}`, `{{ var.json["x"].y }}`, `{{ conn.my_db.host }}` and their like.
//!
//! A text comes in, its ids with the bytes they stand at go out. Text outside of `{{ … }}` and `{% … %}` names nothing.

use super::{Absence, Kind, Mention, ReadAs, is_id};

/// An id in a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) kind: Kind,
    pub(super) id: &'a str,
    /// The byte of the text that the id begins at.
    pub(super) offset: usize,
    pub(super) absence: Absence,
    pub(super) read_as: ReadAs,
}

/// What a file of templates names.
pub(super) fn mentions_of_file(text: &str) -> Vec<Mention> {
    let (mut line, mut counted) = (1, 0);
    let mut named = Vec::new();
    for Found { kind, id, offset, absence, read_as } in mentions(text) {
        line += text.as_bytes()[counted..offset].iter().filter(|&&byte| byte == b'\n').count();
        counted = offset;
        if is_id(kind, id) {
            named.push(Mention { kind, id: id.to_owned(), line, absence, read_as });
        }
    }
    named
}

/// What a text's templates name, in order.
pub(super) fn mentions(text: &str) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|ahead| at + ahead) {
        let end = match text.as_bytes().get(open + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => {
                at = text[open..].find("#}").map_or(text.len(), |length| open + length + 2);
                continue;
            }
            _ => {
                at = open + 1;
                continue;
            }
        };
        let mut expression = Expression { text, at: open + 2, end };
        expression.read(&mut found);
        at = expression.at;
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    Name(&'a str, usize),
    Text(&'a str, usize),
    Sign(u8),
}

struct Expression<'a> {
    text: &'a str,
    at: usize,
    end: &'static str,
}

impl<'a> Expression<'a> {
    fn read(&mut self, found: &mut Vec<Found<'a>>) {
        let mut last = None;
        while let Some(part) = self.next() {
            let is_attribute = last == Some(Part::Sign(b'.'));
            match part {
                Part::Name("var", _) if !is_attribute => found.extend(self.variable()),
                Part::Name("conn", _) if !is_attribute => {
                    found.extend(self.key().map(|key| key.found(Kind::Connection, ReadAs::Text)));
                }
                _ => {}
            }
            last = Some(part);
        }
    }

    fn variable(&mut self) -> Option<Found<'a>> {
        self.sign(b'.')?;
        let start = self.at;
        let read_as = match self.next()? {
            Part::Name("value", _) => ReadAs::Text,
            Part::Name("json", _) => ReadAs::Json,
            _ => {
                self.at = start;
                return None;
            }
        };
        Some(self.key()?.found(Kind::Variable, read_as))
    }

    /// `.x`, `["x"]`, `.get("x")` or `.get("x", default)`.
    fn key(&mut self) -> Option<Key<'a>> {
        let start = self.at;
        let key = self.try_key();
        if key.is_none() {
            self.at = start;
        }
        key
    }

    fn try_key(&mut self) -> Option<Key<'a>> {
        match self.next()? {
            Part::Sign(b'[') => {
                let Part::Text(id, offset) = self.next()? else { return None };
                self.sign(b']')?;
                Some(Key { id, offset, absence: Absence::Fails })
            }
            Part::Sign(b'.') => {
                let Part::Name(name, offset) = self.next()? else { return None };
                let behind = self.at;
                if name == "get" && self.sign(b'(').is_some() {
                    return self.argument();
                }
                self.at = behind;
                Some(Key { id: name, offset, absence: Absence::Fails })
            }
            _ => None,
        }
    }

    fn argument(&mut self) -> Option<Key<'a>> {
        let Part::Text(id, offset) = self.next()? else { return None };
        match self.next()? {
            Part::Sign(b')') => Some(Key { id, offset, absence: Absence::Fails }),
            Part::Sign(b',') => Some(Key { id, offset, absence: Absence::Default }),
            _ => None,
        }
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        let start = self.at;
        let is_it = self.next() == Some(Part::Sign(sign));
        if !is_it {
            self.at = start;
        }
        is_it.then_some(())
    }

    /// The next part; `None` at the end of the expression, which is then behind us.
    fn next(&mut self) -> Option<Part<'a>> {
        let rest = &self.text[self.at..];
        // A backslash stands before the quotes of a template within JSON.
        let blanks = rest.bytes().take_while(|byte| byte.is_ascii_whitespace() || *byte == b'\\').count();
        let rest = &rest[blanks..];
        let start = self.at + blanks;
        if let Some(behind) = rest.strip_prefix(self.end) {
            self.at = self.text.len() - behind.len();
            return None;
        }
        let Some(first) = rest.bytes().next() else {
            self.at = self.text.len();
            return None;
        };
        if matches!(first, b'"' | b'\'') {
            let inner = &rest[1..];
            let Some(length) = inner.bytes().position(|byte| byte == first) else {
                self.at = start + 1;
                return Some(Part::Sign(first));
            };
            self.at = start + 1 + length + 1;
            return Some(Part::Text(inner[..length].trim_end_matches('\\'), start + 1));
        }
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        let length = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        self.at = start + length.max(1);
        Some(if length == 0 { Part::Sign(first) } else { Part::Name(&rest[..length], start) })
    }
}

struct Key<'a> {
    id: &'a str,
    offset: usize,
    absence: Absence,
}

impl<'a> Key<'a> {
    fn found(self, kind: Kind, read_as: ReadAs) -> Found<'a> {
        let Self { id, offset, absence } = self;
        Found { kind, id, offset, absence, read_as }
    }
}
