//! From the errors of the rooms to the one error a person sees: its kind, its words, and the command that mends it.

use std::path::Path;

use strsim::levenshtein;

use crate::aws::credentials::CredentialsFailure;
use crate::aws::identity::IdentityFailure;
use crate::aws::profile::{Profile, ProfileError, ProfileSet, Source, SsoSession};
use crate::aws::sso::cache::CacheError;
use crate::aws::sso::portal::PortalFailure;
use crate::aws::sso::sign_in::SignInFailure;
use crate::aws::sso::token::TokenFailure;
use crate::edit::Refusal;
use crate::host::EngineError;
use crate::plan::PlanError;
use crate::project::ProjectError;
use crate::report::{Error, Kind};

use super::person::BROKEN_OFF;

/// A profile that cannot be used, or files that cannot be read.
pub(super) fn profile(error: ProfileError) -> Error {
    let message = error.to_string();
    match &error {
        ProfileError::Missing { name, lacks_quotes: true, .. } => Error::new(Kind::Credentials, message).hint(format!(
            "a name with a blank needs quotes: write the header in your AWS config file as `[profile '{name}']`"
        )),
        ProfileError::Missing { name, .. } => {
            let error = match alternatives(&error) {
                Some(names) => Error::new(Kind::Credentials, message).hint(format!("there are {names}")),
                None => Error::new(Kind::Credentials, message),
            };
            error.hint(format!("create it with `astro-aws configure{}`", profile_option(name)))
        }
        ProfileError::Unusable { profile, .. } => Error::new(Kind::Credentials, message)
            .hint(format!("mend it with `astro-aws configure{}`", profile_option(profile))),
        ProfileError::Unreadable { .. } => {
            Error::new(Kind::Failed, message).hint("make the file readable for yourself")
        }
        ProfileError::TooLarge { .. } | ProfileError::NotUtf8 { .. } | ProfileError::Malformed { .. } => {
            Error::new(Kind::Failed, message).hint("mend that line: the AWS SDKs do not read the file as it is")
        }
    }
}

/// `--profile NAME` as a shell takes it, with a blank before it; nothing for `default`.
pub(super) fn profile_option(name: &str) -> String {
    match name {
        "default" | "" => String::new(),
        name => format!(" --profile {}", word(name)),
    }
}

/// The command that signs in to a session: a start URL without a name is that of a profile.
pub(super) fn login_command(set: &ProfileSet, session: &SsoSession) -> String {
    let signs_in = |name: &&str| {
        let chain = set.profile(name).map(|profile| profile.chain);
        chain.is_ok_and(|chain| chain.sso().is_some_and(|login| login.session == *session))
    };
    match (&session.name, set.names().into_iter().find(signs_in)) {
        (Some(name), _) => format!("astro-aws login --sso-session {}", word(name)),
        (None, Some(profile)) => format!("astro-aws login --profile {}", word(profile)),
        (None, None) => "astro-aws login".to_owned(),
    }
}

/// A word as a shell takes it.
pub(in crate::commands) fn word(text: &str) -> String {
    match text {
        plain if plain.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@:+%".contains(c)) => plain.to_owned(),
        other => format!("'{}'", other.replace('\'', "'\\''")),
    }
}

