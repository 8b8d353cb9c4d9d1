//! Python's tokens, as far as references need them: names, strings with their values, brackets, commas and statements.
//!
//! A source comes in, streams of tokens go out: the first is the source itself, each further one what stands in the braces
//! of an f-string. Rules: the Python language reference, "Lexical analysis". Nothing here recurses deeper than
//! [`DEEPEST`].

mod string;

use string::Ending;

/// How deep f-strings may stand in each other; Python itself stops at 150, people at two.
const DEEPEST: usize = 8;

/// A token and where it begins.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub(super) token: Token<'a>,
    /// Counted from 1.
    pub(super) line: usize,
}

/// A token.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// A name or a keyword.
    Name(&'a str),
    /// A string, with all the literals that follow it directly.
    Text(Text),
    /// A bracket, `,` `.` `:` `;` or `=`.
    Sign(u8),
    /// `:=` or `+=` and its kind: the name before it gets another value.
    Rebinds,
    /// Any other.
    Other,
    /// The end of a logical line.
    End,
}

/// A string's value.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// The value, escapes resolved; NUL where an f-string puts something in.
    pub(super) value: String,
    /// False where an f-string puts something in.
    pub(super) is_static: bool,
    /// The lines: from which byte of the value on which line of the source.
    marks: Vec<(usize, usize)>,
}

impl Text {
    /// The line of the source that a byte of the value stands on.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        let after = self.marks.partition_point(|(from, _)| *from <= offset);
        self.marks[..after].last().map_or(1, |(_, line)| *line)
    }

    fn append(&mut self, other: Self) {
        let behind = self.value.len();
        self.value.push_str(&other.value);
        self.is_static &= other.is_static;
        self.marks.extend(other.marks.into_iter().map(|(from, line)| (behind + from, line)));
    }
}

/// The streams of a source, and the line of the first string that does not end: there it is no Python.
pub(super) fn streams(source: &str) -> (Vec<Vec<Placed<'_>>>, Option<usize>) {
    let mut lexer = Lexer { source, at: 0, line: 1, nested: Vec::new(), endless: None };
    let main = lexer.run(Until::End, 0);
    let mut streams = vec![main];
    streams.append(&mut lexer.nested);
    (streams, lexer.endless)
}

/// How far a stream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the end of the source.
    End,
    /// To the `}`, `:` or `!` that ends what an f-string puts in.
    FieldEnd,
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    nested: Vec<Vec<Placed<'a>>>,
    /// Where the first string begins that does not end.
    endless: Option<usize>,
}

impl<'a> Lexer<'a> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    /// Steps over a line end: LF, CR or both.
    fn line_end(&mut self) {
        let is_pair = self.byte(0) == Some(b'\r') && self.byte(1) == Some(b'\n');
        self.at += 1 + usize::from(is_pair);
        self.line += 1;
    }

    fn run(&mut self, until: Until, level: usize) -> Vec<Placed<'a>> {
        let mut tokens: Vec<Placed<'a>> = Vec::new();
        let mut depth = 0_usize;
        while let Some(byte) = self.byte(0) {
            let line = self.line;
            let token = match byte {
                b' ' | b'\t' | 0x0C => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.skip_comment();
                    continue;
                }
                b'\\' => {
                    self.at += 1;
                    if matches!(self.byte(0), Some(b'\n' | b'\r')) {
                        self.line_end();
                    }
                    continue;
                }
                b'\n' | b'\r' => {
                    self.line_end();
                    if depth > 0
                        || until == Until::FieldEnd
                        || matches!(tokens.last(), None | Some(Placed { token: Token::End, .. }))
                    {
                        continue;
                    }
                    Token::End
                }
                b'}' | b':' | b'!'
                    if until == Until::FieldEnd && depth == 0 && !(byte == b'!' && self.byte(1) == Some(b'=')) =>
                {
                    return tokens;
                }
                b'(' | b'[' | b'{' => {
                    depth += 1;
                    self.sign(byte)
                }
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.sign(byte)
                }
                b'"' | b'\'' => match self.string("", level) {
                    Ending::Closed(text) => Token::Text(text),
                    Ending::Bytes => Token::Other,
                    Ending::Broken if until == Until::FieldEnd => return tokens,
                    Ending::Broken => self.endless(line),
                },
                _ if is_name_start(byte) => {
                    let name = self.name();
                    match (self.byte(0), string::is_prefix(name)) {
                        (Some(b'"' | b'\''), true) => match self.string(name, level) {
                            Ending::Closed(text) => Token::Text(text),
                            Ending::Bytes => Token::Other,
                            Ending::Broken if until == Until::FieldEnd => return tokens,
                            Ending::Broken => self.endless(line),
                        },
                        _ => Token::Name(name),
                    }
                }
                b'0'..=b'9' => {
                    self.number();
                    Token::Other
                }
                _ => self.operator(byte),
            };
            push(&mut tokens, Placed { token, line });
        }
        tokens
    }

    fn endless(&mut self, line: usize) -> Token<'a> {
        self.endless.get_or_insert(line);
        Token::Other
    }

    fn sign(&mut self, byte: u8) -> Token<'a> {
        self.at += 1;
        Token::Sign(byte)
    }

    fn skip_comment(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    }

    fn name(&mut self) -> &'a str {
        let rest = &self.source[self.at..];
        let length = rest.bytes().position(|byte| !is_name_part(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Steps over a number; its dots are none of an attribute.
    fn number(&mut self) {
        let rest = &self.source.as_bytes()[self.at..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
        self.at += rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    }

    fn operator(&mut self, byte: u8) -> Token<'a> {
        self.at += 1;
        match (byte, self.byte(0)) {
            (b'=' | b'!' | b'<' | b'>', Some(b'=')) => {
                self.at += 1;
                Token::Other
            }
            (b':' | b'+' | b'-' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'*', Some(b'=')) => {
                self.at += 1;
                Token::Rebinds
            }
            (b',' | b'.' | b':' | b';' | b'=', _) => Token::Sign(byte),
            _ => Token::Other,
        }
    }
}

/// Adds a token; strings side by side are one.
fn push<'a>(tokens: &mut Vec<Placed<'a>>, placed: Placed<'a>) {
    match (tokens.last_mut(), placed) {
        (Some(Placed { token: Token::Text(before), .. }), Placed { token: Token::Text(text), .. }) => {
            before.append(text)
        }
        (_, placed) => tokens.push(placed),
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}
