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
    if !app.global.dry_run {
        dialogue_with_person(app, dialogue).await?;
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    if let (Some(name), false) = (&app.global.profile, app.global.dry_run)
        && !set.names().contains(&name.as_str())
    {
        return Err(Error::new(Kind::Failed, format!("`{}` made no profile `{name}`", shown(dialogue)))
            .hint("run it again and answer its questions"));
    }
    Ok(Configured {
        would_run: app.global.dry_run.then(|| shown(dialogue)),
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
        return Err(Error::new(Kind::Credentials, format!("`{command}` asks questions, and {}", app.why_not_asked()))
            .hint(format!("run `astro-aws configure` or `{command}` in a terminal")));
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
    let argv = aws.argv(dialogue, app.global.profile.as_deref());
    let words: Vec<_> = argv.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    app.report.note(format!("Running `aws {}`", words.join(" ")));
    match app.run_in_terminal(&argv)? {
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
