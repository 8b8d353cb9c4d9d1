//! When to renew what runs out at a known time, and when to try again what failed. Pure arithmetic.
//!
//! The time that is left and a random share come in, the time to wait goes out. Renewals of many projects are spread over
//! five minutes, and every one comes before a container's botocore would renew by itself (below 15 minutes).

use std::time::{Duration, SystemTime};

/// With this left the time to renew begins.
const EARLIEST: Duration = Duration::from_secs(25 * 60);

/// Over this long renewals are spread, so that 20 minutes are left at the last.
const SPREAD: Duration = Duration::from_secs(5 * 60);

/// Below this botocore renews by itself (botocore: tokens.py, credentials.py): it must never come to that.
const BOTOCORE: Duration = Duration::from_secs(15 * 60);

/// Nothing is done more often than this.
pub(super) const SHORTEST: Duration = Duration::from_secs(1);

/// The first wait after a failure, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(5 * 60));

/// The longest that nobody looks at the clock: a laptop that slept is noticed after this.
pub(super) const SLICE: Duration = Duration::from_secs(10);

/// A difference between two clocks above this is a jump: the machine slept, or somebody set the time.
const JUMP: Duration = Duration::from_secs(5);

/// A random share of a whole: 0 to just below 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Share(f64);

impl Share {
    /// One of four billion, from random bits.
    pub(super) fn of_bits(bits: u32) -> Self {
        Self(f64::from(bits) / (f64::from(u32::MAX) + 1.0))
    }
}

/// How long to wait with the renewal of what has `left` to live.
pub(super) fn renewal_in(left: Duration, share: Share) -> Duration {
    let wait = if left > EARLIEST {
        left - EARLIEST + SPREAD.mul_f64(share.0)
    } else if left > BOTOCORE {
        (left - BOTOCORE) / 2
    } else {
        left / 3
    };
    wait.max(SHORTEST)
}

/// How long to wait after so many failures in a row (1 or more) of what has `left` to live; `None` where it has run out
/// or does not. It doubles up to five minutes, and there is always a try before the end.
pub(super) fn retry_in(failures: u32, left: Option<Duration>, share: Share) -> Duration {
    let (first, longest) = BACK_OFF;
    let doubled = first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    let limit = doubled.min(longest);
    let wait = first.max(limit / 2 + (limit / 2).mul_f64(share.0));
    match left {
        Some(left) if left <= wait => (left / 2).max(SHORTEST),
        _ => wait,
    }
}

/// Whether the wall clock went another way than the monotonic one, between two looks at both.
pub(super) fn has_jumped(wall: (SystemTime, SystemTime), monotonic: Duration) -> bool {
    let (before, after) = wall;
    match after.duration_since(before) {
        Ok(elapsed) => elapsed.abs_diff(monotonic) > JUMP,
        // It went back.
        Err(error) => error.duration() + monotonic > JUMP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const NONE: Share = Share(0.0);
    const HALF: Share = Share(0.5);

    #[test]
    fn a_renewal_comes_in_time() {
        let table = [
            // (left, share, wait)
            (minutes(720), NONE, minutes(695)),
            (minutes(60), NONE, minutes(35)),
            (minutes(60), HALF, minutes(35) + seconds(150)),
            (minutes(26), HALF, minutes(1) + seconds(150)),
            (minutes(25), HALF, minutes(5)),
            (minutes(20), NONE, seconds(150)),
            (minutes(16), NONE, seconds(30)),
            (minutes(15) + seconds(1), NONE, seconds(1)),
            (minutes(15), NONE, minutes(5)),
            (minutes(3), HALF, minutes(1)),
            (seconds(9), NONE, seconds(3)),
            (seconds(2), NONE, seconds(1)),
            (seconds(0), HALF, seconds(1)),
        ];
        for (left, share, wait) in table {
            assert_eq!(renewal_in(left, share), wait, "{left:?} left, {share:?}");
        }
    }

    #[test]
    fn at_least_20_minutes_are_left_where_there_was_time_to_choose() {
        for bits in [0, 1, u32::MAX / 3, u32::MAX - 1, u32::MAX] {
            for left in [minutes(25) + seconds(1), minutes(60), minutes(480)] {
                let at_renewal = left - renewal_in(left, Share::of_bits(bits));
                assert!(at_renewal >= minutes(20) && at_renewal <= minutes(25), "{at_renewal:?} of {left:?}");
            }
        }
    }

    #[test]
    fn botocore_in_a_container_is_never_first_while_more_than_15_minutes_are_left() {
        for second in 1..3600 {
            let left = minutes(15) + seconds(second);
            let at_renewal = left - renewal_in(left, Share::of_bits(u32::MAX));
            assert!(at_renewal >= minutes(15), "{at_renewal:?} of {left:?}");
        }
    }

    #[test]
    fn tries_become_rarer_up_to_five_minutes() {
        let full = Share::of_bits(u32::MAX);
        for (failures, least, most) in [(1, 2, 2), (2, 2, 4), (3, 4, 8), (6, 32, 64), (9, 150, 300), (40, 150, 300)] {
            assert_eq!(retry_in(failures, None, NONE), seconds(least), "{failures}");
            let wait = retry_in(failures, None, full);
            assert!(wait <= seconds(most) && wait > seconds(most).mul_f64(0.99), "{failures}: {wait:?}");
        }
    }

    #[test]
    fn there_is_a_try_before_the_end() {
        let table = [
            // (failures, left, wait)
            (9, minutes(60), seconds(150)),
            (9, seconds(120), seconds(60)),
            (9, seconds(3), seconds(1) + Duration::from_millis(500)),
            (1, seconds(1), seconds(1)),
            (1, seconds(0), seconds(1)),
        ];
        for (failures, left, wait) in table {
            assert_eq!(retry_in(failures, Some(left), NONE), wait, "{failures} failures, {left:?} left");
        }
    }

    #[test]
    fn sleep_and_a_set_clock_are_jumps_and_a_slow_machine_is_none() {
        let now = SystemTime::UNIX_EPOCH + minutes(1_000_000);
        let table = [
            // (wall clock after the wait, monotonic clock meanwhile, jump)
            (now + seconds(30), seconds(30), false),
            (now + seconds(33), seconds(30), false),
            (now + seconds(300), seconds(300), false),
            (now + minutes(8 * 60), seconds(30), true),
            (now + seconds(2), seconds(30), true),
            (now - minutes(60), seconds(30), true),
            (now - seconds(1), seconds(1), false),
        ];
        for (after, monotonic, jump) in table {
            assert_eq!(has_jumped((now, after), monotonic), jump, "{after:?}, {monotonic:?}");
        }
    }
}
