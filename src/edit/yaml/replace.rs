//! Replacing one scalar by a string.
//!
//! A document, a path and a string go in; the edit comes out. Quotes stay where they can hold the new string; a block
//! scalar becomes a scalar on one line.

use super::scalar::{self, Context, Quote};
use super::trail::{self, Trail};
use super::tree::{Kind, Layout};
use super::{Change, Document, Edit, Step};
use crate::edit::Refusal;
use granit_parser::ScalarStyle;

pub(super) fn plan(document: &Document, path: &[Step], text: &str) -> Result<(Edit, Change), Refusal> {
    let trail = Trail::follow_all(document, path)?;
    let (source, name) = (&document.source, trail::name(path));
    let mut nodes = trail.nodes.iter().rev();
    let (Some(node), parent) = (nodes.next(), nodes.next()) else { return Err(Refusal::whole("holds no value")) };
    let line = source.line(node.start);
    if node.tag.as_deref() != Some("tag:yaml.org,2002:str") {
        trail::check_editable(document, node, &name)?;
    }
    trail::check_not_shared(document, node, &name)?;
    let Kind::Scalar { style, .. } = &node.kind else {
        return Err(Refusal::at(line, format!("has a collection at {name} on line {line}, where a value is expected")));
    };
    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
        && source.slice(node.content..source.text_end(node.content)).contains('#')
    {
        return Err(Refusal::at(line, format!("has a comment in the block scalar at {name} on line {line}")));
    }
    let in_flow = matches!(parent.and_then(|parent| parent.layout()), Some(Layout::Flow | Layout::Pair));
    let context = if in_flow { Context::Flow } else { Context::Block };
    let new = scalar::write(text, Quote::of(*style), context);
    let colon = parent.and_then(|parent| parent.entries().get(*trail.slots.last()?)).map(|entry| entry.colon);
    let before = match (node.content == node.end, colon) {
        (true, Some(None)) => ": ",
        (true, _) => " ",
        (false, _) => "",
    };
    let edit = Edit { range: node.content..node.end, text: format!("{before}{new}") };
    Ok((edit, Change::Scalar { at: path.to_vec(), text: text.to_owned() }))
}
