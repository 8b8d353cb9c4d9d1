//! A node of a document: what it is, its anchor and tag, and the byte ranges of its parts.
//!
//! The outline makes nodes; the edits ask them for their text, their children and how they are written.

use granit_parser::ScalarStyle;
use std::ops::Range;

pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) anchor: Option<Anchor>,
    /// The tag in full, such as `!override` or `tag:yaml.org,2002:seq`.
    pub(super) tag: Option<String>,
    /// The first byte, of an anchor or a tag if it has them.
    pub(super) start: usize,
    /// Behind the anchor and the tag; without them, behind the dash, colon or bracket before the node.
    pub(super) open: usize,
    /// The first byte of the content itself: of a bracket, dash, key, quote or block-scalar header.
    pub(super) content: usize,
    /// Behind the last byte of the content, without the line ending.
    pub(super) end: usize,
    /// How many nodes it has, aliases written out.
    pub(super) weight: u64,
}

pub(super) struct Anchor {
    pub(super) id: usize,
    pub(super) name: String,
}

pub(super) enum Kind {
    Scalar { text: String, style: ScalarStyle },
    Alias { id: usize, name: String },
    Sequence { layout: Layout, items: Vec<Item> },
    Mapping { layout: Layout, entries: Vec<Entry> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Block,
    Flow,
    /// `[key: value]`: a mapping without braces of its own.
    Pair,
}

pub(super) struct Item {
    /// The dash, or the item itself in a flow sequence.
    pub(super) start: usize,
    pub(super) node: Node,
}

pub(super) struct Entry {
    /// The key, or the `?` before it.
    pub(super) start: usize,
    pub(super) key: Node,
    pub(super) colon: Option<usize>,
    pub(super) value: Node,
}

impl Entry {
    /// The key's text, where it is a scalar.
    pub(super) fn name(&self) -> Option<&str> {
        self.key.text()
    }

    /// Whether the key is written as `? key`.
    pub(super) fn is_explicit(&self) -> bool {
        self.start < self.key.start
    }
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is null in the core schema: nothing at all, `~` or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, style: ScalarStyle::Plain } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The range of each child with what stands before it, and the child.
    pub(super) fn children(&self) -> Vec<(Range<usize>, &Node)> {
        match &self.kind {
            Kind::Sequence { items, .. } => items.iter().map(|item| (item.start..item.node.end, &item.node)).collect(),
            Kind::Mapping { entries, .. } => {
                entries.iter().map(|entry| (entry.start..entry.value.end, &entry.value)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How a collection is written.
    pub(super) fn layout(&self) -> Option<Layout> {
        match &self.kind {
            Kind::Sequence { layout, .. } | Kind::Mapping { layout, .. } => Some(*layout),
            _ => None,
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Mapping { entries, .. } => entries,
            _ => &[],
        }
    }
}
