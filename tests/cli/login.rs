//! `login` renews without a browser where it can, else a person signs in in theirs; the AWS CLI finds the token where it
//! looks for its own. Without a terminal no browser opens and nobody is waited for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use crate::support::aws::{Consent, Failure};
use crate::support::{SsoToken, TestEnvironment, Tree};

const START_URL: &str = "https://d-1234567890.awsapps.com/start";

fn with_session() -> TestEnvironment {
    TestEnvironment::with_project("airflow3").with_aws_home("sso-session")
}

/// Whoever signs in with a device code has agreed by the second time that is asked.
fn with_quick_person(env: TestEnvironment) -> TestEnvironment {
    env.aws.set(|settings| settings.device.approved_after = Some(1));
    env
}

#[track_caller]
fn has_new_token(env: &TestEnvironment, key: &str) {
    let token = env.cached_token(key);
    assert!(token["accessToken"].is_string() && token["expiresAt"].as_str().unwrap().ends_with('Z'), "no new token");
    let mode = fs::metadata(env.token_file(key)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
}

#[test]
fn the_browser_comes_back_and_the_token_is_where_the_aws_cli_looks() {
    let env = with_session().with_browser();
    let output = env.on_terminal(&["login", "--pkce", "--profile", "dev"]).ends().succeeds();
    output.says("Sign in to company").says("signed in to company until").says("min)");
    has_new_token(&env, "company");
    assert!(env.cached_token("company")["refreshToken"].is_string());
    assert_eq!(env.opened_links().len(), 1);
    assert!(env.browser_pages(1)[0].body.contains("close"), "{}", env.browser_pages(1)[0].body);
    assert_eq!(env.aws.hits("CreateToken authorization_code"), 1);
}

#[test]
fn a_device_code_is_shown_to_be_compared() {
    let env = with_quick_person(with_session());
    let output = env.on_terminal(&["login", "--device-code", "--profile", "dev"]).ends().succeeds();
    output.says("user_code=").says("check that the page shows").says("signed in to company");
    has_new_token(&env, "company");
}

#[test]
fn a_start_url_without_a_session_takes_a_device_code_and_says_why() {
    let env = with_quick_person(TestEnvironment::with_project("airflow3").with_aws_home("sso-legacy"));
    let output = env.on_terminal(&["login", "--profile", "dev"]).ends().succeeds();
    output.says("device code, because").says("sso-session").says(START_URL);
    has_new_token(&env, START_URL);
}

#[test]
fn a_start_url_without_a_session_is_named_by_its_profile() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-legacy");
    env.refuses(3, &["login", "--profile", "dev"]).says("astro-aws login --profile dev");
    env.run(&["status", "--profile", "dev"]).succeeds().says("astro-aws login --profile dev");
}

#[test]
fn over_ssh_it_is_a_device_code() {
    let env =
        with_quick_person(with_session().with_browser()).with_variable("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22");
    env.on_terminal(&["login", "--profile", "dev"]).ends().succeeds().says("device code, because");
    assert_eq!(env.opened_links().len(), 0);
}

#[test]
fn no_browser_prints_the_link_alone() {
    let env = with_quick_person(with_session().with_idle_browser());
    env.on_terminal(&["login", "--no-browser", "--device-code", "--profile", "dev"])
        .ends()
        .succeeds()
        .says("user_code=");
    assert_eq!(env.opened_links().len(), 0);
}

#[test]
fn a_sign_in_that_can_be_renewed_is_without_a_browser_or_a_terminal() {
    let env = with_session().with_browser().with_token(&SsoToken::of_session("company").expired().refreshable());
    let report = env.run(&["login", "--profile", "dev", "--output", "json"]).succeeds().json();
    assert_eq!((&report["sso_session"], &report["flow"]), (&"company".into(), &"refresh".into()), "{report}");
    assert!(report["expires_at"].as_str().unwrap().ends_with('Z'), "{report}");
    assert!(report.get("sessions").is_none(), "{report}");
    assert_eq!(env.aws.hits("CreateToken refresh_token"), 1);
    has_new_token(&env, "company");
    assert_eq!(env.opened_links().len(), 0);
}

#[test]
fn a_live_sign_in_is_renewed_too_and_forced_to_be_new_with_force() {
    let env = with_session().with_token(&SsoToken::of_session("company").refreshable());
    env.run(&["login", "--profile", "dev"]).succeeds().says("renewed the sign-in to company");
    env.refuses(3, &["login", "--profile", "dev", "--force"]).says("terminal");
    let env = with_quick_person(env);
    env.on_terminal(&["login", "--profile", "dev", "--force", "--device-code"]).ends().succeeds().says("signed in to");
}

