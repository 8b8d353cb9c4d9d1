//! What kind of engine it is, which decides how a bind mount behaves.
//!
//! In: where the engine answers. Out: an [`EngineKind`], in an instant: the engine itself is not asked, since what it
//! could add (rootless or not, say) changes nothing about how a mount is made or read.

use std::fmt;

use super::EngineName;
use super::endpoint::{Endpoint, EndpointSource};
use crate::host::files::Files;
use crate::host::os::Os;
use crate::host::paths::HostPath;
use crate::host::workstation::Host;

/// The kinds of engine that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// Docker Desktop, on any operating system: a virtual machine that shares folders of the host.
    Desktop,
    /// Docker Engine on this very kernel, as root.
    Native,
    /// Docker Engine on this kernel in a user's namespace: the container's root is that user.
    Rootless,
    /// Podman in a user's namespace.
    PodmanRootless,
    /// Podman as root.
    PodmanRootful,
    /// An engine in another virtual machine on this workstation.
    Vm(Vm),
    /// An engine on another machine: it does not see this one's files.
    Remote,
    /// None of these, as far as can be told.
    Unknown,
}

/// The virtual machines that carry an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vm {
    /// OrbStack.
    OrbStack,
    /// Colima.
    Colima,
    /// Rancher Desktop.
    RancherDesktop,
    /// Lima by itself.
    Lima,
    /// `podman machine`.
    PodmanMachine,
    /// One that could not be named.
    Other,
}

/// Parts of socket paths and context names that give an engine away.
const SOCKET_SIGNS: &[(&str, EngineKind)] = &[
    ("/.docker/desktop/", EngineKind::Desktop),
    ("/.docker/run/", EngineKind::Desktop),
    ("/mnt/wsl/docker-desktop/", EngineKind::Desktop),
    ("dockerdesktoplinuxengine", EngineKind::Desktop),
    ("/.orbstack/", EngineKind::Vm(Vm::OrbStack)),
    ("/.colima/", EngineKind::Vm(Vm::Colima)),
    ("/.config/colima/", EngineKind::Vm(Vm::Colima)),
    ("/.rd/", EngineKind::Vm(Vm::RancherDesktop)),
    ("/.lima/", EngineKind::Vm(Vm::Lima)),
    ("podman-machine", EngineKind::Vm(Vm::PodmanMachine)),
    ("/podman/machine/", EngineKind::Vm(Vm::PodmanMachine)),
];

/// Names of Docker contexts that their products create.
const CONTEXT_SIGNS: &[(&str, EngineKind)] = &[
    ("desktop-linux", EngineKind::Desktop),
    ("desktop-windows", EngineKind::Desktop),
    ("orbstack", EngineKind::Vm(Vm::OrbStack)),
    ("colima", EngineKind::Vm(Vm::Colima)),
    ("rancher-desktop", EngineKind::Vm(Vm::RancherDesktop)),
    ("rootless", EngineKind::Rootless),
];

impl EngineKind {
    pub(super) fn from_endpoint(host: &Host, name: EngineName, endpoint: &Endpoint, files: &impl Files) -> Self {
        if endpoint.address.as_deref().is_some_and(is_remote) {
            return Self::Remote;
        }
        if name == EngineName::Podman && endpoint.source == EndpointSource::Default {
            return match (host.os, host.uid) {
                (Os::MacOs | Os::Windows, _) => Self::Vm(Vm::PodmanMachine),
                (Os::Linux | Os::Wsl, Some(0)) => Self::PodmanRootful,
                (Os::Linux | Os::Wsl, _) => Self::PodmanRootless,
            };
        }
        let socket = endpoint.socket();
        let target = socket.and_then(|socket| files.link_target(&HostPath::new(host.os, socket)));
        let by_path = [target.as_deref(), endpoint.address.as_deref()].into_iter().flatten().find_map(from_path);
        let by_context = || match &endpoint.source {
            EndpointSource::Context(name) => from_context(name),
            EndpointSource::Variable(_) | EndpointSource::Default => None,
        };
        by_path.or_else(by_context).unwrap_or_else(|| from_system(host, target.as_deref().or(socket), files))
    }

