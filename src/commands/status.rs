//! `status`: what is set up here, who it is and how long it lasts. Writes nothing, renews nothing, asks nobody.

use std::time::SystemTime;

use crate::aws::access::Notice;
use crate::aws::credentials::{self, Credentials};
use crate::aws::profile::{Profile, ProfileSet, Source, SsoSession};
use crate::aws::sso::cache::Cache;
use crate::delivery::entries::{Owned, whole_files};
use crate::delivery::session::{CREDENTIALS_JSON, credentials_of, rfc3339};
use crate::delivery::{Delivery, compose, dotenv, requirements};
use crate::edit::Refusal;
use crate::plan::{Checksum, FileRecord};
use crate::project::requirements::REQUIREMENTS;
use crate::project::{DOTENV, OVERRIDE};
use crate::report::outcome::{FileState, Lasting, SecretsStatus, SignInStatus, State, Status};
use crate::report::{Error, Kind};

use super::project::Workspace;
use super::{App, failures, login, mount, profile, secrets, sign_in};

pub(super) async fn run(app: &mut App) -> Result<Status, Error> {
    let workspace = open(app)?;
    let mut status = Status::default();
    let mut held = None;
    if let Some(workspace) = &workspace {
        status.project = Some(workspace.root().to_owned());
        status.airflow = workspace.project.airflow().map(|airflow| airflow.major());
        status.files = files(workspace)?;
        status.secrets = secrets_of(app, workspace);
        if let Some(set_up) = workspace.set_up() {
            status.set_up = true;
            status.airflow = status.airflow.or(set_up.airflow);
            status.delivery = Some(set_up.delivery.map_or("standalone", Delivery::name));
            status.profile = Some(set_up.profile.clone());
            if set_up.delivery == Some(Delivery::Session) {
                held = session(workspace);
                status.session = Some(lasting(app, held.as_ref().map(Credentials::expiry)));
            }
        }
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let Some(profile) = profile_of(app, &set, workspace.as_ref(), &status) else {
        // Without a profile there may still be one sign-in alone.
        if let [only] = login::all(&set).as_slice() {
            status.sign_in = sign_in_of(app, &set, only)?;
        }
        return Ok(status);
    };
    status.profile = Some(profile.name.clone());
    status.kind = Some(profile.chain.kind());
    if let Some(login) = profile.chain.sso() {
        status.sign_in = sign_in_of(app, &set, &login.session)?;
    }
    if workspace.as_ref().and_then(Workspace::set_up).is_some_and(|record| record.delivery == Some(Delivery::Mount)) {
        mount::warn_of_renewal(app, &profile);
    }
    if let Some(credentials) = at_hand(app, &set, &profile, &status, held).await {
        match sign_in::identity(app, &set, &profile, &credentials).await {
            Ok(identity) => status.identity = Some(identity),
            Err(failure) => app.report.warn("not_verified", format!("who you are was not verified: {failure}")),
        }
    }
    Ok(status)
}

/// The project around here, as it is remembered; `None` outside of one, where none was named.
fn open(app: &mut App) -> Result<Option<Workspace>, Error> {
    let workspace = match Workspace::look(app) {
        Ok(workspace) => workspace,
        Err(error) if error.kind != Kind::Project || app.global.project.is_some() => return Err(error),
        Err(error) => {
            app.report.warn("no_project", error.to_string());
            return Ok(None);
        }
    };
    if workspace.remembered.store.is_interrupted() {
        app.report.warn("interrupted", "an earlier change was interrupted; `astro-aws init` or `undo` puts it right");
    }
    if let (None, Some(record)) = (&app.global.region, workspace.set_up()) {
        app.global.region.clone_from(&record.region);
    }
    Ok(Some(workspace))
}

/// The profile to tell of: that of the set-up, else the one `init` would take without a question.
fn profile_of(app: &App, set: &ProfileSet, workspace: Option<&Workspace>, status: &Status) -> Option<Profile> {
    let found = match &status.profile {
        Some(name) => Some(set.profile(name).map_err(failures::profile)),
        None => profile::choose_silently(app, set, workspace.and_then(Workspace::profile)),
    };
    match found? {
        Ok(profile) => Some(profile),
        Err(error) => {
            app.report.warn("profile", error.to_string());
            None
        }
    }
}

fn sign_in_of(app: &App, set: &ProfileSet, session: &SsoSession) -> Result<Option<SignInStatus>, Error> {
    let access = profile::access(app, None);
    let Some(caches) = &access.caches else { return Ok(None) };
    let tell = |notice: Notice<'_>| access.person.tell(notice);
    let token = Cache::new(&caches.sso).token(session, &tell).map_err(|error| failures::cache(&error))?;
    let is_renewable = token.as_ref().is_some_and(|token| {
        let registration = token.registration.as_ref().is_some_and(|client| client.expires_at > app.clock.now());
        token.refresh_token.is_some() && registration
    });
    Ok(Some(SignInStatus {
        sso_session: session.name.clone(),
        start_url: session.start_url.clone(),
        token: lasting(app, token.map(|token| Some(token.expires_at))),
        renewable: is_renewable,
        command: failures::login_command(set, session),
    }))
}

/// The credentials in the session folder.
fn session(workspace: &Workspace) -> Option<Credentials> {
    let bytes = std::fs::read(workspace.session_folder().join(CREDENTIALS_JSON).as_path()).ok()?;
    credentials_of(&bytes)
}

/// When something ends: `None` where it is not there, `Some(None)` where it does not end.
fn lasting(app: &App, found: Option<Option<SystemTime>>) -> Lasting {
    let expiry = found.flatten();
    Lasting {
        expires_at: expiry.map(rfc3339),
        minutes_left: expiry.map(|expiry| app.minutes_until(expiry)),
        expired: found.is_none() || expiry.is_some_and(|expiry| expiry <= app.clock.now()),
    }
}

/// Credentials that nothing has to be asked or renewed for: those of the session, and static keys.
async fn at_hand(
    app: &App,
    set: &ProfileSet,
    profile: &Profile,
    status: &Status,
    held: Option<Credentials>,
) -> Option<Credentials> {
    if status.session.is_some() {
        return held.filter(|held| held.expiry().is_none_or(|expiry| expiry > app.clock.now()));
    }
    if profile.chain.source != Source::StaticKeys || !profile.chain.roles.is_empty() {
        return None;
    }
    credentials::resolve(set, profile, &profile::access(app, Some(profile))).await.ok()
}

/// The secrets backend that `.env` or the Dockerfile sets.
fn secrets_of(app: &App, workspace: &Workspace) -> Option<SecretsStatus> {
    match secrets::in_use(workspace) {
        Ok(found) => {
            found.map(|(backend, region)| SecretsStatus { backend: backend.name(), title: backend.title(), region })
        }
        Err(error) => {
            app.report.warn("secrets", error.to_string());
            None
        }
    }
}

/// What takes entries of ours out of a kind of file.
type TakeOut = fn(&[u8], &[Owned]) -> Result<Vec<u8>, Refusal>;

/// Whether an entry is of a kind of file.
type IsOf = fn(&Owned) -> bool;

/// Each file that is ours: those in which we have entries, and those that we wrote as a whole.
fn files(workspace: &Workspace) -> Result<Vec<FileState>, Error> {
    let Some(record) = workspace.record() else { return Ok(Vec::new()) };
    let owned = record.owned();
    let shared: [(&str, TakeOut, IsOf); 3] = [
        (OVERRIDE, compose::take_out, Owned::is_of_override),
        (DOTENV, dotenv::take_out, |entry| matches!(entry, Owned::Dotenv { .. })),
        (REQUIREMENTS, requirements::take_out, Owned::is_of_requirements),
    ];
    let mut found = Vec::new();
    for (name, take_out, is_of) in shared {
        let path = workspace.root().join(name);
        let entries: Vec<Owned> = owned.iter().filter(|entry| is_of(entry)).cloned().collect();
        if entries.is_empty() {
            continue;
        }
        let state = match workspace.read(&path)? {
            None => State::Missing,
            Some(bytes) if all_there(&bytes, &entries, take_out) => State::InPlace,
            Some(_) => State::Changed,
        };
        found.push(FileState { path, state });
    }
    for path in whole_files(workspace.root(), &owned) {
        let Some(record) = workspace.remembered.loaded.files.get(&path) else { continue };
        let state = whole(workspace.read(&path)?.as_deref(), record);
        found.push(FileState { path, state });
    }
    let session = workspace.session_folder();
    for (path, record) in &workspace.remembered.loaded.files {
        if path.starts_with(session.as_path()) {
            found.push(FileState { path: path.clone(), state: whole(workspace.read(path)?.as_deref(), record) });
        }
    }
    Ok(found)
}

/// Whether each entry reads as it was written: then it could be taken out.
fn all_there(bytes: &[u8], entries: &[Owned], take_out: TakeOut) -> bool {
    let is_there = |entry: &Owned| take_out(bytes, std::slice::from_ref(entry)).is_ok_and(|without| without != bytes);
    entries.iter().all(is_there)
}

/// How a file is found that is ours from its first byte to its last.
fn whole(present: Option<&[u8]>, record: &FileRecord) -> State {
    match present {
        None => State::Missing,
        Some(bytes) if Some(Checksum::of(bytes)) == record.written => State::InPlace,
        Some(_) => State::Changed,
    }
}
