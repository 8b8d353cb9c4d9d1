//! The operating system, the environment and the terminal as values.
//!
//! In: what the caller measured (build target, kernel release, environment variables, standard streams).
//! Out: [`Os`], [`Env`] and [`Terminal`], on which paths and the workstation as a whole are built.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// The operating systems that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Linux with a kernel of its own, and any other Unix that is not macOS.
    Linux,
    /// macOS.
    MacOs,
    /// Windows itself, not a Linux inside it.
    Windows,
    /// A Linux distribution inside the Windows Subsystem for Linux.
    Wsl,
}

/// What [`Os::detect`] judges by.
#[derive(Debug, Clone, Copy)]
pub struct OsClues<'a> {
    /// The operating system the program was built for, as `std::env::consts::OS` names it.
    pub target: &'a str,
    /// The text of `/proc/sys/kernel/osrelease`; empty where there is none.
    pub kernel_release: &'a str,
    /// `/.dockerenv` exists: this is a container, whose kernel release is that of its host.
    pub dockerenv_exists: bool,
}

impl Os {
    /// Names the operating system.
    ///
    /// A WSL kernel calls itself `…-microsoft-standard-WSL2` (`…-Microsoft` in WSL 1). A container that Docker
    /// Desktop runs sees the same kernel without being WSL, hence the second clue.
    pub fn detect(clues: OsClues<'_>) -> Self {
        match clues.target {
            "windows" => Self::Windows,
            "macos" => Self::MacOs,
            "linux" if clues.kernel_release.to_ascii_lowercase().contains("microsoft") && !clues.dockerenv_exists => {
                Self::Wsl
            }
            _ => Self::Linux,
        }
    }

    /// Whether paths and environment variables follow the rules of Windows.
    pub fn is_windows(self) -> bool {
        self == Self::Windows
    }
}

/// A snapshot of the environment variables.
///
/// [`Debug`] shows the names alone, since values can be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env {
    ignores_case: bool,
    variables: BTreeMap<String, OsString>,
}

impl Env {
    /// Takes the variables as `std::env::vars_os` yields them; on Windows names are looked up without regard to case.
    ///
    /// A variable whose *name* is not Unicode is left out: no program asks for it by name.
    pub fn new<K, V>(os: Os, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let ignores_case = os.is_windows();
        let variables = variables
            .into_iter()
            .filter_map(|(name, value)| {
                let name = name.into().into_string().ok()?;
                Some((if ignores_case { name.to_ascii_uppercase() } else { name }, value.into()))
            })
            .collect();
        Self { ignores_case, variables }
    }

    /// The value of a variable, or `None` where it is unset, **empty**, or not Unicode.
    ///
    /// Empty counts as unset: `AWS_PROFILE=` in a shell means "no profile" to the person who typed it, although
    /// botocore then looks for a profile with an empty name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_os(name)?.to_str()
    }

    /// As [`Env::get`], for a value that need not be Unicode, such as `PATH`.
    pub fn get_os(&self, name: &str) -> Option<&OsStr> {
        let value =
            if self.ignores_case { self.variables.get(&name.to_ascii_uppercase()) } else { self.variables.get(name) };
        value.map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// All variables, the empty ones too, for a child process.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_os_str()))
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Env")?;
        formatter.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Which of the three standard streams are a terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Standard input is a terminal: a person can answer.
    pub stdin: bool,
    /// Standard output is a terminal.
    pub stdout: bool,
    /// Standard error is a terminal.
    pub stderr: bool,
}

#[cfg(test)]
mod tests;
