//! `secrets enable`: the two variables of a secrets backend in `.env`, and the amazon provider where the image lacks it.
//!
//! Merge, show, ask, apply; twice in a row changes nothing. AWS is not asked.

mod files;
mod findings;
mod gate;
mod merge;
mod options;

use serde_json::Value;

use crate::airflow::backend::KWARGS_VARIABLE;
use crate::airflow::kwargs::key_of_variable;
use crate::airflow::{Backend, Configured, Kind as What, Kwargs, KwargsError, Naming};
use crate::cli::secrets::EnableArgs;
use crate::commands::configure::{REGIONS, check_region};
use crate::commands::project::{ATTEMPTS, Attempt, Workspace};
use crate::commands::{App, choices, profile};
use crate::report::outcome::secrets::{Enabled, KwargChange, Names};
use crate::report::{Error, Kind, prompt};

use super::present::{Found, Present, reads_single_kwargs};
use super::redacted;
use files::Planned;
use merge::{Existing, Merged, has_region, merge};
use options::{Options, REGION};

/// Ids as examples for the names that are looked up.
const EXAMPLES: [(What, &str); 3] =
    [(What::Connection, "my_connection"), (What::Variable, "my_variable"), (What::Config, "sql_alchemy_conn")];

pub(super) async fn run(app: &mut App, args: &EnableArgs) -> Result<Enabled, Error> {
    // A region that `init` was given counts less than one among the kwargs: it is laid over this one by `open`.
    let options = Options::of(args, app.global.region.as_deref())?;
    let mut workspace = Workspace::open(app)?;
    for _ in 0..ATTEMPTS {
        match set_up(app, args, &options, &workspace)? {
            Ok(outcome) => return Ok(outcome),
            Err(_overtaken) => workspace = Workspace::open(app)?,
        }
    }
    set_up(app, args, &options, &workspace)?
}

/// Sets the backend up; the inner error says that another program was faster.
fn set_up(
    app: &mut App,
    args: &EnableArgs,
    options: &Options,
    workspace: &Workspace,
) -> Result<Result<Enabled, Error>, Error> {
    let present = Present::read(workspace)?;
    gate::override_file(workspace, args)?;
    gate::set_by_hand(app, args, workspace, &present)?;
    let existing = existing(app, args, workspace, &present)?;
    let region = region(app, options, &existing, workspace)?;
    let merged = merge(options, &existing, region.as_deref());
    let naming = naming(&merged, options, &present)?;
    gate::beyond(&merged)?;
    let planned = files::plan(workspace, args, &present, &existing, &merged)?;
    findings::report(app, workspace, &present, &existing, &merged, &naming, &planned)?;
    let mut outcome = outcome(app, workspace, &existing, &merged, &naming, &planned);
    if !planned.plan.is_empty() {
        outcome.dry_run = !choices::confirm(app, &planned.plan, Some(&outcome.summary()), "Apply these changes?")?;
    }
    if !outcome.dry_run
        && (!planned.plan.is_empty() || workspace.record() != planned.record.as_ref())
        && let Attempt::Overtaken(error) = workspace.apply(app, &planned.plan, planned.record.as_ref())?
    {
        return Ok(Err(error));
    }
    Ok(Ok(outcome))
}

/// What is set up now and is to be merged with.
///
/// # Errors
/// [`Kind::Project`] for kwargs that Airflow could not use either.
fn existing(app: &App, args: &EnableArgs, workspace: &Workspace, present: &Present) -> Result<Existing, Error> {
    let class = present.class();
    let backend = class.as_ref().and_then(|class| Backend::of_class_path(&class.value));
    let mut singles = present.single_kwargs();
    if !reads_single_kwargs(workspace) {
        for single in singles.drain(..) {
            let message = format!("{}: Airflow before 3.2 does not read {}", single.place, single.name);
            app.report.warn("per_key_kwargs", message);
        }
    }
    let is_other = class.is_some() && backend.is_none();
    let mut expanded = present.get(KWARGS_VARIABLE).into_iter().chain(singles.iter().cloned());
    if let Some(found) = expanded.find(|found| found.is_expanded && !args.overwrite && !is_other) {
        let message = format!(
            "{}: Compose fills in a `$` of {}, so what is there cannot be merged; the file was left as it is",
            found.place, found.name
        );
        return Err(Error::new(Kind::Project, message).hint(
            "write the value out, or replace the line as a whole with `--overwrite`; `astro-aws undo` brings it back",
        ));
    }
    let json = present.kwargs().map(|json| match present.get(KWARGS_VARIABLE) {
        // With --overwrite: nobody knows what Compose makes of it.
        Some(found) if found.is_expanded => Kwargs::default(),
        _ => json,
    });
    match json {
        // What another class takes means nothing to this one.
        _ if is_other => Ok(Existing { foreign: singles, ..Existing::default() }),
        Ok(json) => Ok(Existing { backend, json, singles, ..Existing::default() }),
        Err(_) if args.overwrite => Ok(Existing { backend, singles, ..Existing::default() }),
        Err(error) => Err(unusable(present.get(KWARGS_VARIABLE), &error)),
    }
}

