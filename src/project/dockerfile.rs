//! The image that a Dockerfile's last stage stands on, which is the one that `docker build` builds.
//!
//! In: the text. Out: the image reference with its variables filled in, and the line that names it. The reading follows
//! moby/buildkit:frontend/dockerfile/parser: parser directives, continuations, comments, heredocs.

mod environment;

use std::collections::BTreeMap;

use thiserror::Error;

pub use environment::{Set, environment};

/// The image under the last stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseImage {
    /// The reference, with variables and stage names resolved.
    pub reference: String,
    /// The line of the `FROM` that names it, from 1.
    pub line: usize,
}

/// Why the image cannot be told from the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BaseImageError {
    /// There is no `FROM`.
    #[error("the Dockerfile has no FROM line")]
    NoStage,
    /// A `FROM` without an image.
    #[error("line {line} of the Dockerfile: FROM names no image")]
    NoImage {
        /// The line, from 1.
        line: usize,
    },
    /// A variable that only a build argument could fill.
    #[error(
        "line {line} of the Dockerfile: `{variable}` in `FROM {written}` has no default in an ARG before the first FROM"
    )]
    UnknownVariable {
        /// The line, from 1.
        line: usize,
        /// The image as written.
        written: String,
        /// The variable.
        variable: String,
    },
    /// A substitution that is not understood.
    #[error("line {line} of the Dockerfile: `FROM {written}` uses a substitution that astro-aws does not know")]
    UnknownSubstitution {
        /// The line, from 1.
        line: usize,
        /// The image as written.
        written: String,
    },
}

struct Instruction {
    line: usize,
    /// In capitals.
    keyword: String,
    arguments: String,
}

struct Stage {
    line: usize,
    image: String,
    name: Option<String>,
}

/// Finds the image under the last stage, following `FROM <earlier stage>` back to it.
///
/// # Errors
/// [`BaseImageError`].
pub fn base_image(text: &str) -> Result<BaseImage, BaseImageError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let escape = escape_character(text);
    let (mut stages, mut variables) = (Vec::new(), BTreeMap::new());
    for instruction in instructions(text, escape) {
        match instruction.keyword.as_str() {
            "FROM" => stages.push(stage(&instruction)?),
            // A later ARG belongs to its stage and cannot be used in a FROM.
            "ARG" if stages.is_empty() => declare(&instruction.arguments, &mut variables, escape),
            _ => {}
        }
    }
    let mut last = stages.len().checked_sub(1).ok_or(BaseImageError::NoStage)?;
    loop {
        let stage = &stages[last];
        let reference = expand(&stage.image, &variables, escape).map_err(|problem| problem.at(stage))?;
        let is_it = |earlier: &Stage| earlier.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&reference));
        match stages[..last].iter().rposition(is_it) {
            Some(earlier) => last = earlier,
            None => return Ok(BaseImage { reference, line: stage.line }),
        }
    }
}

/// The escape character: a backslash, or what `# escape=` at the very top says.
fn escape_character(text: &str) -> char {
    for line in text.lines() {
        let Some((name, value)) = line.trim_start().strip_prefix('#').and_then(|comment| comment.split_once('='))
        else {
            break;
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "escape" if value.trim() == "`" => return '`',
            "escape" | "syntax" | "check" => {}
            _ => break,
        }
    }
    '\\'
}

fn instructions(text: &str, escape: char) -> Vec<Instruction> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, first)) = lines.next() {
        if is_comment_or_empty(first) {
            continue;
        }
        let (mut whole, mut goes_on) = without_continuation(first.trim_start(), escape);
        while goes_on && let Some((_, next)) = lines.next() {
            // Comments and empty lines do not end a continued instruction.
            if !is_comment_or_empty(next) {
                let (part, more) = without_continuation(next, escape);
                whole.push_str(&part);
                goes_on = more;
            }
        }
        let (keyword, arguments) = whole.split_once(char::is_whitespace).unwrap_or((&whole, ""));
        let keyword = keyword.to_ascii_uppercase();
        for end in heredoc_ends(&keyword, arguments, escape) {
            for (_, line) in lines.by_ref() {
                if end.matches(line) {
                    break;
                }
            }
        }
        found.push(Instruction { line: index + 1, keyword, arguments: arguments.trim().to_owned() });
    }
    found
}

fn is_comment_or_empty(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// The line without its continuation mark, and whether it had one: a single escape character before the blanks at
/// its end.
fn without_continuation(line: &str, escape: char) -> (String, bool) {
    let trimmed = line.trim_end_matches([' ', '\t', '\r']);
    match trimmed.strip_suffix(escape) {
        Some(rest) if !rest.ends_with(escape) => (rest.to_owned(), true),
        _ => (line.to_owned(), false),
    }
}

/// The line that ends a heredoc.
struct HeredocEnd {
    word: String,
    /// `<<-`: tabs before the word do not count.
    may_be_indented: bool,
}

impl HeredocEnd {
    fn matches(&self, line: &str) -> bool {
        let line = if self.may_be_indented { line.trim_start_matches('\t') } else { line };
        line == self.word
    }
}

/// The heredocs that an instruction opens: their text may hold lines that look like a `FROM`.
fn heredoc_ends(keyword: &str, arguments: &str, escape: char) -> Vec<HeredocEnd> {
    let keyword = match keyword {
        "ONBUILD" => arguments.split_whitespace().next().unwrap_or_default().to_ascii_uppercase(),
        _ => keyword.to_owned(),
    };
    if !matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
        return Vec::new();
    }
    let opened = |word: String| {
        let word = word.trim_start_matches(|character: char| character.is_ascii_digit()).strip_prefix("<<")?;
        let (word, may_be_indented) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
        let word = word.trim_matches(['"', '\'']);
        let is_end = !word.is_empty() && !word.contains('<');
        is_end.then(|| HeredocEnd { word: word.to_owned(), may_be_indented })
    };
    split_words(arguments, escape).into_iter().filter_map(opened).collect()
}

