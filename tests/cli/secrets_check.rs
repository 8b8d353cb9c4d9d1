//! `secrets check` says what Airflow will find under each id that the DAGs name, where it is named, and what stands in the way.

use serde_json::{Value, json};

use crate::support::aws::{Failure, SECRET_MARKER};
use crate::support::{Probe, TestEnvironment};

const SECRETS_MANAGER: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
const PARAMETER_STORE: &str =
    "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend";

/// A project with a secrets backend, and one DAG.
fn project(class: &str, kwargs: &str, dag: &str) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_docker();
    env.write(".env", dotenv(class, kwargs));
    env.write("dags/example.py", dag);
    env
}

fn dotenv(class: &str, kwargs: &str) -> String {
    format!("AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n")
}

fn secrets_manager(dag: &str) -> TestEnvironment {
    project(SECRETS_MANAGER, r#"{"region_name":"us-east-1"}"#, dag)
}

fn value(text: &str) -> String {
    format!("{text}-{SECRET_MARKER}")
}

#[track_caller]
fn result<'a>(report: &'a Value, id: &str) -> &'a Value {
    let found = report["results"].as_array().unwrap().iter().find(|result| result["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {report:#}"))
}

#[track_caller]
fn check(env: &TestEnvironment, code: i32) -> Value {
    env.run(&["secrets", "check", "--output", "json"]).exits(code).json()
}

#[test]
fn everything_that_is_named_and_stored_is_found_with_file_and_line() {
    let env = secrets_manager(
        "from airflow.sdk import Variable\n\nVariable.get('hello')\nf(postgres_conn_id=\"my_db\")\ng('{{ var.json.shape.x }}')\n",
    );
    env.aws.has_secret("airflow/variables/hello", &value("world"));
    env.aws.has_secret("airflow/variables/shape", &json!({"x": value("1")}).to_string());
    env.aws.has_secret("airflow/connections/my_db", &format!("postgres://ana:{SECRET_MARKER}@db/x"));
    let report = check(&env, 0);
    assert_eq!(report["backend"], "secrets-manager");
    assert_eq!(report["region"], "us-east-1");
    assert_eq!(
        report["summary"],
        json!({"checked": 3, "found": 3, "defaulted": 0, "failed": 0, "unused": 0, "files": 1})
    );
    let hello = result(&report, "hello");
    assert_eq!(hello["kind"], "variable");
    assert_eq!(hello["name"], "airflow/variables/hello");
    assert_eq!(hello["state"], "found");
    assert_eq!(hello["origin"], "backend");
    assert_eq!(hello["where"][0]["line"], 3);
    assert!(hello["where"][0]["path"].as_str().unwrap().ends_with("/dags/example.py"), "{hello}");
    assert_eq!(result(&report, "my_db")["kind"], "connection");
    env.run(&["secrets", "check"]).succeeds().says("dags/example.py:4").says("3 of 3 ids found.");
}

#[test]
fn each_way_not_to_be_found_has_its_own_state_and_remedy() {
    let env = secrets_manager(
        "for k in ['missing', 'denied', 'locked', 'bytes', 'gone', 'broken']: ...\n\
         Variable.get('missing')\nVariable.get('denied')\nVariable.get('locked')\nVariable.get('bytes')\nVariable.get('gone')\n\
         Variable.get('broken', deserialize_json=True)\nBaseHook.get_connection('no_uri')\n",
    );
    for id in ["denied", "broken"] {
        env.aws.has_secret(&format!("airflow/variables/{id}"), &value("x"));
    }
    env.aws.has_secret_with_key("airflow/variables/locked", &value("x"), "arn:aws:kms:us-east-1:111122223333:key/k1");
    env.aws.has_binary_secret("airflow/variables/bytes", "AAEC");
    env.aws.has_deleted_secret("airflow/variables/gone", &value("x"));
    env.aws.has_secret("airflow/connections/no_uri", &format!("{{\"host\": \"{SECRET_MARKER}"));
    env.aws.denies("secretsmanager:GetSecretValue", "airflow/variables/denied");
    env.aws.denies("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k1");
    let report = check(&env, 1);
    for (id, state, phrase) in [
        ("missing", "not_found", "airflow/variables/missing"),
        ("denied", "denied", "secretsmanager:GetSecretValue"),
        ("bytes", "binary", "binary"),
        ("gone", "pending_deletion", "deletion"),
        ("broken", "malformed", "JSON"),
        ("no_uri", "malformed", "connection"),
    ] {
        let found = result(&report, id);
        assert_eq!(found["state"], state, "{found}");
        assert_eq!(found["ok"], false, "{found}");
        assert!(found["message"].as_str().unwrap().contains(phrase), "{found}");
        assert!(found["hint"].is_string(), "{found}");
    }
    let locked = result(&report, "locked");
    assert!(["undecryptable", "denied"].contains(&locked["state"].as_str().unwrap()), "{locked}");
    assert!(locked["message"].to_string().contains("key/k1"), "{locked}");
    assert_eq!(report["error"]["kind"], "failed");
    env.run(&["secrets", "check"])
        .exits(1)
        .says("astro-aws secrets set variable missing")
        .says("astro-aws secrets policy");
}

