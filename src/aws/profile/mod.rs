//! The AWS profiles of a person's shared files, as the AWS SDKs specify them.
//!
//! Two texts come in (`config`, `credentials`); profiles, with their kind and what they depend on, go out. The SDK's own
//! reader does the reading, so that a profile means here what it means to every AWS tool.

mod chain;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_config::profile::{ProfileFileLoadError, ProfileSet as Sections};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

pub use chain::{Chain, Role, Source, SsoLogin, SsoSession};

use super::quoted::{Aliases, FileKind, lacks_quotes, names_a_section};
use super::services;
use super::settings::{CARRIED, section_lines};

/// The largest shared file that is read, in bytes: 10,000 profiles take about 1.5 MB.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Why the shared files, or a profile of them, cannot be used. Never quotes a line: it may hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file is there but cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is larger than [`MAX_BYTES`].
    #[error("`{}` is larger than {} MB, too large for an AWS configuration", path.display(), MAX_BYTES / 1024 / 1024)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not UTF-8, which every AWS tool expects.
    #[error("`{}` line {line} is not UTF-8 text", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first offending line, counted from 1.
        line: usize,
    },
    /// The file breaks the syntax of the shared files.
    #[error("`{}` line {line}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The offending line, counted from 1.
        line: usize,
        /// What the SDK's reader expected there.
        reason: String,
    },
    /// No profile has this name.
    #[error("there is no AWS profile `{name}`")]
    Missing {
        /// The name asked for.
        name: String,
        /// The names there are, sorted.
        known: Vec<String>,
        /// `config` has it as `[profile my dev]`: a name with a blank counts in quotes alone.
        lacks_quotes: bool,
    },
    /// The profile contradicts itself or names what is not there.
    #[error("AWS profile `{profile}`: {reason}")]
    Unusable {
        /// The profile.
        profile: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Every profile of the two shared files.
pub struct ProfileSet {
    sections: Sections,
    aliases: Aliases,
    files: EnvConfigFiles,
    config: String,
}

impl fmt::Debug for ProfileSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileSet").field("names", &self.names()).finish_non_exhaustive()
    }
}

impl ProfileSet {
    /// Reads both files; one that does not exist counts as empty.
    ///
    /// # Errors
    /// A file that is unreadable, too large, not UTF-8 or malformed.
    pub fn read(config: &Path, credentials: &Path) -> Result<Self, ProfileError> {
        let config_text = read_text(config)?;
        let credentials_text = read_text(credentials)?;
        Self::parse((config, &config_text), (credentials, &credentials_text))
    }

