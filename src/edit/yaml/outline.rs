//! The shape of a document with the byte range of every part of it.
//!
//! The events of the parser go in; an [`Outline`] of [`Node`]s comes out, in which each collection knows where its
//! dashes, keys and colons stand. What the parser leaves open (where an empty value or a block scalar ends) is settled
//! here.

use super::source::Source;
use super::tree::{Anchor, Entry, Item, Kind, Layout, Node};
use crate::edit::Refusal;
use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, StructureStyle, Tag};
use std::collections::{HashMap, HashSet};
use std::iter::Peekable;
use std::ops::Range;

/// More nodes than this, aliases written out, is a bomb and no configuration.
const MAX_NODES: u64 = 1_000_000;

/// The nesting that the second parser takes as well.
const MAX_DEPTH: usize = 100;

/// One document: its root, where its body may be extended, and its comments.
pub(super) struct Outline {
    /// `None` for an empty file or one of comments only.
    pub(super) root: Option<Node>,
    /// Before the `...` that ends the document, else the end of the text.
    pub(super) body_end: usize,
    pub(super) comments: Vec<Range<usize>>,
    /// Every alias: the anchor it means and where it stands.
    pub(super) aliases: Vec<(usize, usize)>,
}

impl Outline {
    pub(super) fn read(source: &Source) -> Result<Self, Refusal> {
        let mut options = granit_parser::options! {
            emit_anchor_events: true,
            block_scalar_eof_without_line_feed: true,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        options.max_buffered_comment_events = usize::MAX;
        let events = Parser::new_from_str_with_options(&source.text, options).peekable();
        let mut reader = Reader { source, events, comments: Vec::new(), aliases: Vec::new(), weights: HashMap::new() };
        let (root, body_end) = reader.document()?;
        let Reader { comments, aliases, .. } = reader;
        Ok(Self { root, body_end, comments, aliases })
    }

    /// Where an alias to this anchor stands, if there is one.
    pub(super) fn alias_of(&self, anchor: &Anchor) -> Option<usize> {
        self.aliases.iter().find(|(id, _)| *id == anchor.id).map(|(_, offset)| *offset)
    }
}

struct Reader<'s> {
    source: &'s Source,
    events: Peekable<Parser<'s, StrInput<'s>>>,
    comments: Vec<Range<usize>>,
    aliases: Vec<(usize, usize)>,
    weights: HashMap<usize, u64>,
}

/// What stands before the content of a node.
struct Properties {
    anchor: Option<Anchor>,
    tag: Option<String>,
    start: Option<usize>,
    open: usize,
}

impl<'s> Reader<'s> {
    fn document(&mut self) -> Result<(Option<Node>, usize), Refusal> {
        let (mut root, mut body_end, mut documents) = (None, self.source.text.len(), 0);
        loop {
            let (event, span) = self.next()?;
            let span = bytes(span);
            match event {
                Event::StreamEnd => return Ok((root, body_end)),
                Event::DocumentStart(explicit, _) => {
                    documents += 1;
                    if documents > 1 {
                        let line = self.source.line(span.start);
                        return Err(Refusal::at(line, "holds more than one YAML document (`---`)"));
                    }
                    let from = if explicit { span.end } else { self.source.start() };
                    let next = self.next()?;
                    root = Some(self.node(next, from)?);
                }
                Event::DocumentEnd if self.source.slice(span.clone()) == "..." => body_end = span.start,
                _ => {}
            }
        }
    }

    /// The next event that is not a comment.
    fn next(&mut self) -> Result<(Event<'s>, Span), Refusal> {
        loop {
            match self.events.next() {
                Some(Ok((Event::Comment(..), span))) => self.comments.push(bytes(span)),
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => {
                    let line = error.marker().line();
                    return Err(Refusal::at(line, format!("is not valid YAML: {}", error.info())));
                }
                None => return Err(Refusal::whole("is not valid YAML: it ends too early")),
            }
        }
    }

