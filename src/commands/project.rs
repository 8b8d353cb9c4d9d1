//! The project a command works on, with what is remembered of its set-up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::delivery::record::{Record, SetUp};
use crate::host::engine::{Engine, EngineError};
use crate::host::files::RealFiles;
use crate::host::paths::engine_path;
use crate::host::{HostPath, state_dir};
use crate::plan::{self, Outcome as RecoveryOutcome, Plan, Recovered, Store};
use crate::project::{DevMode, Project, settings};
use crate::report::{Error, Kind};

use super::remembered::Remembered;
use super::{App, LOCK_PATIENCE, failures};

pub(super) use super::remembered::Attempt;

/// How often a command plans anew because another astro-aws was faster.
pub(super) const ATTEMPTS: usize = 10;

/// The longest that one question to the container engine may take.
pub(super) const ENGINE_LIMIT: Duration = Duration::from_secs(10);

/// A project and its record.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) project: Project,
    pub(super) remembered: Remembered,
}

impl Workspace {
    /// Finds the project of `--project` or of the current folder, and reads what is remembered of it. A change that was
    /// interrupted is put right first, but for a dry run.
    ///
    /// # Errors
    /// [`Kind::Project`] where there is no project or its files cannot be read.
    pub(super) fn open(app: &mut App) -> Result<Self, Error> {
        let Self { project, mut remembered } = Self::look(app)?;
        app.report.detail(format!("project {}", project.root.display()));
        if let Some(error) = &project.settings.user_config_error {
            app.report.warn("user_config", format!("{error}; the Astro CLI goes on without it too"));
        }
        if remembered.store.is_interrupted() {
            put_right(app, &remembered.store, &project.root)?;
            remembered = remembered.again()?;
        }
        // A region that was asked for once counts for every call about this project.
        if let (None, Some(record)) = (&app.global.region, remembered.set_up()) {
            app.global.region.clone_from(&record.region);
        }
        Ok(Self { project, remembered })
    }

    /// The same for one who only looks: nothing is said, put right or taken over.
    ///
    /// # Errors
    /// [`Kind::Project`] where there is no project or its files cannot be read.
    pub(super) fn look(app: &App) -> Result<Self, Error> {
        let start = start_folder(app);
        let home = app.host.home.as_ref().map(|home| home.to_path_buf());
        let user_config = settings::user_config(&app.host).map(|path| path.to_path_buf());
        let project = Project::open(&start, home.as_deref(), user_config.as_deref())
            .map_err(|error| failures::project(&error))?;
        let remembered = Remembered::of(state(app)?, project.root.clone())?;
        Ok(Self { project, remembered })
    }

    pub(super) fn root(&self) -> &Path {
        &self.project.root
    }

    /// What is remembered; `None` where astro-aws wrote nothing here.
    pub(super) fn record(&self) -> Option<&Record> {
        self.remembered.record()
    }

    /// How the project got its identity; `None` where it was not set up.
    pub(super) fn set_up(&self) -> Option<&SetUp> {
        self.remembered.set_up()
    }

    /// The profile that the project was set up with.
    pub(super) fn profile(&self) -> Option<&str> {
        self.set_up().map(|record| record.profile.as_str())
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
        self.remembered.session_folder()
    }

    /// What the source of every session mount of ours begins with, as the override file writes it; `None` where the
    /// state folder cannot be mounted.
    pub(super) fn session_sources(&self, app: &App) -> Option<String> {
        let sessions = engine_path(app.host.os, &self.session_folder().parent()?).ok()?;
        Some(format!("{}/", sessions.in_compose()))
    }

    /// The bytes of a file that a plan may change; `None` where there is none.
    ///
    /// # Errors
    /// What stands there is no file to work on, or too large, or unreadable.
    pub(super) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        self.remembered.read(path)
    }

    /// Makes the changes of a plan, all or none, and remembers `record`.
    ///
    /// # Errors
    /// Where a file could not be changed: then none was.
    pub(super) fn apply(&self, app: &App, plan: &Plan, record: Option<&Record>) -> Result<Attempt, Error> {
        let waiting = || app.report.note("Waiting for another astro-aws at work in this project");
        self.remembered.apply(plan, record, waiting)
    }
}

/// The folder of everything that is remembered and handed over.
///
/// # Errors
/// Where the account has no home folder.
pub(super) fn state(app: &App) -> Result<HostPath, Error> {
    state_dir(&app.host).ok_or_else(|| {
        Error::new(Kind::Failed, "this account has no home folder to keep the project's record in").hint("set HOME")
    })
}

/// The folder where the search for a project begins.
pub(super) fn start_folder(app: &App) -> PathBuf {
    match &app.global.project {
        Some(folder) => app.host.cwd.join(folder),
        None => app.host.cwd.clone(),
    }
}

/// Finishes or takes back a change that was interrupted, and says so; a dry run only says so.
///
/// # Errors
/// Where that fails.
pub(super) fn put_right(app: &App, store: &Store, root: &Path) -> Result<(), Error> {
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
