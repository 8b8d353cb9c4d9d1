//! Where the engine answers, from variables and configuration files alone.
//!
//! The order is that of the Docker CLI (docker/cli:cli/command/cli.go, `resolveContextName`): `DOCKER_HOST`,
//! `DOCKER_CONTEXT`, `currentContext` of the configuration file, the default socket. Podman has variables of its own.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::EngineName;
use crate::host::files::Files;
use crate::host::os::Os;
use crate::host::paths::HostPath;
use crate::host::workstation::Host;

/// Where an engine answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address, such as `unix:///var/run/docker.sock`; `None` where a context does not say, or where podman
    /// needs no socket.
    pub address: Option<String>,
    /// What named it.
    pub source: EndpointSource,
}

/// What named the endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointSource {
    /// An environment variable with an address.
    Variable(&'static str),
    /// A Docker context of this name.
    Context(String),
    /// Nothing: the engine's default.
    Default,
}

impl Endpoint {
    pub(super) fn locate(host: &Host, name: EngineName, files: &impl Files) -> Self {
        match name {
            EngineName::Docker => Self::of_docker(host, files),
            EngineName::Podman => Self::of_podman(host),
        }
    }

    fn of_docker(host: &Host, files: &impl Files) -> Self {
        if let Some(address) = host.env.get("DOCKER_HOST") {
            return Self::from_variable("DOCKER_HOST", address);
        }
        let config = docker_config(host);
        let chosen = host.env.get("DOCKER_CONTEXT").map(str::to_owned);
        let context = chosen.or_else(|| current_context(files, config.as_ref()?));
        match context.filter(|name| name != "default") {
            Some(name) => {
                let address = config.and_then(|config| context_address(files, &config, &name));
                Self { address, source: EndpointSource::Context(name) }
            }
            None => Self { address: Some(default_address(host.os).to_owned()), source: EndpointSource::Default },
        }
    }

    fn of_podman(host: &Host) -> Self {
        match host.env.get("CONTAINER_HOST") {
            Some(address) => Self::from_variable("CONTAINER_HOST", address),
            None => Self { address: None, source: EndpointSource::Default },
        }
    }

    fn from_variable(variable: &'static str, address: &str) -> Self {
        Self { address: Some(address.to_owned()), source: EndpointSource::Variable(variable) }
    }

    /// The path of a `unix://` address.
    pub fn socket(&self) -> Option<&str> {
        self.address.as_deref()?.strip_prefix("unix://")
    }
}

fn default_address(os: Os) -> &'static str {
    match os {
        Os::Windows => "npipe:////./pipe/docker_engine",
        Os::Linux | Os::MacOs | Os::Wsl => "unix:///var/run/docker.sock",
    }
}

fn docker_config(host: &Host) -> Option<HostPath> {
    let configured = host.env.get("DOCKER_CONFIG").map(|text| HostPath::new(host.os, text));
    configured.or_else(|| host.home.as_ref().map(|home| home.join(".docker")))
}

fn current_context(files: &impl Files, config: &HostPath) -> Option<String> {
    let config: Value = serde_json::from_str(&files.read(&config.join("config.json"))?).ok()?;
    config.get("currentContext")?.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The address in the context's metadata, which lies under the SHA-256 of its name
/// (docker/cli:cli/context/store/metadatastore.go).
fn context_address(files: &impl Files, config: &HostPath, name: &str) -> Option<String> {
    let folder = hex::encode(Sha256::digest(name));
    let meta = files.read(&config.join("contexts/meta").join(&folder).join("meta.json"))?;
    let meta: Value = serde_json::from_str(&meta).ok()?;
    meta.pointer("/Endpoints/docker/Host")?.as_str().filter(|host| !host.is_empty()).map(str::to_owned)
}
