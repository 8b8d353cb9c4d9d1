//! The proof that an edit changed one thing.
//!
//! A document before, the intended change and the document after go in. Three views (the outline with its tags, anchors
//! and aliases; the value as the second parser reads it; that value with merge keys applied) are compared with "before,
//! plus exactly this".

use super::tree::{Kind, Node};
use super::{Document, Step};
use serde_yaml::Value;
use std::collections::BTreeMap;

/// What an edit means to change.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// At an existing place: a new chain of keys with `leaf` inside the innermost.
    Graft { at: Vec<Step>, keys: Vec<String>, leaf: Leaf },
    /// The scalar at a place becomes this string.
    Scalar { at: Vec<Step>, text: String },
    /// The entry or item at a place goes; an empty path means everything.
    Remove { at: Vec<Step> },
    /// The collection at a place loses its only child and stays, empty.
    Empty { at: Vec<Step> },
}

#[derive(Debug, Clone)]
pub(super) enum Leaf {
    Item(String),
    Entry(String, String),
}

/// What else differs, where `after` is not `before` with `change` and nothing else.
pub(super) fn objection(before: &Document, change: &Change, after: &Document) -> Option<&'static str> {
    let outline = |document: &Document| match &document.outline.root {
        Some(root) => Tree::of_node(root),
        None => Tree::Scalar(NODE, String::new()),
    };
    let views = [
        (NODE, outline(before), outline(after), "something else would change with it"),
        (STRING, Tree::of_value(&before.raw), Tree::of_value(&after.raw), "something else would change with it"),
        (
            STRING,
            Tree::of_value(&before.value),
            Tree::of_value(&after.value),
            "a merge key `<<` would bring its own instead",
        ),
    ];
    views.into_iter().find_map(|(kind, mut expected, found, objection)| {
        let is_as_expected = expected.apply(kind, change).is_some() && expected == found;
        (!is_as_expected).then_some(objection)
    })
}

/// The kind of every scalar of an outline, which does not resolve them.
const NODE: &str = "node";
/// The kind of a scalar that is a string for the second parser.
const STRING: &str = "string";
const NULL: &str = "null";

/// A tree in which equal means the same to every reader: mappings have no order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tree {
    Scalar(&'static str, String),
    List(Vec<Tree>),
    Map(BTreeMap<Tree, Tree>),
    /// With a tag or an anchor.
    Marked(String, Box<Tree>),
}

impl Tree {
    fn of_node(node: &Node) -> Self {
        let bare = match &node.kind {
            Kind::Scalar { text, .. } => Self::Scalar(NODE, text.clone()),
            Kind::Alias { name, .. } => Self::Scalar("alias", name.clone()),
            Kind::Sequence { items, .. } => Self::List(items.iter().map(|item| Self::of_node(&item.node)).collect()),
            Kind::Mapping { entries, .. } => Self::Map(
                entries.iter().map(|entry| (Self::of_node(&entry.key), Self::of_node(&entry.value))).collect(),
            ),
        };
        let anchor = node.anchor.as_ref().map(|anchor| format!("&{}", anchor.name));
        [anchor, node.tag.clone()].into_iter().flatten().fold(bare, |tree, mark| Self::Marked(mark, Box::new(tree)))
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Scalar(NULL, String::new()),
            Value::Bool(bool) => Self::Scalar("bool", bool.to_string()),
            Value::Number(number) => Self::Scalar("number", number.to_string()),
            Value::String(string) => Self::Scalar(STRING, string.clone()),
            Value::Sequence(items) => Self::List(items.iter().map(Self::of_value).collect()),
            Value::Mapping(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (Self::of_value(key), Self::of_value(value))).collect())
            }
            Value::Tagged(tagged) => Self::Marked(tagged.tag.to_string(), Box::new(Self::of_value(&tagged.value))),
        }
    }

    /// Makes the change; `None` where the place does not exist or already has what is to be added.
    fn apply(&mut self, kind: &'static str, change: &Change) -> Option<()> {
        match change {
            Change::Graft { at, keys, leaf } => self.at(kind, at)?.graft(kind, keys, leaf),
            Change::Scalar { at, text } => {
                *self.at(kind, at)? = Self::Scalar(kind, text.clone());
                Some(())
            }
            Change::Remove { at } => self.remove(kind, at),
            Change::Empty { at } => {
                let emptied = self.at(kind, at)?;
                *emptied =
                    if matches!(emptied, Self::List(_)) { Self::List(Vec::new()) } else { Self::Map(BTreeMap::new()) };
                Some(())
            }
        }
    }

    fn unmarked(&self) -> &Self {
        match self {
            Self::Marked(_, tree) => tree.unmarked(),
            _ => self,
        }
    }

    fn unmarked_mut(&mut self) -> &mut Self {
        match self {
            Self::Marked(_, tree) => tree.unmarked_mut(),
            _ => self,
        }
    }

    fn at(&mut self, kind: &'static str, path: &[Step]) -> Option<&mut Self> {
        path.iter().try_fold(self.unmarked_mut(), |tree, step| {
            let child = match (tree, step) {
                (Self::Map(map), Step::Key(key)) => {
                    let wanted = Self::Scalar(kind, key.clone());
                    map.iter_mut().find(|(key, _)| *key.unmarked() == wanted).map(|(_, value)| value)
                }
                (Self::List(items), Step::Index(index)) => items.get_mut(*index),
                _ => None,
            };
            child.map(Self::unmarked_mut)
        })
    }

    fn graft(&mut self, kind: &'static str, keys: &[String], leaf: &Leaf) -> Option<()> {
        let (key, subtree) = match (keys.split_first(), leaf) {
            (Some((key, rest)), _) => (key, {
                let mut subtree = Self::Scalar(NULL, String::new());
                subtree.graft(kind, rest, leaf)?;
                subtree
            }),
            (None, Leaf::Entry(key, value)) => (key, Self::Scalar(kind, value.clone())),
            (None, Leaf::Item(item)) => {
                let item = Self::Scalar(kind, item.clone());
                match self {
                    Self::List(items) => items.push(item),
                    _ if self.is_placeholder() => *self = Self::List(vec![item]),
                    _ => return None,
                }
                return Some(());
            }
        };
        if !matches!(self, Self::Map(_)) && self.is_placeholder() {
            *self = Self::Map(BTreeMap::new());
        }
        let Self::Map(map) = self else { return None };
        map.insert(Self::Scalar(kind, key.clone()), subtree).is_none().then_some(())
    }

    /// Null, or an empty collection, which stand for "nothing here yet".
    fn is_placeholder(&self) -> bool {
        match self {
            Self::Scalar(NULL, _) => true,
            Self::Scalar(NODE, text) => matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Scalar(..) | Self::Marked(..) => false,
        }
    }

    fn remove(&mut self, kind: &'static str, path: &[Step]) -> Option<()> {
        let Some((last, parents)) = path.split_last() else {
            *self = Self::Scalar(if kind == NODE { NODE } else { NULL }, String::new());
            return Some(());
        };
        match (self.at(kind, parents)?, last) {
            (Self::Map(map), Step::Key(key)) => {
                let before = map.len();
                map.retain(|found, _| *found.unmarked() != Self::Scalar(kind, key.clone()));
                (map.len() + 1 == before).then_some(())
            }
            (Self::List(items), Step::Index(index)) if *index < items.len() => {
                items.remove(*index);
                Some(())
            }
            _ => None,
        }
    }
}
