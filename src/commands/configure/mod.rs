//! `configure`: an AWS profile, made by the AWS CLI in this terminal, or by ourselves where there is none.

mod answers;
mod aws_cli;
mod keys;
mod sso;
mod write;

use crate::cli::ConfigureArgs;
use crate::host::aws_cli::Dialogue;
use crate::report::outcome::Configured;
use crate::report::{Error, Kind};

use super::App;
pub(super) use answers::{REGIONS, region as check_region};
use write::profiles;

/// What `init` offers where there is no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// Access keys.
    Keys,
    /// IAM Identity Center.
    Sso,
}

pub(super) async fn run(app: &App, args: &ConfigureArgs) -> Result<Configured, Error> {
    let dialogue = if args.sso { Dialogue::ConfigureSso } else { Dialogue::Configure };
    let aws = if is_native(args) { None } else { aws_cli::find(app, dialogue).await };
    let Some(aws) = aws else {
        return match args.sso {
            true => Box::pin(sso::run(app, args)).await,
            false => keys::run(app, args),
        };
    };
    if !app.global.dry_run {
        aws_cli::run(app, &aws, dialogue)?;
    }
    let configured = Configured {
        would_run: app.global.dry_run.then(|| aws_cli::shown(dialogue)),
        profile: app.global.profile.clone(),
        profiles: profiles(app)?,
        files: Vec::new(),
        dry_run: app.global.dry_run,
    };
    match &configured.profile {
        Some(name) if !app.global.dry_run && !configured.profiles.contains(name) => {
            let message = format!("`{}` made no profile `{name}`", aws_cli::shown(dialogue));
            Err(Error::new(Kind::Failed, message).hint("run it again and answer its questions"))
        }
        _ => Ok(configured),
    }
}

/// Makes a profile where `init` finds none.
///
/// # Errors
/// Those of `configure`.
pub(super) async fn offered(app: &App, offer: Offer) -> Result<(), Error> {
    let args = ConfigureArgs { sso: offer == Offer::Sso, ..ConfigureArgs::default() };
    Box::pin(run(app, &args)).await.map(drop)
}

/// Whether the AWS CLI is not wanted: it takes none of the answers that are given as options.
fn is_native(args: &ConfigureArgs) -> bool {
    let ConfigureArgs { sso: _, native, overwrite, profile_name, cli_output, identity_center, keys } = args;
    let answers = [
        profile_name,
        cli_output,
        &identity_center.sso_session,
        &identity_center.start_url,
        &identity_center.sso_region,
        &identity_center.account,
        &identity_center.role,
        &keys.access_key_id,
    ];
    *native || *overwrite || !identity_center.scopes.is_empty() || answers.into_iter().any(Option::is_some)
}
