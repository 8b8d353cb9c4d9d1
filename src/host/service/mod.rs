//! `refresh --watch --all` as a service of the person's own: a systemd user unit, a launchd agent, or a scheduled task.
//!
//! The host and the program's path come in; the service's file and the commands that start and stop it go out. All of it
//! is text: nothing is written or run here.

mod environment;
mod launchd;
mod systemd;
mod task_scheduler;
#[cfg(test)]
mod tests;
mod xml;

pub use environment::{Carried, LeftOut, carried};

use std::ffi::OsString;

use super::os::Os;
use super::paths::HostPath;
use super::workstation::Host;

/// The name of the service.
pub const NAME: &str = "astro-aws-refresh";

/// What the service runs, after the program itself.
pub const ARGUMENTS: [&str; 4] = ["refresh", "--watch", "--all", "--no-input"];

/// What runs services on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// The person's own instance of systemd.
    Systemd,
    /// launchd, for the person's login session.
    Launchd,
    /// The Task Scheduler of Windows.
    TaskScheduler,
}

/// A command, program first.
pub type Argv = Vec<OsString>;

/// A service as it is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// What runs it.
    pub runner: Runner,
    /// Its file.
    pub file: HostPath,
    /// What stands in the file.
    pub text: String,
    /// Succeeds where the runner can be spoken to at all.
    pub reachable: Argv,
    /// Succeeds where the service is installed and running.
    pub running: Argv,
    /// Takes the old service away before a changed file is started; these may fail.
    pub before: Vec<Argv>,
    /// Starts it, now and with every login.
    pub start: Vec<Argv>,
    /// Stops it for good, while its file is still there; these may fail where it does not run.
    pub stop: Vec<Argv>,
    /// What is done once the file is gone.
    pub after_removal: Vec<Argv>,
    /// How a person looks at what it does.
    pub look: &'static str,
}

impl Runner {
    /// The runner of an operating system.
    pub fn of(os: Os) -> Self {
        match os {
            Os::Linux | Os::Wsl => Self::Systemd,
            Os::MacOs => Self::Launchd,
            Os::Windows => Self::TaskScheduler,
        }
    }

    /// The name in reports and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Launchd => "launchd",
            Self::TaskScheduler => "task-scheduler",
        }
    }
}

/// The service for this host; `None` where the host has no home folder, or no user to run it for.
pub fn service(host: &Host, program: &str, carried: &Carried) -> Option<Service> {
    match Runner::of(host.os) {
        Runner::Systemd => systemd::service(host, program, carried),
        Runner::Launchd => launchd::service(host, program, carried),
        Runner::TaskScheduler => task_scheduler::service(host, program),
    }
}

fn argv<const N: usize>(words: [&str; N]) -> Argv {
    words.into_iter().map(OsString::from).collect()
}
