//! How the stand-in for AWS behaves when nothing fails: lifetimes, whether refresh tokens rotate, what the person in the
//! browser does, how long answers take. As JSON the same names, with lifetimes in seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::times;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Of an access token that was asked for with scopes, and that comes with a refresh token.
    #[serde(with = "times")]
    pub(crate) token_lifetime: Duration,
    /// Of an access token without scopes, which cannot be refreshed.
    #[serde(with = "times")]
    pub(crate) legacy_token_lifetime: Duration,
    /// Of role credentials, of the portal and of STS where it is not asked for another.
    #[serde(with = "times")]
    pub(crate) credentials_lifetime: Duration,
    /// Of a client registration.
    #[serde(with = "times")]
    pub(crate) client_lifetime: Duration,
    /// Of an authorization code.
    #[serde(with = "times")]
    pub(crate) code_lifetime: Duration,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) consent: Consent,
    pub(crate) device: DeviceFlow,
    /// The start URLs that exist; any that is https, where none is named.
    pub(crate) start_urls: Vec<String>,
    /// Who signs in: the session name in the ARNs of role credentials.
    pub(crate) user: String,
    /// Accounts or roles on a page where the client names no number.
    pub(crate) page_size: usize,
    /// Where secrets and parameters are that no region is named for.
    pub(crate) region: String,
    /// How long answers take, by action (`CreateToken refresh_token`, `GetRoleCredentials`) or `*` for all others.
    pub(crate) latency: BTreeMap<String, Latency>,
    /// Where the random latencies begin: the same seed gives the same ones.
    pub(crate) seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_lifetime: Duration::from_hours(1),
            legacy_token_lifetime: Duration::from_hours(8),
            credentials_lifetime: Duration::from_hours(1),
            client_lifetime: Duration::from_hours(90 * 24),
            code_lifetime: Duration::from_mins(10),
            refresh_tokens: RefreshTokens::Rotate,
            consent: Consent::Given,
            device: DeviceFlow::default(),
            start_urls: Vec::new(),
            user: "ana".to_owned(),
            page_size: 100,
            region: "us-east-1".to_owned(),
            latency: BTreeMap::new(),
            seed: 1,
        }
    }
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RefreshTokens {
    /// It is void, and the answer has a new one.
    Rotate,
    /// It stays good, and the answer has it again.
    Stay,
    /// It stays good, and the answer has none.
    StayUnsaid,
}

/// What the person does on the page that the browser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Consent {
    Given,
    Denied,
    /// Given, but the redirect carries a state that the client never sent, as in a forged one.
    GivenWithForeignState,
    /// The page is left open, and nothing comes of it.
    Withheld,
}

/// How the device authorization goes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeviceFlow {
    /// What the client is told to wait between two polls, in seconds; none leaves the member out.
    pub(crate) interval: Option<u64>,
    #[serde(with = "times")]
    pub(crate) expires_in: Duration,
    /// Approves by itself after so many `AuthorizationPendingException`; none waits for the browser.
    pub(crate) approved_after: Option<usize>,
    /// How many of each device code's first polls are answered by `SlowDownException`.
    pub(crate) slow_downs: usize,
}

impl Default for DeviceFlow {
    fn default() -> Self {
        Self { interval: Some(1), expires_in: Duration::from_mins(10), approved_after: None, slow_downs: 0 }
    }
}

/// How long an answer takes, in milliseconds: evenly spread between the two.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) least: u64,
    pub(crate) most: u64,
}

impl Latency {
    /// Always the same.
    pub(crate) fn of(milliseconds: u64) -> Self {
        Self { least: milliseconds, most: milliseconds }
    }

    pub(super) fn draw(self, random: &mut Random) -> Duration {
        let spread = self.most.saturating_sub(self.least) + 1;
        Duration::from_millis(self.least + random.next() % spread)
    }
}

/// Numbers that look random and are the same for the same seed (splitmix64).
#[derive(Debug, Default)]
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
