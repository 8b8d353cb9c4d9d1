//! Paths as the host names them, as the container engine names them, and as a Compose file writes them.
//!
//! All of it is text: no function here touches the disk, so `C:\Users\ana` is handled on Linux as on Windows.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::os::Os;

/// A path as the host names it, with the separator of the host's operating system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPath {
    text: String,
    style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Style {
    Unix,
    Windows,
}

impl Style {
    fn is_separator(self, character: char) -> bool {
        character == '/' || (self == Self::Windows && character == '\\')
    }

    fn separator(self) -> char {
        match self {
            Self::Unix => '/',
            Self::Windows => '\\',
        }
    }
}

impl HostPath {
    /// A path of an operating system; the text is kept as it is.
    pub fn new(os: Os, text: impl Into<String>) -> Self {
        let style = if os.is_windows() { Style::Windows } else { Style::Unix };
        Self { text: text.into(), style }
    }

    /// The same from a `Path`; `None` where it is not Unicode, which neither YAML nor JSON could carry.
    pub fn from_path(os: Os, path: &Path) -> Option<Self> {
        Some(Self::new(os, path.to_str()?))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path for `std::fs`; means something only on an operating system of its own kind.
    pub fn as_path(&self) -> &Path {
        Path::new(&self.text)
    }

    /// An owned copy for `std::fs`.
    pub fn to_path_buf(&self) -> PathBuf {
        PathBuf::from(&self.text)
    }

    /// Appends a relative path, whose parts are written with `/` here and joined by the host's own separator.
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        let mut text = self.text.clone();
        for part in relative.split('/').filter(|part| !part.is_empty()) {
            if !text.is_empty() && !text.ends_with(|last| self.style.is_separator(last)) {
                text.push(self.style.separator());
            }
            text.push_str(part);
        }
        Self { text, style: self.style }
    }

    /// The folder that holds this path, or `None` for a root and for a bare name.
    pub fn parent(&self) -> Option<Self> {
        let (folder, _) = self.split()?;
        Some(Self { text: folder.to_owned(), style: self.style })
    }

    /// The last part, or `None` where the path ends in a separator or is a root.
    pub fn file_name(&self) -> Option<&str> {
        match self.split() {
            Some((_, name)) => Some(name),
            None => Some(self.text.as_str())
                .filter(|text| !text.is_empty() && !text.contains(|character| self.style.is_separator(character))),
        }
    }

    /// Folder (its root's separator kept) and last part.
    fn split(&self) -> Option<(&str, &str)> {
        let at = self.text.rfind(|character| self.style.is_separator(character))?;
        let (folder, name) = (&self.text[..at], &self.text[at + 1..]);
        if name.is_empty() {
            return None;
        }
        let is_root = folder.is_empty() || (self.style == Style::Windows && folder.len() == 2 && folder.ends_with(':'));
        Some((if is_root { &self.text[..=at] } else { folder }, name))
    }

    /// Whether the path stands by itself: `/…`, on Windows `C:\…`, `C:/…` or `\\…`.
    pub fn is_absolute(&self) -> bool {
        match self.style {
            Style::Unix => self.text.starts_with('/'),
            Style::Windows => {
                let text = self.text.replace('/', "\\");
                text.starts_with(r"\\") || drive(&text).is_some()
            }
        }
    }

    /// Whether two paths name the same place as far as their text tells: on Windows case and slash do not matter.
    pub fn is_same_text(&self, other: &Self) -> bool {
        let comparable = |path: &Self| match path.style {
            Style::Unix => path.text.clone(),
            Style::Windows => path.text.replace('/', "\\").to_lowercase(),
        };
        self.style == other.style && comparable(self) == comparable(other)
    }
}

impl fmt::Display for HostPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The drive letter and the rest of `C:\rest`, where backslashes are the only separators.
fn drive(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic)?;
    characters.as_str().strip_prefix(r":\").map(|rest| (letter, rest))
}

