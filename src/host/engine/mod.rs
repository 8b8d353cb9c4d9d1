//! The container engine of this workstation: which program drives it, where it runs, and what it can tell.
//!
//! In: a [`Host`], the project's `container.binary`. Out: an [`Engine`], found in an instant without starting
//! anything ([`Engine::find`], [`EngineKind`]), and answers of the engine itself ([`Engine::containers`] and its
//! sisters), each under a time limit that the caller sets.

mod answers;
mod calls;
mod endpoint;
mod kind;

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::files::Files;
use super::os::Env;
use super::program;
use super::workstation::Host;

pub use answers::Container;
pub use endpoint::{Endpoint, EndpointSource};
pub use kind::{EngineKind, Vm};

/// The two command lines that the Astro CLI drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineName {
    /// `docker`, whatever engine answers it.
    Docker,
    /// `podman`.
    Podman,
}

impl EngineName {
    /// The name of the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

/// A container engine: its command line and where it answers.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Which command line it is.
    pub name: EngineName,
    /// The program's file.
    pub binary: PathBuf,
    /// Where the engine answers, as far as files and variables tell.
    pub endpoint: Endpoint,
    /// What kind of engine that is, judged by the endpoint.
    pub kind: EngineKind,
    env: Env,
}

/// Why the engine gave no answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// There is no command line of a container engine.
    #[error("found no `{wanted}` on PATH")]
    NotFound {
        /// What was looked for.
        wanted: &'static str,
    },
    /// The command line ran, but the engine behind it does not answer, or not to this user.
    #[error("the container engine does not answer: {reason}")]
    NotRunning {
        /// The first line of what the command line said.
        reason: String,
    },
    /// The engine did not answer in time.
    #[error("`{command}` did not answer within {} s", .limit.as_secs_f32())]
    TimedOut {
        /// Program and subcommand.
        command: String,
        /// The limit that it overran.
        limit: Duration,
    },
    /// The engine answered with a refusal, or with something else than expected.
    #[error("`{command}` failed: {reason}")]
    Failed {
        /// Program and subcommand.
        command: String,
        /// The first line of what it said.
        reason: String,
    },
}

impl Engine {
    /// Finds the engine without starting anything.
    ///
    /// `configured` is `container.binary` of the Astro configuration. As in the Astro CLI
    /// (astronomer/astro-cli:pkg/container/engine.go) only `docker` and `podman` count there; anything else is as
    /// good as unset, and then `docker` goes before `podman`.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub fn find(host: &Host, configured: Option<&str>, files: &impl Files) -> Result<Self, EngineError> {
        let (candidates, wanted): (&[_], _) = match configured {
            Some("docker") => (&[EngineName::Docker], "docker"),
            Some("podman") => (&[EngineName::Podman], "podman"),
            _ => (&[EngineName::Docker, EngineName::Podman], "docker` or `podman"),
        };
        let found =
            candidates.iter().find_map(|name| Some((*name, program::find(name.as_str(), &host.env, &host.cwd)?)));
        let (name, binary) = found.ok_or(EngineError::NotFound { wanted })?;
        let endpoint = Endpoint::locate(host, name, files);
        let kind = EngineKind::from_endpoint(host, name, &endpoint, files);
        Ok(Self { name, binary, endpoint, kind, env: host.env.clone() })
    }
}

#[cfg(test)]
mod tests;
