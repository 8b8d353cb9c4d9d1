//! The options of `secrets enable` as kwargs. What is wrong with an option is told before any file is looked at.

use serde_json::{Map, Value};

use crate::airflow::Backend;
use crate::cli::secrets::EnableArgs;
use crate::commands::configure::check_region;
use crate::report::{Error, Kind};

/// The kwarg with the region.
pub(super) const REGION: &str = "region_name";
/// The kwarg with the role that a Deployment assumes.
pub(super) const ROLE: &str = "role_arn";
/// The kwarg with more words for the parts of a connection.
pub(super) const WORDS: &str = "extra_conn_words";

/// What a person asked for.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) backend: Backend,
    /// Kwargs, in the order in which they are written where they are new.
    pub(super) kwargs: Vec<(String, Value)>,
    /// Words for parts of a connection, which are laid over those that are there.
    pub(super) words: Map<String, Value>,
}

impl Options {
    /// Reads the options; `region` is that of `--region`.
    ///
    /// # Errors
    /// [`Kind::Usage`].
    pub(super) fn of(args: &EnableArgs, region: Option<&str>) -> Result<Self, Error> {
        let backend = Backend::from(args.backend);
        if backend == Backend::ParameterStore {
            let given = [("--sep", args.sep.is_some()), ("--extra-conn-words", !args.extra_conn_words.is_empty())];
            if let Some((option, _)) = given.iter().find(|(_, is_given)| *is_given) {
                return Err(Error::new(Kind::Usage, format!("{option} is for Secrets Manager alone"))
                    .hint(format!("leave {option} out: Airflow's Parameter Store backend does not know it")));
            }
        }
        let or_null = |text: &String| if text == "null" { Value::Null } else { Value::String(text.clone()) };
        let text = |text: &String| Value::String(text.clone());
        let mut kwargs: Vec<(String, Value)> = [
            ("connections_prefix", args.connections_prefix.as_ref().map(or_null)),
            ("variables_prefix", args.variables_prefix.as_ref().map(or_null)),
            ("config_prefix", args.config_prefix.as_ref().map(or_null)),
            ("connections_lookup_pattern", args.connections_lookup_pattern.as_ref().map(or_null)),
            ("variables_lookup_pattern", args.variables_lookup_pattern.as_ref().map(or_null)),
            ("config_lookup_pattern", args.config_lookup_pattern.as_ref().map(or_null)),
            ("sep", args.sep.as_ref().map(text)),
            (REGION, region.map(|region| Value::String(region.to_owned()))),
            ("profile_name", args.profile_name.as_ref().map(text)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect();
        for given in &args.kwarg {
            let (key, value) = kwarg(given)?;
            if kwargs.iter().any(|(known, _)| *known == key) {
                return Err(Error::new(Kind::Usage, format!("`--kwarg {key}=…`: {key} is given twice")));
            }
            kwargs.push((key, value));
        }
        if let Some((_, region)) = kwargs.iter().find(|(key, _)| key == REGION) {
            let checked = region.as_str().ok_or_else(|| "a region is a text".to_owned()).and_then(check_region);
            checked.map_err(|reason| Error::new(Kind::Usage, format!("`{}`: {reason}", plain(region))))?;
        }
        Ok(Self { backend, kwargs, words: words(&args.extra_conn_words)? })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.kwargs.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `--kwarg KEY=VALUE`.
fn kwarg(given: &str) -> Result<(String, Value), Error> {
    let usage = |message: String| Error::new(Kind::Usage, message);
    let Some((key, value)) = given.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err(usage("--kwarg takes KEY=VALUE".to_owned())
            .hint("for example `--kwarg endpoint_url=http://localhost:4566`"));
    };
    match key {
        ROLE => Err(usage("`role_arn` is for a Deployment: local containers have your own identity".to_owned())
            .hint("give it to `astro-aws secrets deploy --role-arn ARN`")),
        "aws_access_key_id" | "aws_secret_access_key" | "aws_session_token" => Err(usage(format!(
            "`{key}` is a static key, and does not belong into .env: the containers have your own identity"
        ))
        .hint("leave it out; `astro-aws init` gives the containers your profile")),
        WORDS => Err(usage("`extra_conn_words` has an option of its own".to_owned())
            .hint("use `--extra-conn-words PART=WORD,…`")),
        _ => Ok((key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned())))),
    }
}

/// `--extra-conn-words PART=WORD,…`, each as often as one likes.
fn words(given: &[String]) -> Result<Map<String, Value>, Error> {
    let mut parts: Map<String, Value> = Map::new();
    for text in given {
        let words = text.split_once('=').map(|(part, words)| (part.trim(), words));
        let words = words.map(|(part, words)| {
            (part, words.split(',').map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>())
        });
        let Some((part, words)) = words.filter(|(part, words)| !part.is_empty() && !words.is_empty()) else {
            return Err(Error::new(Kind::Usage, format!("`--extra-conn-words {text}`: it takes PART=WORD,WORD"))
                .hint("for example `--extra-conn-words host=servidor,servername`"));
        };
        let list = parts.entry(part.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.extend(words.into_iter().map(|word| Value::String(word.to_owned())));
        }
    }
    Ok(parts)
}
