//! A plan's diff, coloured as `git diff` does.

use super::style::{ADDED, DIM, REMOVED, STRONG};
use crate::plan::{DiffLine, FileDiff, Kind, LineKind};

/// The lines to print; a file whose content is not shown takes one.
pub fn lines(files: &[FileDiff]) -> Vec<String> {
    let is_hidden =
        |file: &FileDiff| file.lines.iter().any(|line| line.kind == LineKind::Context && line.text == "(redacted)");
    let mut lines = Vec::new();
    for file in files {
        if is_hidden(file) {
            let sign = if file.kind == Kind::Removed { '-' } else { '+' };
            lines.push(format!(
                "{STRONG}{0}{0}{0} {1}{STRONG:#} {DIM}(credentials, not shown){DIM:#}",
                sign,
                file.path.display()
            ));
        } else {
            lines.extend(file.lines.iter().map(coloured));
        }
    }
    lines
}

fn coloured(line: &DiffLine) -> String {
    let style = match line.kind {
        LineKind::Header if line.text.starts_with("@@") => DIM,
        LineKind::Header => STRONG,
        LineKind::Added => ADDED,
        LineKind::Removed => REMOVED,
        LineKind::Context => return line.to_string(),
    };
    format!("{style}{line}{style:#}")
}
