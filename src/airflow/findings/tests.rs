use serde_json::{Value, json};

use super::{Finding, Place, of_id, of_kwargs, of_text};
use crate::airflow::{Backend, Configured, Kind, Kwargs};

fn found_at(place: &Place, backend: Backend, kwargs: &Value) -> Vec<(&'static str, String)> {
    let kwargs = Kwargs::parse(&kwargs.to_string()).unwrap();
    let found = of_kwargs(&Configured { backend, kwargs }, place);
    found.iter().map(|finding| (finding.id(), finding.to_string())).collect()
}

fn ids(backend: Backend, kwargs: &Value) -> Vec<&'static str> {
    found_at(&Place::Local { profiles: None }, backend, kwargs).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn airflows_own_defaults_give_nothing_to_say() {
    for backend in Backend::ALL {
        for kwargs in [json!({}), json!({"config_prefix": null, "region_name": "eu-west-1"})] {
            assert_eq!(ids(backend, &kwargs), [""; 0], "{kwargs}");
        }
    }
    let usual = json!({"connections_prefix": "airflow/connections", "variables_prefix": "airflow/variables/"});
    assert_eq!(ids(Backend::SecretsManager, &usual), [""; 0]);
    let usual = json!({"connections_prefix": "/airflow/connections", "variables_prefix": "/airflow/variables/"});
    assert_eq!(ids(Backend::ParameterStore, &usual), [""; 0]);
}

#[test]
fn a_leading_slash_is_told_for_secrets_manager_alone() {
    let kwargs = json!({"connections_prefix": "/airflow/connections"});
    let found = found_at(&Place::Deployment, Backend::SecretsManager, &kwargs);
    insta::assert_snapshot!(found[0].1, @"`connections_prefix` begins with `/`, which Secrets Manager takes for a part of the name: Airflow asks for `/airflow/connections/ID`, and `airflow/connections/ID` is not found");
    assert_eq!(found.len(), 1);
    assert_eq!(ids(Backend::ParameterStore, &kwargs), [""; 0]);
}

#[test]
fn a_prefix_that_the_backends_read_differently_is_told_with_both_names() {
    let found = found_at(&Place::Deployment, Backend::ParameterStore, &json!({"variables_prefix": "a/v"}));
    insta::assert_snapshot!(found[0].1, @"with this `variables_prefix` names are `/a/v/ID`; in AWS Secrets Manager they would be `a/v/ID`");
    let found = found_at(&Place::Deployment, Backend::SecretsManager, &json!({"variables_prefix": false}));
    insta::assert_snapshot!(found[0].1, @"with this `variables_prefix` names are `ID`; with SSM Parameter Store Airflow would not start");
    assert_eq!(ids(Backend::SecretsManager, &json!({"variables_prefix": "/"}))[0], "prefix_differs");
}

#[test]
fn a_prefix_that_loses_more_than_its_separator_is_told() {
    let found = found_at(&Place::Deployment, Backend::SecretsManager, &json!({"sep": "_-", "config_prefix": "a_"}));
    insta::assert_snapshot!(found[0].1, @"Airflow takes every character of `sep` off the end of `config_prefix`, in any order, so names begin with `a_-`");
    for fine in [json!({"sep": "__", "config_prefix": "a__"}), json!({"sep": "__", "config_prefix": "a"})] {
        assert_eq!(ids(Backend::SecretsManager, &fine), [""; 0], "{fine}");
    }
}

#[test]
fn prefixes_that_overlap_are_told_once() {
    let same = json!({"connections_prefix": "/a", "variables_prefix": "/a/"});
    let found = found_at(&Place::Deployment, Backend::ParameterStore, &same);
    insta::assert_snapshot!(found[0].1, @"names of a variable begin with `/a/` as those of a connection do, so one is taken for the other: give `variables_prefix` and `connections_prefix` different values");
    assert_eq!(found.len(), 1);
    assert_eq!(ids(Backend::ParameterStore, &json!({"variables_prefix": "/airflow"})), ["overlapping_prefixes"; 2]);
    let empty = found_at(&Place::Deployment, Backend::SecretsManager, &json!({"variables_prefix": ""}));
    assert_eq!(
        empty[0].1,
        "`variables_prefix` is empty, so every name is one of a variable, those of a connection too"
    );
}

