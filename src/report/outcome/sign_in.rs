//! The outcomes of the commands about sign-ins: `login` and `logout`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use super::setup::{Change, FileChange};
use super::time::{left, until};
use crate::report::error::{Error, Kind};
use crate::report::style::{DIM, GOOD, STRONG};

/// A sign-in that counts now.
#[derive(Debug, Clone, Serialize)]
pub struct SignedIn {
    /// The `[sso-session …]`; `null` for a start URL without one.
    pub sso_session: Option<String>,
    /// The start URL.
    pub start_url: String,
    /// RFC 3339 in UTC.
    pub expires_at: String,
    /// `pkce`, `device` or `refresh`; `null` where another process did it.
    pub flow: Option<&'static str>,
    /// Minutes until it ends.
    #[serde(skip)]
    pub minutes_left: u64,
}

impl SignedIn {
    fn label(&self) -> &str {
        self.sso_session.as_deref().unwrap_or(&self.start_url)
    }
}

/// One of several sign-ins, made or not.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum OneOfSeveral {
    /// It counts now.
    Done(SignedIn),
    /// It does not.
    Failed {
        /// The `[sso-session …]`, or the start URL.
        sso_session: String,
        /// Why.
        error: Error,
    },
}

/// The outcome of `login`.
#[derive(Debug, Serialize)]
pub struct LoggedIn {
    /// The `[sso-session …]`; with `--all` the first; `null` for a start URL without one.
    pub sso_session: Option<String>,
    /// RFC 3339 in UTC.
    pub expires_at: Option<String>,
    /// `pkce`, `device` or `refresh`; `null` where another process did it.
    pub flow: Option<&'static str>,
    /// Each of them, with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<OneOfSeveral>>,
    #[serde(skip)]
    done: Vec<SignedIn>,
    #[serde(skip)]
    pub(super) failure: Option<Error>,
}

impl LoggedIn {
    /// Of one sign-in.
    pub fn one(signed_in: SignedIn) -> Self {
        Self::of(vec![signed_in], None, None)
    }

    /// Of `--all`: those that count now, and the labels of the others with what went wrong.
    pub fn several(done: Vec<SignedIn>, failed: Vec<(String, Error)>) -> Self {
        let failure = failed.first().map(|(_, first)| {
            let labels: Vec<_> = failed.iter().map(|(label, _)| label.as_str()).collect();
            let credentials = failed.iter().any(|(_, error)| error.kind == Kind::Credentials);
            Error {
                kind: if credentials { Kind::Credentials } else { first.kind },
                message: format!("not signed in to {}: {}", labels.join(", "), first.message),
                hints: first.hints.clone(),
            }
        });
        let failed = failed.into_iter().map(|(sso_session, error)| OneOfSeveral::Failed { sso_session, error });
        let sessions = done.iter().cloned().map(OneOfSeveral::Done).chain(failed).collect();
        Self::of(done, Some(sessions), failure)
    }

    fn of(done: Vec<SignedIn>, sessions: Option<Vec<OneOfSeveral>>, failure: Option<Error>) -> Self {
        let first = done.first();
        Self {
            sso_session: first.and_then(|first| first.sso_session.clone()),
            expires_at: first.map(|first| first.expires_at.clone()),
            flow: first.and_then(|first| first.flow),
            sessions,
            done,
            failure,
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for signed_in in &self.done {
            let what = match signed_in.flow {
                Some("refresh") => "renewed the sign-in to",
                _ => "signed in to",
            };
            let SignedIn { expires_at, minutes_left, .. } = signed_in;
            let label = signed_in.label();
            let (until, left) = (until(expires_at, *minutes_left), left(*minutes_left));
            let _ = writeln!(text, "{GOOD}✓{GOOD:#} {what} {STRONG}{label}{STRONG:#} until {until} ({left})");
        }
        text
    }
}

/// The outcome of `logout`.
#[derive(Debug, Serialize)]
pub struct LoggedOut {
    /// The `[sso-session …]`; with `--all` the first; `null` for a start URL without one.
    pub sso_session: Option<String>,
    /// What was, or with `--dry-run` would be, removed.
    pub files: Vec<FileChange>,
    /// Nothing was removed or ended.
    pub dry_run: bool,
    /// What was signed out of.
    #[serde(skip)]
    pub labels: Vec<String>,
}

impl LoggedOut {
    /// Of these sign-ins and removed files.
    pub fn new(sso_session: Option<String>, labels: Vec<String>, removed: Vec<PathBuf>, dry_run: bool) -> Self {
        let files = removed.into_iter().map(|path| FileChange { path, change: Change::Removed }).collect();
        Self { sso_session, files, dry_run, labels }
    }

    pub(super) fn text(&self) -> String {
        let labels = self.labels.join(", ");
        let mut text = match (self.files.is_empty(), self.dry_run) {
            (true, _) => return format!("Not signed in to {labels}: nothing to remove.\n"),
            (false, true) => format!("Would sign out of {STRONG}{labels}{STRONG:#} and remove\n"),
            (false, false) => format!("{GOOD}✓{GOOD:#} signed out of {STRONG}{labels}{STRONG:#}; removed\n"),
        };
        for file in &self.files {
            let _ = writeln!(text, "  {DIM}{}{DIM:#}", file.path.display());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn signed_in(name: Option<&str>, flow: Option<&'static str>) -> SignedIn {
        SignedIn {
            sso_session: name.map(str::to_owned),
            start_url: "https://x/start".to_owned(),
            expires_at: "2026-11-23T14:05:00Z".to_owned(),
            flow,
            minutes_left: 60,
        }
    }

    fn document(outcome: &LoggedIn) -> Value {
        serde_json::to_value(outcome).unwrap()
    }

    #[test]
    fn one_sign_in_has_the_fields_of_the_contract_alone() {
        let outcome = LoggedIn::one(signed_in(Some("company"), Some("pkce")));
        let expected = json!({"sso_session": "company", "expires_at": "2026-11-23T14:05:00Z", "flow": "pkce"});
        assert_eq!(document(&outcome), expected);
        assert!(outcome.text().contains("14:05 UTC (60 min)"), "{}", outcome.text());
        let of_another_process = LoggedIn::one(signed_in(None, None));
        assert_eq!(document(&of_another_process)["flow"], Value::Null);
        assert!(of_another_process.text().contains("signed in to"), "{}", of_another_process.text());
    }

    #[test]
    fn several_are_told_one_by_one_and_a_missing_sign_in_decides_the_exit_code() {
        let failed = vec![
            ("b".to_owned(), Error::new(Kind::Failed, "no network")),
            ("c".to_owned(), Error::new(Kind::Credentials, "denied").hint("again")),
        ];
        let outcome = LoggedIn::several(vec![signed_in(Some("a"), Some("refresh"))], failed);
        let document = document(&outcome);
        assert_eq!(document["sessions"][0]["start_url"], "https://x/start");
        let error = json!({"kind": "credentials", "message": "denied", "hint": "again"});
        assert_eq!(document["sessions"][2], json!({"sso_session": "c", "error": error}));
        let failure = outcome.failure.unwrap();
        assert_eq!((failure.kind, failure.message.as_str()), (Kind::Credentials, "not signed in to b, c: no network"));
    }
}
