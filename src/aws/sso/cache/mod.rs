//! The token cache of AWS CLI v2 and botocore, `~/.aws/sso/cache`: the same names, keys and modes.
//!
//! A sign-in comes in, its token and its registered client go out and are kept: files are replaced by rename, 0600. One
//! lock per sign-in makes several steps one for all processes of ours; other tools know no lock, and none of them minds
//! its file.

mod format;
mod names;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::aws::access::Notice;
use crate::aws::lock;
use crate::aws::profile::{SsoLogin, SsoSession};
use crate::aws::secret::{AccessToken, ClientSecret, RefreshToken};
use crate::plan::{self, FileLock, FileState, PlanError, Replacement};

pub(super) use format::PKCE_GRANTS;
pub use names::role_credentials_path;

/// The largest file that is read, in bytes; theirs and ours have a few thousand.
const LIMIT: u64 = 1024 * 1024;

/// The room that a token is sure to fit in, in bytes.
const TOKEN_ROOM: usize = 16 * 1024;

/// A registration with less left is not used any more (botocore: `utils.py`, `_EXPIRY_WINDOW`).
const REGISTRATION_LEFT: Duration = Duration::from_secs(15 * 60);

/// The cache's folder.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// A registered OIDC client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// When it ends.
    pub expires_at: SystemTime,
}

/// What a client was registered for. Where both are kept in the same file, the later one replaces the other, as with the
/// AWS CLI (botocore: `utils.py`, `_is_registration_for_auth_code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RegistrationKind {
    /// The authorization code with PKCE, and refreshing.
    Pkce,
    /// The device code.
    Device,
}

/// A sign-in's token as the cache holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The bearer token.
    pub access_token: AccessToken,
    /// When it ends.
    pub expires_at: SystemTime,
    /// What it is refreshed with; `None` for a legacy sign-in.
    pub refresh_token: Option<RefreshToken>,
    /// The client it was given to; needed to refresh.
    pub registration: Option<Registration>,
}

/// Why the cache could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// A file is there but cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("`{}` cannot be written: {reason}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        reason: String,
    },
    /// Another process has held the lock for too long.
    #[error("another process has been at work on the sign-in `{session}` for {} s", limit.as_secs())]
    Locked {
        /// The sign-in.
        session: String,
        /// How long it was waited for.
        limit: Duration,
    },
}

/// Held while one sign-in's token is read, judged, renewed and written; freed when dropped.
#[derive(Debug)]
pub struct Lock {
    file: FileLock,
}

impl Lock {
    /// Whether the service has refused this refresh token for good, as whoever found that has left word.
    pub(super) fn knows_as_ended(&self, token: &RefreshToken) -> bool {
        self.file.note() == note_of_ended(token)
    }

    /// Leaves word that the service has refused this refresh token for good, so that no other process asks once more.
    pub(super) fn set_ended(&self, token: &RefreshToken) {
        // Without it the next one finds out by itself.
        let _ = self.file.set_note(&note_of_ended(token));
    }

    /// Whether a sign-in was refused since then, as whoever made it has left word.
    pub(super) fn was_refused_since(&self, time: SystemTime) -> bool {
        let note = self.file.note();
        let refused_at = note.strip_prefix(NOTE_OF_REFUSED).and_then(|milliseconds| milliseconds.parse().ok());
        refused_at.is_some_and(|refused_at: u128| refused_at >= milliseconds(time))
    }

    /// Leaves word that a sign-in was refused now, so that nobody who waited for it opens a browser in turn.
    pub(super) fn set_refused(&self, now: SystemTime) {
        // Without it the next one asks the person once more.
        let _ = self.file.set_note(&format!("{NOTE_OF_REFUSED}{}", milliseconds(now)));
    }
}

/// What a note of a refused sign-in begins with; its time follows, in milliseconds since 1970.
const NOTE_OF_REFUSED: &str = "refused ";

fn milliseconds(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

/// No JSON: the AWS CLI looks for tokens in every file of the folder.
fn note_of_ended(token: &RefreshToken) -> String {
    format!("ended {}", hex::encode(Sha256::digest(token.expose())))
}

/// A place in the cache for a token that is yet to come: making it shows that the token can be kept. Signals are held
/// off while it lives, so that a refresh token that is used up is never lost with its successor.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    replacement: Replacement,
}

/// What is found in a file of the cache.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    Nothing,
    Corrupt(String),
    Whole(T),
}

impl Cache {
    /// The cache in this folder, which need not exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The file of a sign-in's token.
    pub fn token_path(&self, session: &SsoSession) -> PathBuf {
        self.folder.join(format!("{}.json", names::token(session)))
    }