fn unusable(found: Option<Found>, error: &KwargsError) -> Error {
    let place = found.map(|found| found.place).unwrap_or_default();
    Error::new(Kind::Project, format!("{place}: {KWARGS_VARIABLE}: {error}; the file was left as it is"))
        .hint("mend the line, or replace it as a whole with `--overwrite`; `astro-aws undo` brings it back")
}

/// The region where neither an option nor a kwarg that is there tells it: that of the set-up, the environment, the
/// profile, or the person.
///
/// # Errors
/// [`Kind::Usage`] where nothing tells and nobody may be asked.
fn region(app: &App, options: &Options, existing: &Existing, workspace: &Workspace) -> Result<Option<String>, Error> {
    if options.get(REGION).is_some() || has_region(&existing.kwargs()) {
        return Ok(None);
    }
    let known = app.global.region.clone().or_else(|| profile::region_of_environment(app));
    if let Some(region) = known.or_else(|| region_of_profile(app, options, workspace)) {
        return Ok(Some(region));
    }
    if !app.may_ask() {
        let why = app.why_not_asked();
        return Err(Error::new(Kind::Usage, format!("no region is known for the secrets backend, and {why}"))
            .hint("name it with `--region REGION`"));
    }
    prompt::text("AWS region of the secrets:", None, REGIONS, check_region).map(Some)
}

/// The region of the profile that the containers have; `None` also where the AWS files cannot be read, which is no matter
/// of this command.
fn region_of_profile(app: &App, options: &Options, workspace: &Workspace) -> Option<String> {
    let files = profile::locate(app).ok()?;
    let set = profile::read(app, &files).ok()?;
    let profile = match options.get("profile_name").and_then(Value::as_str) {
        Some(name) => set.profile(name).ok()?,
        None => profile::choose_silently(app, &set, workspace.profile())?.ok()?,
    };
    profile.region().map(str::to_owned)
}

/// The names that the backend will look up.
///
/// # Errors
/// [`Kind::Usage`] for an option that Airflow could not use, [`Kind::Project`] for a kwarg that was there.
fn naming(merged: &Merged, options: &Options, present: &Present) -> Result<Naming, Error> {
    let checked = merged.configured.naming().and_then(|naming| {
        merged.configured.extra_words()?;
        Ok(naming)
    });
    checked.map_err(|error| match &error {
        KwargsError::Value { key, .. } if options.get(key).is_none() && !is_of_words(options, key) => {
            let single = |found: &Found| key_of_variable(&found.name).as_deref() == Some(key);
            let found = present.single_kwargs().into_iter().find(single).or_else(|| present.get(KWARGS_VARIABLE));
            let place = found.map(|found| format!("{}: ", found.place)).unwrap_or_default();
            Error::new(Kind::Project, format!("{place}{error}; the file was left as it is"))
                .hint("mend the line, or name another value with its option")
        }
        _ => Error::new(Kind::Usage, error.to_string()),
    })
}

fn is_of_words(options: &Options, key: &str) -> bool {
    key == options::WORDS && !options.words.is_empty()
}

fn outcome(
    app: &App,
    workspace: &Workspace,
    existing: &Existing,
    merged: &Merged,
    naming: &Naming,
    planned: &Planned,
) -> Enabled {
    let Configured { backend, kwargs } = &merged.configured;
    let [connection, variable, config] =
        EXAMPLES.map(|(kind, id)| naming.beginning(kind).map(|beginning| format!("{beginning}{id}")));
    Enabled {
        project: workspace.root().to_owned(),
        backend: backend.name(),
        title: backend.title(),
        kwargs: redacted::kwargs(kwargs),
        region: kwargs.get(REGION).map(shown).unwrap_or_default(),
        names: Names { connection, variable, config },
        files: choices::file_changes(&planned.plan),
        changes: changes(existing, merged),
        requirement: planned.requirement.clone(),
        is_provider_new: planned.is_requirement_new,
        aws_connection: planned.has_aws_connection,
        needs_init: workspace.set_up().is_none() && !workspace.is_standalone(),
        dry_run: app.global.dry_run,
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What becomes of each kwarg that does not stay as it is.
fn changes(existing: &Existing, merged: &Merged) -> Vec<KwargChange> {
    let (before, after) = (existing.kwargs(), &merged.configured.kwargs);
    let mut keys: Vec<&str> = before.iter().map(|(key, _)| key).collect();
    keys.extend(after.iter().map(|(key, _)| key).filter(|key| before.get(key).is_none()));
    let changed = keys.into_iter().filter(|key| before.get(key) != after.get(key));
    let redacted = |key: &str, value: Option<&Value>| value.map(|value| redacted::kwarg(key, value));
    let kwargs = changed.map(|key| KwargChange {
        key: key.to_owned(),
        from: redacted(key, before.get(key)),
        to: redacted(key, after.get(key)),
    });
    let of_class = existing.backend.filter(|backend| *backend != merged.configured.backend).map(|before| KwargChange {
        key: "backend".to_owned(),
        from: Some(Value::String(before.name().to_owned())),
        to: Some(Value::String(merged.configured.backend.name().to_owned())),
    });
    of_class.into_iter().chain(kwargs).collect()
}
