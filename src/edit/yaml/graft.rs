//! Adding: where new lines go and how they look.
//!
//! A document, a path and a leaf (an item or an entry) go in; the one edit that adds it comes out. New lines go behind
//! the last line of the collection they extend; `null`, `[]` and `{}` give way to what takes their place.

use super::scalar::{self, Context, Quote};
use super::style::Style;
use super::trail::{self, Trail};
use super::tree::{Kind, Layout, Node};
use super::{Change, Document, Edit, Leaf, Step};
use crate::edit::Refusal;

pub(super) fn plan(document: &Document, path: &[Step], leaf: &Leaf) -> Result<(Edit, Change), Refusal> {
    let mut target = path.to_vec();
    if let Leaf::Entry(key, _) = leaf {
        target.push(Step::Key(key.clone()));
    }
    let trail = Trail::follow(document, &target)?;
    if let (Leaf::Entry(..), [], Some(slot)) = (leaf, trail.rest, trail.slots.last()) {
        return Err(exists(document, &trail, *slot, &target));
    }
    let at = target.get(..trail.slots.len()).unwrap_or_default();
    let missing = path.get(at.len()..).unwrap_or_default();
    let keys = missing.iter().map(|step| match step {
        Step::Key(key) => Ok(key.clone()),
        Step::Index(_) => Err(Refusal::whole(format!("has no {}", trail::name(path)))),
    });
    let growth = Growth {
        document,
        nodes: &trail.nodes,
        slot: trail.slots.last().copied(),
        name: trail::name(at),
        keys: keys.collect::<Result<_, _>>()?,
        leaf,
        style: Style::around(document, &trail.nodes, path),
    };
    let edit = growth.edit()?;
    Ok((edit, Change::Graft { at: at.to_vec(), keys: growth.keys, leaf: leaf.clone() }))
}

fn exists(document: &Document, trail: &Trail, slot: usize, path: &[Step]) -> Refusal {
    let entries = trail.nodes.iter().rev().nth(1).map_or(&[][..], |parent| parent.entries());
    let line = entries.get(slot).map(|entry| document.source.line(entry.start));
    let at = line.map(|line| format!(" on line {line}")).unwrap_or_default();
    Refusal { line, reason: format!("has {} already{at}", trail::name(path)), paste: None }
}

/// What is to grow, and where.
struct Growth<'a> {
    document: &'a Document,
    /// From the root to the place where something is missing.
    nodes: &'a [&'a Node],
    /// Which child of its parent that place is.
    slot: Option<usize>,
    name: String,
    /// The mappings to make there.
    keys: Vec<String>,
    leaf: &'a Leaf,
    style: Style,
}

