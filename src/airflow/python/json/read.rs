//! `json.loads`: from a text to its value, or to the place where it is no JSON.

use std::collections::HashMap;

use super::{Json, JsonError};

/// The deepest nesting that is read; CPython gives up near 1000.
const DEEPEST: usize = 200;
/// The most digits that CPython makes a whole number of (`sys.int_info.default_max_str_digits`).
const MOST_DIGITS: usize = 4300;

/// A text and how far it is read.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub(super) fn error(&self, reason: &'static str) -> JsonError {
        let before = &self.text[..self.at];
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        JsonError { line, column, reason }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn takes(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        self.at += if found { expected.len() } else { 0 };
        found
    }

    pub(super) fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    pub(super) fn value(&mut self) -> Result<Json, &'static str> {
        self.skip_blanks();
        let words = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Json::Text),
            _ => match words.into_iter().find(|(word, _)| self.takes(word)) {
                Some((_, value)) => Ok(value),
                None => self.number(),
            },
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, &'static str>) -> Result<Json, &'static str> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply");
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Json, &'static str> {
        let mut entries: Vec<(String, Json)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        self.each_entry(|key, _, value| match places.get(&key) {
            Some(&place) => entries[place].1 = value,
            None => {
                places.insert(key.clone(), entries.len());
                entries.push((key, value));
            }
        })?;
        Ok(Json::Object(entries))
    }

    /// The one object of a text, with the line of each key.
    pub(super) fn lines(&mut self, text: &str) -> Result<Vec<(String, usize, Json)>, &'static str> {
        self.skip_blanks();
        if !self.takes("{") {
            return Err("an object is expected here");
        }
        let (mut entries, mut line, mut counted) = (Vec::new(), 1, 0);
        self.each_entry(|key, at, value| {
            line += text[counted..at].matches('\n').count();
            counted = at;
            entries.push((key, line, value));
        })?;
        self.skip_blanks();
        if self.at == text.len() { Ok(entries) } else { Err("something follows its end") }
    }

    /// Reads up to the closing bracket, and hands over each key, where it begins, and its value.
    fn each_entry(&mut self, mut each: impl FnMut(String, usize, Json)) -> Result<(), &'static str> {
        self.skip_blanks();
        if self.takes("}") {
            return Ok(());
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return Err("a key in double quotes is expected here");
            }
            let start = self.at;
            let key = self.string()?;
            self.skip_blanks();
            if !self.takes(":") {
                return Err("a `:` is expected here");
            }
            let value = self.value()?;
            each(key, start, value);
            self.skip_blanks();
            match () {
                () if self.takes(",") => {}
                () if self.takes("}") => return Ok(()),
                () => return Err("a `,` or a `}` is expected here"),
            }
        }
    }

    fn list(&mut self) -> Result<Json, &'static str> {
        let mut items = Vec::new();
        self.skip_blanks();
        if self.takes("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_blanks();
            match () {
                () if self.takes(",") => {}
                () if self.takes("]") => return Ok(Json::List(items)),
                () => return Err("a `,` or a `]` is expected here"),
            }
        }
    }

    fn string(&mut self) -> Result<String, &'static str> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(character) = self.rest().chars().next() else { return Err("a text is never closed") };
            if character < ' ' {
                return Err("a text holds a line break or another control character, which JSON writes as an escape");
            }
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, &'static str> {
        const UNKNOWN: &str = "an escape is none that JSON knows";
        let Some(letter) = self.peek() else { return Err("a text is never closed") };
        let plain = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                let first = self.unit().ok_or(UNKNOWN)?;
                let second = match first {
                    0xd800..=0xdbff if self.takes("\\u") => self.unit(),
                    _ => None,
                };
                let mut characters = char::decode_utf16([first].into_iter().chain(second));
                return characters.next().and_then(Result::ok).ok_or("a text holds half of a surrogate pair");
            }
            _ => return Err(UNKNOWN),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Result<Json, &'static str> {
        let bytes = &self.text.as_bytes()[self.at..];
        let digits_from = |at: usize| bytes[at.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let whole = if bytes.get(sign) == Some(&b'0') { 1 } else { digits_from(sign) };
        if whole == 0 {
            return Err("a value is expected here");
        }
        let whole_end = sign + whole;
        let mut end = whole_end;
        if bytes.get(end) == Some(&b'.') && digits_from(end + 1) > 0 {
            end += 1 + digits_from(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            end = if digits_from(signed) > 0 { signed + digits_from(signed) } else { end };
        }
        let text = &self.text[self.at..self.at + end];
        let number = match end == whole_end {
            true if whole > MOST_DIGITS => return Err("a number has too many digits"),
            true if text == "-0" => Json::Int("0".to_owned()),
            true => Json::Int(text.to_owned()),
            false => Json::Float(text.parse().map_err(|_| "a value is expected here")?),
        };
        self.at += end;
        Ok(number)
    }
}
