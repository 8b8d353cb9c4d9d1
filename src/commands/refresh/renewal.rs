//! The credentials of many projects got side by side: each sign-in is renewed once, each role asked for once, and what
//! comes is written to every project that uses it.
//!
//! Projects and the shared files come in; a session for each project goes out, with an error where it failed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::aws::access::{Access, Person};
use crate::aws::credentials::{self, Credentials, CredentialsFailure, region_of};
use crate::aws::http;
use crate::aws::profile::{ProfileSet, Source, SsoSession};
use crate::aws::sso::token::{self, Live, Renew, TokenFailure};
use crate::commands::{App, failures, profile};
use crate::delivery::record::fingerprint;
use crate::delivery::session::rfc3339;
use crate::report::outcome::{Session, SignIn};
use crate::report::{Error, Kind};

use super::targets::{Target, renewal_with};
use super::write::write;

/// What was got for a one-time code serves as long as more than this is left of it: then a new code is worth asking for.
pub(super) const LASTING: Duration = Duration::from_secs(25 * 60);

/// So many requests are under way at once.
const CALLS: usize = 16;

/// So many projects are written at once. Each takes several syncs of the disk, which go well together.
const WRITES: usize = 16;

/// Why something was not renewed.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// What a person is told.
    pub(super) error: Error,
    /// Another try will do no good before somebody has signed in.
    pub(super) needs_sign_in: bool,
}

/// What came of one project.
#[derive(Debug)]
pub(super) struct Renewed {
    /// The session as it is now.
    pub(super) session: Session,
    /// The credentials' expiry; `None` where they have none, or where it failed.
    pub(super) expires_at: Option<SystemTime>,
    /// Why it was not renewed; the session tells it too.
    pub(super) failure: Option<Failure>,
}

/// The tokens of sign-ins.
pub(super) type SignIns = BTreeMap<SsoSession, Result<Live, Failure>>;

/// One round of renewals: connections and their limits, and who is told.
pub(super) struct Round<'a> {
    app: &'a App,
    set: &'a ProfileSet,
    person: &'a dyn Person,
    clients: RefCell<BTreeMap<Option<PathBuf>, SharedHttpClient>>,
    calls: Semaphore,
    writes: Semaphore,
    ended: &'a Cell<bool>,
}

/// What makes two requests for credentials the same request.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RequestKey {
    chain: String,
    region: String,
    ca_bundle: Option<PathBuf>,
    /// What of the profile's settings leads to other endpoints.
    endpoints: Vec<Option<String>>,
}

impl<'a> Round<'a> {
    /// A round that starts nothing new once `ended` is set.
    pub(super) fn new(app: &'a App, set: &'a ProfileSet, person: &'a dyn Person, ended: &'a Cell<bool>) -> Self {
        let (calls, writes) = (Semaphore::new(CALLS), Semaphore::new(WRITES));
        Self { app, set, person, clients: RefCell::default(), calls, writes, ended }
    }

    /// The token of each sign-in of these projects, renewed as `renew` says.
    pub(super) async fn sign_ins(&self, targets: &[Target], renew: impl Fn(&SsoSession) -> Renew) -> SignIns {
        let mut wanted: BTreeMap<&SsoSession, &Target> = BTreeMap::new();
        for target in targets {
            if let Some(session) = target.sign_in() {
                wanted.entry(session).or_insert(target);
            }
        }
        let asked = wanted.into_iter().map(|(session, target)| {
            let renew = renew(session);
            async move {
                let _permit = self.calls.acquire().await;
                let access = self.access(target);
                let live = token::live(self.set, session, &renew, &access).await;
                (session.clone(), live.map_err(|failure| token_failure(self.set, session, failure)))
            }
        });
        join_all(asked).await.into_iter().collect()
    }

    /// Renews the projects, whose sign-ins are given; in the order in which they came.
    pub(super) async fn renew(&self, targets: Vec<Target>, sign_ins: &SignIns) -> Vec<Renewed> {
        let mut groups: BTreeMap<RequestKey, Vec<(usize, Target)>> = BTreeMap::new();
        for (place, target) in targets.into_iter().enumerate() {
            groups.entry(self.key(&target)).or_default().push((place, target));
        }
        let groups = groups.into_values().map(|group| self.renew_alike(group, sign_ins));
        let mut renewed: Vec<_> = join_all(groups).await.into_iter().flatten().collect();
        renewed.sort_by_key(|(place, _)| *place);
        renewed.into_iter().map(|(_, renewed)| renewed).collect()
    }

