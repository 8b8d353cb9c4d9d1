//! The outcome of `refresh`: each project's session, and the sign-in that it hangs on.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use super::setup::name_of;
use super::time::{left, until};
use crate::report::error::{Error, Kind};
use crate::report::json::error_value;
use crate::report::style::{BAD, GOOD, HINT, STRONG};

/// A project's session, renewed or not.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    /// The project's folder.
    pub project: PathBuf,
    /// The profile.
    pub profile: String,
    /// RFC 3339 in UTC; `null` for static keys, which do not expire, and where it failed.
    pub expires_at: Option<String>,
    /// The session folder was written anew.
    pub renewed: bool,
    /// The sign-in to IAM Identity Center that the profile starts from, where it has one.
    pub sign_in: Option<SignIn>,
    /// Why it was not renewed.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_error")]
    pub error: Option<Error>,
    /// What was, or was not, to be done.
    #[serde(skip)]
    pub renewal: Renewal,
    /// Minutes until it expires.
    #[serde(skip)]
    pub minutes_left: Option<u64>,
}

/// A sign-in to IAM Identity Center, as the cache has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignIn {
    /// The `[sso-session …]`, or the start URL of the legacy form.
    pub sso_session: String,
    /// RFC 3339 in UTC.
    pub expires_at: String,
    /// It was renewed just now.
    pub renewed: bool,
    /// It can be renewed without a browser.
    pub renewable: bool,
    /// Minutes until it expires.
    #[serde(skip)]
    pub minutes_left: u64,
}

/// What `refresh` has to do for a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The session was written anew.
    Done,
    /// The session was written with the credentials that it had: they last for long enough, and new ones take a person.
    Unchanged,
    /// It would have been, but for a dry run.
    Planned,
    /// The containers read the person's own AWS folder.
    Mount,
    /// Airflow runs on this host.
    Standalone,
}

fn as_error<S: Serializer>(error: &Option<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(error_value).serialize(serializer)
}

/// The outcome of `refresh`.
#[derive(Debug, Default, Serialize)]
pub struct Refreshed {
    /// One per project.
    pub sessions: Vec<Session>,
    /// The worst of what failed.
    #[serde(skip)]
    pub failure: Option<Error>,
}

impl Refreshed {
    /// The outcome for several projects, of which some may have failed: then the worst failure is that of the whole.
    pub fn of(sessions: Vec<Session>) -> Self {
        let errors: Vec<&Error> = sessions.iter().filter_map(|session| session.error.as_ref()).collect();
        let worst = errors.iter().map(|error| error.kind).max_by_key(|kind| severity(*kind));
        let failure = worst.map(|kind| {
            let count = errors.len();
            let message = match sessions.len() {
                1 => "the project could not be renewed".to_owned(),
                of => format!("{count} of {of} projects could not be renewed"),
            };
            let mut hints: Vec<String> = Vec::new();
            for hint in errors.iter().flat_map(|error| &error.hints) {
                if !hints.contains(hint) {
                    hints.push(hint.clone());
                }
            }
            Error { kind, message, hints }
        });
        Self { sessions, failure }
    }

    pub(super) fn text(&self) -> String {
        if self.sessions.is_empty() {
            return "Nothing to renew: no project is set up on this machine yet.\n".to_owned();
        }
        let mut text = String::new();
        for session in &self.sessions {
            let what = match (session.renewal, session.minutes_left) {
                (Renewal::Done, Some(minutes)) => {
                    format!("renewed, {minutes} min left; running containers see it without a restart")
                }
                (Renewal::Unchanged, minutes) => {
                    format!("still good for {} min: the same credentials as before", minutes.unwrap_or_default())
                }
                // botocore never reads credentials again that have no expiry.
                (Renewal::Done, None) => {
                    "written anew; keys without an expiry reach running containers with `astro dev restart`".to_owned()
                }
                (Renewal::Planned, _) => "would renew its session".to_owned(),
                (Renewal::Mount, _) => format!(
                    "nothing to rewrite: the containers read your own AWS folder{}",
                    session.sign_in.as_ref().map(sign_in_words).unwrap_or_default()
                ),
                (Renewal::Standalone, _) => format!(
                    "nothing to rewrite: Airflow reads your own AWS files{}",
                    session.sign_in.as_ref().map(sign_in_words).unwrap_or_default()
                ),
            };
            text.push_str(&line(session, &what));
        }
        text
    }

