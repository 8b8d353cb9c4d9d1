//! The way from the root to a place, and why a place must not be edited.
//!
//! A document and a path go in; the nodes along it come out, or a refusal: whatever is shared with another place of the
//! file (aliases, anchors, merge keys) or has a meaning of its own (tags) stays as it is.

use super::tree::{Entry, Kind, Node};
use super::{Document, Step};
use crate::edit::Refusal;
use serde_yaml::Value;

/// The existing part of a path.
pub(super) struct Trail<'a> {
    /// The root and every node behind a step that exists.
    pub(super) nodes: Vec<&'a Node>,
    /// For each step taken, the number of the child it leads to.
    pub(super) slots: Vec<usize>,
    /// The steps that lead nowhere yet.
    pub(super) rest: &'a [Step],
}

impl<'a> Trail<'a> {
    /// Follows `path` as far as it exists, through places that may be edited only.
    pub(super) fn follow(document: &'a Document, path: &'a [Step]) -> Result<Self, Refusal> {
        let mut trail = Self { nodes: document.outline.root.iter().collect(), slots: Vec::new(), rest: path };
        while let (Some(node), Some((step, rest))) = (trail.nodes.last().copied(), trail.rest.split_first()) {
            let taken = trail.slots.len();
            check_editable(document, node, &name(path.get(..taken).unwrap_or_default()))?;
            let Some((slot, child)) = child(document, node, step)? else {
                check_not_merged(document, node, path, taken)?;
                break;
            };
            trail.nodes.push(child);
            trail.slots.push(slot);
            trail.rest = rest;
        }
        Ok(trail)
    }

    /// Follows `path` to its end; what it leads to must exist.
    pub(super) fn follow_all(document: &'a Document, path: &'a [Step]) -> Result<Self, Refusal> {
        let trail = Self::follow(document, path)?;
        if trail.rest.is_empty() && !trail.nodes.is_empty() {
            return Ok(trail);
        }
        Err(Refusal::whole(format!("has no {}", name(path))))
    }
}

/// How messages call the place that a path leads to.
pub(super) fn name(path: &[Step]) -> String {
    match path.split_last() {
        None => "top level".to_owned(),
        Some((Step::Key(key), _)) => format!("`{}`", key.escape_debug()),
        Some((Step::Index(index), before)) => format!("item {} of {}", index + 1, name(before)),
    }
}

/// Refuses a collection whose change would change another place, or whose tag says that it is not a plain one.
pub(super) fn check_editable(document: &Document, node: &Node, name: &str) -> Result<(), Refusal> {
    let line = document.source.line(node.start);
    if let Kind::Alias { name: anchor, .. } = &node.kind {
        let reason = format!(
            "takes {name} from the alias `*{anchor}` on line {line}; editing it would change the place it stands for too"
        );
        return Err(Refusal::at(line, reason));
    }
    check_not_shared(document, node, name)?;
    match node.tag.as_deref() {
        None | Some("!override" | "tag:yaml.org,2002:seq" | "tag:yaml.org,2002:map") => Ok(()),
        Some("!reset") => {
            let reason = format!("has {name} reset (`!reset`) on line {line}; nothing added there would count");
            Err(Refusal::at(line, reason))
        }
        Some(tag) => Err(Refusal::at(line, format!("gives {name} the tag `{tag}` on line {line}, which is not known"))),
    }
}

/// Refuses a node whose anchor an alias uses.
pub(super) fn check_not_shared(document: &Document, node: &Node, name: &str) -> Result<(), Refusal> {
    let Some((anchor, alias)) =
        node.anchor.as_ref().and_then(|anchor| Some((anchor, document.outline.alias_of(anchor)?)))
    else {
        return Ok(());
    };
    let (line, alias, anchor) = (document.source.line(node.start), document.source.line(alias), &anchor.name);
    let reason = format!(
        "shares {name} (`&{anchor}` on line {line}) with `*{anchor}` on line {alias}; editing it would change both"
    );
    Err(Refusal::at(line, reason))
}

