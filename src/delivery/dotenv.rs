//! `.env`: which lines are ours, which are to come, which are to go, and which beat every profile.
//!
//! The bytes of `.env`, the wanted lines and the owned ones come in; the edited bytes go out, with the values that a
//! person wrote and that were left alone.

use super::entries::{Conflict, Edited, OnConflict, Owned, Ownership, Verdict, Wanted, decide};
use crate::edit::Refusal;
use crate::edit::dotenv::{Assignment, DotEnv};
use crate::project::services::CONTAINER_AWS_FOLDER;

/// Variables that outrank any profile once a container has them (botocore: credentials.py, order of providers).
pub(super) const STRONGER_THAN_PROFILES: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Variables that break where the override file does not apply: `astro dev pytest`, `parse` and `deploy`.
pub(super) const PROFILE_NAMES: &[&str] = &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// A line of a person that gets in the way of every profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A static key: it beats every profile.
    StaticKey {
        /// The variable.
        key: &'static str,
        /// Its line, counted from 1.
        line: usize,
    },
    /// A profile name: `astro dev pytest` and `parse` have no such profile.
    ProfileName {
        /// The variable.
        key: &'static str,
        /// Its line, counted from 1.
        line: usize,
    },
}

/// Brings `.env` (`None` where there is none yet) to what is wanted: lines that we own and no longer want go, missing
/// ones come, lines that it shall not have are taken out and remembered.
///
/// # Errors
/// A [`Refusal`] of the editor: then nothing of the file may be changed.
pub fn bring_to(
    before: Option<&[u8]>,
    wanted: &Wanted,
    owned: &[Owned],
    on_conflict: OnConflict,
) -> Result<Edited, Refusal> {
    let stale: Vec<_> = owned.iter().filter(|entry| is_stale(entry, wanted)).cloned().collect();
    let mut file = without(before.map_or_else(|| Ok(DotEnv::empty()), DotEnv::parse)?, &stale)?;
    let mut done = Edited::default();
    for (name, value) in &wanted.dotenv {
        let found = file.get(name);
        let present = found.map(|found| (found.value.as_str(), ownership(owned, name, &found.value)));
        let (verdict, is_conflict) = decide(present, value, on_conflict);
        if let (Some(found), true) = (found, is_conflict) {
            done.conflicts.push(conflict(found, value));
        }
        let previous = match verdict {
            // Beside a session folder of ours, lines just as ours are ours too: their record was lost.
            Verdict::Stays(Ownership::Theirs) if wanted.adopts && !is_conflict => None,
            Verdict::Stays(Ownership::Theirs) => continue,
            Verdict::Stays(Ownership::Ours { previous }) => previous,
            Verdict::Written { previous } => {
                let taken_out = if found.is_none() { taken_out(owned, name) } else { None };
                // A person's value comes back as they wrote it, quotes and `$` included.
                let previous = if is_conflict { file.written(name).map(str::to_owned) } else { previous.or(taken_out) };
                file = file.set(name, value)?;
                previous
            }
        };
        done.owned.push(Owned::Dotenv { key: name.clone(), value: value.clone(), previous });
    }
    for name in &wanted.dotenv_gone {
        let previous = match file.get(name) {
            None => taken_out(owned, name),
            Some(found) => match ownership(owned, name, &found.value) {
                Ownership::Ours { previous } => previous,
                Ownership::Theirs => Some(as_written(&file, name)?),
            },
        };
        file = without_all_of(file, name)?;
        done.owned.extend(previous.map(|previous| Owned::DotenvGone { key: name.clone(), previous }));
    }
    Ok(Edited { bytes: file.bytes().to_vec(), ..done })
}

/// Whether an entry of ours is no longer wanted, so that it is to be taken back.
fn is_stale(entry: &Owned, wanted: &Wanted) -> bool {
    let comes = |name: &String| wanted.dotenv.iter().any(|(key, _)| key == name);
    let goes = |name: &String| wanted.dotenv_gone.contains(name);
    match entry {
        Owned::Dotenv { key, .. } | Owned::DotenvGone { key, .. } => !comes(key) && !goes(key),
        Owned::Volume { .. } | Owned::Environment { .. } | Owned::Requirement { .. } | Owned::File { .. } => false,
    }
}

/// The value of a person's line that was taken out.
fn taken_out(owned: &[Owned], name: &str) -> Option<String> {
    owned.iter().find_map(|entry| match entry {
        Owned::DotenvGone { key, previous } if key == name => Some(previous.clone()),
        _ => None,
    })
}