    /// The node that begins with this event; `from` is behind the dash, colon or bracket that introduces it.
    fn node(&mut self, (event, span): (Event<'s>, Span), from: usize) -> Result<Node, Refusal> {
        let at = bytes(span);
        let node = match event {
            Event::Alias(id) => {
                self.aliases.push((id, at.start));
                let name = self.source.slice(at.clone()).trim_start_matches('*').to_owned();
                let weight = self.weights.get(&id).copied().unwrap_or(1);
                let kind = Kind::Alias { id, name };
                Node {
                    kind,
                    anchor: None,
                    tag: None,
                    start: at.start,
                    open: from,
                    content: at.start,
                    end: at.end,
                    weight,
                }
            }
            Event::Scalar(text, style, _, tag) => {
                let properties = self.properties(span, tag.as_deref(), from);
                self.scalar(text.into_owned(), style, at, properties)
            }
            Event::SequenceStart(style, _, tag) => {
                let properties = self.properties(span, tag.as_deref(), from);
                self.sequence(layout(style, self.source.slice(at.clone())), at, properties)?
            }
            Event::MappingStart(style, _, tag) => {
                let properties = self.properties(span, tag.as_deref(), from);
                self.mapping(layout(style, self.source.slice(at.clone())), at, properties)?
            }
            _ => return Err(Refusal::at(self.source.line(at.start), "is not valid YAML: a value is missing")),
        };
        if node.weight > MAX_NODES {
            let line = self.source.line(node.start);
            return Err(Refusal::at(line, "has aliases that expand to more values than a configuration can hold"));
        }
        if let Some(anchor) = &node.anchor {
            self.weights.insert(anchor.id, node.weight);
        }
        Ok(node)
    }

    fn properties(&mut self, span: Span, tag: Option<&Tag>, from: usize) -> Properties {
        let mut properties = Properties { anchor: None, tag: None, start: None, open: from };
        let widen = |range: Range<usize>, properties: &mut Properties| {
            properties.start = Some(properties.start.map_or(range.start, |start| start.min(range.start)));
            properties.open = properties.open.max(range.end);
        };
        if let Some(tag) = tag {
            properties.tag = Some(format!("{}{}", tag.handle(), tag.suffix()));
            if let Some(span) = span.tag_span() {
                widen(bytes(span), &mut properties);
            }
        }
        if let Some(Ok((Event::Anchor(id, name), span))) =
            self.events.next_if(|next| matches!(next, Ok((Event::Anchor(..), _))))
        {
            properties.anchor = Some(Anchor { id, name: name.into_owned() });
            widen(bytes(span), &mut properties);
        }
        properties
    }

    fn scalar(&self, text: String, style: ScalarStyle, at: Range<usize>, properties: Properties) -> Node {
        let (content, end) = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let header = self.source.skip_trivia(properties.open);
                (header, self.block_scalar_end(header, &at))
            }
            // The span of a value that is not there may lie anywhere up to the next token.
            ScalarStyle::Plain if at.is_empty() => (properties.open, properties.open),
            _ => (at.start, at.end),
        };
        let text = if style == ScalarStyle::Plain && at.is_empty() { String::new() } else { text };
        properties.node(Kind::Scalar { text, style }, content, end, 1)
    }

    /// The end of a block scalar's last line. The parser's span goes on to the next token, over blank lines that only
    /// `|+` and `>+` keep.
    fn block_scalar_end(&self, header: usize, at: &Range<usize>) -> usize {
        let first = self.source.text_end(header);
        let keeps = self.source.slice(header..first).split('#').next().is_some_and(|header| header.contains('+'));
        let indent = self.source.column(at.start);
        let is_blank = |end: usize| self.source.slice(self.source.line_start(end)..end).trim().is_empty();
        let line_before = |end: usize| self.source.text_end(self.source.line_start(end).saturating_sub(1));
        let mut end = at.end.max(first);
        // What follows the last line ending is the indentation of the next token.
        if end > first && is_blank(end) {
            end = line_before(end);
        }
        while !keeps && end > first && is_blank(end) && self.source.column(end) <= indent {
            end = line_before(end);
        }
        end.max(first)
    }

    fn sequence(&mut self, layout: Layout, at: Range<usize>, properties: Properties) -> Result<Node, Refusal> {
        let mut items: Vec<Item> = Vec::new();
        let (mut cursor, mut weight) = (if layout == Layout::Block { properties.open } else { at.end }, 1_u64);
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let end = if layout == Layout::Flow { bytes(span).end } else { cursor };
                let content = items.first().map_or(at.start, |item| item.start);
                let content = if layout == Layout::Block { content } else { at.start };
                return Ok(properties.node(Kind::Sequence { layout, items }, content, end, weight));
            }
            let mut start = self.skip_separators(cursor, layout);
            let dash = start;
            if layout == Layout::Block {
                if self.source.byte(start) != Some(b'-') {
                    return Err(self.lost(start));
                }
                start += 1;
            }
            let node = self.node((event, span), start)?;
            weight = weight.saturating_add(node.weight);
            cursor = node.end.max(start);
            items.push(Item { start: if layout == Layout::Block { dash } else { node.start }, node });
        }
    }

    fn mapping(&mut self, layout: Layout, at: Range<usize>, properties: Properties) -> Result<Node, Refusal> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut names = HashSet::new();
        let (mut cursor, mut weight) = (if layout == Layout::Flow { at.end } else { properties.open }, 1_u64);
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                let end = if layout == Layout::Flow { bytes(span).end } else { cursor };
                let content = entries.first().map_or(at.start, |entry| entry.start);
                let content = if layout == Layout::Flow { at.start } else { content };
                return Ok(properties.node(Kind::Mapping { layout, entries }, content, end, weight));
            }
            let start = self.skip_separators(cursor, layout);
            let marked = self.source.byte(start) == Some(b'?')
                && self.source.byte(start + 1).is_none_or(|byte| byte.is_ascii_whitespace());
            let key = self.node((event, span), start + usize::from(marked))?;
            if let Some(name) = key.text()
                && !names.insert(name.to_owned())
            {
                let line = self.source.line(key.start);
                return Err(Refusal::at(line, format!("has the key `{}` twice in one mapping", name.escape_debug())));
            }
            let colon = self.colon(&key, layout);
            let from = colon.map_or(key.end, |colon| colon + 1);
            let next = self.next()?;
            let value = self.node(next, from)?;
            weight = weight.saturating_add(key.weight).saturating_add(value.weight);
            cursor = value.end.max(from);
            entries.push(Entry { start: start.min(key.start), key, colon, value });
        }
    }

    /// The next thing of a collection, behind the blanks, comments and, in flow style, commas.
    fn skip_separators(&self, from: usize, layout: Layout) -> usize {
        let mut at = self.source.skip_trivia(from);
        while layout == Layout::Flow && self.source.byte(at) == Some(b',') {
            at = self.source.skip_trivia(at + 1);
        }
        at
    }

    fn colon(&self, key: &Node, layout: Layout) -> Option<usize> {
        let at = self.source.skip_trivia(key.end);
        let after = self.source.byte(at + 1);
        let is_indicator = layout != Layout::Block || after.is_none_or(|byte| byte.is_ascii_whitespace());
        (self.source.byte(at) == Some(b':') && is_indicator).then_some(at)
    }

    fn lost(&self, offset: usize) -> Refusal {
        Refusal::at(self.source.line(offset), "is written in a way that cannot be followed byte by byte")
    }
}

impl Properties {
    fn node(self, kind: Kind, content: usize, end: usize, weight: u64) -> Node {
        let Self { anchor, tag, start, open } = self;
        Node { kind, anchor, tag, start: start.unwrap_or(content), open, content, end, weight }
    }
}

fn layout(style: StructureStyle, opening: &str) -> Layout {
    match style {
        StructureStyle::Block => Layout::Block,
        StructureStyle::Flow if opening.is_empty() => Layout::Pair,
        StructureStyle::Flow => Layout::Flow,
    }
}

/// The byte range of a span. A parser made from a string always knows it.
fn bytes(span: Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}
