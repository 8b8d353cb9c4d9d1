//! A file a command: each puts the rooms below to work in the order of the journey, and knows no file format.
//!
//! A parsed command line and the process's surroundings come in, an [`Outcome`] or an [`Error`] goes out.

mod choices;
mod configure;
mod failures;
mod init;
mod interrupt;
mod login;
mod logout;
mod mount;
mod person;
mod profile;
mod project;
mod refresh;
mod remembered;
mod run;
mod secrets;
mod session;
mod sign_in;
mod status;
mod undo;
mod verify;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cli::{Command, Global};
use crate::host::dialogue::{self, DialogueOutput};
use crate::host::{Clock, Host};
use crate::report::{Error, Kind, Outcome, Report};

/// How long another astro-aws at work in the same project is waited for.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// What every command works with.
#[derive(Debug)]
pub struct App {
    /// The workstation.
    pub host: Host,
    /// The options of every command.
    pub global: Global,
    /// Where its words go.
    pub report: Report,
    /// The present time.
    pub clock: Clock,
    /// This program's own file, where the system tells.
    pub program: Option<PathBuf>,
}

impl App {
    /// Whether a question may be asked: on a terminal, and not with `--no-input`.
    fn may_ask(&self) -> bool {
        self.host.terminal.stdin && self.host.terminal.stderr && !self.global.no_input && self.report.is_text()
    }

    /// Whether a person may be sent to the browser: they need no question, so that the result may be JSON.
    fn may_sign_in(&self) -> bool {
        self.host.terminal.stdin && self.host.terminal.stderr && !self.global.no_input
    }

    /// Why no question may be asked, as the end of a sentence.
    fn why_not_asked(&self) -> &'static str {
        if self.global.no_input {
            "`--no-input` forbids to ask"
        } else if !self.report.is_text() {
            "`--output json` leaves no place to ask"
        } else {
            "there is no terminal to ask on"
        }
    }

    /// Runs a program for the person in this terminal, where they are; its exit code, `None` after a signal.
    fn run_in_terminal(&self, argv: &[OsString]) -> Result<Option<i32>, Error> {
        self.run_in_terminal_at(argv, &self.host.cwd)
    }

    /// The same in another folder.
    fn run_in_terminal_at(&self, argv: &[OsString], folder: &Path) -> Result<Option<i32>, Error> {
        let output = if self.report.is_text() { DialogueOutput::Stdout } else { DialogueOutput::Stderr };
        dialogue::run(argv, &self.host.env, folder, output).map_err(|error| {
            let program = argv.first().map(|program| program.to_string_lossy().into_owned()).unwrap_or_default();
            Error::new(Kind::Failed, format!("`{program}` could not be started: {error}"))
        })
    }

    /// Whole minutes until a time; 0 where it has passed.
    fn minutes_until(&self, time: SystemTime) -> u64 {
        time.duration_since(self.clock.now()).map_or(0, |left| left.as_secs() / 60)
    }
}

/// The name of a command, as JSON documents give it.
pub fn name(command: &Command) -> &'static str {
    match command {
        Command::Init(_) => "init",
        Command::Configure(_) => "configure",
        Command::Login(_) => "login",
        Command::Logout(_) => "logout",
        Command::Refresh(_) => "refresh",
        Command::Run(_) => "run",
        Command::Verify(_) => "verify",
        Command::Status => "status",
        Command::Secrets(command) => secrets::name(command),
        Command::Undo => "undo",
    }
}

/// Runs a command.
///
/// # Errors
/// Whatever keeps the command from its outcome, with its exit code and remedy.
pub async fn run(app: &mut App, command: &Command) -> Result<Outcome, Error> {
    match command {
        Command::Init(args) => init::run(app, args).await.map(|outcome| Outcome::Init(Box::new(outcome))),
        Command::Configure(args) => configure::run(app, args).await.map(Outcome::Configured),
        Command::Login(args) => login::run(app, args).await.map(Outcome::LoggedIn),
        Command::Logout(args) => logout::run(app, args).await.map(Outcome::LoggedOut),
        Command::Refresh(args) => refresh::run(app, args).await,
        Command::Run(args) => run::run(app, args).await.map(Outcome::Ran),
        Command::Verify(args) => verify::run(app, args).await.map(|outcome| Outcome::Verified(Box::new(outcome))),
        Command::Status => status::run(app).await.map(|outcome| Outcome::Status(Box::new(outcome))),
        Command::Secrets(command) => secrets::run(app, command).await,
        Command::Undo => undo::run(app).map(Outcome::Undone),
    }
}
