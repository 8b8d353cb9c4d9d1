//! The project a command works on, with what is remembered of its set-up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::delivery::record::{Record, project_id};
use crate::edit::MAX_BYTES;
use crate::host::engine::{Engine, EngineError};
use crate::host::files::RealFiles;
use crate::host::paths::engine_path;
use crate::host::{HostPath, state_dir};
use crate::plan::{self, FileState, Folder, Loaded, Outcome as RecoveryOutcome, Plan, PlanError, Recovered, Store};
use crate::project::{DevMode, Project, settings};
use crate::report::{Error, Kind};

use super::{App, LOCK_PATIENCE, failures};

/// How often a command plans anew because another astro-aws was faster.
pub(super) const ATTEMPTS: usize = 10;

/// The longest that one question to the container engine may take.
pub(super) const ENGINE_LIMIT: Duration = Duration::from_secs(10);

/// A project and its record.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) project: Project,
    pub(super) store: Store,
    pub(super) loaded: Loaded<Record>,
    state: HostPath,
}

impl Workspace {
    /// Finds the project of `--project` or of the current folder, and reads what is remembered of it. A change that was
    /// interrupted is put right first, but for a dry run.
    ///
    /// # Errors
    /// [`Kind::Project`] where there is no project or its files cannot be read.
    pub(super) fn open(app: &mut App) -> Result<Self, Error> {
        let start = start_folder(app);
        let home = app.host.home.as_ref().map(|home| home.to_path_buf());
        let user_config = settings::user_config(&app.host).map(|path| path.to_path_buf());
        let project = Project::open(&start, home.as_deref(), user_config.as_deref())
            .map_err(|error| failures::project(&error))?;
        app.report.detail(format!("project {}", project.root.display()));
        if let Some(error) = &project.settings.user_config_error {
            app.report.warn("user_config", format!("{error}; the Astro CLI goes on without it too"));
        }
        let state = state_dir(&app.host).ok_or_else(|| {
            Error::new(Kind::Failed, "this account has no home folder to keep the project's record in").hint("set HOME")
        })?;
        let store = Store::open(state.join("projects").join(&project_id(&project.root)).to_path_buf());
        if store.is_interrupted() {
            put_right(app, &store, &project.root)?;
        }
        let loaded: Loaded<Record> = store.load().map_err(|error| failures::plan(&project.root, &error))?;
        // A region that was asked for once counts for every call about this project.
        if let (None, Some(record)) = (&app.global.region, &loaded.record) {
            app.global.region.clone_from(&record.region);
        }
        Ok(Self { project, store, loaded, state })
    }

    pub(super) fn root(&self) -> &Path {
        &self.project.root
    }

    /// What is remembered; `None` where the project is not set up.
    pub(super) fn record(&self) -> Option<&Record> {
        self.loaded.record.as_ref()
    }

    /// The profile that the project was set up with.
    pub(super) fn profile(&self) -> Option<&str> {
        self.record().map(|record| record.profile.as_str())
    }

    pub(super) fn is_standalone(&self) -> bool {
        self.project.settings.dev_mode == DevMode::Standalone
    }

    /// The container engine of the project.
    ///
    /// # Errors
    /// Where there is none on PATH.
    pub(super) fn engine(&self, app: &App) -> Result<Engine, EngineError> {
        Engine::find(&app.host, self.project.settings.container_binary.as_deref(), &RealFiles)
    }

    /// The session folder, as the host names it.
    pub(super) fn session_folder(&self) -> HostPath {
        self.state.join("sessions").join(&project_id(self.root()))
    }

    /// What the source of every session mount of ours begins with, as the override file writes it; `None` where the
    /// state folder cannot be mounted.
    pub(super) fn session_sources(&self, app: &App) -> Option<String> {
        let sessions = engine_path(app.host.os, &self.session_folder().parent()?).ok()?;
        Some(format!("{}/", sessions.in_compose()))
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
        let state = FileState::read(path, MAX_BYTES as u64).map_err(|error| failures::plan(self.root(), &error))?;
        Ok(state.bytes().map(<[u8]>::to_vec))
    }

    /// Makes the changes of a plan, all or none, and remembers `record`.
    ///
    /// # Errors
    /// Where a file could not be changed: then none was.
    pub(super) fn apply(&self, app: &App, plan: &Plan, record: Option<&Record>) -> Result<Attempt, Error> {
        let failed = |error: PlanError| failures::plan(self.root(), &error);
        let waiting = || app.report.note("Waiting for another astro-aws at work in this project");
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

/// The folder where the search for a project begins.
pub(super) fn start_folder(app: &App) -> PathBuf {
    match &app.global.project {
        Some(folder) => app.host.cwd.join(folder),
        None => app.host.cwd.clone(),
    }
}

fn put_right(app: &mut App, store: &Store, root: &Path) -> Result<(), Error> {
    if app.global.dry_run {
        app.report.warn(
            "interrupted",
            "an earlier change was interrupted; it is put right by the next run without --dry-run",
        );
        return Ok(());
    }
    let failed = |error| failures::plan(root, &error);
    let lock = store.lock(LOCK_PATIENCE, || {}).map_err(failed)?;
    let Recovered { outcome, left } = plan::recover(&lock).map_err(failed)?;
    match outcome {
        RecoveryOutcome::Nothing => {}
        RecoveryOutcome::Finished => {
            app.report.warn("recovered", "an earlier change was interrupted and is now finished")
        }
        RecoveryOutcome::PutBack => {
            app.report.warn("recovered", "an earlier change was interrupted and is now taken back")
        }
    }
    for path in left {
        app.report
            .warn("left", format!("`{}` was changed since that interruption and is left as it is", path.display()));
    }
    Ok(())
}
