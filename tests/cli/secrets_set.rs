//! `secrets set` stores what Airflow can read under the name that it asks for, and nothing else.

use crate::support::TestEnvironment;

const VARIABLE: [&str; 6] = ["secrets", "set", "variable", "hello", "--backend", "secrets-manager"];
const NAME: &str = "airflow/variables/hello";

fn project() -> TestEnvironment {
    TestEnvironment::with_project("airflow3")
}

/// `secrets set connection db` in a backend with more options.
fn connection<'a>(backend: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["secrets", "set", "connection", "db", "--backend", backend], options].concat()
}

fn stored(env: &TestEnvironment) -> Option<String> {
    env.aws.secret(NAME)?.value
}

#[test]
fn a_value_from_standard_input_loses_one_newline_and_nothing_else() {
    for (given, kept) in [
        ("s3kr1t\n", "s3kr1t"),
        ("s3kr1t\r\n", "s3kr1t"),
        (" s3kr1t \n\n", " s3kr1t \n"),
        ("s3kr1t ü \u{1b}[1m", "s3kr1t ü \u{1b}[1m"),
    ] {
        let env = project();
        env.run_with_input(&VARIABLE, given).succeeds().says("stored variable hello").says(NAME);
        assert_eq!(stored(&env).as_deref(), Some(kept));
    }
}

#[test]
fn a_value_comes_from_a_file_too() {
    let env = project();
    env.write("value.txt", "s3kr1t in a file\n");
    env.run(&[&VARIABLE[..], &["--from-file", "value.txt"]].concat()).succeeds();
    assert_eq!(stored(&env).as_deref(), Some("s3kr1t in a file"));
    env.run_with_input(&[&VARIABLE[..], &["--from-file", "-"]].concat(), "s3kr1t piped").succeeds();
    assert_eq!(stored(&env).as_deref(), Some("s3kr1t piped"));
    env.run(&[&VARIABLE[..], &["--from-file", "nothing.txt"]].concat()).exits(2).says("nothing.txt");
}

#[test]
fn a_value_is_typed_without_being_shown_to_its_last_blank() {
    let env = project();
    let terminal = env.on_terminal(&VARIABLE).asks("Value of variable `hello`").answered("s3kr1t typed ");
    terminal.asks("13 characters, not shown").ends().succeeds();
    assert_eq!(stored(&env).as_deref(), Some("s3kr1t typed "));
}

#[test]
fn ctrl_c_at_the_question_stores_nothing() {
    let env = project();
    env.on_terminal(&VARIABLE).asks("Value of variable").interrupted().ends().exits(130);
    assert_eq!(env.aws.secret_names(), [""; 0]);
}

#[test]
fn the_document_tells_what_was_made() {
    let env = project();
    let json = [&VARIABLE[..], &["--output", "json"]].concat();
    let first = env.run_with_input(&json, "s3kr1t-1").succeeds().json();
    assert_eq!(
        [&first["kind"], &first["id"], &first["name"], &first["backend"], &first["region"]],
        ["variable", "hello", NAME, "secrets-manager", "us-east-1"]
    );
    assert_eq!((first["created"].as_bool(), first["dry_run"].as_bool()), (Some(true), Some(false)));
    let second = env.run_with_input(&json, "s3kr1t-2").succeeds().json();
    assert_eq!(second["created"], false);
    assert_ne!(first["version"], second["version"]);
    let secret = env.aws.secret(NAME).unwrap();
    assert_eq!((secret.value.as_deref(), secret.versions), (Some("s3kr1t-2"), 2));
}

