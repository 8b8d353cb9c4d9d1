//! `refresh --watch`: stays, and renews sign-ins and sessions ahead of their expiry, for one project or for all.
//!
//! Each round looks at the disk anew, so that what other processes renew, set up or take back counts at once; it renews
//! what is due and then waits for the next turn, a change, an order or a jump of the clock. Whoever else watches does no
//! harm: what was renewed meanwhile is no longer due.

mod agenda;
mod due;
mod schedule;
mod sight;
mod voice;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::aws::profile::{ProfileSet, SsoSession};
use crate::aws::sso::cache::Token;
use crate::commands::{App, failures, profile, project};
use crate::delivery::session::rfc3339;
use crate::host::AwsFiles;
use crate::host::signals::{Signal, Signals};
use crate::report::outcome::{Refreshed, Session, until};
use crate::report::{Error, Kind};

use super::targets::Whom;
use agenda::{Agenda, Subject};
use schedule::{SLICE, Share, has_jumped};
use sight::{Sight, Stamps, has_static_keys, standing, subject};
pub(in crate::commands) use voice::Voice;

/// Everything is looked at again after this, also where nothing seems to have changed.
const LOOK: Duration = Duration::from_secs(5 * 60);

/// The same while somebody is awaited who signs in.
const LOOK_FOR_SIGN_IN: Duration = Duration::from_secs(10);

/// A token with less left and no way to renew it is told of.
const SOON: Duration = Duration::from_secs(25 * 60);

/// What a watcher is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Order {
    /// Renew everything now.
    Renew,
    /// Come to an end; what is under way is finished. Told twice, it is dropped.
    End,
}

/// Orders for a watcher, and the other end.
pub(in crate::commands) fn orders() -> (UnboundedSender<Order>, UnboundedReceiver<Order>) {
    mpsc::unbounded_channel()
}

/// Watches until a signal ends it.
///
/// # Errors
/// Where signals cannot be caught, or the shared files cannot be read at the start.
pub(super) async fn run(app: &App, whom: Whom) -> Result<Refreshed, Error> {
    let failed = |error| Error::new(Kind::Failed, format!("signals cannot be caught: {error}"));
    let mut signals = Signals::listen().map_err(failed)?;
    let (teller, orders) = orders();
    let watch = Watch::new(app, whom, Voice::of_watch(app))?;
    let told = async {
        loop {
            let order = match signals.next().await {
                Signal::HangUp => Order::Renew,
                Signal::Interrupt | Signal::Terminate => Order::End,
            };
            // The watcher that no longer listens has come to its end.
            let _ = teller.send(order);
        }
    };
    tokio::select! {
        sessions = watch.go(Start::Everything, orders) => Ok(Refreshed { sessions, failure: None }),
        () = told => Ok(Refreshed::default()),
    }
}

/// What is done first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Start {
    /// Every session is renewed, as `refresh` does.
    Everything,
    /// It was renewed a moment ago.
    Nothing,
}

/// Somebody who watches.
pub(in crate::commands) struct Watch<'a> {
    app: &'a App,
    whom: Whom,
    voice: Voice<'a>,
    files: AwsFiles,
    projects: PathBuf,
    set: Rc<ProfileSet>,
    stamps: Stamps,
    agenda: Agenda,
    /// The sign-ins that somebody has to make, with the token that no longer counts.
    awaited: BTreeMap<SsoSession, Option<Token>>,
    /// What is wrong at present, and was said.
    troubles: BTreeMap<Topic, Error>,
    makings: BTreeMap<PathBuf, String>,
    renewed: BTreeSet<PathBuf>,
    ended: Cell<bool>,
}

/// What a trouble is about: it is said once, until it is over or another one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Files,
    Projects,
    Of(Subject),
    /// A sign-in without a refresh token ends soon.
    Ending(SsoSession),
}

/// Why a wait ended.
enum Woken {
    ByTime,
    ByJump,
    By(Order),
}

impl<'a> Watch<'a> {
    /// A watcher that has not looked yet.
    ///
    /// # Errors
    /// Where the shared files cannot be read.
    pub(in crate::commands) fn new(app: &'a App, whom: Whom, voice: Voice<'a>) -> Result<Self, Error> {
        let files = profile::locate(app)?;
        let projects = project::state(app)?.join("projects").to_path_buf();
        let stamps = Stamps::of(&files, &projects);
        let set = Rc::new(profile::read(app, &files)?);
        Ok(Self {
            app,
            whom,
            voice,
            files,
            projects,
            set,
            stamps,
            agenda: Agenda::default(),
            awaited: BTreeMap::new(),
            troubles: BTreeMap::new(),
            makings: BTreeMap::new(),
            renewed: BTreeSet::new(),
            ended: Cell::new(false),
        })
    }

