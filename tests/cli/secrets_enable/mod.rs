//! `secrets enable`: two lines in `.env` that every reader takes alike, the provider where the image lacks it, and nothing
//! of a person's lost.

mod by_hand;
mod files;

use std::fs;

use serde_json::{Value, json};

use crate::support::{TestEnvironment, Tree};

const YES_OR_NO: &str = r"\([yY]/[nN]\)";
const SECRETS_MANAGER: &str =
    "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\n";
const PARAMETER_STORE: &str = "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend\n";
const LINE: &str = "apache-airflow-providers-amazon>=5.1.0";

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow3")
}

fn enable(backend: &str) -> [&str; 4] {
    ["secrets", "enable", backend, "--yes"]
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&enable("secrets-manager"), more].concat()
}

/// The kwargs in `.env`, which have to be raw JSON on one line.
#[track_caller]
fn kwargs(env: &TestEnvironment) -> Value {
    let text = env.text(".env");
    let line = text.lines().find_map(|line| line.strip_prefix("AIRFLOW__SECRETS__BACKEND_KWARGS="));
    serde_json::from_str(line.unwrap_or_else(|| panic!("no kwargs: {text}"))).unwrap()
}

#[track_caller]
fn warnings(report: &Value) -> Vec<&str> {
    report["warnings"].as_array().unwrap().iter().map(|warning| warning["id"].as_str().unwrap()).collect()
}

#[test]
fn secrets_manager_gets_its_two_lines_with_every_prefix_written_out() {
    let env = airflow_3();
    let output = env.run(&enable("secrets-manager")).succeeds();
    let expected = json!({"connections_prefix": "airflow/connections", "variables_prefix": "airflow/variables",
        "config_prefix": "airflow/config", "region_name": "us-east-1"});
    assert_eq!(kwargs(&env), expected);
    assert!(env.text(".env").starts_with(SECRETS_MANAGER), "{}", env.text(".env"));
    assert_eq!(env.text(".env").lines().count(), 2);
    output
        .says("AWS Secrets Manager, us-east-1")
        .says("airflow/variables/my_variable")
        .says("astro dev restart")
        .says("secrets check");
}

#[test]
fn parameter_store_gets_its_own_prefixes() {
    let env = airflow_3();
    let report = env.run(&["secrets", "enable", "parameter-store", "--yes", "--output", "json"]).succeeds().json();
    assert!(env.text(".env").starts_with(PARAMETER_STORE));
    assert_eq!(kwargs(&env)["connections_prefix"], "/airflow/connections");
    assert_eq!(report["command"], "secrets enable");
    assert_eq!(report["backend"], "parameter-store");
    assert_eq!(report["region"], "us-east-1");
    assert_eq!(report["kwargs"], kwargs(&env));
    let names = json!({"connection": "/airflow/connections/my_connection", "variable": "/airflow/variables/my_variable",
        "config": "/airflow/config/sql_alchemy_conn"});
    assert_eq!(report["names"], names);
    assert_eq!(
        (&report["requirement"], &report["aws_connection"], &report["dry_run"]),
        (&Value::Null, &json!(false), &json!(false))
    );
    assert_eq!(report["files"], json!([{"path": "$PROJECT/.env", "change": "updated"}]));
}

#[test]
fn every_option_becomes_its_kwarg() {
    let env = airflow_3();
    let options = [
        "--connections-prefix",
        "team/c",
        "--variables-prefix",
        "",
        "--config-prefix",
        "null",
        "--sep",
        "-",
        "--connections-lookup-pattern",
        "^prod_.*$",
        "--variables-lookup-pattern",
        "null",
        "--region",
        "eu-central-1",
        "--profile-name",
        "dev",
        "--extra-conn-words",
        "host=servidor,servername",
        "--extra-conn-words",
        "user=usuario",
        "--kwarg",
        "endpoint_url=http://localhost:4566#x",
        "--kwarg",
        "use_ssl=false",
        "--kwarg",
        "api_version=null",
        "--kwarg",
        "config={\"a\": [1, \"ü\"]}",
        "--kwarg",
        "text=12a",
    ];
    let report = env.run(&with(&[&options[..], &["--output", "json"]].concat())).succeeds().json();
    let expected = json!({
        "connections_prefix": "team/c", "variables_prefix": "", "config_prefix": null, "sep": "-",
        "connections_lookup_pattern": "^prod_.*$", "variables_lookup_pattern": null, "region_name": "eu-central-1",
        "profile_name": "dev", "extra_conn_words": {"host": ["servidor", "servername"], "user": ["usuario"]},
        "endpoint_url": "http://localhost:4566#x", "use_ssl": false, "api_version": null, "config": {"a": [1, "ü"]},
        "text": "12a",
    });
    assert_eq!(kwargs(&env), expected);
    assert_eq!(report["kwargs"], expected);
    let names = json!({"connection": "team/c-my_connection", "variable": "my_variable", "config": null});
    assert_eq!(report["names"], names);
    let line = env.text(".env");
    assert!(line.is_ascii() && !line.contains(['$', '#', '\'', '`']), "{line}");
}

