//! `secrets deploy`: a Deployment gets the project's secrets backend, with a role in place of this machine's identity.
//!
//! The project's backend comes in; out go the commands of the Astro CLI that set two variables, printed for a person or
//! run. Afterwards the backend may be taken out of the project.

mod astro;
mod kwargs;

use crate::airflow::backend::{BACKEND_VARIABLE, KWARGS_VARIABLE};
use crate::aws::arn::{self, Partition};
use crate::cli::secrets::{BackendArgs, DeployArgs, ShellChoice};
use crate::commands::App;
use crate::commands::project::Workspace;
use crate::delivery::entries::OnConflict;
use crate::host::Shell;
use crate::report::outcome::secrets::{AstroCommand, Deployed, DeploymentVariable};
use crate::report::{Error, Kind, prompt};

use super::backend::{self, Backed};
use super::disable::{self, Provider};
use super::region;
use astro::Verb;
use kwargs::ForDeployment;

pub(super) async fn run(app: &mut App, args: &DeployArgs) -> Result<Deployed, Error> {
    check_id(&args.deployment_id)?;
    let backed = backend::find(app, &BackendArgs { backend: None })?;
    let region = region::of_secrets(app, &backed)?;
    let role = role(args, &backed, &region)?;
    let ForDeployment { kwargs, left_out } =
        kwargs::for_deployment(&backed.configured.kwargs, role.as_deref(), &region);
    if !left_out.is_empty() {
        app.report.note(format!("Left out, since they are of this machine: {}", left_out.join(", ")));
    }
    let variables = vec![
        // First: kwargs without a class are passed over, a class without kwargs would look up the wrong names.
        DeploymentVariable { key: KWARGS_VARIABLE, value: kwargs.to_dotenv(), secret: true },
        DeploymentVariable {
            key: BACKEND_VARIABLE,
            value: backed.configured.backend.class_path().to_owned(),
            secret: false,
        },
    ];
    let mut deployed = Deployed {
        deployment_id: args.deployment_id.clone(),
        role_arn: role,
        region,
        variables,
        shell: shell(app, args).name(),
        commands: Vec::new(),
        ran: false,
        removed_local: false,
        files: Vec::new(),
        dry_run: app.global.dry_run,
        is_printed: false,
    };
    if args.run {
        run_commands(app, args, &mut deployed).await?
    } else {
        print_commands(app, args, &mut deployed)?
    }
    explain(app, args, &deployed);
    if args.remove_local {
        remove_local(app, &mut deployed)?;
    }
    Ok(deployed)
}

/// Finds out which of the variables are there, and sets both with the Astro CLI.
async fn run_commands(app: &App, args: &DeployArgs, deployed: &mut Deployed) -> Result<(), Error> {
    let program = astro::find(app)?;
    let listed = astro::list(app, &program, &deployed.deployment_id).await?;
    deployed.commands = commands(deployed, shell(app, args), |variable| astro::verb(&listed, variable.key));
    astro::warn_of_others(app, &listed);
    let lines = deployed.commands.iter().map(|command| command.line.as_str());
    if app.global.dry_run {
        return Ok(());
    }
    if app.global.yes {
        lines.for_each(|line| app.report.note(line));
    } else if app.may_ask() {
        lines.for_each(|line| app.report.show(line));
        if !prompt::confirm("Run these commands?", true)? {
            return Err(Error::new(Kind::Failed, "not run"));
        }
    } else {
        lines.for_each(|line| app.report.note(line));
        let why = app.why_not_asked();
        return Err(Error::new(Kind::Refused, format!("these commands change a Deployment and need a yes, and {why}"))
            .hint("run them with `--yes`, or leave `--run` out and run them yourself"));
    }
    astro::run_all(app, &program, &deployed.commands, &deployed.variables)?;
    deployed.ran = true;
    Ok(())
}

/// Makes the commands for a person. Nobody has looked at the Deployment: `update` sets a variable that is there, and one
/// that is not.
fn print_commands(app: &App, args: &DeployArgs, deployed: &mut Deployed) -> Result<(), Error> {
    deployed.commands = commands(deployed, shell(app, args), |_| Verb::Update);
    if !args.remove_local || app.global.dry_run || app.global.yes {
        return Ok(());
    }
    if !app.may_ask() {
        let why = app.why_not_asked();
        return Err(Error::new(Kind::Refused, format!("nobody said that these commands were run, and {why}"))
            .hint("run them with `--run`, or say with `--yes` that you did"));
    }
    app.report.result_lines(deployed.commands.iter().map(|command| command.line.as_str()));
    deployed.is_printed = true;
    if prompt::confirm("Have you run these commands? Then the secrets backend is taken out of this project.", false)? {
        return Ok(());
    }
    Err(Error::new(Kind::Failed, "the secrets backend stays in this project until the Deployment has it")
        .hint("run the commands, or give `--run`"))
}

