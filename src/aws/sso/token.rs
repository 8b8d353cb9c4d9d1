//! A live token for a sign-in: from the cache, or refreshed under the sign-in's lock, once for all processes.
//!
//! A sign-in and the moment from which its token is due come in. Out goes the token that the cache has, or a new one
//! that the cache has from then on, or the reason why somebody has to sign in.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use crate::aws::access::{Access, Notice, Person};
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::host::Clock;

use super::cache::{Cache, CacheError, Found, Lock, Token};
use super::oidc::{self, OidcFailure};

/// A token with less left is refreshed. The AWS CLI and botocore refresh below 15 minutes: we are always first.
pub const ENOUGH: Duration = Duration::from_secs(20 * 60);

/// When a token is refreshed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renew {
    /// When less than [`ENOUGH`] is left.
    WhenDue,
    /// When less than this is left, for one who plans ahead.
    Below(Duration),
    /// When it is still this one: the portal refused it.
    Refused(Box<Token>),
}

/// A token that counts now.
#[derive(Debug, Clone)]
pub struct Live {
    /// The token.
    pub token: Token,
    /// This call refreshed it.
    pub renewed: bool,
}

/// Why there is no live token.
#[derive(Debug, thiserror::Error)]
pub enum TokenFailure {
    /// Somebody has to sign in.
    #[error("{reason}")]
    SignIn {
        /// Why.
        reason: String,
    },
    /// The service could not be reached, or is in trouble itself.
    #[error("IAM Identity Center does not answer as it should: {reason}")]
    Network {
        /// What the connection said.
        reason: String,
    },
    /// The cache could not be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// How long another process may take for a refresh; ours ends within 10 s ([`http`](crate::aws::http)).
const LOCK_LIMIT: Duration = Duration::from_secs(30);

/// How long a file may look corrupt because the AWS CLI is just writing it, and how long a token takes to come that
/// another tool, which knows no lock, got for the refresh token before us.
const MOMENT: Duration = Duration::from_millis(100);

/// How many of these moments are waited for.
const MOMENTS: u32 = 5;

/// The sign-in's token; refreshed where it is due and can be. A token that is due, cannot be refreshed or kept, but has
/// not expired is given out as it is; so is one whose refresh failed.
///
/// A refresh under way must not be broken off by dropping this future: the refresh token may be used up by then. (A
/// signal waits for its end.)
///
/// # Errors
/// [`TokenFailure`].
pub async fn live(
    set: &ProfileSet,
    session: &SsoSession,
    renew: &Renew,
    access: &Access<'_>,
) -> Result<Live, TokenFailure> {
    let Some(caches) = &access.caches else {
        return Err(sign_in("without a home folder there is no sign-in to use"));
    };
    let cache = &Cache::new(&caches.sso);
    let due = Due { cache, session, renew, clock: &access.clock, person: access.person, patience: LOCK_LIMIT };
    due.live(async |token| oidc::refresh(set, session, token, access).await).await
}

/// A sign-in whose token is wanted.
struct Due<'a> {
    cache: &'a Cache,
    session: &'a SsoSession,
    renew: &'a Renew,
    clock: &'a Clock,
    person: &'a dyn Person,
    /// How long another process is waited for.
    patience: Duration,
}

/// What is to be done about a token.
enum Verdict {
    Serves(Token),
    Refresh(Token),
    SignIn(&'static str),
}

impl Due<'_> {
    async fn live(
        &self,
        refresh: impl AsyncFnOnce(&Token) -> Result<Token, OidcFailure>,
    ) -> Result<Live, TokenFailure> {
        let seen = match self.judge(self.settled_token().await?) {
            Verdict::Serves(token) => return Ok(unchanged(token)),
            // Nothing to refresh: whoever signs in takes the lock.
            Verdict::SignIn(reason) => return Err(sign_in(reason)),
            Verdict::Refresh(token) => token,
        };
        let mut waiting = || self.person.tell(Notice::Waiting(self.session));
        let lock = match self.cache.lock(self.session, self.patience, &mut waiting).await {
            Ok(lock) => lock,
            Err(error) => return self.still_live(seen).ok_or_else(|| locked_out(error)),
        };
        let found = self.settled_token().await?;
        // Another process was first. Its token serves even if it is due again already, as a very short one is.
        if let Some(token) = &found
            && *token != seen
            && self.counts(token)
        {
            return Ok(unchanged(token.clone()));
        }
        match self.judge(found) {
            Verdict::Serves(token) => Ok(unchanged(token)),
            Verdict::SignIn(reason) => Err(sign_in(reason)),
            Verdict::Refresh(token) => self.refreshed(token, &lock, refresh).await,
        }
    }

