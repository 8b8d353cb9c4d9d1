//! The help is the manual: every command shows what it is for and how it is called.

use crate::support::TestEnvironment;

const COMMANDS: [&str; 10] =
    ["init", "configure", "login", "logout", "refresh", "run", "verify", "status", "secrets", "undo"];

const SECRETS: [&str; 13] = [
    "enable", "disable", "set", "get", "list", "delete", "import", "export", "check", "policy", "deploy", "dag",
    "fetch",
];

/// Every command that does something: those above, and those of `secrets`.
fn all_commands() -> Vec<Vec<&'static str>> {
    let of_secrets = SECRETS.map(|command| vec!["secrets", command]);
    let own = COMMANDS.into_iter().filter(|command| *command != "secrets").map(|command| vec![command]);
    own.chain(of_secrets).collect()
}

#[test]
fn every_command_shows_examples_that_call_it() {
    let env = TestEnvironment::new();
    for command in all_commands() {
        let help = env.run(&[&command[..], &["--help"]].concat()).succeeds();
        let (_, examples) = help.stdout.split_once("Examples:").unwrap_or_else(|| panic!("no examples: {help}"));
        assert!(examples.contains(&format!("astro-aws {}", command.join(" "))), "{help}");
        assert_eq!(help.stderr, "");
    }
}

#[test]
fn every_flag_of_an_example_exists() {
    let env = TestEnvironment::new();
    let mut checked = 0;
    for command in all_commands() {
        let help = env.run(&[&command[..], &["--help"]].concat()).succeeds().stdout;
        let (options, examples) = help.split_once("Examples:").unwrap();
        // What stands behind ` -- ` is another program's.
        let own = examples.lines().filter_map(|line| line.split(" -- ").next()).flat_map(str::split_whitespace);
        for flag in own.filter(|word| word.starts_with("--")) {
            assert!(options.contains(flag), "{command:?}: {flag} of an example is no option");
            checked += 1;
        }
    }
    assert!(checked > 30);
}

/// The names that a help lists below `Commands:`.
fn listed(help: &str) -> Vec<&str> {
    let (_, after) = help.split_once("Commands:\n").unwrap_or_else(|| panic!("no commands: {help}"));
    let listed = after.lines().take_while(|line| !line.trim().is_empty());
    // A line that is indented further goes on with the one above.
    let listed = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    listed.filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn the_help_of_secrets_lists_its_commands() {
    let env = TestEnvironment::new();
    let help = env.run(&["secrets", "--help"]).succeeds();
    assert_eq!(listed(&help.stdout), [&SECRETS[..], &["help"]].concat());
    env.run(&["secrets"]).exits(2).says("Usage:").says("enable");
}

#[test]
fn the_help_lists_the_commands_there_are_and_the_exit_codes() {
    let help = TestEnvironment::new().run(&["--help"]).succeeds();
    assert_eq!(listed(&help.stdout), [&COMMANDS[..], &["help"]].concat());
    for code in ["0", "1", "2", "3", "4", "5", "130"] {
        assert!(help.stdout.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))), "{code}: {help}");
    }
}

#[test]
fn the_name_alone_shows_where_to_begin() {
    let env = TestEnvironment::new();
    let before = env.everything();
    env.run(&[]).exits(2).says("astro-aws init").says("Usage:");
    assert_eq!(env.everything(), before);
}

#[test]
fn the_version_is_the_crate_s() {
    let version = TestEnvironment::new().run(&["--version"]).succeeds();
    assert_eq!(version.stdout, format!("astro-aws {}\n", env!("CARGO_PKG_VERSION")));
}
