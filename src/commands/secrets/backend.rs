//! The backend that a command of `secrets` works with, as the containers of a project will see it.

use crate::airflow::backend::{BACKEND_VARIABLE, KWARG_VARIABLE_PREFIX, KWARGS_VARIABLE, WORKERS_BACKEND_VARIABLE};
use crate::airflow::findings::{self, Finding};
use crate::airflow::kwargs::key_of_variable;
use crate::airflow::{Backend, Configured, Kwargs, KwargsError, Naming};
use crate::cli::secrets::BackendArgs;
use crate::commands::project::Workspace;
use crate::commands::{App, failures};
use crate::delivery::environment::{Environment, Sources, Variable};
use crate::project::{Airflow, DOTENV, OVERRIDE};
use crate::report::{Error, Kind};

use super::present::reads_single_kwargs;

/// A backend as the containers of a project will see it, or one that was asked for.
#[derive(Debug)]
pub(super) struct Backed {
    /// The project; `None` outside of one, with `--backend`.
    pub(super) workspace: Option<Workspace>,
    /// The backend and its kwargs.
    pub(super) configured: Configured,
    /// The names that it looks up.
    pub(super) naming: Naming,
    /// The region of `--region`: what the project remembers is laid over the options when it is opened.
    pub(super) asked_region: Option<String>,
    /// What a task sees of the variables of Airflow's secrets and of AWS; nothing outside of a project.
    pub(super) environment: Environment,
}

/// Finds the backend: that of the project's variables, else the one of `--backend` with Airflow's defaults.
///
/// # Errors
/// [`Kind::Project`] where there is none, or where Airflow could not use it.
pub(super) fn find(app: &mut App, args: &BackendArgs) -> Result<Backed, Error> {
    let backed = find_for_full_names(app, args)?;
    let is_set = |class: &Variable| !class.value.expose().is_empty();
    if args.backend.is_some() && backed.environment.get(BACKEND_VARIABLE).is_some_and(is_set) {
        app.report.warn(
            "backend_option",
            format!(
                "`--backend` takes {} with Airflow's default prefixes; what this project has set for its own backend \
                 does not count",
                backed.configured.backend.title()
            ),
        );
    }
    Ok(backed)
}

/// Like [`find`], for names that no prefix is put before: nothing is lost where the project's kwargs do not count.
///
/// # Errors
/// As [`find`].
pub(super) fn find_for_full_names(app: &mut App, args: &BackendArgs) -> Result<Backed, Error> {
    let asked_region = app.global.region.clone();
    let Some(choice) = args.backend else {
        let workspace = Workspace::open(app)?;
        let environment = environment(app, &workspace)?;
        let (configured, naming) = configured(app, &workspace, &environment)?;
        return Ok(Backed { workspace: Some(workspace), configured, naming, asked_region, environment });
    };
    let configured = Configured::default_of(Backend::from(choice));
    let naming = configured.naming().map_err(|error| Error::new(Kind::Project, error.to_string()))?;
    // With a backend of its own the command needs no project, unless one is named.
    let workspace = match Workspace::open(app) {
        Ok(workspace) => Some(workspace),
        Err(error) if app.global.project.is_some() => return Err(error),
        Err(_) => None,
    };
    let environment = match &workspace {
        Some(workspace) => environment(app, workspace)?,
        None => Environment::default(),
    };
    Ok(Backed { workspace, configured, naming, asked_region, environment })
}

/// Lays the region and the profile of the project's own backend over a service that was asked for by its name: where the
/// project's secrets are, its other parameters most likely are too. Kwargs that cannot be read tell nothing.
pub(super) fn stay_in_its_place(backed: &mut Backed) {
    let text = backed.environment.get(KWARGS_VARIABLE).map(|json| json.value.expose());
    let of_project = text.and_then(|text| Kwargs::parse(text).ok()).unwrap_or_default();
    for key in ["region_name", "profile_name"] {
        if let Some(value) = of_project.get(key) {
            backed.configured.kwargs.set(key, value.clone());
        }
    }
}

/// The variables that a task of this project sees: those of the scheduler's container, or of the host.
///
/// # Errors
/// [`Kind::Project`] where a file of the project cannot be read.
pub(super) fn environment(app: &App, workspace: &Workspace) -> Result<Environment, Error> {
    environment_of(app, workspace, TASK_SERVICE)
}

/// Where tasks run, with the LocalExecutor of an Astro project.
const TASK_SERVICE: &str = "scheduler";

fn environment_of(app: &App, workspace: &Workspace, service: &str) -> Result<Environment, Error> {
    let read = |name: &str| workspace.read(&workspace.root().join(name));
    let (dotenv, compose, dockerfile) = (read(DOTENV)?, read(OVERRIDE)?, read("Dockerfile")?);
    let dockerfile = dockerfile.as_deref().map(String::from_utf8_lossy);
    let sources = Sources {
        dockerfile: dockerfile.as_deref(),
        dotenv: dotenv.as_deref(),
        compose: compose.as_deref(),
        host: &app.host.env,
    };
    let found = if workspace.is_standalone() {
        Environment::standalone(&sources)
    } else {
        Environment::of_service(&sources, service)
    };
    found.map_err(|unreadable| failures::refusal(&workspace.root().join(unreadable.file), &unreadable.refusal))
}

/// The backend that the variables name, and its names.
fn configured(app: &App, workspace: &Workspace, environment: &Environment) -> Result<(Configured, Naming), Error> {
    let (backend, class) = backend_of(environment)?;
    let kwargs = kwargs_of(app, workspace, environment)?;
    let configured = Configured { backend, kwargs };
    let naming = configured.naming().map_err(|error| unusable(environment, class, error))?;
    warn_of_surprises(app, workspace, environment)?;
    Ok((configured, naming))
}

