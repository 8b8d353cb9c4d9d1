//! Which names of a source stand for a literal: `CONN = "my_db"`, and nothing else under that name.

use std::collections::HashMap;

use super::super::lexer::{Placed, Token};
use super::{Aliases, before, is_sign, token};

/// The names of a source.
#[derive(Debug, Default)]
pub(super) struct Bindings<'a> {
    /// The literals of a name; `None` where it also stands for something else.
    values: HashMap<&'a str, Option<Vec<&'a str>>>,
    aliases: Aliases<'a>,
}

impl<'a> Bindings<'a> {
    /// Reads all streams of a source.
    pub(super) fn of(streams: &'a [Vec<Placed<'a>>]) -> Self {
        let mut bindings = Self::default();
        for stream in streams {
            bindings.read(stream);
        }
        bindings
    }

    /// The literals that a name may stand for; none where that is not known.
    pub(super) fn values(&self, name: &str) -> Vec<&'a str> {
        self.values.get(name).cloned().flatten().unwrap_or_default()
    }

    /// The name that a name was imported for.
    pub(super) fn original<'n>(&self, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        self.aliases.get(name).copied().unwrap_or(name)
    }

    fn read(&mut self, tokens: &'a [Placed<'a>]) {
        let mut depth = 0_usize;
        let mut starts = true;
        for (at, placed) in tokens.iter().enumerate() {
            match &placed.token {
                Token::End | Token::Sign(b';') => starts = true,
                Token::Sign(b':') if depth == 0 => starts = true,
                Token::Sign(b'(' | b'[' | b'{') => {
                    if depth == 0 && starts {
                        self.several(tokens, at);
                    }
                    if is_sign(tokens, at, b'(') && matches!(before(tokens, at, 2), Some(Token::Name("def"))) {
                        self.parameters(tokens, at);
                    }
                    (depth, starts) = (depth + 1, false);
                }
                Token::Sign(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                Token::Name(name) => {
                    self.name(tokens, at, name, starts && depth == 0);
                    starts = false;
                }
                _ => starts = false,
            }
        }
    }

    fn name(&mut self, tokens: &'a [Placed<'a>], at: usize, name: &'a str, starts: bool) {
        match (before(tokens, at, 1), token(tokens, at + 1)) {
            (_, Some(Token::Rebinds)) => self.lose(name),
            (Some(Token::Name("as")), _) => {
                if let Some(Token::Name(original)) = before(tokens, at, 2) {
                    self.aliases.insert(name, original);
                }
                self.lose(name);
            }
            (_, _) if name == "for" => self.targets(tokens, at + 1),
            (_, _) if name == "lambda" => self.targets(tokens, at + 1),
            _ if starts && !is_keyword(name) => self.statement(tokens, at),
            _ => {}
        }
    }

    /// `A = "x"`, `A = B = "x"`, `A: str = "x"`, `A, B = …`.
    fn statement(&mut self, tokens: &'a [Placed<'a>], from: usize) {
        let mut at = from;
        let mut names = Vec::new();
        while let (Some(Token::Name(name)), Some(next)) = (token(tokens, at), token(tokens, at + 1)) {
            let equals = match next {
                Token::Sign(b'=') => at + 1,
                Token::Sign(b':') => match annotation_end(tokens, at + 2) {
                    Some(equals) => equals,
                    None => return,
                },
                Token::Sign(b',') => return self.several(tokens, from),
                _ => break,
            };
            names.push(*name);
            at = equals + 1;
        }
        let mut value = at;
        while is_sign(tokens, value, b'(') {
            value += 1;
        }
        let mut end = value + 1;
        while is_sign(tokens, end, b')') {
            end += 1;
        }
        let ends = matches!(token(tokens, end), None | Some(Token::End | Token::Sign(b';')));
        match token(tokens, value) {
            Some(Token::Text(text)) if text.is_static && ends => {
                names.iter().for_each(|name| self.bind(name, &text.value));
            }
            _ => names.iter().for_each(|name| self.lose(name)),
        }
    }

    /// Every name before the `=` of a statement that binds several.
    fn several(&mut self, tokens: &'a [Placed<'a>], from: usize) {
        let rest = &tokens[from..];
        let ends = |placed: &Placed<'_>| matches!(placed.token, Token::End | Token::Sign(b'=' | b';'));
        let Some(end) = rest.iter().take(MOST_TARGETS).position(ends) else { return };
        if matches!(rest[end].token, Token::Sign(b'=')) {
            self.lose_all(&rest[..end]);
        }
    }

    /// The names between `for` and `in`, or of a lambda.
    fn targets(&mut self, tokens: &'a [Placed<'a>], from: usize) {
        let rest = &tokens[from.min(tokens.len())..];
        let ends = |placed: &Placed<'_>| matches!(placed.token, Token::Name("in") | Token::Sign(b':') | Token::End);
        let end = rest.iter().take(MOST_TARGETS).position(ends).unwrap_or_default();
        self.lose_all(&rest[..end]);
    }

    /// The parameters of a function; names within their defaults and annotations stay.
    fn parameters(&mut self, tokens: &'a [Placed<'a>], open: usize) {
        let mut depth = 0_usize;
        for at in open..tokens.len().min(open + MOST_TARGETS) {
            match token(tokens, at) {
                Some(Token::Sign(b'(' | b'[' | b'{')) => depth += 1,
                Some(Token::Sign(b')' | b']' | b'}')) => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                Some(Token::Name(name))
                    if depth == 1 && matches!(before(tokens, at, 1), Some(Token::Sign(b'(' | b',') | Token::Other)) =>
                {
                    self.lose(name);
                }
                _ => {}
            }
        }
    }

    fn bind(&mut self, name: &'a str, value: &'a str) {
        if let Some(values) = self.values.entry(name).or_insert_with(|| Some(Vec::new()))
            && !values.contains(&value)
            && values.len() < MOST_VALUES
        {
            values.push(value);
        }
    }

    fn lose(&mut self, name: &'a str) {
        self.values.insert(name, None);
    }

    fn lose_all(&mut self, tokens: &'a [Placed<'a>]) {
        for placed in tokens {
            if let Token::Name(name) = placed.token {
                self.lose(name);
            }
        }
    }
}

/// How many tokens of one statement's targets are looked at.
const MOST_TARGETS: usize = 1000;

/// How many literals one name is taken to stand for.
const MOST_VALUES: usize = 16;

/// The `=` behind an annotation; `None` where nothing is assigned.
fn annotation_end(tokens: &[Placed<'_>], from: usize) -> Option<usize> {
    let rest = tokens.get(from..)?;
    let ends = |placed: &Placed<'_>| matches!(placed.token, Token::End | Token::Sign(b'=' | b';'));
    let end = rest.iter().take(MOST_TARGETS).position(ends)?;
    matches!(rest[end].token, Token::Sign(b'=')).then_some(from + end)
}

/// Whether a bracket behind the name is no call.
pub(super) fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass",
        "raise", "return", "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&name)
}
