//! What Airflow makes of a value, or of there being none: state, words, and what mends it.

use crate::airflow::connection::{Connection, ExtraWords};
use crate::airflow::references::{Absence, ReadAs};
use crate::airflow::{Backend, Kind, LookUp};
use crate::aws::secrets::StoreFailure;
use crate::commands::failures::word;
use crate::report::outcome::secrets::check::{Origin, State};

use super::beside::{Beside, Line};
use super::subjects::Subject;

/// What became of a look-up in the backend.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) state: State,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// What is compared with the containers.
    pub(super) digest: Option<String>,
}

/// What Airflow finds in the end.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) origin: Option<Origin>,
    pub(super) ok: bool,
}

/// How the backend reads values.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) backend: Backend,
    /// The region that is asked.
    pub(super) region: String,
    pub(super) words: ExtraWords,
}

impl Verdict {
    fn new(state: State, message: impl Into<String>) -> Self {
        Self { state, message: message.into(), hint: None, digest: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The backend is not asked at all; `None` where it is.
pub(super) fn unasked(subject: &Subject, look_up: &LookUp) -> Option<Verdict> {
    let kind = subject.kind.name();
    match look_up {
        LookUp::Name(_) => None,
        LookUp::SwitchedOff => {
            let prefix = subject.kind.prefix_key();
            let message = format!("the backend is never asked for a {kind}: `{prefix}` is null");
            let option = prefix.replace('_', "-");
            Some(
                Verdict::new(State::SwitchedOff, message)
                    .hint(format!("set one with `astro-aws secrets enable … --{option} PREFIX`")),
            )
        }
        LookUp::Unmatched { pattern } => {
            let message = format!("the backend is not asked: the id does not match the lookup pattern `{pattern}`");
            Some(Verdict::new(State::Unmatched, message))
        }
    }
}

/// A value that was read.
pub(super) fn value(subject: &Subject, text: &str, reading: &Reading) -> Verdict {
    match trouble(subject, text, reading) {
        None => Verdict::new(State::Found, "found"),
        Some(reason) => Verdict::new(State::Malformed, reason).hint(set_command(subject, "store it anew")),
    }
}

fn trouble(subject: &Subject, text: &str, reading: &Reading) -> Option<String> {
    match (subject.kind, subject.read_as) {
        (Kind::Connection, _) if text.is_empty() => {
            Some("it is empty, which Airflow takes for no connection".to_owned())
        }
        (Kind::Connection, _) => match Connection::parse(text, reading.backend, &reading.words) {
            Ok(_) => None,
            Err(error) => Some(format!("Airflow makes no connection of it: it {error}")),
        },
        (_, ReadAs::Json) if !is_python_json(text) => Some("it is no JSON, and is read as JSON".to_owned()),
        _ => None,
    }
}

/// Whether Python's `json.loads` takes a text: it knows three words more than JSON does.
fn is_python_json(text: &str) -> bool {
    matches!(text.trim(), "NaN" | "Infinity" | "-Infinity")
        || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A look-up that gave no value.
pub(super) fn failure(subject: &Subject, name: &str, failure: &StoreFailure, reading: &Reading) -> Verdict {
    let title = reading.backend.title();
    match failure {
        StoreFailure::NotFound => {
            Verdict::new(State::NotFound, format!("nothing is named `{name}`")).hint(set_command(subject, "store it"))
        }
        StoreFailure::Denied { action, resource } => Verdict::new(
            State::Denied,
            format!("{action} on {resource} is not allowed; Airflow would say it isn't defined"),
        )
        .hint("ask for what `astro-aws secrets policy` prints"),
        StoreFailure::Undecryptable { key } => {
            let what = key.as_deref().unwrap_or("its KMS key");
            Verdict::new(State::Undecryptable, format!("`{name}` cannot be decrypted with {what}"))
                .hint(format!("ask for kms:Decrypt on {what}, or see whether that key is enabled"))
        }
        StoreFailure::Binary => {
            Verdict::new(State::Binary, format!("`{name}` holds binary data, and Airflow reads text alone"))
                .hint(set_command(subject, "store it as text"))
        }
        StoreFailure::PendingDeletion => {
            Verdict::new(State::PendingDeletion, format!("`{name}` is scheduled for deletion")).hint(format!(
                "bring it back with `aws secretsmanager restore-secret --secret-id {} --region {}`",
                word(name),
                word(&reading.region)
            ))
        }
        StoreFailure::Name { reason } => {
            Verdict::new(State::NotFound, format!("{title} has no such name as `{name}`: it {reason}"))
        }
        StoreFailure::Network(reason) => Verdict::new(State::Failed, format!("{title} cannot be reached: {reason}"))
            .hint("check the network, HTTPS_PROXY, AWS_CA_BUNDLE and any `endpoint_url` of the profile"),
        other => Verdict::new(State::Failed, other.to_string()),
    }
}

fn set_command(subject: &Subject, what: &str) -> String {
    // What begins with a hyphen would be an option.
    let option = if subject.id.starts_with('-') { "-- " } else { "" };
    format!("{what} with `astro-aws secrets set {} {option}{}`", subject.kind.name(), word(&subject.id))
}

/// What Airflow finds with all its backends, in its order: the secrets backend, the environment, the metastore.
pub(super) fn in_all(
    subject: &Subject,
    verdict: Verdict,
    beside: &Beside,
    digest: impl Fn(&str) -> String,
) -> Judgement {
    if verdict.state == State::Failed {
        // Nobody knows whether the backend, which comes first, has another value.
        return Judgement { verdict, origin: None, ok: false };
    }
    let line = beside.variable(subject.kind, &subject.id);
    let is_answered = match verdict.state {
        State::Found => true,
        // The text of a variable is handed on as it is, and read as JSON too late for another backend to be asked.
        State::Malformed => subject.kind != Kind::Connection,
        _ => false,
    };
    match line {
        Some(line) if verdict.state == State::Found => return shadowed(verdict, &line),
        Some(line) if !is_answered => return in_environment(subject, &verdict, &line, digest),
        _ => {}
    }
    if is_answered {
        let ok = verdict.state == State::Found;
        return Judgement { origin: Some(Origin::Backend), ok, verdict };
    }
    if beside.is_in_metastore(subject.kind, &subject.id) {
        let message = "found in airflow_settings.yaml, which `astro dev start` loads into the metastore";
        let verdict = Verdict::new(State::Found, with_reason(message, &verdict));
        return Judgement { verdict, origin: Some(Origin::AirflowSettings), ok: true };
    }
    absent(subject, verdict)
}

fn shadowed(verdict: Verdict, line: &Line<'_>) -> Judgement {
    let Line { name, variable } = line;
    let message = format!("found; {name} in {} is never read: Airflow asks the secrets backend first", variable.origin);
    let hint = Some(format!("take {name} out, or delete the secret with `astro-aws secrets delete`"));
    let verdict = Verdict { state: State::Shadowed, message, hint, ..verdict };
    Judgement { verdict, origin: Some(Origin::Backend), ok: true }
}

fn in_environment(subject: &Subject, verdict: &Verdict, line: &Line<'_>, digest: impl Fn(&str) -> String) -> Judgement {
    let Line { name, variable } = line;
    let (text, place) = (variable.value.expose(), &variable.origin);
    // Only Secrets Manager's backend knows other words for the parts of a connection.
    let reading = Reading { backend: Backend::ParameterStore, region: String::new(), words: ExtraWords::default() };
    // What Compose fills in is not known here.
    let reason = if variable.is_expanded { None } else { trouble(subject, text, &reading) };
    if let Some(reason) = reason {
        let message = with_reason(&format!("{name} in {place}: {reason}"), verdict);
        let verdict = Verdict::new(State::Malformed, message).hint(format!("mend {name}, then `astro dev restart`"));
        return Judgement { verdict, origin: None, ok: false };
    }
    let message = with_reason(&format!("found in {place} ({name})"), verdict);
    let digest = (!variable.is_expanded).then(|| digest(text));
    let verdict = Verdict { digest, ..Verdict::new(State::Found, message) };
    Judgement { verdict, origin: Some(Origin::Environment), ok: true }
}

/// What the secrets backend would have said, where that is worth a word.
fn with_reason(message: &str, verdict: &Verdict) -> String {
    match verdict.state {
        State::NotFound | State::SwitchedOff | State::Unmatched => message.to_owned(),
        _ => format!("{message}; in the secrets backend: {}", verdict.message),
    }
}

fn absent(subject: &Subject, mut verdict: Verdict) -> Judgement {
    let ok = subject.absence != Absence::Fails;
    if ok {
        verdict.message.push_str(match subject.absence {
            Absence::Environment => "; the hook then goes on with the container's own credentials",
            Absence::Default | Absence::Fails => "; the default is used",
        });
        verdict.hint = None;
    }
    Judgement { verdict, origin: None, ok }
}