    /// Renews projects that one request serves.
    async fn renew_alike(&self, group: Vec<(usize, Target)>, sign_ins: &SignIns) -> Vec<(usize, Renewed)> {
        let Some((_, lead)) = group.first() else { return Vec::new() };
        let live = lead.sign_in().and_then(|session| Some((session.clone(), sign_ins.get(session)?)));
        if let Some((_, Err(failure))) = &live {
            return group.into_iter().map(|(place, target)| (place, Renewed::failed(&target, failure))).collect();
        }
        let sign_in = live.and_then(|(session, live)| Some(sign_in_of(self.app, &session, live.as_ref().ok()?)));
        let permit = self.calls.acquire().await;
        if self.ended.get() {
            let error = Error::new(Kind::Interrupted, "interrupted before its turn");
            let failure = Failure { error, needs_sign_in: false };
            return group.into_iter().map(|(place, target)| (place, Renewed::failed(&target, &failure))).collect();
        }
        let access = self.access(lead);
        let credentials = credentials::resolve_lasting(self.set, &lead.profile, LASTING, &access).await;
        drop(permit);
        match credentials {
            Ok(credentials) => {
                let written = group.into_iter().map(|(place, target)| {
                    let (credentials, sign_in) = (credentials.clone(), sign_in.clone());
                    async move { (place, self.hand_over(target, credentials, sign_in).await) }
                });
                join_all(written).await
            }
            Err(failure) => {
                let failed = group.into_iter().map(|(place, target)| {
                    let failure = Failure {
                        error: failures::credentials(&target.profile, &failure),
                        needs_sign_in: matches!(failure, CredentialsFailure::SignIn { .. }),
                    };
                    (place, Renewed::failed(&target, &failure))
                });
                failed.collect()
            }
        }
    }

    /// Writes a project's session, where it has one, on a thread of its own.
    async fn hand_over(&self, target: Target, credentials: Credentials, sign_in: Option<SignIn>) -> Renewed {
        let expires_at = credentials.expiry();
        let session = Session {
            expires_at: expires_at.map(rfc3339),
            minutes_left: expires_at.map(|expiry| self.app.minutes_until(expiry)),
            sign_in,
            ..target.outcome()
        };
        if !target.has_session() {
            return Renewed { session, expires_at, failure: None };
        }
        let _permit = self.writes.acquire().await;
        let (remembered, profile) = (target.remembered.clone(), target.profile.clone());
        let renewal = renewal_with(&remembered, &credentials);
        let written = tokio::task::spawn_blocking(move || write(remembered, &profile, &credentials, || {})).await;
        let written = written.unwrap_or_else(|_| Err(Error::new(Kind::Failed, "the session could not be written")));
        match written {
            Ok(()) => {
                let session = Session { renewed: true, renewal, ..session };
                Renewed { session, expires_at, failure: None }
            }
            Err(error) => {
                if error.kind == Kind::Interrupted {
                    self.ended.set(true);
                }
                Renewed::failed(&target, &Failure { error, needs_sign_in: false })
            }
        }
    }

    fn access(&self, target: &Target) -> Access<'a> {
        let access = profile::access(self.app, Some(&target.profile));
        let ca_bundle = profile::ca_bundle(self.app, Some(&target.profile));
        let mut clients = self.clients.borrow_mut();
        let http = clients.entry(ca_bundle.clone()).or_insert_with(|| http::client(ca_bundle)).clone();
        // A region that was asked for once counts for every call about a project.
        let region = self.app.global.region.clone().or_else(|| target.record.region.clone()).or(access.region);
        Access {
            http,
            region,
            clock: access.clock,
            caches: access.caches,
            person: self.person,
            profile: access.profile,
        }
    }

    fn key(&self, target: &Target) -> RequestKey {
        let mut chain = target.profile.chain.clone();
        if matches!(chain.source, Source::Sso(_)) && chain.roles.is_empty() {
            // Two profiles for one role of IAM Identity Center get the same credentials.
            chain.source_profile.clear();
        }
        let region = self.app.global.region.as_deref().or(target.record.region.as_deref());
        let settings =
            ["endpoint_url", "ignore_configured_endpoint_urls", "use_fips_endpoint", "use_dualstack_endpoint"];
        let mut endpoints: Vec<_> = settings.iter().map(|key| target.profile.setting(key).map(str::to_owned)).collect();
        endpoints.push(target.profile.services.as_ref().map(|(name, _)| name.clone()));
        RequestKey {
            chain: fingerprint(&chain),
            region: region_of(&target.profile, region).to_string(),
            ca_bundle: profile::ca_bundle(self.app, Some(&target.profile)),
            endpoints,
        }
    }
}

impl Renewed {
    fn failed(target: &Target, failure: &Failure) -> Self {
        let session = target.failed(failure.error.clone());
        Self { session, expires_at: None, failure: Some(failure.clone()) }
    }
}

/// What a report says of a sign-in.
pub(super) fn sign_in_of(app: &App, session: &SsoSession, live: &Live) -> SignIn {
    SignIn {
        sso_session: session.label().to_owned(),
        expires_at: rfc3339(live.token.expires_at),
        renewed: live.renewed,
        renewable: live.token.refresh_token.is_some(),
        minutes_left: app.minutes_until(live.token.expires_at),
    }
}

fn token_failure(set: &ProfileSet, session: &SsoSession, failure: TokenFailure) -> Failure {
    let needs_sign_in = matches!(failure, TokenFailure::SignIn { .. });
    Failure { error: failures::token(set, session, &failure), needs_sign_in }
}
