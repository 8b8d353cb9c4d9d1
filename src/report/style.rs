//! The colours of the report, by meaning. Every text is understandable without them.

use anstyle::{AnsiColor, Style};

/// Success.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Something to know.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Failure.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What to do about it.
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// Names and headings.
pub const STRONG: Style = Style::new().bold();
/// What may be passed over.
pub const DIM: Style = Style::new().dimmed();
/// An added line.
pub const ADDED: Style = AnsiColor::Green.on_default();
/// A removed line.
pub const REMOVED: Style = AnsiColor::Red.on_default();
