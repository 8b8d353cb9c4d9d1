//! The commands of `secrets`: values pass through all of them, and only `get --reveal`, `fetch` and `export` show them.

use std::fs;

use clap::CommandFactory as _;

use astro_aws::cli::Cli;

use crate::support::TestEnvironment;
use crate::support::aws::{Failure, SECRET_MARKER};

use super::driven::Driven;
use super::processes::no_secret_among_arguments;

/// What the project's kwargs, its `.env`, its files and both services hold.
const SECRET: &str = "s3kr1t/wJalrXUtnFEMIbPxRfiCY";
const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const DEPLOY: [&str; 6] =
    ["secrets", "deploy", "--deployment-id", "clx1", "--role-arn", "arn:aws:iam::111122223333:role/airflow"];

/// Each backend by the name that the command line gives it, and what stands before its names.
const BACKENDS: [(&str, &str); 2] = [("secrets-manager", ""), ("parameter-store", "/")];

fn uri() -> String {
    format!("postgres://ana:{SECRET_MARKER}%2Fof-ana@db.example.com:5432/shop?token={SECRET_MARKER}")
}

fn project(backend: &str) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_docker();
    env.write(
        ".env",
        format!(
            "DB_PASSWORD={SECRET}\nAIRFLOW_CONN_OLD_DB={}\nAIRFLOW_VAR_OLD={SECRET}\n\
             AIRFLOW__SECRETS__BACKEND_KWARGS={{\"aws_secret_access_key\": \"{SECRET}\", \"sep\": \"/\"}}\n",
            uri()
        ),
    );
    env.write(
        "dags/reads.py",
        "from airflow.sdk import BaseHook, Variable\nVariable.get(\"hello\")\nBaseHook.get_connection(\"my_db\")\n",
    );
    let slash = if backend == "parameter-store" { "/" } else { "" };
    for (name, value) in
        [("variables/json", format!("{{\"a\": \"{SECRET}\"}}")), ("connections/malformed", SECRET.into())]
    {
        env.aws.has_secret(&format!("airflow/{name}"), &value);
        env.aws.has_parameter(&format!("{slash}airflow/{name}"), &value);
    }
    env
}

fn set_up(driven: &Driven, backend: &str) -> TestEnvironment {
    let env = project(backend);
    driven.succeeds(&env, &["secrets", "enable", backend, "--overwrite", "--yes"]);
    env
}

#[test]
fn no_command_of_secrets_shows_a_value_whether_it_succeeds_or_fails() {
    let driven = Driven::default();
    for (backend, slash) in BACKENDS {
        let env = set_up(&driven, backend);
        no_secret_among_arguments(&env, || {
            values_come_and_go(&driven, &env, slash);
            files_are_taken_and_made(&driven, &env);
            set_ups_are_shown(&driven, &env);
        });
    }
    for failure in [Failure::Garbage, Failure::Refused("ExpiredTokenException"), Failure::Refused("DecryptionFailure")]
    {
        let env = set_up(&driven, "secrets-manager");
        for action in env_actions() {
            env.aws.fails(action, failure);
        }
        everything_fails(&driven, &env);
    }
    let env = set_up(&driven, "secrets-manager");
    env.aws.denies("*", "*");
    everything_fails(&driven, &env);
    let commands = Cli::command();
    let secrets = commands.find_subcommand("secrets").unwrap();
    let names: Vec<_> = secrets.get_subcommands().map(|command| format!("secrets {}", command.get_name())).collect();
    driven.has_driven(names.iter().map(String::as_str));
}

