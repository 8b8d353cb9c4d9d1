//! What a command tells: results to stdout, everything else to stderr, as text for people or JSON for programs.
//!
//! Commands hand over typed outcomes; this room alone prints and asks. Nothing here knows how an outcome came about.

mod crash;
pub mod diff;
pub mod error;
pub mod json;
pub mod outcome;
pub mod progress;
pub mod prompt;
pub mod style;

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use indicatif::WeakProgressBar;

pub use crash::conceal_panics;
pub use error::{Error, Kind};
pub use outcome::Outcome;

use crate::cli::{Color, Output};
use style::{DIM, WARNING};

/// Something a person should know although the command succeeds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// A stable name for programs, such as `own_mount`.
    pub id: &'static str,
    /// What was found, where, and what to do.
    pub message: String,
}

/// Where a command's words go.
pub struct Report {
    output: Output,
    color: ColorChoice,
    quiet: bool,
    verbose: bool,
    stderr_is_terminal: bool,
    warnings: RefCell<Vec<Warning>>,
    spinner: RefCell<Option<WeakProgressBar>>,
}

/// How a command's words are printed.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Text or JSON.
    pub output: Output,
    /// `--color`.
    pub color: Color,
    /// `--quiet`.
    pub quiet: bool,
    /// `--verbose`.
    pub verbose: bool,
    /// Whether stderr is a terminal, so that progress may be drawn there.
    pub stderr_is_terminal: bool,
}

impl fmt::Debug for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Report").field("output", &self.output).finish_non_exhaustive()
    }
}

impl Report {
    /// A report in the given manner.
    pub fn new(manner: Manner) -> Self {
        let color = match manner.color {
            // anstream looks at the terminal, NO_COLOR, CLICOLOR_FORCE and TERM=dumb.
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        if color == ColorChoice::Never {
            prompt::without_colour();
        }
        let Manner { output, quiet, verbose, stderr_is_terminal, .. } = manner;
        Self {
            output,
            color,
            quiet,
            verbose,
            stderr_is_terminal,
            warnings: RefCell::default(),
            spinner: RefCell::default(),
        }
    }

    /// A line about what is going on; not with `--quiet`.
    pub fn note(&self, line: impl AsRef<str>) {
        if !self.quiet {
            self.to_stderr(line.as_ref());
        }
    }

    /// A line that a person needs for an answer, also with `--quiet`.
    pub fn show(&self, line: impl AsRef<str>) {
        self.to_stderr(line.as_ref());
    }

    /// A line that only `--verbose` shows.
    pub fn detail(&self, line: impl AsRef<str>) {
        if self.verbose {
            self.to_stderr(&format!("{DIM}{}{DIM:#}", line.as_ref()));
        }
    }

    /// Something a person should know; it is part of the JSON document too.
    pub fn warn(&self, id: &'static str, message: impl Into<String>) {
        let warning = Warning { id, message: message.into() };
        if self.warnings.borrow().contains(&warning) {
            return;
        }
        if self.output == Output::Text {
            self.to_stderr(&format!("{WARNING}warning:{WARNING:#} {}", warning.message));
        }
        self.warnings.borrow_mut().push(warning);
    }

    /// Shows that something takes time, until the returned value is dropped.
    pub fn progress(&self, message: impl Into<Cow<'static, str>>) -> Option<progress::Spinner> {
        // Lines of --verbose would tear a spinner apart.
        let is_visible = self.stderr_is_terminal && !self.quiet && !self.verbose && self.is_text();
        let spinner = is_visible.then(|| progress::Spinner::start(message));
        if let Some(spinner) = &spinner {
            self.spinner.replace(Some(spinner.weak()));
        }
        spinner
    }

    /// Does something on the terminal, such as asking a question, while no spinner draws there.
    pub fn undisturbed<T>(&self, work: impl FnOnce() -> T) -> T {
        // Taken out meanwhile: a bar that is suspended twice waits for itself.
        let spinner = self.spinner.take();
        let result = match spinner.as_ref().and_then(WeakProgressBar::upgrade) {
            Some(bar) => bar.suspend(work),
            None => work(),
        };
        self.spinner.replace(spinner);
        result
    }

    /// A line that is replaced in place, for a program that goes on for long; `None` where there is no terminal to
    /// draw it on, or nobody wants it.
    pub fn status_line(&self) -> Option<progress::StatusLine> {
        let is_visible = self.stderr_is_terminal && !self.quiet && !self.verbose;
        is_visible.then(progress::StatusLine::start)
    }

    /// True where a text result is wanted.
    pub fn is_text(&self) -> bool {
        self.output == Output::Text
    }

    /// Prints lines of text to stdout, where the result is text.
    pub fn result_lines<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        if self.output == Output::Text {
            let mut stdout = AutoStream::new(io::stdout(), self.color);
            for line in lines {
                let _ = writeln!(stdout, "{line}");
            }
        }
    }

    /// Prints a command's outcome: its text, or one JSON document.
    pub fn outcome(&self, command: &str, outcome: &Outcome) {
        match self.output {
            // The standard output was the command's own.
            _ if matches!(outcome, Outcome::Ran(_)) => {}
            Output::Text => {
                match outcome.verbatim() {
                    // Not a byte less: what a program reads may hold what looks like colour.
                    Some(text) => drop(writeln!(io::stdout(), "{text}")),
                    None => self.result_lines(outcome.text().lines()),
                }
                match outcome.verdict() {
                    // Each project's line has its own remedy below it.
                    Some(error) if matches!(outcome, Outcome::Refreshed(_)) => self.to_stderr(&error.line()),
                    Some(error) => self.to_stderr(&error.text()),
                    None => {}
                }
            }
            Output::Json => self.json(&json::success(command, outcome, &self.warnings.borrow())),
        }
    }

    /// Prints why a command failed: to stderr, or as one JSON document to stdout.
    pub fn failure(&self, command: &str, error: &Error) {
        match self.output {
            Output::Text => self.to_stderr(&error.text()),
            Output::Json => self.json(&json::failure(command, error, &self.warnings.borrow())),
        }
    }

    fn json(&self, document: &serde_json::Value) {
        let mut stdout = io::stdout();
        // A reader that has gone away is not an error of this program.
        let _ = writeln!(stdout, "{document:#}");
    }

    fn to_stderr(&self, line: &str) {
        self.undisturbed(|| {
            let mut stderr = AutoStream::new(io::stderr(), self.color);
            let _ = writeln!(stderr, "{line}");
        });
    }
}
