//! Where the shared AWS config and credentials files are.
//!
//! In: a [`Host`]. Out: the two paths, found as the AWS SDKs and Tools Reference says ("Location of the shared
//! config and credentials files") and as aws-runtime's `file-location-tests.json` tests it.

use super::paths::HostPath;
use super::workstation::Host;

/// The two shared files; neither needs to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsFiles {
    /// The shared config file.
    pub config: HostPath,
    /// The shared credentials file.
    pub credentials: HostPath,
}

impl AwsFiles {
    /// Finds both files: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws`.
    ///
    /// A leading `~` is the home folder, and a relative path starts at the current folder, as for the SDKs.
    /// `None` where a file would lie in a home folder and the host has none.
    pub fn locate(host: &Host) -> Option<Self> {
        Some(Self {
            config: locate_file(host, "AWS_CONFIG_FILE", ".aws/config")?,
            credentials: locate_file(host, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?,
        })
    }

    /// The folder that holds both files, which is what a mount delivers; `None` where they lie apart.
    pub fn folder(&self) -> Option<HostPath> {
        let folder = self.config.parent()?;
        self.credentials.parent().filter(|other| other.is_same_text(&folder)).map(|_| folder)
    }
}

/// The folder of the IAM Identity Center token cache: always under the home, wherever the config file lies.
pub fn sso_cache(host: &Host) -> Option<HostPath> {
    host.home.as_ref().map(|home| home.join(".aws/sso/cache"))
}

fn locate_file(host: &Host, variable: &str, default: &str) -> Option<HostPath> {
    let home = host.home.as_ref();
    let Some(text) = host.env.get(variable) else {
        return home.map(|home| home.join(default));
    };
    if let Some(rest) = text.strip_prefix('~')
        && (rest.is_empty() || rest.starts_with('/') || (host.os.is_windows() && rest.starts_with('\\')))
    {
        let rest = if host.os.is_windows() { rest.replace('\\', "/") } else { rest.to_owned() };
        return home.map(|home| home.join(&rest));
    }
    let path = HostPath::new(host.os, text);
    if path.is_absolute() {
        return Some(path);
    }
    let relative = if host.os.is_windows() { text.replace('\\', "/") } else { text.to_owned() };
    HostPath::from_path(host.os, &host.cwd).map(|cwd| cwd.join(&relative))
}

#[cfg(test)]
mod tests;
