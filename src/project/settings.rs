//! The Astro CLI's settings that concern us: the project's `.astro/config.yaml` over the user-wide one.
//!
//! In: the two files. Out: [`Settings`]. Keys are read as the Astro CLI reads them, by way of spf13/viper: without
//! regard to case, nested (`dev:` / `mode:`) or dotted (`dev.mode:`), the dotted form first.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_yaml::Value;
use thiserror::Error;

use crate::host::{Host, HostPath};

/// A configuration larger than this is not read: real ones have a few hundred bytes.
const SIZE_LIMIT: u64 = 1024 * 1024;

/// How `astro dev start` runs Airflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DevMode {
    /// In containers.
    Docker,
    /// On the host itself, without containers.
    Standalone,
}

/// What the Astro configuration says.
#[derive(Debug)]
pub struct Settings {
    /// `project.name`.
    pub project_name: Option<String>,
    /// `dev.mode`; anything but `standalone` is docker, as for the Astro CLI.
    pub dev_mode: DevMode,
    /// `container.binary`, as written.
    pub container_binary: Option<String>,
    /// The user-wide configuration is there but was left out, as the Astro CLI leaves it out after a message.
    pub user_config_error: Option<SettingsError>,
}

/// Why a configuration could not be read.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is not what the Astro CLI could read.
    #[error("{}{}: {reason}", .path.display(), .line.map(|line| format!(":{line}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where it is known.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
}

/// The user-wide configuration: `.astro/config.yaml` in `ASTRO_HOME`, else in the home folder
/// (astronomer/astro-cli:config/config.go, `initHome`).
pub fn user_config(host: &Host) -> Option<HostPath> {
    let astro_home = host.env.get("ASTRO_HOME").map(|text| HostPath::new(host.os, text));
    let base = astro_home.or_else(|| host.home.clone())?;
    Some(base.join(".astro/config.yaml"))
}

impl Settings {
    /// Reads the configuration of the project at `root`, over the user-wide one.
    ///
    /// # Errors
    /// [`SettingsError`] for the project's file. Trouble with the user-wide one is kept in
    /// [`Settings::user_config_error`]; a missing one is none.
    pub fn read(root: &Path, user_config: Option<&Path>) -> Result<Self, SettingsError> {
        let project = read_config(&root.join(".astro").join("config.yaml"))?;
        let (user, user_config_error) = match user_config.map(read_config) {
            None => (Value::Null, None),
            Some(Ok(user)) => (user, None),
            Some(Err(SettingsError::Unreadable { source, .. })) if source.kind() == io::ErrorKind::NotFound => {
                (Value::Null, None)
            }
            Some(Err(error)) => (Value::Null, Some(error)),
        };
        let layers = [&project, &user];
        let text = |key: &[&str]| layers.iter().find_map(|layer| look_up(layer, key).and_then(scalar_text));
        let filled = |key: &[&str]| text(key).filter(|text| !text.is_empty());
        Ok(Self {
            project_name: filled(&["project", "name"]),
            dev_mode: match text(&["dev", "mode"]).as_deref() {
                Some("standalone") => DevMode::Standalone,
                _ => DevMode::Docker,
            },
            container_binary: filled(&["container", "binary"]),
            user_config_error,
        })
    }
}

fn read_config(path: &Path) -> Result<Value, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { path: path.to_owned(), source };
    let malformed = |line, reason: String| SettingsError::Malformed { path: path.to_owned(), line, reason };
    if path.metadata().map_err(unreadable)?.len() > SIZE_LIMIT {
        return Err(malformed(None, "it is larger than 1 MiB".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        malformed(Some(line), "it is not UTF-8".to_owned())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Like Go's parser, viper's, only the first document is read.
    let first = serde_yaml::Deserializer::from_str(text).next();
    let mut config = first
        .map_or(Ok(Value::Null), Value::deserialize)
        .map_err(|error| malformed(error.location().map(|place| place.line()), plain_reason(&error.to_string())))?;
    config.apply_merge().map_err(|error| malformed(None, error.to_string()))?;
    match config {
        Value::Null | Value::Mapping(_) => Ok(config),
        _ => Err(malformed(Some(1), "it holds no settings, which are written `key: value`".to_owned())),
    }
}

/// The parser's message without the place, which stands before it already.
fn plain_reason(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// Looks a key up as viper does: the longest dotted name first, then the nested ones (`searchMapWithPathPrefixes`).
fn look_up<'a>(config: &'a Value, key: &[&str]) -> Option<&'a Value> {
    let mapping = config.as_mapping()?;
    (1..=key.len()).rev().find_map(|length| {
        let name = key[..length].join(".");
        let is_it = |candidate: &Value| candidate.as_str().is_some_and(|text| text.to_lowercase() == name);
        let (_, value) = mapping.iter().find(|(candidate, _)| is_it(candidate))?;
        if length == key.len() { Some(value) } else { look_up(value, &key[length..]) }
    })
}

/// A scalar as text; `null` is as good as unset.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
