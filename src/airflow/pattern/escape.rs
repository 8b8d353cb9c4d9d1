//! What stands behind a backslash (CPython: `Lib/re/_parser.py`, `_escape` and `_class_escape`).

use super::{Read, Reader, What, rejected, unsupported};

/// What an escape stands for.
pub(super) enum Escaped {
    Character(char),
    /// `\d` and the like: the letter.
    Class(char),
}

impl Reader {
    pub(super) fn escape(&mut self) -> Read<()> {
        match self.peek() {
            None => rejected("it ends in a backslash"),
            Some('A') => self.place_of_escape("\\A"),
            Some('Z') => self.place_of_escape("\\z"),
            Some('b') => self.place_of_escape("\\b"),
            Some('B') => self.place_of_escape("\\B"),
            Some('0') => {
                let digits = self.take_while(3, is_octal);
                let character = octal(&digits)?;
                self.literal(character)
            }
            Some('1'..='9') => self.number(),
            Some(_) => match self.common_escape()? {
                Escaped::Character(character) => self.literal(character),
                Escaped::Class(letter) => self.push(&format!("\\{letter}")),
            },
        }
    }

    fn place_of_escape(&mut self, place: &str) -> Read<()> {
        self.next();
        self.place(place)
    }

    /// The escape behind a backslash in a set.
    pub(super) fn escape_in_set(&mut self) -> Read<Escaped> {
        match self.peek() {
            Some('b') => {
                self.next();
                Ok(Escaped::Character('\u{8}'))
            }
            Some(digit) if is_octal(digit) => {
                let digits = self.take_while(3, is_octal);
                octal(&digits).map(Escaped::Character)
            }
            _ => self.common_escape(),
        }
    }

    /// Three octal digits are a character; other digits name a group that is closed.
    fn number(&mut self) -> Read<()> {
        let start = self.at;
        let octal_digits = self.take_while(3, is_octal);
        if octal_digits.len() == 3 {
            let character = octal(&octal_digits)?;
            return self.literal(character);
        }
        self.at = start;
        let digits = self.take_while(2, |next| next.is_ascii_digit());
        self.refer(digits.parse().unwrap_or(usize::MAX))
    }

    /// Writes a reference to a group.
    pub(super) fn refer(&mut self, group: usize) -> Read<()> {
        if group > self.groups || self.open.iter().any(|open| open.what == What::Numbered(group)) {
            return rejected("it refers to a group that is not there or not closed");
        }
        if self.is_looking_behind() {
            return unsupported("it looks behind at what a group matched");
        }
        self.push(&format!("(?:\\{group})"))
    }

    fn common_escape(&mut self) -> Read<Escaped> {
        let Some(character) = self.next() else { return rejected("it ends in a backslash") };
        Ok(match character {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => Escaped::Class(character),
            'a' => Escaped::Character('\u{7}'),
            'f' => Escaped::Character('\u{c}'),
            'n' => Escaped::Character('\n'),
            'r' => Escaped::Character('\r'),
            't' => Escaped::Character('\t'),
            'v' => Escaped::Character('\u{b}'),
            'x' => Escaped::Character(self.code(2)?),
            'u' => Escaped::Character(self.code(4)?),
            'U' => Escaped::Character(self.code(8)?),
            'N' => return unsupported("it names a character by `\\N`"),
            letter if letter.is_ascii_alphanumeric() => {
                return rejected(format!("`\\{letter}` means nothing there"));
            }
            other => Escaped::Character(other),
        })
    }

    /// The character of exactly so many hexadecimal digits.
    fn code(&mut self, digits: usize) -> Read<char> {
        let taken = self.take_while(digits, |next| next.is_ascii_hexdigit());
        if taken.len() != digits {
            return rejected("an escape has too few digits");
        }
        let code = u32::from_str_radix(&taken, 16).unwrap_or(u32::MAX);
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None if code <= 0xffff => unsupported("it has half of a surrogate pair"),
            None => rejected("an escape is beyond Unicode"),
        }
    }
}

fn is_octal(character: char) -> bool {
    matches!(character, '0'..='7')
}

fn octal(digits: &str) -> Read<char> {
    match u8::from_str_radix(digits, 8) {
        Ok(code) => Ok(char::from(code)),
        Err(_) => rejected("an octal escape is above 377"),
    }
}