    /// Refreshes under the lock.
    async fn refreshed(
        &self,
        old: Token,
        lock: &Lock,
        refresh: impl AsyncFnOnce(&Token) -> Result<Token, OidcFailure>,
    ) -> Result<Live, TokenFailure> {
        if old.refresh_token.as_ref().is_some_and(|token| lock.knows_as_ended(token)) {
            return self
                .still_live(old)
                .ok_or_else(|| sign_in("IAM Identity Center does not refresh its token any more"));
        }
        // First of all: a refresh token that is used up and whose successor cannot be kept is lost.
        let place = match self.cache.reserve(self.session) {
            Ok(place) => place,
            Err(error) => return self.still_live(old).ok_or_else(|| error.into()),
        };
        match refresh(&old).await {
            Ok(new) => {
                let new = Token {
                    // The service need not send what stays as it is (RFC 6749, section 6).
                    refresh_token: new.refresh_token.or(old.refresh_token),
                    registration: new.registration.or(old.registration),
                    ..new
                };
                place.keep(self.session, &new)?;
                Ok(Live { token: new, renewed: true })
            }
            Err(OidcFailure::Network { reason }) => self.still_live(old).ok_or(TokenFailure::Network { reason }),
            Err(OidcFailure::Refused { reason }) => {
                drop(place);
                self.refused(old, reason).await
            }
            Err(OidcFailure::Ended { reason }) => {
                drop(place);
                if let Some(token) = &old.refresh_token {
                    lock.set_ended(token);
                }
                self.refused(old, reason).await
            }
        }
    }

    async fn refused(&self, old: Token, reason: String) -> Result<Live, TokenFailure> {
        match self.token_of_another_tool(&old).await? {
            Some(token) => Ok(unchanged(token)),
            None => self.still_live(old).ok_or(TokenFailure::SignIn { reason }),
        }
    }

    /// The AWS CLI and botocore know no lock: they may have used the refresh token up an instant before us.
    async fn token_of_another_tool(&self, old: &Token) -> Result<Option<Token>, CacheError> {
        for _ in 0..MOMENTS {
            if let Found::Whole(token) = self.cache.found_token(self.session)?
                && token != *old
                && self.counts(&token)
            {
                return Ok(Some(token));
            }
            if self.counts(old) {
                return Ok(None);
            }
            tokio::time::sleep(MOMENT).await;
        }
        Ok(None)
    }

    /// The cache's token. A corrupt one is told of when it has stayed so: the AWS CLI empties the file and then writes.
    async fn settled_token(&self) -> Result<Option<Token>, CacheError> {
        for _ in 0..MOMENTS {
            match self.cache.found_token(self.session)? {
                Found::Nothing => return Ok(None),
                Found::Whole(token) => return Ok(Some(token)),
                Found::Corrupt(_) => tokio::time::sleep(MOMENT).await,
            }
        }
        self.cache.token(self.session, &|notice| self.person.tell(notice))
    }

    fn judge(&self, token: Option<Token>) -> Verdict {
        let Some(token) = token else { return Verdict::SignIn("nobody has signed in yet") };
        if !self.is_due(&token) {
            return Verdict::Serves(token);
        }
        if self.can_be_refreshed(&token) {
            return Verdict::Refresh(token);
        }
        if self.counts(&token) {
            return Verdict::Serves(token);
        }
        Verdict::SignIn(if self.is_refused(&token) {
            "IAM Identity Center does not accept its token any more"
        } else if token.refresh_token.is_some() {
            "its token has expired, and so has the client that could refresh it"
        } else {
            "its token has expired and cannot be refreshed"
        })
    }

    fn is_due(&self, token: &Token) -> bool {
        let enough = match self.renew {
            Renew::WhenDue | Renew::Refused(_) => ENOUGH,
            Renew::Below(left) => *left,
        };
        self.is_refused(token) || left(token.expires_at, self.clock) < enough
    }

    fn can_be_refreshed(&self, token: &Token) -> bool {
        token.refresh_token.is_some()
            && token.registration.as_ref().is_some_and(|client| !left(client.expires_at, self.clock).is_zero())
    }

    fn is_refused(&self, token: &Token) -> bool {
        matches!(self.renew, Renew::Refused(refused) if refused.access_token == token.access_token)
    }

    /// Whether the service accepts it, as far as can be known here.
    fn counts(&self, token: &Token) -> bool {
        !self.is_refused(token) && !left(token.expires_at, self.clock).is_zero()
    }

    fn still_live(&self, token: Token) -> Option<Live> {
        self.counts(&token).then(|| unchanged(token))
    }
}

fn unchanged(token: Token) -> Live {
    Live { token, renewed: false }
}

/// Who has the lock for so long waits for a person: another sign-in joins that one, or says that it is needed.
fn locked_out(error: CacheError) -> TokenFailure {
    match error {
        CacheError::Locked { .. } => TokenFailure::SignIn { reason: error.to_string() },
        other => other.into(),
    }
}

fn sign_in(reason: &str) -> TokenFailure {
    TokenFailure::SignIn { reason: reason.to_owned() }
}

/// What is left until then; zero where it has passed.
fn left(until: SystemTime, clock: &Clock) -> Duration {
    until.duration_since(clock.now()).unwrap_or_default()
}
