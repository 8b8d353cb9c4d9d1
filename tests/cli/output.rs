//! stdout carries the result, stderr the rest; JSON is one document, colour is asked for, exit codes are the contract's.

use crate::support::TestEnvironment;

fn airflow_3() -> TestEnvironment {
    TestEnvironment::with_mountable_project("airflow3")
}

#[test]
fn json_is_one_document_and_nothing_else_on_stdout() {
    let env = airflow_3();
    for arguments in [
        &["init", "--dry-run", "--yes"][..],
        &["init", "--yes"],
        &["init", "--yes", "--delivery", "session"],
        &["refresh"],
        &["verify"],
        &["undo", "--yes"],
    ] {
        let arguments = [arguments, &["--output", "json"]].concat();
        let document = env.run(&arguments).succeeds().json();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["command"], arguments[0]);
        assert_eq!(document["ok"], true);
    }
}

#[test]
fn each_command_of_secrets_is_one_document() {
    let env = airflow_3().with_astro_cli("airflow3");
    env.write("dags/reads.py", "from airflow.sdk import Variable\nVariable.get(\"hello\")\n");
    env.write("values.env", "AIRFLOW_VAR_IMPORTED=s3kr1t-imported\n");
    for arguments in [
        &["secrets", "enable", "secrets-manager", "--yes"][..],
        &["secrets", "set", "variable", "hello"],
        &["secrets", "get", "variable", "hello"],
        &["secrets", "list"],
        &["secrets", "import", "values.env", "--yes"],
        &["secrets", "check", "hello"],
        &["secrets", "policy"],
        &["secrets", "deploy", "--deployment-id", "clx1", "--role-arn", "arn:aws:iam::111122223333:role/airflow"],
        &["secrets", "dag", "--yes"],
        &["secrets", "delete", "variable", "imported", "--yes"],
        &["secrets", "disable", "--yes"],
    ] {
        let arguments = [arguments, &["--output", "json"]].concat();
        let document = env.run_with_input(&arguments, "s3kr1t-hello").succeeds().json();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["command"], arguments[..2].join(" "));
        assert!(document.as_object().unwrap().len() > 4, "nothing of its own: {document}");
    }
    for arguments in [
        &["secrets", "get", "variable", "hello", "--reveal", "--backend"][..],
        &["secrets", "fetch", "airflow/variables/hello", "--from"],
        &["secrets", "export", "--backend"],
    ] {
        let arguments = [arguments, &["secrets-manager", "--output", "json"]].concat();
        let document = env.run_revealing(&arguments).succeeds().json();
        assert_eq!(document["command"], arguments[..2].join(" "));
        assert!(document.to_string().contains("s3kr1t-hello"), "{document}");
    }
}

#[test]
fn the_document_of_a_check_tells_of_each_id_what_airflow_will_find() {
    let env = airflow_3();
    env.write("dags/reads.py", "from airflow.sdk import Variable\nVariable.get(\"hello\")\nVariable.get(\"gone\")\n");
    env.aws.has_secret("airflow/variables/hello", "s3kr1t-hello");
    let check = ["secrets", "check", "--backend", "secrets-manager", "--output", "json"];
    let document = env.run(&check).exits(1).json();
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{document}");
    for result in results {
        assert_eq!(result["kind"], "variable");
        let id = result["id"].as_str().unwrap();
        assert_eq!(result["name"], format!("airflow/variables/{id}"));
        assert!(result["state"].is_string() && result["message"].is_string(), "{result}");
        assert!(result["where"][0].to_string().contains("reads.py"), "{result}");
    }
    assert_ne!(results[0]["state"], results[1]["state"]);
}

#[test]
fn a_failure_of_secrets_is_a_document_too() {
    for (arguments, code, kind) in [
        (&["secrets", "get", "variable", "gone", "--backend", "secrets-manager"][..], 1, "failed"),
        (&["secrets", "enable", "secrets-manager", "--project", "gone", "--yes"], 4, "project"),
        (&["secrets", "list", "--backend", "parameter-store", "--profile", "gone"], 3, "credentials"),
        (&["secrets", "delete", "variable", "x", "--backend", "parameter-store"], 5, "refused"),
    ] {
        let env = airflow_3();
        env.aws.has_parameter("/airflow/variables/x", "s3kr1t-x");
        let arguments = [arguments, &["--output", "json"]].concat();
        let document = env.run(&arguments).exits(code).json();
        assert_eq!(document["error"]["kind"], kind, "{document}");
        assert_eq!(document["command"], arguments[..2].join(" "));
    }
}

