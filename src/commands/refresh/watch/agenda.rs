//! What is to be renewed when: one entry for each sign-in and each session, with its expiry, its turn and its failures.
//!
//! What is found on the disk comes in, what is due and how long nothing is goes out. No clock, no disk, no network: the
//! time is always given.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::aws::profile::SsoSession;

use super::schedule::{SHORTEST, Share, renewal_in, retry_in};

/// Something that runs out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// A sign-in's token.
    SignIn(SsoSession),
    /// The session of the project in this folder.
    Session(PathBuf),
}

/// When something runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// It is not there, or cannot be read: it is due now.
    Missing,
    /// At this time.
    At(SystemTime),
    /// Never.
    Never,
}

#[derive(Debug)]
struct Entry {
    expiry: Expiry,
    /// `None` where there is nothing to do until it changes.
    turn: Option<SystemTime>,
    failures: u32,
}

/// Every subject with its turn.
#[derive(Debug, Default)]
pub(super) struct Agenda(BTreeMap<Subject, Entry>);

impl Agenda {
    /// Takes in what was found: a subject that is new, or runs out at another time than known, gets a new turn.
    pub(super) fn found(&mut self, subject: Subject, expiry: Expiry, now: SystemTime, share: Share) {
        let turn = match (self.0.get(&subject), expiry) {
            (Some(entry), _) if entry.expiry == expiry => return,
            // It was there a moment ago: whoever keeps taking it away shall not keep us busy.
            (Some(_), Expiry::Missing) => Some(now + SHORTEST),
            _ => turn(expiry, now, share),
        };
        self.0.insert(subject, Entry { expiry, turn, failures: 0 });
    }

    /// Keeps the subjects for which `is_there` holds.
    pub(super) fn retain(&mut self, is_there: impl Fn(&Subject) -> bool) {
        self.0.retain(|subject, _| is_there(subject));
    }

    /// Lets the turns of subjects come at once.
    pub(super) fn hurry(&mut self, now: SystemTime, whom: impl Fn(&Subject) -> bool) {
        for (_, entry) in self.0.iter_mut().filter(|(subject, _)| whom(subject)) {
            entry.turn = Some(now);
        }
    }

    /// Judges every turn anew: the clock jumped.
    pub(super) fn judge_anew(&mut self, now: SystemTime, share: Share) {
        for entry in self.0.values_mut() {
            *entry = Entry { turn: turn(entry.expiry, now, share), failures: 0, ..*entry };
        }
    }

    /// A subject was renewed, and now runs out at `expiry`.
    pub(super) fn renewed(&mut self, subject: Subject, expiry: Expiry, now: SystemTime, share: Share) {
        self.0.insert(subject, Entry { expiry, turn: turn(expiry, now, share), failures: 0 });
    }

    /// The renewal of a subject failed; how long it is until the next try.
    pub(super) fn failed(&mut self, subject: &Subject, now: SystemTime, share: Share) -> Duration {
        let Some(entry) = self.0.get_mut(subject) else { return Duration::ZERO };
        entry.failures = entry.failures.saturating_add(1);
        let wait = retry_in(entry.failures, entry.left(now), share);
        entry.turn = Some(now + wait);
        wait
    }

    /// Whether a subject's turn has come.
    pub(super) fn is_due(&self, subject: &Subject, now: SystemTime) -> bool {
        self.0.get(subject).and_then(|entry| entry.turn).is_some_and(|turn| turn <= now)
    }

    /// The next turn of those subjects for which `counts` holds.
    pub(super) fn next(&self, counts: impl Fn(&Subject) -> bool) -> Option<SystemTime> {
        self.0.iter().filter(|(subject, _)| counts(subject)).filter_map(|(_, entry)| entry.turn).min()
    }

    /// When a subject runs out, as far as known.
    pub(super) fn expires_at(&self, subject: &Subject) -> Option<SystemTime> {
        match self.0.get(subject)?.expiry {
            Expiry::At(time) => Some(time),
            Expiry::Missing | Expiry::Never => None,
        }
    }
}

