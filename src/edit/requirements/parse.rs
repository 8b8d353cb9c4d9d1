//! pip's grammar of a requirements file over bytes: its logical lines, and what each of them says.
//!
//! Follows pypa/pip:src/pip/_internal/req/req_file.py: lines that end in a backslash are joined, a `#` at the beginning or
//! after a blank begins a comment. Bytes that are not UTF-8 can only stand in comments and paths, and are kept.

use std::ops::Range;

use super::{BOM, Line, Requirement, Statement, normalised};

/// Every statement of a file in its order.
pub(super) fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut found = Vec::new();
    let mut open: Option<Line> = None;
    for (index, (content, whole)) in physical_lines(bytes).into_iter().enumerate() {
        let text = String::from_utf8_lossy(&bytes[content]).into_owned();
        let is_comment = text.trim_start().starts_with('#');
        let goes_on = text.ends_with('\\') && !is_comment;
        let part = if goes_on { text.trim_matches('\\') } else { &text };
        let line = open.take().map_or_else(
            || Line { number: index + 1, statement: Statement::Other, whole: whole.clone(), text: part.to_owned() },
            |line| Line {
                whole: line.whole.start..whole.end,
                // pip puts a blank before a comment that ends a continued line, so that it stays one.
                text: line.text + if is_comment { " " } else { "" } + part,
                ..line
            },
        );
        if goes_on { open = Some(line) } else { found.push(line) }
    }
    found.extend(open);
    found.retain_mut(|line| {
        line.text = without_comment(&line.text).trim().to_owned();
        line.statement = statement(&line.text);
        !line.text.is_empty()
    });
    found
}

/// Each line's content, and the same with its end.
fn physical_lines(bytes: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut lines = Vec::new();
    let mut start = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    while start < bytes.len() {
        let content = bytes[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let content_end = content.map_or(bytes.len(), |length| start + length);
        let end = match &bytes[content_end..] {
            [b'\r', b'\n', ..] => content_end + 2,
            [] => content_end,
            _ => content_end + 1,
        };
        lines.push((start..content_end, start..end));
        start = end;
    }
    lines
}

fn without_comment(text: &str) -> &str {
    let is_comment = |&(at, _): &(usize, &str)| text[..at].chars().next_back().is_none_or(char::is_whitespace);
    text.match_indices('#').find(is_comment).map_or(text, |(at, _)| &text[..at])
}

fn statement(text: &str) -> Statement {
    if !text.starts_with('-') {
        return requirement(text).map_or(Statement::Other, Statement::Requirement);
    }
    let value = |long: &str, short: &str| {
        let rest = text.strip_prefix(long).filter(|rest| rest.starts_with([' ', '\t', '=']));
        let rest = rest.or_else(|| text.strip_prefix(short).filter(|rest| !rest.starts_with('-')))?;
        let path = rest.trim_start_matches([' ', '\t', '=']).trim().trim_matches(['"', '\'']);
        (!path.is_empty()).then(|| path.to_owned())
    };
    if text.split_whitespace().any(|word| word == "--require-hashes") {
        Statement::RequireHashes
    } else if let Some(path) = value("--requirement", "-r") {
        Statement::Include(path)
    } else if let Some(path) = value("--constraint", "-c") {
        Statement::Constraints(path)
    } else if let Some(name) = egg(text) {
        // `-e git+https://…#egg=name`: whatever version is checked out.
        Statement::Requirement(Requirement { name, extras: Vec::new(), specifiers: String::new(), is_hashed: false })
    } else {
        Statement::Other
    }
}

/// A requirement of PEP 508, the file name of a wheel, or a URL with `#egg=`.
pub(super) fn requirement(text: &str) -> Option<Requirement> {
    let text = text.trim();
    let is_hashed = text.contains("--hash");
    let (specified, _options) = text.split_once(" --").unwrap_or((text, ""));
    let of_name = |name: String| Requirement { name, extras: Vec::new(), specifiers: String::new(), is_hashed };
    if let Some(name) = wheel(specified).or_else(|| egg(specified)) {
        return Some(of_name(name));
    }
    let (specified, _marker) = specified.split_once(';').unwrap_or((specified, ""));
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = specified.find(|c| !is_of_name(c)).unwrap_or(specified.len());
    let (name, rest) = specified.split_at(end);
    let edges =
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !edges {
        return None;
    }
    let rest = rest.trim();
    let (extras, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((extras, rest)) => (extras.split(',').map(|extra| normalised(extra.trim())).collect(), rest.trim()),
        None => (Vec::new(), rest),
    };
    let is_direct = rest.starts_with('@');
    let is_versioned = rest.is_empty() || rest.starts_with(['<', '>', '=', '!', '~', '(']);
    let specifiers = if is_direct { "" } else { rest.trim_matches(['(', ')']).trim() };
    (is_direct || is_versioned).then(|| Requirement {
        extras,
        specifiers: specifiers.to_owned(),
        ..of_name(normalised(name))
    })
}

/// The name in `#egg=name`.
fn egg(text: &str) -> Option<String> {
    let (_, name) = text.split_once("#egg=").or_else(|| text.split_once("&egg="))?;
    let end = name.find(['[', '&', ' ', ';']).unwrap_or(name.len());
    Some(normalised(&name[..end])).filter(|name| !name.is_empty())
}

/// The name in the path or URL of a wheel: `name-version-…whl` (binary distribution format).
fn wheel(text: &str) -> Option<String> {
    if text.contains(" @ ") {
        return None;
    }
    let path = text.split(['#', ';', '?']).next()?.trim();
    let file = path.rsplit(['/', '\\']).next()?.strip_suffix(".whl")?;
    Some(normalised(file.split('-').next()?))
}