fn values_come_and_go(driven: &Driven, env: &TestEnvironment, slash: &str) {
    for (arguments, value) in [
        (&["secrets", "set", "variable", "hello"][..], SECRET.to_owned()),
        (&["secrets", "set", "variable", "json2"], format!("{{\"a\": \"{SECRET}\"}}")),
        (&["secrets", "set", "connection", "my_db"], uri()),
        (
            &["secrets", "set", "connection", "as_json"],
            format!("{{\"conn_type\": \"http\", \"password\": \"{SECRET}\"}}"),
        ),
    ] {
        for output in driven.drives_with(env, &value, arguments) {
            output.succeeds();
        }
    }
    for arguments in [
        &["secrets", "get", "variable", "hello"][..],
        &["secrets", "get", "connection", "my_db"],
        &["secrets", "get", "connection", "my_db", "--field", "host"],
        &["secrets", "get", "connection", "as_json"],
        &["secrets", "list"],
        &["secrets", "list", "connection"],
        &["secrets", "check"],
        &["secrets", "check", "hello", "my_db", "as_json"],
    ] {
        driven.succeeds(env, arguments);
    }
    for arguments in [
        &["secrets", "get", "connection", "my_db", "--field", "password"][..],
        &["secrets", "get", "connection", "my_db", "--field", "extra.token"],
        &["secrets", "get", "variable", "json", "--field", "a"],
    ] {
        driven.fails(env, arguments);
    }
    let name = format!("{slash}airflow/variables/hello");
    for arguments in [
        &["secrets", "get", "variable", "hello", "--reveal"][..],
        &["secrets", "get", "connection", "my_db", "--reveal"],
        &["secrets", "get", "connection", "my_db", "--field", "password", "--reveal"],
        &["secrets", "fetch", &name],
        &["secrets", "fetch", &name, "--format", "env"],
        &["secrets", "fetch", &name, "--format", "json"],
    ] {
        driven.reveals(env, arguments);
    }
    driven.drives(env, &["secrets", "check", "malformed", "--kind", "connection"]);
    driven.drives(env, &["secrets", "get", "connection", "malformed"]);
    driven.drives(env, &["secrets", "check", "old_db", "old"]);
    for output in
        driven.drives_with(env, &format!("{{\"conn_type\": \"{SECRET}"), &["secrets", "set", "connection", "no"])
    {
        assert_ne!(output.code, 0, "{output}");
    }
    for output in driven.drives_with(env, SECRET, &["secrets", "set", "connection", "a--b"]) {
        assert_ne!(output.code, 0, "{output}");
    }
    driven.drives(env, &["secrets", "delete", "connection", "as_json", "--force", "--yes"]);
    driven.fails(env, &["secrets", "delete", "variable", "gone", "--yes"]);
    for id in ["json2", "hello"] {
        let delete = ["secrets", "delete", "variable", id, "--yes", "-v", "--output", "json"];
        driven.drives_once(env, &delete).succeeds();
    }
}

fn files_are_taken_and_made(driven: &Driven, env: &TestEnvironment) {
    let files = [
        ("values.env", format!("AIRFLOW_CONN_FROM_ENV={}\nAIRFLOW_VAR_FROM_ENV={SECRET}\n", uri())),
        ("connections.json", format!("{{\"of_json\": {{\"conn_type\": \"http\", \"password\": \"{SECRET}\"}}}}")),
        ("variables.yaml", format!("of_yaml: {SECRET}\n")),
    ];
    for (name, text) in &files {
        env.write(name, text);
        let kind = if name.starts_with("variables") { "variable" } else { "connection" };
        let kind: &[&str] = if name.ends_with("env") { &["--format", "env"] } else { &["--kind", kind] };
        driven.succeeds(env, &[&["secrets", "import", name, "--overwrite", "--yes"], kind].concat());
    }
    for (name, text) in [
        ("broken.json", format!("{{\"of_json\": {{\"password\": \"{SECRET}\", ")),
        ("broken.yaml", format!("of_yaml: [{SECRET}\n  b: {SECRET}: {SECRET}\n")),
        ("wrong.json", format!("[\"{SECRET}\", 1]")),
        ("wrong.yaml", format!("of_yaml:\n  {SECRET_MARKER}_field: {SECRET}\n  port: {SECRET}\n")),
        ("airflow_settings.yaml", format!("airflow:\n  connections: {SECRET}\n  variables: [{SECRET}]\n")),
    ] {
        env.write(name, text);
        driven.drives(env, &["secrets", "import", name, "--kind", "connection", "--yes"]);
    }
    for format in ["env", "json", "yaml", "airflow-settings"] {
        driven.reveals(env, &["secrets", "export", "variable", "--format", format]);
    }
    driven.drives(env, &["secrets", "export", "variable", "--file", "exported.yaml", "--overwrite"]);
    assert!(fs::read_to_string(env.project().join("exported.yaml")).unwrap().contains(SECRET_MARKER));
}

