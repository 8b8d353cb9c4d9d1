//! No token, secret or code is shown: by no command, told as much as it can tell, in text and as JSON, whether it
//! succeeds or fails; nor does one stand among the arguments of any process that it starts.
//!
//! Whatever a fixture or the stand-in for AWS hands out bears a mark, and each run of any test is searched for it
//! (`TestEnvironment::check_promises`). Here every command is made to meet secrets, and codes are searched for too.

mod driven;
mod processes;
mod secrets;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use astro_aws::cli::Cli;
use clap::CommandFactory as _;
use rustix::process::Signal;

use crate::support::aws::{Failure, SECRET_MARKER};
use crate::support::{Probe, SsoToken, TestEnvironment, Tree};

use driven::{Driven, FORMS};
use processes::no_secret_among_arguments;

/// A code with a slip of the finger, or a secret in another's place; without the mark, as an argument is one of ours.
const WRONG: &str = "31415wJalr";
const SECRET: &str = "s3kr1t/dev/00000000000000000000000000000";
const BY_KEYS: [&str; 6] =
    ["configure", "--secret-from-stdin", "--yes", "--profile-name=own", "--access-key-id", "AKIADEVDEVDEVEXAMPLE"];
const BY_SSO: [&str; 10] = [
    "configure",
    "--sso",
    "--yes",
    "--sso-session",
    "company",
    "--account",
    "111122223333",
    "--role",
    "Developer",
    "--profile-name=dev",
];

fn signed_in() -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session").with_docker().with_systemd();
    env.write(".env", format!("DB_PASSWORD={SECRET_MARKER}-of-the-database\n"));
    env.with_variable("AWS_PROFILE", "dev").with_token(&SsoToken::of_session("company").refreshable())
}

#[test]
fn no_command_shows_a_secret_whether_it_succeeds_or_fails() {
    let driven = Driven::default();
    let env = signed_in();
    no_secret_among_arguments(&env, || {
        commands_succeed(&driven, &env);
        env.aws.ends_all_sign_ins();
        commands_fail(&driven, &env);
    });
    for failure in [Failure::Garbage, Failure::Refused("UnauthorizedException")] {
        let env = signed_in();
        driven.succeeds(&env, &["init", "--yes"]);
        for action in ["GetRoleCredentials", "CreateToken", "ListAccounts", "Logout", "GetCallerIdentity"] {
            env.aws.fails(action, failure);
        }
        commands_fail(&driven, &env);
    }
    for (name, text) in broken_files() {
        let env = signed_in();
        driven.succeeds(&env, &["init", "--yes"]);
        let path = if name == "token" { env.token_file("company") } else { env.home().join(".aws").join(name) };
        fs::write(&path, &text).unwrap();
        commands_fail(&driven, &env);
    }
    let commands = Cli::command();
    let names = commands.get_subcommands().map(clap::Command::get_name);
    driven.has_driven(names.filter(|name| *name != "secrets"));
}

fn commands_succeed(driven: &Driven, env: &TestEnvironment) {
    driven.succeeds(env, &["init", "--yes"]);
    env.runs("scheduler", &Probe::acts_as("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0/ana"));
    for arguments in [
        &["verify", "--in", "host"][..],
        &["status"],
        &["login"],
        &["refresh"],
        &["refresh", "--all"],
        &BY_SSO,
        &BY_KEYS,
        &["refresh", "--install-service", "--yes"],
        &["refresh", "--uninstall-service", "--yes"],
    ] {
        driven.succeeds(env, arguments);
    }
    driven.drives(env, &["verify"]);
    driven.drives_once(env, &["run", "-v", "--", "cat", "/dev/null"]).succeeds();
    for form in FORMS {
        let mut watch = env.in_background(&[&["refresh", "--watch"], form].concat());
        watch.says("renewed profile dev");
        let renewals = env.aws.hits("GetRoleCredentials");
        watch.signal(Signal::HUP);
        watch.until("it renews", |_| env.aws.hits("GetRoleCredentials") > renewals);
        watch.signal(Signal::INT);
        watch.ends().succeeds();
    }
    only_their_owner_reads_secrets(&env.home());
    driven.succeeds(env, &["undo", "--yes"]);
    driven.succeeds(env, &["logout"]);
    env.caches(&SsoToken::of_session("company").expired().refreshable());
    driven.drives(env, &["init", "--yes"]);
}

