//! A lookup pattern: a regular expression of Python's, as `re.match(pattern, id, re.IGNORECASE)` takes it.
//!
//! The text of a pattern comes in; whether an id matches goes out. A pattern is read as CPython's `Lib/re/_parser.py` reads
//! it and written anew for another engine, so that nothing means something else there; what Python rejects is rejected,
//! and what cannot be written anew is told as such.

mod escape;
mod group;
mod set;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fancy_regex::Regex;

/// A lookup pattern that can be asked.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    regex: Regex,
}

/// Why a pattern cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("is no regular expression that Python takes ({0}); every look-up fails")]
    Rejected(String),
    #[error("is a regular expression that astro-aws cannot follow ({0})")]
    Unsupported(String),
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let written = Reader::new(text).read()?;
        let regex = Regex::new(&format!("(?i)\\A(?:{written})"))
            .map_err(|_| PatternError::Unsupported("it is too large, or of a form that its engine lacks".to_owned()))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the id matches. A pattern that tries without end matches nothing: Airflow would hang on it.
    pub(super) fn matches(&self, id: &str) -> bool {
        self.regex.is_match(id).unwrap_or(false)
    }
}

/// A result of reading.
type Read<T> = Result<T, PatternError>;

fn rejected<T>(why: impl Into<String>) -> Read<T> {
    Err(PatternError::Rejected(why.into()))
}

fn unsupported<T>(why: impl Into<String>) -> Read<T> {
    Err(PatternError::Unsupported(why.into()))
}

/// What stands before a place, for a repetition there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// `^`, `$`, `\b` and the like, which Python does not repeat.
    Place,
    /// Something that was repeated already.
    Repeated,
    Item,
}

/// A group that is still open.
struct Open {
    what: What,
    /// Where it begins in what was written.
    start: usize,
    /// Whether `^` and `$` stand for the lines in it.
    multiline: bool,
    branches: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Whole,
    Plain,
    Numbered(usize),
    Conditional,
    LookBehind,
}

struct Reader {
    text: Vec<char>,
    at: usize,
    written: String,
    open: Vec<Open>,
    before: Before,
    /// Where the last item begins in what was written.
    item: usize,
    groups: usize,
    names: BTreeMap<String, usize>,
    /// The highest group that a condition names before it is known.
    named_ahead: usize,
}

impl Reader {
    fn new(text: &str) -> Self {
        let whole = Open { what: What::Whole, start: 0, multiline: false, branches: 1 };
        Self {
            text: text.chars().collect(),
            at: 0,
            written: String::new(),
            open: vec![whole],
            before: Before::Nothing,
            item: 0,
            groups: 0,
            names: BTreeMap::new(),
            named_ahead: 0,
        }
    }

    fn read(mut self) -> Read<String> {
        while let Some(character) = self.next() {
            self.one(character)?;
        }
        if self.open.len() > 1 {
            return rejected("a `(` is not closed");
        }
        if self.named_ahead > self.groups {
            return rejected("it names a group that is not there");
        }
        if self.named_ahead > 0 {
            return unsupported("a condition names a group that comes later");
        }
        Ok(self.written)
    }

    fn one(&mut self, character: char) -> Read<()> {
        match character {
            '\\' => self.escape(),
            '[' => self.set(),
            '(' => self.group(),
            ')' => self.close(),
            '|' => self.branch(),
            '*' => self.repeated("*"),
            '+' => self.repeated("+"),
            '?' => self.repeated("?"),
            '{' => self.brace(),
            '^' => self.place(if self.is_multiline() { "(?m:^)" } else { "\\A" }),
            // Without (?m) it also stands before a line break at the end.
            '$' => self.place(if self.is_multiline() { "(?m:$)" } else { "(?=\\n?\\z)" }),
            '.' => self.push("."),
            other => self.literal(other),
        }
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// Moves over a text where it stands here.
    fn takes(&mut self, wanted: &str) -> bool {
        let matches = self.text[self.at..].iter().copied().take(wanted.chars().count()).eq(wanted.chars());
        self.at += if matches { wanted.chars().count() } else { 0 };
        matches
    }

    /// Moves over at most `most` characters of a kind.
    fn take_while(&mut self, most: usize, wanted: impl Fn(char) -> bool) -> String {
        let taken: String = self.text[self.at..].iter().copied().take(most).take_while(|&next| wanted(next)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn push(&mut self, item: &str) -> Read<()> {
        self.item = self.written.len();
        self.written.push_str(item);
        self.before = Before::Item;
        Ok(())
    }

    fn place(&mut self, place: &str) -> Read<()> {
        self.written.push_str(place);
        self.before = Before::Place;
        Ok(())
    }

    fn literal(&mut self, character: char) -> Read<()> {
        require_one_fold(character, character)?;
        self.push(&literal(character))
    }

    fn is_multiline(&self) -> bool {
        self.open.last().is_some_and(|open| open.multiline)
    }

    fn is_looking_behind(&self) -> bool {
        self.open.iter().any(|open| open.what == What::LookBehind)
    }

    fn branch(&mut self) -> Read<()> {
        if self.is_looking_behind() {
            return unsupported("it looks behind at one of several things");
        }
        if let Some(open) = self.open.last_mut() {
            open.branches += 1;
            if open.what == What::Conditional && open.branches > 2 {
                return rejected("a condition has more than two branches");
            }
        }
        self.written.push('|');
        self.before = Before::Nothing;
        Ok(())
    }

    /// `{2}`, `{2,}`, `{,2}` and `{2,3}` repeat; anything else that begins with `{` is just that.
    fn brace(&mut self) -> Read<()> {
        let start = self.at;
        let digit = |next: char| next.is_ascii_digit();
        let low = self.take_while(usize::MAX, digit);
        let high = if self.takes(",") { Some(self.take_while(usize::MAX, digit)) } else { None };
        let is_empty = low.is_empty() && high.is_none();
        if is_empty || !self.takes("}") {
            self.at = start;
            return self.literal('{');
        }
        let number = |digits: &str| digits.parse::<u32>().or_else(|_| rejected("a repetition is too large"));
        let least = if low.is_empty() { 0 } else { number(&low)? };
        let most = match high.as_deref() {
            None => Some(least),
            Some("") => None,
            Some(digits) => Some(number(digits)?),
        };
        if most.is_some_and(|most| most < least) {
            return rejected("a repetition has its least above its most");
        }
        self.repeated(&format!("{{{least},{}}}", most.map(|most| most.to_string()).unwrap_or_default()))
    }

    fn repeated(&mut self, times: &str) -> Read<()> {
        match self.before {
            Before::Nothing | Before::Place => return rejected("there is nothing to repeat"),
            Before::Repeated => return rejected("something is repeated twice"),
            Before::Item => {}
        }
        if self.is_looking_behind() {
            return unsupported("it looks behind at something repeated");
        }
        self.written.push_str(times);
        if self.takes("?") {
            self.written.push('?');
        } else if self.takes("+") {
            self.written.insert_str(self.item, "(?>");
            self.written.push(')');
        }
        self.before = Before::Repeated;
        Ok(())
    }
}

/// Refuses Turkish i's, which Python takes for an `i` when it ignores case, and no other engine does.
fn require_one_fold(low: char, high: char) -> Read<()> {
    if low <= 'ı' && high >= 'İ' { unsupported("it has a Turkish dotted or dotless i") } else { Ok(()) }
}

/// A character that stands for itself in either engine.
fn literal(character: char) -> String {
    if character.is_alphanumeric() || character == '_' {
        character.to_string()
    } else {
        format!("\\x{{{:x}}}", u32::from(character))
    }
}
