//! Whether a project has the amazon provider, which an AWS secrets backend needs: without it Airflow does not start.
//!
//! In: the runtime, the project's folder and the text of its Dockerfile. Out: a [`Provider`], and the pins of a person that
//! hold it below the first version that will do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::runtime::{Airflow, Runtime};
use crate::edit::requirements::{Requirement, Requirements, Statement};
use crate::edit::{MAX_BYTES, Refusal};

/// The file of Python packages of a project.
pub const REQUIREMENTS: &str = "requirements.txt";
/// The distribution with the AWS secrets backends.
pub const AMAZON_PROVIDER: &str = "apache-airflow-providers-amazon";
/// The line that brings it, of the first version that Astronomer's guides ask for.
pub const AMAZON_REQUIREMENT: &str = "apache-airflow-providers-amazon>=5.1.0";
/// The same version, as numbers.
const FIRST: [u64; 3] = [5, 1, 0];

/// Where the amazon provider of a project comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// The image brings it: Runtime of Airflow 2 that is not `-slim`.
    Image,
    /// A person asks for it there.
    AskedFor(Place),
    /// Nothing brings it, or nothing tells.
    Missing,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

/// A line of a person that holds the provider below [`AMAZON_REQUIREMENT`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Where it is.
    pub place: Place,
    /// The version specifiers.
    pub specifiers: String,
}

/// What a project says about the amazon provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Where it comes from.
    pub provider: Provider,
    /// What holds it below the version that is needed.
    pub too_old: Vec<Pin>,
    /// The image does not install requirements.txt by itself, and nothing in the Dockerfile names that file.
    pub is_left_out: bool,
}

impl Needs {
    /// Finds out. `own` is what requirements.txt holds, `None` where there is none; files that it names are read from the
    /// project's folder, and are left out of account where they are not there.
    ///
    /// # Errors
    /// A [`Refusal`] for a requirements.txt that is no text.
    pub fn of(root: &Path, runtime: &Runtime, own: Option<&[u8]>) -> Result<Self, Refusal> {
        let own = own.map_or_else(|| Ok(Requirements::empty()), Requirements::parse)?;
        let mut search = Search::default();
        search.file(&root.join(REQUIREMENTS), &own, Role::Asks);
        let dockerfile = std::fs::read(root.join("Dockerfile")).unwrap_or_default();
        let dockerfile = String::from_utf8_lossy(&dockerfile);
        search.dockerfile(&root.join("Dockerfile"), &dockerfile);
        let provider = match search.asked_for.into_iter().next() {
            _ if image_brings_it(runtime) => Provider::Image,
            Some(place) => Provider::AskedFor(place),
            None => Provider::Missing,
        };
        let is_left_out = is_base(runtime) && !dockerfile.contains(REQUIREMENTS);
        Ok(Self { provider, too_old: search.too_old, is_left_out })
    }
}

/// Whether the image has the provider: what is not known for sure is no.
fn image_brings_it(runtime: &Runtime) -> bool {
    match runtime {
        Runtime::Found { airflow: Airflow::Two { .. }, tag: Some(tag), .. } => !has_word(tag, "slim"),
        _ => false,
    }
}

/// Whether it is an image without the ONBUILD steps that install requirements.txt.
fn is_base(runtime: &Runtime) -> bool {
    matches!(runtime, Runtime::Found { tag: Some(tag), .. } if has_word(tag, "base"))
}

fn has_word(tag: &str, word: &str) -> bool {
    tag.split('-').any(|part| part == word)
}

/// What the lines of a file do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// They ask for distributions.
    Asks,
    /// They only limit versions.
    Limits,
}

#[derive(Default)]
struct Search {
    seen: BTreeSet<PathBuf>,
    asked_for: Vec<Place>,
    too_old: Vec<Pin>,
}

