//! The Astro project: where it is, how it is set up, which Airflow it runs, and which of its services act for AWS.
//!
//! In: a start folder, the home folder and the user-wide Astro configuration, all given. Out: a [`Project`]. Nothing
//! here asks an engine or a person: where the Dockerfile alone does not tell, [`Runtime::Unclear`] says why.

pub mod dockerfile;
pub mod locate;
pub mod requirements;
pub mod runtime;
pub mod services;
pub mod settings;
pub mod sources;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use locate::{LocateError, Located, locate};
pub use runtime::{Airflow, Runtime, airflow_from_runtime_label, runtime_from_dockerfile};
pub use settings::{DevMode, Settings, SettingsError};

/// The only name under which the Astro CLI reads an override file (astronomer/astro-cli:airflow/docker.go).
pub const OVERRIDE: &str = "docker-compose.override.yml";
/// The file of environment variables of every Airflow service.
pub const DOTENV: &str = ".env";

/// An Astro project.
#[derive(Debug)]
pub struct Project {
    /// Its folder, symbolic links resolved.
    pub root: PathBuf,
    /// Its folder by the way the person went, which is what Compose records for its containers.
    pub reached_as: PathBuf,
    /// What its Astro configuration says.
    pub settings: Settings,
    /// What its Dockerfile says about Airflow.
    pub runtime: Runtime,
}

/// Why there is no project to work on.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// It was not found.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// Its configuration cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Its Dockerfile is there and cannot be read.
    #[error("cannot read {}", .path.display())]
    Dockerfile {
        /// The Dockerfile.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl Project {
    /// Finds the project of a folder, upwards, and reads it.
    ///
    /// `start` is absolute. `home` is never taken for a project. `user_config` is the user-wide `config.yaml`
    /// ([`settings::user_config`]).
    ///
    /// # Errors
    /// [`ProjectError`]. A missing Dockerfile is none: then [`Project::runtime`] is unclear.
    pub fn open(start: &Path, home: Option<&Path>, user_config: Option<&Path>) -> Result<Self, ProjectError> {
        let Located { root, reached_as } = locate(start, home)?;
        let settings = Settings::read(&root, user_config)?;
        let runtime = read_runtime(root.join("Dockerfile"))?;
        Ok(Self { root, reached_as, settings, runtime })
    }

    /// Its name: `project.name`, else that of its folder.
    pub fn name(&self) -> String {
        let folder = || self.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.settings.project_name.clone().unwrap_or_else(folder)
    }

    /// The folders under which Compose may have recorded its containers: as reached, and with links resolved.
    pub fn working_dirs(&self) -> Vec<&Path> {
        let mut folders = vec![self.reached_as.as_path()];
        if self.root != self.reached_as {
            folders.push(&self.root);
        }
        folders
    }

    /// Which Airflow it runs, where the Dockerfile tells.
    pub fn airflow(&self) -> Option<Airflow> {
        match &self.runtime {
            Runtime::Found { airflow, .. } => Some(*airflow),
            Runtime::Unclear { .. } => None,
        }
    }
}

fn read_runtime(path: PathBuf) -> Result<Runtime, ProjectError> {
    match std::fs::read(&path) {
        Ok(bytes) => Ok(runtime_from_dockerfile(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(Runtime::Unclear { image: None, why: "the project has no Dockerfile".to_owned() })
        }
        Err(source) => Err(ProjectError::Dockerfile { path, source }),
    }
}

#[cfg(test)]
mod tests;
