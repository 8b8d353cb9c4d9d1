//! `secrets import`: every item works before anything is written, nothing is replaced unasked, and a failure half-way says
//! what was written.

use serde_json::Value;

use crate::support::aws::Failure;
use crate::support::{Output, TestEnvironment};

const FAILED: i32 = 1;
const USAGE: i32 = 2;
const REFUSED: i32 = 5;

const SETTINGS: &str = "\
airflow:
  connections:
    - conn_id: my_db
      conn_type: postgres
      conn_host: db.example.com
      conn_login: ana
      conn_password: s3kr1t-password
      conn_port: 5432
      conn_extra:
        sslmode: require
    - conn_id: api
      conn_uri: http://ana:s3kr1t%2Fp@api.example.com
  pools:
    - pool_name: p
      pool_slot: 3
  variables:
    - variable_name: hello
      variable_value: s3kr1t-world
";

fn project() -> TestEnvironment {
    TestEnvironment::with_project("airflow3")
}

fn import(env: &TestEnvironment, backend: &str, arguments: &[&str]) -> Output {
    env.run(&[&["secrets", "import", "--backend", backend], arguments].concat())
}

#[test]
fn a_settings_file_is_stored_under_the_names_that_airflow_looks_up() {
    let env = project();
    env.write("airflow_settings.yaml", SETTINGS);
    let output = import(&env, "secrets-manager", &["airflow_settings.yaml", "--yes"]);
    output.succeeds().says("pools").says("airflow/connections/my_db").says("airflow/variables/hello");
    let stored = env.aws.secret("airflow/connections/my_db").unwrap().value.unwrap();
    let stored: Value = serde_json::from_str(&stored).unwrap();
    let expected = serde_json::json!({
        "conn_type": "postgres", "host": "db.example.com", "login": "ana", "password": "s3kr1t-password", "port": 5432,
        "extra": {"sslmode": "require"},
    });
    assert_eq!(stored, expected);
    let uri = env.aws.secret("airflow/connections/api").unwrap().value;
    assert_eq!(uri.as_deref(), Some("http://ana:s3kr1t%2Fp@api.example.com"));
    assert_eq!(env.aws.secret("airflow/variables/hello").unwrap().value.as_deref(), Some("s3kr1t-world"));
    // Twice in a row changes nothing, and needs no yes.
    import(&env, "secrets-manager", &["airflow_settings.yaml"]).succeeds().says("the same is there");
    assert_eq!(env.aws.secret("airflow/variables/hello").unwrap().versions, 1);
}

#[test]
fn every_form_goes_to_parameter_store_as_well() {
    let env = project();
    env.write("connections.json", r#"{"my_db": {"conn_type": "http", "password": "s3kr1t", "description": "d"}}"#);
    env.write("vars.yaml", "hello: s3kr1t\ncount: 5\nnested: {a: [1]}\n");
    env.write("more.env", "AIRFLOW_CONN_API=http://u:s3kr1t@h\nAIRFLOW_VAR_FLAG=s3kr1t-flag\nOTHER=1\n");
    for file in ["connections.json", "vars.yaml", "more.env"] {
        import(&env, "parameter-store", &[file, "--yes", "--kms-key-id", "alias/mine"]).succeeds();
    }
    let value = |name: &str| env.aws.parameter(name).unwrap().value;
    assert_eq!(value("/airflow/variables/nested"), "{\n  \"a\": [\n    1\n  ]\n}");
    assert_eq!(
        (value("/airflow/variables/count"), value("/airflow/variables/flag")),
        ("5".to_owned(), "s3kr1t-flag".to_owned())
    );
    assert_eq!(value("/airflow/connections/api"), "http://u:s3kr1t@h");
    assert!(value("/airflow/connections/my_db").contains("\"description\":\"d\""));
    let parameter = env.aws.parameter("/airflow/variables/hello").unwrap();
    assert_eq!((parameter.kind.as_str(), parameter.kms_key_id.as_deref()), ("SecureString", Some("alias/mine")));
}

#[test]
fn one_item_that_does_not_work_keeps_all_from_being_written() {
    let env = project();
    let large = "s3kr1t".repeat(11_000);
    let cases = [
        ("c.json", "{\"good\": \"http://h\",\n\"bad\": \"s3kr1t\"}".to_owned(), "line 2"),
        ("c.json", "{\"good\": \"http://h\",\n\"bad\": {\"conn_type\": \"x\", \"s3kr1t\": 1}}".to_owned(), "`bad`"),
        ("vars.yaml", format!("good: s3kr1t\nbad: {large}\n"), "65536"),
        ("vars.yaml", "good: s3kr1t\n'bad id!?*': s3kr1t\n".to_owned(), "bad id"),
        ("vars.yaml", "good: s3kr1t\ngood: s3kr1t\n".to_owned(), "a second time"),
        ("x.yaml", "good: http://s3kr1t\n".to_owned(), "--kind"),
        ("vars.json", "{\"good\": \"s3kr1t\",}".to_owned(), "line 1"),
    ];
    for (file, text, says) in cases {
        let file = file.replace("c.json", "connections.json");
        env.write(&file, &text);
        import(&env, "secrets-manager", &[&file, "--yes"]).exits(USAGE).says(says);
        assert_eq!(env.aws.secret_names(), Vec::<String>::new(), "{text}");
    }
    assert_eq!(env.aws.all_hits(), 0);
    import(&env, "secrets-manager", &["none.yaml"]).exits(USAGE).says("cannot be read");
}

#[test]
fn what_differs_is_replaced_only_with_overwrite() {
    let env = project();
    env.aws.has_secret("airflow/variables/a", "s3kr1t-old");
    env.aws.has_secret("airflow/variables/b", "s3kr1t-b");
    env.aws.has_secret("airflow/connections/c", "http://u:s3kr1t@h/?x=y");
    env.write("vars.json", r#"{"a": "s3kr1t-new", "b": "s3kr1t-b", "n": "s3kr1t-n"}"#);
    env.write("connections.yaml", "c: {conn_type: http, login: u, password: s3kr1t, host: h, extra: {x: y}}\n");
    import(&env, "secrets-manager", &["vars.json", "--yes"]).exits(REFUSED).says("variable `a`").says("--overwrite");
    import(&env, "secrets-manager", &["connections.yaml", "--yes"]).succeeds().says("the same is there");
    import(&env, "secrets-manager", &["vars.json", "--dry-run"]).succeeds().says("differs").says("new").says("same");
    assert_eq!(env.aws.hits("PutSecretValue") + env.aws.hits("CreateSecret"), 0);
    import(&env, "secrets-manager", &["vars.json", "--overwrite"]).exits(REFUSED).says("--yes");
    let output = import(&env, "secrets-manager", &["vars.json", "--overwrite", "--yes", "--output", "json"]);
    let document = output.succeeds().json();
    let items: Vec<_> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["change"].as_str().unwrap(), item["written"].as_bool().unwrap()))
        .collect();
    assert_eq!(items, [("differs", true), ("same", false), ("new", true)]);
    let versions = ["a", "b", "n"].map(|id| env.aws.secret(&format!("airflow/variables/{id}")).unwrap().versions);
    assert_eq!(versions, [2, 1, 1]);
}