#[test]
fn a_dry_run_checks_and_calls_nobody() {
    let env = project();
    env.run_with_input(&[&VARIABLE[..], &["--dry-run"]].concat(), "s3kr1t")
        .succeeds()
        .says("would be stored")
        .says(NAME);
    env.run_with_input(&[&VARIABLE[..], &["--dry-run"]].concat(), "").exits(1).says("empty");
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn what_is_no_text_is_refused_with_the_place() {
    for (bytes, reason) in [(&b"s3kr1t\xff\n"[..], "byte 7 is no UTF-8"), (&b"s3kr1t\0"[..], "byte 7 is NUL")] {
        let env = project();
        env.write("value.bin", bytes);
        env.run(&[&VARIABLE[..], &["--from-file", "value.bin"]].concat()).exits(2).says(reason).says("base64");
        assert_eq!(env.aws.all_hits(), 0);
    }
}

#[test]
fn a_connection_from_flags_is_read_back_by_airflow_s_rules() {
    let flags = [
        "--conn-type",
        "postgres",
        "--host",
        "db.example.com",
        "--login",
        "ana",
        "--port",
        "5432",
        "--schema",
        "main",
        "--extra",
        r#"{"sslmode": "require"}"#,
    ];
    for (backend, name) in
        [("secrets-manager", "airflow/connections/db"), ("parameter-store", "/airflow/connections/db")]
    {
        let env = project();
        env.run_with_input(&connection(backend, &flags), "s3kr1t:/@?#%\n").succeeds();
        let secret = env.aws.secret(name).and_then(|secret| secret.value);
        let value = secret.or_else(|| Some(env.aws.parameter(name)?.value)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&value).unwrap();
        assert_eq!(
            (&value["conn_type"], &value["password"], &value["port"]),
            (&"postgres".into(), &"s3kr1t:/@?#%".into(), &5432.into())
        );
        assert_eq!(value["extra"]["sslmode"], "require");
        let get = ["secrets", "get", "connection", "db", "--backend", backend, "--field", "login"];
        assert_eq!(env.run(&get).succeeds().stdout, "ana\n");
    }
}

#[test]
fn the_password_is_asked_for_and_may_be_left_out() {
    let env = project();
    let flags = connection("secrets-manager", &["--conn-type", "http", "--host", "example.com"]);
    env.on_terminal(&flags).asks("Password of connection `db`").answered("s3kr1t-typed").ends().succeeds();
    assert!(env.aws.secret("airflow/connections/db").unwrap().value.unwrap().contains("s3kr1t-typed"));
    env.run(&[&flags[..], &["--no-password"]].concat()).succeeds();
    assert!(!env.aws.secret("airflow/connections/db").unwrap().value.unwrap().contains("password"));
    env.run_with_input(&flags, "").exits(2).says("--no-password");
}

#[test]
fn a_connection_that_airflow_could_not_use_is_refused_before_any_call() {
    for text in ["s3kr1t", "{\"host\": \"s3kr1t\"}", "{\"conn_type\": \"s3kr1t\"", "postgres://a:s3kr1t@host:port"] {
        let env = project();
        env.run_with_input(&connection("secrets-manager", &[]), text).exits(2).says("Airflow could not use it");
        assert_eq!(env.aws.all_hits(), 0, "{text}");
    }
    let env = project();
    env.run_with_input(&connection("secrets-manager", &[]), "postgres://ana:s3kr1t@db:5432/main").succeeds();
}

#[test]
fn a_key_that_airflow_passes_over_is_told() {
    let env = project();
    let text = r#"{"conn_type": "http", "hots": "s3kr1t", "user": "ana"}"#;
    let output = env.run_with_input(&connection("secrets-manager", &[]), text).succeeds();
    output.says("`hots` in its JSON").does_not_say("`user`");
}

#[test]
fn what_airflow_never_asks_for_is_not_stored() {
    for (kwargs, reason) in
        [(r#"{"variables_prefix": null}"#, "variables_prefix"), (r#"{"variables_lookup_pattern": "^prod_"}"#, "^prod_")]
    {
        let env = project();
        let class = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
        env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
        env.run_with_input(&["secrets", "set", "variable", "hello"], "s3kr1t").exits(2).says(reason).says("never asks");
        assert_eq!(env.aws.all_hits(), 0);
    }
}

#[test]
fn the_region_of_the_kwargs_counts_before_the_profile_s_and_the_option_before_both() {
    let env = project();
    let class = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
    let kwargs = r#"{"region_name": "eu-central-1"}"#;
    env.write(".env", format!("AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"));
    let set = ["secrets", "set", "variable", "hello"];
    env.run_with_input(&set, "s3kr1t").succeeds();
    assert!(env.aws.secret_in("eu-central-1", NAME).is_some());
    env.run_with_input(&[&set[..], &["--region", "ap-south-1"]].concat(), "s3kr1t").succeeds();
    assert!(env.aws.secret_in("ap-south-1", NAME).is_some());
    assert!(env.aws.secret_in("us-east-1", NAME).is_none());
}

#[test]
fn options_of_the_other_service_are_refused() {
    let env = project();
    for option in [&["--plain"][..], &["--tier", "advanced"]] {
        env.run_with_input(&[&VARIABLE[..], option].concat(), "s3kr1t").exits(2).says("Parameter Store");
    }
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn a_parameter_keeps_its_key_and_plain_has_none() {
    let env = project();
    let set = ["secrets", "set", "variable", "hello", "--backend", "parameter-store"];
    env.aws.has_parameter_with_key("/airflow/variables/hello", "s3kr1t-old", "alias/mine");
    env.run_with_input(&set, "s3kr1t-new").succeeds().says("a new version");
    let parameter = env.aws.parameter("/airflow/variables/hello").unwrap();
    assert_eq!((parameter.value.as_str(), parameter.kms_key_id.as_deref()), ("s3kr1t-new", Some("alias/mine")));
    let plain = ["secrets", "set", "variable", "plain", "--backend", "parameter-store", "--plain"];
    env.run_with_input(&plain, "s3kr1t").succeeds();
    assert_eq!(env.aws.parameter("/airflow/variables/plain").unwrap().kind, "String");
}

#[test]
fn a_denial_names_the_action_and_the_policy_that_mends_it() {
    let env = project();
    env.aws.denies("secretsmanager:PutSecretValue", "*");
    let output = env.run_with_input(&VARIABLE, "s3kr1t").exits(1);
    output.says("secretsmanager:PutSecretValue").says("astro-aws secrets policy --write");
}

#[test]
fn a_value_that_is_typed_as_an_argument_is_not_repeated() {
    let env = project();
    // Not the word that the environment watches for: a process's arguments are no place of this program's choice.
    let typed = [&VARIABLE[..], &["hunter2"]].concat();
    let output = env.run(&typed).exits(2).says("a value is never an argument").says("(redacted)");
    assert!(!output.stderr.contains("hunter2") && !output.stdout.contains("hunter2"), "{}", output.stderr);
    let output = env.run(&[&typed[..], &["--output", "json"]].concat()).exits(2);
    assert!(!output.stderr.contains("hunter2") && !output.stdout.contains("hunter2"), "{}", output.stdout);
    assert_eq!(stored(&env), None);
}
