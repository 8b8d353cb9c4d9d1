//! Runs another program for a person, in the terminal that this one has.
//!
//! The program asks and answers there by itself; nothing of it is read here, so no secret passes through.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::os::Env;

/// Where the standard output of a dialogue goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogueOutput {
    /// To this program's standard output: the person reads it there.
    Stdout,
    /// To its standard error: standard output is kept for a result that a program reads.
    Stderr,
}

/// Runs `argv` (program first) in `folder` until it ends; its exit code, or `None` where a signal ended it.
///
/// # Errors
/// Where the program cannot be started.
pub fn run(argv: &[OsString], env: &Env, folder: &Path, output: DialogueOutput) -> io::Result<Option<i32>> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let stdout = match output {
        DialogueOutput::Stdout => Stdio::inherit(),
        DialogueOutput::Stderr => io::stderr().into(),
    };
    let status = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(env.iter())
        .current_dir(folder)
        .stdout(stdout)
        .status()?;
    Ok(status.code())
}