fn backend_of(environment: &Environment) -> Result<(Backend, &Variable), Error> {
    let class = environment.get(BACKEND_VARIABLE).filter(|class| !class.value.expose().is_empty());
    let class = class.ok_or_else(|| {
        Error::new(Kind::Project, "this project has no secrets backend")
            .hint("set one up with `astro-aws secrets enable secrets-manager` or `… parameter-store`")
            .hint("or name one with `--backend`, which takes Airflow's default prefixes")
    })?;
    let backend = Backend::of_class_path(class.value.expose()).ok_or_else(|| {
        let name = class.value.expose().escape_debug();
        Error::new(Kind::Project, format!("{}: the secrets backend is `{name}`, which is not one of AWS", class.origin))
            .hint("replace it with `astro-aws secrets enable secrets-manager --overwrite` or `… parameter-store …`")
            .hint("or name one with `--backend`, which takes Airflow's default prefixes")
    })?;
    Ok((backend, class))
}

fn kwargs_of(app: &App, workspace: &Workspace, environment: &Environment) -> Result<Kwargs, Error> {
    let json = environment.get(KWARGS_VARIABLE);
    let elsewhere = ["_CMD", "_SECRET"].map(|end| format!("{KWARGS_VARIABLE}{end}"));
    if let Some((name, variable)) =
        elsewhere.iter().filter(|_| json.is_none()).find_map(|name| Some((name, environment.get(name)?)))
    {
        let message =
            format!("{}: `{name}` gets the kwargs from elsewhere, where astro-aws cannot follow", variable.origin);
        return Err(Error::new(Kind::Project, message).hint(format!("write them as `{KWARGS_VARIABLE}`")));
    }
    let each: Vec<(&str, &Variable)> = environment.beginning_with(KWARG_VARIABLE_PREFIX).collect();
    let is_known = reads_single_kwargs(workspace);
    if let (Some((name, variable)), false) = (each.first(), is_known) {
        app.report.warn(
            "per_key_kwargs",
            format!(
                "{}: Airflow before 3.2, which this project has, passes over `{name}` and its like; in \
                 `{KWARGS_VARIABLE}` it counts",
                variable.origin
            ),
        );
    }
    let pairs = each.iter().filter(|_| is_known).map(|(name, variable)| (*name, variable.value.expose()));
    let text = json.map(|variable| variable.value.expose());
    Kwargs::merged(text, pairs).map_err(|error| match json {
        Some(json) => unusable(environment, json, error),
        None => Error::new(Kind::Project, error.to_string()),
    })
}

/// Kwargs that Airflow cannot use, with the place where they are set.
fn unusable(environment: &Environment, otherwise: &Variable, error: KwargsError) -> Error {
    let of_key = |key: &str| {
        let named = |(name, _): &(&str, &Variable)| key_of_variable(name).as_deref() == Some(key);
        environment.beginning_with(KWARG_VARIABLE_PREFIX).find(named).map(|(_, variable)| variable)
    };
    let variable = match &error {
        KwargsError::Value { key, .. } => of_key(key).or_else(|| environment.get(KWARGS_VARIABLE)),
        KwargsError::NotAnObject { .. } => environment.get(KWARGS_VARIABLE),
    };
    let origin = &variable.unwrap_or(otherwise).origin;
    let class = environment.get(BACKEND_VARIABLE).and_then(|class| Backend::of_class_path(class.value.expose()));
    let hint = match (&error, class) {
        // What cannot be read cannot be merged with either.
        (KwargsError::NotAnObject { .. }, Some(backend)) => {
            format!(
                "mend that line, or have it written anew with `astro-aws secrets enable {} --overwrite`",
                backend.name()
            )
        }
        _ => "mend that line, or have it written with `astro-aws secrets enable`".to_owned(),
    };
    Error::new(Kind::Project, format!("{origin}: {}", Finding::Unusable { error })).hint(hint)
}

/// Tells where the containers may not see what is read here.
fn warn_of_surprises(app: &App, workspace: &Workspace, environment: &Environment) -> Result<(), Error> {
    for (name, variable) in
        environment.beginning_with("AIRFLOW__SECRETS__").filter(|(_, variable)| variable.is_expanded)
    {
        let message =
            format!("{}: Compose fills in the `$` in `{name}`, so the containers see another value", variable.origin);
        app.report.warn("compose_dollar", message);
    }
    let json = environment.get(KWARGS_VARIABLE);
    if let Some((json, finding)) = json.and_then(|json| Some((json, findings::of_text(json.value.expose())?))) {
        app.report.warn(finding.id(), format!("{}: {finding}", json.origin));
    }
    if let Some(worker) = environment.get(WORKERS_BACKEND_VARIABLE).filter(|class| !class.value.expose().is_empty()) {
        let message = format!(
            "{}: with `{WORKERS_BACKEND_VARIABLE}` tasks of Airflow 3 have a backend of their own, which is not looked at",
            worker.origin
        );
        app.report.warn("workers_backend", message);
    }
    let services = workspace.project.airflow().map_or(&[][..], Airflow::services);
    for service in services.iter().filter(|service| **service != TASK_SERVICE && !workspace.is_standalone()) {
        let other = environment_of(app, workspace, service)?;
        let differs = |name| other.get(name).map(|one| &one.value) != environment.get(name).map(|one| &one.value);
        if let Some(name) = [BACKEND_VARIABLE, KWARGS_VARIABLE].into_iter().find(|name| differs(name)) {
            let message =
                format!("`{name}` is another in `{service}` than in `{TASK_SERVICE}`, whose value counts here");
            app.report.warn("services_differ", message);
        }
    }
    Ok(())
}
