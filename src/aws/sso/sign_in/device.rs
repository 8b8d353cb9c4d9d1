//! The device code: the person signs in somewhere, maybe on another machine, while this one asks whether they have.
//!
//! A registered client comes in, a token goes out. The time between questions is the service's (RFC 8628 section 3.5).

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::aws::access::{Access, Link, Notice};
use crate::aws::profile::SsoSession;
use crate::aws::sso::cache::{Registration, Token};
use crate::aws::sso::oidc::{Client, Code, Failure, Grant};

use super::LIMIT;
use super::failure::{Stopped, timed_out};

/// What is added to the time between two questions when the service asks for it (RFC 8628 section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// So many questions in a row may get lost; each has been tried again by the SDK.
const MOST_LOST: u32 = 3;

/// Signs in.
///
/// # Errors
/// [`Stopped`].
pub(super) async fn token(
    client: &Client,
    session: &SsoSession,
    start_url: &str,
    registration: &Registration,
    access: &Access<'_>,
) -> Result<Token, Stopped> {
    let device = client.authorize_device(registration, start_url).await?;
    let link = Link { session, url: &device.link, user_code: Some(&device.user_code) };
    access.person.tell(Notice::SignIn(&link));
    let lifetime = device.lifetime.min(LIMIT);
    let ask = async || client.token(registration, Grant::DeviceCode(&device.code)).await;
    // What is counted below is the waiting alone; this ends it where the questions, too, take their time.
    match timeout(lifetime, poll(device.interval, lifetime, sleep, ask)).await {
        Ok(ended) => ended,
        Err(_) => Err(timed_out(lifetime)),
    }
}

/// Asks again and again, until there is a token or a reason why there will be none.
async fn poll(
    mut interval: Duration,
    lifetime: Duration,
    mut wait: impl AsyncFnMut(Duration),
    mut ask: impl AsyncFnMut() -> Result<Token, Failure>,
) -> Result<Token, Stopped> {
    let mut left = lifetime;
    let mut lost = 0;
    loop {
        wait(interval.min(left)).await;
        left = left.saturating_sub(interval);
        if left.is_zero() {
            return Err(timed_out(lifetime));
        }
        match ask().await {
            Ok(token) => return Ok(token),
            Err(Failure::Refused(Code::Pending)) => lost = 0,
            Err(Failure::Refused(Code::SlowDown)) => {
                lost = 0;
                interval += SLOW_DOWN;
            }
            Err(Failure::Network { reason }) => {
                lost += 1;
                if lost == MOST_LOST {
                    return Err(Failure::Network { reason }.into());
                }
            }
            Err(failure) => return Err(failure.into()),
        }
    }
}

#[cfg(test)]
mod tests;
