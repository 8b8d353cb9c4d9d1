//! A plan's diff, coloured as `git diff` does.

use super::style::{ADDED, DIM, REMOVED, STRONG};
use crate::plan::{FileDiff, LineKind};

/// The lines to print.
pub fn lines(files: &[FileDiff]) -> Vec<String> {
    let coloured = files.iter().flat_map(|file| &file.lines).map(|line| {
        let style = match line.kind {
            LineKind::Header if line.text.starts_with("@@") => DIM,
            LineKind::Header => STRONG,
            LineKind::Added => ADDED,
            LineKind::Removed => REMOVED,
            LineKind::Context => return line.to_string(),
        };
        format!("{style}{line}{style:#}")
    });
    coloured.collect()
}
