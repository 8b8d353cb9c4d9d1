//! The changes of `configure` in a person's `config` and `credentials`: shown, asked about, made both or none.

use std::path::Path;

use crate::aws::profile::{Chain, MAX_BYTES, ProfileSet};
use crate::aws::shared_files::{
    Difference, SharedFile, profile_differences, sso_session_differences, with_profile, with_sso_session,
};
use crate::commands::{App, LOCK_PATIENCE, choices, failures, profile, project};
use crate::edit::Refusal;
use crate::host::{AwsFiles, HostPath};
use crate::plan::{self, Change, FileState, Folder, Plan, PlanError, Secrecy, Store};
use crate::report::outcome::Configured;
use crate::report::{Error, Kind, prompt};

/// How a value of an sso-session is told from one of a profile.
const SESSION: &str = "[sso-session";

/// Properties with their values.
pub(super) type Entries<'a> = Vec<(&'a str, &'a str)>;

/// What a profile is to have, in which file.
pub(super) struct Wanted<'a> {
    pub(super) profile: &'a str,
    /// The `[sso-session …]` and its properties.
    pub(super) session: Option<(&'a str, Entries<'a>)>,
    /// The profile's properties in `config`.
    pub(super) config: Entries<'a>,
    /// The profile's properties in `credentials`.
    pub(super) credentials: Entries<'a>,
    /// Whether the profile, read again, is what was asked for.
    pub(super) is_so: &'a dyn Fn(&Chain) -> bool,
}

/// One file before and after.
struct Edited {
    path: HostPath,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

impl Edited {
    fn of(path: &HostPath) -> Result<Self, Error> {
        let state = FileState::read(path.as_path(), MAX_BYTES).map_err(|error| failed(path.as_path(), &error))?;
        let before = state.bytes().map(<[u8]>::to_vec);
        Ok(Self { path: path.clone(), after: before.clone(), before })
    }

    /// Notes what differs, then makes the edit.
    fn edit(
        &mut self,
        differences: impl FnOnce(Option<&[u8]>) -> Result<Vec<Difference>, Refusal>,
        with: impl FnOnce(Option<&[u8]>) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Vec<Difference>, Error> {
        let refused = |refusal| Error { kind: Kind::Failed, ..failures::refusal(self.path.as_path(), &refusal) };
        let found = differences(self.after.as_deref()).map_err(refused)?;
        self.after = Some(with(self.after.as_deref()).map_err(refused)?);
        Ok(found)
    }

    fn into_change(self, secrecy: Secrecy) -> Change {
        let folder = self.path.parent().map(|folder| Folder::new(folder.to_path_buf(), 0o700));
        Change::new(self.path.to_path_buf(), self.before, self.after)
            .with_secrecy(secrecy)
            .with_mode(0o600)
            .in_folders(folder)
    }
}

/// Writes a profile, after a look and a yes.
///
/// # Errors
/// [`Kind::Refused`] where values that are there would be replaced and nobody agreed, and where something else in the
/// profile would beat what is written; a file that cannot be edited or written.
pub(super) fn write(app: &App, files: &AwsFiles, wanted: &Wanted<'_>, overwrite: bool) -> Result<Configured, Error> {
    let state = project::state(app)?;
    let store = Store::open(state.join("aws").join("files").to_path_buf());
    put_right(app, &store, files)?;
    let (mut config, mut credentials) = (Edited::of(&files.config)?, Edited::of(&files.credentials)?);
    let differing = edit(&mut config, &mut credentials, wanted)?;
    require_so(&config, &credentials, wanted)?;
    agree(app, &differing, overwrite)?;
    // The credentials show nothing at all: a changed line is the secret.
    let changes = vec![config.into_change(Secrecy::Neighbours), credentials.into_change(Secrecy::Secret)];
    let plan = Plan { changes: changes.into_iter().filter(|change| change.before != change.after).collect() };
    let is_applied = !plan.is_empty() && choices::confirm(app, &plan, None, "Write this?")?;
    if is_applied {
        apply(app, &store, &plan)?;
    }
    Ok(Configured {
        profile: Some(wanted.profile.to_owned()),
        profiles: profiles(app)?,
        files: choices::file_changes(&plan),
        dry_run: app.global.dry_run,
        would_run: None,
    })
}

/// The names of all profiles there are now.
///
/// # Errors
/// Whatever is wrong with the files.
pub(super) fn profiles(app: &App) -> Result<Vec<String>, Error> {
    let set = profile::read(app, &profile::locate(app)?)?;
    Ok(set.names().into_iter().map(str::to_owned).collect())
}

/// Makes every edit; what differs from what is there, in words.
fn edit(config: &mut Edited, credentials: &mut Edited, wanted: &Wanted<'_>) -> Result<Vec<String>, Error> {
    let mut differing = Vec::new();
    let mut note = |place: &str, entries: &Entries<'_>, found: Vec<Difference>| {
        for Difference { key, present } in found {
            let is_secret = present.to_string() == "(redacted)";
            let value = entries.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| value);
            let value = if is_secret { "another one" } else { value };
            differing.push(format!("{place}: {key} = {present} (to become {value})"));
        }
    };
    if let Some((name, entries)) = &wanted.session {
        let found = config
            .edit(|text| sso_session_differences(text, name, entries), |text| with_sso_session(text, name, entries))?;
        note(&format!("{SESSION} {name}]"), entries, found);
    }
    for (file, kind, entries) in [
        (&mut *config, SharedFile::Config, &wanted.config),
        (&mut *credentials, SharedFile::Credentials, &wanted.credentials),
    ] {
        if entries.is_empty() {
            continue;
        }
        let found = file.edit(
            |text| profile_differences(text, kind, wanted.profile, entries),
            |text| with_profile(text, kind, wanted.profile, entries),
        )?;
        note(&format!("profile {}", wanted.profile), entries, found);
    }
    Ok(differing)
}

