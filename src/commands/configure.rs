//! `configure`: an AWS profile, made by the AWS CLI in this terminal.

use crate::cli::ConfigureArgs;
use crate::host::AwsCli;
use crate::host::aws_cli::Dialogue;
use crate::report::outcome::Configured;
use crate::report::{Error, Kind};

use super::sign_in::VERSION_LIMIT;
use super::{App, profile};

pub(super) async fn run(app: &App, args: &ConfigureArgs) -> Result<Configured, Error> {
    let dialogue = if args.sso { Dialogue::ConfigureSso } else { Dialogue::Configure };
    if app.global.dry_run {
        app.report.result_lines([format!("would run `{}`", shown(dialogue)).as_str()]);
    } else {
        dialogue_with_person(app, dialogue).await?;
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    Ok(Configured {
        profile: app.global.profile.clone(),
        profiles: set.names().into_iter().map(str::to_owned).collect(),
    })
}

/// Runs `aws configure` or `aws configure sso` in this terminal.
///
/// # Errors
/// Without a terminal, without an AWS CLI that has it, and where it fails.
pub(super) async fn dialogue_with_person(app: &App, dialogue: Dialogue) -> Result<(), Error> {
    let command = shown(dialogue);
    if !app.may_ask() {
        return Err(Error::new(
            Kind::Credentials,
            format!("`{command}` asks questions, and there is no terminal to answer on"),
        )
        .hint(format!("run `{command}` in a terminal")));
    }
    let Some(aws) = AwsCli::find(&app.host) else {
        return Err(Error::new(Kind::Failed, "there is no `aws` on PATH")
            .hint("install the AWS CLI, version 2, then run this command again"));
    };
    if dialogue == Dialogue::ConfigureSso {
        let version = aws.version(VERSION_LIMIT).await.map_err(|error| Error::new(Kind::Failed, error.to_string()))?;
        if !version.supports_sso() {
            return Err(Error::new(Kind::Failed, format!("`aws` is version {version}, which has no `configure sso`"))
                .hint("install the AWS CLI, version 2"));
        }
    }
    app.report.note(format!("Running `{command}`"));
    match app.run_in_terminal(&aws.argv(dialogue, app.global.profile.as_deref()))? {
        Some(0) => Ok(()),
        code => Err(Error::new(
            Kind::Failed,
            match code {
                Some(code) => format!("`{command}` failed with exit code {code}"),
                None => format!("`{command}` was ended by a signal"),
            },
        )
        .hint("it has said why above")),
    }
}

fn shown(dialogue: Dialogue) -> &'static str {
    match dialogue {
        Dialogue::Configure => "aws configure",
        Dialogue::ConfigureSso => "aws configure sso",
        Dialogue::SsoLogin => "aws sso login",
    }
}
