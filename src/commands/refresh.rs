//! `refresh`: new credentials into the session folder of this project, seen by running containers without a restart.

use crate::delivery::Delivery;
use crate::delivery::session::rfc3339;
use crate::plan::Plan;
use crate::report::outcome::{Refreshed, Session};
use crate::report::{Error, Kind};

use super::project::Workspace;
use super::{App, profile, session, sign_in};

pub(super) async fn run(app: &mut App) -> Result<Refreshed, Error> {
    let workspace = Workspace::open(app)?;
    let Some(record) = workspace.record() else {
        return Err(Error::new(Kind::Project, format!("{} is not set up", workspace.root().display()))
            .hint("set it up with `astro-aws init`"));
    };
    if app.global.profile.as_ref().is_some_and(|asked| *asked != record.profile) {
        return Err(Error::new(Kind::Usage, format!("this project is set up with profile `{}`", record.profile))
            .hint("change its profile with `astro-aws init --profile NAME`"));
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let profile = set.profile(&record.profile).map_err(super::failures::profile)?;
    let mut outcome = Session {
        project: workspace.root().to_owned(),
        profile: profile.name.clone(),
        expires_at: None,
        renewed: false,
        minutes_left: None,
    };
    // Asking may refresh a cached token: a dry run writes nothing, anywhere.
    if app.global.dry_run {
        app.report.result_lines([format!("would renew the credentials of profile {}", profile.name).as_str()]);
        return Ok(Refreshed { sessions: vec![outcome] });
    }
    let credentials = sign_in::credentials(app, &set, &profile).await?;
    outcome.expires_at = credentials.expiry().map(rfc3339);
    outcome.minutes_left = credentials.expiry().map(|expiry| app.minutes_until(expiry));
    if record.delivery == Some(Delivery::Session) {
        let plan = Plan { changes: vec![session::renewed(&workspace, &credentials)?] };
        workspace.apply(app, &plan, Some(record))?;
        outcome.renewed = true;
    }
    Ok(Refreshed { sessions: vec![outcome] })
}
