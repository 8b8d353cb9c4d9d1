//! `[…]`: a set of characters (CPython: `Lib/re/_parser.py`, `_parse`). Python has no sets within sets.

use super::escape::Escaped;
use super::{Read, Reader, literal, rejected, require_one_fold};

impl Reader {
    pub(super) fn set(&mut self) -> Read<()> {
        let mut written = String::from(if self.takes("^") { "[^" } else { "[" });
        let first = self.at;
        loop {
            let is_first = self.at == first;
            let low = match self.next() {
                None => return not_closed(),
                Some(']') if !is_first => break,
                Some(character) => self.member(character)?,
            };
            if !self.takes("-") {
                written.push_str(&alone(&low)?);
                continue;
            }
            let high = match self.next() {
                None => return not_closed(),
                Some(']') => {
                    written.push_str(&alone(&low)?);
                    written.push_str(&literal('-'));
                    break;
                }
                Some(character) => self.member(character)?,
            };
            match (low, high) {
                (Escaped::Character(low), Escaped::Character(high)) if low <= high => {
                    require_one_fold(low, high)?;
                    written.push_str(&format!("{}-{}", literal(low), literal(high)));
                }
                _ => return rejected("a set has a bad range"),
            }
        }
        written.push(']');
        self.push(&written)
    }

    fn member(&mut self, character: char) -> Read<Escaped> {
        if character == '\\' { self.escape_in_set() } else { Ok(Escaped::Character(character)) }
    }
}

fn alone(member: &Escaped) -> Read<String> {
    match member {
        Escaped::Character(character) => {
            require_one_fold(*character, *character)?;
            Ok(literal(*character))
        }
        Escaped::Class(letter) => Ok(format!("\\{letter}")),
    }
}

fn not_closed<T>() -> Read<T> {
    rejected("a `[` is not closed")
}