/// Reads the edited files back: other properties of the profile may beat those that were written.
fn require_so(config: &Edited, credentials: &Edited, wanted: &Wanted<'_>) -> Result<(), Error> {
    let text = |file: &Edited| String::from_utf8_lossy(file.after.as_deref().unwrap_or_default()).into_owned();
    let (config_text, credentials_text) = (text(config), text(credentials));
    let set = ProfileSet::parse((config.path.as_path(), &config_text), (credentials.path.as_path(), &credentials_text))
        .map_err(failures::profile)?;
    let reason = match set.profile(wanted.profile) {
        Ok(profile) if (wanted.is_so)(&profile.chain) => return Ok(()),
        Ok(profile) => format!("it would stay a profile of kind {}", profile.chain.kind()),
        Err(error) => error.to_string(),
    };
    let message = format!("profile `{}` has other settings that would count: {reason}", wanted.profile);
    Err(Error::new(Kind::Refused, message).hint("take another name with `--profile-name`, or take them out by hand"))
}

/// Asks about values that are there and differ.
fn agree(app: &App, differing: &[String], overwrite: bool) -> Result<(), Error> {
    if differing.is_empty() || overwrite {
        return Ok(());
    }
    let list = differing.join("\n  ");
    if !app.may_ask() || app.global.yes {
        let of_session = differing.iter().any(|value| value.starts_with(SESSION));
        let option = if of_session { "--sso-session" } else { "--profile-name" };
        return Err(Error::new(Kind::Refused, format!("these values are there already and differ:\n  {list}"))
            .hint(format!("replace them with `--overwrite`, or take another name with `{option}`")));
    }
    app.report.show(format!("These values are there already and differ:\n  {list}"));
    if prompt::confirm("Replace them?", false)? { Ok(()) } else { Err(Error::new(Kind::Failed, "not applied")) }
}

/// Makes both changes or none. There is no way back but the diff: nothing of the files is kept.
fn apply(app: &App, store: &Store, plan: &Plan) -> Result<(), Error> {
    let place = plan.changes.first().map(|change| change.path.clone()).unwrap_or_default();
    let failed = |error: PlanError| failed(&place, &error);
    let seen = store.load::<()>().map_err(failed)?.stamp;
    let waiting = || app.report.note("Waiting for another astro-aws at work in your AWS files");
    let lock = store.lock(LOCK_PATIENCE, waiting).map_err(failed)?;
    let applied = plan::apply(&lock, plan, &seen, None::<&()>).map_err(failed)?;
    match applied.interrupted {
        Some(_) => Err(Error::new(Kind::Interrupted, "interrupted after the change was made as a whole")),
        None => Ok(()),
    }
}

/// Finishes or takes back a change that an earlier run left half made.
fn put_right(app: &App, store: &Store, files: &AwsFiles) -> Result<(), Error> {
    if store.is_interrupted() { project::put_right(app, store, files.config.as_path()) } else { Ok(()) }
}

/// A file of the person's, not of a project.
fn failed(path: &Path, error: &PlanError) -> Error {
    let failure = failures::plan(path, error);
    Error { kind: if failure.kind == Kind::Project { Kind::Failed } else { failure.kind }, ..failure }
}