impl Growth<'_> {
    fn edit(&self) -> Result<Edit, Refusal> {
        let Some((site, parents)) = self.nodes.split_last() else { return Ok(self.in_empty_file()) };
        trail::check_editable(self.document, site, &self.name)?;
        match &site.kind {
            _ if site.is_null() || (site.layout().is_some() && site.children().is_empty()) => {
                self.fill(site, parents.last().copied())
            }
            Kind::Sequence { layout, .. } if self.wants_list() => self.extend(site, *layout),
            Kind::Mapping { layout, .. } if !self.wants_list() => self.extend(site, *layout),
            _ => Err(self.wrong_kind(site)),
        }
    }

    fn wants_list(&self) -> bool {
        self.keys.is_empty() && matches!(self.leaf, Leaf::Item(_))
    }

    fn wrong_kind(&self, site: &Node) -> Refusal {
        let line = self.document.source.line(site.start);
        let found = match &site.kind {
            Kind::Sequence { .. } => "a list",
            Kind::Mapping { .. } => "a mapping",
            Kind::Scalar { .. } | Kind::Alias { .. } => "a single value",
        };
        let wanted = if self.wants_list() { "a list" } else { "a mapping" };
        Refusal::at(line, format!("has {found} at {} on line {line}, where {wanted} is needed", self.name))
    }

    /// The new lines, each with the line ending of the place before it.
    fn lines_after(&self, lines: &[String], offset: usize) -> String {
        let newline = self.document.source.newline(offset);
        lines.iter().flat_map(|line| [newline, line]).collect()
    }

    fn lines(&self, column: usize) -> Vec<String> {
        block_lines(&self.keys, self.leaf, column, &self.style)
    }

    fn in_empty_file(&self) -> Edit {
        let (source, at) = (&self.document.source, self.document.outline.body_end);
        let lines = self.lines(0);
        let text = if at == source.line_start(at) {
            let newline = source.newline(at);
            lines.iter().flat_map(|line| [line, newline]).collect()
        } else {
            self.lines_after(&lines, at)
        };
        Edit { range: at..at, text }
    }

    /// Puts the first child in place of null or an empty collection.
    fn fill(&self, site: &Node, parent: Option<&Node>) -> Result<Edit, Refusal> {
        let source = &self.document.source;
        let is_implicit = site.content == site.end;
        if source.line(site.content) != source.line(site.end) {
            return self.fill_brackets(site);
        }
        if matches!(parent.and_then(Node::layout), Some(Layout::Flow | Layout::Pair)) {
            return Ok(self.fill_flow(site, parent));
        }
        Ok(match parent.map(|parent| (parent, &parent.kind)) {
            None if is_implicit => self.in_empty_file(),
            Some((_, Kind::Sequence { items, .. })) if is_implicit => {
                let dash = self.slot.and_then(|slot| items.get(slot)).map_or(site.open, |item| item.start);
                self.fill_in_place(site, source.column(dash) + 2)
            }
            Some((_, Kind::Sequence { .. })) => self.fill_in_place(site, source.column(site.content)),
            _ if !is_implicit && source.opens_line(site.content) => {
                self.fill_in_place(site, source.column(site.content))
            }
            None => self.fill_below(site, 0),
            Some((parent, _)) => {
                let deeper = if self.wants_list() { self.style.dash } else { self.style.step };
                self.fill_below(site, source.column(parent.content) + deeper)
            }
        })
    }

    /// `key: []  # why` becomes `key:  # why` with the new lines below.
    fn fill_below(&self, site: &Node, column: usize) -> Edit {
        let source = &self.document.source;
        let line_end = source.text_end(site.end);
        let below = self.lines_after(&self.lines(column), site.end);
        if site.content == site.end {
            return Edit { range: line_end..line_end, text: below };
        }
        Edit { range: site.open..line_end, text: self.rest_of_line(site.end).to_owned() + &below }
    }

    fn fill_in_place(&self, site: &Node, column: usize) -> Edit {
        let source = &self.document.source;
        let lines = self.lines(column);
        let (first, below) = lines.split_first().map_or(("", &[][..]), |(first, below)| (first.trim_start(), below));
        let before = if site.content == site.end { " " } else { "" };
        let text = format!("{before}{first}{}{}", self.rest_of_line(site.end), self.lines_after(below, site.end));
        Edit { range: site.content..source.text_end(site.end), text }
    }

    /// The comment behind `offset` with the blanks before it.
    fn rest_of_line(&self, offset: usize) -> &str {
        let source = &self.document.source;
        source.slice(offset..source.text_end(offset)).trim_end()
    }

    fn fill_flow(&self, site: &Node, parent: Option<&Node>) -> Edit {
        let value = flow_value(&self.keys, self.leaf, &self.style);
        if site.content != site.end {
            return Edit { range: site.content..site.end, text: value };
        }
        let entry = self.slot.and_then(|slot| parent?.entries().get(slot));
        let before = if entry.is_some_and(|entry| entry.colon.is_none()) { ": " } else { " " };
        Edit { range: site.open..site.open, text: format!("{before}{value}") }
    }

    /// Puts the first child into brackets that span several lines.
    fn fill_brackets(&self, site: &Node) -> Result<Edit, Refusal> {
        if matches!(site.kind, Kind::Sequence { .. }) != self.wants_list() {
            return Err(self.wrong_kind(site));
        }
        let source = &self.document.source;
        let (closing, entry) = (site.end.saturating_sub(1), flow_entry(&self.keys, self.leaf, &self.style));
        if !source.opens_line(closing) {
            return Ok(Edit { range: closing..closing, text: entry });
        }
        let line = format!("{}{}{entry}", source.indentation(closing), " ".repeat(self.style.step));
        let above = source.text_end(source.line_start(closing).saturating_sub(1));
        Ok(Edit { range: above..above, text: self.lines_after(&[line], above) })
    }

    fn extend(&self, site: &Node, layout: Layout) -> Result<Edit, Refusal> {
        let source = &self.document.source;
        match (layout, site.children().last()) {
            (Layout::Block, Some((last, _))) => {
                let at = source.text_end(last.end);
                let text = self.lines_after(&self.lines(source.column(site.content)), at);
                Ok(Edit { range: at..at, text })
            }
            (Layout::Flow, Some((last, _))) => Ok(self.extend_flow(site, last.start, last.end)),
            _ => {
                let line = source.line(site.start);
                Err(Refusal::at(line, format!("writes {} as a pair without braces on line {line}", self.name)))
            }
        }
    }

    /// Adds to `[…]` or `{…}` behind the last child, which keeps the comment on its line.
    fn extend_flow(&self, site: &Node, start: usize, end: usize) -> Edit {
        let source = &self.document.source;
        let entry = flow_entry(&self.keys, self.leaf, &self.style);
        let comma = source.skip_trivia(end);
        let has_comma = source.byte(comma) == Some(b',');
        let after = if has_comma { comma + 1 } else { end };
        let gap = self.flow_gap(site, start);
        let (before, behind) = if has_comma { ("", ",") } else { (",", "") };
        let line_end = source.text_end(after);
        let comments = &self.document.outline.comments;
        if !comments.iter().any(|comment| comment.start >= after && comment.start < line_end.min(site.end)) {
            return Edit { range: after..after, text: format!("{before}{gap}{entry}{behind}") };
        }
        let gap = if gap.contains('\n') {
            gap
        } else {
            format!("{}{}", source.newline(after), " ".repeat(source.column(start)))
        };
        let text = format!("{before}{}{gap}{entry}{behind}", source.slice(after..line_end));
        Edit { range: after..line_end, text }
    }

    /// What stands between a comma and the child behind it: as before the last child.
    fn flow_gap(&self, site: &Node, start: usize) -> String {
        let source = &self.document.source;
        if source.opens_line(start) && start > site.content {
            return format!("{}{}", source.newline(start), source.indentation(start));
        }
        let before = source.slice(site.content..start);
        let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
        let is_behind_comma = before.trim_end_matches([' ', '\t']).ends_with(',');
        if is_behind_comma { " ".repeat(blanks) } else { " ".to_owned() }
    }
}