impl Entry {
    /// What is left; `None` where it has run out, or never does.
    fn left(&self, now: SystemTime) -> Option<Duration> {
        match self.expiry {
            Expiry::At(time) => time.duration_since(now).ok().filter(|left| !left.is_zero()),
            Expiry::Missing | Expiry::Never => None,
        }
    }
}

fn turn(expiry: Expiry, now: SystemTime, share: Share) -> Option<SystemTime> {
    match expiry {
        Expiry::Missing => Some(now),
        Expiry::At(time) => Some(now + renewal_in(time.duration_since(now).unwrap_or_default(), share)),
        Expiry::Never => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share() -> Share {
        Share::of_bits(0)
    }

    fn at(minutes: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + 60 * minutes)
    }

    fn etl() -> Subject {
        Subject::Session(PathBuf::from("/etl"))
    }

    fn agenda(expiry: Expiry) -> Agenda {
        let mut agenda = Agenda::default();
        agenda.found(etl(), expiry, at(0), share());
        agenda
    }

    #[test]
    fn a_turn_stays_however_often_the_same_is_found() {
        let mut agenda = agenda(Expiry::At(at(24)));
        let turn = agenda.next(|_| true);
        for minute in 1..4 {
            agenda.found(etl(), Expiry::At(at(24)), at(minute), share());
        }
        assert_eq!(agenda.next(|_| true), turn);
        assert!(!agenda.is_due(&etl(), at(4)) && agenda.is_due(&etl(), at(5)));
    }

    #[test]
    fn what_another_process_renewed_waits_for_its_new_turn() {
        let mut agenda = agenda(Expiry::At(at(24)));
        agenda.found(etl(), Expiry::At(at(65)), at(5), share());
        assert!(!agenda.is_due(&etl(), at(5)));
        assert_eq!(agenda.next(|_| true), Some(at(40)));
    }

    #[test]
    fn what_is_missing_is_due_and_what_never_ends_is_not() {
        assert!(agenda(Expiry::Missing).is_due(&etl(), at(0)));
        let lasting = agenda(Expiry::Never);
        assert!(!lasting.is_due(&etl(), at(100_000)));
        assert_eq!(lasting.next(|_| true), None);
    }

    #[test]
    fn what_somebody_takes_away_is_put_back_after_a_moment() {
        let mut agenda = agenda(Expiry::At(at(60)));
        agenda.found(etl(), Expiry::Missing, at(1), share());
        assert!(!agenda.is_due(&etl(), at(1)) && agenda.is_due(&etl(), at(2)));
    }

    #[test]
    fn failures_are_tried_again_and_counted_until_it_works() {
        let mut agenda = agenda(Expiry::At(at(25)));
        let waits: Vec<_> = (0..4).map(|_| agenda.failed(&etl(), at(5), share()).as_secs()).collect();
        assert_eq!(waits, [2, 2, 4, 8]);
        agenda.renewed(etl(), Expiry::At(at(65)), at(6), share());
        assert_eq!(agenda.next(|_| true), Some(at(40)));
        assert_eq!(agenda.failed(&etl(), at(40), share()).as_secs(), 2);
    }

    #[test]
    fn everything_can_be_made_due_at_once() {
        let mut agenda = agenda(Expiry::Never);
        agenda.hurry(at(1), |_| true);
        assert!(agenda.is_due(&etl(), at(1)));
    }

    #[test]
    fn after_a_jump_of_the_clock_every_turn_follows_the_new_time() {
        let mut agenda = agenda(Expiry::At(at(60)));
        assert_eq!(agenda.next(|_| true), Some(at(35)));
        // An hour later by the wall clock: it has run out, and nothing is waited for.
        agenda.judge_anew(at(61), share());
        assert_eq!(agenda.next(|_| true), Some(at(61) + Duration::from_secs(1)));
        // The clock was set back: there is more time than was thought.
        agenda.judge_anew(at(0), share());
        assert_eq!(agenda.next(|_| true), Some(at(35)));
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let mut agenda = agenda(Expiry::Missing);
        agenda.retain(|subject| *subject != etl());
        assert_eq!(agenda.next(|_| true), None);
    }
}
