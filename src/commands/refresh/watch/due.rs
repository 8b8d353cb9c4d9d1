//! One round of a watcher: what is due is renewed, first the sign-ins, then the sessions that hang on them.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::super::renewal::{Renewed, Round, SignIns};
use super::super::targets::Target;
use super::*;
use crate::aws::sso::token::Renew;
use crate::delivery::session::{parse_rfc3339, rfc3339};
use agenda::Expiry;
use sight::is_dead;

impl Watch<'_> {
    /// Whether a turn has come of something that nobody has to sign in for first.
    pub(super) fn is_anything_due(&self, sight: &Sight) -> bool {
        !self.due_sign_ins(sight).is_empty() || !self.due_sessions(sight).is_empty()
    }

    /// The next turn of something that nobody has to sign in for first.
    pub(super) fn next_turn(&self, sight: &Sight) -> Option<SystemTime> {
        self.agenda.next(|subject| match subject {
            Subject::SignIn(session) => !self.awaited.contains_key(session),
            Subject::Session(project) => {
                let target = sight.targets.iter().find(|target| target.remembered.root() == project);
                target.is_some_and(|target| !self.is_awaited(target))
            }
        })
    }

    /// Renews what is due. An order that came meanwhile goes out: what was under way is done then, but for a second
    /// [`Order::End`].
    pub(super) async fn renew_due(&mut self, sight: &Sight, orders: &mut UnboundedReceiver<Order>) -> Option<Order> {
        let (sign_ins, sessions) = (self.due_sign_ins(sight), self.due_sessions(sight));
        self.voice.status(|| "renewing…".to_owned());
        let set = Rc::clone(&self.set);
        let mut order = None;
        let (signed_in, renewed) = {
            let round = Round::new(self.app, &set, &self.voice, &self.ended);
            let now = self.now();
            // Another one who renewed it meanwhile gave it more time than was left when it was judged.
            let renew = |session: &SsoSession| match sight.tokens.get(session) {
                Some(Some(token)) => Renew::Below(token.expires_at.duration_since(now).unwrap_or_default() + SECOND),
                _ => Renew::WhenDue,
            };
            let mut work = pin!(async {
                let signed_in = round.sign_ins(&sign_ins, renew).await;
                let renewed = round.renew(sessions, &signed_in).await;
                (signed_in, renewed)
            });
            loop {
                tokio::select! {
                    done = &mut work => break done,
                    told = orders.recv() => match told.unwrap_or(Order::End) {
                        // Nothing that is under way is dropped: a refresh token is used up before the new one is written.
                        Order::End if self.ended.get() => return Some(Order::End),
                        Order::End => {
                            self.ended.set(true);
                            order = Some(Order::End);
                        }
                        Order::Renew => order = order.or(Some(Order::Renew)),
                    },
                }
            }
        };
        self.take_in_sign_ins(sight, signed_in);
        self.take_in_sessions(sight, renewed);
        order
    }

    /// A project for each sign-in that is due, or of which it is not known yet why it is dead.
    fn due_sign_ins(&self, sight: &Sight) -> Vec<Target> {
        let now = self.now();
        let due = sight.tokens.iter().filter(|(session, token)| {
            let is_due = self.agenda.is_due(&Subject::SignIn((*session).clone()), now);
            (is_due || is_dead(token.as_ref(), now)) && !self.awaited.contains_key(*session)
        });
        due.filter_map(|(session, _)| sight.projects_of(session).next().cloned()).collect()
    }

    fn due_sessions(&self, sight: &Sight) -> Vec<Target> {
        let due = sight.targets.iter().filter(|target| {
            target.has_session() && self.agenda.is_due(&subject(target), self.now()) && !self.is_awaited(target)
        });
        due.cloned().collect()
    }

    fn is_awaited(&self, target: &Target) -> bool {
        target.sign_in().is_some_and(|session| self.awaited.contains_key(session))
    }

    fn take_in_sign_ins(&mut self, sight: &Sight, signed_in: SignIns) {
        for (session, live) in signed_in {
            let subject = Subject::SignIn(session.clone());
            let before = sight.tokens.get(&session).cloned().flatten();
            match live {
                Ok(live) if Some(&live.token) != before.as_ref() => {
                    let expires_at = live.token.expires_at;
                    if live.renewed {
                        let until = rfc3339(expires_at);
                        self.voice.event(&format!("renewed the sign-in to {} until {until}", session.label()));
                    }
                    self.over(&Topic::Of(subject.clone()));
                    self.agenda.renewed(subject, Expiry::At(whole_seconds(expires_at)), self.now(), share());
                }
                // It lives on, but was not renewed: the service did not answer.
                Ok(_) => {
                    let message = format!("the sign-in to {} could not be renewed yet", session.label());
                    let error = Error::new(Kind::Failed, message).hint("it still lasts, and is tried again");
                    self.failed(&subject, error);
                }
                Err(failure) if failure.needs_sign_in => self.wait_for_sign_in(&session, before, failure.error),
                Err(failure) => self.failed(&subject, failure.error),
            }
        }
    }

    fn take_in_sessions(&mut self, sight: &Sight, renewed: Vec<Renewed>) {
        let mut done: BTreeMap<(String, Option<String>), Vec<String>> = BTreeMap::new();
        let mut failed: Vec<(Error, Vec<PathBuf>)> = Vec::new();
        for Renewed { session, expires_at, failure } in renewed {
            let Some(failure) = failure else {
                let subject = Subject::Session(session.project.clone());
                let expiry = expires_at.map_or(Expiry::Never, |time| Expiry::At(whole_seconds(time)));
                self.over(&Topic::Of(subject.clone()));
                self.agenda.renewed(subject, expiry, self.now(), share());
                done.entry((session.profile, session.expires_at)).or_default().push(name_of(&session.project));
                self.renewed.insert(session.project);
                continue;
            };
            let target = sight.targets.iter().find(|target| target.remembered.root() == session.project);
            match target.and_then(Target::sign_in) {
                _ if failure.error.kind == Kind::Interrupted => {}
                // That was said of the sign-in.
                Some(of) if failure.needs_sign_in && self.awaited.contains_key(of) => {}
                Some(of) if failure.needs_sign_in => {
                    let refused = sight.tokens.get(of).cloned().flatten();
                    self.wait_for_sign_in(of, refused, failure.error);
                }
                _ => match failed.iter_mut().find(|(error, _)| *error == failure.error) {
                    Some((_, projects)) => projects.push(session.project),
                    None => failed.push((failure.error, vec![session.project])),
                },
            }
        }
        for ((profile, expires_at), names) in done {
            let until = expires_at.map(|time| format!(" until {time}")).unwrap_or_default();
            self.voice.event(&format!("renewed profile {profile}{until} for {}", listed(&names)));
        }
        failed.into_iter().for_each(|(error, projects)| self.failed_alike(error, projects));
    }

    /// Several projects could not be renewed for one reason, which is said once.
    fn failed_alike(&mut self, error: Error, projects: Vec<PathBuf>) {
        let names: Vec<_> = projects.iter().map(|project| name_of(project)).collect();
        let (mut is_new, mut wait) = (false, Duration::MAX);
        for project in projects {
            let subject = Subject::Session(project);
            wait = wait.min(self.agenda.failed(&subject, self.now(), share()));
            is_new |= self.troubles.insert(Topic::Of(subject), error.clone()).as_ref() != Some(&error);
        }
        if is_new {
            let message = format!("{} could not be renewed: {}", listed(&names), error.message);
            self.voice.trouble(&Error { message, ..error });
        }
        self.voice.event(&format!("trying again in {} s", wait.as_secs()));
    }

    /// Nothing more is asked of a sign-in before somebody has made it anew.
    fn wait_for_sign_in(&mut self, session: &SsoSession, refused: Option<Token>, error: Error) {
        self.awaited.insert(session.clone(), refused);
        self.trouble(Topic::Of(Subject::SignIn(session.clone())), error);
    }

    fn failed(&mut self, subject: &Subject, error: Error) {
        let wait = self.agenda.failed(subject, self.now(), share());
        self.trouble(Topic::Of(subject.clone()), error);
        self.voice.event(&format!("trying again in {} s", wait.as_secs()));
    }
}

/// How a person calls a project: by its folder's name.
fn name_of(project: &Path) -> String {
    project.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

const SECOND: Duration = Duration::from_secs(1);

/// A time as files have it.
fn whole_seconds(time: SystemTime) -> SystemTime {
    parse_rfc3339(&rfc3339(time)).unwrap_or(time)
}

/// The first few names.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
