//! `init`: the one-time set-up. Detect, sign in where needed, plan, show, apply, verify; twice in a row changes nothing.

mod create;
mod facts;
mod files;

use crate::aws::credentials::Credentials;
use crate::aws::identity::{self, IdentityFailure};
use crate::aws::profile::{Profile, ProfileSet};
use crate::cli::InitArgs;
use crate::delivery::Delivery;
use crate::report::outcome::Init;
use crate::report::{Error, Kind};

use super::project::Workspace;
use super::{App, choices, failures, profile, session, sign_in};
use facts::Setup;
pub(super) use files::{DOTENV, OVERRIDE};

pub(super) async fn run(app: &mut App, args: &InitArgs) -> Result<Init, Error> {
    let workspace = create::open_or_create(app, args)?;
    let aws_files = profile::locate(app)?;
    let set = facts::read_or_configure(app, args, &aws_files).await?;
    let profile = profile::choose(app, &set, workspace.profile())?;
    let setup = facts::detect(app, args, &workspace, &aws_files, &profile).await?;
    let credentials = credentials(app, args, &workspace, &setup, &set, &profile).await?;
    let (plan, record) = files::plan(app, args, &workspace, &setup, &profile, credentials.as_ref())?;
    let files = choices::file_changes(&plan);
    let mut dry_run = app.global.dry_run;
    if !plan.is_empty() {
        dry_run = !choices::confirm(app, &plan, "Apply these changes?")?;
    }
    if !dry_run && (!plan.is_empty() || workspace.record() != Some(&record)) {
        workspace.apply(app, &plan, Some(&record))?;
    }
    let mut outcome = Init {
        project: workspace.root().to_owned(),
        airflow: setup.airflow.map(|airflow| airflow.major()),
        services: setup.wanted.services.clone(),
        profile: profile.name.clone(),
        kind: profile.chain.kind(),
        delivery: setup.delivery_name(),
        delivery_reason: setup.reason.clone(),
        files,
        identity: None,
        dry_run,
        failure: None,
    };
    if let Some(credentials) = credentials.filter(|_| !dry_run && !args.no_verify) {
        verify(app, &set, &profile, &credentials, &mut outcome).await;
    }
    Ok(outcome)
}

/// The credentials that a session needs, or that the proof afterwards needs; none where neither does.
///
/// # Errors
/// Before anything is written, where a person has to sign in.
async fn credentials(
    app: &mut App,
    args: &InitArgs,
    workspace: &Workspace,
    setup: &Setup,
    set: &ProfileSet,
    profile: &Profile,
) -> Result<Option<Credentials>, Error> {
    // Resolving may refresh a cached token: a dry run writes nothing, anywhere.
    if app.global.dry_run {
        return Ok(None);
    }
    let is_needed = setup.delivery == Some(Delivery::Session) && !session::is_fresh(app, workspace, profile);
    if !is_needed && args.no_verify {
        return Ok(None);
    }
    match sign_in::credentials(app, set, profile).await {
        Ok(credentials) => Ok(Some(credentials)),
        Err(error) if !is_needed && error.kind == Kind::Failed => {
            app.report.warn("not_verified", format!("who you are was not verified: {}", error.message));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn verify(app: &mut App, set: &ProfileSet, profile: &Profile, credentials: &Credentials, outcome: &mut Init) {
    let calls = profile::calls(app, profile);
    let answer = {
        let _progress = app.report.progress("asking AWS who you are");
        identity::caller_identity(set, profile, credentials, &calls).await
    };
    match answer {
        Ok(identity) => outcome.identity = Some(identity),
        Err(failure @ IdentityFailure::Refused(_)) => outcome.failure = Some(failures::identity(profile, &failure)),
        Err(failure) => app.report.warn("not_verified", format!("who you are was not verified: {failure}")),
    }
}
