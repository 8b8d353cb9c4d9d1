//! The files of a project's session folder as changes of a plan: written, renewed, removed.

use std::time::Duration;

use crate::aws::credentials::Credentials;
use crate::aws::profile::Profile;
use crate::delivery::record::fingerprint;
use crate::delivery::session::{CONFIG, CREDENTIALS, CREDENTIALS_JSON, config_text, credentials_json, credentials_of};
use crate::plan::{Change, Secrecy};
use crate::report::Error;

use super::App;
use super::remembered::Remembered;

/// A session with more than this left serves. botocore reads the file again below 15 minutes.
const ENOUGH: Duration = Duration::from_secs(20 * 60);

/// Open to every reader: the folder above lets only its owner pass, and a container mounts past that one.
const FILE_MODE: u32 = 0o644;

/// What a dry run shows in place of credentials it did not ask for.
const NOT_ASKED_FOR: &[u8] = b"(credentials)\n";

/// The changes that make the session folder hold this profile and these credentials; none are given for a dry run.
///
/// # Errors
/// A file that is in the way.
pub(super) fn written(
    of: &Remembered,
    profile: &Profile,
    region: Option<&str>,
    credentials: Option<&Credentials>,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let config = config_text(profile, region).into_bytes();
    changes.push(file(of, CONFIG, |_| config)?.with_secrecy(Secrecy::Neighbours));
    changes.push(file(of, CREDENTIALS, |_| Vec::new())?.with_secrecy(Secrecy::Plain));
    changes.push(file(of, CREDENTIALS_JSON, |present| match (credentials, present) {
        (Some(credentials), _) => credentials_json(credentials).into_bytes(),
        (None, Some(present)) if is_of(of, profile) => present.to_vec(),
        (None, _) => NOT_ASKED_FOR.to_vec(),
    })?);
    Ok(changes)
}

/// The changes that leave no session behind.
///
/// # Errors
/// A file that is in the way.
pub(super) fn removed(of: &Remembered) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for name in [CONFIG, CREDENTIALS, CREDENTIALS_JSON] {
        let mut change = file(of, name, |_| Vec::new())?;
        if change.before.is_some() {
            change.after = None;
            changes.push(change);
        }
    }
    Ok(changes)
}

/// The credentials in the folder, where they are of this very profile and role and last for another 20 minutes at least.
pub(super) fn held(app: &App, of: &Remembered, profile: &Profile) -> Option<Credentials> {
    let held = present(of)?;
    let lasts = held.expiry().is_some_and(|expiry| expiry > app.clock.now() + ENOUGH);
    (lasts && is_of(of, profile)).then_some(held)
}

/// The credentials in the folder, of whatever profile, live or not; `None` where there are none.
pub(super) fn present(of: &Remembered) -> Option<Credentials> {
    let path = of.session_folder().join(CREDENTIALS_JSON);
    credentials_of(&std::fs::read(path.as_path()).ok()?)
}

/// Whether the project was set up with this very profile and role.
fn is_of(of: &Remembered, profile: &Profile) -> bool {
    of.set_up().is_some_and(|record| record.profile == profile.name && record.chain == fingerprint(&profile.chain))
}

fn file(of: &Remembered, name: &str, content: impl FnOnce(Option<&[u8]>) -> Vec<u8>) -> Result<Change, Error> {
    let path = of.session_folder().join(name).to_path_buf();
    let before = of.read(&path)?;
    let after = content(before.as_deref());
    Ok(Change::new(path, before, Some(after))
        .with_secrecy(Secrecy::Secret)
        .with_mode(FILE_MODE)
        .in_folders(of.session_folders()))
}
