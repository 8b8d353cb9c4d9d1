//! `run`: a command started with fresh credentials, which stay fresh while it runs.
//!
//! The command has the terminal, and this process's exit code is its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use crate::cli::RunArgs;
use crate::host::program;
use crate::host::signals::{Signal, Signals};
use crate::report::{Error, Kind, Outcome};

use super::App;
use super::refresh::watch::{Order, Start, Voice, Watch, orders};
use super::refresh::{Whom, renew_one};

pub(super) async fn run(app: &mut App, args: &RunArgs) -> Result<u8, Error> {
    let (program, arguments) = understood(app, args)?;
    let whom = Whom::current(app)?;
    let refreshed = Outcome::Refreshed(renew_one(app).await?);
    refreshed.text().lines().for_each(|line| app.report.note(line));
    let failed = |error| Error::new(Kind::Failed, format!("signals cannot be caught: {error}"));
    let mut signals = Signals::listen().map_err(failed)?;
    let watch = Watch::new(app, whom, Voice::of_run(app))?;
    let mut child = start(app, &program, arguments)?;
    let (teller, orders) = orders();
    let watching = watch.go(Start::Nothing, orders);
    let running = async {
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                signal = signals.next() => pass_on(&child, signal),
            }
        };
        // What is under way is finished: a refresh token is used up before the new one is written.
        let _ = teller.send(Order::End);
        status
    };
    let (status, _) = tokio::join!(running, watching);
    let lost = |error| Error::new(Kind::Failed, format!("`{}` was lost: {error}", program.display()));
    status.map(exit_code).map_err(lost)
}

/// The program and its arguments.
fn understood<'a>(app: &App, args: &'a RunArgs) -> Result<(PathBuf, &'a [OsString]), Error> {
    if !app.report.is_text() {
        return Err(Error::new(Kind::Usage, "the standard output of `run` is that of its command")
            .hint("leave `--output json` out, or give it to the command, behind `--`"));
    }
    if app.global.dry_run {
        return Err(
            Error::new(Kind::Usage, "`run` runs a command, and a dry run does nothing").hint("leave --dry-run out")
        );
    }
    let Some((name, arguments)) = args.command.split_first() else {
        return Err(Error::new(Kind::Usage, "there is no command to run").hint("name it behind `--`"));
    };
    let name = name.to_string_lossy();
    let program = program::find(&name, &app.host.env, &app.host.cwd).ok_or_else(|| {
        Error::new(Kind::Usage, format!("there is no program `{name}`"))
            .hint("name a program on PATH, as in `astro-aws run -- astro dev start`")
    })?;
    Ok((program, arguments))
}

/// Starts the command where the person is, with the terminal that this process has.
fn start(app: &App, program: &Path, arguments: &[OsString]) -> Result<Child, Error> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(app.host.env.iter()).current_dir(&app.host.cwd);
    command
        .spawn()
        .map_err(|error| Error::new(Kind::Failed, format!("`{}` could not be started: {error}", program.display())))
}

/// Hands a signal on. Ctrl-C reaches the command by itself: the terminal sends it to everyone in front of it.
#[cfg(unix)]
fn pass_on(child: &Child, signal: Signal) {
    use rustix::process::{Pid, Signal as Number, kill_process};
    let number = match signal {
        Signal::Interrupt => return,
        Signal::Terminate => Number::TERM,
        Signal::HangUp => Number::HUP,
    };
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // A command that has ended meanwhile needs no signal.
        let _ = kill_process(pid, number);
    }
}

/// Windows tells every process of the console by itself.
#[cfg(not(unix))]
fn pass_on(_: &Child, _: Signal) {}

/// The exit code of a command as a shell tells it: 128 and the number of the signal that ended it.
fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    let code = status.code().unwrap_or(1);
    u8::try_from(code).unwrap_or(u8::MAX)
}
