//! A spinner for what takes longer than a moment, and a line for what goes on for days: drawn on a terminal's stderr
//! alone, and gone when done.

use std::borrow::Cow;
use std::cell::RefCell;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle, WeakProgressBar};

/// Draws until dropped.
#[derive(Debug)]
pub struct Spinner(ProgressBar);

impl Spinner {
    /// Starts a spinner.
    pub(super) fn start(message: impl Into<Cow<'static, str>>) -> Self {
        let bar = ProgressBar::new_spinner().with_message(message);
        // Wider than the window it would wrap, and each frame would leave a line behind.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// A handle that does not keep it drawing.
    pub(super) fn weak(&self) -> WeakProgressBar {
        self.0.downgrade()
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// One line that stands still until it is replaced, and is gone when dropped. It draws nothing by itself: no timer runs.
#[derive(Debug)]
pub struct StatusLine {
    bar: ProgressBar,
    shown: RefCell<String>,
}

impl StatusLine {
    /// Starts with an empty line.
    pub(super) fn start() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, shown: RefCell::default() }
    }

    /// Replaces the line, where it is another one.
    pub fn set(&self, line: String) {
        if *self.shown.borrow() != line {
            self.bar.set_message(line.clone());
            self.shown.replace(line);
        }
    }

    /// Runs `print` with the line out of its way.
    pub fn around(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
