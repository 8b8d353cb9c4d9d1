//! The workstation as one value: system, environment, home, current folder, terminal and user.
//!
//! In: what the caller measured. Out: a [`Host`], which every other part of this room takes as its first parameter,
//! and the folder in which astro-aws keeps its state on it.

use std::path::PathBuf;

use super::os::{Env, Os, Terminal};
use super::paths::HostPath;

/// The workstation that the program runs on.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its operating system.
    pub os: Os,
    /// Its environment variables; [`Debug`] shows their names alone.
    pub env: Env,
    /// The home folder as the SDKs find it, else the account's own.
    pub home: Option<HostPath>,
    /// The current folder.
    pub cwd: PathBuf,
    /// What is a terminal.
    pub terminal: Terminal,
    /// The user id; `None` where there is no such thing.
    pub uid: Option<u32>,
}

impl Host {
    /// Puts a host together.
    ///
    /// The home is that of the environment, found as the SDKs find it; `account_home` (the account's entry in the user
    /// database) serves where the environment names none, as it does for botocore. Terminal and user id are
    /// "none" until the caller sets them.
    pub fn new(os: Os, env: Env, account_home: Option<HostPath>, cwd: PathBuf) -> Self {
        let home = home(os, &env).or(account_home);
        Self { os, env, home, cwd, terminal: Terminal::default(), uid: None }
    }
}

/// The home folder as the SDKs find it: `HOME`; on Windows then `USERPROFILE`, then `HOMEDRIVE` and `HOMEPATH`.
fn home(os: Os, env: &Env) -> Option<HostPath> {
    let windows = || {
        let profile = env.get("USERPROFILE").map(str::to_owned);
        profile.or_else(|| Some(format!("{}{}", env.get("HOMEDRIVE")?, env.get("HOMEPATH")?)))
    };
    let text = match env.get("HOME") {
        Some(home) => Some(home.to_owned()),
        None if os.is_windows() => windows(),
        None => None,
    };
    text.map(|text| HostPath::new(os, text))
}

/// The folder in which astro-aws keeps its state, or `None` where the host has no home folder.
///
/// `$XDG_STATE_HOME` if absolute (the XDG specification has relative ones ignored), else `~/.local/state`; on macOS
/// `~/Library/Application Support`; on Windows `%LOCALAPPDATA%`. The `dirs` crate knows the same places, but reads
/// the process's own environment: it cannot serve a platform that is a value.
pub fn state_dir(host: &Host) -> Option<HostPath> {
    let in_home = |relative: &str| host.home.as_ref().map(|home| home.join(relative));
    let absolute =
        |name: &str| host.env.get(name).map(|text| HostPath::new(host.os, text)).filter(HostPath::is_absolute);
    let base = match host.os {
        Os::Linux | Os::Wsl => absolute("XDG_STATE_HOME").or_else(|| in_home(".local/state")),
        Os::MacOs => in_home("Library/Application Support"),
        Os::Windows => absolute("LOCALAPPDATA").or_else(|| in_home("AppData/Local")),
    }?;
    Some(base.join("astro-aws"))
}

#[cfg(test)]
mod tests;
