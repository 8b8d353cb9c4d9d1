//! Runs another program under a time limit and collects what it wrote.
//!
//! In: program, arguments, environment, standard input and the limit. Out: exit code and both outputs. The child is
//! killed when the limit passes or the caller drops the call.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::os::Env;

/// How much of one output stream is kept, in bytes: far above any real answer, far below a machine's memory.
const OUTPUT_LIMIT: u64 = 16 * 1024 * 1024;

/// What a program left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Its standard output, invalid UTF-8 replaced.
    pub stdout: String,
    /// Its standard error, invalid UTF-8 replaced.
    pub stderr: String,
}

impl Output {
    /// Whether it ended with exit code 0.
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// The first line of standard error that says anything.
    pub fn first_error_line(&self) -> Option<&str> {
        self.stderr.lines().map(str::trim).find(|line| !line.is_empty())
    }
}

/// Why a program gave no [`Output`].
#[derive(Debug, Error)]
pub enum RunError {
    /// It could not be started.
    #[error("cannot run `{}`", .program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// It did not end in time and was killed.
    #[error("`{}` did not end within {} s", .program.display(), .limit.as_secs_f32())]
    TimedOut {
        /// The program.
        program: PathBuf,
        /// The limit that it overran.
        limit: Duration,
    },
    /// Its outputs could not be read.
    #[error("lost contact with `{}`", .program.display())]
    Lost {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Runs `program` with exactly the given environment and waits for its end, for `limit` at most.
///
/// Secrets belong in `stdin`, never in `arguments`: every user of the machine can read those. Several calls can run
/// side by side.
///
/// # Errors
/// [`RunError`]; an exit code other than 0 is none.
pub async fn run<A: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
    env: &Env,
    stdin: &[u8],
    limit: Duration,
) -> Result<Output, RunError> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(env.iter()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|source| RunError::NotStarted { program: program.to_owned(), source })?;
    let ended = tokio::time::timeout(limit, converse(&mut child, stdin)).await;
    match ended {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(source)) => Err(RunError::Lost { program: program.to_owned(), source }),
        Err(_) => {
            // Dropping would kill as well, but leave the ended process to be collected at some later time.
            let _ = child.kill().await;
            Err(RunError::TimedOut { program: program.to_owned(), limit })
        }
    }
}

/// Feeds the child and reads both of its outputs at once, so that no full pipe can stall it.
async fn converse(child: &mut Child, stdin: &[u8]) -> io::Result<Output> {
    let mut input = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(pipe) = input.as_mut() {
            // A program that ends without reading its input breaks the pipe: its exit code tells more than that.
            let _ = pipe.write_all(stdin).await;
        }
        drop(input);
        Ok(())
    };
    let ((), stdout, stderr) = tokio::try_join!(feed, read(stdout), read(stderr))?;
    let status = child.wait().await?;
    Ok(Output { code: status.code(), stdout, stderr })
}

async fn read(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(OUTPUT_LIMIT).read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Finds a program on the `PATH` of `env`, as a shell standing in `cwd` would; on Windows with its extensions.
pub fn find(name: &str, env: &Env, cwd: &Path) -> Option<PathBuf> {
    let path: Option<OsString> = env.get_os("PATH").map(OsStr::to_owned);
    which::which_in(name, Some(path?), cwd).ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
