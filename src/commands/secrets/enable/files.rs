//! The plan of `secrets enable`: `.env`, requirements.txt, and the record that goes with them.

use super::merge::{Existing, Merged};
use crate::airflow::Kwargs;
use crate::airflow::backend::{BACKEND_VARIABLE, KWARGS_VARIABLE};
use crate::cli::secrets::EnableArgs;
use crate::commands::failures;
use crate::commands::project::Workspace;
use crate::commands::secrets::present::Present;
use crate::commands::secrets::{AWS_CONNECTION, AWS_CONNECTION_VARIABLE};
use crate::delivery::entries::{OnConflict, Owned, Wanted};
use crate::delivery::record::Record;
use crate::delivery::{dotenv, requirements};
use crate::edit::dotenv::DotEnv;
use crate::plan::{Change, Plan, Secrecy};
use crate::project::requirements::{AMAZON_REQUIREMENT, Needs, Provider, REQUIREMENTS};
use crate::report::Error;

/// What changes, and what is told of it.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) record: Option<Record>,
    /// The line of ours in requirements.txt.
    pub(super) requirement: Option<String>,
    /// It comes now, so that the image has to be built again.
    pub(super) is_requirement_new: bool,
    /// `.env` has the AWS connection without credentials.
    pub(super) has_aws_connection: bool,
    /// What the project says about the provider.
    pub(super) needs: Needs,
}

/// Computes every change and the record that goes with them.
///
/// # Errors
/// A file that cannot be read or safely edited.
pub(super) fn plan(
    workspace: &Workspace,
    args: &EnableArgs,
    present: &Present,
    existing: &Existing,
    merged: &Merged,
) -> Result<Planned, Error> {
    let owned = workspace.record().map_or(&[][..], |record| &record.secrets);
    let wanted = wanted(args, present, existing, merged, owned);
    // Kwargs are merged, and another class was asked about: what differs is replaced, and comes back with undo.
    let lines = dotenv::bring_to(present.bytes.as_deref(), &wanted, owned, OnConflict::Replace)
        .map_err(|error| failures::refusal(&present.path, &error))?;
    let mut changes =
        vec![Change::new(&present.path, present.bytes.clone(), Some(lines.bytes)).with_secrecy(Secrecy::Neighbours)];
    let mut secrets = lines.owned;
    let asked = requirement(workspace, owned)?;
    changes.extend(asked.change);
    secrets.extend(asked.owned.clone());
    secrets.extend(owned.iter().filter(|entry| !entry.is_of_dotenv() && !entry.is_of_requirements()).cloned());
    let set_up = workspace.record().and_then(|record| record.set_up.clone());
    let record = Record { project: workspace.root().to_owned(), set_up, secrets };
    let is_ours = |entry: &Owned| matches!(entry, Owned::Requirement { .. });
    Ok(Planned {
        has_aws_connection: wanted.dotenv.iter().any(|(key, _)| key == AWS_CONNECTION_VARIABLE),
        requirement: asked.owned.iter().any(is_ours).then(|| AMAZON_REQUIREMENT.to_owned()),
        is_requirement_new: asked.is_new,
        needs: asked.needs,
        plan: Plan { changes },
        record: (record.set_up.is_some() || !record.secrets.is_empty()).then_some(record),
    })
}

/// The lines of `.env`: those of the backend, and those of ours that nobody asked to change.
fn wanted(args: &EnableArgs, present: &Present, existing: &Existing, merged: &Merged, owned: &[Owned]) -> Wanted {
    let mut lines = vec![
        (BACKEND_VARIABLE.to_owned(), merged.configured.backend.class_path().to_owned()),
        (KWARGS_VARIABLE.to_owned(), json_line(present, existing, &merged.json)),
    ];
    lines.extend(merged.singles.iter().cloned());
    let mut gone = merged.gone.clone();
    if args.aws_connection {
        lines.push((AWS_CONNECTION_VARIABLE.to_owned(), AWS_CONNECTION.to_owned()));
    }
    for entry in owned {
        match entry {
            Owned::Dotenv { key, .. } if !is_named(&lines, &gone, key) => {
                // A line of ours that a person took out, or changed, is no longer ours to write.
                let kept = present
                    .in_dotenv(key)
                    .filter(|found| matches!(entry, Owned::Dotenv { value, .. } if *value == found.value));
                lines.extend(kept.map(|found| (key.clone(), found.value)));
            }
            Owned::DotenvGone { key, .. } if !is_named(&lines, &gone, key) && present.in_dotenv(key).is_none() => {
                gone.push(key.clone());
            }
            _ => {}
        }
    }
    Wanted { dotenv: lines, dotenv_gone: gone, ..Wanted::default() }
}

fn is_named(lines: &[(String, String)], gone: &[String], key: &str) -> bool {
    lines.iter().any(|(name, _)| name == key) || gone.iter().any(|name| name == key)
}

/// The JSON text. A person's own stays where it says the same and every reader takes it alike.
fn json_line(present: &Present, existing: &Existing, json: &Kwargs) -> String {
    let found = present.in_dotenv(KWARGS_VARIABLE).filter(|found| {
        let is_plain = present.written(KWARGS_VARIABLE) == Some(found.value.as_str())
            && DotEnv::empty().set(KWARGS_VARIABLE, &found.value).is_ok();
        is_plain && existing.json == *json && !found.value.is_empty()
    });
    found.map_or_else(|| json.to_dotenv(), |found| found.value)
}

struct Asked {
    change: Option<Change>,
    owned: Vec<Owned>,
    is_new: bool,
    needs: Needs,
}

/// The line of requirements.txt, where the provider is missing, or where it is there as ours.
fn requirement(workspace: &Workspace, owned: &[Owned]) -> Result<Asked, Error> {
    let path = workspace.root().join(REQUIREMENTS);
    let refused = |error| failures::refusal(&path, &error);
    let before = workspace.read(&path)?;
    let needs = Needs::of(workspace.root(), &workspace.project.runtime, before.as_deref()).map_err(refused)?;
    if needs.provider == Provider::Missing {
        let edited = requirements::with_line(before.as_deref(), AMAZON_REQUIREMENT).map_err(refused)?;
        let change = Change::new(&path, before, Some(edited.bytes)).with_secrecy(Secrecy::Neighbours);
        return Ok(Asked { change: Some(change), owned: edited.owned, is_new: true, needs });
    }
    let still = |entry: &&Owned| match (entry, &before) {
        (Owned::Requirement { text }, Some(bytes)) => requirements::has_line(bytes, text).unwrap_or(false),
        _ => false,
    };
    let owned: Vec<_> = owned.iter().filter(still).cloned().collect();
    let change = before.filter(|_| !owned.is_empty()).map(|bytes| Change::new(&path, Some(bytes.clone()), Some(bytes)));
    Ok(Asked { change, owned, is_new: false, needs })
}
