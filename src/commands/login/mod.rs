//! `login`: a sign-in to IAM Identity Center renewed without a browser, else made in one.

mod flow;
mod targets;

use crate::aws::access::Access;
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::aws::sso::sign_in::Accept;
use crate::cli::LoginArgs;
use crate::delivery::session::rfc3339;
use crate::report::outcome::{LoggedIn, SignedIn};
use crate::report::{Error, Kind};

use super::person::{Page, Someone};
use super::{App, profile};
pub(super) use flow::{Done, Way, in_browser, tried_in_browser};
pub(super) use targets::{all, none, one, profile_of};

pub(super) async fn run(app: &App, args: &LoginArgs) -> Result<LoggedIn, Error> {
    if app.global.dry_run {
        return Err(Error::new(
            Kind::Usage,
            "`login` writes the sign-in alone, so there is nothing to show without it",
        )
        .hint("leave --dry-run out; `astro-aws status` tells how long the sign-in lasts"));
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    if !args.all {
        let session = one(app, &set, args.sso_session.as_deref())?;
        let signed_in = sign_in_to(app, &set, &session, args).await?;
        return Ok(LoggedIn::one(signed_in));
    }
    let sessions = all(&set);
    if sessions.is_empty() {
        return Err(none());
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for session in &sessions {
        match sign_in_to(app, &set, session, args).await {
            Ok(signed_in) => done.push(signed_in),
            Err(error) if error.kind == Kind::Interrupted => return Err(error),
            Err(error) => failed.push((session.label().to_owned(), error)),
        }
    }
    Ok(LoggedIn::several(done, failed))
}

async fn sign_in_to(app: &App, set: &ProfileSet, session: &SsoSession, args: &LoginArgs) -> Result<SignedIn, Error> {
    let page = match args {
        LoginArgs { no_browser: true, .. } => Page::Printed,
        LoginArgs { pkce: true, .. } => Page::Opened,
        _ => Page::Fitting,
    };
    let person = Someone { app, page };
    let access = Access { person: &person, ..profile::access(app, profile_of(set, session).as_ref()) };
    let way = match args {
        LoginArgs { device_code: true, .. } => Way::DeviceCode,
        LoginArgs { pkce: true, .. } => Way::Pkce,
        _ => Way::Fitting,
    };
    let refreshed = if args.force { None } else { flow::refresh(app, set, session, &access).await? };
    let Done { token, flow, .. } = match refreshed {
        Some(done) => done,
        None => in_browser(app, set, session, (way, Accept::New), &access).await?,
    };
    Ok(SignedIn {
        sso_session: session.name.clone(),
        start_url: session.start_url.clone(),
        expires_at: rfc3339(token.expires_at),
        flow,
        minutes_left: app.minutes_until(token.expires_at),
    })
}
