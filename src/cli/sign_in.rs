//! The options of the commands about profiles and sign-ins: `configure`, `login`, `logout`.

use clap::Args;

use crate::aws::secret::MfaCode;

pub(super) const CONFIGURE_EXAMPLES: &str = "\
Examples:
  astro-aws configure                     access keys, for the default profile
  astro-aws configure --sso               IAM Identity Center
  astro-aws configure --sso --profile dev
  astro-aws configure --sso --native      the same without the AWS CLI
  astro-aws configure --sso --sso-session company --account 111122223333 --role Developer \\
    --profile-name dev --no-input --yes   without a question, while the sign-in lasts";

pub(super) const LOGIN_EXAMPLES: &str = "\
Examples:
  astro-aws login                         the sign-in of your profile, or the only one there is
  astro-aws login --sso-session company
  astro-aws login --device-code           the browser is on another machine
  astro-aws login --all                   every sign-in of your config";

pub(super) const LOGOUT_EXAMPLES: &str = "\
Examples:
  astro-aws logout                        end the sign-in of your profile, here and at AWS
  astro-aws logout --all                  every sign-in of your config";

/// Options of `configure`.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigureArgs {
    /// Sign in with IAM Identity Center (`aws configure sso`)
    #[arg(long)]
    pub sso: bool,
    /// Ask and write without the AWS CLI, also where it is installed; any option below implies it
    #[arg(long)]
    pub native: bool,
    /// Replace values of the profile or the sso-session that are there and differ
    #[arg(long)]
    pub overwrite: bool,
    /// The profile to write [default: --profile, else asked for]
    #[arg(long, value_name = "NAME")]
    pub profile_name: Option<String>,
    /// The `output` of the profile: json, text, table, yaml…
    #[arg(long, value_name = "FORMAT")]
    pub cli_output: Option<String>,
    /// IAM Identity Center.
    #[command(flatten)]
    pub identity_center: IdentityCenterArgs,
    /// Access keys.
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// Options of `configure --sso`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "With --sso")]
pub struct IdentityCenterArgs {
    /// The `[sso-session …]`, there or to be written
    #[arg(long, value_name = "NAME", requires = "sso")]
    pub sso_session: Option<String>,
    /// The start URL of a new sso-session, such as https://d-1234567890.awsapps.com/start
    #[arg(long, value_name = "URL", requires = "sso")]
    pub start_url: Option<String>,
    /// The region of the Identity Center instance
    #[arg(long, value_name = "REGION", requires = "sso")]
    pub sso_region: Option<String>,
    /// The scopes of a new sso-session [default: sso:account:access]
    #[arg(long, value_name = "SCOPES", requires = "sso", value_delimiter = ',')]
    pub scopes: Vec<String>,
    /// The account, by its id or its name
    #[arg(long, value_name = "ACCOUNT", requires = "sso")]
    pub account: Option<String>,
    /// The role, which is the name of a permission set
    #[arg(long, value_name = "NAME", requires = "sso")]
    pub role: Option<String>,
}

/// Options of `configure` for access keys.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Without --sso")]
pub struct KeyArgs {
    /// The access key id
    #[arg(long, value_name = "ID", conflicts_with = "sso")]
    pub access_key_id: Option<String>,
    /// Read the secret access key from standard input, which need not be a terminal
    #[arg(long, conflicts_with = "sso", requires = "access_key_id")]
    pub secret_from_stdin: bool,
}

/// Options of `login`.
#[derive(Debug, Clone, Args)]
pub struct LoginArgs {
    /// The `[sso-session …]` to sign in to [default: that of the profile, else the only one there is]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub sso_session: Option<String>,
    /// Sign in to every sso-session and start URL of the config, one after the other
    #[arg(long)]
    pub all: bool,
    /// Show a code to compare in a browser, which may be on another machine
    #[arg(long)]
    pub device_code: bool,
    /// Let the browser come back to this machine, also where none is expected, such as in a toolbox container
    #[arg(long, conflicts_with = "device_code")]
    pub pkce: bool,
    /// Print the link and open no browser
    #[arg(long)]
    pub no_browser: bool,
    /// Sign in anew, also where the present sign-in could be renewed without a browser
    #[arg(long)]
    pub force: bool,
}

/// Options of `logout`.
#[derive(Debug, Clone, Args)]
pub struct LogoutArgs {
    /// The `[sso-session …]` to end [default: that of the profile, else the only one there is]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub sso_session: Option<String>,
    /// End every sign-in of the config
    #[arg(long)]
    pub all: bool,
}

/// Takes `--mfa-token`, which no output repeats.
pub(super) fn mfa_code(text: &str) -> Result<MfaCode, &'static str> {
    let is_code = text.len() >= 6 && text.chars().all(|c| c.is_ascii_digit());
    if is_code { Ok(MfaCode::new(text)) } else { Err("a code has six digits") }
}
