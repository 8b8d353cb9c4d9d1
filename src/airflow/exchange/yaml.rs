//! YAML as PyYAML's safe loader reads it (YAML 1.1: `yes` is true, `010` is 8), with the line of every part, and as its
//! dumper writes it.
//!
//! A file's text comes in, a tree goes out; none of its texts is in an error. Sources: yaml/pyyaml `lib/yaml/{resolver,
//! constructor,representer}.py`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use fancy_regex::Regex;
use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::{ExchangeError, shown};
use crate::airflow::python::json::{Json, float};

/// More values than this, aliases written out, is a bomb and no file of secrets.
const MAX_NODES: usize = 300_000;
/// The deepest nesting, aliases written out.
const MAX_DEPTH: usize = 100;

/// A scalar.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) line: usize,
    pub(super) text: String,
    /// Without quotes, not a block and not tagged: it may be a number.
    is_plain: bool,
}

/// A part of a file.
#[derive(Clone)]
pub(super) enum Node {
    Scalar(Scalar),
    List { items: Vec<Node> },
    Map { line: usize, entries: Vec<(Scalar, Node)> },
}

/// A node, how many there are in it, and how deep it is.
type Weighed = (Node, usize, usize);

/// Reads a file; `None` where it is empty.
pub(super) fn parse(text: &str) -> Result<Option<Node>, ExchangeError> {
    let options = granit_parser::options! { flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH };
    let events = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { events, anchors: HashMap::new(), nodes: 0 };
    let mut root = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(root),
            (Event::DocumentStart(..), line) if root.is_some() => {
                return Err(ExchangeError::at(line, "begins a second YAML document (`---`)"));
            }
            (Event::DocumentStart(..), _) => {
                let next = reader.next()?;
                root = Some(reader.node(next)?.0);
            }
            _ => {}
        }
    }
}

struct Reader<'s> {
    events: Parser<'s, StrInput<'s>>,
    anchors: HashMap<usize, Weighed>,
    nodes: usize,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Result<(Event<'s>, usize), ExchangeError> {
        let line = |span: Span| span.start.line();
        loop {
            match self.events.next() {
                Some(Ok((Event::Comment(..) | Event::Anchor(..), _))) => {}
                Some(Ok((event, span))) => return Ok((event, line(span))),
                Some(Err(error)) => {
                    let marker = error.marker();
                    let reason = format!("is no valid YAML near column {}", marker.col() + 1);
                    return Err(ExchangeError::at(marker.line(), reason));
                }
                None => return Err(ExchangeError::whole("is no valid YAML: it ends too early")),
            }
        }
    }

    fn node(&mut self, (event, line): (Event<'s>, usize)) -> Result<Weighed, ExchangeError> {
        let (anchor, (node, weight, depth)) = match event {
            Event::Alias(id) => {
                let found = self.anchors.get(&id);
                let (_, weight, depth) =
                    found.ok_or_else(|| ExchangeError::at(line, "has an alias inside of itself"))?;
                // Before it is copied: a copy of a bomb is one.
                self.count(*weight, *depth, line)?;
                return Ok(self.anchors.get(&id).cloned().unwrap_or((Node::List { items: Vec::new() }, 1, 1)));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = is_text(tag.as_deref(), line)?;
                let is_plain = style == ScalarStyle::Plain && !is_text;
                (anchor, (Node::Scalar(Scalar { line, text: text.into_owned(), is_plain }), 1, 1))
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), line)?;
                (anchor, self.list()?)
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), line)?;
                (anchor, self.map(line)?)
            }
            _ => return Err(ExchangeError::at(line, "is no valid YAML: a value is missing")),
        };
        self.count(1, depth, line)?;
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), weight, depth));
            self.count(weight, depth, line)?;
        }
        Ok((node, weight, depth))
    }

    fn count(&mut self, nodes: usize, depth: usize, line: usize) -> Result<(), ExchangeError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            let reason =
                "has aliases or nesting that make more of it than a file of connections and variables can hold";
            return Err(ExchangeError::at(line, reason));
        }
        Ok(())
    }

    fn list(&mut self) -> Result<Weighed, ExchangeError> {
        let (mut items, mut weight, mut deepest) = (Vec::new(), 1, 0);
        loop {
            let next = self.next()?;
            if matches!(next.0, Event::SequenceEnd) {
                return Ok((Node::List { items }, weight, deepest + 1));
            }
            let (node, nodes, depth) = self.node(next)?;
            (weight, deepest) = (weight + nodes, deepest.max(depth));
            items.push(node);
        }
    }

    fn map(&mut self, line: usize) -> Result<Weighed, ExchangeError> {
        let (mut own, mut merged, mut weight, mut deepest) = (Vec::new(), Vec::new(), 1, 0);
        let mut keys = HashSet::new();
        loop {
            let next = self.next()?;
            if matches!(next.0, Event::MappingEnd) {
                break;
            }
            let line = next.1;
            let (Node::Scalar(key), ..) = self.node(next)? else {
                return Err(ExchangeError::at(line, "has a key that is no text"));
            };
            let next = self.next()?;
            let (value, nodes, depth) = self.node(next)?;
            (weight, deepest) = (weight + 1 + nodes, deepest.max(depth));
            if key.is_plain && key.text == "<<" {
                merged.extend(merge(value, key.line)?);
            } else if keys.insert(key.text.clone()) {
                own.push((key, value));
            } else {
                return Err(ExchangeError::at(key.line, format!("has the key `{}` a second time", shown(&key.text))));
            }
        }
        // PyYAML puts what is merged before the mapping's own, and the first of several merged ones counts.
        let merged = merged.into_iter().filter(|(key, _)| keys.insert(key.text.clone()));
        let entries = merged.chain(own).collect();
        Ok((Node::Map { line, entries }, weight, deepest + 1))
    }
}

