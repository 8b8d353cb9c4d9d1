//! Section headers as the two readers of the AWS shared files understand them.
//!
//! The AWS SDKs follow the specification (aws-runtime: `env_config/parse.rs`, `normalize.rs`); botocore and the AWS CLI
//! put Python's configparser and shlex together (botocore: `configloader.py`). A header may be edited only where both
//! take it for the same section.

use crate::edit::Refusal;

use super::Section;

/// What the specification calls a blank.
pub(super) const BLANKS: [char; 2] = [' ', '\t'];
/// What begins a comment.
pub(super) const COMMENT: [char; 2] = ['#', ';'];

/// One `[…]` line.
pub(super) struct Header {
    /// The line, counted from 1.
    pub(super) line: usize,
    /// What stands between the brackets as configparser takes it: up to the last `]` of the line.
    pub(super) written: String,
    /// What the specification finds between the brackets, trimmed.
    inside: String,
}

impl Header {
    /// Reads a line that begins with `[`.
    pub(super) fn parse(text: &str, line: usize) -> Result<Self, Refusal> {
        let unreadable = || Refusal::at(line, "is no section header that the AWS SDKs can read");
        let inside = inside(text).ok_or_else(unreadable)?.trim_matches(BLANKS).to_owned();
        let (written, _) = text[1..].rsplit_once(']').ok_or_else(unreadable)?;
        Ok(Self { line, written: written.to_owned(), inside })
    }

    /// Whether the specification takes this header for `section`; a name in quotes is the name without them.
    pub(super) fn is(&self, section: &Section<'_>) -> bool {
        match section.prefix {
            None => self.inside == section.name,
            Some(prefix) => self.parts() == (Some(prefix), section.name),
        }
    }

    /// Whether botocore takes this header for `section`: it looks only at how a prefix begins, and at nothing around
    /// a header without one.
    pub(super) fn is_to_botocore(&self, section: &Section<'_>) -> bool {
        match section.prefix {
            None => self.written == section.name,
            Some(prefix) => {
                let words = self.written.starts_with(prefix).then(|| split_words(&self.written)).flatten();
                matches!(words.as_deref(), Some([_, name]) if name == section.name)
            }
        }
    }

    /// Prefix and name in the specification's reading.
    pub(super) fn parts(&self) -> (Option<&str>, &str) {
        match self.inside.split_once(BLANKS) {
            Some((prefix, name)) => {
                let name = name.trim();
                (Some(prefix.trim()), unquoted(name).unwrap_or(name))
            }
            None => (None, &self.inside),
        }
    }
}

/// What stands between the brackets in the specification's reading, where a `#` or `;` ends the header even without a
/// blank before it; a quoted name may hold either.
fn inside(text: &str) -> Option<&str> {
    if let Some((inside, rest)) = text.strip_prefix('[')?.rsplit_once(']') {
        let rest = rest.trim_start();
        let quoted = inside.trim().split_once(BLANKS).and_then(|(_, name)| unquoted(name.trim()));
        if quoted.is_some() && (rest.is_empty() || rest.starts_with(COMMENT)) {
            return Some(inside);
        }
    }
    let text = text.find(COMMENT).map_or(text, |comment| &text[..comment]).trim_matches(BLANKS);
    text.strip_prefix('[')?.strip_suffix(']')
}

/// The name inside one pair of quotes.
fn unquoted(name: &str) -> Option<&str> {
    let quote = name.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let name = name.strip_prefix(quote)?.strip_suffix(quote)?;
    (!name.is_empty() && !name.contains(quote)).then_some(name)
}

/// Python's `shlex.split` as botocore calls it; `None` where it raises an error.
fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(rest.next()?),
            '\'' | '"' => quoted_part(&mut rest, character, word.get_or_insert_default())?,
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Some(words)
}

fn quoted_part(rest: &mut std::str::Chars<'_>, quote: char, word: &mut String) -> Option<()> {
    loop {
        match rest.next()? {
            end if end == quote => return Some(()),
            '\\' if quote == '"' => {
                let escaped = rest.next()?;
                if !matches!(escaped, '"' | '\\') {
                    word.push('\\');
                }
                word.push(escaped);
            }
            character => word.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_pythons_shlex_splits_them() {
        // Each right-hand side is what `shlex.split` of Python 3.11 returned; `None` where it raised ValueError.
        let table: &[(&str, Option<&[&str]>)] = &[
            ("profile dev", Some(&["profile", "dev"])),
            ("profile\t dev ", Some(&["profile", "dev"])),
            ("profile 'my dev'", Some(&["profile", "my dev"])),
            ("profile \"my dev\"", Some(&["profile", "my dev"])),
            ("profile my\\ dev", Some(&["profile", "my dev"])),
            ("profile m'y d'ev", Some(&["profile", "my dev"])),
            ("profile ''", Some(&["profile", ""])),
            ("profile \"a\\\"b\\\\c\\d\"", Some(&["profile", "a\"b\\c\\d"])),
            ("profile 'a\\'", Some(&["profile", "a\\"])),
            ("profile x] # [y", Some(&["profile", "x]", "#", "[y"])),
            ("profile 'open", None),
            ("profile \"open\\", None),
            ("profile open\\", None),
            ("", Some(&[])),
        ];
        for (text, words) in table {
            let words = words.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            assert_eq!(split_words(text), words, "{text}");
        }
    }
}