#[test]
fn what_a_batch_was_denied_is_asked_for_again_as_airflow_asks() {
    let env = secrets_manager("Variable.get('a')\nVariable.get('b')\n");
    env.aws.has_secret("airflow/variables/a", &value("1"));
    env.aws.has_secret("airflow/variables/b", &value("2"));
    let name = "arn:aws:secretsmanager:us-east-1:*:secret:airflow/*";
    env.aws.allows_only(&json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": name},
    ]}));
    let report = check(&env, 0);
    assert_eq!(report["summary"]["found"], 2);
    // Listing takes a permission that no look-up needs.
    assert_eq!(report["summary"]["unused"], Value::Null);
    assert_eq!(report["warnings"][0]["id"], "unused_unknown", "{report:#}");
}

#[test]
fn a_default_makes_a_missing_one_no_failure() {
    let env = secrets_manager(
        "Variable.get('a', default_var=None)\nf('{{ var.value.get(\"b\", \"c\") }}')\nS3Hook(aws_conn_id='aws_default')\n",
    );
    let report = check(&env, 0);
    assert_eq!(report["summary"]["defaulted"], 3);
    for id in ["a", "b", "aws_default"] {
        assert_eq!(result(&report, id)["state"], "not_found");
        assert_eq!(result(&report, id)["has_default"], true);
    }
}

