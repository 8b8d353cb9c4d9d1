//! What the project's files say about the secrets backend, and which of them counts for Airflow.
//!
//! `.env` beats the Dockerfile's ENV, and a service's `environment:` in the override file beats both.

use std::path::PathBuf;

use crate::airflow::backend::{BACKEND_VARIABLE, KWARG_VARIABLE_PREFIX, KWARGS_VARIABLE};
use crate::airflow::kwargs::key_of_variable;
use crate::airflow::{Backend, Kwargs, KwargsError};
use crate::commands::failures;
use crate::commands::project::Workspace;
use crate::delivery::compose::{self, InService};
use crate::delivery::entries::Owned;
use crate::edit::dotenv::DotEnv;
use crate::project::dockerfile::{Set, environment};
use crate::project::{Airflow, DOTENV, OVERRIDE, Runtime};
use crate::report::Error;

/// Variables of `.env` and of the image.
#[derive(Debug)]
pub(super) struct Present {
    /// The path of `.env`.
    pub(super) path: PathBuf,
    /// Its bytes; `None` where there is none.
    pub(super) bytes: Option<Vec<u8>>,
    dotenv: DotEnv,
    dockerfile: PathBuf,
    image: Vec<Set>,
    is_standalone: bool,
}

/// Where a variable is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Dotenv,
    Dockerfile,
}

/// A variable that counts.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) origin: Origin,
    /// File and line, for people.
    pub(super) place: String,
    /// It has a `$` that Compose fills in, so that the containers see another value.
    pub(super) is_expanded: bool,
}

impl std::fmt::Debug for Found {
    /// Without the value, which may be a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Found").field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}

impl Present {
    /// Reads `.env` and the Dockerfile.
    ///
    /// # Errors
    /// A `.env` that cannot be read or understood.
    pub(super) fn read(workspace: &Workspace) -> Result<Self, Error> {
        let path = workspace.root().join(DOTENV);
        let bytes = workspace.read(&path)?;
        let dotenv = bytes.as_deref().map_or_else(|| Ok(DotEnv::empty()), DotEnv::parse);
        let dotenv = dotenv.map_err(|error| failures::refusal(&path, &error))?;
        let dockerfile = workspace.root().join("Dockerfile");
        // Without containers there is no image.
        let text = if workspace.is_standalone() { Vec::new() } else { std::fs::read(&dockerfile).unwrap_or_default() };
        let image = environment(&String::from_utf8_lossy(&text));
        Ok(Self { path, bytes, dotenv, dockerfile, image, is_standalone: workspace.is_standalone() })
    }

    /// A variable as the containers get it, the override file left out of account.
    pub(super) fn get(&self, name: &str) -> Option<Found> {
        self.in_dotenv(name).or_else(|| self.in_image(name))
    }

    /// A variable of `.env`.
    pub(super) fn in_dotenv(&self, name: &str) -> Option<Found> {
        let found = self.dotenv.get(name)?;
        let place = failures::place(&self.path, Some(found.line));
        let is_single = self.written(name).is_some_and(|written| written.starts_with('\''));
        let is_plain = self.is_standalone || is_single;
        let value = if is_plain { found.value.clone() } else { found.value.replace("$$", "$") };
        let is_expanded = !is_plain && found.value.replace("$$", "").contains('$');
        Some(Found { name: name.to_owned(), value, origin: Origin::Dotenv, place, is_expanded })
    }

    /// A variable of the image.
    pub(super) fn in_image(&self, name: &str) -> Option<Found> {
        let set = self.image.iter().rev().find(|set| set.name == name)?;
        let place = failures::place(&self.dockerfile, Some(set.line));
        let value = set.value.clone();
        Some(Found { name: name.to_owned(), value, origin: Origin::Dockerfile, place, is_expanded: false })
    }

    /// The value of a variable as `.env` writes it, quotes included.
    pub(super) fn written(&self, name: &str) -> Option<&str> {
        self.dotenv.written(name)
    }

