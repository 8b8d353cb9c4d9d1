//! How a program that runs for days speaks: one quiet line on a terminal, else a log line an event, with its time.

use std::fmt::Write as _;

use crate::aws::access::{MfaQuestion, Notice, Person};
use crate::aws::secret::MfaCode;
use crate::commands::App;
use crate::delivery::session::rfc3339;
use crate::report::Error;
use crate::report::progress::StatusLine;
use crate::report::style::{HINT, WARNING};

/// What is said, and where.
pub(in crate::commands) struct Voice<'a> {
    app: &'a App,
    manner: Manner,
}

enum Manner {
    /// One line on the terminal; troubles above it.
    Line(StatusLine),
    /// Every event on a line of its own.
    Log,
    /// Troubles alone, between the words of another program.
    Troubles,
}

impl<'a> Voice<'a> {
    /// The voice of `refresh --watch`.
    pub(in crate::commands) fn of_watch(app: &'a App) -> Self {
        Self { app, manner: app.report.status_line().map_or(Manner::Log, Manner::Line) }
    }

    /// The voice beside a command that has the terminal to itself.
    pub(in crate::commands) fn of_run(app: &'a App) -> Self {
        Self { app, manner: Manner::Troubles }
    }

    /// Something happened as it should.
    pub(super) fn event(&self, line: &str) {
        match &self.manner {
            Manner::Line(_) => {}
            Manner::Log => self.app.report.note(format!("{} {line}", self.now())),
            Manner::Troubles => self.app.report.detail(line),
        }
    }

    /// Something a person should know.
    pub(super) fn trouble(&self, error: &Error) {
        let mut text = format!("{WARNING}warning:{WARNING:#} {}", error.message);
        if matches!(self.manner, Manner::Log) {
            error.hints.iter().for_each(|hint| {
                let _ = write!(text, "; {hint}");
            });
            return self.app.report.show(format!("{} {text}", self.now()));
        }
        error.hints.iter().for_each(|hint| {
            let _ = write!(text, "\n{HINT}hint:{HINT:#} {hint}");
        });
        self.around(|| self.app.report.show(text));
    }

    /// A warning of the outcome's document, said once.
    pub(super) fn warning(&self, id: &'static str, message: String) {
        self.around(|| self.app.report.warn(id, message));
    }

    /// How things stand.
    pub(super) fn status(&self, line: impl FnOnce() -> String) {
        if let Manner::Line(status) = &self.manner {
            status.set(line());
        }
    }

    fn around(&self, print: impl FnOnce()) {
        match &self.manner {
            Manner::Line(status) => status.around(print),
            Manner::Log | Manner::Troubles => print(),
        }
    }

    fn now(&self) -> String {
        rfc3339(self.app.clock.now())
    }
}

/// Nobody is there to sign in or to type a code; programs may still be asked.
impl Person for Voice<'_> {
    fn tell(&self, notice: Notice<'_>) {
        match notice {
            Notice::Waiting(session) => {
                self.event(&format!("waiting for another process at the sign-in {}", session.label()));
            }
            Notice::WaitingForCode { profile } => {
                self.event(&format!("waiting for another process that asks for an MFA code for profile {profile}"));
            }
            Notice::Corrupt { path, reason } => {
                self.warning("cache", format!("`{}` is not used: {reason}", path.display()));
            }
            Notice::NotKept { path, reason } => {
                self.warning("cache", format!("`{}` could not be written: {reason}", path.display()));
            }
            // No browser is opened unasked.
            Notice::SignIn(_) => {}
        }
    }

    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        match question.process {
            Some(_) => self.app.mfa_code(question),
            None => Ok(None),
        }
    }
}
