//! What astro-aws writes into a person's `config` and `credentials`: profiles and sso-sessions.
//!
//! A file's bytes come in, with a name and properties; the bytes with those properties go out. The editor of the dialect
//! does the editing; here stands which section a name means, and the proof of each edit: the AWS SDK's own reader has to
//! find the target changed and everything else as it was.

#[cfg(test)]
mod tests;

use std::fmt;

use aws_config::profile::ProfileSet as Sections;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};

use crate::edit::Refusal;
use crate::edit::ini::{Ini, Section};

use super::profile::load;
use super::quoted::{Aliases, names_a_section};

pub use super::quoted::FileKind as SharedFile;

/// Keys whose value is a secret or, being a command line, may hold one.
const SECRET_KEYS: [&str; 6] = [
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "credential_process",
    "mfa_process",
    "aws_access_key_id",
];

/// A property that a file has with another value than the one to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The key, as it was asked for.
    pub key: String,
    /// What the file has.
    pub present: Present,
}

/// What a file has for a key; `Display` gives what a person may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Present {
    /// The value, without a comment behind it.
    Value(String),
    /// A value that is a secret or may hold one.
    Redacted,
}

impl fmt::Display for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(value) => value,
            Self::Redacted => "(redacted)",
        })
    }
}

/// The file with these properties in the profile `name`, which is added where it is missing. `None` is a file that does
/// not exist.
///
/// # Errors
/// A [`Refusal`] for a name or value that some AWS tool would read differently, and for a file where the edit could
/// change anything else; its line, where it has one, is counted from 1.
pub fn with_profile(
    text: Option<&[u8]>,
    file: SharedFile,
    name: &str,
    entries: &[(&str, &str)],
) -> Result<Vec<u8>, Refusal> {
    let ini = Ini::parse(text.unwrap_or_default())?;
    let edited = ini.set(&profile_section(&ini, file, name)?, entries)?;
    prove(&ini, &edited, Target::Profile(file, name), entries)?;
    Ok(edited.bytes().to_vec())
}

/// The `config` with these properties in `[sso-session name]`, which is added where it is missing. `None` is a file that
/// does not exist.
///
/// # Errors
/// As [`with_profile`].
pub fn with_sso_session(text: Option<&[u8]>, name: &str, entries: &[(&str, &str)]) -> Result<Vec<u8>, Refusal> {
    let ini = Ini::parse(text.unwrap_or_default())?;
    let edited = ini.set(&session_section(name), entries)?;
    prove(&ini, &edited, Target::SsoSession(name), entries)?;
    Ok(edited.bytes().to_vec())
}

/// Which of these properties the profile `name` has with another value: what [`with_profile`] would overwrite.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be edited.
pub fn profile_differences(
    text: Option<&[u8]>,
    file: SharedFile,
    name: &str,
    entries: &[(&str, &str)],
) -> Result<Vec<Difference>, Refusal> {
    let ini = Ini::parse(text.unwrap_or_default())?;
    differences(&ini, &profile_section(&ini, file, name)?, entries)
}

/// Which of these properties `[sso-session name]` has with another value: what [`with_sso_session`] would overwrite.
///
/// # Errors
/// A [`Refusal`] for a file that cannot be edited.
pub fn sso_session_differences(
    text: Option<&[u8]>,
    name: &str,
    entries: &[(&str, &str)],
) -> Result<Vec<Difference>, Refusal> {
    differences(&Ini::parse(text.unwrap_or_default())?, &session_section(name), entries)
}

fn differences(ini: &Ini, section: &Section<'_>, entries: &[(&str, &str)]) -> Result<Vec<Difference>, Refusal> {
    let mut differences = Vec::new();
    for (key, value) in entries {
        let Some(present) = ini.get(section, key)?.filter(|present| present != value) else { continue };
        let is_secret = SECRET_KEYS.iter().any(|secret| key.eq_ignore_ascii_case(secret));
        let present = if is_secret { Present::Redacted } else { Present::Value(present.to_owned()) };
        differences.push(Difference { key: (*key).to_owned(), present });
    }
    Ok(differences)
}

