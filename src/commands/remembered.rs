//! What is remembered of a project that was set up: its record, and where its session lies.
//!
//! It comes from the state folder alone, so that a project can be renewed without a look into its folder; it can be sent
//! to a thread that does the writing.

use std::path::{Path, PathBuf};

use crate::delivery::record::{Record, SetUp, project_id};
use crate::edit::MAX_BYTES;
use crate::host::HostPath;
use crate::plan::{self, FileState, Folder, Loaded, Plan, PlanError, Store};
use crate::report::{Error, Kind};

use super::{LOCK_PATIENCE, failures};

/// A project's record and session, as the state folder has them.
#[derive(Debug, Clone)]
pub(super) struct Remembered {
    root: PathBuf,
    pub(super) store: Store,
    pub(super) loaded: Loaded<Record>,
    state: HostPath,
}

impl Remembered {
    /// What the state folder knows of the project in `root`.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub(super) fn of(state: HostPath, root: PathBuf) -> Result<Self, Error> {
        let store = store(&state, &project_id(&root));
        let loaded = store.load().map_err(|error| failures::plan(&root, &error))?;
        Ok(Self { root, store, loaded, state })
    }

    /// Every project that the state folder remembers, by the name of its folder there; an error for a record that cannot
    /// be read.
    pub(super) fn all(state: &HostPath) -> impl Iterator<Item = Result<Self, PlanError>> {
        let entries = std::fs::read_dir(state.join("projects").as_path()).into_iter().flatten().flatten();
        let mut ids: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        ids.sort();
        ids.into_iter().filter_map(|id| Self::by_id(state.clone(), &id).transpose())
    }

    /// What the state folder keeps under the name `id`; `None` where there is no record.
    ///
    /// # Errors
    /// A record that cannot be read.
    fn by_id(state: HostPath, id: &str) -> Result<Option<Self>, PlanError> {
        let store = store(&state, id);
        let loaded: Loaded<Record> = store.load()?;
        let root = loaded.record.as_ref().map(|record| record.project.clone());
        Ok(root.map(|root| Self { root, store, loaded, state }))
    }

    /// The same, read again.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub(super) fn again(self) -> Result<Self, Error> {
        let loaded = self.store.load().map_err(|error| failures::plan(&self.root, &error))?;
        Ok(Self { loaded, ..self })
    }

    /// The project's folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What was recorded; `None` where astro-aws wrote nothing there.
    pub(super) fn record(&self) -> Option<&Record> {
        self.loaded.record.as_ref()
    }

    /// How the project got its identity; `None` where it was not set up.
    pub(super) fn set_up(&self) -> Option<&SetUp> {
        self.record()?.set_up.as_ref()
    }

    /// The session folder, as the host names it.
    pub(super) fn session_folder(&self) -> HostPath {
        self.state.join("sessions").join(&project_id(&self.root))
    }

    /// The folders on the way to a session's files: closed to other users, open to any container that mounts the last.
    pub(super) fn session_folders(&self) -> [Folder; 3] {
        [
            Folder::new(self.state.to_path_buf(), 0o700),
            Folder::private(self.state.join("sessions").to_path_buf()),
            Folder::new(self.session_folder().to_path_buf(), 0o755),
        ]
    }

    /// The bytes of a file that a plan may change; `None` where there is none.
    ///
    /// # Errors
    /// What stands there is no file to work on, or too large, or unreadable.
    pub(super) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        let state = FileState::read(path, MAX_BYTES as u64).map_err(|error| failures::plan(&self.root, &error))?;
        Ok(state.bytes().map(<[u8]>::to_vec))
    }

    /// Makes the changes of a plan, all or none, and remembers `record`. `waiting` is called where another process is
    /// at work in the project.
    ///
    /// # Errors
    /// Where a file could not be changed: then none was.
    pub(super) fn apply(&self, plan: &Plan, record: Option<&Record>, waiting: impl FnOnce()) -> Result<Attempt, Error> {
        let failed = |error: PlanError| failures::plan(&self.root, &error);
        let lock = self.store.lock(LOCK_PATIENCE, waiting).map_err(failed)?;
        let applied = match plan::apply(&lock, plan, &self.loaded.stamp, record) {
            Err(error @ PlanError::ChangedMeanwhile { .. }) => return Ok(Attempt::Overtaken(failed(error))),
            applied => applied.map_err(failed)?,
        };
        match applied.interrupted {
            Some(_) => Err(Error::new(Kind::Interrupted, "interrupted after the change was made as a whole")
                .hint("take it back with `astro-aws undo`")),
            None => Ok(Attempt::Applied),
        }
    }
}

/// What came of applying a plan.
#[derive(Debug)]
pub(super) enum Attempt {
    /// Every change was made.
    Applied,
    /// None was made: a file, or the record, changed after the plan was. The error says which.
    Overtaken(Error),
}

impl Attempt {
    /// For a command that cannot plan again.
    ///
    /// # Errors
    /// The error of [`Attempt::Overtaken`].
    pub(super) fn or_fail(self) -> Result<(), Error> {
        match self {
            Self::Applied => Ok(()),
            Self::Overtaken(error) => Err(error),
        }
    }
}

fn store(state: &HostPath, id: &str) -> Store {
    Store::open(state.join("projects").join(id).to_path_buf())
}
