//! The program: arguments in, exit code out. The only place that reads the process's surroundings and prints an error.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use astro_aws::cli::{Cli, Color, Output};
use astro_aws::commands::{self, App};
use astro_aws::host::{Clock, Env, Host, HostPath, Os, OsClues, Terminal};
use astro_aws::report::{self, Error, Kind, Manner, Report};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, CommandFactory, FromArgMatches};

fn main() -> ExitCode {
    report::conceal_panics();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let command = Cli::command().color(help_colour(&arguments));
    let parsed = command.try_get_matches_from(&arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&without_value(without_code(error), &arguments), &arguments),
    };
    let host = host();
    let manner = Manner {
        output: cli.global.output,
        color: cli.global.color,
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        stderr_is_terminal: host.terminal.stderr,
    };
    let program = std::env::current_exe().ok();
    let mut app = App { host, global: cli.global, report: Report::new(manner), clock: Clock::system(), program };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(&mut app, &cli.command)),
        Err(error) => Err(Error::new(Kind::Failed, format!("cannot start: {error}"))),
    };
    let name = commands::name(&cli.command);
    match result {
        Ok(outcome) => {
            app.report.outcome(name, &outcome);
            ExitCode::from(outcome.exit_code())
        }
        Err(error) => {
            app.report.failure(name, &error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

/// `--color` as far as it concerns help and usage, which are printed before the arguments are understood.
fn help_colour(arguments: &[OsString]) -> ColorChoice {
    let is_given = |value: &str| {
        let joined = format!("--color={value}");
        arguments.iter().any(|argument| argument == joined.as_str())
            || arguments.windows(2).any(|pair| pair[0] == "--color" && pair[1] == value)
    };
    match (is_given("never"), is_given("always")) {
        (true, _) => ColorChoice::Never,
        (false, true) => ColorChoice::Always,
        (false, false) => ColorChoice::Auto,
    }
}

/// What is no MFA code may be one with a slip of the finger: it is not repeated.
fn without_code(mut error: clap::Error) -> clap::Error {
    let argument = error.get(ContextKind::InvalidArg);
    if matches!(argument, Some(ContextValue::String(name)) if name.starts_with("--mfa-token")) {
        error.insert(ContextKind::InvalidValue, ContextValue::String("(redacted)".to_owned()));
    }
    error
}

/// What is one argument too many for `secrets set` is most likely the value: it is not repeated.
fn without_value(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let is_set =
        arguments.iter().any(|argument| argument == "secrets") && arguments.iter().any(|argument| argument == "set");
    if error.kind() != ErrorKind::UnknownArgument || !is_set || error.get(ContextKind::SuggestedArg).is_some() {
        return error;
    }
    if matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(word)) if !word.starts_with('-')) {
        error.insert(ContextKind::InvalidArg, ContextValue::String("(redacted)".to_owned()));
    }
    let tip = "a value is never an argument: leave it out to be asked for it, or use '--from-file' or standard input";
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.to_owned().into()]));
    error
}

/// Help and version on stdout; a wrong usage on stderr, or as a JSON document where one was asked for.
fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let wants_json = arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json")
        || arguments.iter().any(|argument| argument == "--output=json");
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if wants_json && !is_help {
        let manner = Manner {
            output: Output::Json,
            color: Color::Never,
            quiet: true,
            verbose: false,
            stderr_is_terminal: false,
        };
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let failure = Error::new(Kind::Usage, message).hint("see `astro-aws --help`");
        Report::new(manner).failure("", &failure);
        return ExitCode::from(Kind::Usage.exit_code());
    }
    // A reader that has gone away is not an error of this program.
    let _ = error.print();
    if is_help { ExitCode::SUCCESS } else { ExitCode::from(Kind::Usage.exit_code()) }
}

/// The workstation, measured.
fn host() -> Host {
    let kernel_release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let os = Os::detect(OsClues {
        target: std::env::consts::OS,
        kernel_release: &kernel_release,
        dockerenv_exists: std::path::Path::new("/.dockerenv").exists(),
    });
    let env = Env::new(os, std::env::vars_os());
    let account_home = dirs::home_dir().and_then(|home| HostPath::from_path(os, &home));
    let cwd = current_dir(&env);
    let mut host = Host::new(os, env, account_home, cwd);
    host.terminal = Terminal {
        stdin: std::io::stdin().is_terminal(),
        stdout: std::io::stdout().is_terminal(),
        stderr: std::io::stderr().is_terminal(),
    };
    #[cfg(unix)]
    {
        host.uid = Some(rustix::process::getuid().as_raw());
    }
    host
}

/// The current folder by the way the person went: Compose records that one, as Go's `os.Getwd` gives it.
fn current_dir(env: &Env) -> PathBuf {
    let physical = std::env::current_dir().unwrap_or_default();
    let logical = env.get("PWD").map(PathBuf::from).filter(|logical| logical.is_absolute());
    match logical {
        Some(logical) if logical.canonicalize().is_ok_and(|found| found == physical) => logical,
        _ => physical,
    }
}
