//! `configure --sso` without the AWS CLI: the whole dialogue, each of its answers as an option, and what it writes.

use std::fs;

use crate::support::aws::{Account, Failure};
use crate::support::{SsoToken, TestEnvironment};

const NEW: [&str; 12] = [
    "configure",
    "--sso",
    "--native",
    "--no-input",
    "--yes",
    "--sso-session",
    "company",
    "--account",
    "111122223333",
    "--role",
    "Developer",
    "--profile-name=dev",
];
const INSTANCE: [&str; 4] = ["--start-url", "https://d-1234567890.awsapps.com/start", "--sso-region", "eu-west-1"];

const WRITTEN: &str = "[sso-session company]\n\
    sso_start_url = https://d-1234567890.awsapps.com/start\n\
    sso_region = eu-west-1\n\
    sso_registration_scopes = sso:account:access\n\
    \n\
    [profile dev]\n\
    sso_session = company\n\
    sso_account_id = 111122223333\n\
    sso_role_name = Developer\n";

fn account(id: &str, name: &str, roles: &[&str]) -> Account {
    let roles = roles.iter().map(|&role| role.to_owned()).collect();
    Account { id: id.to_owned(), name: name.to_owned(), email: format!("{name}@example.com"), roles }
}

fn with_accounts() -> TestEnvironment {
    let env = TestEnvironment::new();
    env.aws.has_accounts(vec![
        account("111122223333", "analytics", &["Developer", "ReadOnly"]),
        account("222233334444", "platform", &["Guest"]),
    ]);
    env.aws.set(|settings| settings.device.approved_after = Some(1));
    env
}

fn signed_in() -> TestEnvironment {
    with_accounts().with_token(&SsoToken::of_session("company").refreshable())
}

fn config(env: &TestEnvironment) -> String {
    fs::read_to_string(env.home().join(".aws/config")).unwrap_or_default()
}

#[test]
fn a_live_token_needs_no_browser_and_no_terminal() {
    let env = signed_in();
    let arguments = [&NEW[..], &INSTANCE, &["--output", "json"]].concat();
    let report = env.run(&arguments).succeeds().json();
    assert_eq!(config(&env), WRITTEN);
    assert_eq!((&report["profile"], &report["files"][0]["change"]), (&"dev".into(), &"created".into()), "{report}");
    assert_eq!(env.aws.hits("CreateToken"), 0);
    env.run(&["verify", "--in", "host", "--profile", "dev"]).succeeds().says("AWSReservedSSO_Developer");
}

#[test]
fn twice_in_a_row_changes_nothing() {
    let env = signed_in();
    let arguments = [&NEW[..], &INSTANCE].concat();
    env.run(&arguments).succeeds();
    env.run(&arguments).succeeds().says("is there");
    // What is there needs no answer.
    env.run(&NEW).succeeds();
    assert_eq!(config(&env), WRITTEN);
}

#[test]
fn the_whole_dialogue_signs_in_and_offers_what_the_sign_in_gives() {
    let env = with_accounts();
    let terminal = env.on_terminal(&["configure", "--sso"]).asks("Name of the sso-session").answered("company");
    let terminal = terminal.asks("Start URL").answered("http://wrong").asks("reads like https");
    let clear = "\u{7f}".repeat("http://wrong".len());
    let terminal = terminal.answered(&format!("{clear}https://d-1234567890.awsapps.com/start"));
    let terminal = terminal.asks("Region of IAM Identity Center").answered("eu-west-1").asks("Scopes").answered("");
    let terminal = terminal.asks("user_code=").asks("Account").asks("platform").answered("analyt");
    let terminal =
        terminal.asks("Role").asks("ReadOnly").answered("").asks("Profile name").asks("Developer-111122223333");
    let terminal = terminal.answered("dev").asks("Default region").answered("").asks("Output").answered("");
    terminal
        .asks(r"\+\[profile dev\]")
        .asks("Write this")
        .answered("y")
        .ends()
        .succeeds()
        .says("astro-aws init --profile dev");
    assert_eq!(config(&env), WRITTEN);
    assert!(env.cached_token("company")["refreshToken"].is_string());
}