fn as_written(file: &DotEnv, name: &str) -> Result<String, Refusal> {
    let found = || file.get(name).map(|found| found.line);
    file.written(name).map(str::to_owned).ok_or_else(|| Refusal {
        line: found(),
        reason: format!(
            "the value of `{name}` is not UTF-8, so it could not be put back later; take the line out yourself"
        ),
        paste: None,
    })
}

/// Takes out every assignment of a variable: the ones before the last have never counted.
fn without_all_of(mut file: DotEnv, name: &str) -> Result<DotEnv, Refusal> {
    while let Some(line) = file.get(name).map(|found| found.line) {
        let edited = file.remove(name);
        if edited == file {
            return Err(Refusal::at(line, format!("`{name}` cannot be taken out without changing another part")));
        }
        file = edited;
    }
    Ok(file)
}

/// Removes the lines that are ours and still read as written, and nothing else.
///
/// # Errors
/// A [`Refusal`] of the editor.
pub fn take_out(bytes: &[u8], owned: &[Owned]) -> Result<Vec<u8>, Refusal> {
    Ok(without(DotEnv::parse(bytes)?, owned)?.bytes().to_vec())
}

fn without(mut file: DotEnv, owned: &[Owned]) -> Result<DotEnv, Refusal> {
    for entry in owned.iter().rev() {
        match entry {
            Owned::Dotenv { key, value, previous } if file.get(key).is_some_and(|found| found.value == *value) => {
                file = match previous {
                    Some(previous) => file.put_back(key, previous)?,
                    None => file.remove(key),
                };
            }
            // At the end: where it stood, only the bytes of before tell, and those are put back where nobody touched them.
            Owned::DotenvGone { key, previous } if file.get(key).is_none() => {
                file = file.set(key, "")?.put_back(key, previous)?;
            }
            _ => {}
        }
    }
    Ok(file)
}

fn conflict(found: &Assignment, wanted: &str) -> Conflict {
    Conflict {
        line: Some(found.line),
        service: None,
        key: found.key.clone(),
        present: found.value.clone(),
        wanted: wanted.to_owned(),
    }
}

/// Whose a line with this value is.
fn ownership(owned: &[Owned], name: &str, present: &str) -> Ownership {
    let ours = owned.iter().find_map(|entry| match entry {
        Owned::Dotenv { key, value, previous } if key == name && value == present => Some(previous.clone()),
        _ => None,
    });
    ours.map_or(Ownership::Theirs, |previous| Ownership::Ours { previous })
}

/// Lines that point into a container's home: on the host itself they hide its own AWS files.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn container_paths(bytes: &[u8]) -> Result<Vec<(&'static str, usize)>, Refusal> {
    let file = DotEnv::parse(bytes)?;
    let points_inside = |key: &str| file.get(key).filter(|found| found.value.starts_with(CONTAINER_AWS_FOLDER));
    let variables = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];
    Ok(variables.into_iter().filter_map(|key| Some((key, points_inside(key)?.line))).collect())
}

/// The variables by which a person's lines give every service a profile.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn profile_variables(bytes: &[u8], owned: &[Owned]) -> Result<Vec<&'static str>, Refusal> {
    let names = obstacles(bytes, owned)?.into_iter().filter_map(|obstacle| match obstacle {
        Obstacle::ProfileName { key, .. } => Some(key),
        Obstacle::StaticKey { .. } => None,
    });
    Ok(names.collect())
}

/// Lines that we wrote and a person changed since: undo leaves them.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn changed_since(bytes: &[u8], owned: &[Owned]) -> Result<Vec<Conflict>, Refusal> {
    let file = DotEnv::parse(bytes)?;
    let changed = owned.iter().filter_map(|entry| match entry {
        Owned::Dotenv { key, value, .. } => {
            let found = file.get(key).filter(|found| found.value != *value)?;
            Some(conflict(found, value))
        }
        _ => None,
    });
    Ok(changed.collect())
}

/// The lines that a person should know of: they beat, or break, every profile. Lines of our own are none.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn obstacles(bytes: &[u8], owned: &[Owned]) -> Result<Vec<Obstacle>, Refusal> {
    let file = DotEnv::parse(bytes)?;
    let theirs = |key: &str| file.get(key).filter(|found| ownership(owned, key, &found.value) == Ownership::Theirs);
    let keys = STRONGER_THAN_PROFILES.iter().filter_map(|key| {
        let found = theirs(key).filter(|found| !found.value.is_empty())?;
        Some(Obstacle::StaticKey { key, line: found.line })
    });
    // An empty name counts: botocore then looks for a profile without a name.
    let names = PROFILE_NAMES.iter().filter_map(|key| Some(Obstacle::ProfileName { key, line: theirs(key)?.line }));
    Ok(keys.chain(names).collect())
}

#[cfg(test)]
mod tests;
