//! Which secrets are stored under the backend's prefixes, and named by nothing.

use std::collections::{BTreeSet, HashSet};

use crate::airflow::{Kind, Naming};
use crate::aws::secrets::Store;
use crate::commands::App;
use crate::report::outcome::secrets::check::Unused;

use super::subjects::Subject;

/// What DAGs name; options of Airflow's configuration are named by its own variables.
const KINDS: [Kind; 2] = [Kind::Connection, Kind::Variable];

/// Lists what nothing names; `None` where that cannot be told.
pub(super) async fn unused(app: &App, store: &Store, naming: &Naming, named: &[Subject]) -> Option<Vec<Unused>> {
    let named: BTreeSet<(Kind, &str)> = named.iter().map(|subject| (subject.kind, subject.id.as_str())).collect();
    let is_named = |name: &str| {
        Kind::ALL.iter().any(|&kind| naming.id_of(kind, name).is_some_and(|id| named.contains(&(kind, id))))
    };
    let mut unused = BTreeSet::new();
    let mut names = HashSet::new();
    for kind in KINDS {
        // Without a prefix everything in the account would be listed, and most of it is none of this project's.
        let Some(beginning) = naming.beginning(kind).filter(|beginning| beginning.chars().any(char::is_alphanumeric))
        else {
            continue;
        };
        let listed = {
            let _progress = app.report.progress(format!("listing {beginning}"));
            store
                .list(beginning, |entries| {
                    for entry in entries {
                        if let Some(id) = naming.id_of(kind, &entry.name)
                            && !is_named(&entry.name)
                            && names.insert(entry.name.clone())
                        {
                            unused.insert(Unused { kind: kind.name(), id: id.to_owned(), name: entry.name });
                        }
                    }
                })
                .await
        };
        if let Err(failure) = listed {
            app.report.warn("unused_unknown", format!("what nothing names cannot be told: {failure}"));
            return None;
        }
    }
    Some(unused.into_iter().collect())
}