/// `!!str` makes a text of anything; no other tag is of use in such a file.
fn is_text(tag: Option<&Tag>, line: usize) -> Result<bool, ExchangeError> {
    match tag {
        None => Ok(false),
        Some(tag) if tag.suffix() == "str" || (tag.handle(), tag.suffix()) == ("", "!") => Ok(true),
        tag => refuse_tag(tag, line).map(|()| false),
    }
}

fn refuse_tag(tag: Option<&Tag>, line: usize) -> Result<(), ExchangeError> {
    match tag {
        None => Ok(()),
        Some(_) => Err(ExchangeError::at(line, "has a YAML tag, which is not read here")),
    }
}

fn merge(value: Node, line: usize) -> Result<Vec<(Scalar, Node)>, ExchangeError> {
    let refused =
        || ExchangeError::at(line, "has a merge key `<<` whose value is neither a mapping nor a list of mappings");
    match value {
        Node::Map { entries, .. } => Ok(entries),
        Node::List { items, .. } => {
            let mut all = Vec::new();
            for item in items {
                let Node::Map { entries, .. } = item else { return Err(refused()) };
                all.extend(entries);
            }
            Ok(all)
        }
        Node::Scalar(_) => Err(refused()),
    }
}

impl Scalar {
    /// The key of a mapping, which has to be a text.
    pub(super) fn key(&self) -> Result<String, ExchangeError> {
        match self.to_json()? {
            Json::Text(text) => Ok(text),
            _ => Err(ExchangeError::at(
                self.line,
                "has a key that YAML takes for a number, a truth value or nothing; put it in quotes",
            )),
        }
    }

    pub(super) fn to_json(&self) -> Result<Json, ExchangeError> {
        if !self.is_plain {
            return Ok(Json::Text(self.text.clone()));
        }
        resolve(&self.text).ok_or_else(|| {
            ExchangeError::at(
                self.line,
                "has a value that YAML takes for a date or a number too large; put it in quotes",
            )
        })
    }
}

impl Node {
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::Scalar(scalar) => Some(scalar.line),
            Self::Map { line, .. } => Some(*line),
            Self::List { items, .. } => items.first().and_then(Self::line),
        }
    }

    pub(super) fn to_json(&self) -> Result<Json, ExchangeError> {
        match self {
            Self::Scalar(scalar) => scalar.to_json(),
            Self::List { items, .. } => Ok(Json::List(items.iter().map(Self::to_json).collect::<Result<_, _>>()?)),
            Self::Map { entries, .. } => {
                let entry = |(key, value): &(Scalar, Self)| {
                    let (key, value) = (key.key()?, value.to_json()?);
                    Ok::<_, ExchangeError>((key, value))
                };
                Ok(Json::Object(entries.iter().map(entry).collect::<Result<_, _>>()?))
            }
        }
    }
}

/// PyYAML's implicit resolvers.
struct Patterns {
    int: Option<Regex>,
    float: Option<Regex>,
    timestamp: Option<Regex>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns {
    int: Regex::new(
        r"^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$",
    )
    .ok(),
    float: Regex::new(
        r"^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
    )
    .ok(),
    timestamp: Regex::new(
        r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$",
    )
    .ok(),
}
});

