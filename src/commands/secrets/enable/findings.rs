//! What a person has to know: lines of theirs that get in the way, and prefixes that do not do what they look like.

use serde_json::Value;

use super::files::Planned;
use super::merge::{Existing, Merged};
use super::options::{REGION, ROLE};
use crate::airflow::backend::{BACKEND_VARIABLE, KWARGS_VARIABLE, WORKERS_BACKEND_VARIABLE};
use crate::airflow::{Configured, Kind, Naming};
use crate::aws::secrets::wrong_with;
use crate::commands::project::Workspace;
use crate::commands::secrets::connect::service;
use crate::commands::secrets::present::{Origin, Present, is_of_backend};
use crate::commands::secrets::surprises;
use crate::commands::{App, failures};
use crate::delivery::dotenv::{self, Obstacle};
use crate::project::requirements::{AMAZON_PROVIDER, AMAZON_REQUIREMENT};
use crate::report::Error;

/// Warns of what was found.
///
/// # Errors
/// A `.env` that cannot be understood.
pub(super) fn report(
    app: &App,
    workspace: &Workspace,
    present: &Present,
    existing: &Existing,
    merged: &Merged,
    naming: &Naming,
    planned: &Planned,
) -> Result<(), Error> {
    if existing.kwargs().get(ROLE).is_some() {
        app.report.warn(
            "role_arn",
            "role_arn is taken out of the kwargs: local containers have your own identity; `astro-aws secrets deploy --role-arn ARN` gives it to a Deployment",
        );
    }
    image(app, present);
    provider(app, planned);
    surprises::of_kwargs(app, Some(workspace), &merged.configured);
    names(app, merged, naming);
    form(app, present, merged, planned);
    if let Some(found) = present.get(WORKERS_BACKEND_VARIABLE).filter(|found| !found.value.is_empty()) {
        let message = format!(
            "{}: {WORKERS_BACKEND_VARIABLE} gives Airflow 3's workers another backend than this one",
            found.place
        );
        app.report.warn("workers_backend", message);
    }
    static_keys(app, workspace, present)
}

/// Variables of the Dockerfile: weaker than `.env` here, and all that a Deployment of this image has.
fn image(app: &App, present: &Present) {
    let mut names = vec![BACKEND_VARIABLE.to_owned()];
    names.extend(present.single_kwargs().into_iter().map(|found| found.name));
    let found = names.iter().filter(|name| is_of_backend(name)).find_map(|name| present.in_image(name));
    if let Some(found) = found.filter(|found| found.origin == Origin::Dockerfile) {
        let message = format!(
            "{}: the Dockerfile sets {}; .env beats it here, and a Deployment has what the Dockerfile says",
            found.place, found.name
        );
        app.report.warn("dockerfile_backend", message);
    }
}

fn provider(app: &App, planned: &Planned) {
    for pin in &planned.needs.too_old {
        let place = failures::place(&pin.place.path, Some(pin.place.line));
        let message = format!(
            "{place}: {AMAZON_PROVIDER}{} is older than what the secrets backend needs; make it `{AMAZON_REQUIREMENT}`",
            pin.specifiers
        );
        app.report.warn("old_provider", message);
    }
    if planned.needs.is_left_out && planned.requirement.is_some() {
        app.report.warn(
            "requirements_left_out",
            "the `-base` image does not install requirements.txt by itself, and the Dockerfile does not do it: Airflow will not start without the provider",
        );
    }
}

/// Lines of a person's own that keep an `export`, quotes, blanks or a comment: `docker --env-file`, which `astro dev pytest`,
/// `parse` and `deploy` use, takes all of that for a part of the name or the value.
fn form(app: &App, present: &Present, merged: &Merged, planned: &Planned) {
    let after = planned.plan.changes.iter().find(|change| change.path == present.path);
    let Some(bytes) = after.and_then(|change| change.after.as_deref()) else { return };
    let class = merged.configured.backend.class_path();
    let is_json = |value: &str| !value.ends_with([' ', '\t']) && serde_json::from_str::<Value>(value).is_ok();
    for (at, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
        let bare = line.trim_start().trim_start_matches("export").trim_start();
        let name = bare.split(['=', ':', ' ', '\t']).next().unwrap_or_default();
        let is_plain = match (name, line.strip_prefix(name).and_then(|rest| rest.strip_prefix('='))) {
            (BACKEND_VARIABLE, value) => value == Some(class),
            (KWARGS_VARIABLE, value) => value.is_some_and(is_json),
            _ => continue,
        };
        if !is_plain {
            let place = failures::place(&present.path, Some(at + 1));
            let message = format!(
                "{place}: `astro dev pytest`, `parse` and `deploy` take what is around {name} and its value for a part of them: write the line as `{name}=VALUE`, without `export`, quotes, blanks or a comment"
            );
            app.report.warn("dotenv_form", message);
        }
    }
}

/// Names under which nothing can be stored, whatever the id.
fn names(app: &App, merged: &Merged, naming: &Naming) {
    let Configured { backend, kwargs } = &merged.configured;
    let region = kwargs.text(REGION).unwrap_or_default();
    for kind in Kind::ALL {
        let Some(beginning) = naming.beginning(kind) else { continue };
        if let Some(reason) = wrong_with(service(*backend), region, &format!("{beginning}id")) {
            let message =
                format!("no {} can be stored for Airflow: it asks for `{beginning}ID`, which {reason}", kind.name());
            app.report.warn("illegal_name", message);
        }
    }
}

fn static_keys(app: &App, workspace: &Workspace, present: &Present) -> Result<(), Error> {
    let Some(bytes) = &present.bytes else { return Ok(()) };
    let owned = workspace.record().map(|record| record.owned()).unwrap_or_default();
    let found = dotenv::obstacles(bytes, &owned).map_err(|error| failures::refusal(&present.path, &error))?;
    for obstacle in found {
        if let Obstacle::StaticKey { key, line } = obstacle {
            let place = failures::place(&present.path, Some(line));
            let message = format!(
                "{place}: {key} beats every profile in the containers; take it out to have your own identity there"
            );
            app.report.warn("static_key", message);
        }
    }
    Ok(())
}
