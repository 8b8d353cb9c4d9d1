//! The program on a pseudo-terminal, where it may ask a person: wait for a question, answer it, see how it ended.

use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};

use super::environment::TestEnvironment;
use super::output::Output;

/// How long a question may take to appear, in milliseconds.
const PATIENCE: u64 = 30_000;

/// A run on a terminal. All it prints goes to the terminal, so the result has everything in `stdout`.
#[must_use = "wait for its end and assert the exit code"]
pub(crate) struct Terminal<'a> {
    environment: &'a TestEnvironment,
    arguments: Vec<String>,
    session: PtySession,
    seen: String,
}

impl<'a> Terminal<'a> {
    pub(super) fn start(environment: &'a TestEnvironment, command: Command) -> Self {
        Self::spawn(environment, command, Options::new().strip_ansi_escape_codes(true))
    }

    pub(super) fn start_coloured(environment: &'a TestEnvironment, command: Command) -> Self {
        Self::spawn(environment, command, Options::new())
    }

    fn spawn(environment: &'a TestEnvironment, command: Command, options: Options) -> Self {
        let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let session = spawn_with_options(command, options.timeout_ms(Some(PATIENCE))).unwrap();
        Self { environment, arguments, session, seen: String::new() }
    }

    /// Waits until the regular expression matches what was printed since the last question.
    #[track_caller]
    pub(crate) fn asks(mut self, regex: &str) -> Self {
        let (before, matched) = match self.session.exp_regex(regex) {
            Ok(found) => found,
            Err(error) => panic!("waiting for `{regex}`: {error}\nseen before: {}", self.seen),
        };
        self.seen += &(before + &matched);
        self
    }

    /// Types `text` and Enter.
    pub(crate) fn answered(mut self, text: &str) -> Self {
        // A terminal in raw mode gets a carriage return from the Enter key.
        self.session.send(&format!("{text}\r")).unwrap();
        self.session.flush().unwrap();
        self
    }

    /// Types `text`, without Enter.
    pub(crate) fn typed(mut self, text: &str) -> Self {
        self.session.send(text).unwrap();
        self.session.flush().unwrap();
        self
    }

    /// Goes down a list by so many rows, and takes that one.
    pub(crate) fn chose(self, row: usize) -> Self {
        const DOWN: &str = "\u{1b}[B";
        self.answered(&DOWN.repeat(row))
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupted(mut self) -> Self {
        self.session.send("\u{3}").unwrap();
        self.session.flush().unwrap();
        self
    }

    /// Waits for the end of the run.
    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn ends(mut self) -> Output {
        self.seen += &self.session.exp_eof().unwrap();
        let WaitStatus::Exited(_, code) = self.session.process().wait().unwrap() else {
            panic!("{:?} was ended by a signal; seen: {}", self.arguments, self.seen)
        };
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        self.environment.check_promises(&arguments, code, &self.seen, "");
        Output { code, stdout: self.environment.normalize(&self.seen), stderr: String::new() }
    }
}
