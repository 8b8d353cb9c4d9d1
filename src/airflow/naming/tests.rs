use serde_json::{Value, json};

use super::LookUp;
use crate::airflow::{Backend, Configured, Kind, Kwargs, KwargsError, Naming};

/// What the real classes of Airflow 2.11 and 3.3 do, which are of one mind: fixtures/airflow-names/make.py.
fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../fixtures/airflow-names/names.json")).unwrap()
}

fn configured(case: &Value) -> Configured {
    let backend = match case["backend"].as_str().unwrap() {
        "secrets-manager" => Backend::SecretsManager,
        other => {
            assert_eq!(other, "parameter-store");
            Backend::ParameterStore
        }
    };
    Configured { backend, kwargs: Kwargs::parse(case["kwargs"].as_str().unwrap()).unwrap() }
}

fn kind(name: &Value) -> Kind {
    Kind::ALL.into_iter().find(|kind| name == kind.name()).unwrap()
}

/// What Python takes and we do not: each is told, none is guessed.
const NOT_FOLLOWED: [&str; 7] = ["(?:)*a", "(?=a)*a", "(?x) a b", "(?a)\\w+", "\\N{DIGIT ONE}", "İ", "ı"];

#[test]
fn names_are_those_that_airflow_asks_for() {
    let (mut asked, mut failing, mut not_followed, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for case in vectors() {
        let naming = configured(&case).naming();
        let look_ups = case["look_ups"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fails = |look_up: &Value| look_up[2]["fails"].is_string();
        if case["start_fails"].is_string() || look_ups.iter().any(fails) {
            failing += 1;
            wrong.extend(naming.is_ok().then(|| format!("taken: {}", case["kwargs"])));
            continue;
        }
        let naming = match naming {
            Ok(naming) => naming,
            Err(error) if error.to_string().contains("cannot follow") => {
                let kwargs: Value = serde_json::from_str(case["kwargs"].as_str().unwrap()).unwrap();
                not_followed.push(kwargs["variables_lookup_pattern"].as_str().unwrap().to_owned());
                continue;
            }
            Err(error) => {
                wrong.push(format!("{error}: {}", case["kwargs"]));
                continue;
            }
        };
        for look_up in look_ups {
            let (kind, id) = (kind(&look_up[0]), look_up[1].as_str().unwrap());
            let name = match naming.look_up(kind, id) {
                LookUp::Name(name) => json!({ "asks": name }),
                LookUp::SwitchedOff | LookUp::Unmatched { .. } => Value::Null,
            };
            if name != look_up[2] {
                wrong.push(format!("{kind:?} {id:?} of {}: {name} instead of {}", case["kwargs"], look_up[2]));
            }
            asked += 1;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(not_followed, NOT_FOLLOWED);
    assert!(asked > 8_000 && failing > 300, "{asked} look-ups, {failing} that fail");
}

#[test]
fn a_name_leads_back_to_its_id() {
    for case in vectors() {
        let Ok(naming) = configured(&case).naming() else { continue };
        for look_up in case["look_ups"].as_array().unwrap() {
            let (kind, id) = (kind(&look_up[0]), look_up[1].as_str().unwrap());
            let Some(name) = look_up[2]["asks"].as_str() else { continue };
            assert_eq!(naming.id_of(kind, name), (!id.is_empty()).then_some(id), "{name:?} of {case}");
            assert!(name.starts_with(naming.beginning(kind).unwrap()), "{name:?} of {case}");
        }
    }
}

fn naming(backend: Backend, kwargs: &Value) -> Result<Naming, KwargsError> {
    Configured { backend, kwargs: Kwargs::parse(&kwargs.to_string()).unwrap() }.naming()
}

#[test]
fn a_kind_that_is_off_is_told_from_an_id_that_does_not_match() {
    for backend in Backend::ALL {
        let kwargs = json!({"connections_prefix": null, "variables_lookup_pattern": "^prod_"});
        let naming = naming(backend, &kwargs).unwrap();
        assert_eq!(naming.look_up(Kind::Connection, "x"), LookUp::SwitchedOff);
        assert_eq!(naming.beginning(Kind::Connection), None);
        assert_eq!(naming.id_of(Kind::Connection, "airflow/connections/x"), None);
        assert_eq!(naming.look_up(Kind::Variable, "x"), LookUp::Unmatched { pattern: "^prod_".to_owned() });
        assert!(matches!(naming.look_up(Kind::Variable, "PROD_x"), LookUp::Name(_)));
    }
}

#[test]
fn a_name_of_another_prefix_is_none_of_a_kind() {
    let naming = naming(Backend::SecretsManager, &json!({})).unwrap();
    assert_eq!(naming.beginning(Kind::Variable), Some("airflow/variables/"));
    for name in ["airflow/connections/x", "airflow/variables", "airflow/variables/", "/airflow/variables/x", ""] {
        assert_eq!(naming.id_of(Kind::Variable, name), None, "{name}");
    }
}

#[test]
fn an_error_names_the_kwarg_and_what_airflow_does() {
    for (kwargs, told) in [
        (
            json!({"variables_prefix": 5}),
            "the kwarg `variables_prefix` is a number, where a text belongs; Airflow does not start",
        ),
        (json!({"sep": 5}), "the kwarg `sep` is a number, where a text belongs; Airflow does not start"),
        (
            json!({"config_lookup_pattern": "("}),
            "the kwarg `config_lookup_pattern` is no regular expression that Python takes (a `(` is not closed); every \
             look-up fails",
        ),
    ] {
        assert_eq!(naming(Backend::SecretsManager, &kwargs).unwrap_err().to_string(), told);
    }
}
