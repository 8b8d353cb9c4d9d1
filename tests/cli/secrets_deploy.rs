//! `secrets deploy` gives a Deployment the project's secrets backend: by commands to paste, or by running them.

use std::process::Command;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::TestEnvironment;

const ROLE: &str = "arn:aws:iam::111122223333:role/airflow";
const CLASS: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
const KWARGS: &str = r#"{"connections_prefix":"airflow/connections","connections_lookup_pattern":"^it's \\d+$"}"#;

/// A project with a backend, and an Astro CLI that knows a Deployment without variables.
fn backed(kwargs: &str) -> TestEnvironment {
    with_variables(kwargs, &[])
}

fn with_variables(kwargs: &str, variables: &[(&str, &str, bool)]) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_astro_deployment(variables);
    env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
    env
}

fn deploy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["secrets", "deploy", "--deployment-id", "clx1", "--role-arn", ROLE][..], more].concat()
}

/// The value of a variable among recorded arguments: the kwargs, as a program reads them.
fn kwargs_in(calls: &str) -> Value {
    let (_, rest) = calls.split_once("[AIRFLOW__SECRETS__BACKEND_KWARGS=").unwrap();
    serde_json::from_str(rest.lines().next().unwrap().strip_suffix(']').unwrap()).unwrap()
}

#[test]
fn stdout_has_the_commands_and_nothing_else() {
    let output = backed("{}").run(&deploy(&["--region", "eu-west-1"])).succeeds();
    assert_snapshot!(output.stdout, @r#"
    astro deployment variable update --deployment-id clx1 --secret 'AIRFLOW__SECRETS__BACKEND_KWARGS={"role_arn":"arn:aws:iam::111122223333:role/airflow","region_name":"eu-west-1"}'
    astro deployment variable update --deployment-id clx1 AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend
    "#);
}

#[test]
fn a_shell_that_runs_what_is_printed_gives_astro_the_very_words() {
    let env = backed(KWARGS);
    let printed = env.run(&deploy(&["--region", "eu-west-1", "--shell", "sh"])).succeeds().stdout;
    let status = Command::new("/bin/sh")
        .args(["-c", &printed])
        .env_clear()
        .env("PATH", env.root().join("bin"))
        .status()
        .unwrap();
    assert!(status.success());
    let calls = env.calls_of("astro");
    let expected = json!({
        "connections_prefix": "airflow/connections", "connections_lookup_pattern": "^it's \\d+$",
        "role_arn": ROLE, "region_name": "eu-west-1",
    });
    assert_eq!(kwargs_in(&calls), expected);
    let lines: Vec<_> = calls.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(
        "[deployment][variable][update][--deployment-id][clx1][--secret][AIRFLOW__SECRETS__BACKEND_KWARGS="
    ));
    assert_eq!(
        lines[1],
        format!("[deployment][variable][update][--deployment-id][clx1][AIRFLOW__SECRETS__BACKEND={CLASS}]")
    );
}

#[test]
fn the_commands_are_run_one_after_the_other() {
    let env = backed(KWARGS);
    env.run(&deploy(&["--run", "--yes"])).succeeds().says("Deployment clx1 has");
    let calls = env.calls_of("astro");
    let verbs: Vec<_> =
        calls.lines().map(|line| line.split(['[', ']']).filter(|word| !word.is_empty()).nth(2).unwrap()).collect();
    assert_eq!(verbs, ["list", "create", "create"]);
    assert_eq!(calls.lines().next(), Some("[deployment][variable][list][--deployment-id][clx1]"));
    assert_eq!(kwargs_in(&calls)["connections_lookup_pattern"], "^it's \\d+$");
    assert_eq!(kwargs_in(&calls)["role_arn"], ROLE);
}

#[test]
fn a_variable_that_is_there_is_updated() {
    let variables = [("AIRFLOW__SECRETS__BACKEND_KWARGS", "", true), ("OTHER", "with blanks", false)];
    let env = with_variables("{}", &variables);
    let report = env.run(&deploy(&["--run", "--yes", "--output", "json"])).succeeds().json();
    let verbs: Vec<_> = report["commands"].as_array().unwrap().iter().map(|command| &command["argv"][3]).collect();
    assert_eq!(verbs, ["update", "create"]);
    assert!(
        env.calls_of("astro").contains("[update][--deployment-id][clx1][--secret][AIRFLOW__SECRETS__BACKEND_KWARGS=")
    );
    assert_eq!((&report["ran"], &report["removed_local"]), (&json!(true), &json!(false)));
}