fn child<'a>(document: &Document, node: &'a Node, step: &Step) -> Result<Option<(usize, &'a Node)>, Refusal> {
    match (&node.kind, step) {
        (Kind::Mapping { entries, .. }, Step::Key(key)) => {
            let found = entries.iter().enumerate().find(|(_, entry)| entry.name() == Some(key));
            let Some((slot, entry)) = found else { return Ok(None) };
            check_simple(document, entry)?;
            Ok(Some((slot, &entry.value)))
        }
        (Kind::Sequence { items, .. }, Step::Index(index)) => Ok(items.get(*index).map(|item| (*index, &item.node))),
        _ => Ok(None),
    }
}

fn check_simple(document: &Document, entry: &Entry) -> Result<(), Refusal> {
    let what = match (entry.is_explicit(), &entry.key.tag) {
        (true, _) => "a complex key (`? `)",
        (false, Some(_)) => "a key with a tag",
        (false, None) => return Ok(()),
    };
    let line = document.source.line(entry.start);
    Err(Refusal::at(line, format!("has {what} on line {line}, which cannot be edited safely")))
}

/// Refuses a step that leads to what a merge key brings: an own entry would hide it.
fn check_not_merged(document: &Document, node: &Node, path: &[Step], taken: usize) -> Result<(), Refusal> {
    let Some(merge) = node.entries().iter().find(|entry| entry.name() == Some("<<")) else { return Ok(()) };
    let through = path.get(..=taken).unwrap_or(path);
    if value_at(&document.value, through).is_none() {
        return Ok(());
    }
    let (line, name) = (document.source.line(merge.start), name(through));
    let reason =
        format!("takes {name} from the merge key `<<` on line {line}; an entry of its own would hide what that brings");
    Err(Refusal::at(line, reason))
}

/// The value at a path, through tags.
fn value_at<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match (untagged(value), step) {
        (Value::Mapping(mapping), Step::Key(key)) => mapping.get(key.as_str()),
        (Value::Sequence(sequence), Step::Index(index)) => sequence.get(*index),
        _ => None,
    })
}

fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => untagged(&tagged.value),
        _ => value,
    }
}

/// Where the node at `path` is written, through aliases and merge keys.
pub(super) fn offset(document: &Document, path: &[Step]) -> Option<usize> {
    let mut node = document.outline.root.as_ref()?;
    let mut at = node.start;
    for step in path {
        (at, node) = written_child(document, node, step)?;
    }
    Some(at)
}

fn written_child<'a>(document: &'a Document, node: &'a Node, step: &Step) -> Option<(usize, &'a Node)> {
    match (&node.kind, step) {
        (Kind::Alias { id, .. }, _) => written_child(document, anchored(document.outline.root.as_ref()?, *id)?, step),
        (Kind::Sequence { items, .. }, Step::Index(index)) => items.get(*index).map(|item| (item.start, &item.node)),
        (Kind::Mapping { entries, .. }, Step::Key(key)) => {
            let name = |entry: &'a Entry| match &entry.key.kind {
                Kind::Alias { id, .. } => anchored(document.outline.root.as_ref()?, *id)?.text(),
                _ => entry.name(),
            };
            let own = entries.iter().find(|entry| name(entry) == Some(key)).map(|entry| (entry.start, &entry.value));
            let merge = || entries.iter().find(|entry| entry.name() == Some("<<")).map(|entry| &entry.value);
            own.or_else(|| match &merge()?.kind {
                Kind::Sequence { items, .. } => items.iter().find_map(|item| written_child(document, &item.node, step)),
                _ => written_child(document, merge()?, step),
            })
        }
        _ => None,
    }
}

/// The node that carries the anchor. The second parser has refused a node that holds an alias to itself.
fn anchored(node: &Node, id: usize) -> Option<&Node> {
    if node.anchor.as_ref().is_some_and(|anchor| anchor.id == id) {
        return Some(node);
    }
    let keys = node.entries().iter().filter_map(|entry| anchored(&entry.key, id));
    keys.chain(node.children().into_iter().filter_map(|(_, child)| anchored(child, id))).next()
}
