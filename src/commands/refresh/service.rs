//! `refresh --install-service` and `--uninstall-service`: shown, asked, written, started; or taken away again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::commands::{App, choices, failures};
use crate::host::service::{self as host_service, Argv, Carried, Runner, Service};
use crate::host::{HostPath, program};
use crate::plan::{self, Change, FileState, Plan};
use crate::report::outcome::{Service as Outcome, ServiceState};
use crate::report::{Error, Kind};

/// The longest that one command of the service's runner may take: a stop waits for a renewal that is under way.
const LIMIT: Duration = Duration::from_secs(60);

/// Our own file is far smaller.
const FILE_LIMIT: u64 = 1024 * 1024;

/// Writes the service's file and starts it; nothing where it is there and runs already.
///
/// # Errors
/// Where there is nothing that runs services for this person; then nothing is written.
pub(super) async fn install(app: &App) -> Result<Outcome, Error> {
    let (service, carried) = planned(app)?;
    for left in &carried.left_out {
        app.report.warn("left_out", format!("{} is not carried over to the service: {}", left.name, left.reason));
    }
    if service.runner == Runner::TaskScheduler && !carried.variables.is_empty() {
        let names: Vec<_> = carried.variables.iter().map(|(name, _)| name.as_str()).collect();
        let message = "a task sees the variables of your account, not those of this shell: compare";
        app.report.warn("account_variables", format!("{message} {}", names.join(", ")));
    }
    let path = service.file.to_path_buf();
    let before = read(&path)?;
    let plan = Plan { changes: vec![Change::new(&path, before.clone(), Some(service.text.clone().into_bytes()))] };
    if app.global.dry_run {
        choices::confirm(app, &plan, None, "")?;
        return Ok(outcome(&service, ServiceState::Enabled, &plan, app));
    }
    require_reachable(app, &service).await?;
    if plan.is_empty() {
        if !succeeds(app, &service.running).await {
            start(app, &service).await?;
        }
        return Ok(outcome(&service, ServiceState::Enabled, &plan, app));
    }
    choices::confirm(app, &plan, None, "Install this service?")?;
    if before.is_some() {
        for command in &service.before {
            let _ = call(app, command).await;
        }
    }
    plan::replace(&path, service.text.as_bytes()).map_err(|error| failures::plan(&path, &error))?;
    if let Err(error) = start(app, &service).await {
        take_back(app, &service, before.as_deref()).await;
        return Err(error.hint("nothing was installed"));
    }
    Ok(outcome(&service, ServiceState::Enabled, &plan, app))
}

/// Stops the service and removes its file.
///
/// # Errors
/// Where it goes on running, or its file cannot be removed.
pub(super) async fn uninstall(app: &App) -> Result<Outcome, Error> {
    let (service, _) = planned(app)?;
    let path = service.file.to_path_buf();
    let before = read(&path)?;
    let plan = Plan { changes: Vec::from_iter(before.map(|before| Change::new(&path, Some(before), None))) };
    if plan.is_empty() {
        return Ok(outcome(&service, ServiceState::Removed, &plan, app));
    }
    if !choices::confirm(app, &plan, None, "Take this service away?")? {
        return Ok(outcome(&service, ServiceState::Removed, &plan, app));
    }
    let mut stopped = Ok(());
    for command in &service.stop {
        stopped = call(app, command).await;
    }
    if let Err(error) = stopped
        && succeeds(app, &service.running).await
    {
        return Err(error.hint("the service still runs, and its file is still there"));
    }
    std::fs::remove_file(&path)
        .map_err(|error| Error::new(Kind::Failed, format!("`{}` cannot be removed: {error}", path.display())))?;
    for command in &service.after_removal {
        let _ = call(app, command).await;
    }
    Ok(outcome(&service, ServiceState::Removed, &plan, app))
}

