//! A plan as a unified diff for people: lines with their kind, for the report room to colour.
//!
//! A secret file appears by its header only. Of a file with secrets beside our lines, only changed lines appear.

use std::fmt;
use std::path::PathBuf;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

use super::{Change, Kind, Plan, Secrecy};

const CONTEXT_LINES: usize = 3;

/// The diff of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The file as the change names it.
    pub path: PathBuf,
    /// What happens to it.
    pub kind: Kind,
    /// The lines to show.
    pub lines: Vec<DiffLine>,
}

/// One line of a diff. `Display` writes it with its sign, as `diff -u` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// What the line is.
    pub kind: LineKind,
    /// Its text without sign and line end; control characters are escaped, so that a file cannot steer a terminal.
    pub text: String,
}

/// What a line of a diff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// `--- file`, `+++ file` or `@@ -1,2 +1,3 @@`.
    Header,
    /// A line that goes.
    Removed,
    /// A line that comes.
    Added,
    /// A line that stays.
    Context,
}

impl fmt::Display for DiffLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.kind {
            LineKind::Header => "",
            LineKind::Removed => "-",
            LineKind::Added => "+",
            LineKind::Context => " ",
        };
        write!(formatter, "{sign}{}", self.text)
    }
}

/// The diff of every file that a plan changes, in the plan's order.
pub fn diff(plan: &Plan) -> Vec<FileDiff> {
    let changed = plan.changes.iter().filter(|change| change.kind() != Kind::Unchanged);
    changed.map(|change| FileDiff { path: change.path.clone(), kind: change.kind(), lines: lines(change) }).collect()
}

fn lines(change: &Change) -> Vec<DiffLine> {
    let name = |there: bool| if there { printable(&change.path.to_string_lossy()) } else { "/dev/null".to_owned() };
    let mut shown = vec![
        DiffLine { kind: LineKind::Header, text: format!("--- {}", name(change.before.is_some())) },
        DiffLine { kind: LineKind::Header, text: format!("+++ {}", name(change.after.is_some())) },
    ];
    let unshown = match (change.secrecy, &change.after) {
        (Secrecy::Secret, _) => Some("(redacted)"),
        // All lines of a removed file are changed lines, so that its neighbours' secrets would show.
        (Secrecy::Neighbours, None) => Some("(the whole file goes; not shown, since other lines may hold secrets)"),
        (Secrecy::Neighbours | Secrecy::Plain, _) => None,
    };
    if let Some(text) = unshown {
        shown.push(DiffLine { kind: LineKind::Context, text: text.to_owned() });
        return shown;
    }
    let before = split(change.before.as_deref());
    let after = split(change.after.as_deref());
    let context = if change.secrecy == Secrecy::Neighbours { 0 } else { CONTEXT_LINES };
    for group in group_diff_ops(capture_diff_slices(Algorithm::Myers, &before, &after), context) {
        shown.push(DiffLine { kind: LineKind::Header, text: hunk_header(&group) });
        for op in &group {
            let both = (&before[op.old_range()], &after[op.new_range()]);
            let is_shared = change.secrecy == Secrecy::Neighbours && matches!(op, DiffOp::Replace { .. });
            for change in op.iter_changes(&before, &after) {
                let kind = match change.tag() {
                    ChangeTag::Delete => LineKind::Removed,
                    ChangeTag::Insert => LineKind::Added,
                    ChangeTag::Equal => LineKind::Context,
                };
                let text = String::from_utf8_lossy(change.value());
                let text = if is_shared { own_part(&text, kind, both) } else { text.into_owned() };
                shown.push(DiffLine { kind, text: printable(&text) });
            }
        }
    }
    shown
}

/// Of a line in flow style, which our entry shares with others, the part that its counterpart lacks: the rest may hold
/// secrets.
fn own_part(line: &str, kind: LineKind, (before, after): (&[&[u8]], &[&[u8]])) -> String {
    if !line.contains(['{', '[', ']', '}']) {
        return line.to_owned();
    }
    let counterparts = if kind == LineKind::Removed { after } else { before };
    let shared = counterparts.iter().map(|other| {
        let other = String::from_utf8_lossy(other);
        let start = line.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        let rest = line.chars().count().min(other.chars().count()) - start;
        let end = line.chars().rev().zip(other.chars().rev()).take(rest).take_while(|(a, b)| a == b).count();
        (start, end)
    });
    let (start, end) = shared.max_by_key(|(start, end)| start + end).unwrap_or_default();
    let own: String = line.chars().skip(start).take(line.chars().count() - start - end).collect();
    format!("{}{own}{}", if start > 0 { "…" } else { "" }, if end > 0 { "…" } else { "" })
}

/// The lines without their line ends: a newline added behind a neighbour's last line must not make that line "changed".
fn split(bytes: Option<&[u8]>) -> Vec<&[u8]> {
    let lines = bytes.unwrap_or_default().split_inclusive(|&byte| byte == b'\n');
    let without_newline = lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line));
    without_newline.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect()
}

fn hunk_header(group: &[DiffOp]) -> String {
    let span = |ranges: &dyn Fn(&DiffOp) -> std::ops::Range<usize>| {
        let start = group.first().map_or(0, |op| ranges(op).start);
        let count = group.last().map_or(0, |op| ranges(op).end) - start;
        // As in POSIX diff: an empty range names the line before it.
        format!("{},{count}", if count == 0 { start } else { start + 1 })
    };
    format!("@@ -{} +{} @@", span(&DiffOp::old_range), span(&DiffOp::new_range))
}

fn printable(text: &str) -> String {
    let escaped = |c: char| if c.is_control() && c != '\t' { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}
