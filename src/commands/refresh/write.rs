//! One project's session written with new credentials: nothing but the disk, so that a thread of its own can do it.

use crate::aws::credentials::Credentials;
use crate::aws::profile::Profile;
use crate::commands::project::{ATTEMPTS, Attempt};
use crate::commands::remembered::Remembered;
use crate::commands::session;
use crate::delivery::Delivery;
use crate::delivery::record::SetUp;
use crate::plan::Plan;
use crate::report::{Error, Kind};

/// Writes the session; where another astro-aws was faster, on top of what that one wrote.
///
/// # Errors
/// Where the project was set up otherwise or taken back meanwhile, and where its files cannot be written.
pub(super) fn write(
    mut of: Remembered,
    profile: &Profile,
    credentials: &Credentials,
    waiting: impl Fn(),
) -> Result<(), Error> {
    for _ in 1..ATTEMPTS {
        match attempt(&of, profile, credentials, &waiting)? {
            Attempt::Applied => return Ok(()),
            Attempt::Overtaken(_) => of = of.again()?,
        }
    }
    attempt(&of, profile, credentials, &waiting)?.or_fail()
}

fn attempt(
    of: &Remembered,
    profile: &Profile,
    credentials: &Credentials,
    waiting: &impl Fn(),
) -> Result<Attempt, Error> {
    let is_profile_s = |set_up: &SetUp| set_up.delivery == Some(Delivery::Session) && set_up.profile == profile.name;
    let found = of.record().zip(of.set_up().filter(|set_up| is_profile_s(set_up)));
    let Some((record, set_up)) = found else {
        return Err(Error::new(
            Kind::Failed,
            format!("{} was set up otherwise, or taken back, in the meantime", of.root().display()),
        )
        .hint("run the command again"));
    };
    let changes = session::written(of, profile, set_up.region.as_deref(), Some(credentials))?;
    of.apply(&Plan { changes }, Some(record), waiting)
}
