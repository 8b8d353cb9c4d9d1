//! Every project that is set up on this machine, side by side.

use std::cell::Cell;

use crate::aws::profile::SsoSession;
use crate::aws::sso::sign_in::Accept;
use crate::aws::sso::token::Renew;
use crate::commands::login::{Way, in_browser};
use crate::commands::{App, profile};
use crate::report::outcome::{Refreshed, Session};
use crate::report::{Error, Kind};

use super::renewal::{Round, SignIns};
use super::targets::{Target, Whom, target};

pub(super) async fn run(app: &mut App) -> Result<Refreshed, Error> {
    let found = Whom::Everyone.find(app)?;
    for (id, message) in found.left_out {
        app.report.warn(id, message);
    }
    let set = profile::read(app, &profile::locate(app)?)?;
    let (mut targets, mut sessions) = (Vec::new(), Vec::new());
    for remembered in found.projects {
        match target(&set, remembered) {
            Ok(target) => targets.push(target),
            Err(session) => sessions.push(*session),
        }
    }
    if app.global.dry_run {
        sessions.extend(targets.iter().map(Target::outcome));
        return Ok(outcome(sessions));
    }
    let ended = Cell::new(false);
    let round = Round::new(app, &set, app, &ended);
    let when_due = |_: &SsoSession| Renew::WhenDue;
    let mut sign_ins = {
        let _progress = app.report.progress("looking at the sign-ins");
        round.sign_ins(&targets, when_due).await
    };
    let missing = missing(&targets, &sign_ins);
    if !missing.is_empty() && app.may_ask() {
        for (session, target) in missing {
            app.report.note(format!("The sign-in to {} is missing or has expired.", session.label()));
            let access = profile::access(app, Some(&target.profile));
            match Box::pin(in_browser(app, &set, session, (Way::Fitting, Accept::Live), &access)).await {
                Err(error) if error.kind == Kind::Interrupted => return Err(error),
                // The projects of a sign-in that was not made say so themselves; the others go on.
                Ok(_) | Err(_) => {}
            }
        }
        sign_ins = round.sign_ins(&targets, when_due).await;
    }
    let _progress = app.report.progress(format!("renewing the credentials of {}", projects(targets.len())));
    let renewed = round.renew(targets, &sign_ins).await;
    sessions.extend(renewed.into_iter().map(|renewed| renewed.session));
    Ok(outcome(sessions))
}

fn outcome(mut sessions: Vec<Session>) -> Refreshed {
    sessions.sort_by(|a, b| a.project.cmp(&b.project));
    Refreshed::of(sessions)
}

/// The sign-ins that somebody has to make, each with a project that hangs on it.
fn missing<'a>(targets: &'a [Target], sign_ins: &SignIns) -> Vec<(&'a SsoSession, &'a Target)> {
    let needs = |session: &SsoSession| matches!(sign_ins.get(session), Some(Err(failure)) if failure.needs_sign_in);
    let mut missing: Vec<(&SsoSession, &Target)> = Vec::new();
    for target in targets {
        if let Some(session) = target.sign_in()
            && needs(session)
            && !missing.iter().any(|(known, _)| *known == session)
        {
            missing.push((session, target));
        }
    }
    missing
}

fn projects(count: usize) -> String {
    if count == 1 { "1 project".to_owned() } else { format!("{count} projects") }
}
