//! Waiting for a lock between processes, without holding anything else up.
//!
//! A path and a limit come in; the lock goes out, or that others have had it for too long.

use std::path::Path;
use std::time::Duration;

use crate::plan::{FileLock, PlanError};

/// The longest that another process is waited for while a person is asked: at a browser they have 10 minutes.
pub(super) const PERSON_LIMIT: Duration = Duration::from_secs(11 * 60);

/// How long one try for the lock waits for the next.
const POLL: Duration = Duration::from_millis(25);

/// A wait that is shorter than this is not worth a word: most refreshes are.
const UNTOLD: Duration = Duration::from_millis(250);

/// The lock, which one process has at a time, and within a process one caller; `None` where it was not free within
/// `limit`. `waiting` is called once where it is not free within a moment.
///
/// # Errors
/// As [`FileLock::attempt`].
pub(super) async fn acquire(
    path: &Path,
    limit: Duration,
    waiting: &mut dyn FnMut(),
) -> Result<Option<FileLock>, PlanError> {
    let (mut waited, mut told) = (Duration::ZERO, false);
    loop {
        match FileLock::attempt(path)? {
            Some(lock) => return Ok(Some(lock)),
            None if waited >= limit => return Ok(None),
            None if waited >= UNTOLD && !told => {
                told = true;
                waiting();
            }
            None => {}
        }
        tokio::time::sleep(POLL).await;
        waited += POLL;
    }
}
