//! One sign-in: renewed without a browser where that is possible, else made in the browser by the person.

use crate::aws::access::Access;
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::aws::sso::cache::{Cache, Token};
use crate::aws::sso::sign_in::{Accept, Flow, SignInFailure, sign_in};
use crate::aws::sso::token::{self, Renew, TokenFailure};
use crate::commands::interrupt::or_interrupted;
use crate::commands::{App, failures};
use crate::host::RealFiles;
use crate::host::browser::{Browser, surroundings};
use crate::report::{Error, Kind};

/// How a person wants to sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::commands) enum Way {
    /// In the browser of this machine, else with a device code.
    #[default]
    Fitting,
    /// With a device code.
    DeviceCode,
    /// In the browser of this machine.
    Pkce,
}

/// A token, and the way it came.
#[derive(Debug)]
pub(in crate::commands) struct Done {
    pub(in crate::commands) token: Token,
    /// `pkce`, `device` or `refresh`; `None` where another process got it.
    pub(in crate::commands) flow: Option<&'static str>,
    /// The region of IAM Identity Center, where the start URL led to another than the configured one.
    pub(in crate::commands) moved_to: Option<String>,
}

/// Renews a sign-in's token without a browser; `None` where only the browser helps.
///
/// # Errors
/// The service cannot be reached, or the cache cannot be used.
pub(super) async fn refresh(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    access: &Access<'_>,
) -> Result<Option<Done>, Error> {
    let Some(present) = present(session, access)? else { return Ok(None) };
    if present.refresh_token.is_none() || present.registration.is_none() {
        return Ok(None);
    }
    app.report.detail(format!("renewing the sign-in to {}", session.label()));
    let _progress = app.report.progress(format!("renewing the sign-in to {}", session.label()));
    // Several at once shall not renew one after the other: each wants another token than it found.
    let renew = Renew::Refused(Box::new(present));
    match or_interrupted(Box::pin(token::live(set, session, &renew, access))).await? {
        Ok(live) => {
            let flow = live.renewed.then_some("refresh");
            Ok(Some(Done { token: live.token, flow, moved_to: None }))
        }
        Err(TokenFailure::SignIn { reason }) => {
            app.report.detail(format!("it cannot be renewed: {reason}"));
            Ok(None)
        }
        Err(failure) => Err(failures::token(set, session, &failure)),
    }
}

/// Signs in in the browser, for as long as it takes.
///
/// # Errors
/// [`Kind::Credentials`] without a terminal, and where nobody signs in; [`Kind::Interrupted`] for Ctrl-C.
pub(in crate::commands) async fn in_browser(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    (way, accept): (Way, Accept<'_>),
    access: &Access<'_>,
) -> Result<Done, Error> {
    let tried = tried_in_browser(app, set, session, (way, accept), access).await?;
    let done = tried.map_err(|failure| failures::sign_in(set, session, &failure))?;
    if let Some(region) = &done.moved_to {
        let (label, configured) = (session.label(), &session.region);
        let message = format!("the start URL of {label} leads to IAM Identity Center in {region}, not in {configured}");
        app.report
            .warn("sso_region", format!("{message}: set `sso_region = {region}`, or nothing can be renewed there"));
    }
    Ok(done)
}

/// The same for one who can do something about what went wrong.
///
/// # Errors
/// [`Kind::Credentials`] without a terminal; [`Kind::Interrupted`] for Ctrl-C.
pub(in crate::commands) async fn tried_in_browser(
    app: &App,
    set: &ProfileSet,
    session: &SsoSession,
    (way, accept): (Way, Accept<'_>),
    access: &Access<'_>,
) -> Result<Result<Done, SignInFailure>, Error> {
    if !app.may_sign_in() {
        return Err(nobody(app, set, session));
    }
    let flow = flow(app, session, way);
    let done = {
        let _progress = app.report.progress("waiting for the sign-in in the browser (Ctrl-C ends it)");
        or_interrupted(Box::pin(sign_in(set, session, flow, accept, access))).await?
    };
    Ok(done.map(|done| {
        let flow = done.flow.map(|flow| match flow {
            Flow::Pkce => "pkce",
            Flow::Device => "device",
        });
        Done { token: done.token, flow, moved_to: done.moved_to }
    }))
}

/// The token in the cache, live or not.
fn present(session: &SsoSession, access: &Access<'_>) -> Result<Option<Token>, Error> {
    let Some(caches) = &access.caches else {
        return Err(Error::new(Kind::Failed, "this account has no home folder to keep a sign-in in").hint("set HOME"));
    };
    let tell = |notice: crate::aws::access::Notice<'_>| access.person.tell(notice);
    Cache::new(&caches.sso).token(session, &tell).map_err(|error| failures::cache(&error))
}

/// PKCE where a browser of this machine can come back to us; says why where it is the device code.
fn flow(app: &App, session: &SsoSession, way: Way) -> Flow {
    let reason = match (way, surroundings(&app.host, &RealFiles)) {
        (Way::DeviceCode, _) => return Flow::Device,
        _ if session.name.is_none() => "a start URL without an sso-session has no other way",
        (Way::Fitting, Browser::Elsewhere(reason)) => reason.words(),
        (Way::Pkce, _) | (Way::Fitting, Browser::Here) => return Flow::Pkce,
    };
    app.report.note(format!("Signing in with a device code, because {reason}"));
    Flow::Device
}

fn nobody(app: &App, set: &ProfileSet, session: &SsoSession) -> Error {
    let why = if app.global.no_input { "`--no-input` forbids to ask" } else { "there is no terminal" };
    let message = format!("signing in to {} takes a browser and a person, and {why}", session.label());
    Error::new(Kind::Credentials, message)
        .hint(format!("run `{}` in a terminal", failures::login_command(set, session)))
}