#[test]
fn kwargs_that_stand_in_variables_of_their_own_there_are_warned_of() {
    let env = with_variables("{}", &[("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME", "us-east-1", false)]);
    env.run(&deploy(&["--run", "--yes"])).succeeds().says("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME");
}

#[test]
fn the_document_has_what_a_program_needs() {
    let env = backed("{}");
    let report = env.run(&deploy(&["--region", "eu-west-1", "--output", "json"])).succeeds().json();
    assert_eq!(report["deployment_id"], "clx1");
    assert_eq!(report["variables"][0]["key"], "AIRFLOW__SECRETS__BACKEND_KWARGS");
    assert_eq!(report["variables"][0]["secret"], true);
    assert_eq!(report["variables"][1], json!({"key": "AIRFLOW__SECRETS__BACKEND", "value": CLASS, "secret": false}));
    let argv: Vec<_> =
        report["commands"][1]["argv"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(argv.join(" "), report["commands"][1]["line"]);
    assert_eq!((&report["ran"], &report["files"]), (&json!(false), &json!([])));
    assert_eq!(env.calls_of("astro"), "");
}

#[test]
fn powershell_gets_words_of_its_own() {
    for (shell, expected) in [
        ("powershell", r#"'AIRFLOW__SECRETS__BACKEND_KWARGS={"role_arn""#),
        ("windows-powershell", r#"'AIRFLOW__SECRETS__BACKEND_KWARGS={\"role_arn\""#),
    ] {
        let output = backed("{}").run(&deploy(&["--shell", shell])).succeeds();
        assert!(output.stdout.replace(": ", ":").contains(expected), "{output}");
    }
}

#[test]
fn nothing_of_this_machine_reaches_the_deployment() {
    let kwargs = r#"{"profile_name":"dev","aws_access_key_id":"AKIAEXAMPLE","aws_secret_access_key":"s3kr1t/x","endpoint_url":"http://localhost:4566"}"#;
    let env = backed(kwargs);
    let output = env.run(&deploy(&["--run", "--yes"])).succeeds().says("`profile_name`").does_not_say("AKIAEXAMPLE");
    assert!(!output.stdout.contains("4566") && !output.stderr.contains("4566"), "{output}");
    let keys: Vec<_> = kwargs_in(&env.calls_of("astro")).as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["role_arn", "region_name"]);
}

#[test]
fn without_a_role_the_deployment_is_itself() {
    let output =
        backed("{}").run(&["secrets", "deploy", "--deployment-id", "clx1"]).succeeds().says("workload identity");
    assert!(!output.stdout.contains("role_arn"), "{output}");
}

#[test]
fn an_aws_connection_without_credentials_is_explained() {
    let output = backed("{}").run(&deploy(&[])).succeeds();
    assert!(output.stderr.contains("AIRFLOW_CONN_AWS_DEFAULT=aws://"), "{output}");
    assert!(!output.stdout.contains("AIRFLOW_CONN"), "{output}");
}

#[test]
fn nothing_is_run_without_a_yes() {
    let env = backed("{}");
    env.refuses(5, &deploy(&["--run"])).says("--yes");
    assert_eq!(env.calls_of("astro").lines().count(), 1, "only the list");
    let output = env.run(&deploy(&["--run", "--dry-run"])).succeeds();
    assert!(output.stdout.contains("variable create"), "{output}");
    assert!(!env.calls_of("astro").contains("[create]"));
}

#[test]
fn a_command_that_fails_ends_it_and_says_what_was_done() {
    let env = backed("{}");
    env.astro_fails_on("AIRFLOW__SECRETS__BACKEND");
    let output = env.run(&deploy(&["--run", "--yes"])).exits(1).says("exit code 1");
    assert!(output.stderr.contains("AIRFLOW__SECRETS__BACKEND_KWARGS was set before it"), "{output}");
    let env = backed("{}");
    env.astro_fails_on("AIRFLOW__SECRETS__BACKEND_KWARGS");
    env.run(&deploy(&["--run", "--yes"])).exits(1).says("nothing was changed before it");
    assert_eq!(env.calls_of("astro").lines().count(), 2, "the second command is not run");
}

#[test]
fn who_is_not_signed_in_to_astro_is_told_so() {
    let env = backed("{}");
    env.astro_is_signed_out();
    env.run(&deploy(&["--run", "--yes"])).exits(1).says("astro login").says("nothing was changed");
    assert_eq!(env.calls_of("astro").lines().count(), 1);
    let env = TestEnvironment::with_project("airflow3");
    env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{}}\n"));
    env.run(&deploy(&["--run", "--yes"])).exits(1).says("no `astro` on PATH");
}

#[test]
fn what_cannot_be_right_is_refused() {
    let env = backed("{}");
    for (role, phrase) in [
        ("airflow", "no ARN"),
        ("arn:aws:iam::111122223333:user/ana", "not the ARN of a role"),
        ("arn:aws:sts::111122223333:assumed-role/airflow/x", "session"),
        ("arn:aws-cn:iam::111122223333:role/airflow", "partition"),
        ("arn:aws:iam::1:role/airflow", "no account"),
    ] {
        env.refuses(2, &["secrets", "deploy", "--deployment-id", "clx1", "--role-arn", role]).says(phrase);
    }
    for id in ["a b", "--help=x", "$(id)"] {
        env.refuses(2, &["secrets", "deploy", &format!("--deployment-id={id}")]).says("no id of a Deployment");
    }
    assert_eq!(env.calls_of("astro"), "");
}

#[test]
fn the_project_keeps_its_backend_until_somebody_says_that_the_deployment_has_it() {
    let env = backed("{}");
    env.refuses(5, &deploy(&["--remove-local"])).says("--run").says("--yes");
    env.astro_fails_on("AIRFLOW__SECRETS__BACKEND");
    let before = env.text(".env");
    env.run(&deploy(&["--remove-local", "--run", "--yes"])).exits(1);
    assert_eq!(env.text(".env"), before);
}

#[test]
fn the_backend_leaves_the_project_when_the_deployment_has_it() {
    for arguments in [&["--remove-local", "--run", "--yes"][..], &["--remove-local", "--yes"]] {
        let env = backed("{}");
        env.write(".env", env.text(".env") + "KEPT=1\n");
        let before = env.text(".env");
        let arguments = [deploy(arguments), vec!["--output", "json"]].concat();
        let report = env.run(&arguments).succeeds().json();
        assert_eq!(report["removed_local"], true, "{report}");
        assert!(report["files"].as_array().unwrap().iter().any(|file| file["path"] == "$PROJECT/.env"), "{report}");
        assert_eq!(env.text(".env"), "KEPT=1\n");
        env.run(&["undo", "--yes"]).succeeds();
        assert_eq!(env.text(".env"), before);
    }
}

#[test]
fn it_is_said_that_local_look_ups_end() {
    let env = backed("{}");
    env.run(&deploy(&["--remove-local", "--yes"])).succeeds().says("nothing of the project looks secrets up");
    env.refuses(4, &deploy(&[])).says("no secrets backend");
}

#[test]
fn a_dry_run_changes_neither_the_deployment_nor_the_project() {
    let env = backed("{}");
    let before = env.everything();
    let report = env.run(&deploy(&["--remove-local", "--run", "--dry-run", "--output", "json"])).succeeds().json();
    assert_eq!(
        (&report["removed_local"], &report["ran"], &report["dry_run"]),
        (&json!(false), &json!(false), &json!(true))
    );
    assert_eq!(env.everything(), before);
    assert!(!env.calls_of("astro").contains("[create]"));
}

#[test]
fn what_enable_wrote_is_what_the_deployment_gets() {
    let env = TestEnvironment::with_project("airflow3").with_astro_deployment(&[]);
    env.write("requirements.txt", "");
    let enable = [
        "secrets",
        "enable",
        "parameter-store",
        "--region",
        "eu-west-1",
        "--variables-prefix",
        "team/variables",
        "--yes",
    ];
    env.run(&enable).succeeds();
    env.run(&deploy(&["--run", "--yes"])).succeeds();
    let calls = env.calls_of("astro");
    let kwargs = kwargs_in(&calls);
    assert_eq!((&kwargs["variables_prefix"], &kwargs["region_name"]), (&json!("team/variables"), &json!("eu-west-1")));
    assert_eq!(kwargs["role_arn"], ROLE);
    assert!(calls.contains("SystemsManagerParameterStoreBackend]"), "{calls}");
    // The image of the Deployment needs the provider, whatever happens to `.env`.
    env.run(&deploy(&["--remove-local", "--yes"])).succeeds();
    assert!(!env.text(".env").contains("AIRFLOW__SECRETS"));
    assert!(env.text("requirements.txt").contains("apache-airflow-providers-amazon"));
    env.run(&["undo", "--yes"]).succeeds();
    assert!(!env.text("requirements.txt").contains("apache-airflow-providers-amazon"));
}
