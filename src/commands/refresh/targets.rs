//! The projects that are renewed, as they are set up at this moment.

use std::path::PathBuf;

use crate::aws::credentials::Credentials;
use crate::aws::profile::{Profile, ProfileSet, SsoSession};
use crate::commands::project::{Workspace, put_right, state};
use crate::commands::remembered::Remembered;
use crate::commands::{App, failures, session};
use crate::delivery::Delivery;
use crate::delivery::record::SetUp;
use crate::report::outcome::{Renewal, Session};
use crate::report::{Error, Kind};

/// Whose credentials are renewed.
#[derive(Debug, Clone)]
pub(in crate::commands) enum Whom {
    /// The project in this folder.
    Project(PathBuf),
    /// Every project that is set up on this machine.
    Everyone,
}

/// A project with its profile.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) remembered: Remembered,
    pub(super) record: SetUp,
    pub(super) profile: Profile,
}

/// What was found where projects are remembered.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The projects that are set up and there.
    pub(super) projects: Vec<Remembered>,
    /// What is in the way of others, each with the name of the warning.
    pub(super) left_out: Vec<(&'static str, String)>,
}

impl Whom {
    /// The project of the current folder.
    ///
    /// # Errors
    /// Where there is none, or it is not set up.
    pub(in crate::commands) fn current(app: &mut App) -> Result<Self, Error> {
        let workspace = Workspace::open(app)?;
        require_set_up(app, &workspace)?;
        Ok(Self::Project(workspace.root().to_owned()))
    }

    /// The projects, as they are set up now.
    ///
    /// # Errors
    /// Where the account has no home folder.
    pub(super) fn find(&self, app: &App) -> Result<Found, Error> {
        let mut found = Found::default();
        let state = state(app)?;
        match self {
            Self::Project(root) => {
                let remembered = Remembered::of(state, root.clone())?;
                found.projects.extend(Some(remembered).filter(|of| of.set_up().is_some()));
            }
            Self::Everyone => {
                for of in Remembered::all(&state) {
                    match of {
                        Ok(of) if !of.root().is_dir() => found.left_out.push(gone(&of)),
                        Ok(of) => found.projects.push(of),
                        Err(error) => {
                            found.left_out.push(("record", format!("a project was left out: {error}")));
                        }
                    }
                }
            }
        }
        for of in &mut found.projects {
            if of.store.is_interrupted() {
                put_right(app, &of.store, of.root())?;
                *of = of.clone().again()?;
            }
        }
        Ok(found)
    }
}

fn gone(of: &Remembered) -> (&'static str, String) {
    let root = of.root().display().to_string();
    let forget = format!("astro-aws undo --project {}", failures::word(&root));
    ("gone", format!("{root} is no longer there and was left out: if it is gone for good, forget it with `{forget}`"))
}

/// The record of a project that is set up.
///
/// # Errors
/// Where it is not, or where another profile is asked for.
pub(super) fn require_set_up(app: &App, workspace: &Workspace) -> Result<SetUp, Error> {
    let Some(record) = workspace.set_up().cloned() else {
        return Err(Error::new(Kind::Project, format!("{} is not set up", workspace.root().display()))
            .hint("set it up with `astro-aws init`"));
    };
    if app.global.profile.as_ref().is_some_and(|asked| *asked != record.profile) {
        return Err(Error::new(Kind::Usage, format!("this project is set up with profile `{}`", record.profile))
            .hint("change its profile with `astro-aws init --profile NAME`"));
    }
    Ok(record)
}

/// A project together with its profile as the files have it now.
///
/// # Errors
/// The project's session with the error, where the profile is missing or cannot be used.
pub(super) fn target(set: &ProfileSet, remembered: Remembered) -> Result<Target, Box<Session>> {
    let Some(record) = remembered.set_up().cloned() else {
        let error = Error::new(Kind::Project, format!("{} is not set up", remembered.root().display()));
        return Err(Box::new(failed(remembered.root().to_owned(), String::new(), Renewal::Done, error)));
    };
    match set.profile(&record.profile) {
        Ok(profile) => Ok(Target { remembered, record, profile }),
        Err(error) => {
            let (root, error) = (remembered.root().to_owned(), failures::profile(error));
            Err(Box::new(failed(root, record.profile, renewal(record.delivery), error)))
        }
    }
}

impl Target {
    /// The sign-in that its profile starts from.
    pub(super) fn sign_in(&self) -> Option<&SsoSession> {
        self.profile.chain.sso().map(|login| &login.session)
    }

    /// Whether credentials are written for its containers.
    pub(super) fn has_session(&self) -> bool {
        self.record.delivery == Some(Delivery::Session)
    }

    /// The session before anything was done.
    pub(super) fn outcome(&self) -> Session {
        Session {
            project: self.remembered.root().to_owned(),
            profile: self.profile.name.clone(),
            expires_at: None,
            renewed: false,
            sign_in: None,
            error: None,
            renewal: renewal(self.record.delivery),
            minutes_left: None,
        }
    }

    /// The session that could not be renewed.
    pub(super) fn failed(&self, error: Error) -> Session {
        Session { error: Some(error), ..self.outcome() }
    }
}

fn failed(project: PathBuf, profile: String, renewal: Renewal, error: Error) -> Session {
    Session {
        project,
        profile,
        expires_at: None,
        renewed: false,
        sign_in: None,
        error: Some(error),
        renewal,
        minutes_left: None,
    }
}

/// What writing these credentials to a project's session is: a role's MFA code serves until they end, so that they may be
/// those which the session has already.
pub(super) fn renewal_with(of: &Remembered, credentials: &Credentials) -> Renewal {
    let is_the_same = |held: Credentials| held.access_key_id() == credentials.access_key_id();
    match credentials.expiry() {
        Some(_) if session::present(of).is_some_and(is_the_same) => Renewal::Unchanged,
        _ => Renewal::Done,
    }
}

fn renewal(delivery: Option<Delivery>) -> Renewal {
    match delivery {
        Some(Delivery::Session) => Renewal::Planned,
        Some(Delivery::Mount) => Renewal::Mount,
        None => Renewal::Standalone,
    }
}
