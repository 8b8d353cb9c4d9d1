//! The plan of `init`: what changes in the project's two files and in the session folder, before anything is touched.

use std::path::{Path, PathBuf};

use crate::aws::credentials::Credentials;
use crate::aws::profile::Profile;
use crate::cli::InitArgs;
use crate::commands::project::Workspace;
use crate::commands::{App, failures, session};
use crate::delivery::choose::Choice;
use crate::delivery::dotenv::Obstacle;
use crate::delivery::entries::{Conflict, OnConflict, OwnMount, Owned};
use crate::delivery::record::{Record, fingerprint};
use crate::delivery::{Delivery, compose, dotenv};
use crate::edit::Refusal;
use crate::edit::dotenv::DotEnv;
use crate::edit::yaml::Document;
use crate::plan::{Change, Plan, Secrecy};
use crate::report::{Error, Kind, prompt};

use super::facts::Setup;

/// The only name under which the Astro CLI reads an override file (astro-cli: airflow/docker.go).
pub(in crate::commands) const OVERRIDE: &str = "docker-compose.override.yml";
/// The file of environment variables of every Airflow service.
pub(in crate::commands) const DOTENV: &str = ".env";
/// Names that Docker Compose reads and the Astro CLI does not.
const IGNORED_OVERRIDES: &[&str] = &["docker-compose.override.yaml", "compose.override.yml", "compose.override.yaml"];

/// A file of the project before and after, with the entries in it that are ours.
struct Edited {
    change: Change,
    owned: Vec<Owned>,
    conflicts: Vec<Conflict>,
    own_mounts: Vec<OwnMount>,
}

/// Computes every change and the record that goes with them.
///
/// # Errors
/// A file that cannot be read or safely edited; a value set by hand that nobody agreed to replace.
pub(super) fn plan(
    app: &mut App,
    args: &InitArgs,
    workspace: &Workspace,
    setup: &Setup,
    profile: &Profile,
    credentials: Option<&Credentials>,
) -> Result<(Plan, Record), Error> {
    for name in IGNORED_OVERRIDES.iter().filter(|name| workspace.root().join(name).exists()) {
        app.report.warn("ignored_file", format!("`{name}` is not read by the Astro CLI: it knows `{OVERRIDE}` alone"));
    }
    let (composed, lines) = edited(app, args, workspace, setup)?;
    for mount in &composed.own_mounts {
        report_own_mount(app, &composed.change.path, mount);
    }
    report_lost_services(app, setup, &composed)?;
    let mut changes = match setup.delivery {
        Some(Delivery::Session) => {
            session::written(app, workspace, profile, setup.options.region.as_deref(), credentials)?
        }
        _ => session::removed(workspace)?,
    };
    let owned = [composed.owned, lines.owned].concat();
    changes.extend(
        [composed.change, lines.change]
            .into_iter()
            .filter(|change| change.before != change.after || change.before.is_some()),
    );
    let asked_for = match setup.options.choice {
        Choice::Auto => None,
        Choice::Only(delivery) => Some(delivery),
    };
    let record = Record {
        project: workspace.root().to_owned(),
        profile: profile.name.clone(),
        chain: fingerprint(&profile.chain),
        delivery: setup.delivery,
        asked_for,
        region: setup.options.region.clone(),
        env_in: setup.options.env_in,
        portable: setup.options.portable,
        owned,
    };
    Ok((Plan { changes }, record))
}

/// Both files, edited; values set by hand are replaced where a person agrees.
fn edited(app: &mut App, args: &InitArgs, workspace: &Workspace, setup: &Setup) -> Result<(Edited, Edited), Error> {
    let edit = |on_conflict| -> Result<(Edited, Edited), Error> {
        Ok((edit_override(workspace, setup, on_conflict)?, edit_dotenv(workspace, setup, on_conflict)?))
    };
    let kept = edit(OnConflict::Keep)?;
    let result = if kept.0.conflicts.is_empty() && kept.1.conflicts.is_empty() {
        kept
    } else {
        match resolve(app, args, [&kept.0, &kept.1])? {
            OnConflict::Keep => kept,
            OnConflict::Replace => edit(OnConflict::Replace)?,
        }
    };
    let dotenv = DotEnv::parse(result.1.change.after.as_deref().unwrap_or_default())
        .map_err(|error| failures::refusal(&result.1.change.path, &error))?;
    report_obstacles(app, &result.1.change.path, &dotenv);
    Ok(result)
}

fn edit_override(workspace: &Workspace, setup: &Setup, on_conflict: OnConflict) -> Result<Edited, Error> {
    let path = workspace.root().join(OVERRIDE);
    let refused = |error: Refusal| failures::refusal(&path, &error);
    let before = workspace.read(&path)?;
    let document = match &before {
        Some(bytes) => Document::parse(bytes).map_err(refused)?,
        None => Document::empty(),
    };
    let owned = workspace.record().map_or(&[][..], |record| &record.owned);
    let edited = compose::bring_to(document, &setup.wanted, owned, on_conflict).map_err(refused)?;
    Ok(Edited {
        change: change(path, before, edited.document.bytes()),
        owned: edited.owned,
        conflicts: edited.conflicts,
        own_mounts: edited.own_mounts,
    })
}