fn remove_local(app: &mut App, deployed: &mut Deployed) -> Result<(), Error> {
    app.report.note("From here on nothing of the project looks secrets up on this machine: `astro-aws secrets enable` brings that back.");
    // A backend that the person wrote by hand goes, too: its taking out was asked for.
    let workspace = Workspace::open(app)?;
    let disabled = disable::take_out(app, &workspace, (OnConflict::Replace, Provider::Stays))?;
    deployed.removed_local = !disabled.dry_run && !disabled.files.is_empty();
    deployed.files = disabled.files;
    Ok(())
}

fn commands(deployed: &Deployed, shell: Shell, verb: impl Fn(&DeploymentVariable) -> Verb) -> Vec<AstroCommand> {
    let command = |variable: &DeploymentVariable| {
        let argv = astro::argv(verb(variable), &deployed.deployment_id, variable);
        let line = shell.line(argv.iter().map(String::as_str));
        AstroCommand { argv, line }
    };
    deployed.variables.iter().map(command).collect()
}

fn check_id(id: &str) -> Result<(), Error> {
    let is_id = id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_id {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, format!("`{id}` is no id of a Deployment"))
        .hint("`astro deployment list` shows the ids, such as clx1a2b3c000008l3h4k5d6e7f"))
}

/// The role of `--role-arn`, else that of the kwargs.
fn role(args: &DeployArgs, backed: &Backed, region: &str) -> Result<Option<String>, Error> {
    let (role, what, kind) = match (&args.role_arn, backed.configured.kwargs.text("role_arn")) {
        (Some(asked), _) => (asked.as_str(), "--role-arn", Kind::Usage),
        (None, Some(present)) => (present, "the kwarg `role_arn`", Kind::Project),
        (None, None) => return Ok(None),
    };
    let wrong = |reason: String| {
        Error::new(kind, format!("{what}: `{role}` {reason}")).hint("give the role's ARN with `--role-arn`")
    };
    let partition = arn::role(role).map_err(|malformed| wrong(malformed.to_string()))?;
    let of_region = Partition::of_region(region);
    if partition != of_region {
        return Err(wrong(format!("is of the partition {partition}, and {region} is of {of_region}")));
    }
    Ok(Some(role.to_owned()))
}

fn shell(app: &App, args: &DeployArgs) -> Shell {
    match args.shell {
        Some(ShellChoice::Sh) => Shell::Posix,
        Some(ShellChoice::Powershell) => Shell::PowerShell,
        Some(ShellChoice::WindowsPowershell) => Shell::WindowsPowerShell,
        None => Shell::in_use(app.host.os, &app.host.env),
    }
}

/// Says beside the result what else the Deployment needs.
fn explain(app: &App, args: &DeployArgs, deployed: &Deployed) {
    let note = |line: &str| app.report.note(format!("- {line}"));
    if !args.run {
        note(
            "Run these where you are signed in to Astro (`astro login`), or let `--run` do it. `update` also makes a variable that is not there yet; each one restarts the Deployment.",
        );
    }
    match &deployed.role_arn {
        Some(role) => note(&format!(
            "The Deployment's workload identity has to be allowed to assume {role}: `astro-aws secrets policy --for astro` prints both policies."
        )),
        None => note(
            "Without `--role-arn` the Deployment looks secrets up as its own workload identity, which needs the permissions of `astro-aws secrets policy --for astro` itself.",
        ),
    }
    note(
        "The image needs apache-airflow-providers-amazon in requirements.txt (Airflow 3, slim images), and a deploy after it was added.",
    );
    let connection = "AIRFLOW_CONN_AWS_DEFAULT=aws://";
    let command = DeploymentVariable { key: "", value: String::new(), secret: false };
    let mut argv = astro::argv(Verb::Update, &deployed.deployment_id, &command);
    if let Some(last) = argv.last_mut() {
        connection.clone_into(last);
    }
    note(
        "For DAGs that use an AWS connection, give the Deployment one without credentials, which falls back to those of its environment: in the Airflow UI, Admin, Connections: type Amazon Web Services, id aws_default, all else empty. Or:",
    );
    app.report.note(format!("    {}", shell(app, args).line(argv.iter().map(String::as_str))));
    if !deployed.ran && !deployed.is_printed {
        // What follows is to be run; the line above only by those who need it.
        app.report.note("");
    }
}
