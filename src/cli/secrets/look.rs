//! The options of `secrets check` and `fetch`.

use clap::{Args, ValueEnum};

use super::{BackendArgs, BackendChoice, KindChoice};

pub(super) const CHECK_EXAMPLES: &str = "\
Examples:
  astro-aws secrets check                       everything that the project's DAGs name
  astro-aws secrets check my_db hello           these ids, as what the DAGs name them
  astro-aws secrets check --kind connection my_db
  astro-aws secrets check --in containers       ask the running Airflow itself, and compare";

pub(super) const FETCH_EXAMPLES: &str = "\
Examples:
  astro-aws secrets fetch /sandbox/dev/username --from parameter-store
  astro-aws secrets fetch arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3
  eval \"$(astro-aws secrets fetch /sandbox/dev/username --from parameter-store --format env)\"";

/// Options of `secrets check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The ids [default: everything that the project's DAGs name]
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// What the ids are, where no DAG tells
    #[arg(long, value_name = "KIND", value_enum, requires = "ids")]
    pub kind: Option<KindChoice>,
    /// Where to ask
    #[arg(long = "in", value_name = "WHERE", value_enum, default_value_t = CheckPlace::Host)]
    pub place: CheckPlace,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// `--in` of `secrets check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckPlace {
    /// This machine, with your credentials, as Airflow would
    Host,
    /// The running Airflow too, and whether both find the same
    Containers,
}

/// Options of `secrets fetch`.
#[derive(Debug, Clone, Args)]
pub struct FetchArgs {
    /// Full names or ARNs
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Where they are [default: what an ARN says, else the project's backend]
    #[arg(long, value_name = "BACKEND", value_enum)]
    pub from: Option<BackendChoice>,
    /// How they are printed [default: the bare value of one name]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<FetchFormat>,
}

/// `--format` of `secrets fetch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FetchFormat {
    /// NAME='value' lines for a shell, named by the last part of each name
    Env,
    /// One JSON object
    Json,
}
