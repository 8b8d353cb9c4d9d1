//! From the errors of the rooms to the one error a person sees: its kind, its words, and the command that mends it.

use std::path::Path;

use crate::aws::credentials::CredentialsFailure;
use crate::aws::identity::IdentityFailure;
use crate::aws::profile::{Profile, ProfileError, Source};
use crate::edit::Refusal;
use crate::host::EngineError;
use crate::plan::PlanError;
use crate::project::ProjectError;
use crate::report::{Error, Kind};

/// A profile that cannot be used, or files that cannot be read.
pub(super) fn profile(error: ProfileError) -> Error {
    let message = error.to_string();
    match &error {
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

fn profile_option(name: &str) -> String {
    match name {
        "default" | "" => String::new(),
        plain if plain.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@:+%".contains(c)) => {
            format!(" --profile {plain}")
        }
        other => format!(" --profile '{}'", other.replace('\'', "'\\''")),
    }
}

/// Credentials that could not be had.
pub(super) fn credentials(profile: &Profile, failure: &CredentialsFailure) -> Error {
    match failure {
        CredentialsFailure::NeedsMfa { .. } | CredentialsFailure::NoCode { .. } => {
            Error::new(Kind::Credentials, failure.to_string())
                .hint("name a profile without `mfa_serial`, such as one whose `credential_process` asks for the code")
        }
        CredentialsFailure::WrongMfa { .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint("wait for the next code of the device, then give that one: each is good once"),
        CredentialsFailure::Setting { profile, .. } => Error::new(Kind::Credentials, failure.to_string())
            .hint(format!("mend it with `astro-aws configure{}`", profile_option(profile))),
        CredentialsFailure::Cache(_) => Error::new(Kind::Failed, failure.to_string())
            .hint("make ~/.aws/sso/cache readable and writable for yourself"),
        CredentialsFailure::SignIn { profile: name, .. } => {
            let command = match profile.chain.source {
                Source::LoginSession => "aws login",
                _ => "aws sso login",
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

/// An identity that STS did not tell.
pub(super) fn identity(profile: &Profile, failure: &IdentityFailure) -> Error {
    match failure {
        IdentityFailure::Network(_) | IdentityFailure::Failed(_) => network(failure.to_string()),
        IdentityFailure::Refused(_) => {
            let command = match profile.chain.source {
                Source::Sso(_) => "aws sso login",
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
    names.sort_by_key(|candidate| distance(name, candidate));
    let shown: Vec<_> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = known.len().saturating_sub(shown.len());
    match (shown.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(shown.join(", ")),
        (_, more) => Some(format!("{} and {more} more", shown.join(", "))),
    }
}

/// How many letters two names do not share: enough to put `dev` before `production` for `dve`.
fn distance(a: &str, b: &str) -> usize {
    let shared = a.chars().filter(|c| b.contains(*c)).count();
    (a.len() + b.len()).saturating_sub(2 * shared)
}
