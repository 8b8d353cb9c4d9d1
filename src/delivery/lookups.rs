//! What a container's own Airflow finds under ids: asked inside it, by the backend class and the kwargs that it runs with.
//!
//! An engine, a container and ids come in; for each id whether it is found, by which backend, and a salted digest of the
//! value goes out, or the reason why the container cannot tell. No value leaves the container.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::probe::Trouble;
use crate::airflow::Kind;
use crate::airflow::backend::KWARGS_VARIABLE;
use crate::host::engine::{Container, Engine, EngineError};

/// The program that runs in the container, handed over on its standard input.
const PROGRAM: &str = include_str!("lookups.py");

/// The longest that one container is waited for: Airflow takes seconds to be imported.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How long it looks ids up before it tells what it has, in seconds.
const SECONDS: u64 = 45;

/// What makes digests of one run comparable with each other, and with nothing else.
#[derive(Debug, Clone)]
pub struct Salt(String);

impl Salt {
    /// A salt of random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(hex::encode(random))
    }

    /// The digest of a value.
    pub fn digest(&self, value: &str) -> String {
        hex::encode(Sha256::new_with_prefix(&self.0).chain_update(value).finalize())
    }
}

/// What a container's Airflow told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Its version.
    pub airflow: Option<String>,
    /// The amazon provider's version.
    pub provider: Option<String>,
    /// The backend's class path.
    pub backend: Option<String>,
    /// Digests of its AIRFLOW__SECRETS__ variables.
    pub settings: BTreeMap<String, String>,
    /// What it found, in the order of the ids; shorter where time was up.
    pub results: Vec<Answer>,
    /// A word for what went wrong with Airflow itself.
    pub error: Option<String>,
    /// More about it: a module's or a class's name.
    pub detail: Option<String>,
}

/// What it found under one id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Whether it found anything.
    pub found: bool,
    /// The class of the backend that had it.
    pub backend: Option<String>,
    /// The digest of the value; `None` where the backend hands out no text.
    pub digest: Option<String>,
    /// Backends that failed on the way, which Airflow passes over.
    pub failures: Vec<Failure>,
}

/// Why a backend failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// The backend's class.
    pub backend: String,
    /// The exception's class.
    #[serde(rename = "class")]
    pub exception: String,
    /// AWS's error code.
    pub code: Option<String>,
}

/// Asks one container, within [`LIMIT`].
///
/// # Errors
/// [`Trouble`] where the program could not run there, or not come to its end.
pub async fn ask(engine: &Engine, container: &Container, ids: &[(Kind, &str)], salt: &Salt) -> Result<Told, Trouble> {
    match engine.exec_python(&container.id, program(ids, salt).as_bytes(), LIMIT).await {
        Ok(output) => parse(&output.stdout).ok_or_else(|| Trouble {
            kind: "no_python",
            // Its last line names the exception's class; a message might quote a value.
            message: format!("its Python did not come to an end (exit code {:?})", output.code.unwrap_or(-1)),
            hint: Some("look at it with `astro dev logs`".to_owned()),
        }),
        Err(EngineError::TimedOut { .. }) => Err(Trouble {
            kind: "timed_out",
            message: format!("it did not answer within {} s", LIMIT.as_secs()),
            hint: Some("look at it with `astro dev logs`, or check fewer ids at a time".to_owned()),
        }),
        Err(error) => Err(Trouble { kind: "engine", message: error.to_string(), hint: None }),
    }
}

fn program(ids: &[(Kind, &str)], salt: &Salt) -> String {
    let ids: Vec<_> = ids.iter().map(|(kind, id)| (kind.name(), id)).collect();
    let request = json!({"salt": salt.0, "seconds": SECONDS, "ids": ids}).to_string();
    format!("REQUEST = \"{}\"\n{PROGRAM}", hex::encode(request))
}

fn parse(stdout: &str) -> Option<Told> {
    stdout.lines().rev().find_map(|line| serde_json::from_str(line).ok())
}

