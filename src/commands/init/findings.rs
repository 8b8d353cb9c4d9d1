//! What a person has to know of their own lines in the project's files, and to decide about them.

use std::path::Path;

use crate::cli::InitArgs;
use crate::commands::failures::place;
use crate::commands::project::Workspace;
use crate::commands::{App, failures};
use crate::delivery::dotenv::{self, Obstacle};
use crate::delivery::entries::{Conflict, OnConflict, StaticKey};
use crate::project::OVERRIDE;
use crate::report::{Error, Kind, prompt};

use super::edited::Edited;
use super::facts::Setup;

/// Names that Docker Compose reads and the Astro CLI does not.
const IGNORED_OVERRIDES: &[&str] = &["docker-compose.override.yaml", "compose.override.yml", "compose.override.yaml"];

/// Warns of what was found beside our entries.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn report(
    app: &mut App,
    workspace: &Workspace,
    setup: &Setup,
    composed: &Edited,
    lines: &Edited,
) -> Result<(), Error> {
    for name in IGNORED_OVERRIDES.iter().filter(|name| workspace.root().join(name).exists()) {
        app.report.warn(
            "ignored_file",
            format!("`{name}` is not read by the Astro CLI: rename it to `{OVERRIDE}` if it shall count"),
        );
    }
    own_mounts(app, composed);
    static_keys(app, composed);
    lost_services(app, setup, composed);
    if setup.delivery.is_none() {
        container_paths(app, lines)?;
    }
    obstacles(app, lines)
}

/// What becomes of values that a person set: replaced with `--overwrite` or a yes, kept with a no, else refused.
///
/// # Errors
/// [`Kind::Refused`] where nobody may be asked.
pub(super) fn resolve(app: &mut App, args: &InitArgs, files: [&Edited; 2]) -> Result<OnConflict, Error> {
    if args.overwrite {
        return Ok(OnConflict::Replace);
    }
    let conflicts: Vec<_> = files
        .iter()
        .flat_map(|file| file.entries.conflicts.iter().map(|conflict| (file.change.path.as_path(), conflict)))
        .collect();
    let list = conflicts.iter().map(|(path, conflict)| told(path, conflict)).collect::<Vec<_>>().join("\n  ");
    if !app.may_ask() || app.global.yes {
        let refused = Error::new(
            Kind::Refused,
            format!("these values were set by hand and differ from what is needed:\n  {list}"),
        );
        let profile = conflicts.iter().find(|(_, conflict)| conflict.key == "AWS_PROFILE");
        let refused = match profile {
            Some((_, conflict)) => {
                refused.hint(format!("if that is the profile you mean: `--profile {}`", conflict.present))
            }
            None if conflicts.iter().all(|(_, conflict)| conflict.service.is_none()) => {
                refused.hint("leave .env alone with `--env-in compose`, which is stronger in the containers")
            }
            None => refused,
        };
        return Err(refused.hint("replace them with `--overwrite`; `astro-aws undo` brings them back"));
    }
    app.report.note(format!("These values were set by hand and differ from what is needed:\n  {list}"));
    if prompt::confirm("Replace them? `astro-aws undo` brings them back", false)? {
        return Ok(OnConflict::Replace);
    }
    app.report.warn("kept_value", format!("kept as set by hand, so the containers may not find your identity: {list}"));
    Ok(OnConflict::Keep)
}

fn told(path: &Path, conflict: &Conflict) -> String {
    let place = place(path, conflict.line);
    let service = conflict.service.as_ref().map(|service| format!(" ({service})")).unwrap_or_default();
    format!("{place}{service}: {}={} (needed: {})", conflict.key, conflict.present, conflict.wanted)
}

fn own_mounts(app: &mut App, composed: &Edited) {
    let told: Vec<_> = composed
        .entries
        .own_mounts
        .iter()
        .map(|mount| {
            let line = mount.line.map(|line| format!(" (line {line})")).unwrap_or_default();
            format!("{}{line}: {}", mount.service, mount.text)
        })
        .collect();
    if !told.is_empty() {
        app.report.warn(
            "own_mount",
            format!(
                "{} has mounts of your own at /home/astro/.aws, which are left as they are; take them out to have this set-up instead\n  {}",
                composed.change.path.display(),
                told.join("\n  ")
            ),
        );
    }
}

/// A service that this Airflow lacks stops `astro dev start`; where it is a person's, they have to take it out.
fn lost_services(app: &mut App, setup: &Setup, composed: &Edited) {
    let Some(airflow) = setup.airflow else { return };
    for lost in composed.entries.undefined.iter().filter(|found| !airflow.has_service(&found.service)) {
        app.report.warn(
            "lost_service",
            format!(
                "{}: Airflow {} has no service `{}`, and `astro dev start` fails on it; take it out",
                place(&composed.change.path, lost.line),
                airflow.major(),
                lost.service
            ),
        );
    }
}

fn static_keys(app: &mut App, composed: &Edited) {
    for StaticKey { service, key, line } in &composed.entries.static_keys {
        app.report.warn(
            "static_key",
            format!(
                "{}: {key} beats every profile in {service}; take it out to have your own identity there",
                place(&composed.change.path, *line)
            ),
        );
    }
}

/// In standalone mode `.env` is laid over the host's own environment.
fn container_paths(app: &mut App, lines: &Edited) -> Result<(), Error> {
    let (path, Some(after)) = (&lines.change.path, &lines.change.after) else { return Ok(()) };
    for (key, line) in dotenv::container_paths(after).map_err(|error| failures::refusal(path, &error))? {
        app.report.warn(
            "container_path",
            format!(
                "{}: {key} names a path inside a container, and hides your own AWS files from Airflow on this host; take it out",
                place(path, Some(line))
            ),
        );
    }
    Ok(())
}

fn obstacles(app: &mut App, lines: &Edited) -> Result<(), Error> {
    let (path, Some(after)) = (&lines.change.path, &lines.change.after) else { return Ok(()) };
    let found = dotenv::obstacles(after, &lines.entries.owned).map_err(|error| failures::refusal(path, &error))?;
    for obstacle in found {
        let (id, message) = match obstacle {
            Obstacle::StaticKey { key, line } => (
                "static_key",
                format!(
                    "{}: {key} beats every profile in the containers; take it out to have your own identity there",
                    place(path, Some(line))
                ),
            ),
            Obstacle::ProfileName { key, line } => (
                "profile_in_dotenv",
                format!(
                    "{}: {key} breaks `astro dev pytest` and `astro dev parse`, where nothing is mounted and no such profile exists",
                    place(path, Some(line))
                ),
            ),
        };
        app.report.warn(id, message);
    }
    Ok(())
}
