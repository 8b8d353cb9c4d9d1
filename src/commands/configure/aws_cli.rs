//! `configure` by the AWS CLI, which asks and writes by itself in this terminal.

use std::time::Duration;

use crate::commands::App;
use crate::host::AwsCli;
use crate::host::aws_cli::Dialogue;
use crate::report::{Error, Kind};

/// The longest that `aws --version` is waited for: a cold start of Python takes seconds.
const VERSION_LIMIT: Duration = Duration::from_secs(15);

/// The AWS CLI for a dialogue; `None`, with the reason where one is there, where it has none.
pub(super) async fn find(app: &App, dialogue: Dialogue) -> Option<AwsCli> {
    let aws = AwsCli::find(&app.host)?;
    if dialogue == Dialogue::Configure || !app.may_ask() {
        return Some(aws);
    }
    let why = match aws.version(VERSION_LIMIT).await {
        Ok(version) if version.supports_sso() => return Some(aws),
        Ok(version) => format!("the `aws` on PATH is version {version}, which has no `configure sso`"),
        Err(error) => error.to_string(),
    };
    app.report.note(format!("Going on without the AWS CLI: {why}"));
    None
}

/// Runs `aws configure` or `aws configure sso` in this terminal.
///
/// # Errors
/// Without a terminal, and where it fails.
pub(super) fn run(app: &App, aws: &AwsCli, dialogue: Dialogue) -> Result<(), Error> {
    let command = shown(dialogue);
    if !app.may_ask() {
        return Err(Error::new(Kind::Credentials, format!("`{command}` asks questions, and {}", app.why_not_asked()))
            .hint(format!("run `astro-aws configure` or `{command}` in a terminal"))
            .hint("`--native` takes the answers as options"));
    }
    let argv = aws.argv(dialogue, app.global.profile.as_deref());
    let words: Vec<_> = argv.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    app.report.note(format!("Running `aws {}`", words.join(" ")));
    let failed = match app.run_in_terminal(&argv)? {
        Some(0) => return Ok(()),
        Some(code) => format!("`{command}` failed with exit code {code}"),
        None => format!("`{command}` was ended by a signal"),
    };
    Err(Error::new(Kind::Failed, failed).hint("it has said why above; `--native` does the same without it"))
}

/// A dialogue as a person would type it.
pub(super) fn shown(dialogue: Dialogue) -> &'static str {
    match dialogue {
        Dialogue::Configure => "aws configure",
        Dialogue::ConfigureSso => "aws configure sso",
    }
}
