//! `secrets list` tells what is there for this project, as it comes.

use crate::support::TestEnvironment;
use serde_json::Value;

const JSON: [&str; 6] = ["secrets", "list", "--backend", "secrets-manager", "--output", "json"];

fn project() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    for (name, value) in [
        ("airflow/variables/b", "s3kr1t"),
        ("airflow/variables/a", "s3kr1t-ü"),
        ("airflow/connections/db", "postgres://ana:s3kr1t@h"),
        ("airflow/config/sql_alchemy_conn", "s3kr1t"),
        ("my/airflow/variables/other", "s3kr1t"),
        ("airflow/variables-old/c", "s3kr1t"),
    ] {
        env.aws.has_secret(name, value);
    }
    env
}

fn ids(report: &Value) -> Vec<String> {
    let entries = report["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| format!("{} {} {}", entry["kind"].as_str().unwrap(), entry["id"].as_str().unwrap(), entry["size"]))
        .collect()
}

#[test]
fn what_begins_with_the_prefixes_is_listed_sorted_with_its_size() {
    let report = project().run(&JSON).succeeds().json();
    assert_eq!(ids(&report), ["config sql_alchemy_conn 6", "connection db 23", "variable a 9", "variable b 6"]);
    assert!(report["entries"][0]["changed"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn one_kind_can_be_listed_alone() {
    let report = project()
        .run(&["secrets", "list", "variable", "--backend", "secrets-manager", "--output", "json"])
        .succeeds()
        .json();
    assert_eq!(ids(&report), ["variable a 9", "variable b 6"]);
}

#[test]
fn without_sizes_no_value_is_read() {
    let env = project();
    let report = env.run(&[&JSON[..], &["--no-size"]].concat()).succeeds().json();
    assert_eq!(report["entries"][0]["size"], Value::Null);
    assert_eq!(env.aws.hits("BatchGetSecretValue") + env.aws.hits("GetSecretValue"), 0);
}

#[test]
fn a_value_that_may_not_be_read_has_no_size() {
    let env = project();
    env.aws.denies("secretsmanager:GetSecretValue", "airflow/variables/a*");
    let report = env.run(&JSON).succeeds().json();
    assert_eq!(ids(&report)[2..], ["variable a null", "variable b 6"]);
    assert_eq!(report["warnings"][0]["id"], "size");
}

#[test]
fn where_batches_are_denied_values_are_read_one_by_one() {
    let env = project();
    env.aws.denies("secretsmanager:BatchGetSecretValue", "*");
    assert_eq!(ids(&env.run(&JSON).succeeds().json())[3], "variable b 6");
}

#[test]
fn kinds_that_share_a_prefix_are_both_listed_and_no_page_is_read_twice() {
    let env = TestEnvironment::with_project("airflow3");
    let class = "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend";
    let kwargs = r#"{"connections_prefix": "", "variables_prefix": "", "config_prefix": null}"#;
    env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
    env.aws.has_parameter("/x", "s3kr1t");
    env.aws.has_parameter("/deep/y", "s3kr1t");
    let report = env.run(&["secrets", "list", "--output", "json"]).succeeds().json();
    assert_eq!(ids(&report), ["connection deep/y 6", "connection x 6", "variable deep/y 6", "variable x 6"]);
    assert_eq!(env.aws.hits("DescribeParameters"), 1);
}

#[test]
fn an_empty_list_says_where_it_looked() {
    let env = TestEnvironment::with_project("airflow3");
    let output = env.run(&["secrets", "list", "--backend", "parameter-store"]).succeeds();
    assert_eq!(output.stdout, "");
    output.says("`/airflow/variables/`").says("us-east-1");
}

#[test]
fn a_denied_list_names_the_action() {
    let env = project();
    env.aws.denies("secretsmanager:ListSecrets", "*");
    env.run(&["secrets", "list", "--backend", "secrets-manager"])
        .exits(1)
        .says("secretsmanager:ListSecrets")
        .says("astro-aws secrets policy --write");
}
