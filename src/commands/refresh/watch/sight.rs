//! What a watcher sees when it looks: the projects, their sessions and their sign-ins, as the disk has them now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::aws::profile::{ProfileSet, Source, SsoSession};
use crate::aws::sso::cache::{Cache, Token};
use crate::commands::{App, profile, session};
use crate::delivery::record::fingerprint;
use crate::delivery::session::{config_text, rfc3339};
use crate::host::AwsFiles;
use crate::report::Error;
use crate::report::outcome::{Renewal, Session, SignIn};

use super::super::targets::{Target, Whom, target};
use super::agenda::{Expiry, Subject};
use super::voice::Voice;

/// What is there now.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// The projects whose profile can be used.
    pub(super) targets: Vec<Target>,
    /// Those whose profile cannot, each with its error.
    pub(super) unusable: Vec<Session>,
    /// The token of each sign-in; `None` where there is none.
    pub(super) tokens: BTreeMap<SsoSession, Option<Token>>,
}

/// The state of files that decide what there is to do, to see cheaply that one changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps(Vec<Option<(SystemTime, u64)>>);

impl Stamps {
    /// The shared files, and the folder of what is remembered.
    pub(super) fn of(files: &AwsFiles, projects: &Path) -> Self {
        let paths = [files.config.as_path(), files.credentials.as_path(), projects];
        Self(paths.iter().map(|path| stamp(path)).collect())
    }
}

/// Modification time and length of a file; `None` where there is none.
fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl Sight {
    /// Looks at everything.
    ///
    /// # Errors
    /// Where the account has no home folder, or a record cannot be read.
    pub(super) fn of(app: &App, whom: &Whom, set: &ProfileSet, voice: &Voice<'_>) -> Result<Self, Error> {
        let found = whom.find(app)?;
        for (id, message) in found.left_out {
            voice.warning(id, message);
        }
        let mut sight = Self::default();
        for remembered in found.projects {
            match target(set, remembered) {
                Ok(target) => sight.targets.push(target),
                Err(session) => sight.unusable.push(*session),
            }
        }
        for target in &sight.targets {
            if let Some(session) = target.sign_in()
                && !sight.tokens.contains_key(session)
            {
                sight.tokens.insert(session.clone(), token(app, session));
            }
        }
        Ok(sight)
    }

    /// Everything that runs out and can be renewed, and when it does.
    pub(super) fn subjects(&self) -> Vec<(Subject, Expiry)> {
        let sign_ins = self.tokens.iter().filter_map(|(session, token)| {
            let token = token.as_ref().filter(|token| is_renewable(token))?;
            Some((Subject::SignIn(session.clone()), Expiry::At(token.expires_at)))
        });
        let sessions = self.targets.iter().filter(|target| target.has_session()).map(|target| {
            let expiry = match session::present(&target.remembered) {
                None => Expiry::Missing,
                Some(credentials) => credentials.expiry().map_or(Expiry::Never, Expiry::At),
            };
            (subject(target), expiry)
        });
        sign_ins.chain(sessions).collect()
    }

    /// For each session what it is made from, so that a change of the shared files is noticed.
    pub(super) fn makings(&self) -> BTreeMap<PathBuf, String> {
        let with_session = self.targets.iter().filter(|target| target.has_session());
        with_session
            .map(|target| {
                let config = config_text(&target.profile, target.record.region.as_deref());
                let making = format!("{}\n{config}", fingerprint(&target.profile.chain));
                (target.remembered.root().to_owned(), making)
            })
            .collect()
    }

    /// The projects that hang on a sign-in.
    pub(super) fn projects_of<'a>(&'a self, session: &'a SsoSession) -> impl Iterator<Item = &'a Target> {
        self.targets.iter().filter(move |target| target.sign_in() == Some(session))
    }

    /// The sign-in as a report tells it.
    pub(super) fn sign_in(&self, app: &App, session: &SsoSession) -> Option<SignIn> {
        let token = self.tokens.get(session)?.as_ref()?;
        Some(SignIn {
            sso_session: session.label().to_owned(),
            expires_at: rfc3339(token.expires_at),
            renewed: false,
            renewable: is_renewable(token),
            minutes_left: app.minutes_until(token.expires_at),
        })
    }
}

/// The session of a project as the agenda knows it.
pub(super) fn subject(target: &Target) -> Subject {
    Subject::Session(target.remembered.root().to_owned())
}

/// Whether a token can be refreshed without a browser.
pub(super) fn is_renewable(token: &Token) -> bool {
    token.refresh_token.is_some() && token.registration.is_some()
}

/// Whether only a person can bring a sign-in back: its token is missing, or has run out for good.
pub(super) fn is_dead(token: Option<&Token>, now: SystemTime) -> bool {
    token.is_none_or(|token| token.expires_at <= now && !is_renewable(token))
}

/// Whether keys stand in the files themselves: then a change of the files is a change of the keys.
pub(super) fn has_static_keys(target: &Target) -> bool {
    target.profile.chain.source == Source::StaticKeys
}

/// The token in the cache. One that cannot be read, as while the AWS CLI writes it, counts as none: the next renewal
/// says why.
fn token(app: &App, session: &SsoSession) -> Option<Token> {
    let caches = profile::caches(app)?;
    Cache::new(&caches.sso).token(session, &|_| {}).ok().flatten()
}

/// What a project's session says of itself when nobody watches any more.
pub(super) fn standing(app: &App, sight: &Sight, target: &Target) -> Session {
    let expires_at = target.has_session().then(|| session::present(&target.remembered)?.expiry()).flatten();
    Session {
        expires_at: expires_at.map(rfc3339),
        minutes_left: expires_at.map(|expiry| app.minutes_until(expiry)),
        sign_in: target.sign_in().and_then(|session| sight.sign_in(app, session)),
        renewal: match target.outcome().renewal {
            Renewal::Planned => Renewal::Done,
            other => other,
        },
        ..target.outcome()
    }
}
