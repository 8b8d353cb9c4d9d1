//! The command line: every command, option and help text. Definitions only; the logic is in `commands`.

mod renew;
pub mod secrets;
mod sign_in;

use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::aws::secret::MfaCode;

pub use renew::{RefreshArgs, RunArgs};
pub use secrets::SecretsCommand;
pub use sign_in::{ConfigureArgs, IdentityCenterArgs, KeyArgs, LoginArgs, LogoutArgs};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  no usable AWS credentials: sign in
  4  not an Astro project, or one that cannot be worked on
  5  refused: it would lose or expose something; the message names the flag that allows it
  130  interrupted";

const MAIN_EXAMPLES: &str = "\
Examples:
  astro-aws init                       set this project up, once
  astro-aws verify                     who are my DAGs?
  astro-aws status                     what is set up here, and how long does it last?
  astro-aws init --profile dev --yes   another profile, without a question
  astro-aws secrets check              what will Airflow find in Secrets Manager or Parameter Store?
  astro-aws undo                       take everything back

";

/// Gives a local Airflow project (`astro dev start`) your own AWS identity
#[derive(Debug, Parser)]
#[command(
    name = "astro-aws",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = format!("{MAIN_EXAMPLES}{EXIT_CODES}")
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The Astro project [default: the current folder, or the nearest one above that has .astro/config.yaml]
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The AWS profile [default: AWS_PROFILE, else what the project was set up with, else `default`]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The AWS region [default: the profile's]
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// The code of your MFA device, for a role with `mfa_serial`
    #[arg(long, global = true, value_name = "CODE", value_parser = sign_in::mfa_code)]
    pub mfa_token: Option<MfaCode>,
    /// How the result is printed
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Show what would change and write nothing, anywhere
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Apply the shown changes without asking
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Never ask a question: fail where an answer is needed
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Print the result and warnings alone
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is looked at, and what was found
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colour; NO_COLOR is honoured too
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Text,
    /// For programs: one document, described in docs/json.md
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set this project up: its containers get your AWS identity
    #[command(after_help = "\
Examples:
  astro-aws init                          find everything, show the changes, ask, apply, prove
  astro-aws init --dry-run                show the changes and stop
  astro-aws init --profile dev --yes      another profile, without a question
  astro-aws init --delivery session       hand over short-lived credentials, not your AWS folder
  astro-aws init --portable               an override file that a team can commit
  astro-aws init --create                 in an empty folder: run `astro dev init` first")]
    Init(InitArgs),
    /// Create an AWS profile, with the AWS CLI (`aws configure`) where it is installed
    #[command(after_help = sign_in::CONFIGURE_EXAMPLES)]
    Configure(ConfigureArgs),
    /// Sign in to IAM Identity Center in the browser
    ///
    /// A sign-in that can be renewed without a browser is. The AWS CLI and every AWS SDK use the same sign-in.
    #[command(after_help = sign_in::LOGIN_EXAMPLES)]
    Login(LoginArgs),
    /// End a sign-in to IAM Identity Center, here and at AWS
    #[command(after_help = sign_in::LOGOUT_EXAMPLES)]
    Logout(LogoutArgs),
    /// Renew the credentials that this project's containers use
    ///
    /// They are those of the profile that the project was set up with, whatever AWS_PROFILE says.
    #[command(after_help = renew::REFRESH_EXAMPLES)]
    Refresh(RefreshArgs),
    /// Run a command, and keep this project's credentials fresh while it runs
    ///
    /// They are renewed first: without credentials the command is not started. Its exit code is that of this one, 128
    /// and the signal's number after a signal. A command that is not found is exit code 2.
    #[command(after_help = renew::RUN_EXAMPLES)]
    Run(RunArgs),
    /// Prove who the host and the running Airflow containers are (STS GetCallerIdentity)
    #[command(after_help = "\
Examples:
  astro-aws verify                        host and containers, and whether they agree
  astro-aws verify --in host              no container is asked
  astro-aws verify --output json")]
    Verify(VerifyArgs),
    /// Tell what is set up here and how long it lasts; writes nothing and works offline
    ///
    /// Who it is, too, where that can be told without renewing anything: with the credentials of the session delivery or
    /// with static keys. `astro-aws verify` tells it in every case.
    #[command(after_help = "\
Examples:
  astro-aws status                        project, delivery, profile, time left, files
  astro-aws status --output json          for scripts: when does the session expire?")]
    Status,
    /// Airflow's AWS secrets backends: Secrets Manager and SSM Parameter Store
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Take back what astro-aws wrote in this project, and nothing else
    #[command(after_help = "\
Examples:
  astro-aws undo --dry-run                show what would be taken back
  astro-aws undo                          show, ask, restore
  astro-aws undo --project DIR            also of a folder that is gone: forget it and its session")]
    Undo,
}

/// Options of `init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// How the identity reaches the containers [default: as set up before, else auto]
    #[arg(long, value_name = "HOW", value_enum)]
    pub delivery: Option<DeliveryChoice>,
    /// The Airflow major version, where the Dockerfile does not tell
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u8).range(2..=3))]
    pub airflow: Option<u8>,
    /// Mount `~/.aws`, which is right on every team-mate's machine: for an override file that is committed
    #[arg(long)]
    pub portable: bool,
    /// Where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE are set [default: as set up before, else dotenv]
    #[arg(long, value_name = "WHERE", value_enum)]
    pub env_in: Option<EnvPlace>,
    /// Replace values in .env or the override file that you set by hand and that differ
    #[arg(long)]
    pub overwrite: bool,
    /// Run `astro dev init` where the folder is empty, without asking
    #[arg(long)]
    pub create: bool,
    /// Do not ask AWS who you are afterwards
    #[arg(long)]
    pub no_verify: bool,
    /// Do not offer to run `aws configure` where there is no profile
    #[arg(long)]
    pub no_configure: bool,
}

/// `--delivery`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeliveryChoice {
    /// `mount` where it will work, else `session`
    Auto,
    /// Your own AWS folder, read-only, as in Astronomer's guide
    Mount,
    /// A private folder with this one profile and its short-lived credentials
    Session,
}

/// `--env-in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EnvPlace {
    /// In .env, as in Astronomer's guide
    Dotenv,
    /// In the override file: `astro dev pytest`, `parse` and `deploy` do not see it
    Compose,
}

/// Options of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Where to ask
    #[arg(long = "in", value_name = "WHERE", value_enum, default_value_t = Place::All)]
    pub place: Place,
}

/// `--in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// This machine
    Host,
    /// Each running Airflow container of the project
    Containers,
    /// Both, and whether they agree
    All,
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use clap::CommandFactory;

    use super::*;

    /// The command reference: each command's long help, those of `secrets` too.
    fn reference() -> String {
        let mut text = String::from(
            "# Commands\n\nMade from the program's own help: `UPDATE_DOCS=1 cargo test the_command_reference`.\n",
        );
        let mut root = Cli::command().term_width(100);
        root.build();
        add_to(&mut text, &mut root);
        text
    }

    fn add_to(text: &mut String, command: &mut clap::Command) {
        let help = command.render_long_help().to_string();
        let help: Vec<_> = help.lines().map(str::trim_end).collect();
        let name = command.get_bin_name().unwrap_or("astro-aws").to_owned();
        let _ = write!(text, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
        // Below `help` every command stands once more.
        for command in command.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            add_to(text, command);
        }
    }

    #[test]
    fn the_command_reference_is_the_program_s_own_help() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
        let reference = reference();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &reference).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), reference);
    }

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }
}
