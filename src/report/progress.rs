//! A spinner for what takes longer than a moment: drawn on a terminal's stderr alone, and gone when done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Draws until dropped.
#[derive(Debug)]
pub struct Spinner(ProgressBar);

impl Spinner {
    /// Starts a spinner.
    pub(super) fn start(message: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(message);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