/// Why a host path cannot be the source of a bind mount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// Not absolute: the engine would take it for the name of a volume or resolve it elsewhere.
    #[error("`{0}` is not an absolute path")]
    Relative(String),
    /// A network share, which the engine's virtual machine does not see.
    #[error("`{0}` is on a network share, which containers cannot mount; use a folder on a local drive")]
    NetworkShare(String),
    /// A folder of a WSL distribution seen from Windows.
    #[error("`{0}` lies inside a WSL distribution; run astro-aws there, or use a folder on a Windows drive")]
    InsideWsl(String),
    /// A Windows device path without a drive letter.
    #[error("`{0}` has no drive letter, so a container cannot mount it")]
    NoDriveLetter(String),
    /// A colon, which separates source and target in the short volume syntax.
    #[error("`{0}` contains `:`, which a volume line of a Compose file cannot carry; use a folder without it")]
    Colon(String),
    /// A line break or another control character.
    #[error("`{0}` contains a control character, which a volume line of a Compose file cannot carry")]
    ControlCharacter(String),
}

/// A folder as the container engine names the source of a bind mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnginePath(String);

impl EnginePath {
    /// The path as the engine is to receive it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as a Compose file writes it: `$` doubled, since Compose expands variables in every value.
    pub fn in_compose(&self) -> String {
        self.0.replace('$', "$$")
    }

    /// The whole short volume syntax, `source:target:options`, before any quoting that YAML asks for.
    pub fn short_volume(&self, target: &str, options: &str) -> String {
        format!("{}:{target}:{options}", self.in_compose())
    }
}

impl fmt::Display for EnginePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Translates a host path into the engine's naming.
///
/// Linux, macOS and WSL: as it is. Windows: `C:\Users\ana\.aws` becomes `/c/Users/ana/.aws`, the form that needs
/// no second colon in the short volume syntax (docker/compose, "Volumes on Windows").
///
/// # Errors
/// [`PathError`] names what the short volume syntax, or the engine, cannot carry.
pub fn engine_path(os: Os, path: &HostPath) -> Result<EnginePath, PathError> {
    let text = path.as_str();
    if text.chars().any(char::is_control) {
        return Err(PathError::ControlCharacter(text.escape_debug().to_string()));
    }
    if os.is_windows() { windows_engine_path(text) } else { unix_engine_path(text) }
}

fn unix_engine_path(text: &str) -> Result<EnginePath, PathError> {
    if !text.starts_with('/') {
        return Err(PathError::Relative(text.to_owned()));
    }
    if text.contains(':') {
        return Err(PathError::Colon(text.to_owned()));
    }
    Ok(EnginePath(text.to_owned()))
}

fn windows_engine_path(text: &str) -> Result<EnginePath, PathError> {
    let backslashed = text.replace('/', "\\");
    let verbatim = backslashed.strip_prefix(r"\\?\").or_else(|| backslashed.strip_prefix(r"\\.\"));
    let plain = verbatim.unwrap_or(&backslashed);
    let share = match verbatim {
        Some(rest) => rest.get(..4).filter(|start| start.eq_ignore_ascii_case(r"UNC\")).map(|_| &rest[4..]),
        None => plain.strip_prefix(r"\\"),
    };
    if let Some(share) = share {
        let server = share.split('\\').next().unwrap_or_default().to_ascii_lowercase();
        let is_wsl = server == "wsl$" || server == "wsl.localhost";
        return Err(if is_wsl { PathError::InsideWsl } else { PathError::NetworkShare }(text.to_owned()));
    }
    let Some((letter, rest)) = drive(plain) else {
        let refusal = if verbatim.is_some() { PathError::NoDriveLetter } else { PathError::Relative };
        return Err(refusal(text.to_owned()));
    };
    if rest.contains(':') {
        return Err(PathError::Colon(text.to_owned()));
    }
    let mut parts = vec![];
    for part in rest.split('\\').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let mut engine = format!("/{}", letter.to_ascii_lowercase());
    for part in parts {
        engine.push('/');
        engine.push_str(part);
    }
    Ok(EnginePath(engine))
}

#[cfg(test)]
mod tests;
