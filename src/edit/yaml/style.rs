//! The habits of a file: how deep it indents, where its dashes stand, how it quotes.
//!
//! An outline and the place of an edit go in; the habits that new text there should follow come out. What is nearest
//! counts most: the same collection, then collections under the same key, then the file.

use super::scalar::Quote;
use super::tree::{Entry, Kind, Layout, Node};
use super::{Document, Step};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    /// Columns by which a mapping is deeper than the mapping around it.
    pub(super) step: usize,
    /// Columns by which a dash is deeper than the key of its list; 0 for indentless lists.
    pub(super) dash: usize,
    /// Blanks between a dash and its item.
    pub(super) gap: usize,
    pub(super) key: Quote,
    pub(super) item: Quote,
    pub(super) value: Quote,
}

impl Style {
    /// What a file without any habits gets.
    pub(super) const PLAIN: Self =
        Self { step: 2, dash: 2, gap: 1, key: Quote::Plain, item: Quote::Plain, value: Quote::Plain };

    /// The habits around the last of `nodes`, those along `path` that exist, for extending or making what `path` leads to.
    pub(super) fn around(document: &Document, nodes: &[&Node], path: &[Step]) -> Self {
        let name = match path.last() {
            Some(Step::Key(key)) => Some(key.as_str()),
            _ => None,
        };
        let mut habits = Habits { document, name, steps: Vec::new(), lists: Vec::new(), mapping: None };
        if let Some(root) = nodes.first() {
            habits.gather(root, None);
        }
        let near = nodes.iter().rev().find(|node| !node.entries().is_empty());
        let json = near.is_some_and(|node| {
            node.layout() == Some(Layout::Flow)
                && shared_quote(node.entries().iter().map(|entry| &entry.key)) == Quote::Double
        });
        if json {
            return Self { key: Quote::Double, item: Quote::Double, value: Quote::Double, ..Self::PLAIN };
        }
        let site = nodes.last().copied();
        let own_step = site.and_then(|node| habits.steps.iter().rev().find(|(of, _)| std::ptr::eq(*of, node)));
        let step =
            own_step.map(|(_, step)| *step).or_else(|| most_frequent(habits.steps.iter().map(|(_, step)| *step)));
        let step = step.unwrap_or(Self::PLAIN.step);
        let list = habits.lists.iter().rev().max_by_key(|list| list.same_name);
        let extended = site.filter(|node| nodes.len() == path.len() + 1 && !node.children().is_empty());
        let items = extended.filter(|node| matches!(node.kind, Kind::Sequence { .. }));
        let values = extended.filter(|node| matches!(node.kind, Kind::Mapping { .. }));
        Self {
            step,
            dash: list
                .filter(|list| list.same_name)
                .map(|list| list.dash)
                .unwrap_or_else(|| most_frequent(habits.lists.iter().map(|list| list.dash)).unwrap_or(step)),
            gap: items.map(|node| gap(document, node)).or(list.map(|list| list.gap)).unwrap_or(Self::PLAIN.gap),
            key: near.map_or(Quote::Plain, |node| shared_quote(node.entries().iter().map(|entry| &entry.key))),
            item: items.map(item_quote).or(list.map(|list| list.quote)).unwrap_or(Quote::Plain),
            value: values.or(habits.mapping).map_or(Quote::Plain, value_quote),
        }
    }
}

struct Habits<'a> {
    document: &'a Document,
    /// The key of the collection that is to be made or extended.
    name: Option<&'a str>,
    /// For each mapping in a mapping: the outer one, and how much deeper the inner one is.
    steps: Vec<(&'a Node, usize)>,
    lists: Vec<List>,
    /// The last mapping under the same key.
    mapping: Option<&'a Node>,
}

struct List {
    same_name: bool,
    dash: usize,
    gap: usize,
    quote: Quote,
}

impl<'a> Habits<'a> {
    fn gather(&mut self, node: &'a Node, key: Option<&str>) {
        for entry in node.entries() {
            if node.layout() == Some(Layout::Block) && !entry.is_explicit() {
                self.note(node, entry);
            }
            self.gather(&entry.value, entry.name());
        }
        if let Kind::Sequence { items, .. } = &node.kind {
            items.iter().for_each(|item| self.gather(&item.node, None));
        }
        if key.is_some() && key == self.name && !node.entries().is_empty() {
            self.mapping = Some(node);
        }
    }

    fn note(&mut self, node: &'a Node, entry: &'a Entry) {
        let inner = &entry.value;
        let source = &self.document.source;
        let deeper = source.column(inner.content).checked_sub(source.column(entry.start));
        let (Some(Layout::Block), Some(deeper)) = (inner.layout(), deeper) else { return };
        match &inner.kind {
            Kind::Mapping { .. } => self.steps.push((node, deeper)),
            Kind::Sequence { .. } => self.lists.push(List {
                same_name: self.name.is_some() && entry.name() == self.name,
                dash: deeper,
                gap: gap(self.document, inner),
                quote: item_quote(inner),
            }),
            Kind::Scalar { .. } | Kind::Alias { .. } => {}
        }
    }
}

/// The blanks behind the last dash that has its item on the same line.
fn gap(document: &Document, list: &Node) -> usize {
    let Kind::Sequence { items, layout: Layout::Block } = &list.kind else { return Style::PLAIN.gap };
    let between = |dash: usize, item: usize| document.source.slice(dash + 1..item);
    let gaps = items.iter().rev().map(|item| between(item.start, item.node.start));
    gaps.into_iter().find(|gap| !gap.is_empty() && gap.chars().all(|c| c == ' ')).map_or(Style::PLAIN.gap, str::len)
}

fn item_quote(list: &Node) -> Quote {
    shared_quote(list.children().into_iter().map(|(_, node)| node))
}

fn value_quote(mapping: &Node) -> Quote {
    shared_quote(mapping.children().into_iter().map(|(_, node)| node))
}

/// The quotes that all scalars among the nodes have; plain where they differ.
fn shared_quote<'a>(nodes: impl Iterator<Item = &'a Node>) -> Quote {
    let mut quotes = nodes.filter_map(|node| match &node.kind {
        Kind::Scalar { style, .. } => Some(Quote::of(*style)),
        _ => None,
    });
    let Some(first) = quotes.next() else { return Quote::Plain };
    if quotes.all(|quote| quote == first) { first } else { Quote::Plain }
}

/// The most frequent number; of several, the smallest.
fn most_frequent(numbers: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts = BTreeMap::new();
    for number in numbers {
        *counts.entry(number).or_insert(0_usize) += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(number, _)| number)
}
