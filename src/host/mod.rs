//! The workstation: its operating system, environment, home, AWS folder, container engine and AWS CLI.
//!
//! The platform is a value. Nothing here reads the process's own environment, the clock or the terminal: a
//! [`Host`] is built from given parts, and what touches the disk or starts a program takes all it needs as
//! parameters. So Windows and macOS behave in a test on Linux as they do at home.

pub mod aws_cli;
pub mod aws_dir;
pub mod browser;
pub mod clock;
pub mod dialogue;
pub mod engine;
pub mod files;
pub mod os;
pub mod paths;
pub mod program;
pub mod readability;
pub mod selinux;
pub mod service;
pub mod shell;
pub mod signals;
#[cfg(test)]
#[cfg(unix)]
mod stand_in;
pub mod words;
pub mod workstation;

pub use aws_cli::{AwsCli, AwsCliVersion};
pub use aws_dir::AwsFiles;
pub use browser::Browser;
pub use clock::Clock;
pub use engine::{Engine, EngineError, EngineKind};
pub use files::{Files, RealFiles};
pub use os::{Env, Os, OsClues, Terminal};
pub use paths::{EnginePath, HostPath, PathError, engine_path};
pub use shell::Shell;
pub use workstation::{Host, state_dir};