#[test]
fn without_a_terminal_no_browser_opens_and_nobody_is_waited_for() {
    let env = with_session().with_browser();
    for arguments in [&["login", "--profile", "dev"][..], &["login", "--profile", "dev", "--yes", "--pkce"]] {
        env.refuses(3, arguments).says("astro-aws login --sso-session company").says("terminal");
    }
    let report = env.refuses(3, &["login", "--profile", "dev", "--no-input", "--output", "json"]).json();
    assert_eq!(report["error"]["kind"], "credentials");
    assert_eq!((env.opened_links().len(), env.aws.all_hits()), (0, 0));
}

#[test]
fn no_input_waits_for_nobody_on_a_terminal_either() {
    let env = with_session().with_browser();
    env.on_terminal(&["login", "--profile", "dev", "--no-input"]).ends().exits(3).says("--no-input");
    assert_eq!(env.opened_links().len(), 0);
}

#[test]
fn ctrl_c_while_waiting_leaves_no_token_and_ends_with_130() {
    let env = with_session().with_idle_browser();
    for way in ["--pkce", "--device-code"] {
        let terminal = env.on_terminal(&["login", way, "--profile", "dev"]).asks("Sign in to .*company");
        terminal.asks("http").interrupted().ends().exits(130);
        assert!(env.cached_token("company").is_null());
    }
}

#[test]
fn a_person_who_says_no_is_not_signed_in() {
    for way in ["--pkce", "--device-code"] {
        let env = with_session().with_browser();
        env.aws.set(|settings| settings.consent = Consent::Denied);
        let arguments = ["login", way, "--profile", "dev"];
        let terminal = env.on_terminal(&arguments).asks("http");
        env.aws.decides_on_devices(Consent::Denied);
        terminal.ends().exits(3).says("not signed in to company");
        assert!(env.cached_token("company").is_null());
    }
}

#[test]
fn a_service_that_is_asked_too_often_is_asked_more_slowly() {
    let env = with_session();
    env.aws.set(|settings| (settings.device.slow_downs, settings.device.approved_after) = (1, Some(0)));
    env.on_terminal(&["login", "--device-code", "--profile", "dev"]).ends().succeeds().says("signed in to company");
    assert_eq!((env.aws.hits("CreateToken"), env.aws.refusals("CreateToken")), (2, 1));
}

#[test]
fn a_code_that_nobody_enters_in_its_time_ends_the_sign_in() {
    let env = with_session();
    // By the clock of this machine, and by what the service says to whoever asks.
    env.aws.set(|settings| settings.device.expires_in = Duration::from_secs(1));
    let output = env.on_terminal(&["login", "--device-code", "--profile", "dev"]).ends().exits(3);
    output.says("nobody signed in within 1 min").says("astro-aws login");
    assert!(env.cached_token("company").is_null());
    env.aws.set(|settings| settings.device.expires_in = Duration::from_hours(1));
    env.aws.fails("CreateToken", Failure::Refused("ExpiredTokenException"));
    env.on_terminal(&["login", "--device-code", "--profile", "dev"]).ends().exits(3).says("nobody signed in");
}

#[test]
fn files_of_others_in_the_cache_are_passed_over_and_a_corrupt_one_is_told_of_and_replaced() {
    let env = with_session().with_token(&SsoToken::of_session("company").refreshable());
    let cache = env.home().join(".aws/sso/cache");
    let foreign = [
        ("aws-toolkit-vscode-client-id-eu-west-1.json", &b"{"[..]),
        ("0123456789abcdef0123456789abcdef01234567.json", b"\0\xff"),
        ("notes.txt", b"mine"),
    ];
    for (name, bytes) in foreign {
        fs::write(cache.join(name), bytes).unwrap();
    }
    let report = env.run(&["login", "--output", "json"]).succeeds().json();
    assert_eq!(report["warnings"], serde_json::json!([]));
    let env = with_quick_person(env);
    for corrupt in ["", "{\"accessToken\": \"s3kr1t", "[]", "{\"accessToken\": 1, \"expiresAt\": \"soon\"}"] {
        fs::write(env.token_file("company"), corrupt).unwrap();
        let report = env.run(&["login", "--no-input", "--output", "json"]).exits(3).json();
        assert_eq!(report["warnings"][0]["id"], "cache", "{corrupt}: {report}");
        env.on_terminal(&["login", "--device-code"]).ends().succeeds().says("warning").says("signed in to company");
        has_new_token(&env, "company");
    }
    for (name, bytes) in foreign {
        assert_eq!(fs::read(cache.join(name)).unwrap(), bytes, "{name}");
    }
}

#[test]
fn a_service_in_trouble_is_no_missing_sign_in() {
    let env = with_session();
    env.aws.fails("RegisterClient", Failure::Internal);
    env.on_terminal(&["login", "--device-code", "--profile", "dev"]).ends().exits(1).does_not_say("astro-aws login");
    let env = with_session().with_token(&SsoToken::of_session("company").refreshable());
    env.aws.fails("CreateToken refresh_token", Failure::Internal);
    let before = env.cached_token("company");
    env.run(&["login", "--profile", "dev"]).exits(1).says("does not answer");
    assert_eq!(env.cached_token("company"), before);
}

