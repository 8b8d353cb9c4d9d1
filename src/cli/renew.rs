//! The options of the commands that renew: `refresh` and `run`.

use std::ffi::OsString;

use clap::Args;

pub(super) const REFRESH_EXAMPLES: &str = "\
Examples:
  astro-aws refresh                       running containers see the new credentials without a restart
  astro-aws refresh --all                 every project that is set up on this machine
  astro-aws refresh --watch               stay, and renew ahead of every expiry; Ctrl-C ends it
  astro-aws refresh --install-service     the same for every project, from every login on
  astro-aws refresh --output json         for scripts: when do they expire?";

pub(super) const RUN_EXAMPLES: &str = "\
Examples:
  astro-aws run -- astro dev start        renew, start, and keep the credentials fresh while it runs
  astro-aws run -- astro dev restart";

/// Options of `refresh`.
#[derive(Debug, Clone, Args)]
pub struct RefreshArgs {
    /// Every project that is set up on this machine, side by side
    #[arg(long)]
    pub all: bool,
    /// Stay, and renew ahead of every expiry; SIGHUP renews at once
    #[arg(long)]
    pub watch: bool,
    /// Let systemd, launchd or the Task Scheduler run `refresh --watch --all` from every login on
    #[arg(long, conflicts_with_all = ["all", "watch"])]
    pub install_service: bool,
    /// Take that service away
    #[arg(long, conflicts_with_all = ["all", "watch", "install_service"])]
    pub uninstall_service: bool,
}

/// Options of `run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}