    /// Watches until it is told to end; then each project's session as it stands.
    pub(in crate::commands) async fn go(mut self, start: Start, mut orders: UnboundedReceiver<Order>) -> Vec<Session> {
        let mut sight = self.look();
        if start == Start::Everything {
            self.agenda.hurry(self.now(), |subject| matches!(subject, Subject::Session(_)));
        }
        while !self.ended.get() {
            if self.is_anything_due(&sight) {
                let work = self.renew_due(&sight, &mut orders).await;
                sight = self.look();
                match work {
                    Some(Order::End) => break,
                    Some(Order::Renew) => self.agenda.hurry(self.now(), |_| true),
                    None => {}
                }
                continue;
            }
            let woken = self.wait(&sight, &mut orders).await;
            sight = self.look();
            match woken {
                Woken::ByTime => {}
                Woken::ByJump => {
                    self.voice.event("the clock jumped: everything is judged anew");
                    self.agenda.judge_anew(self.now(), share());
                }
                Woken::By(Order::Renew) => {
                    self.voice.event("renewing everything");
                    self.agenda.hurry(self.now(), |_| true);
                }
                Woken::By(Order::End) => break,
            }
        }
        self.voice.event("ended");
        self.sessions(&sight)
    }

    /// Looks at the disk, and brings the agenda up to date.
    fn look(&mut self) -> Sight {
        let changed = self.read_files();
        let sight = match Sight::of(self.app, &self.whom, &self.set, &self.voice) {
            Ok(sight) => sight,
            Err(error) => {
                self.trouble(Topic::Projects, error);
                return Sight::default();
            }
        };
        self.over(&Topic::Projects);
        let (now, subjects) = (self.now(), sight.subjects());
        for (subject, expiry) in &subjects {
            self.agenda.found(subject.clone(), *expiry, now, share());
        }
        self.agenda.retain(|subject| subjects.iter().any(|(found, _)| found == subject));
        self.look_at_sign_ins(&sight);
        self.look_at_projects(&sight, changed);
        sight
    }

    /// Reads the shared files where they changed; true then. Files that cannot be read leave the profiles as they were.
    fn read_files(&mut self) -> bool {
        let stamps = Stamps::of(&self.files, &self.projects);
        if stamps == self.stamps {
            return false;
        }
        self.stamps = stamps;
        match profile::read(self.app, &self.files) {
            Ok(set) => {
                self.set = Rc::new(set);
                self.over(&Topic::Files);
                true
            }
            Err(error) => {
                self.trouble(Topic::Files, error);
                false
            }
        }
    }

    /// Notices who signed in, who has to, and whose sign-in ends soon for good.
    fn look_at_sign_ins(&mut self, sight: &Sight) {
        self.awaited.retain(|session, _| sight.tokens.contains_key(session));
        for (session, token) in &sight.tokens {
            if self.awaited.get(session).is_some_and(|refused| refused != token) {
                self.voice.event(&format!("somebody signed in to {}", session.label()));
                self.awaited.remove(session);
                self.over(&Topic::Of(Subject::SignIn(session.clone())));
                let hanging: Vec<_> = sight.projects_of(session).map(subject).collect();
                self.agenda.hurry(self.now(), |subject| hanging.contains(subject));
            }
            self.tell_of_end(session, token.as_ref());
        }
    }

    /// Tells once of a sign-in that only a browser renews, when it ends soon.
    fn tell_of_end(&mut self, session: &SsoSession, token: Option<&Token>) {
        let topic = Topic::Ending(session.clone());
        let ending = token.filter(|token| !sight::is_renewable(token));
        match ending.and_then(|token| token.expires_at.duration_since(self.now()).ok()) {
            Some(left) if left <= SOON => {
                let message = format!(
                    "the sign-in to {} ends within {} minutes and cannot be renewed without a browser",
                    session.label(),
                    SOON.as_secs() / 60
                );
                let command = failures::login_command(&self.set, session);
                let hint = format!("sign in with `{command}`");
                self.trouble(topic, Error::new(Kind::Credentials, message).hint(hint));
            }
            _ => self.over(&topic),
        }
    }

