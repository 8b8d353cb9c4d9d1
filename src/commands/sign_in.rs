//! Credentials for a command, with a sign-in or a one-time code on the way where a person is there to give it.

use std::time::Duration;

use crate::aws::credentials::{self, Credentials, CredentialsFailure};
use crate::aws::identity::{Identity, IdentityFailure, caller_identity};
use crate::aws::profile::{Profile, ProfileSet};
use crate::aws::sso::sign_in::Accept;
use crate::report::Error;

use super::login::{Way, in_browser};
use super::{App, failures, profile};

/// How often a sign-in is made on the way: a second time where AWS refuses what the first one gave.
const SIGN_INS: usize = 2;

/// How often a code is asked for again that STS did not take.
const WRONG_CODES: usize = 2;

/// Resolves a profile's credentials. On a terminal, a sign-in to IAM Identity Center that is missing is made in the
/// browser first, and a wrong code is asked for again.
///
/// # Errors
/// Kind `credentials` where somebody has to sign in or mend the profile.
pub(super) async fn credentials(app: &App, set: &ProfileSet, of: &Profile) -> Result<Credentials, Error> {
    lasting_credentials(app, set, of, Duration::ZERO).await
}

/// The same, and what one code has got before is got anew where less than `wanted` is left of it.
///
/// # Errors
/// As [`credentials`].
pub(super) async fn lasting_credentials(
    app: &App,
    set: &ProfileSet,
    of: &Profile,
    wanted: Duration,
) -> Result<Credentials, Error> {
    let access = profile::access(app, Some(of));
    let (mut sign_ins, mut wrong_codes) = (0, 0);
    loop {
        let result = {
            let _progress = app.report.progress("asking AWS for credentials");
            Box::pin(credentials::resolve_lasting(set, of, wanted, &access)).await
        };
        let failure = match result {
            Ok(credentials) => return Ok(credentials),
            Err(failure) => failure,
        };
        let error = failures::credentials(of, &failure);
        match failure {
            CredentialsFailure::SignIn { profile, session: Some(session), refused, .. }
                if app.may_ask() && sign_ins < SIGN_INS =>
            {
                sign_ins += 1;
                // One that another process made meanwhile serves, unless AWS has just refused it.
                let accept = refused.as_ref().map_or(Accept::Live, Accept::InsteadOf);
                app.report.note(format!("The sign-in of profile `{profile}` is missing or has expired."));
                Box::pin(in_browser(app, set, &session, (Way::Fitting, accept), &access)).await?;
            }
            CredentialsFailure::WrongMfa { reason, .. }
                if app.may_ask() && app.global.mfa_token.is_none() && wrong_codes < WRONG_CODES =>
            {
                wrong_codes += 1;
                app.report.show(format!("STS does not take that code: {reason}"));
            }
            _ => return Err(error),
        }
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