/// The lines of a leaf within its new mappings, the outermost at `column`.
pub(super) fn block_lines(keys: &[String], leaf: &Leaf, column: usize, style: &Style) -> Vec<String> {
    let write = |text: &str, quote: Quote| scalar::write(text, quote, Context::Block);
    let mut lines: Vec<String> = Vec::new();
    for (depth, key) in keys.iter().enumerate() {
        lines.push(format!("{}{}:", " ".repeat(column + depth * style.step), write(key, style.key)));
    }
    let inner = match keys.len().checked_sub(1) {
        Some(depth) => {
            column + depth * style.step + if matches!(leaf, Leaf::Item(_)) { style.dash } else { style.step }
        }
        None => column,
    };
    lines.push(match leaf {
        Leaf::Item(item) => format!("{}-{}{}", " ".repeat(inner), " ".repeat(style.gap), write(item, style.item)),
        Leaf::Entry(key, value) => {
            format!("{}{}: {}", " ".repeat(inner), write(key, style.key), write(value, style.value))
        }
    });
    lines
}

/// The leaf within its new mappings, as one flow collection.
fn flow_value(keys: &[String], leaf: &Leaf, style: &Style) -> String {
    match (keys, leaf) {
        ([], Leaf::Item(_)) => format!("[{}]", flow_entry(keys, leaf, style)),
        _ => format!("{{{}}}", flow_entry(keys, leaf, style)),
    }
}

/// The same without the outer brackets.
fn flow_entry(keys: &[String], leaf: &Leaf, style: &Style) -> String {
    let write = |text: &str, quote: Quote| scalar::write(text, quote, Context::Flow);
    match (keys.split_first(), leaf) {
        (Some((key, rest)), _) => format!("{}: {}", write(key, style.key), flow_value(rest, leaf, style)),
        (None, Leaf::Item(item)) => write(item, style.item),
        (None, Leaf::Entry(key, value)) => format!("{}: {}", write(key, style.key), write(value, style.value)),
    }
}
