//! What will not work, or not as one would think, in the kwargs of a backend or in an id.
//!
//! A configured backend and what is known of the place where it will run come in; findings go out, each with an id that
//! stays and the words for a person. Nothing here is an error: Airflow takes all of it.

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use super::backend::{Backend, KWARGS_VARIABLE, Kind};
use super::configured::Configured;
use super::kwargs::{KwargsError, is_true};

/// Where the backend will run, as far as its kwargs depend on that.
#[derive(Debug, Clone)]
pub enum Place {
    /// In the containers of a project on this machine.
    Local {
        /// The profiles that the containers have; `None` where that is not known.
        profiles: Option<Vec<String>>,
    },
    /// On a Deployment.
    Deployment,
}

/// Something that will not work, or surprises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Secrets Manager takes a `/` at the beginning of a prefix for a part of the name.
    LeadingSlash {
        /// The kind whose prefix it is.
        kind: Kind,
        /// What its names begin with.
        beginning: String,
    },
    /// The other backend would look elsewhere with the same prefix.
    PrefixDiffers {
        /// The kind whose prefix it is.
        kind: Kind,
        /// What its names begin with here.
        beginning: String,
        /// The backend that was not asked for.
        other: Backend,
        /// What they begin with there; `None` where Airflow would not start.
        there: Option<String>,
    },
    /// More was taken off the end of a prefix than a separator.
    PrefixStripped {
        /// The kind whose prefix it is.
        kind: Kind,
        /// What its names begin with.
        beginning: String,
    },
    /// Names of one kind are names of another kind too.
    OverlappingPrefixes {
        /// The kind whose names may be taken for another's.
        kind: Kind,
        /// The kind with the shorter or the same beginning.
        within: Kind,
        /// What the names of that kind begin with.
        beginning: String,
    },
    /// A static key in the kwargs: it beats every other identity, and stands in a file.
    StaticKey {
        /// The kwarg, or the entry of `session_kwargs`.
        key: String,
    },
    /// A role that local containers would have to assume.
    LocalRole,
    /// A profile that is not there where the backend runs.
    MissingProfile {
        /// The profile.
        name: String,
        /// Whether that is in local containers, and not on a Deployment.
        locally: bool,
    },
    /// A kwarg that the backend does not know, and passes over without a word.
    UnknownKwarg {
        /// The kwarg.
        key: String,
        /// The backend.
        backend: Backend,
    },
    /// `extra_conn_words` that fail each look-up of a connection that is stored as JSON.
    ExtraWords {
        /// What is wrong with them.
        error: KwargsError,
    },
    /// Kwargs that Airflow cannot use at all.
    Unusable {
        /// Why.
        error: KwargsError,
    },
    /// `--` in an id, which newer providers refuse.
    DoubleDash {
        /// Its kind.
        kind: Kind,
        /// The id.
        id: String,
    },
    /// `$NAME` in the JSON text of the kwargs, which Airflow itself fills in.
    Dollar,
}