/// What a plain scalar is; `None` for a date, which has no JSON, and for what PyYAML cannot make a value of.
fn resolve(text: &str) -> Option<Json> {
    let is = |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|pattern| pattern.is_match(text).unwrap_or(false));
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Json::Null),
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Some(Json::Bool(true)),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Some(Json::Bool(false)),
        "=" => return None,
        _ => {}
    }
    match () {
        () if is(&PATTERNS.float) => yaml_float(text).map(Json::Float),
        () if is(&PATTERNS.int) => yaml_int(text).map(|number| Json::Int(number.to_string())),
        () if is(&PATTERNS.timestamp) => None,
        () => Some(Json::Text(text.to_owned())),
    }
}

fn signed(text: &str) -> (bool, String) {
    let digits = text.replace('_', "");
    let bare = digits.strip_prefix(['-', '+']).map(str::to_owned);
    (digits.starts_with('-'), bare.unwrap_or(digits))
}

fn yaml_int(text: &str) -> Option<i128> {
    let (is_negative, digits) = signed(text);
    let number = match digits.as_bytes() {
        [b'0', b'b', ..] => i128::from_str_radix(&digits[2..], 2).ok(),
        [b'0', b'x', ..] => i128::from_str_radix(&digits[2..], 16).ok(),
        [b'0', _, ..] => i128::from_str_radix(&digits, 8).ok(),
        _ => digits.split(':').try_fold(0_i128, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?)),
    }?;
    Some(if is_negative { -number } else { number })
}

fn yaml_float(text: &str) -> Option<f64> {
    let (is_negative, digits) = signed(text);
    let number = match digits.to_ascii_lowercase().as_str() {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        digits if digits.contains(':') => {
            digits.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?
        }
        digits => digits.parse().ok()?,
    };
    Some(if is_negative { -number } else { number })
}

/// A document, as `yaml.dump` would have it up to its line breaks inside of texts, which are escapes here.
pub(super) fn dump(value: &Json) -> String {
    let mut out = String::new();
    match value {
        Json::Object(entries) if !entries.is_empty() => dump_map(entries, 0, &mut out),
        Json::List(items) if !items.is_empty() => dump_list(items, 0, &mut out),
        other => out.push_str(&format!("{}\n", scalar(other))),
    }
    out
}

fn dump_map(entries: &[(String, Json)], indent: usize, out: &mut String) {
    for (at, (key, value)) in entries.iter().enumerate() {
        // The first key follows the dash or the key before it.
        if at > 0 || indent == 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&dump_text(key));
        out.push(':');
        match value {
            Json::Object(entries) if !entries.is_empty() => {
                out.push_str(&format!("\n{}", " ".repeat(indent + 2)));
                dump_map(entries, indent + 2, out);
            }
            Json::List(items) if !items.is_empty() => {
                out.push('\n');
                dump_list(items, indent, out);
            }
            other => out.push_str(&format!(" {}\n", scalar(other))),
        }
    }
}

fn dump_list(items: &[Json], indent: usize, out: &mut String) {
    for item in items {
        out.push_str(&format!("{}- ", " ".repeat(indent)));
        match item {
            Json::Object(entries) if !entries.is_empty() => dump_map(entries, indent + 2, out),
            Json::List(items) if !items.is_empty() => {
                let mut nested = String::new();
                dump_list(items, indent + 2, &mut nested);
                out.push_str(nested.trim_start());
            }
            other => out.push_str(&format!("{}\n", scalar(other))),
        }
    }
}

fn scalar(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Text(text) => dump_text(text),
        Json::Float(value) if value.is_nan() => ".nan".to_owned(),
        Json::Float(value) if value.is_infinite() => if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        Json::Float(value) => match float(*value) {
            // Without a point, an exponent is a text in YAML 1.1.
            text if text.contains('e') && !text.contains('.') => text.replace('e', ".0e"),
            text => text,
        },
        other => other.dumps(),
    }
}

/// Plain where no reader of YAML could take it for anything else; else in single or, with escapes, double quotes.
fn dump_text(text: &str) -> String {
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_plain = is_printable
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '/' | '('))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && matches!(resolve(text), Some(Json::Text(_)))
        && !matches!(text, "y" | "Y" | "n" | "N");
    if is_plain {
        text.to_owned()
    } else if is_printable {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        // Each escape of JSON is one of YAML's.
        Json::dumps_for_yaml(text)
    }
}