    /// Whether a file's mode and owner on the host decide what a container's user may read through a mount.
    ///
    /// On Linux always: Docker Desktop there maps the developer to the container's root and every other user, uid
    /// 50000 too, to one that owns nothing (Docker's manual, "FAQs for Docker Desktop for Linux"). In WSL the files
    /// lie in a Linux file system as well. On macOS and Windows the virtual machine reads as the developer.
    pub fn keeps_host_modes(self, os: Os) -> bool {
        matches!(os, Os::Linux | Os::Wsl) && self.sees_host_files()
    }

    /// Whether a bind mount can reach this machine's files at all.
    pub fn sees_host_files(self) -> bool {
        self != Self::Remote
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Desktop => "Docker Desktop",
            Self::Native => "Docker Engine",
            Self::Rootless => "rootless Docker",
            Self::PodmanRootless => "rootless Podman",
            Self::PodmanRootful => "Podman as root",
            Self::Vm(Vm::OrbStack) => "OrbStack",
            Self::Vm(Vm::Colima) => "Colima",
            Self::Vm(Vm::RancherDesktop) => "Rancher Desktop",
            Self::Vm(Vm::Lima) => "Lima",
            Self::Vm(Vm::PodmanMachine) => "Podman machine",
            Self::Vm(Vm::Other) => "an engine in a virtual machine",
            Self::Remote => "an engine on another machine",
            Self::Unknown => "an unknown container engine",
        })
    }
}

fn is_remote(address: &str) -> bool {
    ["tcp://", "ssh://", "http://", "https://"].iter().any(|scheme| address.starts_with(scheme))
}

fn from_path(path: &str) -> Option<EngineKind> {
    let path = path.replace('\\', "/");
    let comparable = if path.starts_with("npipe:") { path.to_ascii_lowercase() } else { path };
    SOCKET_SIGNS.iter().find(|(sign, _)| comparable.contains(sign)).map(|(_, kind)| *kind)
}

fn from_context(name: &str) -> Option<EngineKind> {
    CONTEXT_SIGNS
        .iter()
        .find(|(sign, _)| name == *sign || name.strip_prefix(sign).is_some_and(|rest| rest.starts_with('-')))
        .map(|(_, kind)| *kind)
}

/// What the operating system alone makes of a socket that no product has put its name on.
fn from_system(host: &Host, socket: Option<&str>, files: &impl Files) -> EngineKind {
    let Some(socket) = socket else {
        // Neither macOS nor Windows has a kernel for Linux containers, and Docker Desktop owns the default pipe.
        return match host.os {
            Os::Windows => EngineKind::Desktop,
            Os::MacOs => EngineKind::Vm(Vm::Other),
            Os::Linux | Os::Wsl => EngineKind::Unknown,
        };
    };
    match host.os {
        Os::Windows | Os::MacOs => EngineKind::Vm(Vm::Other),
        Os::Wsl if files.exists(&HostPath::new(host.os, "/mnt/wsl/docker-desktop")) && is_default_socket(socket) => {
            EngineKind::Desktop
        }
        Os::Linux | Os::Wsl => from_linux_socket(host, socket),
    }
}

fn from_linux_socket(host: &Host, socket: &str) -> EngineKind {
    let runtime_dir = host.env.get("XDG_RUNTIME_DIR");
    let in_runtime_dir = runtime_dir.is_some_and(|folder| socket.starts_with(&format!("{folder}/")));
    let is_users = in_runtime_dir || socket.starts_with("/run/user/") || socket.starts_with("/var/run/user/");
    match (is_users, socket.ends_with("podman.sock")) {
        (true, true) => EngineKind::PodmanRootless,
        (false, true) => EngineKind::PodmanRootful,
        (true, false) => EngineKind::Rootless,
        (false, false) if is_default_socket(socket) => EngineKind::Native,
        (false, false) => EngineKind::Unknown,
    }
}

fn is_default_socket(socket: &str) -> bool {
    socket == "/var/run/docker.sock" || socket == "/run/docker.sock"
}