impl Finding {
    /// The id of the warning, which stays.
    pub fn id(&self) -> &'static str {
        match self {
            Self::LeadingSlash { .. } => "leading_slash",
            Self::PrefixDiffers { .. } => "prefix_differs",
            Self::PrefixStripped { .. } => "prefix_stripped",
            Self::OverlappingPrefixes { .. } => "overlapping_prefixes",
            Self::StaticKey { .. } => "kwargs_static_key",
            Self::LocalRole => "kwargs_role",
            Self::MissingProfile { .. } => "kwargs_profile",
            Self::UnknownKwarg { .. } => "unknown_kwarg",
            Self::ExtraWords { .. } => "extra_conn_words",
            Self::Unusable { error: KwargsError::NotAnObject { .. } } => "kwargs_malformed",
            Self::Unusable { error: KwargsError::Value { .. } } => "kwargs_unusable",
            Self::DoubleDash { .. } => "double_dash",
            Self::Dollar => "kwargs_dollar",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeadingSlash { kind, beginning } => write!(
                formatter,
                "`{}` begins with `/`, which Secrets Manager takes for a part of the name: Airflow asks for \
                 `{beginning}ID`, and `{}ID` is not found",
                kind.prefix_key(),
                beginning.trim_start_matches('/')
            ),
            Self::PrefixDiffers { kind, beginning, other, there } => {
                write!(formatter, "with this `{}` names are `{beginning}ID`; ", kind.prefix_key())?;
                match there {
                    Some(there) => write!(formatter, "in {} they would be `{there}ID`", other.title()),
                    None => write!(formatter, "with {} Airflow would not start", other.title()),
                }
            }
            Self::PrefixStripped { kind, beginning } => write!(
                formatter,
                "Airflow takes every character of `sep` off the end of `{}`, in any order, so names begin with \
                 `{beginning}`",
                kind.prefix_key()
            ),
            Self::OverlappingPrefixes { kind, within, beginning } if beginning.is_empty() => write!(
                formatter,
                "`{}` is empty, so every name is one of a {}, those of a {} too",
                within.prefix_key(),
                within.name(),
                kind.name()
            ),
            Self::OverlappingPrefixes { kind, within, beginning } => write!(
                formatter,
                "names of a {} begin with `{beginning}` as those of a {} do, so one is taken for the other: give \
                 `{}` and `{}` different values",
                kind.name(),
                within.name(),
                kind.prefix_key(),
                within.prefix_key()
            ),
            Self::StaticKey { key } => write!(
                formatter,
                "`{key}` in the kwargs is a static key: it beats every other identity, never expires, and everybody \
                 who reads the file has it"
            ),
            Self::LocalRole => write!(
                formatter,
                "`role_arn` is for a Deployment: here Airflow would assume that role from your own identity, which \
                 needs a trust policy that allows it"
            ),
            Self::MissingProfile { name, locally: true } => write!(
                formatter,
                "`profile_name` is `{name}`, which the containers do not have: every look-up fails with \
                 ProfileNotFound, and Airflow says only that nothing was found"
            ),
            Self::MissingProfile { name, locally: false } => {
                write!(formatter, "`profile_name` is `{name}`: a Deployment has no profiles, so every look-up fails")
            }
            Self::UnknownKwarg { key, backend } => {
                write!(
                    formatter,
                    "{} does not know the kwarg `{}` and passes over it",
                    backend.title(),
                    key.escape_debug()
                )
            }
            Self::ExtraWords { error } => {
                write!(formatter, "{error}: Airflow finds no connection that is stored as JSON")
            }
            Self::Unusable { error: error @ KwargsError::NotAnObject { .. } } => {
                write!(formatter, "{error}; Airflow warns and goes on with its default prefixes")
            }
            Self::Unusable { error } => write!(formatter, "{error}"),
            Self::DoubleDash { kind, id } => write!(
                formatter,
                "the {} `{}` has `--` in its id, which the amazon provider refuses since 9.27 (later releases in \
                 multi-team mode alone)",
                kind.name(),
                id.escape_debug()
            ),
            Self::Dollar => write!(
                formatter,
                "`{KWARGS_VARIABLE}` has a `$` with a name behind it, which Airflow replaces by that variable where it is \
                 set; as `\\u0024` it stays"
            ),
        }
    }
}

/// Everything to be said about a backend and its kwargs, where they will run.
pub fn of_kwargs(configured: &Configured, place: &Place) -> Vec<Finding> {
    let mut found = Vec::new();
    match configured.naming() {
        Err(error) => found.push(Finding::Unusable { error }),
        Ok(_) => {
            found.extend(Kind::ALL.into_iter().filter_map(|kind| of_prefix(configured, kind)));
            found.extend(overlaps(configured));
        }
    }
    if let Err(error) = configured.extra_words() {
        found.push(Finding::ExtraWords { error });
    }
    found.extend(static_keys(configured));
    found.extend(of_identity(configured, place));
    found.extend(unknown(configured));
    found
}

/// What is to be said about an id.
pub fn of_id(kind: Kind, id: &str) -> Option<Finding> {
    // airflow/providers/amazon/aws/secrets/secrets_manager.py, `_names_a_team_namespace`.
    id.contains("--").then(|| Finding::DoubleDash { kind, id: id.to_owned() })
}

/// What is to be said about the text of AIRFLOW__SECRETS__BACKEND_KWARGS as the container sees it.
pub fn of_text(text: &str) -> Option<Finding> {
    // `conf.get` passes every value through `os.path.expandvars`.
    let names = |rest: &str| rest.starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '{'));
    text.match_indices('$').any(|(at, _)| names(&text[at + 1..])).then_some(Finding::Dollar)
}

fn of_prefix(configured: &Configured, kind: Kind) -> Option<Finding> {
    let key = kind.prefix_key();
    let prefix = configured.kwargs.get(key)?;
    let beginning = configured.naming().ok()?.beginning(kind)?.to_owned();
    let text = prefix.as_str().unwrap_or_default();
    match configured.backend {
        Backend::SecretsManager if beginning.starts_with('/') => Some(Finding::LeadingSlash { kind, beginning }),
        Backend::SecretsManager if beginning.is_empty() && text != beginning => differs(configured, kind, beginning),
        Backend::SecretsManager if !prefix.is_string() => differs(configured, kind, beginning),
        Backend::SecretsManager => {
            let sep = configured.kwargs.text("sep").unwrap_or("/");
            let expected = text.strip_suffix(sep).filter(|_| !sep.is_empty()).unwrap_or(text);
            let is_stripped = sep.chars().count() > 1 && beginning != format!("{expected}{sep}");
            is_stripped.then_some(Finding::PrefixStripped { kind, beginning })
        }
        Backend::ParameterStore if !text.starts_with('/') => differs(configured, kind, beginning),
        Backend::ParameterStore => None,
    }
}