#[test]
fn the_secrets_backend_comes_before_the_environment_and_that_before_nothing() {
    let env = secrets_manager("Variable.get('both')\nVariable.get('dotenv')\nf(conn_id='denied')\nf(conn_id='bad')\n");
    let lines = format!(
        "AIRFLOW_VAR_BOTH={}\nAIRFLOW_VAR_DOTENV={}\nAIRFLOW_CONN_DENIED=http://{SECRET_MARKER}@h\nAIRFLOW_CONN_BAD={{\n",
        value("1"),
        value("2")
    );
    env.write(".env", dotenv(SECRETS_MANAGER, r#"{"region_name":"us-east-1"}"#) + &lines);
    env.aws.has_secret("airflow/variables/both", &value("3"));
    env.aws.has_secret("airflow/connections/denied", &format!("http://{SECRET_MARKER}@aws"));
    env.aws.denies("secretsmanager:GetSecretValue", "airflow/connections/denied");
    let report = check(&env, 1);
    let both = result(&report, "both");
    assert_eq!(
        (both["state"].as_str(), both["origin"].as_str(), both["ok"].as_bool()),
        (Some("shadowed"), Some("backend"), Some(true))
    );
    assert!(both["message"].as_str().unwrap().contains("AIRFLOW_VAR_BOTH in `.env` line 3"), "{both}");
    let dotenv = result(&report, "dotenv");
    assert_eq!((dotenv["state"].as_str(), dotenv["origin"].as_str()), (Some("found"), Some("environment")));
    assert!(dotenv["message"].as_str().unwrap().contains("`.env` line 4"), "{dotenv}");
    let denied = result(&report, "denied");
    assert_eq!((denied["state"].as_str(), denied["origin"].as_str()), (Some("found"), Some("environment")));
    assert!(denied["message"].as_str().unwrap().contains("secretsmanager:GetSecretValue"), "{denied}");
    let bad = result(&report, "bad");
    assert_eq!((bad["state"].as_str(), bad["ok"].as_bool()), (Some("malformed"), Some(false)));
}

#[test]
fn a_backend_that_is_not_asked_says_so_and_aws_is_left_alone() {
    let kwargs = r#"{"region_name":"us-east-1","variables_prefix":null,"connections_lookup_pattern":"^prod_"}"#;
    let env = project(SECRETS_MANAGER, kwargs, "Variable.get('a')\nf(conn_id='dev_db')\n");
    let report = env.run(&["secrets", "check", "a", "dev_db", "--output", "json"]).exits(1).json();
    assert_eq!(result(&report, "a")["state"], "switched_off");
    assert_eq!(result(&report, "a")["name"], Value::Null);
    assert_eq!(result(&report, "dev_db")["state"], "unmatched");
    assert!(result(&report, "dev_db")["message"].as_str().unwrap().contains("^prod_"));
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn what_nothing_names_is_told_where_no_ids_are_given() {
    let env = project(PARAMETER_STORE, r#"{"region_name":"us-east-1"}"#, "Variable.get('used')\n");
    env.aws.has_parameter("/airflow/variables/used", &value("1"));
    env.aws.has_parameter("/airflow/variables/old", &value("2"));
    env.aws.has_parameter("/airflow/connections/older", &value("3"));
    env.aws.has_parameter("/elsewhere/variables/x", &value("4"));
    let report = check(&env, 0);
    assert_eq!(
        report["unused"],
        json!([
            {"kind": "connection", "id": "older", "name": "/airflow/connections/older"},
            {"kind": "variable", "id": "old", "name": "/airflow/variables/old"},
        ])
    );
    let report = env.run(&["secrets", "check", "used", "--output", "json"]).succeeds().json();
    assert_eq!(report["unused"], json!([]));
    assert_eq!(report["results"][0]["where"][0]["line"], 1);
}

#[test]
fn an_id_that_nothing_names_is_looked_up_as_what_it_is() {
    let env = secrets_manager("");
    env.aws.has_secret("airflow/connections/my_db", &format!("http://{SECRET_MARKER}@h"));
    let report = env.run(&["secrets", "check", "my_db", "--output", "json"]).succeeds().json();
    assert_eq!(report["results"].as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(result(&report, "my_db")["kind"], "connection");
    let report = env.run(&["secrets", "check", "nowhere", "--output", "json"]).exits(1).json();
    assert_eq!(report["results"].as_array().unwrap().len(), 2, "{report:#}");
    let report = env.run(&["secrets", "check", "--kind", "variable", "my_db", "--output", "json"]).exits(1).json();
    assert_eq!(report["results"].as_array().unwrap().len(), 1, "{report:#}");
}

#[test]
fn credentials_that_aws_refuses_are_a_case_for_signing_in() {
    let env = secrets_manager("Variable.get('a')\n");
    env.aws.fails("BatchGetSecretValue", Failure::Refused("ExpiredTokenException"));
    env.aws.fails("GetSecretValue", Failure::Refused("ExpiredTokenException"));
    let report = check(&env, 3);
    assert_eq!(report["error"]["kind"], "credentials");
}

#[test]
fn files_that_are_no_source_are_left_out_with_a_warning() {
    let env = secrets_manager("Variable.get('a')\n");
    env.aws.has_secret("airflow/variables/a", &value("1"));
    env.write("dags/binary.py", b"Variable.get('b')\0\xFF");
    env.write("dags/latin.py", b"# caf\xE9\nVariable.get('a')\n");
    env.write("dags/broken.py", "def f(:\n");
    let report = check(&env, 0);
    assert_eq!(report["warnings"][0]["id"], "not_read");
    assert!(report["warnings"][0]["message"].as_str().unwrap().contains("binary.py"), "{report:#}");
    assert_eq!(result(&report, "a")["where"].as_array().unwrap().len(), 2);
}

#[test]
fn a_project_that_names_nothing_needs_nothing() {
    let env = secrets_manager("print('hello')\n");
    env.run(&["secrets", "check"]).succeeds().says("Nothing to check");
}

#[test]
fn a_thousand_ids_take_batches() {
    let names = |index: usize| format!("airflow/variables/key_{index}");
    let dag: String = (0..1000).map(|index| format!("Variable.get('key_{index}')\n")).collect();
    let env = secrets_manager(&dag);
    env.aws.has_secrets((0..1000).map(|index| (names(index), value("x"))));
    let report = check(&env, 0);
    assert_eq!(report["summary"]["found"], 1000);
    assert_eq!(env.aws.hits("GetSecretValue"), 0);
    assert_eq!(env.aws.hits("BatchGetSecretValue"), 50);
}

/// What the program in a container tells.
fn told(differing: &Value) -> Probe {
    let mut told =
        json!({"airflow": "3.3.2", "provider": "9.39.0", "backend": SECRETS_MANAGER, "settings": {}, "results": []});
    for (key, value) in differing.as_object().unwrap() {
        told[key] = value.clone();
    }
    Probe::finds(&told)
}

#[test]
fn the_running_airflow_has_the_last_word() {
    let env = secrets_manager("Variable.get('a')\n");
    env.aws.has_secret("airflow/variables/a", &value("1"));
    let failures =
        json!([{"backend": "SecretsManagerBackend", "class": "ClientError", "code": "AccessDeniedException"}]);
    env.runs("scheduler", &told(&json!({"results": [{"found": false, "failures": failures}]})));
    env.runs("api-server", &told(&json!({"results": [{"found": true}]})));
    let report = env.run(&["secrets", "check", "--in", "containers", "--output", "json"]).exits(1).json();
    let containers = report["containers"].as_array().unwrap();
    // The API server looks nothing up for DAGs.
    assert_eq!(containers.len(), 1, "{report:#}");
    assert_eq!(containers[0]["service"], "scheduler");
    assert_eq!(containers[0]["airflow"], "3.3.2");
    assert_eq!(containers[0]["error"]["kind"], "other_settings", "{report:#}");
    let seen = &result(&report, "a")["in_containers"][0];
    assert_eq!(seen["found"], false);
    assert!(seen["message"].as_str().unwrap().contains("AccessDeniedException"), "{seen}");
    let docker = env.calls_of("docker");
    assert!(!docker.contains("airflow/variables/a"), "{docker}");
}

#[test]
fn a_container_without_the_provider_says_so() {
    let env = secrets_manager("Variable.get('a')\n");
    env.aws.has_secret("airflow/variables/a", &value("1"));
    env.runs(
        "scheduler",
        &told(&json!({"provider": null, "error": "not-loaded", "detail": "airflow.providers.amazon"})),
    );
    let report = env.run(&["secrets", "check", "--in", "containers", "--output", "json"]).exits(1).json();
    assert_eq!(report["containers"][0]["error"]["kind"], "no_provider");
    env.run(&["secrets", "check", "--in", "containers"]).exits(1).says("requirements.txt");
}

#[test]
fn without_a_running_container_there_is_nobody_to_ask() {
    let env = secrets_manager("Variable.get('a')\n");
    env.aws.has_secret("airflow/variables/a", &value("1"));
    env.run(&["secrets", "check", "--in", "containers"]).exits(1).says("astro dev start");
}

#[test]
fn a_line_in_dotenv_is_no_answer_where_the_backend_could_not_be_asked() {
    let env = secrets_manager("Variable.get('hello')\n").with_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let lines = dotenv(SECRETS_MANAGER, r#"{"region_name":"us-east-1"}"#);
    env.write(".env", format!("{lines}AIRFLOW_VAR_HELLO={}\n", value("hello")));
    assert_eq!(result(&check(&env, 1), "hello")["state"], "failed");
}