#[test]
fn twice_changes_nothing() {
    let env = airflow_3();
    env.run(&with(&["--config-prefix", "null", "--aws-connection"])).succeeds();
    let before = Tree::with_times(&env.project());
    let state = Tree::with_times(&env.state());
    let report = env.run(&with(&["--output", "json"])).succeeds().json();
    assert_eq!(report["changes"], json!([]));
    assert_eq!(report["aws_connection"], true);
    env.run(&enable("secrets-manager")).succeeds().says("already");
    assert_eq!(Tree::with_times(&env.project()), before);
    assert_eq!(format!("{:?}", Tree::with_times(&env.state())), format!("{state:?}"));
}

#[test]
fn a_region_of_the_kwargs_counts_more_than_that_of_the_profile() {
    let env = airflow_3().with_variable("AWS_REGION", "ap-south-1");
    env.run(&enable("secrets-manager")).succeeds();
    assert_eq!(kwargs(&env)["region_name"], "ap-south-1");
    let env = env.with_variable("AWS_REGION", "eu-west-1");
    env.run(&enable("secrets-manager")).succeeds();
    assert_eq!(kwargs(&env)["region_name"], "ap-south-1");
}

#[test]
fn a_region_that_init_was_given_counts_where_no_kwarg_tells() {
    let env = airflow_3();
    env.run(&["init", "--yes", "--region", "eu-north-1"]).succeeds();
    env.run(&enable("secrets-manager")).succeeds();
    assert_eq!(kwargs(&env)["region_name"], "eu-north-1");
}

#[test]
fn without_any_region_it_is_asked_for_or_missed() {
    let env = TestEnvironment::new();
    let project = env.makes_project("etl");
    let arguments = ["secrets", "enable", "secrets-manager", "--yes", "--project", project.to_str().unwrap()];
    let before = Tree::of(&project);
    env.run(&arguments).exits(2).says("--region");
    assert_eq!(Tree::of(&project), before);
    env.on_terminal(&arguments).asks("AWS region").answered("eu-west-3").ends().succeeds();
    assert!(fs::read_to_string(project.join(".env")).unwrap().contains("\"eu-west-3\""));
}

#[test]
fn bad_options_are_told_before_anything_is_written() {
    let env = airflow_3();
    for (options, said) in [
        (&["--connections-lookup-pattern", "(open"][..], "connections_lookup_pattern"),
        (&["--kwarg", "novalue"], "KEY=VALUE"),
        (&["--kwarg", "=x"], "KEY=VALUE"),
        (&["--kwarg", "aws_secret_access_key=x"], "static key"),
        (&["--kwarg", "sep=1"], "sep"),
        (&["--kwarg", "region_name=eu-west-1", "--region", "eu-west-1"], "given twice"),
        (&["--kwarg", "self=1"], "self"),
        (&["--extra-conn-words", "host"], "PART=WORD"),
        (&["--extra-conn-words", "nothing=x"], "nothing"),
        (&["--region", "europe"], "eu-west-1"),
    ] {
        env.refuses(2, &with(options)).says(said);
    }
    for option in ["--sep", "--extra-conn-words"] {
        let arguments = ["secrets", "enable", "parameter-store", "--yes", option, "host=x"];
        env.refuses(2, &arguments).says("Secrets Manager alone");
    }
    env.refuses(2, &["secrets", "enable", "vault"]).says("secrets-manager");
}

