//! `logout`: a sign-in ended with the service, and what was cached of it removed.

use std::path::PathBuf;
use std::time::Duration;

use crate::aws::access::{Access, Caches};
use crate::aws::profile::{ProfileSet, SsoLogin, SsoSession};
use crate::aws::sso::cache::{Cache, remove_role_credentials, role_credentials_path};
use crate::aws::sso::portal;
use crate::cli::LogoutArgs;
use crate::delivery::Delivery;
use crate::delivery::session::rfc3339;
use crate::host::state_dir;
use crate::report::outcome::{LoggedOut, until};
use crate::report::{Error, Kind};

use super::interrupt::or_interrupted;
use super::remembered::Remembered;
use super::{App, failures, login, profile, session};

/// How long another process at work on the sign-in is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(app: &App, args: &LogoutArgs) -> Result<LoggedOut, Error> {
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let sessions = match args.all {
        true => login::all(&set),
        false => vec![login::one(app, &set, args.sso_session.as_deref())?],
    };
    let Some(first) = sessions.first() else { return Err(login::none()) };
    let access = profile::access(app, None);
    let Some(caches) = access.caches.clone() else {
        return Err(
            Error::new(Kind::Failed, "this account has no home folder, so there is no sign-in").hint("set HOME")
        );
    };
    let mut removed = Vec::new();
    for session in &sessions {
        removed.extend(match app.global.dry_run {
            true => cached(&set, session, &caches),
            false => {
                let access = profile::access(app, login::profile_of(&set, session).as_ref());
                end(app, &set, session, &caches, &access).await?
            }
        });
        warn_of_projects(app, &set, session);
    }
    let labels = sessions.iter().map(|session| session.label().to_owned()).collect();
    Ok(LoggedOut::new(first.name.clone(), labels, removed, app.global.dry_run))
}

/// Ends a sign-in: first with the service, then here, be the service out of reach or not.
async fn end(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    caches: &Caches,
    access: &Access<'_>,
) -> Result<Vec<PathBuf>, Error> {
    let cache = Cache::new(&caches.sso);
    let tell = |notice: crate::aws::access::Notice<'_>| access.person.tell(notice);
    if cached(set, session, caches).is_empty() {
        return Ok(Vec::new());
    }
    let failed = |error| failures::cache(&error);
    let mut waiting = || access.person.tell(crate::aws::access::Notice::Waiting(session));
    let _lock = or_interrupted(cache.lock(session, PATIENCE, &mut waiting)).await?.map_err(failed)?;
    if let Ok(Some(token)) = cache.token(session, &tell) {
        let _progress = app.report.progress(format!("signing out of {}", session.label()));
        if let Err(failure) = or_interrupted(portal::logout(set, session, &token.access_token, access)).await? {
            let ends = until(&rfc3339(token.expires_at), app.minutes_until(token.expires_at));
            app.report.warn(
                "logout",
                format!(
                    "AWS could not be told that you sign out of {}: {failure}; the token, which is removed here, ends at {ends}",
                    session.label()
                ),
            );
        }
    }
    let mut removed = cache.remove(session).map_err(failed)?;
    removed.extend(remove_role_credentials(&caches.cli, &logins(set, session)).map_err(failed)?);
    Ok(removed)
}

/// The files that there are of a sign-in.
fn cached(set: &ProfileSet, session: &SsoSession, caches: &Caches) -> Vec<PathBuf> {
    let roles = logins(set, session).into_iter().map(|login| role_credentials_path(&caches.cli, &login));
    let paths = std::iter::once(Cache::new(&caches.sso).token_path(session)).chain(roles);
    paths.filter(|path| path.exists()).collect()
}

/// The roles that profiles get through a sign-in.
fn logins(set: &ProfileSet, session: &SsoSession) -> Vec<SsoLogin> {
    let mut logins: Vec<SsoLogin> = Vec::new();
    for name in set.names() {
        let Ok(profile) = set.profile(name) else { continue };
        let Some(login) = profile.chain.sso().filter(|login| login.session == *session) else { continue };
        if !logins.contains(login) {
            logins.push(login.clone());
        }
    }
    logins
}

/// Role credentials outlive the sign-in they came from: AWS revokes none.
fn warn_of_projects(app: &App, set: &ProfileSet, sign_in: &SsoSession) {
    let Some(state) = state_dir(&app.host) else { return };
    for project in Remembered::all(&state).flatten() {
        let Some(record) = project.set_up().filter(|record| record.delivery == Some(Delivery::Session)) else {
            continue;
        };
        let profile = set.profile(&record.profile).ok();
        let login = profile.as_ref().and_then(|profile| profile.chain.sso());
        let expiry = session::present(&project).and_then(|held| held.expiry());
        let Some(expiry) = expiry.filter(|_| login.is_some_and(|login| login.session == *sign_in)) else { continue };
        if expiry > app.clock.now() {
            let ends = until(&rfc3339(expiry), app.minutes_until(expiry));
            app.report.warn(
                "live_session",
                format!(
                    "the containers of {} have credentials of this sign-in until {ends}, which AWS does not revoke; `astro-aws undo` in that folder removes them",
                    project.root().display()
                ),
            );
        }
    }
}