/// Credentials that could not be had.
pub(super) fn credentials(profile: &Profile, failure: &CredentialsFailure) -> Error {
    match failure {
        CredentialsFailure::NeedsMfa { .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint("give it with `--mfa-token CODE`, or run the command in a terminal, which asks for it"),
        CredentialsFailure::NoCode { reason, .. } if reason == BROKEN_OFF => Error::new(Kind::Interrupted, BROKEN_OFF),
        CredentialsFailure::NoCode { .. } => {
            Error::new(Kind::Credentials, failure.to_string()).hint("give the code with `--mfa-token CODE`")
        }
        CredentialsFailure::WrongMfa { .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint("wait for the next code of the device, then give it with `--mfa-token CODE`: each is good once"),
        CredentialsFailure::Setting { profile, .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint(format!("mend it with `astro-aws configure{}`", profile_option(profile))),
        CredentialsFailure::Cache(error) => cache(error),
        CredentialsFailure::SignIn { profile: name, .. } => {
            let command = match profile.chain.source {
                Source::LoginSession => "aws login",
                _ => "astro-aws login",
            };
            Error::new(Kind::Credentials, failure.to_string())
                .hint(format!("sign in with `{command}{}`", profile_option(name)))
        }
        CredentialsFailure::Network { .. } => network(failure.to_string()),
        CredentialsFailure::Useless { .. } => {
            Error::new(Kind::Credentials, failure.to_string()).hint("renew them where they come from")
        }
        CredentialsFailure::Refused { .. } => Error::new(Kind::Credentials, failure.to_string()).hint(format!(
            "mend the profile, for instance with `astro-aws configure{}`",
            profile_option(&profile.name)
        )),
    }
}

/// A sign-in that has no live token.
pub(super) fn token(set: &ProfileSet, session: &SsoSession, failure: &TokenFailure) -> Error {
    match failure {
        TokenFailure::SignIn { reason } => {
            let message = format!("the sign-in to {} is missing or has expired: {reason}", session.label());
            Error::new(Kind::Credentials, message).hint(format!("sign in with `{}`", login_command(set, session)))
        }
        TokenFailure::Network { .. } => network(failure.to_string()),
        TokenFailure::Cache(error) => cache(error),
    }
}

/// A sign-in that was not made.
pub(super) fn sign_in(set: &ProfileSet, session: &SsoSession, failure: &SignInFailure) -> Error {
    let not_signed_in = |hint: String| {
        let message = format!("not signed in to {}: {failure}", session.label());
        Error::new(Kind::Credentials, message).hint(hint)
    };
    match failure {
        // A region that does not exist has no host either.
        SignInFailure::Network { .. } => network(failure.to_string())
            .hint(format!("if all else can be reached: is {} the region of your Identity Center?", session.region)),
        SignInFailure::Refused { .. } | SignInFailure::Instance { .. } => {
            not_signed_in(format!("allow it in the browser, or compare `{}` with your company's", session.start_url))
        }
        SignInFailure::TimedOut { .. } => not_signed_in(format!(
            "run `{}` again; `--device-code` takes a browser on any machine",
            login_command(set, session)
        )),
        SignInFailure::StartUrl { .. } => not_signed_in("mend `sso_start_url` in your AWS config file".to_owned()),
        SignInFailure::Host { .. } => {
            Error::new(Kind::Failed, failure.to_string()).hint("sign in with `--device-code`")
        }
        SignInFailure::Cache(error) => cache(error),
    }
}

/// A list that the SSO portal did not give.
pub(super) fn portal(set: &ProfileSet, session: &SsoSession, failure: &PortalFailure) -> Error {
    match failure {
        PortalFailure::Network { .. } => network(failure.to_string()),
        PortalFailure::Ended { .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint(format!("sign in with `{} --force`", login_command(set, session))),
        PortalFailure::Refused { .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint("ask the administrator of your IAM Identity Center for access"),
    }
}

/// A cache of sign-ins that cannot be used.
pub(super) fn cache(error: &CacheError) -> Error {
    let hint = match error {
        CacheError::Unreadable { .. } | CacheError::NotWritten { .. } => {
            "make `~/.aws/sso/cache` readable and writable for yourself"
        }
        CacheError::Locked { .. } => "wait for the other process to end, then try again",
    };
    Error::new(Kind::Failed, error.to_string()).hint(hint)
}

/// An identity that STS did not tell.
pub(super) fn identity(profile: &Profile, failure: &IdentityFailure) -> Error {
    match failure {
        IdentityFailure::Network(_) | IdentityFailure::Failed(_) => network(failure.to_string()),
        IdentityFailure::Refused(_) => {
            let command = match profile.chain.source {
                Source::Sso(_) => "astro-aws login",
                _ => "astro-aws configure",
            };
            Error::new(Kind::Credentials, failure.to_string())
                .hint(format!("sign in again, or mend the profile: `{command}{}`", profile_option(&profile.name)))
        }
    }
}

fn network(message: String) -> Error {
    Error::new(Kind::Failed, message)
        .hint("check the network, HTTPS_PROXY, AWS_CA_BUNDLE and any `endpoint_url` of the profile")
}

/// An engine that gave no answer.
pub(super) fn engine(error: &EngineError) -> Error {
    let hint = match error {
        EngineError::NotFound { .. } => "install Docker or Podman, or put it on PATH",
        EngineError::NotRunning { .. } => "start the container engine, or let this account use it",
        EngineError::TimedOut { .. } => "restart the container engine",
        EngineError::Failed { .. } => "look at what the command says by itself",
    };
    Error::new(Kind::Failed, error.to_string()).hint(hint)
}

/// A file that could not be read or changed; a file of the project makes it a project that cannot be worked on.
pub(super) fn plan(project: &Path, error: &PlanError) -> Error {
    let message = with_cause(error);
    match error {
        PlanError::Interrupted { .. } => Error::new(Kind::Interrupted, "interrupted; nothing was applied"),
        PlanError::Locked { .. } => {
            Error::new(Kind::Failed, message).hint("wait for the other astro-aws to end, then try again")
        }
        PlanError::ChangedMeanwhile { .. } => {
            Error::new(Kind::Failed, message).hint("nothing was changed; run the command again")
        }
        PlanError::NotPutBack { .. } => Error::new(Kind::Failed, message)
            .hint("run the command again: it first puts right what was left; compare those files with what you expect"),
        _ if message.contains(&*project.to_string_lossy()) => {
            Error::new(Kind::Project, message).hint("nothing was changed; mend that path, then run the command again")
        }
        _ => Error::new(Kind::Failed, message).hint("nothing was changed"),
    }
}

/// A project that was not found or cannot be read.
pub(super) fn project(error: &ProjectError) -> Error {
    let hint = match error {
        ProjectError::Locate(_) => {
            "go to your Astro project, name it with `--project DIR`, or make one with `astro dev init`"
        }
        ProjectError::Settings(_) => "mend the file: the Astro CLI does not read it either",
        ProjectError::Dockerfile { .. } => "make the Dockerfile readable for yourself",
    };
    Error::new(Kind::Project, with_cause(error)).hint(hint)
}

/// What went wrong, and what the system said of it.
fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A file and, where it is known, the line in it.
pub(super) fn place(path: &Path, line: Option<usize>) -> String {
    line.map_or_else(|| path.display().to_string(), |line| format!("{} line {line}", path.display()))
}

/// A file that an editor leaves alone.
pub(super) fn refusal(path: &Path, refusal: &Refusal) -> Error {
    let place = match refusal.line {
        Some(line) => format!("`{}` line {line}", path.display()),
        None => format!("`{}`", path.display()),
    };
    let error = Error::new(Kind::Project, format!("{place}: {}; the file was left as it is", refusal.reason));
    match &refusal.paste {
        Some(lines) => error.hint(format!("put these lines in by hand:\n{}", lines.trim_end())),
        None => error.hint("mend the file, then run the command again"),
    }
}

/// The profile names that look most like a mistyped one, or the first few.
fn alternatives(error: &ProfileError) -> Option<String> {
    let ProfileError::Missing { name, known, .. } = error else { return None };
    let mut names: Vec<_> = known.iter().collect();
    names.sort_by_key(|candidate| levenshtein(name, candidate));
    let shown: Vec<_> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = known.len().saturating_sub(shown.len());
    match (shown.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(shown.join(", ")),
        (_, more) => Some(format!("{} and {more} more", shown.join(", "))),
    }
}
