//! Which sign-ins a command is about: one that was named, that of a profile, the only one there is, or all.

use crate::aws::profile::{Profile, ProfileSet, Source, SsoSession};
use crate::commands::project::Workspace;
use crate::commands::{App, failures};
use crate::report::{Error, Kind, prompt};

/// How many names an error lists.
const LISTED: usize = 5;

/// The sign-in named, or that of the profile of `--profile`, AWS_PROFILE, the project's set-up or `default`; else the
/// only one there is; else, on a terminal, a choice.
///
/// # Errors
/// [`Kind::Usage`] where the profile asked for signs in otherwise or none was named of several, [`Kind::Credentials`]
/// where there is none.
pub(in crate::commands) fn one(app: &App, set: &ProfileSet, named: Option<&str>) -> Result<SsoSession, Error> {
    if let Some(name) = named {
        return by_name(set, name);
    }
    let of_environment = app.host.env.get("AWS_PROFILE").filter(|_| app.global.profile.is_none());
    if let Some(asked) = app.global.profile.as_deref().or(of_environment) {
        return of_profile(set, asked);
    }
    let set_up_with = set_up_with(app);
    for name in set_up_with.as_deref().into_iter().chain(["default"]) {
        if let Ok(session) = of_profile(set, name) {
            return Ok(session);
        }
    }
    let mut known = all(set);
    match known.len() {
        0 => Err(none()),
        1 => Ok(known.remove(0)),
        _ if app.may_ask() => {
            let labels = known.iter().map(|session| session.label().to_owned()).collect();
            let index = prompt::select("Which sign-in?", labels)?;
            Ok(known.swap_remove(index))
        }
        _ => Err(Error::new(Kind::Usage, format!("there is more than one sign-in: {}", listed(&known)))
            .hint("name one with `--sso-session NAME` or `--profile NAME`, or take `--all`")),
    }
}

/// Every sign-in of the files: the sso-sessions, then the start URLs of legacy profiles.
pub(in crate::commands) fn all(set: &ProfileSet) -> Vec<SsoSession> {
    let mut found = set.sso_sessions();
    for name in set.names() {
        let Ok(profile) = set.profile(name) else { continue };
        let Some(login) = profile.chain.sso() else { continue };
        // The start URL names the token's file in the cache: one of each is one sign-in.
        let is_known = |known: &SsoSession| known.name.is_none() && known.start_url == login.session.start_url;
        if login.session.name.is_none() && !found.iter().any(is_known) {
            found.push(login.session.clone());
        }
    }
    found
}

/// The profile whose connection settings count for a sign-in: the first that signs in so.
pub(in crate::commands) fn profile_of(set: &ProfileSet, session: &SsoSession) -> Option<Profile> {
    let profiles = set.names().into_iter().filter_map(|name| set.profile(name).ok());
    let mut of_it = profiles.filter(|profile| profile.chain.sso().is_some_and(|login| login.session == *session));
    let first = of_it.next()?;
    // A company's own certificates are needed by all of them, be they written down in one.
    if first.ca_bundle.is_some() { Some(first) } else { of_it.find(|other| other.ca_bundle.is_some()).or(Some(first)) }
}

/// What a config without any sign-in is told.
pub(in crate::commands) fn none() -> Error {
    Error::new(Kind::Credentials, "your AWS files have no sign-in to IAM Identity Center")
        .hint("create one with `astro-aws configure --sso`")
}

fn by_name(set: &ProfileSet, name: &str) -> Result<SsoSession, Error> {
    if let Some(session) = set.sso_session(name) {
        return Ok(session);
    }
    if ["sso_start_url", "sso_region"].iter().any(|key| set.sso_session_property(name, key).is_some()) {
        return Err(Error::new(Kind::Credentials, format!("`[sso-session {name}]` lacks its start URL or its region"))
            .hint(format!("complete it with `astro-aws configure --sso --sso-session {name}`")));
    }
    let known = set.sso_sessions();
    let error = Error::new(Kind::Credentials, format!("there is no section `[sso-session {name}]`"));
    let error = if known.is_empty() { error } else { error.hint(format!("there are {}", listed(&known))) };
    Err(error.hint("create it with `astro-aws configure --sso`"))
}

fn of_profile(set: &ProfileSet, name: &str) -> Result<SsoSession, Error> {
    // A profile for a bearer token alone has an sso-session, and neither account nor role.
    if let Some(session) = set.property(name, "sso_session").filter(|_| set.profile(name).is_err()) {
        return by_name(set, session);
    }
    let profile = set.profile(name).map_err(failures::profile)?;
    if let Some(login) = profile.chain.sso() {
        return Ok(login.session.clone());
    }
    let error = Error::new(
        Kind::Usage,
        format!("profile `{name}` does not sign in with IAM Identity Center: it is of kind {}", profile.chain.kind()),
    );
    let known = all(set);
    Err(match profile.chain.source {
        Source::LoginSession => {
            error.hint(format!("sign in with `aws login{}`", failures::profile_option(&profile.chain.source_profile)))
        }
        _ if known.is_empty() => error.hint("it needs no sign-in; see `astro-aws status`"),
        _ => error.hint(format!("name a sign-in with `--sso-session NAME`: {}", listed(&known))),
    })
}

/// The profile that the project around here was set up with.
fn set_up_with(app: &App) -> Option<String> {
    Workspace::look(app).ok()?.profile().map(str::to_owned)
}

/// The first few labels.
fn listed(sessions: &[SsoSession]) -> String {
    let shown: Vec<_> = sessions.iter().take(LISTED).map(|session| format!("`{}`", session.label())).collect();
    match sessions.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