    /// The file of the client registered for a sign-in; where the config names scopes, either kind has the same.
    fn registration_path(&self, session: &SsoSession, kind: RegistrationKind) -> PathBuf {
        self.folder.join(format!("{}.json", names::registration(session, kind)))
    }

    /// The token of a sign-in, live or not; `None` where there is none. A corrupt file counts as none and is told of.
    ///
    /// # Errors
    /// [`CacheError::Unreadable`].
    pub fn token(&self, session: &SsoSession, tell: &dyn Fn(Notice<'_>)) -> Result<Option<Token>, CacheError> {
        Ok(told(&self.token_path(session), self.found_token(session)?, tell))
    }

    /// [`token`](Self::token) without a word about a corrupt file, which may be whole a moment later: the AWS CLI
    /// empties a file before it writes it.
    pub(super) fn found_token(&self, session: &SsoSession) -> Result<Found<Token>, CacheError> {
        read(&self.token_path(session), format::token)
    }

    /// Writes a sign-in's token in place of what is there, 0600. Hold the sign-in's lock.
    ///
    /// # Errors
    /// [`CacheError::NotWritten`]; then the file is as it was.
    pub(super) fn keep_token(&self, session: &SsoSession, token: &Token) -> Result<(), CacheError> {
        self.reserve(session)?.keep(session, token)
    }

    /// A place for a token that is yet to come. Hold the sign-in's lock.
    ///
    /// # Errors
    /// [`CacheError::NotWritten`].
    pub(super) fn reserve(&self, session: &SsoSession) -> Result<Place, CacheError> {
        let path = self.token_path(session);
        match Replacement::begin(&path, TOKEN_ROOM) {
            Ok(replacement) => Ok(Place { path, replacement }),
            Err(error) => Err(not_written(&path, &error)),
        }
    }

    /// Makes sure that a token could be kept, before a person signs in for nothing. Hold the sign-in's lock.
    ///
    /// # Errors
    /// [`CacheError::NotWritten`].
    pub(super) fn require_writable(&self, session: &SsoSession) -> Result<(), CacheError> {
        self.reserve(session).map(drop)
    }

    /// Takes the registered client of a sign-in out of the cache, where one of this kind is there and has 15 minutes or
    /// more left: when a person has signed in with it, it is kept again. A file that cannot be read counts as none and
    /// is told of. Hold the sign-in's lock.
    pub(super) fn take_registration(
        &self,
        session: &SsoSession,
        kind: RegistrationKind,
        now: SystemTime,
        tell: &dyn Fn(Notice<'_>),
    ) -> Option<Registration> {
        let path = self.registration_path(session, kind);
        let found = read(&path, format::registration).unwrap_or_else(|error| match error {
            CacheError::Unreadable { source, .. } => Found::Corrupt(source.to_string()),
            other => Found::Corrupt(other.to_string()),
        });
        let (_, registration) = told(&path, found, tell).filter(|(found, registration)| {
            *found == kind && registration.expires_at.duration_since(now).is_ok_and(|left| left >= REGISTRATION_LEFT)
        })?;
        // A folder that it cannot be taken out of takes no token either, which is found out before.
        let _ = fs::remove_file(&path);
        Some(registration)
    }

    /// Writes a sign-in's registered client in place of what is there, 0600. Hold the sign-in's lock.
    ///
    /// # Errors
    /// [`CacheError::NotWritten`]; then the file is as it was.
    pub(super) fn keep_registration(
        &self,
        session: &SsoSession,
        kind: RegistrationKind,
        registration: &Registration,
    ) -> Result<(), CacheError> {
        let path = self.registration_path(session, kind);
        let text = Zeroizing::new(format::registration_text(session, kind, registration));
        plan::replace(&path, text.as_bytes()).map_err(|error| not_written(&path, &error))
    }

    /// Waits up to `limit` for the sign-in's lock, which one process has at a time, and within a process one caller.
    /// `waiting` is called once where it is not free within a moment.
    ///
    /// # Errors
    /// [`CacheError::Locked`]; [`CacheError::NotWritten`] where the lock's file cannot be made.
    pub async fn lock(
        &self,
        session: &SsoSession,
        limit: Duration,
        waiting: &mut dyn FnMut(),
    ) -> Result<Lock, CacheError> {
        let path = self.folder.join(format!("{}.lock", names::token(session)));
        match lock::acquire(&path, limit, waiting).await {
            Ok(Some(file)) => {
                plan::sweep(&self.token_path(session));
                for kind in [RegistrationKind::Pkce, RegistrationKind::Device] {
                    plan::sweep(&self.registration_path(session, kind));
                }
                Ok(Lock { file })
            }
            Ok(None) => Err(CacheError::Locked { session: session.label().to_owned(), limit }),
            Err(error) => Err(not_written(&path, &error)),
        }
    }

    /// Removes the token of a sign-in, as `aws sso logout` does with every one; returns the removed file. A client stays
    /// registered. Hold the sign-in's lock, whose file stays, too: others may be waiting for it.
    ///
    /// # Errors
    /// [`CacheError::NotWritten`].
    pub fn remove(&self, session: &SsoSession) -> Result<Vec<PathBuf>, CacheError> {
        remove_files([self.token_path(session)])
    }
}

impl Place {
    /// Writes the token.
    ///
    /// # Errors
    /// [`CacheError::NotWritten`].
    pub(super) fn keep(self, session: &SsoSession, token: &Token) -> Result<(), CacheError> {
        // A file that cannot be read has nothing to say about what else it holds.
        let before = FileState::read(&self.path, LIMIT).ok();
        let before = before.as_ref().and_then(FileState::bytes);
        let text = Zeroizing::new(format::token_text(session, token, before));
        self.replacement.finish(text.as_bytes()).map_err(|error| not_written(&self.path, &error))
    }
}

/// Removes the cached credentials of these roles from `~/.aws/cli/cache`; returns the removed files. The files do not
/// say which sign-in they come from, so those of a role that no profile names any more cannot be told and stay.
///
/// # Errors
/// [`CacheError::NotWritten`].
pub fn remove_role_credentials(cli: &Path, logins: &[SsoLogin]) -> Result<Vec<PathBuf>, CacheError> {
    remove_files(logins.iter().map(|login| role_credentials_path(cli, login)))
}

fn remove_files(paths: impl IntoIterator<Item = PathBuf>) -> Result<Vec<PathBuf>, CacheError> {
    let mut removed = Vec::new();
    for path in paths {
        match fs::remove_file(&path) {
            Ok(()) => removed.push(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(CacheError::NotWritten { path, reason: error.to_string() }),
        }
    }
    Ok(removed)
}

fn read<T>(path: &Path, parse: impl FnOnce(&[u8]) -> Result<T, String>) -> Result<Found<T>, CacheError> {
    match FileState::read(path, LIMIT) {
        Ok(FileState::Absent { .. }) => Ok(Found::Nothing),
        Ok(FileState::Regular(file)) => {
            let bytes = Zeroizing::new(file.bytes);
            Ok(parse(&bytes).map_or_else(Found::Corrupt, Found::Whole))
        }
        Err(PlanError::TooLarge { .. }) => Ok(Found::Corrupt(format!("it is larger than {} KiB", LIMIT / 1024))),
        Err(error) => Err(unreadable(path, error)),
    }
}

fn told<T>(path: &Path, found: Found<T>, tell: &dyn Fn(Notice<'_>)) -> Option<T> {
    match found {
        Found::Nothing => None,
        Found::Corrupt(reason) => {
            tell(Notice::Corrupt { path, reason: &reason });
            None
        }
        Found::Whole(found) => Some(found),
    }
}

fn unreadable(path: &Path, error: PlanError) -> CacheError {
    let source = match error {
        PlanError::Unreadable { source, .. } | PlanError::Io { source, .. } => source,
        other => io::Error::other(words(&other)),
    };
    CacheError::Unreadable { path: path.to_owned(), source }
}

fn not_written(path: &Path, error: &PlanError) -> CacheError {
    CacheError::NotWritten { path: path.to_owned(), reason: words(error) }
}

/// What an error says beyond the path, which stands beside it already.
fn words(error: &PlanError) -> String {
    match error {
        PlanError::Io { source, .. } | PlanError::Unreadable { source, .. } => source.to_string(),
        PlanError::FolderNotWritable { source, .. } => format!("its folder is not writable: {source}"),
        PlanError::OwnerNotKept { .. } => "it belongs to another user".to_owned(),
        PlanError::Folder { .. } => "it is a folder, not a file".to_owned(),
        PlanError::NotRegular { .. } => "it is not a regular file".to_owned(),
        PlanError::DanglingSymlink { target, .. } => {
            format!("it is a symlink to `{}`, which does not exist", target.display())
        }
        PlanError::SymlinkLoop { .. } => "it is a symlink that leads back to itself".to_owned(),
        PlanError::ParentNotFolder { .. } => "a part of its path is a file, not a folder".to_owned(),
        other => other.to_string(),
    }
}