#[test]
fn a_failure_is_a_document_too() {
    for (env, arguments, code, kind) in [
        (TestEnvironment::new(), &["init", "--yes"][..], 4, "project"),
        (airflow_3(), &["verify", "--profile", "gone"], 3, "credentials"),
    ] {
        let arguments = [arguments, &["--output", "json"]].concat();
        let document = env.run(&arguments).exits(code).json();
        assert_eq!(document["ok"], false);
        assert_eq!(document["command"], arguments[0]);
        assert_eq!(document["error"]["kind"], kind);
        assert!(document["error"]["hint"].is_string(), "{document}");
    }
}

#[test]
fn a_refusal_is_a_document_that_names_the_flag() {
    let document = airflow_3().run(&["init", "--output", "json"]).exits(5).json();
    assert_eq!(document["error"]["kind"], "refused");
    assert!(document["error"]["hint"].as_str().unwrap().contains("--yes"), "{document}");
}

#[test]
fn paths_are_absolute_and_times_are_utc() {
    let env = airflow_3();
    let arguments =
        ["init", "--yes", "--delivery", "session", "--profile", "ops", "--project", ".", "--output", "json"];
    let document = env.run(&arguments).succeeds().json();
    assert_eq!(document["project"], "$PROJECT");
    for file in document["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        assert!(path.starts_with("$PROJECT/") || path.starts_with("$STATE/"), "{path}");
    }
    let document = env.run(&["refresh", "--output", "json"]).succeeds().json();
    let time = document["sessions"][0]["expires_at"].as_str().unwrap();
    assert!(time.contains('T') && time.ends_with('Z'), "{time}");
}

#[test]
fn a_failure_leaves_stdout_empty() {
    let output = TestEnvironment::new().run(&["init", "--yes"]).exits(4);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("error:") && output.stderr.contains("hint:"), "{output}");
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let env = airflow_3();
    for arguments in [
        &["init", "--delivery", "pigeon"][..],
        &["init", "--airflow", "4"],
        &["verify", "--in", "cloud"],
        &["init", "--no-such-flag"],
        &["no-such-command"],
        &["verify", "--output", "yaml"],
    ] {
        env.refuses(2, arguments).says("error:");
    }
    let document = env.run(&["init", "--no-such-flag", "--output", "json"]).exits(2).json();
    assert_eq!(document["error"]["kind"], "usage");
}

#[test]
fn there_is_no_colour_where_nobody_asked_for_it() {
    let env = airflow_3();
    for arguments in [&["init", "--dry-run", "--yes"][..], &["init", "--yes", "--profile", "gone"], &["verify"]] {
        env.run(arguments).does_not_say("\u{1b}");
    }
}

#[test]
fn colour_is_there_when_asked_for_and_never_in_json() {
    let env = airflow_3();
    env.run(&["init", "--dry-run", "--yes", "--color", "always"]).succeeds().says("\u{1b}[");
    env.run(&["init", "--dry-run", "--yes", "--color", "never"]).succeeds().does_not_say("\u{1b}");
    let json = env.run(&["init", "--dry-run", "--yes", "--color", "always", "--output", "json"]).succeeds();
    assert!(!json.stdout.contains('\u{1b}'), "{json}");
}

#[test]
fn no_color_is_honoured_on_a_terminal() {
    let env = airflow_3();
    let coloured = |output: crate::support::Output| output.succeeds().stdout.contains("\u{1b}[3");
    assert!(coloured(env.on_coloured_terminal(&["init", "--dry-run", "--yes"]).ends()));
    let env = env.with_variable("NO_COLOR", "1");
    assert!(!coloured(env.on_coloured_terminal(&["init", "--dry-run", "--yes"]).ends()));
}

#[test]
fn quiet_prints_the_result_alone() {
    let output = airflow_3().run(&["init", "--yes", "--quiet"]).succeeds();
    assert_eq!(output.stderr, "");
}

#[test]
fn verbose_says_more_and_still_no_secret() {
    // That no secret is in it is checked at every run.
    let env = airflow_3();
    let plain = env.run(&["verify", "--in", "host"]).succeeds();
    let verbose = env.run(&["verify", "--in", "host", "--verbose"]).succeeds();
    assert_eq!(verbose.stdout, plain.stdout);
    assert!(verbose.stderr.len() > plain.stderr.len(), "{verbose}");
}

#[test]
fn the_region_can_be_given() {
    let env = airflow_3();
    let arguments = ["init", "--yes", "--delivery", "session", "--profile", "dev", "--region", "ap-southeast-2"];
    env.run(&arguments).succeeds();
    let config = env.normalize_file(&env.session().join("config"));
    assert!(config.contains("region = ap-southeast-2\n") && !config.contains("eu-west-1"), "{config}");
}