#[test]
fn a_wrong_start_url_or_region_is_asked_for_again_and_no_answer_lost() {
    let env = with_accounts();
    env.aws.fails_next(1, "StartDeviceAuthorization", Failure::Refused("InvalidRequestException"));
    let terminal = env.on_terminal(&["configure", "--sso", "--profile-name", "dev", "--yes"]);
    let terminal = terminal.asks("Name of the sso-session").answered("company");
    let terminal = terminal.asks("Start URL").answered("https://d-1234567899.awsapps.com/start");
    let terminal = terminal.asks("Region of IAM Identity Center").answered("eu-west-2").asks("Scopes").answered("");
    let terminal = terminal.asks("InvalidRequestException").asks("Start URL").asks("d-1234567899");
    let terminal = terminal.answered(&format!("{}0.awsapps.com/start", "\u{7f}".repeat("9.awsapps.com/start".len())));
    let terminal = terminal.asks("Region of IAM Identity Center").asks("eu-west-2").answered("\u{7f}1");
    let terminal = terminal.asks("Account").answered("analyt").asks("Role").answered("");
    terminal.asks("Enter for none").answered("").asks("Output").answered("").ends().succeeds();
    assert_eq!(config(&env), WRITTEN);
}

#[test]
fn a_region_that_nobody_knows_is_questioned_before_aws_is_asked() {
    let env = signed_in();
    let terminal = env.on_terminal(&["configure", "--sso", "--profile-name", "dev", "--yes"]);
    let terminal = terminal.asks("Name of the sso-session").answered("company");
    let terminal = terminal.asks("Start URL").answered("https://d-1234567890.awsapps.com/start");
    let terminal = terminal.asks("Region of IAM Identity Center").answered("eu-wst-1");
    let terminal = terminal.asks("did you mean eu-west-1").asks(r"\(y/N\)");
    assert_eq!(env.aws.all_hits(), 0);
    let terminal = terminal.answered("").asks("Region of IAM Identity Center").asks("eu-wst-1");
    let terminal = terminal.answered("\u{7f}\u{7f}\u{7f}\u{7f}est-1").asks("Scopes").answered("");
    let terminal = terminal.asks("Account").answered("analyt").asks("Role").answered("");
    terminal.asks("Default region").answered("").asks("Output").answered("").ends().succeeds();
    assert_eq!(config(&env), WRITTEN);
}

#[test]
fn what_there_is_one_of_is_not_asked_for() {
    let env = signed_in().with_aws_home("sso-session").with_token(&SsoToken::of_session("company").refreshable());
    let arguments = ["configure", "--sso", "--native", "--sso-session", "company", "--account", "platform", "--yes"];
    let terminal = env.on_terminal(&[&arguments[..], &["--region", "eu-west-1", "--cli-output", "text"]].concat());
    terminal.asks("The only role is Guest").asks("Profile name").answered("guest").ends().succeeds();
    let lines = "[profile guest]\nsso_session = company\nsso_account_id = 222233334444\nsso_role_name = Guest\n\
                 region = eu-west-1\noutput = text\n";
    assert!(config(&env).ends_with(lines), "{}", config(&env));
}

#[test]
fn thousands_of_accounts_are_filtered_as_one_types() {
    let env = signed_in().with_aws_home("sso-session").with_token(&SsoToken::of_session("company").refreshable());
    env.aws.has_accounts(
        (0..3000).map(|n| account(&format!("{:012}", n + 1_000_000), &format!("team-{n}"), &["Dev"])).collect(),
    );
    let arguments = ["configure", "--sso", "--native", "--sso-session", "company", "--region", "eu-west-1"];
    let terminal =
        env.on_terminal(&[&arguments[..], &["--cli-output", "json", "--profile-name", "team", "--yes"]].concat());
    terminal.asks(r"Account \(3000\)").answered("1002718").asks("The only role is Dev").ends().succeeds();
    assert!(config(&env).contains("sso_account_id = 000001002718\n"), "{}", config(&env));
}

#[test]
fn without_a_terminal_a_missing_answer_is_named() {
    let env = signed_in();
    let all = [&NEW[..], &INSTANCE].concat();
    for option in ["--sso-session", "--start-url", "--sso-region", "--account", "--role"] {
        let at = all.iter().position(|argument| *argument == option).unwrap();
        let arguments = [&all[..at], &all[at + 2..]].concat();
        env.refuses(2, &arguments).says(&format!("`{option}` is missing"));
    }
    assert_eq!(env.aws.all_hits(), 0);
    let arguments: Vec<_> = all.iter().filter(|argument| !argument.contains("profile-name")).copied().collect();
    env.run(&arguments).succeeds();
    assert!(config(&env).contains("[profile Developer-111122223333]\n"), "{}", config(&env));
}

#[test]
fn without_a_sign_in_and_a_terminal_it_ends() {
    let env = with_accounts();
    let output = env.refuses(3, &[&NEW[..], &INSTANCE].concat());
    output.says("terminal").says("`--no-input`");
}

