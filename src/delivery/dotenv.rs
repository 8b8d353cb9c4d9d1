//! `.env`: which lines are ours, which are to come, which are to go, and which beat every profile.

use super::entries::{Conflict, OnConflict, Owned, Wanted};
use crate::edit::Refusal;
use crate::edit::dotenv::DotEnv;

/// Variables that outrank any profile once a container has them (botocore: credentials.py, order of providers).
const STRONGER_THAN_PROFILES: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Variables that break where the override file does not apply: `astro dev pytest`, `parse` and `deploy`.
const PROFILE_NAMES: &[&str] = &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The edited `.env` and what was found on the way.
#[derive(Debug)]
pub struct Edited {
    /// The file as it shall be.
    pub dotenv: DotEnv,
    /// The lines in it that are ours now.
    pub owned: Vec<Owned>,
    /// Values of a person that differ from the wanted ones.
    pub conflicts: Vec<Conflict>,
}

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

/// Brings `.env` to what is wanted: lines that we own and no longer want go, missing ones come.
///
/// # Errors
/// A [`Refusal`] of the editor: then nothing of the file may be changed.
pub fn bring_to(dotenv: DotEnv, wanted: &Wanted, owned: &[Owned], on_conflict: OnConflict) -> Result<Edited, Refusal> {
    let is_wanted = |name: &str| wanted.dotenv.iter().any(|(key, _)| key == name);
    let gone: Vec<_> =
        owned.iter().filter(|entry| matches!(entry, Owned::Dotenv { key, .. } if !is_wanted(key))).cloned().collect();
    let mut edit = Edited { dotenv: take_out(dotenv, &gone)?, owned: Vec::new(), conflicts: Vec::new() };
    for (name, value) in &wanted.dotenv {
        edit.bring_line(name, value, owned, on_conflict)?;
    }
    Ok(edit)
}

/// Removes the lines that are ours and still read as written, and nothing else.
///
/// # Errors
/// A [`Refusal`] of the editor.
pub fn take_out(mut dotenv: DotEnv, owned: &[Owned]) -> Result<DotEnv, Refusal> {
    for entry in owned.iter().rev() {
        if let Owned::Dotenv { key, value, previous } = entry
            && dotenv.get(key).is_some_and(|found| found.value == *value)
        {
            dotenv = match previous {
                Some(previous) => dotenv.set(key, previous)?,
                None => dotenv.remove(key),
            };
        }
    }
    Ok(dotenv)
}

/// The lines that a person should know of: they beat, or break, every profile.
pub fn obstacles(dotenv: &DotEnv) -> Vec<Obstacle> {
    let line_of = |key: &'static str| dotenv.get(key).filter(|found| !found.value.is_empty()).map(|found| found.line);
    let keys = STRONGER_THAN_PROFILES.iter().filter_map(|key| Some(Obstacle::StaticKey { key, line: line_of(key)? }));
    let names = PROFILE_NAMES.iter().filter_map(|key| Some(Obstacle::ProfileName { key, line: line_of(key)? }));
    keys.chain(names).collect()
}

impl Edited {
    fn bring_line(&mut self, name: &str, value: &str, owned: &[Owned], on_conflict: OnConflict) -> Result<(), Refusal> {
        let found = self.dotenv.get(name).map(|found| (found.value.clone(), found.line));
        let previous = match found {
            None => None,
            Some((present, line)) => {
                let ours = owned.iter().find_map(|entry| match entry {
                    Owned::Dotenv { key, value, previous } if key == name && *value == present => {
                        Some(previous.clone())
                    }
                    _ => None,
                });
                if present == value {
                    self.owned.extend(ours.map(|previous| dotenv_entry(name, value, previous)));
                    return Ok(());
                }
                match ours {
                    Some(previous) => previous,
                    None => {
                        self.conflicts.push(Conflict {
                            line: Some(line),
                            service: None,
                            key: name.to_owned(),
                            present: present.clone(),
                            wanted: value.to_owned(),
                        });
                        if on_conflict == OnConflict::Keep {
                            return Ok(());
                        }
                        Some(present)
                    }
                }
            }
        };
        self.dotenv = self.dotenv.set(name, value)?;
        self.owned.push(dotenv_entry(name, value, previous));
        Ok(())
    }
}

fn dotenv_entry(key: &str, value: &str, previous: Option<String>) -> Owned {
    Owned::Dotenv { key: key.to_owned(), value: value.to_owned(), previous }
}

#[cfg(test)]
mod tests;
