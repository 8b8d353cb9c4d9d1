//! `refresh`: the session folder of this project written anew, seen by running containers without a restart.

use crate::delivery::Delivery;
use crate::delivery::session::rfc3339;
use crate::plan::Plan;
use crate::report::outcome::{Refreshed, Renewal, Session};
use crate::report::{Error, Kind};

use super::project::{Attempt, Workspace};
use super::{App, failures, profile, session, sign_in};

/// How often the session is written because another astro-aws was faster.
const ATTEMPTS: usize = 10;

pub(super) async fn run(app: &mut App) -> Result<Refreshed, Error> {
    let mut workspace = Workspace::open(app)?;
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
    for attempt in 0..ATTEMPTS {
        if record.delivery != Some(Delivery::Session) {
            break;
        }
        let changes = session::written(&workspace, &profile, record.region.as_deref(), Some(&credentials))?;
        match workspace.apply(app, &Plan { changes }, workspace.record())? {
            Attempt::Applied => {
                outcome.renewed = true;
                outcome.renewal = Renewal::Done;
                break;
            }
            Attempt::Overtaken(error) if attempt + 1 == ATTEMPTS => return Err(error),
            Attempt::Overtaken(_) => workspace = Workspace::open(app)?,
        }
    }
    Ok(Refreshed { sessions: vec![outcome] })
}
