//! The outcome of `verify`: who the host is, who each container is, and whether they agree.

use std::fmt::Write as _;

use serde::Serialize;

use crate::aws::identity::Identity;
use crate::report::error::Error;
use crate::report::style::{BAD, DIM, GOOD, HINT, STRONG};

/// Who the host is.
#[derive(Debug, Clone, Serialize)]
pub struct HostIdentity {
    /// Account, ARN and user id.
    #[serde(flatten)]
    pub identity: Identity,
    /// The profile.
    pub profile: String,
    /// The profile's kind.
    pub source: &'static str,
    /// RFC 3339 in UTC; `null` for static keys.
    pub expires_at: Option<String>,
    /// Minutes until then.
    #[serde(skip)]
    pub minutes_left: Option<u64>,
}

/// Why a container is nobody.
#[derive(Debug, Clone, Serialize)]
pub struct ContainerFailure {
    /// A stable name, such as `unreadable_files`; the list is in docs/json.md.
    pub kind: &'static str,
    /// What was found.
    pub message: String,
    /// What mends it.
    pub hint: Option<String>,
}

/// Who a container is.
#[derive(Debug, Clone, Serialize)]
pub struct Container {
    /// The Compose service.
    pub service: String,
    /// Its identity.
    pub identity: Option<Identity>,
    /// Where its credentials come from, as botocore names it.
    pub source: Option<String>,
    /// RFC 3339 in UTC.
    pub expires_at: Option<String>,
    /// Why there is no identity, or why it is not the developer's.
    pub error: Option<ContainerFailure>,
    /// Minutes until it expires.
    #[serde(skip)]
    pub minutes_left: Option<u64>,
}

/// The outcome of `verify`.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// `null` with `--in containers`.
    pub host: Option<HostIdentity>,
    /// One per running Airflow container.
    pub containers: Vec<Container>,
    /// All that were asked are the same; `null` where there was nothing to compare.
    pub agree: Option<bool>,
    /// What is wrong, if anything is.
    #[serde(skip)]
    pub failure: Option<Error>,
}

impl Verified {
    pub(super) fn text(&self) -> String {
        let width = self.containers.iter().map(|container| container.service.len()).max().unwrap_or(0).max(4);
        let mut text = String::new();
        if let Some(host) = &self.host {
            let from = format!("{}, profile {}", host.source, host.profile);
            text.push_str(&line(width, "host", &host.identity, &from, host.minutes_left));
        }
        for container in &self.containers {
            if let (Some(identity), None) = (&container.identity, &container.error) {
                let from = container.source.as_deref().unwrap_or("unknown source");
                text.push_str(&line(width, &container.service, identity, from, container.minutes_left));
            }
            if let Some(error) = &container.error {
                let _ = writeln!(text, "{BAD}✗{BAD:#} {:<width$}  {}", container.service, error.message);
                if let Some(hint) = &error.hint {
                    let _ = writeln!(text, "  {:<width$}  {HINT}hint:{HINT:#} {hint}", "");
                }
            }
        }
        if self.agree == Some(true) {
            let containers = containers(self.containers.len());
            let who = if self.host.is_some() { format!("The host and {containers}") } else { containers };
            let _ = writeln!(text, "{who} agree.");
        }
        text
    }
}

fn containers(count: usize) -> String {
    if count == 1 { "1 container".to_owned() } else { format!("{count} containers") }
}

fn line(width: usize, place: &str, identity: &Identity, from: &str, minutes_left: Option<u64>) -> String {
    let left = minutes_left.map(|minutes| format!(", {minutes} min left")).unwrap_or_default();
    format!("{GOOD}✓{GOOD:#} {place:<width$}  {STRONG}{}{STRONG:#}  {DIM}({from}{left}){DIM:#}\n", identity.arn)
}
