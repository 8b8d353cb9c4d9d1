//! The browser: whether a person at this machine has one that this program can open, and opening it.
//!
//! In: the host and what a few files tell of it. Out: whether the browser is here, else why it is not. Everything is
//! judged by the given environment; only the `webbrowser` crate, at the very edge, reads the process's own.

use super::files::Files;
use super::os::Os;
use super::paths::HostPath;
use super::workstation::Host;

/// Where the person's browser is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// On this machine: it can be opened, and comes back to 127.0.0.1.
    Here,
    /// On another one, or nowhere.
    Elsewhere(Reason),
}

/// Why no browser is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The person is connected over SSH.
    Ssh,
    /// This is a GitHub codespace.
    Codespaces,
    /// This is a Gitpod workspace.
    Gitpod,
    /// This is a container.
    Container,
    /// There is no graphical desktop.
    NoDesktop,
    /// WSL, and no way to a browser on Windows.
    NoWindows,
    /// `BROWSER` names one that runs in the terminal, which is in use.
    InTerminal,
}

impl Reason {
    /// In words that go on from "because".
    pub fn words(self) -> &'static str {
        match self {
            Self::Ssh => "this is an SSH connection",
            Self::Codespaces => "this is a codespace",
            Self::Gitpod => "this is a Gitpod workspace",
            Self::Container => "this is a container",
            Self::NoDesktop => "there is no graphical desktop (neither DISPLAY nor WAYLAND_DISPLAY is set)",
            Self::NoWindows => "this is WSL without a way to a browser on Windows",
            Self::InTerminal => "BROWSER names a browser that needs the terminal",
        }
    }
}

/// Browsers that run in the terminal; `webbrowser` would wait for them (webbrowser-rs: `unix.rs`, `TEXT_BROWSERS`).
const IN_TERMINAL: [&str; 10] =
    ["lynx", "links", "links2", "elinks", "w3m", "eww", "netrik", "retawq", "curl", "www-browser"];

/// What opens a browser on Windows from WSL (wslu; webbrowser-rs: `unix.rs`, `try_wsl`).
const TO_WINDOWS: [&str; 6] = ["wslview", "wsl-open", "rundll32.exe", "powershell.exe", "explorer.exe", "cmd.exe"];

/// Whether a browser can be opened here and come back to 127.0.0.1.
pub fn surroundings(host: &Host, files: &dyn Files) -> Browser {
    match elsewhere(host, files) {
        Some(reason) => Browser::Elsewhere(reason),
        None => Browser::Here,
    }
}

fn elsewhere(host: &Host, files: &dyn Files) -> Option<Reason> {
    let is_set = |name: &str| host.env.get_os(name).is_some();
    let is_true = |name: &str| host.env.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_true("CODESPACES") {
        return Some(Reason::Codespaces);
    }
    if is_set("GITPOD_WORKSPACE_ID") {
        return Some(Reason::Gitpod);
    }
    if ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().any(is_set) {
        return Some(Reason::Ssh);
    }
    if matches!(host.os, Os::MacOs | Os::Windows) {
        return None;
    }
    let has_desktop = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    // Whoever works in a container (Toolbx, Distrobox) has its host's network, and was given the way to the browser.
    let is_workplace = has_desktop && is_set("BROWSER");
    let marks = ["/.dockerenv", "/run/.containerenv"].map(|path| HostPath::new(host.os, path));
    if is_true("REMOTE_CONTAINERS") || (!is_workplace && marks.iter().any(|path| files.exists(path))) {
        return Some(Reason::Container);
    }
    if let Some(browser) = host.env.get("BROWSER") {
        return browser.split(':').any(runs_in_terminal).then_some(Reason::InTerminal);
    }
    match host.os {
        Os::Wsl if !is_on_path(host, files, &TO_WINDOWS) => Some(Reason::NoWindows),
        Os::Linux if !has_desktop => Some(Reason::NoDesktop),
        _ => None,
    }
}

/// Whether one of the commands in `BROWSER` would take over the terminal.
fn runs_in_terminal(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    IN_TERMINAL.contains(&program.rsplit('/').next().unwrap_or_default())
}

fn is_on_path(host: &Host, files: &dyn Files, programs: &[&str]) -> bool {
    let path = host.env.get("PATH").unwrap_or_default();
    path.split(':').filter(|folder| folder.starts_with('/')).any(|folder| {
        let folder = HostPath::new(host.os, folder);
        programs.iter().any(|program| files.exists(&folder.join(program)))
    })
}

/// Opens a page in the person's browser, without waiting for it and without a word: where that fails the person has the
/// link. Called only where [`surroundings`] says [`Browser::Here`].
///
/// Which browser that is, `webbrowser` finds out from the process's own environment and the desktop's settings, for
/// which it runs `xdg-settings`: so a thread waits for it, and nobody for the thread.
pub fn open(url: &str) {
    let url = url.to_owned();
    // A system that has no thread left opens no browser either.
    let _ = std::thread::Builder::new().name("browser".to_owned()).spawn(move || {
        let _ = webbrowser::open(&url);
    });
}

#[cfg(test)]
mod tests;
