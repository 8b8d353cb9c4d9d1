//! What Python source names: calls, keyword arguments and dictionaries that take an id, and templates in strings.
//!
//! A source comes in, its mentions go out. Ids are literals, or names that the same file binds to literals alone.

mod bindings;

use std::collections::HashMap;

use super::lexer::{self, Placed, Text, Token};
use super::template;
use super::{Absence, Kind, Mention, ReadAs, is_id};
use bindings::Bindings;

/// How many tokens of a call's arguments are looked at.
const LONGEST_CALL: usize = 1000;

/// What opened a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    /// A call.
    Call,
    /// A call that makes a connection instead of looking one up.
    Making,
    /// A dictionary or a set.
    Braces,
    /// Anything else.
    Other,
}

/// Every id that a source names, and the line of a string that does not end.
pub(super) fn mentions(source: &str) -> (Vec<Mention>, Option<usize>) {
    let (streams, endless) = lexer::streams(source);
    let bindings = Bindings::of(&streams);
    let mut finder = Finder { bindings: &bindings, found: Vec::new() };
    for stream in &streams {
        finder.stream(stream);
    }
    (finder.found, endless)
}

struct Finder<'a> {
    bindings: &'a Bindings<'a>,
    found: Vec<Mention>,
}

/// The values that an expression may have, with the line of each.
type Values<'a> = Vec<(&'a str, usize)>;

impl<'a> Finder<'a> {
    fn stream(&mut self, tokens: &'a [Placed<'a>]) {
        let mut brackets = Vec::new();
        for (at, placed) in tokens.iter().enumerate() {
            match &placed.token {
                Token::Sign(b'(') => {
                    brackets.push(opened(tokens, at, self.bindings));
                    self.call(tokens, at);
                }
                Token::Sign(b'{') => brackets.push(Opened::Braces),
                Token::Sign(b'[') => brackets.push(Opened::Other),
                Token::Sign(b')' | b']' | b'}') => drop(brackets.pop()),
                Token::Name(name) if takes_id(name) && brackets.last() == Some(&Opened::Call) => {
                    self.keyword(tokens, at, name);
                }
                Token::Text(text) => {
                    self.key(tokens, at, text, brackets.last().copied());
                    self.templates(text);
                }
                _ => {}
            }
        }
    }

    /// `conn_id="x"` in a call.
    fn keyword(&mut self, tokens: &'a [Placed<'a>], at: usize, name: &str) {
        let is_argument = matches!(before(tokens, at, 1), Some(Token::Sign(b'(' | b',')));
        if is_argument && is_sign(tokens, at + 1, b'=') {
            let values = self.values(tokens, at + 2);
            self.connections(values, absence_of(name));
        }
    }

    /// `"conn_id": "x"` in a dictionary, or `args["conn_id"] = "x"`.
    fn key(&mut self, tokens: &'a [Placed<'a>], at: usize, text: &Text, opened: Option<Opened>) {
        if !text.is_static || !takes_id(&text.value) {
            return;
        }
        let value = match before(tokens, at, 1) {
            Some(Token::Sign(b'{' | b',')) if opened == Some(Opened::Braces) && is_sign(tokens, at + 1, b':') => at + 2,
            Some(Token::Sign(b'[')) if is_sign(tokens, at + 1, b']') && is_sign(tokens, at + 2, b'=') => at + 3,
            _ => return,
        };
        let values = self.values(tokens, value);
        self.connections(values, absence_of(&text.value));
    }

    /// A call of something that looks an id up, by its opening bracket.
    fn call(&mut self, tokens: &'a [Placed<'a>], open: usize) {
        let Some(Token::Name(name)) = before(tokens, open, 1) else { return };
        let receiver = match (before(tokens, open, 2), before(tokens, open, 3)) {
            (Some(Token::Sign(b'.')), Some(Token::Name(receiver))) => Some(self.bindings.original(receiver)),
            (Some(Token::Name("def")), _) => return,
            _ => None,
        };
        match (receiver, *name) {
            (Some("Variable"), "get" | "aget" | "get_variable_from_secrets") => self.variable(tokens, open),
            (Some("Connection"), "get" | "aget")
            | (_, "get_connection_from_secrets" | "get_connection" | "aget_connection") => {
                // `conn_id="x"` is a keyword like any other.
                let values = argument(tokens, open, 0, &[]).map(|at| self.values(tokens, at)).unwrap_or_default();
                self.connections(values, Absence::Fails);
            }
            (Some("BaseHook"), "get_hook") => {
                let values = argument(tokens, open, 0, &[]).map(|at| self.values(tokens, at)).unwrap_or_default();
                self.connections(values, Absence::Fails);
            }
            _ => {}
        }
    }

    fn variable(&mut self, tokens: &'a [Placed<'a>], open: usize) {
        let Some(key) = argument(tokens, open, 0, &["key"]) else { return };
        let default = argument(tokens, open, 1, &["default_var", "default"]);
        let json = argument(tokens, open, 2, &["deserialize_json"]);
        let is_json =
            json.is_some_and(|at| matches!(tokens.get(at).map(|placed| &placed.token), Some(Token::Name("True"))));
        let absence = if default.is_some() { Absence::Default } else { Absence::Fails };
        let read_as = if is_json { ReadAs::Json } else { ReadAs::Text };
        for (id, line) in self.values(tokens, key) {
            self.mention(Kind::Variable, id, line, absence, read_as);
        }
    }

    fn connections(&mut self, values: Values<'_>, absence: Absence) {
        for (id, line) in values {
            self.mention(Kind::Connection, id, line, absence, ReadAs::Text);
        }
    }

    fn mention(&mut self, kind: Kind, id: &str, line: usize, absence: Absence, read_as: ReadAs) {
        if is_id(kind, id) {
            self.found.push(Mention { kind, id: id.to_owned(), line, absence, read_as });
        }
    }

    /// The values of an expression that is nothing but a literal, or a name for literals.
    fn values(&self, tokens: &'a [Placed<'a>], from: usize) -> Values<'a> {
        let mut at = from;
        while is_sign(tokens, at, b'(') {
            at += 1;
        }
        let Some(placed) = tokens.get(at) else { return Vec::new() };
        let values = match &placed.token {
            Token::Text(text) if text.is_static => vec![(text.value.as_str(), placed.line)],
            Token::Name(name) => self.bindings.values(name).into_iter().map(|value| (value, placed.line)).collect(),
            _ => return Vec::new(),
        };
        at += 1;
        while is_sign(tokens, at, b')') && at - from < LONGEST_CALL {
            at += 1;
        }
        let ends = match tokens.get(at).map(|placed| &placed.token) {
            None | Some(Token::End | Token::Sign(b',' | b'}' | b']' | b';')) => true,
            // What comes behind a call's last bracket belongs to what the call gives.
            _ => is_sign(tokens, at - 1, b')'),
        };
        if ends { values } else { Vec::new() }
    }

    fn templates(&mut self, text: &Text) {
        for found in template::mentions(&text.value) {
            let line = text.line_of(found.offset);
            self.mention(found.kind, found.id, line, found.absence, found.read_as);
        }
    }
}

