//! `secrets` and its commands: Airflow's AWS secrets backends.

mod deploy;
mod look;
mod set_up;
mod values;

use clap::{Args, Subcommand, ValueEnum};

use crate::airflow;

pub use deploy::{DagArgs, DeployArgs, PolicyArgs, PolicyFor, PolicyFormat, ShellChoice};
pub use look::{CheckArgs, CheckPlace, FetchArgs, FetchFormat};
pub use set_up::{DisableArgs, EnableArgs};
pub use values::{DeleteArgs, ExportArgs, ExportFormat, GetArgs, ImportArgs, ListArgs, SetArgs, Tier};

/// The commands of `secrets`.
#[derive(Debug, Clone, Subcommand)]
pub enum SecretsCommand {
    /// Set up Secrets Manager or SSM Parameter Store as this project's secrets backend
    #[command(after_help = set_up::ENABLE_EXAMPLES)]
    Enable(EnableArgs),
    /// Take the secrets backend out of this project again
    #[command(after_help = set_up::DISABLE_EXAMPLES)]
    Disable(DisableArgs),
    /// Store a connection or a variable under the name that Airflow looks up
    #[command(after_help = values::SET_EXAMPLES)]
    Set(Box<SetArgs>),
    /// Show a connection or a variable, masked
    #[command(after_help = values::GET_EXAMPLES)]
    Get(GetArgs),
    /// List the connections and variables that the backend has for this project
    #[command(after_help = values::LIST_EXAMPLES)]
    List(ListArgs),
    /// Delete a connection or a variable
    #[command(after_help = values::DELETE_EXAMPLES)]
    Delete(DeleteArgs),
    /// Store the connections and variables of a file
    #[command(after_help = values::IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Print the connections and variables with their values, for a file
    #[command(after_help = values::EXPORT_EXAMPLES)]
    Export(ExportArgs),
    /// Find out what Airflow will find, and why not
    #[command(after_help = look::CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Print the IAM policy that these look-ups need, and nothing more
    #[command(after_help = deploy::POLICY_EXAMPLES)]
    Policy(PolicyArgs),
    /// Give an Astro Deployment the same secrets backend, with a role
    #[command(after_help = deploy::DEPLOY_EXAMPLES)]
    Deploy(DeployArgs),
    /// Write an example DAG that reads a variable and a connection
    #[command(after_help = deploy::DAG_EXAMPLES)]
    Dag(DagArgs),
    /// Print a secret or a parameter by its full name
    #[command(after_help = look::FETCH_EXAMPLES)]
    Fetch(FetchArgs),
}

/// A secrets backend of Airflow's amazon provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BackendChoice {
    /// AWS Secrets Manager
    #[value(aliases = ["secretsmanager", "sm"])]
    SecretsManager,
    /// AWS Systems Manager Parameter Store
    #[value(aliases = ["parameterstore", "ssm", "systems-manager"])]
    ParameterStore,
}

impl From<BackendChoice> for airflow::Backend {
    fn from(choice: BackendChoice) -> Self {
        match choice {
            BackendChoice::SecretsManager => Self::SecretsManager,
            BackendChoice::ParameterStore => Self::ParameterStore,
        }
    }
}

/// What is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindChoice {
    /// A connection
    #[value(alias = "connections")]
    Connection,
    /// A variable
    #[value(alias = "variables")]
    Variable,
    /// An option of Airflow's configuration, such as `sql_alchemy_conn`
    Config,
}

impl From<KindChoice> for airflow::Kind {
    fn from(choice: KindChoice) -> Self {
        match choice {
            KindChoice::Connection => Self::Connection,
            KindChoice::Variable => Self::Variable,
            KindChoice::Config => Self::Config,
        }
    }
}

/// Which backend a command works with.
#[derive(Debug, Clone, Args)]
pub struct BackendArgs {
    /// The backend, with Airflow's default prefixes [default: as the project's .env has it]
    #[arg(long, value_name = "BACKEND", value_enum)]
    pub backend: Option<BackendChoice>,
}