fn stage(instruction: &Instruction) -> Result<Stage, BaseImageError> {
    let mut words = instruction.arguments.split_whitespace().skip_while(|word| word.starts_with("--"));
    let image = words.next().ok_or(BaseImageError::NoImage { line: instruction.line })?.to_owned();
    let name = words.next().filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
    Ok(Stage { line: instruction.line, image, name: name.map(str::to_owned) })
}

/// Takes the defaults of an `ARG`; a later default may use an earlier one.
fn declare(arguments: &str, variables: &mut BTreeMap<String, String>, escape: char) {
    for word in split_words(arguments, escape) {
        if let Some((name, value)) = word.split_once('=')
            && let Ok(value) = expand(value, variables, escape)
        {
            variables.insert(name.to_owned(), value);
        }
    }
}

/// Splits at blanks outside quotes, keeping quotes and escapes.
fn split_words(text: &str, escape: char) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match quote {
            None if character.is_whitespace() => {
                words.push(std::mem::take(&mut word));
                continue;
            }
            None if character == '"' || character == '\'' => quote = Some(character),
            Some(open) if character == open => quote = None,
            _ => {}
        }
        word.push(character);
        if character == escape && quote != Some('\'') {
            word.extend(characters.next());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

enum Problem {
    Variable(String),
    Substitution,
}

impl Problem {
    fn at(self, stage: &Stage) -> BaseImageError {
        let (line, written) = (stage.line, stage.image.clone());
        match self {
            Self::Variable(variable) => BaseImageError::UnknownVariable { line, written, variable },
            Self::Substitution => BaseImageError::UnknownSubstitution { line, written },
        }
    }
}

/// Takes quotes and escapes away and fills variables in: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+a}`, `${X+a}`.
fn expand(word: &str, variables: &BTreeMap<String, String>, escape: char) -> Result<String, Problem> {
    let mut expanded = String::new();
    let mut rest = word;
    let mut quote = None;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\'' | '"' if quote.is_none() => quote = Some(character),
            _ if quote == Some(character) => quote = None,
            _ if character == escape && quote != Some('\'') => {
                let escaped = rest.chars().next();
                expanded.extend(escaped);
                rest = &rest[escaped.map_or(0, char::len_utf8)..];
            }
            '$' if quote != Some('\'') => {
                let (value, after) = substitute(rest, variables, escape)?;
                expanded.push_str(&value);
                rest = after;
            }
            _ => expanded.push(character),
        }
    }
    Ok(expanded)
}

/// The value of the variable whose name begins `text`, and what follows it.
fn substitute<'a>(
    text: &'a str,
    variables: &BTreeMap<String, String>,
    escape: char,
) -> Result<(String, &'a str), Problem> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let known = |name: &str| variables.get(name).cloned();
    let Some(braced) = text.strip_prefix('{') else {
        let end = text.find(|character| !is_name(character)).unwrap_or(text.len());
        let (name, after) = text.split_at(end);
        return if name.is_empty() {
            Ok(("$".to_owned(), after))
        } else {
            known(name).map(|value| (value, after)).ok_or_else(|| Problem::Variable(name.to_owned()))
        };
    };
    let (inside, after) = split_at_closing_brace(braced).ok_or(Problem::Substitution)?;
    let end = inside.find(|character| !is_name(character)).unwrap_or(inside.len());
    let (name, modifier) = inside.split_at(end);
    let value = known(name);
    let filled = value.clone().filter(|value| !value.is_empty());
    let missing = || Problem::Variable(name.to_owned());
    let word = |text: &str| expand(text, variables, escape);
    let value = match modifier.split_at_checked(if modifier.starts_with(':') { 2 } else { 1 }) {
        None if modifier.is_empty() && !name.is_empty() => value.ok_or_else(missing)?,
        Some((":-", default)) => filled.map_or_else(|| word(default), Ok)?,
        Some(("-", default)) => value.map_or_else(|| word(default), Ok)?,
        Some((":+", other)) => filled.map_or(Ok(String::new()), |_| word(other))?,
        Some(("+", other)) => value.map_or(Ok(String::new()), |_| word(other))?,
        Some((":?", _)) => filled.ok_or_else(missing)?,
        Some(("?", _)) => value.ok_or_else(missing)?,
        _ => return Err(Problem::Substitution),
    };
    Ok((value, after))
}

/// Deeper nesting of braces than this is no one's Dockerfile.
const DEEPEST: usize = 16;

/// What stands before the brace that closes, braces inside counted, and what follows it.
fn split_at_closing_brace(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' if depth == DEEPEST => return None,
            '{' => depth += 1,
            '}' if depth == 0 => return Some((&text[..at], &text[at + 1..])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
