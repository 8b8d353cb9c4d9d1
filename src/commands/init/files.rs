//! The plan of `init`: what changes in the project's two files and in the session folder, before anything is touched.

use crate::aws::credentials::Credentials;
use crate::aws::profile::Profile;
use crate::cli::InitArgs;
use crate::commands::project::Workspace;
use crate::commands::{App, failures, session};
use crate::delivery::choose::Choice;
use crate::delivery::entries::{OnConflict, Owned};
use crate::delivery::record::{Record, SetUp, fingerprint};
use crate::delivery::{Delivery, compose, dotenv};
use crate::edit::Refusal;
use crate::plan::Plan;
use crate::project::{DOTENV, OVERRIDE};
use crate::report::Error;

use super::edited::{Edited, edit};
use super::facts::Setup;
use super::findings;

/// By which variables a person's entries name a profile: `compose::profile_variables` or `dotenv::profile_variables`.
type ProfileVariables = fn(&[u8], &[Owned]) -> Result<Vec<&'static str>, Refusal>;

/// Computes every change and the record that goes with them.
///
/// # Errors
/// A file that cannot be read or safely edited; a value set by hand that nobody agreed to replace.
pub(super) fn plan(
    app: &mut App,
    args: &InitArgs,
    workspace: &Workspace,
    setup: &mut Setup,
    profile: &Profile,
    credentials: Option<&Credentials>,
) -> Result<(Plan, Record), Error> {
    complete_wanted(workspace, setup, profile)?;
    let (composed, lines) = edited(app, args, workspace, setup)?;
    findings::report(app, workspace, setup, &composed, &lines)?;
    let own_mounts = &composed.entries.own_mounts;
    let has_own_mount = |service: &String| own_mounts.iter().any(|mount| mount.service == *service);
    if !setup.wanted.services.is_empty() && setup.wanted.services.iter().all(has_own_mount) {
        setup.delivery = Some(Delivery::Mount);
        setup.reason = "every service has a mount of your own there, which is left as it is".to_owned();
    }
    let mut changes = match setup.delivery {
        Some(Delivery::Session) => {
            session::written(&workspace.remembered, profile, setup.options.region.as_deref(), credentials)?
        }
        _ => session::removed(&workspace.remembered)?,
    };
    let owned = [composed.entries.owned, lines.entries.owned].concat();
    changes.extend(
        [composed.change, lines.change]
            .into_iter()
            .filter(|change| change.before != change.after || change.before.is_some()),
    );
    let asked_for = match setup.options.choice {
        Choice::Auto => None,
        Choice::Only(delivery) => Some(delivery),
    };
    let set_up = SetUp {
        profile: profile.name.clone(),
        chain: fingerprint(&profile.chain),
        delivery: setup.delivery,
        asked_for,
        region: setup.options.region.clone(),
        env_in: setup.options.env_in,
        portable: setup.options.portable,
        airflow: args.airflow.or_else(|| workspace.set_up().and_then(|record| record.airflow)),
        owned,
    };
    let record = Record {
        project: workspace.root().to_owned(),
        set_up: Some(set_up),
        secrets: workspace.record().map(|record| record.secrets.clone()).unwrap_or_default(),
    };
    Ok((Plan { changes }, record))
}

/// Names the profile by every variable through which a person's files would give the containers another one, and
/// finds out whether entries without a record are ours.
fn complete_wanted(workspace: &Workspace, setup: &mut Setup, profile: &Profile) -> Result<(), Error> {
    if setup.delivery.is_none() {
        return Ok(());
    }
    let owned = workspace.set_up().map_or(&[][..], |record| &record.owned);
    let readers: [(&str, ProfileVariables); 2] =
        [(OVERRIDE, compose::profile_variables), (DOTENV, dotenv::profile_variables)];
    for (name, profile_variables) in readers {
        let path = workspace.root().join(name);
        let refused = |error| failures::refusal(&path, &error);
        let Some(bytes) = workspace.read(&path)? else { continue };
        for variable in profile_variables(&bytes, owned).map_err(refused)? {
            if setup.wanted.environment.iter().all(|(name, _)| name != variable) {
                setup.wanted.environment.insert(0, (variable.to_owned(), profile.name.replace('$', "$$")));
            }
        }
        if let (OVERRIDE, None, Some(sessions)) = (name, workspace.set_up(), &setup.wanted.sessions) {
            setup.wanted.adopts = compose::mounts_session(&bytes, sessions).map_err(refused)?;
        }
    }
    Ok(())
}

/// Both files, edited; values set by hand are replaced where a person agrees.
fn edited(app: &mut App, args: &InitArgs, workspace: &Workspace, setup: &Setup) -> Result<(Edited, Edited), Error> {
    let both = |on_conflict| -> Result<(Edited, Edited), Error> {
        Ok((
            edit(workspace, setup, (OVERRIDE, compose::bring_to), on_conflict)?,
            edit(workspace, setup, (DOTENV, dotenv::bring_to), on_conflict)?,
        ))
    };
    let kept = both(OnConflict::Keep)?;
    if kept.0.entries.conflicts.is_empty() && kept.1.entries.conflicts.is_empty() {
        return Ok(kept);
    }
    match findings::resolve(app, args, [&kept.0, &kept.1])? {
        OnConflict::Keep => Ok(kept),
        OnConflict::Replace => both(OnConflict::Replace),
    }
}
