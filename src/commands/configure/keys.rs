//! `configure` for access keys, without the AWS CLI: the keys go into `credentials`, the rest into `config`.

use std::io::Read;

use zeroize::Zeroizing;

use crate::aws::profile::{ProfileSet, Source};
use crate::aws::secret::SecretAccessKey;
use crate::cli::{ConfigureArgs, KeyArgs};
use crate::commands::{App, profile};
use crate::report::outcome::Configured;
use crate::report::{Error, Kind, prompt};

use super::answers::{Asked, access_key_id, answer, defaults, missing, profile_name, secret};
use super::write::{Wanted, write};

/// More than any secret access key has.
const LONGEST_SECRET: u64 = 4096;

/// How the ids of temporary keys begin, which count with a session token alone (IAM User Guide, "IAM identifiers").
const TEMPORARY: &str = "ASIA";

pub(super) fn run(app: &App, args: &ConfigureArgs) -> Result<Configured, Error> {
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let given = args.profile_name.as_deref().or(app.global.profile.as_deref()).or(app.host.env.get("AWS_PROFILE"));
    let name = given.unwrap_or("default");
    profile_name(name).map_err(|reason| Error::new(Kind::Usage, format!("the profile name `{name}`: {reason}")))?;
    app.report.note(format!("Profile {name}: keys into {}, the rest into {}", files.credentials, files.config));
    let now = |key| set.property(name, key);
    let id = access_key(app, &args.keys, now("aws_access_key_id"))?;
    let secret = secret_key(app, &args.keys)?;
    let token = session_token(app, &id)?;
    let [region, output] = defaults(app, args.cli_output.as_deref(), [now("region"), now("output")])?;
    let mut credentials = vec![("aws_access_key_id", id.as_str()), ("aws_secret_access_key", secret.expose())];
    credentials.extend(token.as_ref().map(|token| ("aws_session_token", token.as_str())));
    if token.is_none() {
        require_no_token(&set, name)?;
    }
    let config = [("region", &region), ("output", &output)];
    let config = config.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?))).collect();
    let is_so = |chain: &crate::aws::profile::Chain| chain.source == Source::StaticKeys && chain.roles.is_empty();
    let wanted = Wanted { profile: name, session: None, config, credentials, is_so: &is_so };
    write(app, &files, &wanted, args.overwrite)
}

fn access_key(app: &App, args: &KeyArgs, now: Option<&str>) -> Result<String, Error> {
    let asked = Asked {
        option: "--access-key-id",
        question: "Access key id:",
        // What is there already is no answer where nobody is asked.
        default: now.filter(|_| app.may_ask()),
        suggestions: &[],
        check: access_key_id,
    };
    answer(app, args.access_key_id.as_deref(), &asked)
}

/// The secret, from standard input or typed without an echo: never an argument, which every user of the machine reads.
fn secret_key(app: &App, args: &KeyArgs) -> Result<SecretAccessKey, Error> {
    if !args.secret_from_stdin {
        if !app.may_ask() {
            return Err(missing(app, "--secret-from-stdin"));
        }
        return Ok(SecretAccessKey::new(prompt::secret("Secret access key:", secret)?.as_str()));
    }
    if app.host.terminal.stdin {
        return Err(Error::new(
            Kind::Usage,
            "`--secret-from-stdin` reads from a terminal, which would show the secret",
        )
        .hint("leave it out to be asked without an echo, or pipe the secret in"));
    }
    let mut typed = Zeroizing::new(String::new());
    let read = std::io::stdin().take(LONGEST_SECRET).read_to_string(&mut typed);
    read.map_err(|error| Error::new(Kind::Failed, format!("standard input cannot be read: {error}")))?;
    secret(typed.trim())
        .map_err(|reason| Error::new(Kind::Usage, format!("the secret on standard input: {reason}")))?;
    Ok(SecretAccessKey::new(typed.trim()))
}

fn session_token(app: &App, id: &str) -> Result<Option<Zeroizing<String>>, Error> {
    match id.starts_with(TEMPORARY) {
        false => Ok(None),
        true if app.may_ask() => prompt::secret("Session token:", secret).map(Some),
        true => Err(Error::new(Kind::Usage, "that is a temporary access key, which counts with a session token alone")
            .hint("run the command in a terminal, which asks for the token, or take a key that begins with AKIA")),
    }
}

/// A token of an earlier temporary key would make AWS refuse the new one.
fn require_no_token(set: &ProfileSet, name: &str) -> Result<(), Error> {
    if set.property(name, "aws_session_token").is_none() {
        return Ok(());
    }
    let message = format!("profile `{name}` has a session token of temporary keys, which would go with the new ones");
    Err(Error::new(Kind::Refused, message)
        .hint("take `aws_session_token` out by hand, or take another name with `--profile-name`"))
}