    /// Notices whose profile changed, or cannot be used.
    fn look_at_projects(&mut self, sight: &Sight, files_changed: bool) {
        for session in &sight.unusable {
            if let Some(error) = &session.error {
                self.trouble(Topic::Of(Subject::Session(session.project.clone())), error.clone());
            }
        }
        let makings = sight.makings();
        let other: Vec<_> = sight
            .targets
            .iter()
            .filter(|target| {
                let root = target.remembered.root();
                let before = self.makings.get(root);
                before.is_some_and(|before| Some(before) != makings.get(root))
                    || (files_changed && has_static_keys(target))
            })
            .map(subject)
            .collect();
        self.agenda.hurry(self.now(), |subject| other.contains(subject));
        self.makings = makings;
    }

    /// Waits for the next turn, a change of the files, an order, or a jump of the clock.
    async fn wait(&self, sight: &Sight, orders: &mut UnboundedReceiver<Order>) -> Woken {
        let look = if self.awaited.is_empty() { LOOK } else { LOOK_FOR_SIGN_IN };
        let began = self.now();
        let until = self.next_turn(sight).unwrap_or(began + look).min(began + look);
        loop {
            let (wall, monotonic) = (self.now(), Instant::now());
            self.voice.status(|| self.status(sight));
            let Some(left) = until.duration_since(wall).ok().filter(|left| !left.is_zero()) else {
                return Woken::ByTime;
            };
            tokio::select! {
                order = orders.recv() => return Woken::By(order.unwrap_or(Order::End)),
                () = tokio::time::sleep(left.min(SLICE)) => {}
            }
            if has_jumped((wall, self.now()), monotonic.elapsed()) {
                return Woken::ByJump;
            }
            if Stamps::of(&self.files, &self.projects) != self.stamps {
                return Woken::ByTime;
            }
        }
    }

    /// One line for a person who looks over now and then.
    fn status(&self, sight: &Sight) -> String {
        let projects = match sight.targets.len() + sight.unusable.len() {
            1 => "1 project".to_owned(),
            count => format!("{count} projects"),
        };
        let first = sight.targets.iter().filter_map(|target| Some((self.agenda.expires_at(&subject(target))?, target)));
        let first = first.min_by_key(|(expires_at, _)| *expires_at);
        let lasting = first.map(|(expires_at, target)| {
            let time = until(&rfc3339(expires_at), self.app.minutes_until(expires_at));
            format!(" · {} until {time}", target.profile.name)
        });
        let standing = format!("{projects}{}", lasting.unwrap_or_default());
        match (self.awaited.keys().next(), self.next_turn(sight)) {
            // First, since a narrow terminal cuts the line at its end.
            (Some(session), _) => format!("{} waits for `astro-aws login` · {standing}", session.label()),
            (None, Some(next)) => match self.app.minutes_until(next) {
                0 => format!("{standing} · next renewal within a minute"),
                minutes => format!("{standing} · next renewal in {minutes} min"),
            },
            (None, None) => format!("{standing} · nothing to renew"),
        }
    }

    /// Each project's session as it stands.
    fn sessions(&self, sight: &Sight) -> Vec<Session> {
        let of_targets = sight.targets.iter().map(|target| {
            let of_sign_in = target.sign_in().map(|session| Topic::Of(Subject::SignIn(session.clone())));
            let mut topics = [Some(Topic::Of(subject(target))), of_sign_in].into_iter().flatten();
            Session {
                renewed: self.renewed.contains(target.remembered.root()),
                error: topics.find_map(|topic| self.troubles.get(&topic)).cloned(),
                ..standing(self.app, sight, target)
            }
        });
        let mut sessions: Vec<_> = of_targets.chain(sight.unusable.iter().cloned()).collect();
        sessions.sort_by(|a, b| a.project.cmp(&b.project));
        sessions
    }

    /// Says what is wrong, where that was not said before.
    fn trouble(&mut self, topic: Topic, error: Error) {
        if self.troubles.get(&topic) != Some(&error) {
            self.voice.trouble(&error);
            self.troubles.insert(topic, error);
        }
    }

    fn over(&mut self, topic: &Topic) {
        self.troubles.remove(topic);
    }

    fn now(&self) -> SystemTime {
        self.app.clock.now()
    }
}

/// A random share, so that a hundred projects are not renewed in one second; the middle where there is no randomness.
fn share() -> Share {
    Share::of_bits(getrandom::u32().unwrap_or(u32::MAX / 2))
}