    /// What is left when nobody watches any more.
    pub(super) fn text_at_the_end(&self) -> String {
        let mut text = String::new();
        for session in &self.sessions {
            let what = match (session.renewal, session.minutes_left) {
                (Renewal::Done | Renewal::Planned, Some(minutes)) => {
                    format!("no longer renewed, {minutes} min left")
                }
                _ => format!("no longer watched{}", session.sign_in.as_ref().map(sign_in_words).unwrap_or_default()),
            };
            text.push_str(&line(session, &what));
        }
        text
    }
}

/// One project's line: what was done, or why it was not, and then what mends it.
fn line(session: &Session, what: &str) -> String {
    let name = name_of(&session.project);
    let mut text = String::new();
    let Some(error) = &session.error else {
        let _ = writeln!(text, "{GOOD}✓{GOOD:#} {STRONG}{name}{STRONG:#}: profile {}, {what}", session.profile);
        return text;
    };
    let profile = match error.message.contains(&format!("`{}`", session.profile)) {
        true => String::new(),
        false => format!("profile {}, ", session.profile),
    };
    let _ = writeln!(text, "{BAD}✗{BAD:#} {STRONG}{name}{STRONG:#}: {profile}{}", error.message);
    for hint in &error.hints {
        let _ = writeln!(text, "  {HINT}hint:{HINT:#} {hint}");
    }
    text
}

fn sign_in_words(sign_in: &SignIn) -> String {
    let SignIn { sso_session, expires_at, minutes_left, .. } = sign_in;
    let time = format!("until {} ({} left)", until(expires_at, *minutes_left), left(*minutes_left));
    match (sign_in.renewed, sign_in.renewable) {
        (true, _) => format!("; the sign-in to {sso_session} was renewed and lasts {time}"),
        (false, true) => format!("; the sign-in to {sso_session} lasts {time} and can be renewed"),
        (false, false) => format!("; the sign-in to {sso_session} lasts {time}, then sign in again"),
    }
}

/// How bad a kind of failure is beside others: first what takes a person's hand.
fn severity(kind: Kind) -> u8 {
    match kind {
        Kind::Failed => 0,
        Kind::Usage => 1,
        Kind::Project => 2,
        Kind::Refused => 3,
        Kind::Credentials => 4,
        Kind::Interrupted => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(error: Option<Error>) -> Session {
        Session {
            project: PathBuf::from("/p/etl"),
            profile: "dev".to_owned(),
            expires_at: None,
            renewed: error.is_none(),
            sign_in: None,
            error,
            renewal: Renewal::Done,
            minutes_left: Some(60),
        }
    }

    #[test]
    fn the_worst_failure_is_that_of_the_whole_and_says_each_remedy_once() {
        let sign_in = || Some(Error::new(Kind::Credentials, "ended").hint("sign in"));
        let network = Some(Error::new(Kind::Failed, "no answer").hint("check the network"));
        let of = Refreshed::of(vec![session(None), session(network), session(sign_in()), session(sign_in())]);
        let failure = of.failure.unwrap();
        assert_eq!(failure.kind, Kind::Credentials);
        assert_eq!(failure.message, "3 of 4 projects could not be renewed");
        assert_eq!(failure.hints, ["check the network", "sign in"]);
        assert_eq!(Refreshed::of(vec![session(None)]).failure, None);
    }

    #[test]
    fn a_failed_project_s_remedy_is_below_its_line_and_its_profile_named_once() {
        let failed = |message: &str| session(Some(Error::new(Kind::Credentials, message).hint("sign in")));
        let text = Refreshed::of(vec![failed("profile `dev` yields nothing"), failed("ended"), session(None)]).text();
        let plain = anstream::adapter::strip_str(&text).to_string();
        let lines: Vec<_> = plain.lines().collect();
        assert_eq!(
            lines[..4],
            ["✗ etl: profile `dev` yields nothing", "  hint: sign in", "✗ etl: profile dev, ended", "  hint: sign in"]
        );
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn an_error_is_in_the_document_of_its_project_alone() {
        let error = Error::new(Kind::Credentials, "ended").hint("sign in");
        let document = serde_json::to_value(session(Some(error))).unwrap();
        assert_eq!(
            document["error"],
            serde_json::json!({"kind": "credentials", "message": "ended", "hint": "sign in"})
        );
        assert!(serde_json::to_value(session(None)).unwrap().get("error").is_none());
    }
}
