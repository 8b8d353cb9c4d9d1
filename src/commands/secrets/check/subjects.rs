//! What is looked up: everything that the project's sources name, or the ids that were asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::airflow::Kind;
use crate::airflow::references::{Absence, Place, ReadAs, Reference};
use crate::cli::secrets::CheckArgs;

/// An id, and all that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) places: Vec<Place>,
    /// What becomes of the places where nothing is found: the worst of them.
    pub(super) absence: Absence,
    /// Some place reads it as JSON.
    pub(super) read_as: ReadAs,
    /// Nothing tells its kind: it is looked up as each.
    pub(super) is_guess: bool,
}

impl Subject {
    /// An id that nothing names.
    fn bare(kind: Kind, id: &str, is_guess: bool) -> Self {
        let (absence, read_as) = (Absence::Fails, ReadAs::Text);
        Self { kind, id: id.to_owned(), places: Vec::new(), absence, read_as, is_guess }
    }
}

/// Everything that is named, an id once.
pub(super) fn named(references: Vec<Reference>) -> Vec<Subject> {
    let mut subjects: BTreeMap<(Kind, String), Subject> = BTreeMap::new();
    for Reference { kind, id, place, absence, read_as } in references {
        let subject = subjects.entry((kind, id)).or_insert_with_key(|(kind, id)| Subject {
            kind: *kind,
            id: id.clone(),
            places: Vec::new(),
            absence,
            read_as,
            is_guess: false,
        });
        subject.absence = worst(subject.absence, absence);
        if read_as == ReadAs::Json {
            subject.read_as = ReadAs::Json;
        }
        subject.places.push(place);
    }
    for subject in subjects.values_mut() {
        subject.places.dedup();
    }
    subjects.into_values().collect()
}

fn worst(one: Absence, other: Absence) -> Absence {
    one.min(other)
}

/// The ids that were asked for, as what they are named, or as what `--kind` says; else as each kind.
pub(super) fn asked_for(args: &CheckArgs, named: &[Subject]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for id in args.ids.iter().collect::<BTreeSet<_>>() {
        let wanted = args.kind.map(Kind::from);
        let known = named.iter().filter(|subject| subject.id == *id && wanted.is_none_or(|kind| kind == subject.kind));
        let before = subjects.len();
        subjects.extend(known.cloned());
        if subjects.len() > before {
            continue;
        }
        match wanted {
            Some(kind) => subjects.push(Subject::bare(kind, id, false)),
            None => subjects.extend([Kind::Connection, Kind::Variable].map(|kind| Subject::bare(kind, id, true))),
        }
    }
    subjects
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn reference(kind: Kind, id: &str, line: usize, absence: Absence) -> Reference {
        let place = Place { path: PathBuf::from("dags/a.py"), line };
        Reference { kind, id: id.to_owned(), place, absence, read_as: ReadAs::Text }
    }

    #[test]
    fn one_place_without_a_default_is_enough_to_fail() {
        let subjects = named(vec![
            reference(Kind::Variable, "x", 1, Absence::Default),
            reference(Kind::Variable, "x", 2, Absence::Fails),
            reference(Kind::Variable, "y", 3, Absence::Default),
            reference(Kind::Connection, "aws_default", 4, Absence::Environment),
        ]);
        let absences: Vec<_> = subjects.iter().map(|subject| (subject.id.as_str(), subject.absence)).collect();
        assert_eq!(absences, [("aws_default", Absence::Environment), ("x", Absence::Fails), ("y", Absence::Default)]);
        assert_eq!(subjects[1].places.len(), 2);
    }
}
