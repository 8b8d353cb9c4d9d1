//! The variables of an Airflow service that secrets depend on, as the service will see them, each with where it is set.
//!
//! The texts of the Dockerfile, `.env` and the override file come in, and the host's environment; the variables of
//! Airflow's secrets and of AWS go out. In a container the service's `environment:` counts more than `.env`, and that more
//! than the image; in standalone mode `.env` is laid over the host's environment.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use super::compose;
use crate::aws::secret::SecretText;
use crate::edit::Refusal;
use crate::edit::dotenv::DotEnv;
use crate::host::Env;
use crate::project::{DOTENV, OVERRIDE, dockerfile};

/// The Dockerfile's name.
const DOCKERFILE: &str = "Dockerfile";

/// What the names of the variables begin with that are handed out.
const HANDED_OUT: [&str; 5] =
    ["AIRFLOW__SECRETS__", "AIRFLOW__WORKERS__SECRETS_BACKEND", "AIRFLOW_CONN_", "AIRFLOW_VAR_", "AWS_"];

/// The files that set variables, each `None` where there is none, and the host's environment.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The Dockerfile.
    pub dockerfile: Option<&'a str>,
    /// `.env`.
    pub dotenv: Option<&'a [u8]>,
    /// `docker-compose.override.yml`.
    pub compose: Option<&'a [u8]>,
    /// The environment in which `astro dev start` runs.
    pub host: &'a Env,
}

/// Where a variable is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An `ENV` of the Dockerfile.
    Dockerfile {
        /// The line, counted from 1.
        line: usize,
    },
    /// `.env`.
    Dotenv {
        /// The line, counted from 1.
        line: usize,
    },
    /// A service's `environment:` in the override file.
    Override {
        /// The service.
        service: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
    },
    /// The host's environment.
    Host,
}

impl Origin {
    /// The name of the file; `None` for the host's environment.
    pub fn file(&self) -> Option<&'static str> {
        match self {
            Self::Dockerfile { .. } => Some(DOCKERFILE),
            Self::Dotenv { .. } => Some(DOTENV),
            Self::Override { .. } => Some(OVERRIDE),
            Self::Host => None,
        }
    }

    /// The line in that file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Dockerfile { line } | Self::Dotenv { line } => Some(*line),
            Self::Override { line, .. } => *line,
            Self::Host => None,
        }
    }
}

impl fmt::Display for Origin {
    /// The place in words: `.env` line 3.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file(), self.line()) {
            (Some(file), Some(line)) => write!(formatter, "`{file}` line {line}"),
            (Some(file), None) => write!(formatter, "`{file}`"),
            (None, _) => formatter.write_str("your environment"),
        }
    }
}

/// A variable as a service will see it. `Debug` leaves the value out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value; where Compose fills in a `$`, as it is written.
    pub value: SecretText,
    /// Where it is set.
    pub origin: Origin,
    /// Whether it has a `$` that Compose fills in, so that the container sees another value.
    pub is_expanded: bool,
}

/// The variables of a service.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, Variable>,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {refusal}")]
pub struct Unreadable {
    /// The file's name in the project's folder.
    pub file: &'static str,
    /// Why.
    pub refusal: Refusal,
}

impl Environment {
    /// The variables of a service in its container.
    ///
    /// # Errors
    /// A `.env` or an override file that Compose could not read either.
    pub fn of_service(sources: &Sources<'_>, service: &str) -> Result<Self, Unreadable> {
        let mut found = Self::default();
        for set in sources.dockerfile.map(dockerfile::environment).unwrap_or_default() {
            found.set(&set.name, &set.value, Origin::Dockerfile { line: set.line }, Dollars::Stay);
        }
        found.lay_dotenv(sources.dotenv, Dollars::AreFilledIn)?;
        let settings = sources.compose.map(|bytes| compose::settings(bytes, service)).transpose();
        for setting in settings.map_err(|refusal| Unreadable { file: OVERRIDE, refusal })?.unwrap_or_default() {
            let origin = Origin::Override { service: service.to_owned(), line: setting.line };
            match setting.value {
                Some(value) => found.set(&setting.name, &value, origin, Dollars::AreFilledIn),
                // A name alone passes the caller's variable on, where it is set.
                None => {
                    if let Some(value) = sources.host.get(&setting.name) {
                        found.set(&setting.name, value, origin, Dollars::Stay);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The variables in standalone mode, where Airflow runs on the host.
    ///
    /// # Errors
    /// A `.env` that cannot be read.
    pub fn standalone(sources: &Sources<'_>) -> Result<Self, Unreadable> {
        let mut found = Self::default();
        for (name, value) in sources.host.iter() {
            if let Some(value) = value.to_str() {
                found.set(name, value, Origin::Host, Dollars::Stay);
            }
        }
        found.lay_dotenv(sources.dotenv, Dollars::Stay)?;
        Ok(found)
    }

    /// A variable that is set, be it to nothing.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Every variable, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// The variables whose names begin so.
    pub fn beginning_with<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = (&'a str, &'a Variable)> {
        self.iter().filter(move |(name, _)| name.starts_with(beginning))
    }

    fn lay_dotenv(&mut self, bytes: Option<&[u8]>, dollars: Dollars) -> Result<(), Unreadable> {
        let unreadable = |refusal| Unreadable { file: DOTENV, refusal };
        let Some(file) = bytes.map(DotEnv::parse).transpose().map_err(unreadable)? else { return Ok(()) };
        for assignment in file.assignments() {
            // In single quotes Compose leaves `$` alone. What is written is known of the last assignment, which counts.
            let is_single = file.written(&assignment.key).is_some_and(|written| written.starts_with('\''));
            let dollars = if is_single { Dollars::Stay } else { dollars };
            let origin = Origin::Dotenv { line: assignment.line };
            self.set(&assignment.key, &assignment.value, origin, dollars);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, origin: Origin, dollars: Dollars) {
        if !HANDED_OUT.iter().any(|beginning| name.starts_with(beginning)) {
            return;
        }
        let (value, is_expanded) = match dollars {
            Dollars::Stay => (value.to_owned(), false),
            // `$$` stands for one; any other `$` begins a variable of Compose.
            Dollars::AreFilledIn => (value.replace("$$", "$"), value.replace("$$", "").contains('$')),
        };
        let variable = Variable { value: SecretText::new(value), origin, is_expanded };
        self.variables.insert(name.to_owned(), variable);
    }
}

/// What becomes of `$` on the way.
#[derive(Clone, Copy)]
enum Dollars {
    Stay,
    AreFilledIn,
}
