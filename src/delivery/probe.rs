//! Who a container is, asked inside it by its own Python and botocore: what its DAGs will get, not what files suggest.
//!
//! An engine and a container come in, an identity or the reason why there is none goes out.

use std::time::Duration;

use serde::Deserialize;

use crate::aws::identity::Identity;
use crate::host::engine::{Container, Engine, EngineError};

/// The program that runs in the container, handed over on its standard input.
const PROBE: &str = include_str!("probe.py");

/// The longest that one container is waited for.
pub const LIMIT: Duration = Duration::from_secs(10);

/// What the probe found, as it prints it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Who the container is.
    pub identity: Option<Identity>,
    /// Where its credentials come from (botocore: `Credentials.method`).
    pub source: Option<String>,
    /// When they expire, RFC 3339 in UTC.
    pub expires_at: Option<String>,
    /// The profile it uses.
    pub profile: Option<String>,
    /// Variables that outrank every profile.
    pub overriding: Vec<String>,
    /// Files that should be there and are not.
    pub missing: Vec<String>,
    /// Files that the container's user cannot read.
    pub unreadable: Vec<String>,
    /// A word for what went wrong.
    pub error: Option<String>,
    /// More about it: an error code or an exception's class.
    pub detail: Option<String>,
}

/// Why a container is nobody, or not who it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A stable name, listed in docs/json.md.
    pub kind: &'static str,
    /// What was found.
    pub message: String,
    /// What mends it.
    pub hint: Option<String>,
}

/// Asks one container, within [`LIMIT`].
///
/// # Errors
/// [`Trouble`] where the probe could not run there.
pub async fn ask(engine: &Engine, container: &Container) -> Result<Found, Trouble> {
    match engine.exec_python(&container.id, PROBE.as_bytes(), LIMIT).await {
        Ok(output) => parse(&output.stdout).ok_or_else(|| Trouble {
            kind: "no_python",
            message: format!("its Python did not run: {}", output.first_error_line().unwrap_or("it said nothing")),
            hint: None,
        }),
        Err(EngineError::TimedOut { .. }) => Err(Trouble {
            kind: "timed_out",
            message: format!("it did not answer within {} s", LIMIT.as_secs()),
            hint: Some("look at it with `astro dev logs`, or run `astro dev restart`".to_owned()),
        }),
        Err(error) => Err(Trouble { kind: "engine", message: error.to_string(), hint: None }),
    }
}

fn parse(stdout: &str) -> Option<Found> {
    stdout.lines().rev().find_map(|line| serde_json::from_str(line).ok())
}

impl Found {
    /// What stands between this container and the developer's identity, if anything does.
    pub fn trouble(&self) -> Option<Trouble> {
        if let Some(key) = self.overriding.first() {
            return Some(Trouble {
                kind: "overriding_key",
                message: format!("{key} is set in its environment and beats every profile"),
                hint: Some(format!("take {key} out of .env and out of the override file, then `astro dev restart`")),
            });
        }
        let error = match (&self.error, &self.identity) {
            (Some(error), _) => error.as_str(),
            (None, Some(_)) => return None,
            (None, None) => "no answer",
        };
        Some(match (error, self.unreadable.first(), self.missing.first()) {
            ("no-botocore", ..) => Trouble {
                kind: "no_boto3",
                message: "its Python has no botocore, so its DAGs cannot use AWS".to_owned(),
                hint: Some(
                    "add apache-airflow-providers-amazon to requirements.txt, then `astro dev restart`".to_owned(),
                ),
            },
            ("no-credentials" | "profile-not-found", Some(path), _) => Trouble {
                kind: "unreadable_files",
                message: format!("its user cannot read {path}; botocore then acts as if there were none"),
                hint: Some("run `astro-aws init --delivery session`, then `astro dev restart`".to_owned()),
            },
            // Without the folder nothing was mounted; the config file alone may be missing on the host too.
            ("no-credentials" | "profile-not-found", None, Some(path)) if !path.ends_with("/config") => Trouble {
                kind: "not_mounted",
                message: format!("{path} is not there: the set-up took place after it was started, or not at all"),
                hint: Some("run `astro-aws init`, then `astro dev restart`".to_owned()),
            },
            ("profile-not-found", ..) => Trouble {
                kind: "profile_not_found",
                message: format!("its AWS files have no profile `{}`", self.profile.as_deref().unwrap_or("default")),
                hint: Some("run `astro-aws init --profile` with the right name, then `astro dev restart`".to_owned()),
            },
            ("no-credentials", ..) => Trouble {
                kind: "no_credentials",
                message: format!(
                    "profile `{}` yields no credentials there",
                    self.profile.as_deref().unwrap_or("default")
                ),
                hint: Some("run `astro-aws init --delivery session`, then `astro dev restart`".to_owned()),
            },
            ("refused", ..) => Trouble {
                kind: "refused",
                message: format!(
                    "AWS refuses its credentials: {}",
                    self.detail.as_deref().unwrap_or("no reason given")
                ),
                hint: Some("run `astro-aws refresh`".to_owned()),
            },
            ("network", ..) => Trouble {
                kind: "network",
                message: format!("it cannot reach STS: {}", self.detail.as_deref().unwrap_or("no reason given")),
                hint: Some("an `endpoint_url` on localhost means the container itself there".to_owned()),
            },
            _ => Trouble {
                kind: "failed",
                message: format!("botocore fails there: {}", self.detail.as_deref().unwrap_or(error)),
                hint: Some("run `astro-aws refresh`; expired credentials fail like this".to_owned()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(json: &str) -> Trouble {
        parse(json).unwrap().trouble().unwrap()
    }

    #[test]
    fn an_identity_without_trouble_is_taken_from_the_last_line() {
        let found = parse(
            "a warning of some library\n{\"identity\": {\"account\": \"1\", \"arn\": \"a\", \"user_id\": \"u\"}, \"source\": \"custom-process\", \"overriding\": []}\n",
        )
        .unwrap();
        assert_eq!(found.identity.as_ref().unwrap().arn, "a");
        assert_eq!(found.source.as_deref(), Some("custom-process"));
        assert_eq!(found.trouble(), None);
    }

    #[test]
    fn every_way_to_be_nobody_has_its_own_name() {
        for (json, kind) in [
            (r#"{"error": "no-botocore"}"#, "no_boto3"),
            (r#"{"error": "no-credentials", "unreadable": ["/home/astro/.aws/config"]}"#, "unreadable_files"),
            (r#"{"error": "profile-not-found", "unreadable": ["/home/astro/.aws/config"]}"#, "unreadable_files"),
            (r#"{"error": "no-credentials", "missing": ["/home/astro/.aws"]}"#, "not_mounted"),
            (r#"{"error": "profile-not-found", "profile": "dev"}"#, "profile_not_found"),
            (r#"{"error": "no-credentials"}"#, "no_credentials"),
            (r#"{"error": "refused", "detail": "ExpiredToken"}"#, "refused"),
            (r#"{"error": "network", "detail": "EndpointConnectionError"}"#, "network"),
            (r#"{"error": "failed", "detail": "KeyError"}"#, "failed"),
            (
                r#"{"identity": {"account": "1", "arn": "a", "user_id": "u"}, "overriding": ["AWS_ACCESS_KEY_ID"]}"#,
                "overriding_key",
            ),
        ] {
            assert_eq!(trouble(json).kind, kind, "{json}");
        }
    }

    #[test]
    fn output_that_is_no_answer_is_none() {
        assert_eq!(parse("Traceback (most recent call last):\n"), None);
    }
}
