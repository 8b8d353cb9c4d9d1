//! Signing in, in the browser: with PKCE and a loopback listener, or with a device code.
//!
//! A sign-in's settings come in; a token that counts goes out, and is in the cache. The sign-in's lock is held from the
//! first look at the cache to the last write.

mod code;
mod device;
mod failure;
mod loopback;
mod page;
mod pkce;
mod redirect;
mod request;
mod start_url;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::aws::access::{Access, Notice};
use crate::aws::lock::PERSON_LIMIT;
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::aws::secret::AccessToken;

use super::cache::{Cache, CacheError, Registration, RegistrationKind, Token};
use super::oidc::{Client, Purpose};

pub use failure::SignInFailure;
use failure::Stopped;
use start_url::{Resolved, Unusable};

/// The longest that a person has to sign in.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// How a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The browser comes back to a listener on 127.0.0.1.
    Pkce,
    /// The person compares a code; the browser may be on another machine.
    Device,
}

/// Whether a sign-in that is alive already, or that another process made while this one waited, will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept<'a> {
    /// It will.
    Live,
    /// It will where it is not this one, which looks alive and is refused.
    InsteadOf(&'a AccessToken),
    /// Only one made after this call began (by this process or by another).
    New,
}

/// A sign-in that counts now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Its token.
    pub token: Token,
    /// How this process got it; `None` where another one did.
    pub flow: Option<Flow>,
    /// The region of IAM Identity Center, where a company's own start URL led to another than the configured one:
    /// `sso_region` has to become this, as AWS CLI v2 has it (awscli: `customizations/sso/login.py`).
    pub moved_to: Option<String>,
}

/// Signs in under the sign-in's lock: however many processes need it, one browser opens and the others use its token.
/// A no that is said there is said to all who waited for it.
/// A legacy sign-in (one without an sso-session) is always made with the device code, as with AWS CLI v2.
///
/// # Errors
/// [`SignInFailure`].
pub async fn sign_in(
    set: &ProfileSet,
    session: &SsoSession,
    flow: Flow,
    accept: Accept<'_>,
    access: &Access<'_>,
) -> Result<SignedIn, SignInFailure> {
    let Some(caches) = &access.caches else {
        return Err(SignInFailure::Host { reason: "there is no home folder to keep a sign-in in".to_owned() });
    };
    let cache = Cache::new(&caches.sso);
    let tell = |notice: Notice<'_>| access.person.tell(notice);
    let before = cache.token(session, &|_| {})?;
    let (began, mut has_waited) = (access.clock.now(), false);
    let mut waiting = || {
        has_waited = true;
        tell(Notice::Waiting(session));
    };
    let lock = cache.lock(session, PERSON_LIMIT, &mut waiting).await?;
    let is_accepted = |token: &Token| match accept {
        Accept::Live => true,
        Accept::InsteadOf(refused) => token.access_token != *refused,
        Accept::New => before.as_ref() != Some(token),
    };
    let is_alive = |token: &Token| token.expires_at > access.clock.now();
    if let Some(token) = cache.token(session, &tell)?.filter(|token| is_alive(token) && is_accepted(token)) {
        return Ok(SignedIn { token, flow: None, moved_to: None });
    }
    if has_waited && lock.was_refused_since(began) {
        let reason = "in another process, which this one waited for".to_owned();
        return Err(SignInFailure::Refused { reason });
    }
    cache.require_writable(session)?;
    let flow = if session.name.is_some() { flow } else { Flow::Device };
    let Resolved { url, region } = resolve(session, access).await?;
    let moved_to = (region != session.region).then(|| region.clone());
    let session = SsoSession { region, ..session.clone() };
    let client = Client::new(set, &session, access).await;
    let attempt = Attempt { cache: &cache, session: &session, start_url: &url, flow, client, access };
    let token = attempt.token().await.inspect_err(|failure| {
        if matches!(failure, SignInFailure::Refused { .. }) {
            lock.set_refused(access.clock.now());
        }
    })?;
    cache.keep_token(&session, &token)?;
    attempt.keep_client(&token);
    Ok(SignedIn { token, flow: Some(flow), moved_to })
}

async fn resolve(session: &SsoSession, access: &Access<'_>) -> Result<Resolved, SignInFailure> {
    let resolved = start_url::resolve(&session.start_url, &session.region, &access.http).await;
    resolved.map_err(|unusable| match unusable {
        Unusable::Reason(reason) => SignInFailure::StartUrl { url: session.start_url.clone(), reason },
        Unusable::Network(reason) => SignInFailure::Network { reason },
    })
}

/// One sign-in, with everything it takes.
struct Attempt<'a> {
    cache: &'a Cache,
    session: &'a SsoSession,
    start_url: &'a str,
    flow: Flow,
    client: Client,
    access: &'a Access<'a>,
}

impl Attempt<'_> {
    /// With the client that is registered already; with a new one where the service does not know that any more. With
    /// PKCE the browser alone shows that, and never comes back: so a client stays in the cache only where a sign-in with
    /// it has succeeded, and one that was broken off is followed by one with a new client.
    async fn token(&self) -> Result<Token, SignInFailure> {
        let explained = |stopped: Stopped| stopped.explained(self.session);
        let tell = |notice: Notice<'_>| self.access.person.tell(notice);
        let now = self.access.clock.now();
        if let Some(known) = self.cache.take_registration(self.session, self.kind(), now, &tell) {
            match self.token_for(&known).await {
                Err(stopped) if stopped.concerns_the_client() => {}
                ended => return ended.map_err(explained),
            }
        }
        let registration = self.client.register(self.purpose()).await.map_err(|failure| explained(failure.into()))?;
        self.token_for(&registration).await.map_err(explained)
    }

    /// Keeps the client that a token was got with, for the next sign-in.
    fn keep_client(&self, token: &Token) {
        let Some(registration) = &token.registration else { return };
        let kept = self.cache.keep_registration(self.session, self.kind(), registration);
        if let Err(CacheError::NotWritten { path, reason }) = kept {
            self.access.person.tell(Notice::NotKept { path: &path, reason: &reason });
        }
    }

    async fn token_for(&self, registration: &Registration) -> Result<Token, Stopped> {
        match self.flow {
            Flow::Pkce => code::token(&self.client, self.session, registration, self.access).await,
            Flow::Device => device::token(&self.client, self.session, self.start_url, registration, self.access).await,
        }
    }

    fn kind(&self) -> RegistrationKind {
        match self.flow {
            Flow::Pkce => RegistrationKind::Pkce,
            Flow::Device => RegistrationKind::Device,
        }
    }

    fn purpose(&self) -> Purpose<'_> {
        match self.flow {
            Flow::Pkce => Purpose::AuthorizationCode { issuer: self.start_url },
            Flow::Device => Purpose::DeviceCode,
        }
    }
}
