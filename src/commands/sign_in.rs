//! Credentials for a command, with a sign-in on the way where one is needed and a person is there to make it.

use std::time::Duration;

use crate::aws::credentials::{self, Credentials, CredentialsFailure};
use crate::aws::identity::{Identity, IdentityFailure, caller_identity};
use crate::aws::profile::{Profile, ProfileSet, Source};
use crate::host::AwsCli;
use crate::host::aws_cli::Dialogue;
use crate::report::Error;

use super::{App, failures, profile};

/// The longest that `aws --version` is waited for: a cold start of Python takes seconds.
pub(super) const VERSION_LIMIT: Duration = Duration::from_secs(15);

/// Resolves a profile's credentials. Where a sign-in to IAM Identity Center is missing and there is a terminal and an
/// AWS CLI, `aws sso login` is run first.
///
/// # Errors
/// Kind `credentials` where somebody has to sign in or mend the profile.
pub(super) async fn credentials(app: &App, set: &ProfileSet, of: &Profile) -> Result<Credentials, Error> {
    let access = profile::access(app, Some(of));
    let resolve = async || {
        let _progress = app.report.progress("asking AWS for credentials");
        credentials::resolve(set, of, &access).await
    };
    let failure = match resolve().await {
        Ok(credentials) => return Ok(credentials),
        Err(failure) => failure,
    };
    let error = failures::credentials(of, &failure);
    match (&failure, &of.chain.source) {
        (CredentialsFailure::SignIn { profile, .. }, Source::Sso(_)) if app.may_ask() => {
            sign_in(app, profile, error).await?;
            resolve().await.map_err(|failure| failures::credentials(of, &failure))
        }
        _ => Err(error),
    }
}

/// Asks STS who credentials are.
///
/// # Errors
/// Where STS refuses them or cannot be reached.
pub(super) async fn identity(
    app: &App,
    set: &ProfileSet,
    of: &Profile,
    credentials: &Credentials,
) -> Result<Identity, IdentityFailure> {
    app.report.detail("asking STS: GetCallerIdentity");
    let _progress = app.report.progress("asking AWS who you are");
    caller_identity(set, of, credentials, &profile::access(app, Some(of))).await
}

/// Runs `aws sso login` in this terminal; gives `error` back, with what is missing, where that cannot be.
async fn sign_in(app: &App, profile: &str, error: Error) -> Result<(), Error> {
    let Some(aws) = AwsCli::find(&app.host) else {
        return Err(error.hint("there is no `aws` on PATH: install the AWS CLI, version 2"));
    };
    match aws.version(VERSION_LIMIT).await {
        Ok(version) if !version.supports_sso() => {
            return Err(error.hint(format!("the `aws` on PATH is version {version}: signing in takes version 2")));
        }
        Ok(_) => {}
        Err(failure) => return Err(error.hint(failure.to_string())),
    }
    app.report
        .note(format!("The sign-in of profile `{profile}` has expired: running `aws sso login --profile {profile}`"));
    let argv = aws.argv(Dialogue::SsoLogin, Some(profile));
    match app.run_in_terminal(&argv)? {
        Some(0) => Ok(()),
        _ => Err(error.hint("`aws sso login` did not succeed")),
    }
}