fn differs(configured: &Configured, kind: Kind, beginning: String) -> Option<Finding> {
    let other = match configured.backend {
        Backend::SecretsManager => Backend::ParameterStore,
        Backend::ParameterStore => Backend::SecretsManager,
    };
    let elsewhere = Configured { backend: other, kwargs: configured.kwargs.clone() };
    let there = elsewhere.naming().ok().and_then(|naming| naming.beginning(kind).map(str::to_owned));
    (there.as_deref() != Some(&beginning)).then_some(Finding::PrefixDiffers { kind, beginning, other, there })
}

fn overlaps(configured: &Configured) -> Vec<Finding> {
    let Ok(naming) = configured.naming() else { return Vec::new() };
    let beginnings: Vec<(Kind, &str)> =
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, naming.beginning(kind)?))).collect();
    let pairs = beginnings.iter().flat_map(|one| beginnings.iter().map(move |other| (one, other)));
    let is_within = |((kind, beginning), (within, outer)): &(&(Kind, &str), &(Kind, &str))| {
        // Of two that are the same, one finding is enough.
        kind != within && beginning.starts_with(outer) && (beginning != outer || kind > within)
    };
    pairs
        .filter(is_within)
        .map(|((kind, _), (within, outer))| Finding::OverlappingPrefixes {
            kind: *kind,
            within: *within,
            beginning: (*outer).to_owned(),
        })
        .collect()
}

const STATIC_KEYS: [&str; 3] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

fn static_keys(configured: &Configured) -> Vec<Finding> {
    let kwargs = &configured.kwargs;
    let is_set = |value: Option<&Value>| value.is_some_and(is_true);
    let own = STATIC_KEYS.iter().filter(|key| is_set(kwargs.get(key))).map(|key| (*key).to_owned());
    let session = kwargs.get("session_kwargs");
    let nested = STATIC_KEYS.iter().filter(|key| is_set(session.and_then(|session| session.get(key))));
    own.chain(nested.map(|key| format!("session_kwargs.{key}"))).map(|key| Finding::StaticKey { key }).collect()
}

fn of_identity(configured: &Configured, place: &Place) -> Vec<Finding> {
    let kwargs = &configured.kwargs;
    let mut found = Vec::new();
    if matches!(place, Place::Local { .. }) && kwargs.get("role_arn").is_some_and(is_true) {
        found.push(Finding::LocalRole);
    }
    if let Some(name) = kwargs.text("profile_name").filter(|name| !name.is_empty()) {
        let (is_missing, locally) = match place {
            Place::Local { profiles } => {
                (profiles.as_ref().is_some_and(|profiles| !profiles.iter().any(|known| known == name)), true)
            }
            Place::Deployment => (true, false),
        };
        if is_missing {
            found.push(Finding::MissingProfile { name: name.to_owned(), locally });
        }
    }
    found
}

/// What either backend takes: its own kwargs, those of its client, and the extra of an AWS connection
/// (airflow/providers/amazon/aws/utils/connection_wrapper.py and hooks/base_aws.py).
const KNOWN: [&str; 28] = [
    "connections_prefix",
    "connections_lookup_pattern",
    "variables_prefix",
    "variables_lookup_pattern",
    "config_prefix",
    "config_lookup_pattern",
    "api_version",
    "use_ssl",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "session_kwargs",
    "region_name",
    "profile_name",
    "verify",
    "endpoint_url",
    "config_kwargs",
    "service_config",
    "role_arn",
    "assume_role_method",
    "assume_role_kwargs",
    "assume_role_with_saml",
    "assume_role_with_web_identity_federation",
    "assume_role_with_web_identity_federation_audience",
    "assume_role_with_web_identity_token_file",
    "assume_role_with_web_identity_client_id",
    "profile",
    "s3_config_file",
];

/// What Secrets Manager takes besides.
const KNOWN_TO_SECRETS_MANAGER: [&str; 2] = ["sep", "extra_conn_words"];

fn unknown(configured: &Configured) -> Vec<Finding> {
    let backend = configured.backend;
    let is_known = |key: &str| {
        KNOWN.contains(&key) || (backend == Backend::SecretsManager && KNOWN_TO_SECRETS_MANAGER.contains(&key))
    };
    let unknown = configured.kwargs.iter().filter(|(key, _)| !is_known(key));
    unknown.map(|(key, _)| Finding::UnknownKwarg { key: key.to_owned(), backend }).collect()
}
