//! A spinner for what takes longer than a moment: drawn on a terminal's stderr alone, and gone when done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Draws until dropped.
#[derive(Debug)]
pub struct Spinner(Option<ProgressBar>);

impl Spinner {
    /// Starts a spinner, where it is visible.
    pub(super) fn start(message: &'static str, visible: bool) -> Self {
        Self(visible.then(|| {
            let bar = ProgressBar::new_spinner().with_message(message);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        }))
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
