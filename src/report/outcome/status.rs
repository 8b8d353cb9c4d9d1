//! The outcome of `status`: what is set up, who it is, and how long it lasts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::time::{left, until};
use crate::aws::identity::Identity;
use crate::report::style::{BAD, DIM, GOOD, STRONG, WARNING};

/// How wide the names before the values are.
const NAMES: usize = 9;

/// How a file of ours is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Our entries read as they were written.
    InPlace,
    /// Somebody changed or removed entries of ours.
    Changed,
    /// The file is gone.
    Missing,
}

/// A file of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileState {
    /// The file, absolute.
    pub path: PathBuf,
    /// How it is found.
    pub state: State,
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lasting {
    /// RFC 3339 in UTC; `null` for what does not end.
    pub expires_at: Option<String>,
    /// Whole minutes until then, 0 where it has passed.
    pub minutes_left: Option<u64>,
    /// It has passed.
    pub expired: bool,
}

/// A sign-in to IAM Identity Center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignInStatus {
    /// The `[sso-session …]`; `null` for a start URL without one.
    pub sso_session: Option<String>,
    /// The start URL.
    pub start_url: String,
    /// The access token; `null` where nobody is signed in.
    #[serde(flatten)]
    pub token: Lasting,
    /// Whether it is renewed without a browser.
    pub renewable: bool,
    /// The command that signs in.
    #[serde(skip)]
    pub command: String,
}

/// The secrets backend of the amazon provider that Airflow has here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretsStatus {
    /// `secrets-manager` or `parameter-store`.
    pub backend: &'static str,
    /// The name that AWS gives the service.
    #[serde(skip)]
    pub title: &'static str,
    /// The region of its look-ups; `null` where the kwargs name none.
    pub region: Option<String>,
}

/// The outcome of `status`.
#[derive(Debug, Default, Serialize)]
pub struct Status {
    /// `astro-aws init` was run here.
    pub set_up: bool,
    /// The project's folder; `null` outside a project.
    pub project: Option<PathBuf>,
    /// The Airflow major version, where the Dockerfile or a person tells.
    pub airflow: Option<u8>,
    /// `mount`, `session` or `standalone`.
    pub delivery: Option<&'static str>,
    /// The profile that the project was set up with, else the one that `init` would take.
    pub profile: Option<String>,
    /// The profile's kind.
    pub kind: Option<&'static str>,
    /// Who that is, where credentials were at hand and STS could be asked.
    pub identity: Option<Identity>,
    /// The sign-in that the profile starts with; `null` where it has none.
    pub sign_in: Option<SignInStatus>,
    /// The credentials in the session folder; `null` without the session delivery.
    pub session: Option<Lasting>,
    /// The secrets backend; `null` where there is none of the amazon provider.
    pub secrets: Option<SecretsStatus>,
    /// Each file that is ours.
    pub files: Vec<FileState>,
}

impl Status {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{DIM}{name:<NAMES$}{DIM:#} {value}");
        };
        if let Some(project) = &self.project {
            line("project", format!("{STRONG}{}{STRONG:#}", project.display()));
        }
        match (self.airflow, self.delivery) {
            (Some(airflow), Some(delivery)) => line("set up", format!("Airflow {airflow}, delivery {delivery}")),
            (None, Some(delivery)) => line("set up", format!("delivery {delivery}")),
            (_, None) if self.project.is_some() => line("set up", "no: run `astro-aws init`".to_owned()),
            _ => {}
        }
        if let Some(profile) = &self.profile {
            line("profile", format!("{STRONG}{profile}{STRONG:#}{}", in_brackets(self.kind)));
        }
        if let Some(identity) = &self.identity {
            line("identity", format!("{STRONG}{}{STRONG:#}", identity.arn));
        }
        if let Some(sign_in) = &self.sign_in {
            line("sign-in", sign_in.text());
        }
        if let Some(session) = &self.session {
            line("session", session.text("; it is renewed by `astro-aws refresh`"));
        }
        if let Some(SecretsStatus { title, region, .. }) = &self.secrets {
            let region = region.as_ref().map(|region| format!(", {region}")).unwrap_or_default();
            line("secrets", format!("{title}{region}"));
        }
        for (index, shown) in self.file_lines().into_iter().enumerate() {
            line(if index == 0 { "files" } else { "" }, shown);
        }
        text
    }

    /// A line a file of the project; the files of the session folder share one where they are found alike.
    fn file_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut outside: Vec<(State, &Path, Vec<String>)> = Vec::new();
        for FileState { path, state } in &self.files {
            if let Some(shown) = self.project.as_ref().and_then(|project| path.strip_prefix(project).ok()) {
                lines.push(format!("{} {}", state.words(), shown.display()));
                continue;
            }
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { continue };
            let name = name.to_string_lossy().into_owned();
            match outside.iter_mut().find(|(of_state, of, _)| of_state == state && *of == folder) {
                Some((_, _, names)) => names.push(name),
                None => outside.push((*state, folder, vec![name])),
            }
        }
        lines.extend(outside.into_iter().map(|(state, folder, names)| {
            format!("{} {} {DIM}({}){DIM:#}", state.words(), folder.display(), names.join(", "))
        }));
        lines
    }
}

impl SignInStatus {
    fn text(&self) -> String {
        let label = self.sso_session.as_deref().unwrap_or(&self.start_url);
        let lasts = match (&self.token.expires_at, self.token.expired, self.renewable) {
            (None, ..) => format!("{BAD}nobody is signed in{BAD:#}: `{}`", self.command),
            (Some(_), true, false) => format!("{BAD}expired{BAD:#}: `{}`", self.command),
            (Some(_), true, true) => format!("{WARNING}expired{WARNING:#}, renewed without a browser when needed"),
            (Some(_), false, true) => self.token.text(", renewed without a browser"),
            (Some(_), false, false) => self.token.text(", then the browser again"),
        };
        format!("{label}, {lasts}")
    }
}

impl Lasting {
    fn text(&self, then: &str) -> String {
        match (&self.expires_at, self.minutes_left) {
            (Some(at), _) if self.expired => format!("{BAD}expired{BAD:#} at {}: `astro-aws refresh`", until(at, 0)),
            (Some(at), Some(minutes)) => {
                format!("until {} ({} left){DIM}{then}{DIM:#}", until(at, minutes), left(minutes))
            }
            _ => "does not expire".to_owned(),
        }
    }
}

impl State {
    fn words(self) -> String {
        match self {
            Self::InPlace => format!("{GOOD}✓{GOOD:#} in place     "),
            Self::Changed => format!("{WARNING}!{WARNING:#} changed since"),
            Self::Missing => format!("{BAD}✗{BAD:#} missing      "),
        }
    }
}

fn in_brackets(kind: Option<&str>) -> String {
    kind.map(|kind| format!(" ({kind})")).unwrap_or_default()
}