fn planned(app: &App) -> Result<(Service, Carried), Error> {
    let program = program_path(app)?;
    let carried = host_service::carried(&app.host);
    let service = host_service::service(&app.host, &program, &carried).ok_or_else(|| {
        Error::new(Kind::Failed, "this account has no home folder to install a service in").hint("set HOME")
    })?;
    Ok((service, carried))
}

/// The program as a service is to start it: by the name on PATH where that leads to this very program, since a package's
/// own folder changes with every version.
fn program_path(app: &App) -> Result<String, Error> {
    let Some(running) = &app.program else {
        return Err(Error::new(Kind::Failed, "the system does not tell where this program lies"));
    };
    let is_this = |found: &PathBuf| same(found, running);
    let on_path = program::find("astro-aws", &app.host.env, &app.host.cwd).filter(is_this);
    let path = on_path.unwrap_or_else(|| running.clone());
    HostPath::from_path(app.host.os, &path)
        .map(|path| path.to_string())
        .ok_or_else(|| Error::new(Kind::Failed, format!("the path {} is not Unicode", path.display())))
}

fn same(a: &Path, b: &Path) -> bool {
    a.is_absolute() && dunce::canonicalize(a).is_ok_and(|a| dunce::canonicalize(b).is_ok_and(|b| a == b))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let state = FileState::read(path, FILE_LIMIT).map_err(|error| failures::plan(path, &error))?;
    Ok(state.bytes().map(<[u8]>::to_vec))
}

async fn require_reachable(app: &App, service: &Service) -> Result<(), Error> {
    let Err(error) = call(app, &service.reachable).await else { return Ok(()) };
    let hint = match service.runner {
        Runner::Systemd => {
            "there is no systemd for your account here, as in a container or WSL 1: run `astro-aws refresh --watch --all` some other way"
        }
        Runner::Launchd => "run it in a session of your own on the Mac's screen, not over SSH",
        Runner::TaskScheduler => "let your account use the Task Scheduler",
    };
    Err(error.hint(hint))
}

async fn start(app: &App, service: &Service) -> Result<(), Error> {
    for command in &service.start {
        call(app, command).await?;
    }
    Ok(())
}

/// Puts the file back as it was before a start that failed.
async fn take_back(app: &App, service: &Service, before: Option<&[u8]>) {
    let path = service.file.as_path();
    // Best effort: the error that led here is the one to report.
    match before {
        Some(before) => {
            let _ = plan::replace(path, before);
            let _ = start(app, service).await;
        }
        None => {
            for command in &service.stop {
                let _ = call(app, command).await;
            }
            let _ = std::fs::remove_file(path);
            for command in &service.after_removal {
                let _ = call(app, command).await;
            }
        }
    }
}

async fn succeeds(app: &App, command: &Argv) -> bool {
    call(app, command).await.is_ok()
}

/// Runs a command of the runner.
async fn call(app: &App, command: &Argv) -> Result<(), Error> {
    let Some((name, arguments)) = command.split_first() else { return Ok(()) };
    let shown = command.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    app.report.detail(format!("running `{shown}`"));
    let path = program::find(&name.to_string_lossy(), &app.host.env, &app.host.cwd)
        .ok_or_else(|| Error::new(Kind::Failed, format!("there is no `{}` on PATH", name.to_string_lossy())))?;
    let ended = program::run::<&OsString>(&path, arguments, &app.host.env, b"", LIMIT).await;
    let output = ended.map_err(|error| Error::new(Kind::Failed, error.to_string()))?;
    match output.first_error_line() {
        _ if output.is_success() => Ok(()),
        Some(line) => Err(Error::new(Kind::Failed, format!("`{shown}` failed: {line}"))),
        None => Err(Error::new(Kind::Failed, format!("`{shown}` failed"))),
    }
}

fn outcome(service: &Service, state: ServiceState, plan: &Plan, app: &App) -> Outcome {
    Outcome {
        service: service.runner.name(),
        state,
        files: choices::file_changes(plan),
        look: service.look,
        dry_run: app.global.dry_run,
    }
}
