//! The strict reading of a file: two parsers must take it, and take it for the same thing.
//!
//! Bytes go in; the outline with byte ranges and the two values (merge keys as written, and applied) come out, or a
//! refusal with the line.

use super::outline::Outline;
use super::source::Source;
use super::tree::{Kind, Node};
use crate::edit::{MAX_BYTES, Refusal};
use serde_yaml::{Mapping, Value};

pub(super) fn text(bytes: &[u8]) -> Result<String, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::whole(format!("is larger than {} KiB", MAX_BYTES / 1024)));
    }
    let line_of = |offset: usize| 1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Refusal::whole("is encoded as UTF-16; save it as UTF-8"));
    }
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(Refusal::at(line_of(offset), "holds a NUL byte, so it is not a text file in UTF-8"));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(Refusal::at(line_of(error.valid_up_to()), "is not encoded as UTF-8")),
    };
    let lone_return = bytes.windows(2).position(|pair| matches!(pair, [b'\r', next] if *next != b'\n'));
    if let Some(offset) = lone_return.or(bytes.ends_with(b"\r").then_some(bytes.len())) {
        return Err(Refusal::at(line_of(offset), "has a carriage return without a line feed"));
    }
    Ok(text.to_owned())
}

/// The value as written, its aliases resolved and its merge keys kept; checked against the outline.
pub(super) fn value(source: &Source, outline: &Outline) -> Result<Value, Refusal> {
    let text = source.text.get(source.start()..).unwrap_or_default();
    let value: Value = serde_yaml::from_str(text).map_err(|error| Refusal {
        line: error.location().map(|location| location.line()),
        reason: format!("is not valid YAML: {error}"),
        paste: None,
    })?;
    let difference = match &outline.root {
        Some(root) => difference(root, &value),
        None => (!value.is_null()).then_some(0),
    };
    match difference {
        None => Ok(value),
        Some(offset) => {
            Err(Refusal::at(source.line(offset), "is YAML that two parsers read differently, so it is left alone"))
        }
    }
}

/// Where the two parsers first differ about structure or text.
fn difference(node: &Node, value: &Value) -> Option<usize> {
    match (&node.kind, value) {
        (_, Value::Tagged(tagged)) => difference(node, &tagged.value),
        (Kind::Alias { .. }, _) => None,
        (Kind::Scalar { text, .. }, Value::String(string)) => (text != string).then_some(node.start),
        (Kind::Scalar { .. }, Value::Null | Value::Bool(_) | Value::Number(_)) => None,
        (Kind::Sequence { items, .. }, Value::Sequence(values)) if items.len() == values.len() => {
            items.iter().zip(values).find_map(|(item, value)| difference(&item.node, value))
        }
        (Kind::Mapping { entries, .. }, Value::Mapping(mapping)) if entries.len() == mapping.len() => entries
            .iter()
            .zip(mapping)
            .find_map(|(entry, (key, value))| difference(&entry.key, key).or_else(|| difference(&entry.value, value))),
        _ => Some(node.start),
    }
}

/// The value with its merge keys applied, innermost first, since a merged mapping may merge another itself.
pub(super) fn merged(value: Value, source: &Source, outline: &Outline) -> Result<Value, Refusal> {
    apply_merges(value).map_err(|NotMergeable| {
        let line = outline.root.as_ref().and_then(first_bad_merge).map(|offset| source.line(offset));
        let reason = "has a merge key `<<` whose value is neither a mapping nor a list of mappings".to_owned();
        Refusal { line, reason, paste: None }
    })
}

struct NotMergeable;

fn apply_merges(value: Value) -> Result<Value, NotMergeable> {
    Ok(match value {
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(apply_merges).collect::<Result<_, _>>()?),
        Value::Tagged(mut tagged) => {
            tagged.value = apply_merges(tagged.value)?;
            Value::Tagged(tagged)
        }
        Value::Mapping(entries) => {
            let mut mapping = Mapping::with_capacity(entries.len());
            for (key, value) in entries {
                mapping.insert(key, apply_merges(value)?);
            }
            let sources = match mapping.shift_remove("<<") {
                None => Vec::new(),
                Some(Value::Sequence(sources)) => sources,
                Some(source) => vec![source],
            };
            for source in sources {
                let Value::Mapping(source) = source else { return Err(NotMergeable) };
                for (key, value) in source {
                    mapping.entry(key).or_insert(value);
                }
            }
            Value::Mapping(mapping)
        }
        scalar => scalar,
    })
}

/// The first merge key that brings something else than aliases and mappings.
fn first_bad_merge(node: &Node) -> Option<usize> {
    let may_merge = |node: &Node| matches!(node.kind, Kind::Alias { .. } | Kind::Mapping { .. });
    let here = node.entries().iter().find(|entry| {
        let value = &entry.value;
        let is_list = matches!(value.kind, Kind::Sequence { .. });
        let is_good = may_merge(value) || (is_list && value.children().iter().all(|(_, item)| may_merge(item)));
        entry.name() == Some("<<") && !is_good
    });
    here.map(|entry| entry.start).or_else(|| node.children().into_iter().find_map(|(_, child)| first_bad_merge(child)))
}