fn set_ups_are_shown(driven: &Driven, env: &TestEnvironment) {
    for arguments in [
        &["secrets", "policy"][..],
        &["secrets", "policy", "--for", "astro", "--kms-key-id", KEY],
        &["secrets", "policy", "--write"],
        &["secrets", "policy", "--for", "ecs-task-execution", "--format", "terraform"],
        &["secrets", "dag", "--dry-run", "--yes"],
    ] {
        driven.succeeds(env, arguments);
    }
    driven.drives(env, &["secrets", "dag", "--yes"]);
    driven.drives(env, &DEPLOY);
    for backend in ["secrets-manager", "parameter-store"] {
        driven.drives(
            env,
            &["secrets", "enable", backend, "--variables-prefix", "x", "--dry-run", "--overwrite", "--yes"],
        );
    }
    driven.drives(env, &["status"]);
    driven.drives(env, &["secrets", "disable", "--dry-run", "--overwrite", "--yes"]);
    driven.drives(env, &["secrets", "disable", "--overwrite", "--yes"]);
}

fn env_actions() -> [&'static str; 8] {
    [
        "GetSecretValue",
        "BatchGetSecretValue",
        "ListSecrets",
        "DescribeSecret",
        "CreateSecret",
        "PutSecretValue",
        "UpdateSecret",
        "DeleteSecret",
    ]
}

/// Where AWS does nothing of what it is asked, or the project is none.
fn everything_fails(driven: &Driven, env: &TestEnvironment) {
    env.write("values.env", format!("AIRFLOW_CONN_FROM_ENV={}\nAIRFLOW_VAR_FROM_ENV={SECRET}\n", uri()));
    for arguments in [
        &["secrets", "set", "variable", "hello"][..],
        &["secrets", "get", "variable", "json", "--reveal"],
        &["secrets", "list"],
        &["secrets", "delete", "variable", "json", "--yes"],
        &["secrets", "import", "values.env", "--format", "env", "--yes"],
        &["secrets", "export"],
        &["secrets", "check", "json", "--kind", "variable"],
        &["secrets", "fetch", "airflow/variables/json"],
    ] {
        driven.fails(env, arguments);
    }
    for arguments in [
        &["secrets", "enable", "secrets-manager", "--yes"][..],
        &["secrets", "disable", "--yes"],
        &["secrets", "policy", "--account", "111122223333"],
        &DEPLOY,
        &["secrets", "dag"],
    ] {
        driven.fails(env, &[arguments, &["--project", "gone"]].concat());
    }
}

#[test]
fn malformed_kwargs_with_a_key_in_them_are_not_shown() {
    let driven = Driven::default();
    for kwargs in [
        format!("{{\"aws_secret_access_key\": \"{SECRET}\""),
        format!("{{\"region_name\": \"eu-west-1\" \"aws_secret_access_key\": \"{SECRET}\"}}"),
        format!("\"{SECRET}\""),
        SECRET.to_owned(),
    ] {
        let env = TestEnvironment::with_project("airflow3");
        let class = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
        env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
        for arguments in [
            &["secrets", "enable", "secrets-manager", "--yes"][..],
            &["secrets", "disable", "--yes"],
            &["secrets", "set", "variable", "hello"],
            &["secrets", "get", "variable", "hello"],
            &["secrets", "list"],
            &["secrets", "check", "hello"],
            &["secrets", "policy", "--account", "111122223333"],
            &DEPLOY,
            &["status"],
        ] {
            driven.drives(&env, arguments);
        }
    }
}

#[test]
fn what_is_typed_at_the_hidden_prompt_is_not_shown() {
    let env = TestEnvironment::with_project("airflow3");
    let typed = format!("{SECRET}-typed");
    let backend = ["--backend", "secrets-manager"];
    let set = [&["secrets", "set", "variable", "hello", "-v"], &backend[..]].concat();
    env.on_terminal(&set).asks("(?i)value").answered(&typed).ends().succeeds();
    assert_eq!(env.aws.secret("airflow/variables/hello").unwrap().value.as_deref(), Some(&*typed));
    let flags = ["--conn-type", "postgres", "--host", "db", "--login", "ana", "-v"];
    let set = [&["secrets", "set", "connection", "my_db"], &flags[..], &backend].concat();
    env.on_terminal(&set).asks("(?i)password").answered(&typed).ends().succeeds();
    let stored = env.aws.secret("airflow/connections/my_db").unwrap().value.unwrap();
    assert!(stored.contains(SECRET_MARKER), "{stored}");
}