    /// The backend's class; none where it is empty, as for Airflow.
    pub(super) fn class(&self) -> Option<Found> {
        self.get(BACKEND_VARIABLE).filter(|found| !found.value.is_empty())
    }

    /// The variables with one kwarg each.
    pub(super) fn single_kwargs(&self) -> Vec<Found> {
        let in_dotenv = self.dotenv.assignments().map(|found| found.key.as_str());
        let in_image = self.image.iter().map(|set| set.name.as_str());
        let mut names: Vec<_> = in_dotenv.chain(in_image).filter(|name| key_of_variable(name).is_some()).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|name| self.get(name)).collect()
    }

    /// The variables of `.env` that set up a secrets backend.
    pub(super) fn backend_lines(&self) -> Vec<Found> {
        let names = [BACKEND_VARIABLE, KWARGS_VARIABLE].into_iter().filter_map(|name| self.in_dotenv(name));
        names.chain(self.single_kwargs().into_iter().filter(|found| found.origin == Origin::Dotenv)).collect()
    }

    /// The kwargs of AIRFLOW__SECRETS__BACKEND_KWARGS.
    ///
    /// # Errors
    /// What Airflow could not use.
    pub(super) fn kwargs(&self) -> Result<Kwargs, KwargsError> {
        self.get(KWARGS_VARIABLE).map_or_else(|| Ok(Kwargs::default()), |found| Kwargs::parse(&found.value))
    }
}

/// Whether a variable sets up a secrets backend.
pub(super) fn is_of_backend(name: &str) -> bool {
    [BACKEND_VARIABLE, KWARGS_VARIABLE].contains(&name) || name.starts_with(KWARG_VARIABLE_PREFIX)
}

/// The variables of the override file that beat those of `.env`; none in standalone mode, where it is not read.
///
/// # Errors
/// A file that cannot be read or understood.
pub(super) fn in_override(workspace: &Workspace, asked: impl Fn(&str) -> bool) -> Result<Vec<InService>, Error> {
    let path = workspace.root().join(OVERRIDE);
    match workspace.read(&path)? {
        Some(bytes) if !workspace.is_standalone() => {
            compose::in_services(&bytes, asked).map_err(|error| failures::refusal(&path, &error))
        }
        _ => Ok(Vec::new()),
    }
}

/// Whether this Airflow reads variables with one kwarg each: from 3.2 on. True where nothing tells.
pub(super) fn reads_single_kwargs(workspace: &Workspace) -> bool {
    match &workspace.project.runtime {
        Runtime::Found { airflow: Airflow::Two { .. }, .. } => false,
        Runtime::Found { airflow: Airflow::Three, tag, .. } => {
            let minor = tag.as_deref().and_then(|tag| tag.split('-').next()?.split('.').nth(1)?.parse::<u64>().ok());
            minor.is_none_or(|minor| minor >= 2)
        }
        Runtime::Unclear { .. } => workspace.set_up().and_then(|record| record.airflow) != Some(2),
    }
}

/// The backend of the amazon provider that is set up here, with its region; `None` for none and for any other.
///
/// # Errors
/// A `.env` that cannot be read.
pub(in crate::commands) fn in_use(workspace: &Workspace) -> Result<Option<(Backend, Option<String>)>, Error> {
    let present = Present::read(workspace)?;
    let Some(backend) = present.class().and_then(|class| Backend::of_class_path(&class.value)) else {
        return Ok(None);
    };
    let single = present
        .single_kwargs()
        .into_iter()
        .find(|found| reads_single_kwargs(workspace) && key_of_variable(&found.name).as_deref() == Some("region_name"));
    let region = single.map(|found| found.value);
    let of_json = || present.kwargs().ok()?.text("region_name").map(str::to_owned);
    Ok(Some((backend, region.or_else(of_json))))
}

/// Whether a line of `.env` is ours as it reads now.
pub(super) fn is_ours(owned: &[Owned], found: &Found) -> bool {
    owned
        .iter()
        .any(|entry| matches!(entry, Owned::Dotenv { key, value, .. } if *key == found.name && *value == found.value))
}