#[test]
fn the_other_backend_of_ours_takes_its_place_without_a_question() {
    let env = airflow_3();
    env.run(&with(&["--variables-prefix", "team/v", "--sep", "-"])).succeeds();
    let output = env.run(&enable("parameter-store")).succeeds();
    output.says("backend: secrets-manager → parameter-store");
    let expected = json!({"connections_prefix": "/airflow/connections", "variables_prefix": "team/v",
        "config_prefix": "/airflow/config", "region_name": "us-east-1"});
    assert_eq!(kwargs(&env), expected);
}

#[test]
fn prefixes_that_surprise_are_told() {
    let env = airflow_3();
    let report = env.run(&with(&["--connections-prefix", "/team/c", "--output", "json"])).succeeds().json();
    assert!(warnings(&report).contains(&"leading_slash"), "{report}");
    let report =
        env.run(&["secrets", "enable", "parameter-store", "--yes", "--variables-prefix", "team/v", "--output", "json"]);
    assert!(warnings(&report.succeeds().json()).contains(&"prefix_differs"));
    let report =
        env.run(&["secrets", "enable", "parameter-store", "--yes", "--kwarg", "unknown=1", "--output", "json"]);
    assert!(warnings(&report.succeeds().json()).contains(&"unknown_kwarg"));
}

#[test]
fn a_profile_that_the_containers_lack_is_told() {
    let env = airflow_3();
    env.run(&["init", "--yes", "--delivery", "session", "--profile", "dev"]).succeeds();
    for (name, is_told) in [("dev", false), ("my dev", true)] {
        let report = env.run(&with(&["--profile-name", name, "--output", "json"])).succeeds().json();
        assert_eq!(warnings(&report).contains(&"kwargs_profile"), is_told, "{report}");
    }
}

#[test]
fn a_standalone_project_gets_the_same_lines() {
    let env = TestEnvironment::with_project("standalone");
    env.run(&enable("secrets-manager")).succeeds();
    assert!(env.text(".env").starts_with(SECRETS_MANAGER));
}

#[test]
fn status_tells_the_backend_and_counts_its_files() {
    let env = airflow_3();
    assert_eq!(env.run(&["status", "--output", "json"]).succeeds().json()["secrets"], Value::Null);
    env.write("requirements.txt", "");
    env.run(&with(&["--region", "eu-west-1"])).succeeds();
    let status = env.run(&["status", "--output", "json"]).succeeds().json();
    assert_eq!(status["secrets"], json!({"backend": "secrets-manager", "region": "eu-west-1"}));
    assert_eq!(status["set_up"], false);
    let files = json!([{"path": "$PROJECT/.env", "state": "in_place"}, {"path": "$PROJECT/requirements.txt", "state": "in_place"}]);
    let normalized = serde_json::from_str::<Value>(&status["files"].to_string()).unwrap();
    assert_eq!(normalized, files);
    env.write("requirements.txt", "");
    let status = env.run(&["status", "--output", "json"]).succeeds().json();
    assert_eq!(status["files"][1]["state"], "changed");
    env.run(&["status"]).succeeds().says("AWS Secrets Manager, eu-west-1");
}

#[test]
fn outside_of_a_project_there_is_nothing_to_enable() {
    let env = TestEnvironment::new();
    env.run(&enable("secrets-manager")).exits(4);
}

#[test]
fn a_prefix_or_separator_under_which_nothing_can_be_stored_is_told() {
    let env = airflow_3();
    let warned = |arguments: &[&str]| {
        let report = env.run(&[arguments, &["--config-prefix", "null", "--output", "json"]].concat()).succeeds().json();
        let of_names = warnings(&report).into_iter().filter(|id| *id == "illegal_name").count();
        (of_names, report["warnings"].to_string())
    };
    assert_eq!(warned(&with(&["--sep", ":"])).0, 2);
    let (count, told) = warned(&with(&["--sep", "/", "--variables-prefix", "a b"]));
    assert!(count == 1 && told.contains("`a b/ID`, which has a blank in it"), "{told}");
    let store = [&enable("parameter-store")[..], &["--variables-prefix", "aws/x"]].concat();
    let (count, told) = warned(&store);
    assert!(count == 1 && told.contains("`/aws/x/ID`, which begins with `aws`"), "{told}");
    assert_eq!(warned(&[&enable("parameter-store")[..], &["--variables-prefix", "x"]].concat()).0, 0);
}