#[test]
fn a_failure_half_way_tells_what_was_written() {
    let env = project();
    env.write("vars.json", r#"{"a": "s3kr1t", "b": "s3kr1t", "c": "s3kr1t"}"#);
    env.aws.denies("secretsmanager:CreateSecret", "airflow/variables/b");
    let output = import(&env, "secrets-manager", &["vars.json", "--yes", "--output", "json"]);
    let document = output.exits(FAILED).json();
    assert_eq!(document["ok"], false);
    let told: Vec<_> = document["items"].as_array().unwrap().iter().map(|item| item["written"].as_bool()).collect();
    let there = ["a", "b", "c"].map(|id| Some(env.aws.secret(&format!("airflow/variables/{id}")).is_some()));
    assert_eq!(told, there);
    assert!(document["error"]["message"].as_str().unwrap().contains("CreateSecret"), "{document:#}");
    assert!(document["items"][1]["error"].as_str().unwrap().contains("airflow/variables/b"));
    env.aws.allows_everything();
    import(&env, "secrets-manager", &["vars.json", "--yes"]).succeeds().says("the same is there");
    assert_eq!(env.aws.secret_names().len(), 3);
}

#[test]
fn names_that_cannot_be_looked_up_keep_all_from_being_written() {
    let env = project();
    env.aws.has_deleted_secret("airflow/variables/b", "s3kr1t");
    env.write("vars.json", r#"{"a": "s3kr1t", "b": "s3kr1t"}"#);
    import(&env, "secrets-manager", &["vars.json", "--yes"]).exits(FAILED).says("deletion").says("nothing was written");
    let env = project();
    env.write("vars.json", r#"{"a": "s3kr1t", "b": "s3kr1t"}"#);
    for action in ["BatchGetSecretValue", "GetSecretValue"] {
        env.aws.fails(action, Failure::Refused("AccessDeniedException"));
    }
    import(&env, "secrets-manager", &["vars.json", "--yes"]).exits(FAILED).says("GetSecretValue");
    assert_eq!(env.aws.hits("CreateSecret"), 0);
}

#[test]
fn standard_input_is_a_file_too() {
    let env = project();
    let arguments = ["secrets", "import", "-", "--backend", "secrets-manager", "--yes"];
    env.run_with_input(&arguments, "AIRFLOW_VAR_HELLO=s3kr1t-in\n").succeeds();
    assert_eq!(env.aws.secret("airflow/variables/hello").unwrap().value.as_deref(), Some("s3kr1t-in"));
    env.run_with_input(&arguments, "OTHER=1\n").exits(USAGE).says("holds no connection").says("--format");
}