impl Told {
    /// What stands between this Airflow and the backend that the project's files ask for: `class` is the backend's, `files`
    /// are the AIRFLOW__SECRETS__ variables of `.env`.
    pub fn trouble(&self, class: &str, files: &[(String, String)], salt: &Salt) -> Option<Trouble> {
        let restart = || Some("run `astro dev restart`".to_owned());
        let detail = self.detail.as_deref().unwrap_or("no reason given");
        match self.error.as_deref() {
            Some("no-airflow") => {
                let message = "its Python has no Airflow".to_owned();
                return Some(Trouble { kind: "no_airflow", message, hint: None });
            }
            Some(_) if self.provider.is_none() => {
                return Some(Trouble {
                    kind: "no_provider",
                    message: format!("its Airflow cannot load the secrets backend: {detail} is not installed"),
                    hint: Some(
                        "add apache-airflow-providers-amazon to requirements.txt, then `astro dev restart`".to_owned(),
                    ),
                });
            }
            Some(_) => {
                return Some(Trouble {
                    kind: "not_loaded",
                    message: format!("its Airflow cannot load the secrets backend: {detail}"),
                    hint: Some("compare AIRFLOW__SECRETS__BACKEND in .env, then `astro dev restart`".to_owned()),
                });
            }
            None => {}
        }
        let differs = |(name, value): &&(String, String)| self.settings.get(name) != Some(&salt.digest(value));
        if let Some((name, _)) = files.iter().find(differs) {
            let message = match self.settings.contains_key(name) {
                true => format!("its {name} is not what .env says: it was started before that was changed"),
                false => format!("it has no {name}: it was started before that was set in .env"),
            };
            return Some(Trouble { kind: "other_settings", message, hint: restart() });
        }
        (self.backend.as_deref() != Some(class)).then(|| Trouble {
            kind: "other_backend",
            message: match &self.backend {
                Some(other) => format!("its secrets backend is {other}"),
                None => "it has no secrets backend".to_owned(),
            },
            hint: restart(),
        })
    }

    /// True where its Airflow answered about ids.
    pub fn answers(&self) -> bool {
        self.error.is_none()
    }
}

/// The variables whose values a container is held against.
pub fn is_setting(name: &str) -> bool {
    KWARGS_VARIABLE.strip_suffix("BACKEND_KWARGS").is_some_and(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salt() -> Salt {
        Salt::new([7; 16])
    }

    fn told(json: &str) -> Told {
        parse(json).unwrap()
    }

    #[test]
    fn an_answer_is_the_last_line_that_is_one() {
        let told = told(
            "some library talks\n{\"airflow\": \"3.3.2\", \"results\": [{\"found\": true, \"backend\": \"EnvironmentVariablesBackend\"}]}\nand again\n",
        );
        assert_eq!(told.airflow.as_deref(), Some("3.3.2"));
        assert!(told.results[0].found);
        assert_eq!(parse("Traceback (most recent call last):\n"), None);
    }

    #[test]
    fn the_request_is_a_literal_whatever_an_id_holds() {
        let program = program(&[(Kind::Variable, "a\"\n'''\\x")], &salt());
        let first = program.lines().next().unwrap();
        let hexadecimal = first.strip_prefix("REQUEST = \"").and_then(|rest| rest.strip_suffix('"')).unwrap();
        let request: serde_json::Value = serde_json::from_slice(&hex::decode(hexadecimal).unwrap()).unwrap();
        assert_eq!(request["ids"][0][1], "a\"\n'''\\x");
    }

    #[test]
    fn every_way_to_run_something_else_has_its_own_name() {
        let class = "pkg.Backend";
        let files = [("AIRFLOW__SECRETS__BACKEND_KWARGS".to_owned(), "{}".to_owned())];
        let same = salt().digest("{}");
        let with = |digest: &str, backend: &str| {
            format!(r#"{{"backend": {backend}, "settings": {{"AIRFLOW__SECRETS__BACKEND_KWARGS": "{digest}"}}}}"#)
        };
        for (json, kind) in [
            (r#"{"error": "no-airflow"}"#.to_owned(), Some("no_airflow")),
            (r#"{"error": "not-loaded", "detail": "airflow.providers.amazon"}"#.to_owned(), Some("no_provider")),
            (r#"{"error": "not-loaded", "provider": "9.1.0", "detail": "TypeError"}"#.to_owned(), Some("not_loaded")),
            (r#"{"backend": "pkg.Backend"}"#.to_owned(), Some("other_settings")),
            (with("00", "\"pkg.Backend\""), Some("other_settings")),
            (with(&same, "\"pkg.Other\""), Some("other_backend")),
            (with(&same, "null"), Some("other_backend")),
            (with(&same, "\"pkg.Backend\""), None),
        ] {
            assert_eq!(told(&json).trouble(class, &files, &salt()).map(|trouble| trouble.kind), kind, "{json}");
        }
    }
}
