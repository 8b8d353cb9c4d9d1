//! Which secrets backend the commands of `secrets` work with: the one that this project's tasks will see, from whichever
//! file it comes. `secrets list` stands for all of them.

use serde_json::Value;

use crate::support::TestEnvironment;

const LIST: [&str; 3] = ["secrets", "list", "--no-size"];
const JSON: [&str; 5] = ["secrets", "list", "--no-size", "--output", "json"];
const SECRETS_MANAGER: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
const PARAMETER_STORE: &str =
    "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend";

/// A project whose `.env` names Secrets Manager in its first line.
fn enabled(project: &str, more: &str) -> TestEnvironment {
    let env = TestEnvironment::with_project(project);
    env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}\n{more}"));
    env
}

fn warnings(report: &Value) -> Vec<&str> {
    report["warnings"].as_array().unwrap().iter().map(|warning| warning["id"].as_str().unwrap()).collect()
}

#[test]
fn a_project_without_a_backend_is_told_how_to_get_one() {
    let env = TestEnvironment::with_project("airflow3");
    env.refuses(4, &LIST).says("no secrets backend").says("astro-aws secrets enable").says("--backend");
    env.write(".env", "AIRFLOW__SECRETS__BACKEND=\n");
    env.refuses(4, &LIST).says("no secrets backend");
}

#[test]
fn another_backend_than_those_of_aws_is_named_with_its_line() {
    let env = TestEnvironment::with_project("airflow3");
    env.write(".env", "# vault\nAIRFLOW__SECRETS__BACKEND=airflow.providers.hashicorp.secrets.vault.VaultBackend\n");
    env.refuses(4, &LIST).says("`.env` line 2: the secrets backend is").says("vault.VaultBackend");
}