/// The section that counts for a profile, whether it is there or not.
fn profile_section<'a>(ini: &Ini, file: SharedFile, name: &'a str) -> Result<Section<'a>, Refusal> {
    let plain = Section { prefix: None, name };
    let prefixed = Section { prefix: Some("profile"), name };
    match file {
        // Python's configparser lends the properties of `[DEFAULT]` to every section.
        SharedFile::Credentials if name == "DEFAULT" => Err(Refusal::whole("cannot hold a profile named `DEFAULT`")),
        SharedFile::Credentials => Ok(plain),
        SharedFile::Config if name != "default" => Ok(prefixed),
        SharedFile::Config => match (ini.line_of(&plain)?, ini.line_of(&prefixed)?) {
            // The SDKs prefer `[profile default]`; botocore keeps whichever comes last.
            (Some(plain), Some(prefixed)) if plain > prefixed => {
                let reason = format!(
                    "has `[default]` after `[profile default]` on line {prefixed}, and AWS tools differ on which counts: \
                     make them one"
                );
                Err(Refusal::at(plain, reason))
            }
            (_, Some(_)) => Ok(prefixed),
            (_, None) => Ok(plain),
        },
    }
}

fn session_section(name: &str) -> Section<'_> {
    Section { prefix: Some("sso-session"), name }
}

/// What an edit is meant to change.
#[derive(Clone, Copy)]
enum Target<'a> {
    Profile(SharedFile, &'a str),
    SsoSession(&'a str),
}

impl Target<'_> {
    fn file(self) -> SharedFile {
        match self {
            Self::Profile(file, _) => file,
            Self::SsoSession(_) => SharedFile::Config,
        }
    }

    /// A text with the entries and nothing else.
    fn alone(self, entries: &[(&str, &str)]) -> String {
        let mut text = match self {
            Self::Profile(SharedFile::Credentials, name) => format!("[{name}]\n"),
            Self::Profile(SharedFile::Config, name) => format!("[profile {}]\n", quoted(name)),
            Self::SsoSession(name) => format!("[sso-session {}]\n", quoted(name)),
        };
        text.extend(entries.iter().map(|(key, value)| format!("{key} = {value}\n")));
        text
    }

    fn property<'a>(self, read: &'a (Sections, Aliases), key: &str) -> Option<&'a str> {
        let (sections, aliases) = read;
        let value = match self {
            Self::Profile(_, name) => sections.get_profile(aliases.sdk_name(name))?.get(key)?,
            Self::SsoSession(name) => sections.sso_session(aliases.sdk_name(name))?.get(key)?,
        };
        Some(if names_a_section(key) { aliases.real_name(value) } else { value })
    }
}

fn quoted(name: &str) -> String {
    if name.contains('\'') { format!("\"{name}\"") } else { format!("'{name}'") }
}

/// Makes sure that the SDK reads the edited file as it reads the file before with the entries laid over it.
fn prove(before: &Ini, after: &Ini, target: Target<'_>, entries: &[(&str, &str)]) -> Result<(), Refusal> {
    let file = target.file();
    let overlay = target.alone(entries);
    let (before, after) = (String::from_utf8_lossy(before.bytes()), String::from_utf8_lossy(after.bytes()));
    // A name with a blank counts in `credentials` where `config` has it too.
    let twin = match target {
        Target::Profile(SharedFile::Credentials, name) => format!("[profile {}]\n", quoted(name)),
        _ => String::new(),
    };
    let config = (SharedFile::Config, twin.as_str());
    let expected = read(&[config, (file, before.as_ref()), (file, overlay.as_str())])?;
    let found = read(&[config, (file, after.as_ref())])?;
    let has_entry = |(key, value): &(&str, &str)| {
        let last =
            entries.iter().rfind(|(later, _)| later.eq_ignore_ascii_case(key)).map_or(*value, |(_, value)| *value);
        target.property(&found, key) == Some(last)
    };
    if found == expected && entries.iter().all(has_entry) {
        return Ok(());
    }
    Err(Refusal::whole("cannot be edited without a change to how AWS tools read another part of it"))
}

/// What the SDK reads in these texts, one after the other.
fn read(texts: &[(SharedFile, &str)]) -> Result<(Sections, Aliases), Refusal> {
    let mut aliases = Aliases::default();
    let texts: Vec<_> = texts.iter().map(|&(file, text)| (file, aliases.rewrite(text, file))).collect();
    let mut files = EnvConfigFiles::builder();
    for (file, text) in texts {
        let kind = match file {
            SharedFile::Config => EnvConfigFileKind::Config,
            SharedFile::Credentials => EnvConfigFileKind::Credentials,
        };
        files = files.with_contents(kind, aliases.rewrite_references(text));
    }
    let sections = load(&files.build()).map_err(|_| Refusal::whole("cannot be read by the AWS SDKs"))?;
    Ok((sections, aliases))
}
