//! Which Airflow a project runs, from its Dockerfile or from the label of its built image.
//!
//! In: text. Out: the version and the reason, or why it is unclear, so that the caller asks the engine
//! ([`airflow_from_runtime_label`]) or the person. The rules for versions are those of
//! astronomer/astro-cli:airflow_versions/runtime_versions.go, the image names those of airflow/constants.go.

use super::dockerfile::{BaseImage, base_image};

/// The Airflow versions, as far as their services differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Airflow {
    /// Airflow 2.
    Two {
        /// It has a triggerer: Runtime 4.0.0 and newer.
        triggerer: bool,
    },
    /// Airflow 3.
    Three,
}

impl Airflow {
    /// The major version, as JSON output shows it and `--airflow` takes it.
    pub fn major(self) -> u8 {
        match self {
            Self::Two { .. } => 2,
            Self::Three => 3,
        }
    }

    /// The Airflow of a major version that a person named, of a Runtime that is still supported.
    pub fn from_major(major: u8) -> Option<Self> {
        match major {
            2 => Some(Self::Two { triggerer: true }),
            3 => Some(Self::Three),
            _ => None,
        }
    }
}

/// What a Dockerfile says about Airflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// It is plain.
    Found {
        /// The version.
        airflow: Airflow,
        /// The image's name without tag and digest.
        image: String,
        /// The image's tag; `None` where only a digest or nothing pins it.
        tag: Option<String>,
        /// What tells the version, as a clause for people.
        why: String,
        /// The line of the Dockerfile, from 1.
        line: usize,
    },
    /// It cannot be told from the text.
    Unclear {
        /// The image as the Dockerfile names it, to ask an engine about.
        image: Option<String>,
        /// Why.
        why: String,
    },
}

impl Runtime {
    /// Whether its Airflow knows a DAG's `schedule`, as 2.4 (Runtime 6) and newer do; true where nothing tells.
    pub fn takes_schedule(&self) -> bool {
        let Self::Found { tag: Some(tag), image, .. } = self else { return true };
        let runtime = match Version::parse(tag) {
            Some(Version::New { .. }) => None,
            Some(Version::Old { runtime }) => Some(runtime),
            // A tag that floats is Runtime's own version with this image alone.
            None => leading_number(tag).filter(|_| family(image) == Some(Family::AstroRuntime)),
        };
        runtime.is_none_or(|runtime| runtime >= FIRST_WITH_SCHEDULE)
    }
}

/// The first Runtime whose Airflow is 2.4.
const FIRST_WITH_SCHEDULE: u64 = 6;

/// Which of Astronomer's two Runtime images a name stands for, mirrors included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// `astro-runtime`, whose floating tags are of Airflow 2.
    AstroRuntime,
    /// `astrocrpublic…/runtime`, whose floating tags are of Airflow 3.
    Runtime,
    /// Another image called `runtime`: only a tag in Astronomer's own form tells it from anyone's runtime.
    SomeRuntime,
}

/// A Runtime version in one of its two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// `X.Y-Z`: the number is Airflow's.
    New { airflow: u64 },
    /// `X.Y.Z`: the number is Runtime's own, and Airflow is 2.
    Old { runtime: u64 },
}

/// Tells the Airflow version from a Dockerfile's text.
pub fn runtime_from_dockerfile(text: &str) -> Runtime {
    match base_image(text) {
        Ok(base) => from_base_image(base),
        Err(error) => Runtime::Unclear { image: None, why: error.to_string() },
    }
}

/// Tells the Airflow version from the label `io.astronomer.docker.runtime.version`, which is what the Astro CLI goes
/// by; `None` where the text is no version of Airflow 2 or 3.
pub fn airflow_from_runtime_label(label: &str) -> Option<Airflow> {
    airflow_of(Version::parse(label.trim())?)
}

