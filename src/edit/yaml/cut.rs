//! Removing: which lines go with an entry, and which ancestors go because nothing is left in them.
//!
//! A document and a path go in; the one edit that removes it comes out. Comments on lines that a person wrote around the
//! removed entry stay.

use super::trail::{self, Trail};
use super::tree::{Kind, Layout, Node};
use super::{Change, Document, Edit, Step};
use crate::edit::Refusal;
use std::ops::Range;

pub(super) fn plan(document: &Document, path: &[Step]) -> Result<(Edit, Change), Refusal> {
    let trail = Trail::follow_all(document, path)?;
    let cut = Cut { document, trail: &trail };
    let mut depth = path.len();
    if depth == 0 {
        return Err(Refusal::whole("cannot be emptied as a whole; name an entry"));
    }
    let target = cut.range(depth);
    // What is emptied by the removal goes too, unless its tag says something even when empty.
    while depth > 0 && cut.siblings(depth) == 1 {
        let parent = trail.nodes.get(depth - 1);
        if parent.is_some_and(|parent| parent.tag.is_some()) {
            cut.check_anchors(depth, path)?;
            let at = path.get(..depth - 1).unwrap_or_default().to_vec();
            return Ok((cut.emptied(depth - 1, &target), Change::Empty { at }));
        }
        depth -= 1;
    }
    cut.check_anchors(depth, path)?;
    let at = path.get(..depth).unwrap_or_default().to_vec();
    let layout = depth.checked_sub(1).and_then(|parent| trail.nodes.get(parent)?.layout());
    let edit = match layout {
        Some(Layout::Flow) => cut.within_brackets(depth)?,
        Some(Layout::Pair) => return Err(cut.refusal(depth, "a pair without braces")),
        Some(Layout::Block) | None => cut.lines(depth, &target)?,
    };
    Ok((edit, Change::Remove { at }))
}

struct Cut<'a> {
    document: &'a Document,
    trail: &'a Trail<'a>,
}

