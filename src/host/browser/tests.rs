//! Where a person's browser is, on each platform.

use super::super::files::Table;
use super::super::os::Env;
use super::*;

fn host(os: Os, variables: &[(&str, &str)]) -> Host {
    Host::new(os, Env::new(os, variables.iter().copied()), None, "/".into())
}

fn seen(os: Os, variables: &[(&str, &str)]) -> Browser {
    surroundings(&host(os, variables), &Table::default())
}

const DESKTOP: (&str, &str) = ("DISPLAY", ":0");

#[test]
fn a_desktop_has_its_browser() {
    assert_eq!(seen(Os::Linux, &[DESKTOP]), Browser::Here);
    assert_eq!(seen(Os::Linux, &[("WAYLAND_DISPLAY", "wayland-0")]), Browser::Here);
    assert_eq!(seen(Os::MacOs, &[]), Browser::Here);
    assert_eq!(seen(Os::Windows, &[]), Browser::Here);
}

#[test]
fn over_ssh_the_browser_is_elsewhere_on_every_system() {
    for os in [Os::Linux, Os::MacOs, Os::Windows, Os::Wsl] {
        for name in ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"] {
            assert_eq!(seen(os, &[DESKTOP, (name, "10.0.0.1 1 10.0.0.2 22")]), Browser::Elsewhere(Reason::Ssh));
        }
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    assert_eq!(seen(Os::Linux, &[DESKTOP, ("SSH_TTY", "")]), Browser::Here);
    assert_eq!(seen(Os::Linux, &[("DISPLAY", "")]), Browser::Elsewhere(Reason::NoDesktop));
}

#[test]
fn in_containers_the_browser_is_elsewhere() {
    for mark in ["/.dockerenv", "/run/.containerenv"] {
        let files = Table::default().with(mark, "");
        let found = surroundings(&host(Os::Linux, &[DESKTOP]), &files);
        assert_eq!(found, Browser::Elsewhere(Reason::Container), "{mark}");
    }
    assert_eq!(seen(Os::Linux, &[DESKTOP, ("REMOTE_CONTAINERS", "true")]), Browser::Elsewhere(Reason::Container));
}

#[test]
fn a_container_with_a_desktop_and_a_browser_of_its_own_is_as_good_as_a_machine() {
    let files = Table::default().with("/run/.containerenv", "");
    let seen = |variables: &[(&str, &str)]| surroundings(&host(Os::Linux, variables), &files);
    let browser = ("BROWSER", "firefox");
    assert_eq!(seen(&[DESKTOP, browser]), Browser::Here);
    for variables in [&[browser][..], &[DESKTOP, browser, ("REMOTE_CONTAINERS", "true")]] {
        assert_eq!(seen(variables), Browser::Elsewhere(Reason::Container), "{variables:?}");
    }
}

#[test]
fn in_workspaces_of_others_the_browser_is_elsewhere() {
    assert_eq!(seen(Os::Linux, &[("CODESPACES", "true")]), Browser::Elsewhere(Reason::Codespaces));
    assert_eq!(seen(Os::Linux, &[DESKTOP, ("CODESPACES", "false")]), Browser::Here);
    assert_eq!(seen(Os::Linux, &[("GITPOD_WORKSPACE_ID", "x")]), Browser::Elsewhere(Reason::Gitpod));
}

#[test]
fn linux_without_a_desktop_has_none_unless_browser_names_one() {
    assert_eq!(seen(Os::Linux, &[]), Browser::Elsewhere(Reason::NoDesktop));
    assert_eq!(seen(Os::Linux, &[("BROWSER", "/usr/bin/firefox %s")]), Browser::Here);
}

#[test]
fn a_browser_that_needs_the_terminal_is_none() {
    for browser in ["w3m", "/usr/bin/lynx -cookies %s", "firefox:links"] {
        let found = seen(Os::Linux, &[DESKTOP, ("BROWSER", browser)]);
        assert_eq!(found, Browser::Elsewhere(Reason::InTerminal), "{browser}");
    }
}

#[test]
fn wsl_has_the_browser_of_windows_where_a_program_leads_there() {
    let path = ("PATH", "/usr/bin:/mnt/c/Windows/System32:relative");
    assert_eq!(seen(Os::Wsl, &[path]), Browser::Elsewhere(Reason::NoWindows));
    assert_eq!(seen(Os::Wsl, &[path, ("BROWSER", "wslview")]), Browser::Here);
    for program in ["/usr/bin/wslview", "/mnt/c/Windows/System32/rundll32.exe"] {
        let files = Table::default().with(program, "");
        assert_eq!(surroundings(&host(Os::Wsl, &[path]), &files), Browser::Here, "{program}");
    }
}