fn from_base_image(base: BaseImage) -> Runtime {
    let BaseImage { reference, line } = base;
    let unclear = |why: String| Runtime::Unclear { image: Some(reference.clone()), why };
    let (name, tag) = split_reference(&reference);
    let Some(family) = family(name) else {
        return unclear(format!("`{reference}` is not an Astro Runtime image"));
    };
    let version = tag.and_then(Version::parse);
    let found = |airflow, why: String| Runtime::Found {
        airflow,
        image: name.to_owned(),
        tag: tag.map(str::to_owned),
        why,
        line,
    };
    match (version, family) {
        (Some(Version::Old { .. }), Family::SomeRuntime) | (None, Family::SomeRuntime) => {
            unclear(format!("nothing in `{reference}` says that it is an Astro Runtime image"))
        }
        (Some(version), _) => match airflow_of(version) {
            Some(airflow) => found(airflow, format!("the tag of `{reference}` is of Airflow {}", airflow.major())),
            None => unclear(format!("the tag of `{reference}` is of an Airflow that astro-aws does not know")),
        },
        // Before Runtime 4 lies Airflow 2.1: a tag without a full version is taken for a newer one.
        (None, Family::AstroRuntime) => {
            let triggerer = tag.and_then(leading_number).is_none_or(|runtime| runtime >= FIRST_WITH_TRIGGERER);
            found(Airflow::Two { triggerer }, format!("the image `{name}` is of Airflow 2"))
        }
        (None, Family::Runtime) => found(Airflow::Three, format!("the image `{name}` is of Airflow 3")),
    }
}

/// The first Runtime whose projects have a triggerer.
const FIRST_WITH_TRIGGERER: u64 = 4;

fn airflow_of(version: Version) -> Option<Airflow> {
    match version {
        Version::Old { runtime } => Some(Airflow::Two { triggerer: runtime >= FIRST_WITH_TRIGGERER }),
        // Every version in the new form is newer than every one in the old.
        Version::New { airflow: 2 } => Some(Airflow::Two { triggerer: true }),
        Version::New { airflow: 3 } => Some(Airflow::Three),
        Version::New { .. } => None,
    }
}

impl Version {
    /// Reads `3.0-4`, `3.1-12-python-3.11`, `12.8.0`, `v12.8.0`, `9.1.0-python-3.11-base`; not `12` or `3.1`, which
    /// float.
    fn parse(text: &str) -> Option<Self> {
        Self::parse_new(text).or_else(|| Self::parse_old(text.strip_prefix('v').unwrap_or(text)))
    }

    fn parse_new(text: &str) -> Option<Self> {
        let (numbers, build) = text.split_once('-')?;
        let (major, minor) = numbers.split_once('.')?;
        let (airflow, _) = (whole_number(major)?, whole_number(minor)?);
        let build = build.split(['-', '.']).next()?;
        whole_number(build).map(|_| Self::New { airflow })
    }

    fn parse_old(text: &str) -> Option<Self> {
        let numbers = text.split(['-', '+']).next()?;
        let mut numbers = numbers.split('.').map(whole_number);
        let (major, minor, patch) = (numbers.next()??, numbers.next()?, numbers.next()?);
        let is_full = minor.is_some() && patch.is_some() && numbers.next().is_none();
        is_full.then_some(Self::Old { runtime: major })
    }
}

fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn leading_number(tag: &str) -> Option<u64> {
    tag.split(['.', '-']).next().and_then(whole_number)
}

/// Name and tag of an image reference; a digest is left out, since it says nothing about a version.
fn split_reference(reference: &str) -> (&str, Option<&str>) {
    let named = reference.split('@').next().unwrap_or(reference);
    match named.rsplit_once(':') {
        // A colon before the last slash belongs to a registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (named, None),
    }
}

fn family(name: &str) -> Option<Family> {
    let mut parts: Vec<_> = name.split('/').collect();
    let last = parts.pop()?;
    let is_astronomers = |part: &&str| part.contains("astrocrpublic") || part.contains("astronomer");
    match last {
        "astro-runtime" => Some(Family::AstroRuntime),
        "runtime" if parts.iter().any(is_astronomers) => Some(Family::Runtime),
        "runtime" => Some(Family::SomeRuntime),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
