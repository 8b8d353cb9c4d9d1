//! IAM Identity Center: signing in, staying signed in, and what a sign-in gives access to.
//!
//! A sign-in ([`SsoSession`](super::profile::SsoSession)) comes in; tokens in the cache that AWS CLI v2 and botocore use,
//! accounts, roles and their credentials go out. One lock per sign-in makes "read, decide, refresh, write" one step for
//! all processes.

pub mod cache;
mod oidc;
pub mod portal;
pub mod sign_in;
pub mod token;
#[cfg(test)]
mod wire;

use super::access::Access;
use super::profile::{ProfileSet, SsoSession};

/// The profile whose endpoint settings count for a sign-in, which has none of its own ([`Access::profile`]); `None`
/// where no profile uses it.
fn settings_profile(set: &ProfileSet, session: &SsoSession, access: &Access<'_>) -> Option<String> {
    let names = |profile: &str| match &session.name {
        Some(name) => set.property(profile, "sso_session").is_some_and(|named| set.real_name(named) == name),
        None => set.property(profile, "sso_start_url") == Some(&session.start_url),
    };
    access.profile.clone().or_else(|| set.names().into_iter().find(|profile| names(profile)).map(str::to_owned))
}
