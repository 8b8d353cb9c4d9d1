//! The Astro CLI's commands for the variables of a Deployment: asked what is there, and told what shall be.
//!
//! As astronomer/astro-cli:cloud/deployment/deployment_variable.go has them: `create` passes over a key that is there
//! and succeeds all the same; `update` makes one that is not there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::airflow::backend::KWARG_VARIABLE_PREFIX;
use crate::commands::App;
use crate::host::program;
use crate::report::outcome::secrets::{AstroCommand, DeploymentVariable};
use crate::report::{Error, Kind};

/// How long the list may take: Astro is far away, and asked several times over for one list.
const LIST_LIMIT: Duration = Duration::from_secs(60);

/// What is done with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// It is not there.
    Create,
    /// It is there, or nobody knows.
    Update,
}

/// The program and its arguments.
pub(super) fn argv(verb: Verb, deployment_id: &str, variable: &DeploymentVariable) -> Vec<String> {
    let verb = match verb {
        Verb::Create => "create",
        Verb::Update => "update",
    };
    let mut argv: Vec<_> =
        ["astro", "deployment", "variable", verb, "--deployment-id", deployment_id].map(str::to_owned).into();
    if variable.secret {
        argv.push("--secret".to_owned());
    }
    argv.push(format!("{}={}", variable.key, variable.value));
    argv
}

/// The Astro CLI.
///
/// # Errors
/// Where it is not on PATH.
pub(super) fn find(app: &App) -> Result<PathBuf, Error> {
    program::find("astro", &app.host.env, &app.host.cwd).ok_or_else(|| {
        Error::new(Kind::Failed, "there is no `astro` on PATH to run these commands with")
            .hint("install the Astro CLI, or leave `--run` out: then the commands are printed")
    })
}

/// What `astro deployment variable list` says. Values are among it: it is never shown.
///
/// # Errors
/// Where the CLI does not answer, or refuses: then it would refuse the commands, too.
pub(super) async fn list(app: &App, astro: &Path, deployment_id: &str) -> Result<String, Error> {
    const COMMAND: &str = "`astro deployment variable list`";
    let arguments = ["deployment", "variable", "list", "--deployment-id", deployment_id];
    app.report.detail(format!("asking {COMMAND}"));
    let _progress = app.report.progress("asking Astro for the variables of the Deployment");
    let output = program::run(astro, arguments, &app.host.env, b"", LIST_LIMIT).await.map_err(|error| {
        Error::new(Kind::Failed, format!("{COMMAND}: {error}")).hint("nothing was changed; try again")
    })?;
    if output.is_success() {
        return Ok(output.stdout);
    }
    let said = output.first_error_line().unwrap_or("it gave no reason");
    Err(Error::new(Kind::Failed, format!("{COMMAND} failed, and nothing was changed: {said}"))
        .hint("sign in with `astro login`, and compare the id with those of `astro deployment list`"))
}

/// What to do with a variable, given the list. Values may hold anything, line breaks included: only a key that stands
/// nowhere in what is a list for certain is not there.
pub(super) fn verb(list: &str, key: &str) -> Verb {
    let has_header = list.lines().any(|line| {
        let mut words = line.split_whitespace();
        (words.next(), words.next(), words.next()) == (Some("#"), Some("KEY"), Some("VALUE"))
    });
    let is_list = has_header || list.trim() == "No variables found";
    if is_list && !list.split_whitespace().any(|word| word == key) { Verb::Create } else { Verb::Update }
}

/// Warns of variables with one kwarg each, which Airflow lays over the kwargs that are set here.
pub(super) fn warn_of_others(app: &App, list: &str) {
    let others: Vec<_> = list.split_whitespace().filter(|word| word.starts_with(KWARG_VARIABLE_PREFIX)).collect();
    if !others.is_empty() {
        app.report.warn(
            "deployment_kwargs",
            format!("the Deployment also has {}, which Airflow 3.2 and newer lays over these kwargs: delete it in the Astro UI if it is not meant", others.join(", ")),
        );
    }
}

/// Runs the commands one after the other in this terminal, where the person is.
///
/// # Errors
/// At the first that fails: what was done before it is said.
pub(super) fn run_all(
    app: &App,
    astro: &Path,
    commands: &[AstroCommand],
    variables: &[DeploymentVariable],
) -> Result<(), Error> {
    let mut done: Vec<&str> = Vec::new();
    for (command, variable) in commands.iter().zip(variables) {
        let program = std::iter::once(astro.as_os_str().to_owned());
        let argv: Vec<OsString> = program.chain(command.argv.iter().skip(1).map(OsString::from)).collect();
        let ended = app.run_in_terminal(&argv)?;
        if ended == Some(0) {
            done.push(variable.key);
            continue;
        }
        let how =
            ended.map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with exit code {code}"));
        let before = match done.as_slice() {
            [] => "nothing was changed before it".to_owned(),
            done => format!("{} was set before it", done.join(", ")),
        };
        return Err(Error::new(Kind::Failed, format!("the command for {} {how}; {before}", variable.key))
            .hint("`astro` has said why above; then run this command again: what is set already is set anew")
            .hint(command.line.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AIRFLOW__SECRETS__BACKEND";

    #[test]
    fn a_key_of_the_list_is_updated_and_another_created() {
        let list = " #     KEY                                   VALUE     SECRET     \n 1     AIRFLOW__SECRETS__BACKEND             a.b.C     false      \n 2     OTHER     ****     true      \n";
        assert_eq!(verb(list, KEY), Verb::Update);
        assert_eq!(verb(list, "AIRFLOW__SECRETS__BACKEND_KWARGS"), Verb::Create);
        assert_eq!(verb("\nNo variables found\n", KEY), Verb::Create);
    }

    #[test]
    fn what_is_not_understood_is_updated() {
        for list in ["", "[]", "KEY VALUE\n", "Your CLI is out of date\n", "No variables found, or so it seems"] {
            assert_eq!(verb(list, KEY), Verb::Update, "{list}");
        }
        // A value of several lines, one of which looks like a header or names the key.
        let list =
            " #     KEY   VALUE   SECRET\n 1     A     x\n #     KEY   VALUE\n AIRFLOW__SECRETS__BACKEND   false\n";
        assert_eq!(verb(list, KEY), Verb::Update);
    }
}