    /// Parses the texts of the two files; the paths are for messages.
    ///
    /// # Errors
    /// [`ProfileError::Malformed`].
    pub fn parse(config: (&Path, &str), credentials: (&Path, &str)) -> Result<Self, ProfileError> {
        let mut aliases = Aliases::default();
        let config_text = aliases.rewrite(config.1, FileKind::Config);
        let credentials_text = aliases.rewrite(credentials.1, FileKind::Credentials);
        let config_text = aliases.rewrite_references(config_text);
        let credentials_text = aliases.rewrite_references(credentials_text);
        let files = EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, services::for_sdk(&config_text))
            .with_contents(EnvConfigFileKind::Credentials, credentials_text.as_str())
            .build();
        match load(&files) {
            Ok(sections) => Ok(Self { sections, aliases, files, config: config_text }),
            // The reader does not say which of two texts it means.
            Err(_) => {
                parse_alone(config.0, EnvConfigFileKind::Config, &config_text)?;
                parse_alone(credentials.0, EnvConfigFileKind::Credentials, &credentials_text)?;
                Err(ProfileError::Malformed { path: config.0.to_owned(), line: 1, reason: "cannot be read".to_owned() })
            }
        }
    }

    /// All profile names, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.sections.profiles().map(|name| self.aliases.real_name(name)).collect();
        names.sort_unstable();
        names
    }

    /// True where no profile is defined at all.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// [`ProfileError::Missing`]; [`ProfileError::Unusable`] where it yields no credentials.
    pub fn profile(&self, name: &str) -> Result<Profile, ProfileError> {
        let section = self.sections.get_profile(self.sdk_name(name)).ok_or_else(|| ProfileError::Missing {
            name: name.to_owned(),
            known: self.names().into_iter().map(str::to_owned).collect(),
            lacks_quotes: lacks_quotes(&self.config, name),
        })?;
        let chain = chain::of(self, name)?;
        let settings: Vec<_> = CARRIED
            .iter()
            .filter_map(|key| section.get(key).map(|value| ((*key).to_owned(), value.to_owned())))
            .collect();
        let services = section
            .get("services")
            .map(|services| (services.to_owned(), section_lines(&self.config, "services", services)));
        Ok(Profile {
            name: name.to_owned(),
            chain,
            settings,
            services,
            ca_bundle: section.get("ca_bundle").map(PathBuf::from),
        })
    }

    /// One property of a profile, as the file has it.
    pub fn property(&self, profile: &str, key: &str) -> Option<&str> {
        let value = self.sections.get_profile(self.sdk_name(profile))?.get(key)?;
        Some(if names_a_section(key) { self.real_name(value) } else { value })
    }

    /// Every `[sso-session …]` with a start URL and a region, sorted by name.
    pub fn sso_sessions(&self) -> Vec<SsoSession> {
        let names = self.sections.sso_sessions().map(|name| self.real_name(name));
        let mut sessions: Vec<_> = names.filter_map(|name| self.sso_session(name)).collect();
        sessions.sort_unstable();
        sessions
    }

    /// The `[sso-session …]` of this name; `None` where it does not exist or lacks its start URL or its region.
    pub fn sso_session(&self, name: &str) -> Option<SsoSession> {
        chain::session_of(Some(name), |key| self.sso_session_property(name, key)).ok()
    }

    /// One property of an `[sso-session …]` section; `None` where either is missing.
    pub fn sso_session_property(&self, session: &str, key: &str) -> Option<&str> {
        self.sections.sso_session(self.sdk_name(session))?.get(key)
    }

    pub(super) fn has_sso_session(&self, session: &str) -> bool {
        self.sections.sso_session(self.sdk_name(session)).is_some()
    }

    pub(super) fn has_profile(&self, name: &str) -> bool {
        self.sections.get_profile(self.sdk_name(name)).is_some()
    }

    /// The name under which the SDK knows a profile of [`Self::sdk_files`].
    pub(super) fn sdk_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.aliases.sdk_name(name)
    }

    /// A `source_profile` as a person wrote it.
    pub(super) fn real_name<'a>(&'a self, sdk_name: &'a str) -> &'a str {
        self.aliases.real_name(sdk_name)
    }

    /// The two files as the SDK is to read them.
    pub(super) fn sdk_files(&self) -> EnvConfigFiles {
        self.files.clone()
    }
}

/// One profile: how its credentials come about, and the settings that go with them.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The name as the person knows it.
    pub name: String,
    /// How its credentials come about.
    pub chain: Chain,
    /// The settings of [`CARRIED`] that it has, in that order.
    pub settings: Vec<(String, String)>,
    /// The `[services …]` section it names, with that section's lines.
    pub services: Option<(String, Vec<String>)>,
    /// The PEM file of `ca_bundle`.
    pub ca_bundle: Option<PathBuf>,
}

impl Profile {
    /// A setting of [`CARRIED`].
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    /// The profile's own region.
    pub fn region(&self) -> Option<&str> {
        self.setting("region")
    }
}

fn read_text(path: &Path) -> Result<String, ProfileError> {
    let unreadable = |source| ProfileError::Unreadable { path: path.to_owned(), source };
    if would_block(path) {
        return Err(unreadable(io::Error::other("it is a named pipe")));
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ProfileError::TooLarge { path: path.to_owned() });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
        ProfileError::NotUtf8 { path: path.to_owned(), line }
    })
}

/// Whether opening the file waits for somebody to write to it. What a shell hands over (`<(…)`) has its writer.
#[cfg(unix)]
fn would_block(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let is_handed_over = ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder));
    !is_handed_over && std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn would_block(_: &Path) -> bool {
    false
}

pub(super) fn load(files: &EnvConfigFiles) -> Result<Sections, ProfileFileLoadError> {
    let env = Env::from_slice(&[]);
    let fs = Fs::from_slice(&[]);
    let loading = aws_config::profile::load(&fs, &env, files, None);
    // The texts are in memory, so the future is ready when it is first polled.
    match pin!(loading).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Ok(Sections::default()),
    }
}

fn parse_alone(path: &Path, kind: EnvConfigFileKind, text: &str) -> Result<(), ProfileError> {
    match load(&EnvConfigFiles::builder().with_contents(kind, text).build()) {
        Ok(_) => Ok(()),
        Err(error) => {
            // "error parsing  on line 3:\n  Expected an '=' sign defining a property" (aws-runtime: env_config/parse.rs)
            let message = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            let (line, reason) = message
                .split_once("on line ")
                .and_then(|(_, rest)| rest.split_once(':'))
                .map_or((1, message.as_str()), |(line, reason)| (line.parse().unwrap_or(1), reason.trim()));
            Err(ProfileError::Malformed { path: path.to_owned(), line, reason: reason.to_owned() })
        }
    }
}