#[test]
fn malformed_kwargs_are_told_with_their_line_and_what_airflow_does() {
    for kwargs in [
        "{\"aws_secret_access_key\": \"s3kr1t",
        "{'a': 's3kr1t'}",
        "[\"s3kr1t\"]",
        "'\"s3kr1t\"'",
        "s3kr1t",
        "{\"a\": s3kr1t}",
    ] {
        let env = enabled("airflow3", &format!("\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
        env.refuses(4, &LIST)
            .says("`.env` line 3: the kwargs are no JSON object")
            .says("Airflow warns and goes on with its default prefixes")
            .says("astro-aws secrets enable");
    }
}

#[test]
fn a_kwarg_that_airflow_cannot_use_is_named() {
    for (kwargs, told) in [
        ("{\"variables_prefix\": 5}", "the kwarg `variables_prefix` is a number"),
        ("{\"config_lookup_pattern\": \"(\"}", "the kwarg `config_lookup_pattern` is no regular expression"),
        ("{\"region_name\": NaN}", "the kwarg `region_name` holds what Python reads and JSON does not have"),
    ] {
        let env = enabled("airflow3", &format!("AIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
        env.refuses(4, &LIST).says(&format!("`.env` line 2: {told}"));
    }
}

#[test]
fn an_entry_of_the_service_counts_more_than_dotenv() {
    for (entries, line) in [
        ("      AIRFLOW__SECRETS__BACKEND_KWARGS: '[1]'\n", 4),
        ("      - A=1\n      - AIRFLOW__SECRETS__BACKEND_KWARGS=[1]\n", 5),
    ] {
        let env = enabled("airflow3", "AIRFLOW__SECRETS__BACKEND_KWARGS={}\n");
        env.write("docker-compose.override.yml", format!("services:\n  scheduler:\n    environment:\n{entries}"));
        env.refuses(4, &LIST)
            .says(&format!("`docker-compose.override.yml` line {line}: the kwargs are no JSON object"));
    }
}

#[test]
fn what_the_image_sets_counts_where_nothing_else_is_set() {
    let env = TestEnvironment::with_project("airflow3");
    let dockerfile = env.text("Dockerfile");
    let lines = dockerfile.lines().count();
    env.write(
        "Dockerfile",
        format!(
            "{dockerfile}\nENV AIRFLOW__SECRETS__BACKEND={PARAMETER_STORE} \\\n  AIRFLOW__SECRETS__BACKEND_KWARGS=[1]\n"
        ),
    );
    env.refuses(4, &LIST).says(&format!("`Dockerfile` line {}: the kwargs are no JSON object", lines + 2));
    env.write(".env", "AIRFLOW__SECRETS__BACKEND_KWARGS={}\n");
    env.run(&LIST).succeeds();
}

#[test]
fn a_kwarg_of_its_own_variable_counts_from_airflow_3_2_on() {
    let line = "AIRFLOW__SECRETS__BACKEND_KWARG__VARIABLES_LOOKUP_PATTERN=(\n";
    let env = enabled("airflow3", line);
    env.write("Dockerfile", "FROM astrocrpublic.azurecr.io/runtime:3.2-1\n");
    env.refuses(4, &LIST).says("`.env` line 2: the kwarg `variables_lookup_pattern` is no regular expression");
    // The project `airflow3` has 3.1.
    for project in ["airflow2", "airflow3"] {
        let env = enabled(project, line);
        let report = env.run(&JSON).succeeds().json();
        assert_eq!(warnings(&report), ["per_key_kwargs"], "{report}");
        let message = report["warnings"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("`.env` line 2: Airflow before 3.2, which this project has,"), "{message}");
    }
}

#[test]
fn kwargs_from_a_command_are_not_guessed() {
    let env = enabled("airflow3", "AIRFLOW__SECRETS__BACKEND_KWARGS_CMD=cat /run/kwargs\n");
    env.refuses(4, &LIST).says("`.env` line 2: `AIRFLOW__SECRETS__BACKEND_KWARGS_CMD` gets the kwargs from elsewhere");
}

#[test]
fn a_backend_by_option_needs_no_project() {
    let env = TestEnvironment::new().with_aws_home("keys");
    env.run(&[&LIST[..], &["--backend", "parameter-store"]].concat()).succeeds();
    env.refuses(4, &LIST).says("not an Astro project");
    let arguments = [&LIST[..], &["--backend", "parameter-store", "--project", "."]].concat();
    env.refuses(4, &arguments).says("not an Astro project");
}

#[test]
fn a_backend_by_option_takes_the_place_of_the_projects_own() {
    let env = enabled("airflow3", "AIRFLOW__SECRETS__BACKEND_KWARGS=[1]\n");
    for backend in ["secrets-manager", "parameter-store"] {
        let report = env.run(&[&JSON[..], &["--backend", backend]].concat()).succeeds().json();
        assert_eq!(warnings(&report), ["backend_option"], "{report}");
    }
}

#[test]
fn what_the_containers_see_otherwise_is_told() {
    let env = enabled("airflow3", "AIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\": \"$TEAM/v\"}\n");
    let report = env.run(&JSON).succeeds().json();
    assert_eq!(warnings(&report), ["compose_dollar", "kwargs_dollar"], "{report}");

    let env = enabled("airflow3", &format!("AIRFLOW__WORKERS__SECRETS_BACKEND={PARAMETER_STORE}\n"));
    assert_eq!(warnings(&env.run(&JSON).succeeds().json()), ["workers_backend"]);

    let env = enabled("airflow3", "");
    let entry = format!("    environment:\n      AIRFLOW__SECRETS__BACKEND: {PARAMETER_STORE}\n");
    env.write("docker-compose.override.yml", format!("services:\n  dag-processor:\n{entry}"));
    let report = env.run(&JSON).succeeds().json();
    assert_eq!(warnings(&report), ["services_differ"], "{report}");
    assert!(report["warnings"][0]["message"].as_str().unwrap().contains("`dag-processor`"), "{report}");
}

#[test]
fn standalone_airflow_sees_the_hosts_environment_and_containers_do_not() {
    let set = |env: TestEnvironment| env.with_variable("AIRFLOW__SECRETS__BACKEND", SECRETS_MANAGER);
    set(TestEnvironment::with_project("standalone")).run(&LIST).succeeds();
    set(TestEnvironment::with_project("airflow3")).refuses(4, &LIST).says("no secrets backend");
    let env = set(TestEnvironment::with_project("standalone")).with_variable("AIRFLOW__SECRETS__BACKEND_KWARGS", "[1]");
    env.refuses(4, &LIST).says("your environment: the kwargs are no JSON object");
    env.write(".env", "AIRFLOW__SECRETS__BACKEND_KWARGS={}\n");
    env.run(&LIST).succeeds();
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone_and_named() {
    let env = enabled("airflow3", "A='x\n");
    env.refuses(4, &LIST).says(".env` line 2").says("quote");
}