#[test]
fn a_sign_in_that_ended_on_the_other_side_is_made_anew() {
    let env = with_session().with_token(&SsoToken::of_session("company").expired().refreshable());
    env.aws.ends_all_sign_ins();
    env.run(&["login", "--profile", "dev"]).exits(3).says("terminal");
    let env = with_quick_person(env);
    env.on_terminal(&["login", "--device-code", "--profile", "dev"]).ends().succeeds().says("signed in to company");
}

#[test]
fn the_only_sign_in_needs_no_name() {
    let env = with_session().with_token(&SsoToken::of_session("company").refreshable());
    let report = env.run(&["login", "--output", "json"]).succeeds().json();
    assert_eq!(report["sso_session"], "company");
}

#[test]
fn of_several_one_has_to_be_named() {
    let env = with_two_sessions();
    env.refuses(2, &["login"]).says("`company`").says("`partner`").says("--sso-session");
    let report = env.run(&["login", "--sso-session", "partner", "--output", "json"]).succeeds().json();
    assert_eq!(report["sso_session"], "partner");
    assert!(report["flow"] == "refresh" && env.aws.hits("CreateToken refresh_token") == 1, "{report}");
    env.on_terminal(&["login"]).asks("Which sign-in").chose(1).ends().succeeds().says("sign-in to partner");
}

#[test]
fn an_sso_session_that_is_not_there_is_told_with_those_that_are() {
    let output = with_two_sessions().refuses(3, &["login", "--sso-session", "compnay"]);
    output.says("[sso-session compnay]").says("`company`").says("configure --sso");
}

#[test]
fn the_project_s_profile_says_which_sign_in() {
    let env = with_two_sessions();
    env.run(&["init", "--yes", "--profile", "guest"]).succeeds();
    let report = env.run(&["login", "--output", "json"]).succeeds().json();
    assert_eq!(report["sso_session"], "partner");
}

#[test]
fn a_profile_that_does_not_sign_in_is_told_what_to_do() {
    let env = TestEnvironment::with_project("airflow3");
    env.refuses(2, &["login", "--profile", "dev"]).says("static-keys");
    env.refuses(3, &["login"]).says("astro-aws configure --sso");
    let env = env.with_aws_home("login-session");
    env.refuses(2, &["login", "--profile", "dev"]).says("aws login --profile dev");
}

#[test]
fn all_signs_in_to_each_and_tells_of_those_that_it_could_not() {
    let env = with_two_sessions();
    let report = env.run(&["login", "--all", "--output", "json"]).succeeds().json();
    let names = |report: &serde_json::Value| -> Vec<String> {
        let sessions = report["sessions"].as_array().unwrap().iter();
        sessions.map(|session| session["sso_session"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&report), ["company", "partner"], "{report}");
    assert_eq!(report["sso_session"], "company");
    fs::remove_file(env.token_file("company")).unwrap();
    let report = env.run(&["login", "--all", "--output", "json"]).exits(3).json();
    assert_eq!(names(&report), ["partner", "company"], "{report}");
    assert_eq!(report["sessions"][0]["flow"], "refresh");
    assert_eq!(report["sessions"][1]["error"]["kind"], "credentials");
    assert!(report["error"]["message"].as_str().unwrap().contains("company"), "{report}");
}

#[test]
fn a_dry_run_signs_nobody_in() {
    let env = with_session().with_token(&SsoToken::of_session("company").refreshable());
    let before = Tree::with_times(&env.home());
    env.run(&["login", "--dry-run"]).exits(2).says("--dry-run");
    assert_eq!(Tree::with_times(&env.home()), before);
    assert_eq!(env.aws.all_hits(), 0);
}

#[test]
fn a_token_with_hours_left_that_cannot_be_renewed_is_no_reason_not_to_sign_in() {
    let env = with_session().with_token(&SsoToken::of_session("company").expires_in(Duration::from_hours(7)));
    let before = env.cached_token("company");
    env.on_terminal(&["login", "--device-code", "--profile", "dev"]).asks("user_code=").interrupted().ends().exits(130);
    assert_eq!(env.cached_token("company"), before, "who stops half-way stays signed in as before");
}

/// Two sso-sessions with a renewable sign-in each, and a profile of each.
fn with_two_sessions() -> TestEnvironment {
    let env = with_session();
    let config = env.home().join(".aws/config");
    let text = fs::read_to_string(&config).unwrap();
    let more = "[profile guest]\nsso_session = partner\nsso_account_id = 222233334444\nsso_role_name = Guest\n\
                [sso-session partner]\nsso_start_url = https://d-1234567890.awsapps.com/start\nsso_region = eu-west-1\n\
                sso_registration_scopes = sso:account:access\n";
    fs::write(&config, format!("{text}\n{more}")).unwrap();
    env.with_token(&SsoToken::of_session("company").refreshable())
        .with_token(&SsoToken::of_session("partner").refreshable())
}
