//! `requirements.txt`: the line that is ours.
//!
//! The bytes of the file and the owned entries come in; the edited bytes go out.

use super::entries::{Conflict, Edited, Owned};
use crate::edit::Refusal;
use crate::edit::requirements::{Requirement, Requirements};

/// Adds a line at the end of requirements.txt (`None` where there is none yet).
///
/// # Errors
/// A [`Refusal`] of the editor: then nothing of the file may be changed.
pub fn with_line(before: Option<&[u8]>, text: &str) -> Result<Edited, Refusal> {
    let file = before.map_or_else(|| Ok(Requirements::empty()), Requirements::parse)?.append(text)?;
    let owned = vec![Owned::Requirement { text: text.to_owned() }];
    Ok(Edited { bytes: file.bytes().to_vec(), owned, ..Edited::default() })
}

/// Removes the lines that are ours and still read as written, and nothing else.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn take_out(bytes: &[u8], owned: &[Owned]) -> Result<Vec<u8>, Refusal> {
    let file = lines_of(owned).fold(Requirements::parse(bytes)?, |file, text| file.remove(text));
    Ok(file.bytes().to_vec())
}

/// Whether the line of ours is still there.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn has_line(bytes: &[u8], text: &str) -> Result<bool, Refusal> {
    Ok(Requirements::parse(bytes)?.has(text))
}

/// Lines that we wrote and a person changed since: undo leaves them.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be read.
pub fn changed_since(bytes: &[u8], owned: &[Owned]) -> Result<Vec<Conflict>, Refusal> {
    let file = Requirements::parse(bytes)?;
    let changed = lines_of(owned).filter(|text| !file.has(text)).filter_map(|text| {
        let name = Requirement::parse(text)?.name;
        let (line, found) = file.asking_for(&name).last()?;
        let present = found.specifiers.clone();
        Some(Conflict { line: Some(line), service: None, key: name, present, wanted: text.to_owned() })
    });
    Ok(changed.collect())
}

fn lines_of(owned: &[Owned]) -> impl Iterator<Item = &str> {
    owned.iter().filter_map(|entry| match entry {
        Owned::Requirement { text } => Some(text.as_str()),
        _ => None,
    })
}
