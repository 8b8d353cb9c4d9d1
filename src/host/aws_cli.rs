//! The AWS CLI of this workstation: where it is, how old it is, and how to run it for a person.
//!
//! In: a [`Host`]. Out: an [`AwsCli`], its version, and the command lines that the caller starts in its own terminal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::os::Env;
use super::program::{self, RunError};
use super::workstation::Host;

/// An installed AWS CLI.
#[derive(Debug, Clone)]
pub struct AwsCli {
    path: PathBuf,
    env: Env,
}

/// The version of an AWS CLI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsCliVersion {
    /// 1 or 2.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

/// Why the version stayed unknown.
#[derive(Debug, Error)]
pub enum AwsCliError {
    /// It did not run, or not in time.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It ran and said something else than a version.
    #[error("`{} --version` did not tell a version: {said}", .program.display())]
    NoVersion {
        /// The program.
        program: PathBuf,
        /// The first line of what it said.
        said: String,
    },
}

/// What a person does with the AWS CLI in the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialogue {
    /// `aws configure`: asks for an access key.
    Configure,
    /// `aws configure sso`: asks for an IAM Identity Center session, account and role.
    ConfigureSso,
}

impl AwsCli {
    /// Finds `aws` on the host's `PATH` (on Windows `aws.exe` or `aws.cmd`).
    pub fn find(host: &Host) -> Option<Self> {
        program::find("aws", &host.env, &host.cwd).map(|path| Self { path, env: host.env.clone() })
    }

    /// The program's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for the version, waiting for `limit` at most.
    ///
    /// # Errors
    /// [`AwsCliError`] where the program does not run, overruns the limit, or says no version.
    pub async fn version(&self, limit: Duration) -> Result<AwsCliVersion, AwsCliError> {
        let output = program::run(&self.path, ["--version"], &self.env, b"", limit).await?;
        // Version 1 under Python 2 wrote to standard error.
        let found = AwsCliVersion::parse(&output.stdout).or_else(|| AwsCliVersion::parse(&output.stderr));
        found.ok_or_else(|| AwsCliError::NoVersion {
            program: self.path.clone(),
            said: output.stdout.lines().next().or(output.first_error_line()).unwrap_or("nothing").to_owned(),
        })
    }

    /// The command line of a dialogue, program first, for the caller to run in the same terminal.
    pub fn argv(&self, dialogue: Dialogue, profile: Option<&str>) -> Vec<OsString> {
        let words: &[&str] = match dialogue {
            Dialogue::Configure => &["configure"],
            Dialogue::ConfigureSso => &["configure", "sso"],
        };
        let profile = profile.into_iter().flat_map(|name| ["--profile", name]);
        let arguments = words.iter().copied().chain(profile).map(OsString::from);
        std::iter::once(self.path.clone().into_os_string()).chain(arguments).collect()
    }
}

impl AwsCliVersion {
    /// Reads `aws-cli/2.38.1 Python/3.13.7 Linux/… exe/x86_64.debian.13`.
    pub fn parse(text: &str) -> Option<Self> {
        let version = text.split_whitespace().find_map(|word| word.strip_prefix("aws-cli/"))?;
        let mut numbers = version.split('.').map(|part| {
            let digits = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        });
        let (major, minor) = (numbers.next()??, numbers.next()??);
        let patch = numbers.next().flatten().unwrap_or(0);
        Some(Self { major, minor, patch })
    }

    /// Whether it has `aws configure sso`: version 1 has not.
    pub fn supports_sso(self) -> bool {
        self.major >= 2
    }
}

impl std::fmt::Display for AwsCliVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests;
