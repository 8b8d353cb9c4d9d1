//! `init`: the one-time set-up. Detect, sign in where needed, plan, show, apply, verify; twice in a row changes nothing.

pub(super) mod airflow;
mod create;
mod edited;
mod facts;
mod files;
mod findings;

use crate::aws::credentials::Credentials;
use crate::aws::identity::IdentityFailure;
use crate::aws::profile::{Profile, ProfileSet};
use crate::cli::InitArgs;
use crate::delivery::Delivery;
use crate::plan::Plan;
use crate::report::outcome::Init;
use crate::report::{Error, Kind};

use super::project::{ATTEMPTS, Attempt, Workspace};
use super::{App, choices, failures, profile, session, sign_in};
use facts::Setup;

pub(super) async fn run(app: &mut App, args: &InitArgs) -> Result<Init, Error> {
    let mut workspace = create::open_or_create(app, args)?;
    for _ in 0..ATTEMPTS {
        match set_up(app, args, &workspace).await? {
            Ok(outcome) => return Ok(outcome),
            Err(_overtaken) => workspace = Workspace::open(app)?,
        }
    }
    set_up(app, args, &workspace).await?
}

/// Sets the project up; the inner error says that another program was faster.
async fn set_up(app: &mut App, args: &InitArgs, workspace: &Workspace) -> Result<Result<Init, Error>, Error> {
    let aws_files = profile::locate(app)?;
    let set = facts::read_or_configure(app, args, &aws_files).await?;
    let profile = profile::choose(app, &set, workspace.profile(), "Which AWS profile shall your DAGs have?")?;
    let mut setup = facts::detect(app, args, workspace, &aws_files, &profile).await?;
    let credentials = credentials(app, args, workspace, &setup, &set, &profile).await?;
    let (plan, record) = files::plan(app, args, workspace, &mut setup, &profile, credentials.as_ref())?;
    let mut outcome = outcome(app, workspace, &setup, &profile, &plan);
    if !plan.is_empty() {
        outcome.dry_run = !choices::confirm(app, &plan, Some(&outcome.summary()), "Apply these changes?")?;
    }
    if !outcome.dry_run
        && (!plan.is_empty() || workspace.record() != Some(&record))
        && let Attempt::Overtaken(error) = workspace.apply(app, &plan, Some(&record))?
    {
        return Ok(Err(error));
    }
    if let Some(credentials) = credentials.filter(|_| !outcome.dry_run && !args.no_verify) {
        verify(app, &set, &profile, &credentials, &mut outcome).await;
    }
    Ok(Ok(outcome))
}

fn outcome(app: &App, workspace: &Workspace, setup: &Setup, profile: &Profile, plan: &Plan) -> Init {
    Init {
        project: workspace.root().to_owned(),
        airflow: setup.airflow.map(|airflow| airflow.major()),
        services: setup.wanted.services.clone(),
        profile: profile.name.clone(),
        kind: profile.chain.kind(),
        delivery: setup.delivery_name(),
        delivery_reason: setup.reason.clone(),
        files: choices::file_changes(plan),
        identity: None,
        dry_run: app.global.dry_run,
        failure: None,
    }
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
    let is_session = setup.delivery == Some(Delivery::Session);
    // What the containers have is what is to be proved.
    if is_session && let Some(held) = session::held(app, &workspace.remembered, profile) {
        return Ok(Some(held));
    }
    if !is_session && args.no_verify {
        return Ok(None);
    }
    match sign_in::credentials(app, set, profile).await {
        Ok(credentials) => Ok(Some(credentials)),
        Err(error) if !is_session && error.kind == Kind::Failed => {
            app.report.warn("not_verified", format!("who you are was not verified: {}", error.message));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn verify(app: &mut App, set: &ProfileSet, profile: &Profile, credentials: &Credentials, outcome: &mut Init) {
    match sign_in::identity(app, set, profile, credentials).await {
        Ok(identity) => outcome.identity = Some(identity),
        Err(failure @ IdentityFailure::Refused(_)) => outcome.failure = Some(failures::identity(profile, &failure)),
        Err(failure) => app.report.warn("not_verified", format!("who you are was not verified: {failure}")),
    }
}