impl Search {
    fn file(&mut self, path: &Path, file: &Requirements, role: Role) {
        self.seen.insert(path.to_owned());
        for line in file.lines() {
            match &line.statement {
                Statement::Requirement(found) => self.requirement(found, path, line.number, role),
                Statement::Include(name) => self.named(path, name, role),
                Statement::Constraints(name) => self.named(path, name, Role::Limits),
                Statement::RequireHashes | Statement::Other => {}
            }
        }
    }

    /// A file that another names: relative to that one, as pip has it.
    fn named(&mut self, by: &Path, name: &str, role: Role) {
        let path = by.parent().unwrap_or(Path::new("")).join(name);
        let is_small = std::fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= MAX_BYTES as u64);
        if name.contains("://") || self.seen.contains(&path) || !is_small {
            return;
        }
        let read = std::fs::read(&path).ok().and_then(|bytes| Requirements::parse(&bytes).ok());
        if let Some(file) = read {
            self.file(&path, &file, role);
        }
    }

    /// Every word of a line that installs something: RUN instructions, also those over several lines and in heredocs.
    fn dockerfile(&mut self, path: &Path, text: &str) {
        let mut installs = false;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with('#') {
                continue;
            }
            let starts = ["pip install", "pip3 install", "pip sync"].iter().any(|start| line.contains(start));
            installs |= starts;
            if installs {
                let words = line.split_whitespace().map(|word| word.trim_matches(['"', '\'', '\\', ';']));
                for found in words.filter_map(Requirement::parse) {
                    self.requirement(&found, path, index + 1, Role::Asks);
                }
            }
            installs &= line.trim_end().ends_with('\\');
        }
    }

    fn requirement(&mut self, found: &Requirement, path: &Path, line: usize, role: Role) {
        let place = Place { path: path.to_owned(), line };
        let by_extra = found.name == "apache-airflow" && found.extras.iter().any(|extra| extra == "amazon");
        if found.name == AMAZON_PROVIDER {
            if excludes_what_is_needed(&found.specifiers) {
                self.too_old.push(Pin { place: place.clone(), specifiers: found.specifiers.clone() });
            }
        } else if !by_extra {
            return;
        }
        if role == Role::Asks {
            self.asked_for.push(place);
        }
    }
}

/// Whether no version from [`FIRST`] on fits: `==4.0`, `==4.*`, `~=4.1`, `<5`, `<=5.0`.
fn excludes_what_is_needed(specifiers: &str) -> bool {
    specifiers.split(',').any(|specifier| {
        let specifier = specifier.trim();
        let end = specifier.find(|c| !matches!(c, '<' | '>' | '=' | '!' | '~')).unwrap_or(specifier.len());
        let (operator, version) = specifier.split_at(end);
        let version = version.trim();
        let Some(release) = release(version) else { return false };
        match operator {
            "==" | "===" if version.ends_with(".*") => release.as_slice() < &FIRST[..release.len().min(FIRST.len())],
            "==" | "===" | "<=" => is_before(&release, &FIRST),
            "<" => !is_before(&FIRST, &release),
            // `~=4.1` is `>=4.1,==4.*`.
            "~=" => {
                let fixed = &release[..release.len().saturating_sub(1)];
                fixed < &FIRST[..fixed.len().min(FIRST.len())]
            }
            _ => false,
        }
    })
}

/// The numbers a version begins with; `None` where it begins with none.
fn release(version: &str) -> Option<Vec<u64>> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let numbers: Vec<_> = version
        .split('.')
        .map_while(|part| {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..end].parse().ok()
        })
        .collect();
    (!numbers.is_empty()).then_some(numbers)
}

/// Whether one release comes before another; missing numbers are 0.
fn is_before(one: &[u64], other: &[u64]) -> bool {
    let at = |numbers: &[u64], index: usize| numbers.get(index).copied().unwrap_or_default();
    let length = one.len().max(other.len());
    let numbers = |of: &[u64]| -> Vec<u64> { (0..length).map(|index| at(of, index)).collect() };
    numbers(one) < numbers(other)
}

#[cfg(test)]
mod tests;
