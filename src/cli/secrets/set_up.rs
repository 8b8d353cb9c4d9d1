//! The options of `secrets enable` and `disable`.

use clap::Args;

use super::BackendChoice;

pub(super) const ENABLE_EXAMPLES: &str = "\
Examples:
  astro-aws secrets enable secrets-manager
  astro-aws secrets enable parameter-store --region eu-west-1
  astro-aws secrets enable secrets-manager --variables-prefix team/variables
  astro-aws secrets enable secrets-manager --config-prefix null  not for Airflow's own options
  astro-aws secrets enable secrets-manager --connections-lookup-pattern '^prod_'
  astro-aws secrets enable parameter-store --aws-connection      and `aws_default` as well";

pub(super) const DISABLE_EXAMPLES: &str = "\
Examples:
  astro-aws secrets disable --dry-run
  astro-aws secrets disable";

/// Options of `secrets enable`. A prefix or a pattern may be `null`: off.
#[derive(Debug, Clone, Args)]
pub struct EnableArgs {
    /// The backend
    #[arg(value_enum, value_name = "BACKEND")]
    pub backend: BackendChoice,
    /// What the names of connections begin with; `null` switches them off [default: Airflow's own]
    #[arg(long, value_name = "PREFIX")]
    pub connections_prefix: Option<String>,
    /// What the names of variables begin with; `null` switches them off [default: Airflow's own]
    #[arg(long, value_name = "PREFIX")]
    pub variables_prefix: Option<String>,
    /// What the names of Airflow's own configuration begin with; `null` switches it off [default: Airflow's own]
    #[arg(long, value_name = "PREFIX")]
    pub config_prefix: Option<String>,
    /// What stands between prefix and id (Secrets Manager alone) [default: /]
    #[arg(long, value_name = "TEXT")]
    pub sep: Option<String>,
    /// The regular expression that a connection's id has to match to be looked up; `null` for none
    #[arg(long, value_name = "REGEX")]
    pub connections_lookup_pattern: Option<String>,
    /// The regular expression that a variable's key has to match to be looked up; `null` for none
    #[arg(long, value_name = "REGEX")]
    pub variables_lookup_pattern: Option<String>,
    /// The regular expression that a configuration's key has to match to be looked up; `null` for none
    #[arg(long, value_name = "REGEX")]
    pub config_lookup_pattern: Option<String>,
    /// The profile that the backend uses inside the containers [default: that of the container]
    #[arg(long, value_name = "NAME")]
    pub profile_name: Option<String>,
    /// More words for a part of a connection that is stored as JSON: `host=servidor,servername` (Secrets Manager alone)
    #[arg(long, value_name = "PART=WORD,…")]
    pub extra_conn_words: Vec<String>,
    /// Any other kwarg: JSON where it is JSON, else text
    #[arg(long, value_name = "KEY=VALUE")]
    pub kwarg: Vec<String>,
    /// Also set AIRFLOW_CONN_AWS_DEFAULT: an AWS connection without credentials, which uses those of the container
    #[arg(long)]
    pub aws_connection: bool,
    /// Replace another secrets backend that you set by hand
    #[arg(long)]
    pub overwrite: bool,
}

/// Options of `secrets disable`.
#[derive(Debug, Clone, Args)]
pub struct DisableArgs {
    /// Also take out a secrets backend that you set by hand
    #[arg(long)]
    pub overwrite: bool,
}