fn token<'t, 'a>(tokens: &'t [Placed<'a>], at: usize) -> Option<&'t Token<'a>> {
    tokens.get(at).map(|placed| &placed.token)
}

/// The token so many places before.
fn before<'t, 'a>(tokens: &'t [Placed<'a>], at: usize, count: usize) -> Option<&'t Token<'a>> {
    token(tokens, at.checked_sub(count)?)
}

fn is_sign(tokens: &[Placed<'_>], at: usize, sign: u8) -> bool {
    matches!(token(tokens, at), Some(Token::Sign(found)) if *found == sign)
}

/// Whether an argument or a key of this name takes a connection's id.
fn takes_id(name: &str) -> bool {
    name == "conn_id" || name.ends_with("_conn_id")
}

fn absence_of(name: &str) -> Absence {
    if name == "aws_conn_id" { Absence::Environment } else { Absence::Fails }
}

/// What a round bracket opens.
fn opened(tokens: &[Placed<'_>], at: usize, bindings: &Bindings<'_>) -> Opened {
    match (before(tokens, at, 1), before(tokens, at, 2)) {
        (Some(Token::Name(_)), Some(Token::Name("def" | "class"))) => Opened::Other,
        (Some(Token::Name(name)), _) if bindings.original(name) == "Connection" => Opened::Making,
        (Some(Token::Name(name)), _) if bindings::is_keyword(name) => Opened::Other,
        (Some(Token::Name(_) | Token::Sign(b')' | b']')), _) => Opened::Call,
        _ => Opened::Other,
    }
}

/// Where the value of an argument begins, by its position or one of its names.
fn argument(tokens: &[Placed<'_>], open: usize, position: usize, names: &[&str]) -> Option<usize> {
    let (mut depth, mut index, mut positional) = (0_usize, 0_usize, true);
    let mut starts = true;
    for at in open + 1..tokens.len().min(open + LONGEST_CALL) {
        if starts && depth == 0 {
            starts = false;
            match token(tokens, at) {
                Some(Token::Name(name)) if is_sign(tokens, at + 1, b'=') => {
                    if names.contains(name) {
                        return Some(at + 2);
                    }
                    positional = false;
                }
                Some(Token::Sign(b')')) => return None,
                // `*args` and `**kwargs` may be anything.
                Some(Token::Other) => positional = false,
                _ if positional && index == position => return Some(at),
                _ => {}
            }
        }
        match token(tokens, at) {
            Some(Token::Sign(b'(' | b'[' | b'{')) => depth += 1,
            Some(Token::Sign(b')' | b']' | b'}')) if depth == 0 => return None,
            Some(Token::Sign(b')' | b']' | b'}')) => depth -= 1,
            Some(Token::Sign(b',')) if depth == 0 => {
                starts = true;
                index += 1;
            }
            _ => {}
        }
    }
    None
}

/// Names of a file by their name there and in the module that they come from.
type Aliases<'a> = HashMap<&'a str, &'a str>;
