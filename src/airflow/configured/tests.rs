use serde_json::json;

use super::{Backend, Configured, Kwargs};

fn words(backend: Backend, words: &serde_json::Value) -> Result<String, String> {
    let mut kwargs = Kwargs::default();
    kwargs.set("extra_conn_words", words.clone());
    let words = Configured { backend, kwargs }.extra_words();
    words.map(|words| format!("{words:?}")).map_err(|error| error.to_string())
}

#[test]
fn a_class_path_leads_to_its_backend() {
    for backend in Backend::ALL {
        assert_eq!(Backend::of_class_path(backend.class_path()), Some(backend));
    }
    assert_eq!(Backend::of_class_path("airflow.providers.hashicorp.secrets.vault.VaultBackend"), None);
}

#[test]
fn words_for_parts_are_read_as_airflow_does() {
    let given = json!({"user": ["benutzer"], "login": ["kennung", 5], "host": "ab"});
    let read = words(Backend::SecretsManager, &given).unwrap();
    assert_eq!(read, r#"{"host": ["a", "b"], "login": ["benutzer", "kennung"]}"#);
    assert_eq!(words(Backend::ParameterStore, &given).unwrap(), "{}");
    for nothing in [json!(null), json!({}), json!([]), json!("")] {
        assert_eq!(words(Backend::SecretsManager, &nothing).unwrap(), "{}");
    }
}

#[test]
fn words_that_airflow_fails_on_are_an_error() {
    for (given, told) in [
        (json!("x"), "the kwarg `extra_conn_words` is a text, where an object of lists belongs"),
        (json!({"users": ["x"]}), "the kwarg `extra_conn_words` has words for `users`, which no connection has"),
        (json!({"host": null}), "the kwarg `extra_conn_words` has null for `host`, where a list belongs"),
    ] {
        assert_eq!(words(Backend::SecretsManager, &given).unwrap_err(), told);
    }
}
