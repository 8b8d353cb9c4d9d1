//! The project of the current folder, with a person at hand who can sign in.

use crate::aws::profile::{Profile, ProfileSet};
use crate::aws::sso::token::{self, Renew};
use crate::commands::project::Workspace;
use crate::commands::{App, failures, profile, sign_in};
use crate::delivery::session::rfc3339;
use crate::report::Error;
use crate::report::outcome::{Refreshed, Session, SignIn};

use super::renewal::{LASTING, sign_in_of};
use super::targets::{Target, renewal_with, require_set_up};
use super::write::write;

pub(in crate::commands) async fn run(app: &mut App) -> Result<Refreshed, Error> {
    let workspace = Workspace::open(app)?;
    let record = require_set_up(app, &workspace)?;
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let profile = set.profile(&record.profile).map_err(failures::profile)?;
    let target = Target { remembered: workspace.remembered, record, profile };
    // Asking may refresh a cached token: a dry run writes nothing, anywhere.
    if app.global.dry_run {
        return Ok(Refreshed { sessions: vec![target.outcome()], failure: None });
    }
    let before = sign_in(app, &set, &target.profile).await;
    let credentials = sign_in::lasting_credentials(app, &set, &target.profile, LASTING).await?;
    let mut outcome = Session {
        expires_at: credentials.expiry().map(rfc3339),
        minutes_left: credentials.expiry().map(|expiry| app.minutes_until(expiry)),
        // Where somebody signed in just now, the sign-in of before says nothing.
        sign_in: match before {
            Some(before) => Some(before),
            None => sign_in(app, &set, &target.profile).await,
        },
        ..target.outcome()
    };
    if target.has_session() {
        let waiting = || app.report.note("Waiting for another astro-aws at work in this project");
        let renewal = renewal_with(&target.remembered, &credentials);
        write(target.remembered, &target.profile, &credentials, waiting)?;
        outcome = Session { renewed: true, renewal, ..outcome };
    }
    Ok(Refreshed { sessions: vec![outcome], failure: None })
}

/// The sign-in of a profile, renewed where that is due and can be done without a browser; `None` where there is none.
async fn sign_in(app: &App, set: &ProfileSet, profile: &Profile) -> Option<SignIn> {
    let session = &profile.chain.sso()?.session;
    let access = profile::access(app, Some(profile));
    let live = token::live(set, session, &Renew::WhenDue, &access).await.ok()?;
    Some(sign_in_of(app, session, &live))
}
