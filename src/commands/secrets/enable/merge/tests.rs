//! Proves what a merge keeps and what it changes.

use serde_json::json;

use super::*;

fn options(backend: Backend, kwargs: &[(&str, Value)]) -> Options {
    let kwargs = kwargs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Options { backend, kwargs, words: serde_json::Map::new() }
}

fn existing(backend: Backend, json: &str, singles: &[(&str, &str, Origin)]) -> Existing {
    let single = |(key, value, origin): &(&str, &str, Origin)| Found {
        name: format!("AIRFLOW__SECRETS__BACKEND_KWARG__{key}"),
        value: (*value).to_owned(),
        origin: *origin,
        place: "x".to_owned(),
        is_expanded: false,
    };
    Existing {
        backend: Some(backend),
        json: Kwargs::parse(json).unwrap(),
        singles: singles.iter().map(single).collect(),
        foreign: Vec::new(),
    }
}

fn json_of(kwargs: &Kwargs) -> Value {
    kwargs.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
}

use Backend::{ParameterStore, SecretsManager};

#[test]
fn a_new_backend_has_every_prefix_written_out_and_its_region() {
    let merged = merge(&options(SecretsManager, &[]), &Existing::default(), Some("eu-west-1"));
    assert_eq!(
        merged.json.to_dotenv(),
        r#"{"connections_prefix":"airflow/connections","variables_prefix":"airflow/variables","config_prefix":"airflow/config","region_name":"eu-west-1"}"#
    );
}

#[test]
fn what_nobody_asked_to_change_stays() {
    let text = r#"{"variables_prefix": "team/v", "config_prefix": null, "region_name": "us-west-2", "endpoint_url": "http://x"}"#;
    let options = options(SecretsManager, &[("connections_prefix", json!("team/c"))]);
    let merged = merge(&options, &existing(SecretsManager, text, &[]), Some("eu-west-1"));
    let expected = json!({"variables_prefix": "team/v", "config_prefix": null, "region_name": "us-west-2",
        "endpoint_url": "http://x", "connections_prefix": "team/c"});
    assert_eq!(json_of(&merged.json), expected);
}

#[test]
fn a_role_never_stays() {
    let text = r#"{"role_arn": "arn:aws:iam::1:role/x", "region_name": "r"}"#;
    let merged = merge(&options(SecretsManager, &[]), &existing(SecretsManager, text, &[]), None);
    assert_eq!(merged.json.get("role_arn"), None);
    let single = existing(SecretsManager, "{}", &[("ROLE_ARN", "arn", Origin::Dotenv)]);
    let merged = merge(&options(SecretsManager, &[]), &single, None);
    assert_eq!(merged.gone, ["AIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ARN"]);
    assert_eq!(merged.configured.kwargs.get("role_arn"), None);
    let image = existing(SecretsManager, "{}", &[("ROLE_ARN", "arn", Origin::Dockerfile)]);
    assert_eq!(merge(&options(SecretsManager, &[]), &image, None).beyond.len(), 1);
}

#[test]
fn another_backend_takes_its_own_prefixes_and_leaves_what_it_does_not_know() {
    let text = r#"{"connections_prefix": "airflow/connections", "variables_prefix": "team/v", "sep": "-", "extra_conn_words": {}, "region_name": "r"}"#;
    let merged = merge(&options(ParameterStore, &[]), &existing(SecretsManager, text, &[]), None);
    let expected = json!({"connections_prefix": "/airflow/connections", "variables_prefix": "team/v", "region_name": "r",
        "config_prefix": "/airflow/config"});
    assert_eq!(json_of(&merged.json), expected);
}

#[test]
fn a_kwarg_with_a_variable_of_its_own_is_changed_there() {
    let there = [("REGION_NAME", "us-east-1", Origin::Dotenv), ("CONNECTIONS_PREFIX", "c", Origin::Dotenv)];
    let options = options(SecretsManager, &[("region_name", json!("eu-west-1"))]);
    let merged = merge(&options, &existing(SecretsManager, "{}", &there), None);
    assert_eq!(merged.singles, [("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME".to_owned(), "eu-west-1".to_owned())]);
    assert_eq!(merged.json.get("region_name"), None);
    assert_eq!(merged.json.get("connections_prefix"), None);
    assert_eq!(merged.configured.kwargs.text("region_name"), Some("eu-west-1"));
    assert_eq!(merged.configured.kwargs.text("connections_prefix"), Some("c"));
}

#[test]
fn what_a_variable_of_its_own_cannot_hold_goes_into_the_json() {
    let there = [("CONFIG_PREFIX", "c", Origin::Dotenv), ("VARIABLES_LOOKUP_PATTERN", "a", Origin::Dotenv)];
    let options =
        options(SecretsManager, &[("config_prefix", Value::Null), ("variables_lookup_pattern", json!("^x$"))]);
    let merged = merge(&options, &existing(SecretsManager, "{}", &there), Some("r"));
    assert_eq!(merged.gone.len(), 2);
    assert_eq!(merged.configured.kwargs.get("config_prefix"), Some(&Value::Null));
    assert_eq!(merged.configured.kwargs.text("variables_lookup_pattern"), Some("^x$"));
    assert_eq!(merged.json.get("config_prefix"), Some(&Value::Null));
}

#[test]
fn single_kwargs_of_another_class_go() {
    let there = existing(SecretsManager, "{}", &[("TOKEN", "x", Origin::Dotenv)]).singles;
    let there = Existing { foreign: there, ..Existing::default() };
    let merged = merge(&options(SecretsManager, &[]), &there, Some("r"));
    assert_eq!(merged.gone, ["AIRFLOW__SECRETS__BACKEND_KWARG__TOKEN"]);
    assert_eq!(merged.configured.kwargs.get("token"), None);
}

#[test]
fn words_are_laid_over_those_that_are_there() {
    let mut options = options(SecretsManager, &[]);
    options.words.insert("host".to_owned(), json!(["server"]));
    let text = r#"{"extra_conn_words": {"host": ["h"], "user": ["u"]}}"#;
    let merged = merge(&options, &existing(SecretsManager, text, &[]), Some("r"));
    assert_eq!(merged.json.get("extra_conn_words"), Some(&json!({"host": ["server"], "user": ["u"]})));
}

#[test]
fn merging_again_changes_nothing() {
    let options = options(SecretsManager, &[("config_prefix", Value::Null), ("a", json!([1]))]);
    let first = merge(&options, &Existing::default(), Some("eu-west-1"));
    let again = Existing { backend: Some(SecretsManager), json: first.json.clone(), ..Existing::default() };
    let second = merge(&options, &again, Some("us-east-1"));
    assert_eq!(second.json.to_dotenv(), first.json.to_dotenv());
}

#[test]
fn a_placeholder_of_the_documentation_is_no_region() {
    let existing = Existing {
        backend: Some(Backend::SecretsManager),
        json: Kwargs::parse(r#"{"region_name": "<your-region>"}"#).unwrap(),
        ..Existing::default()
    };
    assert!(!has_region(&existing.kwargs()));
    let merged = merge(&options(Backend::SecretsManager, &[]), &existing, Some("eu-west-1"));
    assert_eq!(merged.json.text("region_name"), Some("eu-west-1"));
}
