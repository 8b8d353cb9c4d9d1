//! Credentials of a profile: where its chain starts, and the roles assumed from there.
//!
//! A profile comes in, short-lived (or static) credentials go out, or the reason why there are none: above all whether a
//! sign-in or an MFA code would mend it. Roles and sign-ins to IAM Identity Center are ours, since the AWS SDK leaves out
//! MFA codes and durations and writes the token cache without a lock; every other start is the SDK's.

mod cli_cache;
mod failure;
mod process;
mod role;
mod source;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use aws_types::region::Region;

pub use aws_credential_types::Credentials;
pub use failure::CredentialsFailure;

use super::access::Access;
use super::profile::{Profile, ProfileSet};
use cli_cache::CliCache;
use role::RoleRequest;

/// Where no region is set anywhere: STS and SSO need one to find their endpoint.
const FALLBACK_REGION: &str = "us-east-1";

/// Cached credentials with less left are not used: the calls that follow take their time.
const LEAST: Duration = Duration::from_secs(60);

/// The region in which a profile's calls are made.
pub fn region_of(profile: &Profile, asked: Option<&str>) -> Region {
    Region::new(asked.or(profile.region()).unwrap_or(FALLBACK_REGION).to_owned())
}

/// Resolves a profile's credentials: its roles are assumed, its program is run, its sign-in is refreshed.
///
/// A role that asks for an MFA code goes through the cache of the AWS CLI, so that one code serves until the credentials
/// expire, for both; any credentials that still live will do here. A role without is assumed anew each time: that costs
/// one call, proves that it still can be, and leaves no secret behind.
///
/// # Errors
/// [`CredentialsFailure`]. No call takes longer than [`CALL_LIMIT`](super::http::CALL_LIMIT), a `credential_process` 60 s.
pub async fn resolve(
    set: &ProfileSet,
    profile: &Profile,
    access: &Access<'_>,
) -> Result<Credentials, CredentialsFailure> {
    resolve_lasting(set, profile, Duration::ZERO, access).await
}

/// The same for one who needs credentials that last: a cached role with less than `wanted` left (or less than half of
/// its own duration, where that is shorter) is assumed anew. Where nobody gives a code, or AWS cannot be reached, what
/// is left of it still serves.
///
/// # Errors
/// As [`resolve`].
pub async fn resolve_lasting(
    set: &ProfileSet,
    profile: &Profile,
    wanted: Duration,
    access: &Access<'_>,
) -> Result<Credentials, CredentialsFailure> {
    let roles = profile.chain.roles.iter().map(RoleRequest::of).collect::<Result<Vec<_>, _>>()?;
    let cache = access.caches.as_ref().map(|caches| CliCache::new(&caches.cli, access.person));
    let chain = ChainOfRoles { set, profile, roles, wanted, cache, access };
    let held = chain.held();
    let from = chain.last_lasting(&held);
    let failure = match chain.follow(&held, from).await {
        Err(failure @ (CredentialsFailure::NeedsMfa { .. } | CredentialsFailure::Network { .. })) => failure,
        result => return result,
    };
    match held.iter().rposition(Option::is_some) {
        left if left > from => chain.follow(&held, left).await,
        _ => Err(failure),
    }
}

/// A profile's roles, in the order in which they are assumed, and what it takes to assume them.
struct ChainOfRoles<'a> {
    set: &'a ProfileSet,
    profile: &'a Profile,
    roles: Vec<RoleRequest<'a>>,
    wanted: Duration,
    cache: Option<CliCache<'a>>,
    access: &'a Access<'a>,
}

impl ChainOfRoles<'_> {
    /// For each role, what the cache has of it and is still alive.
    fn held(&self) -> Vec<Option<Credentials>> {
        let held = |role: &RoleRequest<'_>| {
            role.mfa_serial()?;
            self.cache.as_ref()?.held(role).filter(|held| self.lasts(held, LEAST))
        };
        self.roles.iter().map(held).collect()
    }

    /// The last role of which enough is held: nothing before it has to be asked for.
    fn last_lasting(&self, held: &[Option<Credentials>]) -> Option<usize> {
        let mut roles = self.roles.iter().zip(held);
        roles.rposition(|(role, held)| held.as_ref().is_some_and(|held| self.is_enough(role, held)))
    }

    fn is_enough(&self, role: &RoleRequest<'_>, held: &Credentials) -> bool {
        // A role of 15 minutes would else ask for a code each time.
        self.lasts(held, self.wanted.min(role.duration() / 2).max(LEAST))
    }

    fn lasts(&self, credentials: &Credentials, wanted: Duration) -> bool {
        lasts(credentials, self.access.clock.now() + wanted)
    }

    /// Assumes what comes behind the role that is held, or all of them from the source on. Boxed, since the SDK's calls
    /// nest so deeply that the compiler gives up on what nests around them.
    fn follow<'a>(
        &'a self,
        held: &'a [Option<Credentials>],
        from: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<Credentials, CredentialsFailure>> + 'a>> {
        Box::pin(self.assume_from(held, from))
    }

    async fn assume_from(
        &self,
        held: &[Option<Credentials>],
        from: Option<usize>,
    ) -> Result<Credentials, CredentialsFailure> {
        let mut credentials = match from.and_then(|index| held.get(index)?.clone()) {
            Some(held) => held,
            None => source::credentials(self.set, self.profile, self.access).await?,
        };
        for role in &self.roles[from.map_or(0, |index| index + 1)..] {
            credentials = match (role.mfa_serial(), &self.cache) {
                (Some(serial), Some(cache)) => self.assume_once(role, serial, cache, &credentials).await?,
                _ => role.assume(self.set, self.profile, &credentials, self.access).await?.credentials,
            };
        }
        Ok(credentials)
    }

    /// Assumes a role that asks for a code, one process at a time: the others use what its code gave. Where there can be
    /// no lock, each asks for a code of its own.
    async fn assume_once(
        &self,
        role: &RoleRequest<'_>,
        serial: &str,
        cache: &CliCache<'_>,
        source: &Credentials,
    ) -> Result<Credentials, CredentialsFailure> {
        let lock = cache.lock(role).await;
        if matches!(lock, Ok(None)) {
            let profile = role.role.profile.clone();
            return Err(CredentialsFailure::NeedsMfa { profile, serial: serial.to_owned() });
        }
        let made = cache.made_meanwhile(role).filter(|made| self.is_enough(role, made));
        let result = match made {
            Some(made) => Ok(made),
            None => role.assume(self.set, self.profile, source, self.access).await.map(|assumed| {
                cache.keep(role, &assumed);
                assumed.credentials
            }),
        };
        // Where no code came, nothing of the question stays.
        if let Ok(Some(lock)) = lock {
            lock.discard();
        }
        result
    }
}

/// True for credentials that outlive this time; static keys outlive any.
fn lasts(credentials: &Credentials, until: SystemTime) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > until)
}