/// Where nothing serves that is there, or nobody says yes.
fn commands_fail(driven: &Driven, env: &TestEnvironment) {
    for arguments in [
        &["init", "--yes", "--profile", "gone"][..],
        &["verify", "--profile", "gone"],
        &["verify", "--mfa-token", WRONG],
        &["login", "--sso-session", "gone"],
        &["login", "--force"],
        &["logout", "--sso-session", "gone"],
        &["configure", "--sso", "--native", "--yes"],
        &["configure", "--secret-from-stdin", "--access-key-id", WRONG],
        &["run", "--mfa-token", WRONG, "--", "cat", "/dev/null"],
    ] {
        for output in driven.drives(env, arguments) {
            assert_ne!(output.code, 0, "{arguments:?}: {output}");
            output.does_not_say(WRONG);
        }
    }
    for command in ["init", "refresh", "status", "undo"] {
        driven.fails(env, &[command, "--project", "gone"]);
    }
    for arguments in [
        &["init", "--yes"][..],
        &["refresh"],
        &["refresh", "--all"],
        &["verify"],
        &["login"],
        &["status"],
        &BY_SSO,
        &BY_KEYS,
        &["undo", "--yes"],
        &["logout"],
    ] {
        driven.drives(env, arguments);
    }
}

/// Files that hold a secret where a reader stumbles over it.
fn broken_files() -> Vec<(&'static str, String)> {
    let keys = "[dev]\naws_access_key_id = AKIADEVDEVDEVEXAMPLE\n";
    let process = |program: &str| format!("[profile dev]\ncredential_process = {program}\nregion = eu-west-1\n");
    vec![
        ("token", format!("{{\"accessToken\": \"{SECRET}\", \"expiresAt\": ")),
        ("token", format!("{{\"accessToken\": [\"{SECRET}\"], \"expiresAt\": \"{SECRET}\", \"startUrl\": 1}}")),
        ("credentials", format!("{keys}aws_secret_access_key {SECRET}\n")),
        ("credentials", format!("{keys}  aws_secret_access_key = {SECRET}\n[{SECRET}\n")),
        ("config", format!("{}aws_secret_access_key {SECRET}\n", process("cat /dev/null"))),
        ("config", process(&format!("sh -c 'echo {SECRET}; echo {SECRET} >&2; exit 3'"))),
        ("config", process(&format!("sh -c 'echo {{\\\"Version\\\": \\\"{SECRET}\\\"}}'"))),
    ]
}

#[test]
fn what_a_person_types_or_compares_with_is_not_shown() {
    let env = signed_in().with_browser();
    env.on_terminal(&["login", "-v", "--pkce", "--force"]).ends().succeeds();
    env.aws.set(|settings| settings.device.approved_after = Some(0));
    env.on_terminal(&["login", "-v", "--device-code", "--force"]).ends().succeeds();
    // Each has a secret of the client's own, which bears no mark.
    let verifiers: Vec<_> = env.aws.asked("CreateToken authorization_code");
    let verifier = verifiers[0]["codeVerifier"].as_str().unwrap();
    let shown = env.on_terminal(&["refresh", "-v"]).ends();
    for text in [&shown.stdout, &env.calls_of("browser")] {
        assert!(!text.contains(verifier), "the code verifier is shown: {text}");
    }

    let env = TestEnvironment::with_project("airflow3").with_mfa_role(&["314159"]);
    let terminal = env.on_terminal(&["init", "-v", "--yes", "--profile", "dev"]).asks("MFA code").answered("314159");
    terminal.ends().succeeds().does_not_say("314159");
    assert!(!env.calls_of("browser").contains("314159"));
}

#[track_caller]
fn only_their_owner_reads_secrets(folder: &Path) {
    for path in Tree::of(folder).paths() {
        let full = folder.join(&path);
        let Ok(bytes) = fs::read(&full) else { continue };
        if String::from_utf8_lossy(&bytes).contains(SECRET_MARKER) {
            let mode = fs::metadata(&full).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{path}");
        }
    }
}