#[test]
fn an_account_or_a_role_that_the_sign_in_does_not_give_is_told_with_those_it_does() {
    let env = signed_in();
    let replaced = |from: &str, to: &'static str| {
        let arguments = [&NEW[..], &INSTANCE].concat().into_iter();
        arguments.map(|argument| if argument == from { to } else { argument }).collect::<Vec<_>>()
    };
    env.refuses(3, &replaced("111122223333", "999999999999")).says("999999999999").says("analytics").says("platform");
    env.refuses(3, &replaced("Developer", "Admin")).says("to account 111122223333 as `Admin`").says("ReadOnly");
    env.run(&replaced("111122223333", "analytics")).succeeds();
    assert_eq!(config(&env), WRITTEN, "a name stands for its id");
}

#[test]
fn other_values_are_not_overwritten_unasked() {
    let env = signed_in().with_aws_home("sso-session").with_token(&SsoToken::of_session("company").refreshable());
    let replaced: Vec<_> =
        NEW.iter().map(|&argument| if argument == "Developer" { "ReadOnly" } else { argument }).collect();
    env.refuses(5, &replaced).says("sso_role_name").says("--overwrite").says("name with `--profile-name`");
    env.run(&[&replaced[..], &["--overwrite"]].concat()).succeeds();
    assert!(config(&env).contains("sso_role_name = ReadOnly\nregion = eu-west-1\n"), "{}", config(&env));
    let instance = ["--start-url", "https://d-0987654321.awsapps.com/start"];
    env.aws.forgets_calls();
    env.run(&[&replaced[..], &instance].concat()).exits(5).says("sso_start_url").says("name with `--sso-session`");
    let arguments: Vec<_> =
        NEW.iter().filter(|&&argument| argument != "--no-input" && argument != "--yes").copied().collect();
    let terminal = env.on_terminal(&[&arguments[..], &["--region", "eu-west-1", "--cli-output", "json"]].concat());
    terminal.asks("sso_role_name = ReadOnly").asks("Replace them").answered("n").ends().exits(1);
}

#[test]
fn a_profile_with_keys_of_another_kind_is_refused() {
    let env = signed_in().with_aws_home("keys").with_token(&SsoToken::of_session("company").refreshable());
    let other = |argument| if argument == "--profile-name=dev" { "--profile-name=ops" } else { argument };
    let replaced = NEW.map(other);
    env.refuses(5, &[&replaced[..], &INSTANCE].concat()).says("assume-role").says("--profile-name");
}

#[test]
fn ctrl_c_at_each_step_writes_nothing() {
    let env = signed_in();
    let before = env.everything();
    let steps = [
        ("Name of the sso-session", "company"),
        ("Start URL", "https://d-1234567890.awsapps.com/start"),
        ("Region of IAM Identity Center", "eu-west-1"),
        ("Scopes", ""),
        ("Account", "analytics"),
        ("Role", ""),
        ("Profile name", "dev"),
        ("Default region", ""),
        ("Output of the AWS CLI", ""),
        ("Write this", ""),
    ];
    for stop in 0..steps.len() {
        let mut terminal = env.on_terminal(&["configure", "--sso"]);
        for (question, answer) in &steps[..stop] {
            terminal = terminal.asks(question).answered(answer);
        }
        terminal.asks(steps[stop].0).interrupted().ends().exits(130);
        assert_eq!(env.everything(), before, "at `{}`", steps[stop].0);
    }
}

#[test]
fn a_dry_run_asks_aws_nothing() {
    let env = signed_in();
    let before = env.everything();
    let output = env.run(&[&NEW[..], &INSTANCE, &["--dry-run"]].concat()).succeeds();
    output.says("+[profile dev]").says("+sso_role_name = Developer");
    assert_eq!((env.everything(), env.aws.all_hits()), (before, 0));
}

#[test]
fn a_portal_in_trouble_writes_nothing() {
    let env = signed_in();
    env.aws.fails("ListAccountRoles", Failure::Internal);
    env.run(&[&NEW[..], &INSTANCE].concat()).exits(1);
    assert_eq!(config(&env), "");
}

#[test]
fn a_token_that_the_portal_refuses_is_made_anew() {
    let env = signed_in();
    env.aws.ends_all_sign_ins();
    env.run(&[&NEW[..], &INSTANCE].concat()).exits(3).says("terminal");
    let arguments: Vec<_> = NEW.iter().filter(|&&argument| argument != "--no-input").copied().collect();
    let terminal =
        env.on_terminal(&[&arguments[..], &INSTANCE, &["--region", "eu-west-1", "--cli-output", "json"]].concat());
    terminal.asks("user_code=").ends().succeeds();
    assert!(config(&env).contains("[profile dev]"), "{}", config(&env));
}