#[test]
fn static_keys_are_told_without_their_value() {
    let kwargs = json!({"aws_secret_access_key": "hunter2", "session_kwargs": {"aws_access_key_id": "hunter2"},
        "aws_session_token": null});
    let found = found_at(&Place::Deployment, Backend::SecretsManager, &kwargs);
    let ids: Vec<_> = found.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, ["kwargs_static_key"; 2]);
    assert!(found[1].1.starts_with("`session_kwargs.aws_access_key_id`"), "{found:?}");
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn a_role_is_told_locally_and_a_profile_where_it_is_missing() {
    let kwargs = json!({"role_arn": "arn:aws:iam::123456789012:role/x", "profile_name": "dev"});
    let ids_at = |place: &Place| -> Vec<&str> {
        found_at(place, Backend::ParameterStore, &kwargs).into_iter().map(|(id, _)| id).collect()
    };
    let local = |names: &[&str]| Place::Local { profiles: Some(names.iter().map(|&name| name.to_owned()).collect()) };
    assert_eq!(ids_at(&local(&["default"])), ["kwargs_role", "kwargs_profile"]);
    assert_eq!(ids_at(&local(&["default", "dev"])), ["kwargs_role"]);
    assert_eq!(ids_at(&Place::Local { profiles: None }), ["kwargs_role"]);
    assert_eq!(ids_at(&Place::Deployment), ["kwargs_profile"]);
}

#[test]
fn a_kwarg_that_the_backend_passes_over_is_told() {
    let kwargs = json!({"sep": "-", "extra_conn_words": {}, "connection_prefix": "x", "verify": false});
    assert_eq!(ids(Backend::SecretsManager, &kwargs), ["unknown_kwarg"]);
    let found = found_at(&Place::Deployment, Backend::ParameterStore, &kwargs);
    assert_eq!(found[0].1, "SSM Parameter Store does not know the kwarg `sep` and passes over it");
    assert_eq!(found.len(), 3);
}

#[test]
fn kwargs_of_no_use_are_told_with_what_airflow_does() {
    assert_eq!(ids(Backend::SecretsManager, &json!({"variables_lookup_pattern": "("})), ["kwargs_unusable"]);
    assert_eq!(ids(Backend::SecretsManager, &json!({"extra_conn_words": {"x": []}})), ["extra_conn_words"]);
    let error = Kwargs::parse("[1]").unwrap_err();
    let finding = Finding::Unusable { error };
    assert_eq!(finding.id(), "kwargs_malformed");
    insta::assert_snapshot!(finding, @"the kwargs are no JSON object: they are a list; Airflow warns and goes on with its default prefixes");
}

#[test]
fn two_dashes_in_an_id_are_told() {
    assert_eq!(of_id(Kind::Variable, "a-b"), None);
    let finding = of_id(Kind::Connection, "team--x").unwrap();
    assert_eq!(finding.id(), "double_dash");
    assert!(finding.to_string().starts_with("the connection `team--x` has `--` in its id"), "{finding}");
}

#[test]
fn a_dollar_that_airflow_fills_in_is_told() {
    for text in ["{\"a\": \"$HOME\"}", "{\"a\": \"${X}\"}", "{\"a\": \"^x$a\"}"] {
        assert_eq!(of_text(text).unwrap().id(), "kwargs_dollar", "{text}");
    }
    for text in ["{}", "{\"a\": \"^x$\"}", "{\"a\": \"\\u0024HOME\"}"] {
        assert_eq!(of_text(text), None, "{text}");
    }
}
