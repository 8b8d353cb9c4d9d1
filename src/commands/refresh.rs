//! `refresh`: the session folder of this project written anew, seen by running containers without a restart.

use crate::aws::credentials::Credentials;
use crate::aws::profile::Profile;
use crate::delivery::Delivery;
use crate::delivery::session::rfc3339;
use crate::plan::Plan;
use crate::report::outcome::{Refreshed, Renewal, Session};
use crate::report::{Error, Kind};

use super::project::{ATTEMPTS, Attempt, Workspace};
use super::{App, failures, profile, session, sign_in};

pub(super) async fn run(app: &mut App) -> Result<Refreshed, Error> {
    let workspace = Workspace::open(app)?;
    let Some(record) = workspace.record().cloned() else {
        return Err(Error::new(Kind::Project, format!("{} is not set up", workspace.root().display()))
            .hint("set it up with `astro-aws init`"));
    };
    if app.global.profile.as_ref().is_some_and(|asked| *asked != record.profile) {
        return Err(Error::new(Kind::Usage, format!("this project is set up with profile `{}`", record.profile))
            .hint("change its profile with `astro-aws init --profile NAME`"));
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let profile = set.profile(&record.profile).map_err(failures::profile)?;
    let mut outcome = Session {
        project: workspace.root().to_owned(),
        profile: profile.name.clone(),
        expires_at: None,
        renewed: false,
        renewal: match record.delivery {
            Some(Delivery::Session) => Renewal::Planned,
            Some(Delivery::Mount) => Renewal::Mount,
            None => Renewal::Standalone,
        },
        minutes_left: None,
    };
    // Asking may refresh a cached token: a dry run writes nothing, anywhere.
    if app.global.dry_run {
        return Ok(Refreshed { sessions: vec![outcome] });
    }
    let credentials = sign_in::credentials(app, &set, &profile).await?;
    outcome.expires_at = credentials.expiry().map(rfc3339);
    outcome.minutes_left = credentials.expiry().map(|expiry| app.minutes_until(expiry));
    if record.delivery == Some(Delivery::Session) {
        renew(app, workspace, &profile, &credentials)?;
        outcome.renewed = true;
        outcome.renewal = Renewal::Done;
    }
    Ok(Refreshed { sessions: vec![outcome] })
}

/// Writes the session; where another astro-aws was faster, on top of what that one wrote.
fn renew(app: &mut App, mut workspace: Workspace, profile: &Profile, credentials: &Credentials) -> Result<(), Error> {
    let write = |app: &App, workspace: &Workspace| {
        let region = workspace.record().and_then(|record| record.region.as_deref());
        let changes = session::written(workspace, profile, region, Some(credentials))?;
        workspace.apply(app, &Plan { changes }, workspace.record())
    };
    for _ in 1..ATTEMPTS {
        match write(app, &workspace)? {
            Attempt::Applied => return Ok(()),
            Attempt::Overtaken(_) => workspace = Workspace::open(app)?,
        }
    }
    write(app, &workspace)?.or_fail()
}
