use super::{Environment, Sources};
use crate::host::{Env, Os};

const DOCKERFILE: &str = "FROM astrocrpublic.azurecr.io/runtime:3.1-12\nENV AWS_REGION=us-east-1 AIRFLOW_VAR_A=image\n";
const DOTENV: &[u8] = b"# mine\nOTHER=x\nAIRFLOW_VAR_A=first\nexport AIRFLOW_VAR_A='second' # why\nAWS_PROFILE=dev\n";
const COMPOSE: &[u8] = b"services:\n  scheduler:\n    environment:\n      AWS_PROFILE: prod\n      PATH: /x\n  \
                         triggerer:\n    environment:\n      - AWS_PROFILE=list\n      - AIRFLOW_CONN_X\n";

fn host() -> Env {
    Env::new(Os::Linux, [("AIRFLOW_CONN_X", "aws://"), ("AWS_PROFILE", "mine"), ("HOME", "/home/ana")])
}

fn told(environment: &Environment) -> Vec<String> {
    let line =
        |(name, variable): (&str, &super::Variable)| format!("{name}={} {}", variable.value.expose(), variable.origin);
    environment.iter().map(line).collect()
}

fn of_service(dotenv: &[u8], compose: &[u8], service: &str) -> Environment {
    let sources = Sources { dockerfile: Some(DOCKERFILE), dotenv: Some(dotenv), compose: Some(compose), host: &host() };
    Environment::of_service(&sources, service).unwrap()
}

#[test]
fn a_service_sees_its_own_entries_over_dotenv_over_the_image() {
    assert_eq!(
        told(&of_service(DOTENV, COMPOSE, "scheduler")),
        [
            "AIRFLOW_VAR_A=second `.env` line 4",
            "AWS_PROFILE=prod `docker-compose.override.yml` line 4",
            "AWS_REGION=us-east-1 `Dockerfile` line 2",
        ]
    );
}

#[test]
fn the_list_form_counts_too_and_a_name_alone_passes_the_hosts_value_on() {
    assert_eq!(
        told(&of_service(DOTENV, COMPOSE, "triggerer"))[..2],
        ["AIRFLOW_CONN_X=aws:// `docker-compose.override.yml` line 9", "AIRFLOW_VAR_A=second `.env` line 4"]
    );
    let triggerer = of_service(DOTENV, COMPOSE, "triggerer");
    assert_eq!(triggerer.get("AWS_PROFILE").unwrap().value.expose(), "list");
}

#[test]
fn in_standalone_mode_dotenv_is_laid_over_the_hosts_environment() {
    let sources = Sources { dockerfile: Some(DOCKERFILE), dotenv: Some(DOTENV), compose: Some(COMPOSE), host: &host() };
    assert_eq!(
        told(&Environment::standalone(&sources).unwrap()),
        [
            "AIRFLOW_CONN_X=aws:// your environment",
            "AIRFLOW_VAR_A=second `.env` line 4",
            "AWS_PROFILE=dev `.env` line 5",
        ]
    );
}

#[test]
fn a_dollar_that_compose_fills_in_is_told() {
    let dotenv = b"AIRFLOW_VAR_A=x$HOME\nAIRFLOW_VAR_B='x$HOME'\nAIRFLOW_VAR_C=\"a\\$b\"\nAIRFLOW_VAR_D=a$$b\n";
    let compose = b"services: {scheduler: {environment: {AIRFLOW_VAR_E: 'a$$b', AIRFLOW_VAR_F: '${X}'}}}\n";
    let found = of_service(dotenv, compose, "scheduler");
    let told: Vec<_> = found
        .beginning_with("AIRFLOW_VAR_")
        .map(|(name, variable)| (&name[12..], variable.value.expose(), variable.is_expanded))
        .collect();
    let expected = [
        ("A", "x$HOME", true),
        ("B", "x$HOME", false),
        ("C", "a$b", false),
        ("D", "a$b", false),
        ("E", "a$b", false),
        ("F", "${X}", true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_project_without_any_of_the_files_sets_nothing() {
    let sources = Sources { dockerfile: None, dotenv: None, compose: None, host: &host() };
    assert_eq!(told(&Environment::of_service(&sources, "scheduler").unwrap()), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_line() {
    let sources = Sources { dockerfile: None, dotenv: Some(b"A=1\nB='x\n"), compose: None, host: &host() };
    let unreadable = Environment::of_service(&sources, "scheduler").unwrap_err();
    assert_eq!((unreadable.file, unreadable.refusal.line), (".env", Some(2)));
    let sources = Sources { dotenv: None, compose: Some(b"services: [\n"), ..sources };
    let unreadable = Environment::of_service(&sources, "scheduler").unwrap_err();
    assert_eq!(unreadable.file, "docker-compose.override.yml");
}

#[test]
fn no_value_is_in_any_debug_output() {
    let found = of_service(b"AIRFLOW_VAR_A=hunter2\n", COMPOSE, "scheduler");
    assert!(!format!("{found:?}").contains("hunter2"));
}