impl Cut<'_> {
    /// What the step number `depth` leads to, from its key or dash on; the root for 0.
    fn range(&self, depth: usize) -> Range<usize> {
        let slot = depth.checked_sub(1).and_then(|depth| self.trail.slots.get(depth)).copied().unwrap_or_default();
        match depth.checked_sub(1).and_then(|parent| self.trail.nodes.get(parent)) {
            Some(parent) => parent.children().into_iter().nth(slot).map(|(range, _)| range).unwrap_or_default(),
            None => self.trail.nodes.first().map(|root| root.start..root.end).unwrap_or_default(),
        }
    }

    /// How many children the collection has in which the step number `depth` ends.
    fn siblings(&self, depth: usize) -> usize {
        depth.checked_sub(1).and_then(|parent| self.trail.nodes.get(parent)).map_or(0, |parent| parent.children().len())
    }

    fn refusal(&self, depth: usize, why: &str) -> Refusal {
        let line = self.document.source.line(self.range(depth).start);
        Refusal::at(line, format!("has {why} on line {line}, from which nothing can be removed safely"))
    }

    /// Refuses to remove an anchor that an alias outside of the removed part uses.
    fn check_anchors(&self, depth: usize, path: &[Step]) -> Result<(), Refusal> {
        let (source, removed) = (&self.document.source, self.range(depth));
        let mut anchors = Vec::new();
        if let Some(root) = &self.document.outline.root {
            anchors_within(root, &removed, &mut anchors);
        }
        let outside = |offset: usize| !removed.contains(&offset);
        let used = anchors.into_iter().find_map(|(id, offset)| {
            let alias = self.document.outline.aliases.iter().find(|(of, at)| *of == id && outside(*at))?;
            Some((source.line(offset), source.line(alias.1)))
        });
        let Some((line, alias)) = used else { return Ok(()) };
        let name = trail::name(path);
        Err(Refusal::at(line, format!("has an anchor in {name} on line {line} that the alias on line {alias} needs")))
    }

    /// Whole lines, or up to the next sibling where the line is shared.
    fn lines(&self, depth: usize, target: &Range<usize>) -> Result<Edit, Refusal> {
        let (source, removed) = (&self.document.source, self.range(depth));
        if depth > 0 && !source.opens_line(removed.start) {
            return self.up_to_next(depth);
        }
        if !source.opens_line(removed.start) {
            // The root behind `---`.
            let before = source.slice(source.line_start(removed.start)..removed.start);
            let start = removed.start - (before.len() - before.trim_end().len());
            return Ok(Edit { range: start..removed.end, text: String::new() });
        }
        let start = source.line_start(removed.start);
        let end = source.line_end(removed.end);
        let mut text = self.comments_around(start..end, target);
        if end == source.text_end(end) && end > source.line_start(end) {
            // Without a last line ending before, without one after.
            if text.is_empty() && start > source.start() {
                return Ok(Edit { range: source.text_end(start - 1)..end, text });
            }
            text.truncate(text.trim_end_matches(['\n', '\r']).len());
        }
        Ok(Edit { range: start..end, text })
    }

    /// The comments in `lines` that do not stand on the target's own lines, each on a line of its own.
    fn comments_around(&self, lines: Range<usize>, target: &Range<usize>) -> String {
        let source = &self.document.source;
        let own = source.line_start(target.start)..source.line_end(target.end);
        let comments = self.document.outline.comments.iter();
        comments
            .filter(|comment| lines.contains(&comment.start) && !own.contains(&comment.start))
            .flat_map(|comment| {
                [
                    source.indentation(comment.start),
                    source.slice(comment.clone()).trim_end(),
                    source.newline(comment.start),
                ]
            })
            .collect()
    }

    /// The first of several children on one line with the dash around them.
    fn up_to_next(&self, depth: usize) -> Result<Edit, Refusal> {
        let removed = self.range(depth);
        let slot = self.trail.slots.get(depth - 1).copied().unwrap_or_default();
        let parent = self.trail.nodes.get(depth - 1);
        let next = parent.and_then(|parent| parent.children().into_iter().nth(slot + 1)).map(|(range, _)| range.start);
        match next {
            Some(next) if !self.has_comment(&(removed.start..next)) => {
                Ok(Edit { range: removed.start..next, text: String::new() })
            }
            _ => Err(self.refusal(depth, "a line that several parts share")),
        }
    }

    fn has_comment(&self, range: &Range<usize>) -> bool {
        self.document.outline.comments.iter().any(|comment| range.contains(&comment.start))
    }

    /// One child of `[…]` or `{…}` with one comma.
    fn within_brackets(&self, depth: usize) -> Result<Edit, Refusal> {
        let (source, removed) = (&self.document.source, self.range(depth));
        let slot = self.trail.slots.get(depth - 1).copied().unwrap_or_default();
        let children = self.trail.nodes.get(depth - 1).map(|parent| parent.children()).unwrap_or_default();
        if self.has_comment(&removed) {
            return Err(self.refusal(depth, "comments within brackets"));
        }
        if let Some((next, _)) = children.get(slot + 1) {
            return if self.has_comment(&(removed.end..next.start)) {
                Err(self.refusal(depth, "comments between brackets"))
            } else {
                Ok(Edit { range: removed.start..next.start, text: String::new() })
            };
        }
        let before =
            slot.checked_sub(1).and_then(|before| children.get(before)).map_or(removed.start, |(range, _)| range.end);
        let comma = source.skip_trivia(before);
        let last_comment = self
            .document
            .outline
            .comments
            .iter()
            .rev()
            .find(|comment| (before..removed.start).contains(&comment.start));
        let behind = source.skip_trivia(removed.end);
        let kept_until = last_comment.map_or(comma + 1, |comment| comment.end.max(comma + 1));
        if source.byte(behind) == Some(b',') {
            return Ok(Edit { range: kept_until..behind + 1, text: String::new() });
        }
        let text = format!("{}{}", source.slice(before..comma), source.slice(comma + 1..kept_until));
        Ok(Edit { range: before..removed.end, text })
    }

    /// The collection at `depth` as `[]` or `{}` behind its tag.
    fn emptied(&self, depth: usize, target: &Range<usize>) -> Edit {
        let source = &self.document.source;
        let Some(node) = self.trail.nodes.get(depth) else { return Edit { range: 0..0, text: String::new() } };
        let brackets = if matches!(node.kind, Kind::Sequence { .. }) { "[]" } else { "{}" };
        if node.layout() == Some(Layout::Flow) {
            return Edit { range: node.content..node.end, text: brackets.to_owned() };
        }
        let first_line = source.text_end(node.open);
        let comment = source.slice(node.open..first_line);
        let below = self.comments_around(source.line_end(node.open)..source.text_end(node.end), target);
        let below = below.trim_end_matches(['\n', '\r']);
        let newline = if below.is_empty() { "" } else { source.newline(node.open) };
        Edit { range: node.open..source.text_end(node.end), text: format!(" {brackets}{comment}{newline}{below}") }
    }
}

fn anchors_within(node: &Node, range: &Range<usize>, found: &mut Vec<(usize, usize)>) {
    if let Some(anchor) = node.anchor.as_ref().filter(|_| range.contains(&node.start)) {
        found.push((anchor.id, node.start));
    }
    for entry in node.entries() {
        anchors_within(&entry.key, range, found);
    }
    for (_, child) in node.children() {
        anchors_within(child, range, found);
    }
}
