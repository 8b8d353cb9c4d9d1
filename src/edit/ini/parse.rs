//! The dialect's grammar over text: sections, their properties, and where each stands.
//!
//! Follows aws-runtime: `env_config/parse.rs` line by line: blanks are space and tab, a comment begins in column 0, a
//! comment behind a value needs a blank before it, an indented line belongs to the property above. What it rejects is a
//! refusal with the line; values never appear in one.

use std::ops::Range;

use super::header::{BLANKS, COMMENT, Header};
use crate::edit::Refusal;

/// A header and the properties up to the next one.
pub(super) struct Block {
    pub(super) header: Header,
    /// Behind the header's line end.
    pub(super) header_end: usize,
    pub(super) properties: Vec<Property>,
}

/// One `key = value` with the indented lines below it.
pub(super) struct Property {
    /// The line, counted from 1.
    pub(super) line: usize,
    /// In lower case, since keys have no case.
    pub(super) key: String,
    /// The key in botocore's reading, which a `:` ends as well.
    pub(super) key_to_botocore: String,
    /// The value's first line in the specification's reading, without a comment behind it.
    pub(super) first: Range<usize>,
    /// The whole value: indented lines follow after a line break each.
    pub(super) value: String,
    /// Whether indented lines follow.
    pub(super) is_block: bool,
    /// Behind the last line's end.
    pub(super) end: usize,
}

impl Block {
    /// Behind the last line that belongs to the section: comments and empty lines below it go with what follows.
    pub(super) fn end(&self) -> usize {
        self.properties.last().map_or(self.header_end, |last| last.end)
    }
}

/// Every section of `text` from byte `start` on.
pub(super) fn blocks(text: &str, start: usize) -> Result<Vec<Block>, Refusal> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut end = start;
    for (index, whole) in text[start..].split_inclusive('\n').enumerate() {
        let (line, at) = (index + 1, end);
        end += whole.len();
        let content = whole.strip_suffix('\n').map_or(whole, |content| content.strip_suffix('\r').unwrap_or(content));
        if content.contains('\r') {
            // Python ends a line at it, the AWS SDKs do not.
            return Err(Refusal::at(line, "holds a carriage return that is no part of a line end"));
        }
        if content.trim_matches(BLANKS).is_empty() || content.starts_with(COMMENT) {
            continue;
        }
        if content.starts_with('[') {
            let header = Header::parse(content, line)?;
            blocks.push(Block { header, header_end: end, properties: Vec::new() });
        } else if content.starts_with(BLANKS) {
            continued(blocks.last_mut(), content, line, end)?;
        } else {
            let block = blocks.last_mut().ok_or_else(|| Refusal::at(line, "stands before the first section"))?;
            block.properties.push(property(content, line, at, end)?);
        }
    }
    Ok(blocks)
}

fn property(content: &str, line: usize, at: usize, end: usize) -> Result<Property, Refusal> {
    let (key, value) = split(content).ok_or_else(|| Refusal::at(line, "is not `key = value`"))?;
    Ok(Property {
        line,
        key: key.to_ascii_lowercase(),
        key_to_botocore: key.split_once(':').map_or(key, |(key, _)| key).trim().to_lowercase(),
        value: content[value.clone()].to_owned(),
        first: at + value.start..at + value.end,
        is_block: false,
        end,
    })
}

/// Takes an indented line into the property above.
fn continued(block: Option<&mut Block>, content: &str, line: usize, end: usize) -> Result<(), Refusal> {
    let text = content.trim_matches(BLANKS);
    if text.starts_with('[') && text.contains(']') {
        return Err(Refusal::at(
            line,
            "is an indented section header, which AWS tools take for a part of the line above",
        ));
    }
    let property = block.and_then(|block| block.properties.last_mut());
    let property = property.ok_or_else(|| Refusal::at(line, "is indented, though no property stands above it"))?;
    let is_nested = content_of_first_line(property).is_empty();
    if is_nested && split(text).is_none() {
        return Err(Refusal::at(line, "is not `key = value`, as the lines of a nested block have to be"));
    }
    property.is_block = true;
    property.value.push('\n');
    property.value.push_str(text);
    property.end = end;
    Ok(())
}

fn content_of_first_line(property: &Property) -> &str {
    property.value.lines().next().unwrap_or_default()
}

/// The key, and where the value stands in a line without indentation; an empty one stands behind the blanks after `=`.
fn split(text: &str) -> Option<(&str, Range<usize>)> {
    let body = text[..comment_start(text)].trim_end_matches(BLANKS);
    let equals = body.find('=')?;
    let key = body[..equals].trim_matches(BLANKS);
    let after = &text[equals + 1..];
    let start = text.len() - after.trim_start_matches(BLANKS).len();
    (!key.is_empty()).then_some((key, start..body.len().max(start)))
}

/// Where a comment behind a value begins: at a `#` or `;` with a blank before it.
fn comment_start(text: &str) -> usize {
    let mut after_blank = false;
    for (at, character) in text.char_indices() {
        if after_blank && COMMENT.contains(&character) {
            return at;
        }
        after_blank = character.is_whitespace();
    }
    text.len()
}
