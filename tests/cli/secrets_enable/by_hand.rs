//! What a person set by hand is merged, asked about, or refused; and it comes back.

use serde_json::{Value, json};

use super::{SECRETS_MANAGER, YES_OR_NO, airflow_3, enable, kwargs, warnings, with};
use crate::support::Tree;

#[test]
fn kwargs_that_are_there_stay_and_what_changes_is_shown() {
    let env = airflow_3();
    let own = "AIRFLOW__SECRETS__BACKEND_KWARGS='{\"variables_prefix\": \"team/v\", \"region_name\": \"us-west-2\", \"x\": 1}'\n";
    env.write(".env", format!("A=1\n{own}{SECRETS_MANAGER}B=2\n"));
    let before = Tree::of(&env.project());
    let output = env.run(&with(&["--region", "eu-west-1"])).succeeds();
    output.says("region_name: us-west-2 → eu-west-1").does_not_say("variables_prefix:");
    let expected = json!({"variables_prefix": "team/v", "region_name": "eu-west-1", "x": 1,
        "connections_prefix": "airflow/connections", "config_prefix": "airflow/config"});
    assert_eq!(kwargs(&env), expected);
    let report = env.run(&with(&["--region", "eu-west-2", "--output", "json"])).succeeds().json();
    assert_eq!(report["changes"], json!([{"key": "region_name", "from": "eu-west-1", "to": "eu-west-2"}]));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn a_person_s_own_text_of_the_same_kwargs_stays_as_written() {
    let env = airflow_3();
    let text = format!(
        "{SECRETS_MANAGER}AIRFLOW__SECRETS__BACKEND_KWARGS={{\"connections_prefix\":\"a\",  \"variables_prefix\":\"b\",\"config_prefix\":null, \"region_name\":\"eu-west-1\"}}\n"
    );
    env.write(".env", &text);
    env.run(&enable("secrets-manager")).succeeds().says("already");
    assert_eq!(env.text(".env"), text);
}

#[test]
fn a_role_is_never_written_and_one_that_is_there_goes() {
    let env = airflow_3();
    env.refuses(2, &with(&["--kwarg", "role_arn=arn:aws:iam::111122223333:role/x"])).says("secrets deploy --role-arn");
    let own = "AIRFLOW__SECRETS__BACKEND_KWARGS={\"role_arn\": \"arn:aws:iam::111122223333:role/x\", \"region_name\": \"eu-west-1\"}\n";
    env.write(".env", format!("{SECRETS_MANAGER}{own}"));
    let report = env.run(&with(&["--output", "json"])).succeeds().json();
    assert_eq!(kwargs(&env).get("role_arn"), None);
    assert!(warnings(&report).contains(&"role_arn"), "{report}");
    let role = json!({"key": "role_arn", "from": "arn:aws:iam::111122223333:role/x"});
    assert!(report["changes"].as_array().unwrap().contains(&role), "{report}");
}

#[test]
fn another_backend_that_was_set_by_hand_is_left_alone_until_asked() {
    let env = airflow_3();
    let own = "AIRFLOW__SECRETS__BACKEND=airflow.providers.hashicorp.secrets.vault.VaultBackend\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"token\": \"s3kr1t\", \"url\": \"http://v\"}\n";
    env.write(".env", own);
    let before = Tree::of(&env.project());
    env.refuses(5, &enable("secrets-manager")).says("--overwrite").says("VaultBackend");
    let terminal =
        env.on_terminal(&["secrets", "enable", "secrets-manager"]).asks("Replace it").asks(YES_OR_NO).answered("");
    terminal.ends().exits(1);
    assert_eq!(Tree::of(&env.project()), before);
    env.run(&with(&["--overwrite", "--output", "json"])).succeeds();
    assert_eq!(kwargs(&env).get("url"), None);
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
    // The diff hides the token on a terminal too.
    let terminal =
        env.on_terminal(&["secrets", "enable", "secrets-manager"]).asks("Replace it").asks(YES_OR_NO).answered("y");
    terminal.asks("Apply").asks(YES_OR_NO).answered("y").ends().succeeds().says("(redacted)");
    // Touched since, so that the lines themselves have to come back.
    env.write(".env", format!("# mine\n{}", env.text(".env")));
    env.run(&["secrets", "disable", "--yes"]).succeeds();
    assert_eq!(env.text(".env"), format!("# mine\n{own}"));
}

#[test]
fn kwargs_that_airflow_cannot_use_are_named_with_their_line() {
    let env = airflow_3();
    for text in ["{\"a\": }", "[1]", "{'a': 1}"] {
        env.write(".env", format!("A=1\nAIRFLOW__SECRETS__BACKEND_KWARGS={text}\n"));
        let output = env.refuses(4, &enable("secrets-manager"));
        output.says(".env line 2").says("AIRFLOW__SECRETS__BACKEND_KWARGS").says("--overwrite");
        env.run(&with(&["--overwrite"])).succeeds();
        assert_eq!(kwargs(&env)["connections_prefix"], "airflow/connections");
        env.run(&["undo", "--yes"]).succeeds();
    }
    env.write(".env", "AIRFLOW__SECRETS__BACKEND_KWARGS={\"connections_prefix\": 5}\n");
    env.refuses(4, &enable("secrets-manager")).says(".env line 1").says("connections_prefix");
}

#[test]
fn a_backend_in_the_override_file_beats_env_so_nothing_is_written() {
    let env = airflow_3();
    for entry in [
        "      AIRFLOW__SECRETS__BACKEND_KWARGS: '{}'\n",
        "      - AIRFLOW__SECRETS__BACKEND=x.Y\n",
        "      AIRFLOW__SECRETS__BACKEND_KWARG__SEP: \"-\"\n",
    ] {
        env.write("docker-compose.override.yml", format!("services:\n  scheduler:\n    environment:\n{entry}"));
        env.refuses(5, &with(&["--overwrite"])).says("docker-compose.override.yml line 4").says("scheduler");
    }
    let other = "services:\n  scheduler:\n    environment:\n      AIRFLOW_CONN_AWS_DEFAULT: aws://\n";
    env.write("docker-compose.override.yml", other);
    env.refuses(5, &with(&["--aws-connection"])).says("AIRFLOW_CONN_AWS_DEFAULT");
    env.run(&enable("secrets-manager")).succeeds();
}

#[test]
fn a_backend_in_the_dockerfile_is_weaker_and_told() {
    let env = airflow_3();
    let class = SECRETS_MANAGER.trim_end();
    env.write("Dockerfile", format!("FROM astrocrpublic.azurecr.io/runtime:3.1-12\nENV {class}\nENV AIRFLOW__SECRETS__BACKEND_KWARGS='{{\"variables_prefix\": \"team/v\"}}'\n"));
    let report = env.run(&with(&["--output", "json"])).succeeds().json();
    assert!(warnings(&report).contains(&"dockerfile_backend"), "{report}");
    assert_eq!(kwargs(&env)["variables_prefix"], "team/v");
    env.run(&["undo", "--yes"]).succeeds();
    env.write(
        "Dockerfile",
        "FROM astrocrpublic.azurecr.io/runtime:3.2-1\nENV AIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ARN=arn\n",
    );
    env.refuses(5, &enable("secrets-manager")).says("Dockerfile line 2");
}

#[test]
fn a_kwarg_with_a_variable_of_its_own_is_changed_there() {
    let env = airflow_3();
    env.write("Dockerfile", "FROM astrocrpublic.azurecr.io/runtime:3.2-1\n");
    let own = "AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME=us-west-2\nAIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ARN=arn:aws:iam::111122223333:role/x\nAIRFLOW__SECRETS__BACKEND_KWARG__CONFIG_PREFIX=own\n";
    env.write(".env", own);
    let before = Tree::of(&env.project());
    let report =
        env.run(&with(&["--region", "eu-west-1", "--config-prefix", "null", "--output", "json"])).succeeds().json();
    let text = env.text(".env");
    assert!(
        text.starts_with("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME=eu-west-1\nAIRFLOW__SECRETS__BACKEND="),
        "{text}"
    );
    assert!(!text.contains("ROLE_ARN") && !text.contains("CONFIG_PREFIX="), "{text}");
    assert_eq!(kwargs(&env).get("region_name"), None);
    assert_eq!(kwargs(&env)["config_prefix"], Value::Null);
    assert_eq!(report["region"], "eu-west-1");
    let second = Tree::with_times(&env.project());
    env.run(&enable("secrets-manager")).succeeds().says("already");
    assert_eq!(Tree::with_times(&env.project()), second);
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
    env.run(&with(&["--region", "eu-west-1"])).succeeds();
    env.write(".env", format!("# mine\n{}", env.text(".env")));
    env.run(&["secrets", "disable", "--yes"]).succeeds();
    let mut lines: Vec<_> = env.text(".env").lines().map(str::to_owned).collect();
    lines.sort();
    let mut expected: Vec<_> = format!("# mine\n{own}").lines().map(str::to_owned).collect();
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn an_airflow_that_does_not_read_single_kwargs_gets_all_of_them_in_the_json() {
    let env = airflow_3();
    env.write(".env", "AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME=us-west-2\n");
    let report = env.run(&with(&["--region", "eu-west-1", "--output", "json"])).succeeds().json();
    assert!(warnings(&report).contains(&"per_key_kwargs"), "{report}");
    assert_eq!(kwargs(&env)["region_name"], "eu-west-1");
    assert!(env.text(".env").starts_with("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME=us-west-2\n"));
}

#[test]
fn the_aws_connection_has_no_credentials_and_a_person_s_own_stays() {
    let env = airflow_3();
    env.run(&with(&["--aws-connection"])).succeeds();
    assert!(env.text(".env").ends_with("\nAIRFLOW_CONN_AWS_DEFAULT=aws://\n"));
    env.run(&["undo", "--yes"]).succeeds();
    env.write(".env", "AIRFLOW_CONN_AWS_DEFAULT=aws://AKIAX:s3kr1t@\n");
    let before = Tree::of(&env.project());
    env.refuses(5, &with(&["--aws-connection"])).says(".env line 1").says("--overwrite");
    env.run(&with(&["--aws-connection", "--overwrite"])).succeeds();
    assert!(env.text(".env").starts_with("AIRFLOW_CONN_AWS_DEFAULT=aws://\n"));
    env.run(&["undo", "--yes"]).succeeds();
    assert_eq!(Tree::of(&env.project()), before);
}

#[test]
fn static_keys_are_told_of_and_never_shown() {
    let env = airflow_3();
    let own = "AWS_SECRET_ACCESS_KEY=s3kr1t\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"aws_access_key_id\": \"AKIAX\", \"aws_secret_access_key\": \"s3kr1t\", \"region_name\": \"eu-west-1\"}\n";
    env.write(".env", own);
    let report = env.run(&with(&["--output", "json"])).succeeds().json();
    assert!(warnings(&report).contains(&"static_key"), "{report}");
    assert_eq!(report["kwargs"]["aws_secret_access_key"], "(redacted)");
    assert_eq!(report["kwargs"]["aws_access_key_id"], "(redacted)");
    assert_eq!(kwargs(&env)["aws_access_key_id"], "AKIAX");
    env.run(&with(&["--region", "eu-west-2"])).succeeds().does_not_say("AKIAX");
    env.write(".env", env.text(".env").replace("AKIAX", "AKIAY"));
    env.run(&["undo", "--yes"]).succeeds().says("changed by you").does_not_say("AKIAY");
}

#[test]
fn what_compose_would_fill_in_is_not_merged() {
    let env = airflow_3();
    env.write(".env", "AIRFLOW__SECRETS__BACKEND_KWARGS={\"region_name\": \"$REGION\"}\n");
    env.refuses(4, &enable("secrets-manager")).says(".env line 1").says("`$`");
    env.run(&with(&["--overwrite"])).succeeds();
    assert_eq!(kwargs(&env)["region_name"], "us-east-1");
    env.run(&["undo", "--yes"]).succeeds();
    env.write(".env", "AIRFLOW__SECRETS__BACKEND_KWARGS='{\"variables_lookup_pattern\": \"^a$\"}'\n");
    env.run(&enable("secrets-manager")).succeeds();
    assert_eq!(kwargs(&env)["variables_lookup_pattern"], "^a$");
}

#[test]
fn a_line_that_not_every_reader_takes_alike_is_told() {
    let class = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
    for (text, line) in [
        (format!("AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"sep\":\"-\"}} # mine\n"), 2),
        (format!("export AIRFLOW__SECRETS__BACKEND={class}\n"), 1),
        (format!("# mine\nAIRFLOW__SECRETS__BACKEND=\"{class}\"\n"), 2),
    ] {
        let env = airflow_3();
        env.write(".env", &text);
        let report = env.run(&with(&["--output", "json"])).succeeds().json();
        assert_eq!(warnings(&report), ["dotenv_form"], "{text}");
        assert!(report["warnings"][0]["message"].as_str().unwrap().contains(&format!(".env line {line}:")), "{report}");
    }
    let env = airflow_3();
    env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={class}\r\nAIRFLOW__SECRETS__BACKEND_KWARGS='{{}}'\r\n"));
    assert!(warnings(&env.run(&with(&["--output", "json"])).succeeds().json()).is_empty());
}
