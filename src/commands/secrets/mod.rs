//! `secrets`: Airflow's AWS secrets backends, a file a command.

mod backend;
mod check;
mod connect;
mod dag;
mod delete;
mod deploy;
mod disable;
mod enable;
mod export;
mod failures;
mod fetch;
mod get;
mod import;
mod item;
mod list;
mod masked;
mod policy;
mod present;
mod redacted;
mod region;
mod set;
mod surprises;
mod value;

use crate::cli::SecretsCommand;
use crate::report::outcome::Secrets;
use crate::report::{Error, Outcome};

use super::App;
pub(super) use present::in_use;
pub(super) use redacted::{plan as masked_plan, value as masked_value};

/// The variable of the connection that Airflow's AWS operators use where they are given none.
const AWS_CONNECTION_VARIABLE: &str = "AIRFLOW_CONN_AWS_DEFAULT";
/// A connection of type `aws` without credentials: boto3 then takes those of the container.
const AWS_CONNECTION: &str = "aws://";

/// The name of a command, as JSON documents give it.
pub(super) fn name(command: &SecretsCommand) -> &'static str {
    match command {
        SecretsCommand::Enable(_) => "secrets enable",
        SecretsCommand::Disable(_) => "secrets disable",
        SecretsCommand::Set(_) => "secrets set",
        SecretsCommand::Get(_) => "secrets get",
        SecretsCommand::List(_) => "secrets list",
        SecretsCommand::Delete(_) => "secrets delete",
        SecretsCommand::Import(_) => "secrets import",
        SecretsCommand::Export(_) => "secrets export",
        SecretsCommand::Check(_) => "secrets check",
        SecretsCommand::Policy(_) => "secrets policy",
        SecretsCommand::Deploy(_) => "secrets deploy",
        SecretsCommand::Dag(_) => "secrets dag",
        SecretsCommand::Fetch(_) => "secrets fetch",
    }
}

/// Runs a command.
///
/// # Errors
/// Whatever keeps the command from its outcome.
pub(super) async fn run(app: &mut App, command: &SecretsCommand) -> Result<Outcome, Error> {
    let outcome = match command {
        SecretsCommand::Enable(args) => enable::run(app, args).await.map(|of| Secrets::Enabled(Box::new(of)))?,
        SecretsCommand::Disable(args) => disable::run(app, args).await.map(Secrets::Disabled)?,
        SecretsCommand::Set(args) => set::run(app, args).await.map(Secrets::Stored)?,
        SecretsCommand::Get(args) => get::run(app, args).await.map(Secrets::Shown)?,
        SecretsCommand::List(args) => list::run(app, args).await.map(Secrets::Listed)?,
        SecretsCommand::Delete(args) => delete::run(app, args).await.map(Secrets::Deleted)?,
        SecretsCommand::Import(args) => import::run(app, args).await.map(Secrets::Imported)?,
        SecretsCommand::Export(args) => export::run(app, args).await.map(Secrets::Exported)?,
        SecretsCommand::Check(args) => check::run(app, args).await.map(Box::new).map(Secrets::Checked)?,
        SecretsCommand::Policy(args) => policy::run(app, args).await.map(Secrets::PolicyMade)?,
        SecretsCommand::Deploy(args) => deploy::run(app, args).await.map(Secrets::Deployed)?,
        SecretsCommand::Dag(args) => dag::run(app, args).await.map(Secrets::DagWritten)?,
        SecretsCommand::Fetch(args) => fetch::run(app, args).await.map(Secrets::Fetched)?,
    };
    Ok(Outcome::Secrets(Box::new(outcome)))
}
