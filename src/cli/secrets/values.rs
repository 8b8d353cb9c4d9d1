//! The options of the commands that store, show, list, delete, import and export.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{BackendArgs, KindChoice};

pub(super) const SET_EXAMPLES: &str = "\
The value is asked for without echo, or comes from --from-file or from standard input; never from an argument.

Examples:
  astro-aws secrets set variable hello
  astro-aws secrets set connection my_db --conn-type postgres --host db.example.com --login ana
  astro-aws secrets set connection my_db --from-file uri.txt
  pass show api-token | astro-aws secrets set variable api_token";

pub(super) const GET_EXAMPLES: &str = "\
Examples:
  astro-aws secrets get connection my_db
  astro-aws secrets get connection my_db --field host
  astro-aws secrets get variable hello --reveal";

pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  astro-aws secrets list
  astro-aws secrets list variable
  astro-aws secrets list --output json";

pub(super) const DELETE_EXAMPLES: &str = "\
Examples:
  astro-aws secrets delete variable hello
  astro-aws secrets delete variable hello --recovery-window 7
  astro-aws secrets delete connection my_db --force --yes";

pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  astro-aws secrets import airflow_settings.yaml --dry-run
  astro-aws secrets import connections.json          as `airflow connections export` writes it
  astro-aws secrets import .env                      AIRFLOW_CONN_… and AIRFLOW_VAR_…";

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  astro-aws secrets export connection > connections.yaml
  astro-aws secrets export variable --format env
  astro-aws secrets export --file airflow_settings.yaml --format airflow-settings";

/// Options of `secrets set`.
#[derive(Debug, Clone, Args)]
pub struct SetArgs {
    /// What it is
    #[arg(value_enum, value_name = "KIND")]
    pub kind: KindChoice,
    /// The id that DAGs name
    #[arg(value_name = "ID")]
    pub id: String,
    /// Take the value from this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// The type of a connection that is put together from flags
    #[arg(long, value_name = "TYPE", conflicts_with = "from_file")]
    pub conn_type: Option<String>,
    /// The host
    #[arg(long, value_name = "HOST", requires = "conn_type")]
    pub host: Option<String>,
    /// The user; the password is asked for
    #[arg(long, value_name = "USER", requires = "conn_type")]
    pub login: Option<String>,
    /// The port
    #[arg(long, value_name = "PORT", requires = "conn_type")]
    pub port: Option<u16>,
    /// The schema, or database
    #[arg(long, value_name = "SCHEMA", requires = "conn_type")]
    pub schema: Option<String>,
    /// Everything else, as a JSON object without secrets
    #[arg(long, value_name = "JSON", requires = "conn_type")]
    pub extra: Option<String>,
    /// The connection has no password: do not ask for one
    #[arg(long, requires = "conn_type")]
    pub no_password: bool,
    /// The KMS key that encrypts it [default: that of the account]
    #[arg(long, value_name = "KEY")]
    pub kms_key_id: Option<String>,
    /// The tier of a parameter [default: by its size]
    #[arg(long, value_name = "TIER", value_enum)]
    pub tier: Option<Tier>,
    /// Store a parameter as plain String, not encrypted
    #[arg(long)]
    pub plain: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// The tier of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tier {
    /// Up to 4 KB, free
    Standard,
    /// Up to 8 KB, with a price
    Advanced,
}

/// Options of `secrets get`.
#[derive(Debug, Clone, Args)]
pub struct GetArgs {
    /// What it is
    #[arg(value_enum, value_name = "KIND")]
    pub kind: KindChoice,
    /// The id that DAGs name
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print the value itself
    #[arg(long)]
    pub reveal: bool,
    /// One part of a connection (conn_type, host, login, password, port, schema, extra, extra.KEY), or one member of a variable that is a JSON object
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// Options of `secrets list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// One kind alone
    #[arg(value_enum, value_name = "KIND")]
    pub kind: Option<KindChoice>,
    /// Leave sizes out: no value is read, and no permission to do so is needed
    #[arg(long)]
    pub no_size: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// Options of `secrets delete`.
#[derive(Debug, Clone, Args)]
pub struct DeleteArgs {
    /// What it is
    #[arg(value_enum, value_name = "KIND")]
    pub kind: KindChoice,
    /// The ids that DAGs name
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// For how many days Secrets Manager can bring it back [default: 30]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u8).range(7..=30), conflicts_with = "force")]
    pub recovery_window: Option<u8>,
    /// For good, at once
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// Options of `secrets import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// The file: .env, JSON, YAML or airflow_settings.yaml; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The form of the file [default: by its name and content]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<ExportFormat>,
    /// What a JSON or YAML file holds where its content does not tell
    #[arg(long, value_name = "KIND", value_enum)]
    pub kind: Option<KindChoice>,
    /// Replace values that are there and differ
    #[arg(long)]
    pub overwrite: bool,
    /// The KMS key that encrypts them [default: that of the account]
    #[arg(long, value_name = "KEY")]
    pub kms_key_id: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// Options of `secrets export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// One kind alone
    #[arg(value_enum, value_name = "KIND")]
    pub kind: Option<KindChoice>,
    /// The form [default: yaml with KIND, else airflow-settings, which holds both kinds]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<ExportFormat>,
    /// Write this file, for yourself alone (0600), instead of standard output
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Replace the file where there is one
    #[arg(long, requires = "file")]
    pub overwrite: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub backend: BackendArgs,
}

/// The form of a file of connections and variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// AIRFLOW_CONN_… and AIRFLOW_VAR_… lines
    Env,
    /// As `airflow connections export` and `airflow variables export` write it
    Json,
    /// The same in YAML
    Yaml,
    /// airflow_settings.yaml of an Astro project
    AirflowSettings,
}
