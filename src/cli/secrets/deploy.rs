//! The options of `secrets policy`, `deploy` and `dag`.

use clap::{Args, ValueEnum};

use super::BackendArgs;

pub(super) const POLICY_EXAMPLES: &str = "\
Examples:
  astro-aws secrets policy                   what `secrets check` needs
  astro-aws secrets policy --write           and what `secrets set` and `delete` need
  astro-aws secrets policy --for astro       for the role of a Deployment, with its trust policy
  astro-aws secrets policy --for ecs-task-execution --format terraform";

pub(super) const DEPLOY_EXAMPLES: &str = "\
Examples:
  astro-aws secrets deploy --deployment-id clx1 --role-arn arn:aws:iam::111122223333:role/airflow
  astro-aws secrets deploy --deployment-id clx1 --role-arn arn:… --run
  astro-aws secrets deploy --deployment-id clx1 --run --remove-local";

pub(super) const DAG_EXAMPLES: &str = "\
Examples:
  astro-aws secrets dag
  astro-aws secrets dag --variable hello --connection my_db";

/// Options of `secrets policy`.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// Who gets it
    #[arg(long = "for", value_name = "WHOM", value_enum, default_value_t = PolicyFor::Local)]
    pub whom: PolicyFor,
    /// Also what `secrets set`, `delete`, `import` and `list` need
    #[arg(long)]
    pub write: bool,
    /// The form
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = PolicyFormat::Json)]
    pub format: PolicyFormat,
    /// The account [default: asked of STS]
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// The customer managed KMS key that the values are encrypted with, as an ARN or a key id
    #[arg(long, value_name = "KEY")]
    pub kms_key_id: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// Whose policy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// You, and so the local Airflow
    Local,
    /// The role that an Astro Deployment assumes
    Astro,
    /// The task execution role of Amazon ECS
    EcsTaskExecution,
}

/// The form of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    /// An IAM policy document
    Json,
    /// An `aws_iam_policy_document` data source
    Terraform,
}

/// Options of `secrets deploy`.
#[derive(Debug, Clone, Args)]
pub struct DeployArgs {
    /// The Deployment
    #[arg(long, value_name = "ID")]
    pub deployment_id: String,
    /// The role that the Deployment's Airflow assumes
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// Run the commands with the Astro CLI instead of printing them
    #[arg(long)]
    pub run: bool,
    /// Afterwards take the secrets backend out of this project: local look-ups end
    #[arg(long)]
    pub remove_local: bool,
    /// Quote the printed commands for this shell [default: the one in use]
    #[arg(long, value_name = "SHELL", value_enum)]
    pub shell: Option<ShellChoice>,
}

/// The shell that printed commands are quoted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShellChoice {
    /// sh, bash, zsh
    Sh,
    /// PowerShell 7.3 and newer
    Powershell,
    /// Windows PowerShell 5.1, and PowerShell before 7.3
    WindowsPowershell,
}

/// Options of `secrets dag`.
#[derive(Debug, Clone, Args)]
pub struct DagArgs {
    /// The variable that it reads
    #[arg(long, value_name = "KEY", default_value = "my_variable")]
    pub variable: String,
    /// The connection that it reads
    #[arg(long, value_name = "ID", default_value = "my_connection")]
    pub connection: String,
    /// The Airflow major version, where the Dockerfile does not tell
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u8).range(2..=3))]
    pub airflow: Option<u8>,
}
