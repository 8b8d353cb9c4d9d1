//! Waiting for a service that asks to slow down.
//!
//! A call comes in, what came of it goes out. Nothing but throttling is waited for.

use std::future::Future;
use std::time::Duration;

use super::StoreFailure;

/// How often, and for how long, a throttled call is made again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// The first pause; each one after it is twice as long.
    pub(super) first: Duration,
    /// The longest pause.
    pub(super) longest: Duration,
    /// So many calls are made at most, each of them three times by the SDK.
    pub(super) calls: u32,
}

impl Default for Patience {
    /// About 40 s of pauses. Parameter Store takes 40 reads and 3 writes a second, and far less of what lists; a minute
    /// is enough for others in the same account to have had their turn.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(8), calls: 10 }
    }
}

/// Makes a call until it is not throttled, or patience has run out.
///
/// # Errors
/// Those of the call; [`StoreFailure::Throttled`] where the last one was throttled, too.
pub(super) async fn patiently<T, F>(patience: Patience, mut call: impl FnMut() -> F) -> Result<T, StoreFailure>
where
    F: Future<Output = Result<T, StoreFailure>>,
{
    let mut pause = patience.first;
    for _ in 1..patience.calls {
        match call().await {
            Err(StoreFailure::Throttled(_)) => tokio::time::sleep(jittered(pause)).await,
            result => return result,
        }
        pause = (pause * 2).min(patience.longest);
    }
    call().await
}

/// Between half of it and all of it: calls that were throttled together shall not come together again.
fn jittered(pause: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    pause.mul_f64(0.5 + 0.5 * f64::from(random) / f64::from(u32::MAX))
}