fn edit_dotenv(workspace: &Workspace, setup: &Setup, on_conflict: OnConflict) -> Result<Edited, Error> {
    let path = workspace.root().join(DOTENV);
    let refused = |error: Refusal| failures::refusal(&path, &error);
    let before = workspace.read(&path)?;
    let file = match &before {
        Some(bytes) => DotEnv::parse(bytes).map_err(refused)?,
        None => DotEnv::empty(),
    };
    let owned = workspace.record().map_or(&[][..], |record| &record.owned);
    let edited = dotenv::bring_to(file, &setup.wanted, owned, on_conflict).map_err(refused)?;
    Ok(Edited {
        change: change(path, before, edited.dotenv.bytes()),
        owned: edited.owned,
        conflicts: edited.conflicts,
        own_mounts: Vec::new(),
    })
}

/// A change of a file that may hold other people's secrets beside our lines.
fn change(path: PathBuf, before: Option<Vec<u8>>, after: &[u8]) -> Change {
    // A file of ours that has become empty again goes; one that was there stays, be it empty.
    let after = if before.is_none() && after.is_empty() { None } else { Some(after.to_vec()) };
    Change::new(path, before, after).with_secrecy(Secrecy::Neighbours)
}

/// What becomes of values that a person set: replaced with `--overwrite` or a yes, kept with a no, else refused.
fn resolve(app: &mut App, args: &InitArgs, files: [&Edited; 2]) -> Result<OnConflict, Error> {
    if args.overwrite {
        return Ok(OnConflict::Replace);
    }
    let told: Vec<_> =
        files.iter().flat_map(|file| file.conflicts.iter().map(|conflict| told(&file.change.path, conflict))).collect();
    let list = told.join("\n  ");
    if !app.may_ask() || app.global.yes {
        return Err(Error::new(
            Kind::Refused,
            format!("these values were set by hand and differ from what is needed:\n  {list}"),
        )
        .hint("replace them with `--overwrite` (`astro-aws undo` brings them back), or take them out yourself"));
    }
    app.report.note(format!("These values were set by hand and differ from what is needed:\n  {list}"));
    if prompt::confirm("Replace them? `astro-aws undo` brings them back", false)? {
        return Ok(OnConflict::Replace);
    }
    app.report.warn("kept_value", format!("kept as set by hand, so the containers may not find your identity: {list}"));
    Ok(OnConflict::Keep)
}

fn told(path: &Path, conflict: &Conflict) -> String {
    let line = conflict.line.map(|line| format!(" line {line}")).unwrap_or_default();
    let service = conflict.service.as_ref().map(|service| format!(" ({service})")).unwrap_or_default();
    format!("{}{line}{service}: {}={} (needed: {})", path.display(), conflict.key, conflict.present, conflict.wanted)
}

fn report_own_mount(app: &mut App, path: &Path, mount: &OwnMount) {
    let line = mount.line.map(|line| format!(" line {line}")).unwrap_or_default();
    app.report.warn(
        "own_mount",
        format!(
            "{}{line}: {} has a mount of your own there ({}), which is left as it is; remove it to have this set-up instead",
            path.display(),
            mount.service,
            mount.text
        ),
    );
}

/// A service that this Airflow lacks stops `astro dev start`; where it is a person's, they have to take it out.
fn report_lost_services(app: &mut App, setup: &Setup, composed: &Edited) -> Result<(), Error> {
    let (Some(airflow), Some(after)) = (setup.airflow, &composed.change.after) else { return Ok(()) };
    let path = &composed.change.path;
    let document = Document::parse(after).map_err(|error| failures::refusal(path, &error))?;
    for service in compose::undefined_services(&document).into_iter().filter(|name| !airflow.has_service(name)) {
        let line = document.line_of(&["services".into(), service.into()]).map(|line| format!(" line {line}"));
        app.report.warn(
            "lost_service",
            format!(
                "{}{}: Airflow {} has no service `{service}`, and `astro dev start` fails on it; take it out",
                path.display(),
                line.unwrap_or_default(),
                airflow.major()
            ),
        );
    }
    Ok(())
}

fn report_obstacles(app: &mut App, path: &Path, file: &DotEnv) {
    for obstacle in dotenv::obstacles(file) {
        let (id, message) = match obstacle {
            Obstacle::StaticKey { key, line } => (
                "static_key",
                format!(
                    "{} line {line}: {key} beats every profile in the containers; take it out to have your own identity there",
                    path.display()
                ),
            ),
            Obstacle::ProfileName { key, line } => (
                "profile_in_dotenv",
                format!(
                    "{} line {line}: {key} breaks `astro dev pytest` and `astro dev parse`, where nothing is mounted and no such profile exists",
                    path.display()
                ),
            ),
        };
        app.report.warn(id, message);
    }
}
