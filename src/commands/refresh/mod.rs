//! `refresh`: the credentials that containers hold written anew, seen by them without a restart: for one project, for
//! every project of this machine, once or for as long as somebody wants.
//!
//! [`one`] is the project of the current folder, with a person at hand; [`all`] every project, side by side; [`watch`]
//! either of them ahead of each expiry; [`service`] has the system run that.

mod all;
mod one;
mod renewal;
mod service;
mod targets;
pub(super) mod watch;
mod write;

use crate::cli::RefreshArgs;
use crate::report::{Error, Kind, Outcome};

use super::App;

pub(super) use one::run as renew_one;
pub(super) use targets::Whom;

pub(super) async fn run(app: &mut App, args: &RefreshArgs) -> Result<Outcome, Error> {
    if args.install_service {
        return service::install(app).await.map(Outcome::Service);
    }
    if args.uninstall_service {
        return service::uninstall(app).await.map(Outcome::Service);
    }
    if args.all {
        refuse_one(app)?;
    }
    if args.watch {
        if app.global.dry_run {
            return Err(Error::new(Kind::Usage, "`--watch` goes on until it is ended, and a dry run does nothing")
                .hint("leave one of the two out"));
        }
        let whom = if args.all { Whom::Everyone } else { Whom::current(app)? };
        return watch::run(app, whom).await.map(Outcome::Watched);
    }
    if args.all { all::run(app).await } else { one::run(app).await }.map(Outcome::Refreshed)
}

/// `--all` names every project; an option that names one contradicts it.
fn refuse_one(app: &App) -> Result<(), Error> {
    let option = match (&app.global.project, &app.global.profile) {
        (Some(_), _) => "--project",
        (None, Some(_)) => "--profile",
        (None, None) => return Ok(()),
    };
    Err(Error::new(Kind::Usage, format!("`--all` renews every project with its own profile, and `{option}` names one"))
        .hint("leave one of the two out"))
}
