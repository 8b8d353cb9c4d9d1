//! Proves how the system is told, how variables are looked up, and what a child process gets.

use super::*;

fn detect(target: &str, kernel_release: &str, dockerenv_exists: bool) -> Os {
    Os::detect(OsClues { target, kernel_release, dockerenv_exists })
}

#[test]
fn tells_the_four_operating_systems_apart() {
    let cases = [
        ("linux", "6.8.0-45-generic\n", false, Os::Linux),
        ("linux", "", false, Os::Linux),
        ("linux", "5.15.153.1-microsoft-standard-WSL2\n", false, Os::Wsl),
        ("linux", "4.4.0-19041-Microsoft\n", false, Os::Wsl),
        ("macos", "", false, Os::MacOs),
        ("windows", "", false, Os::Windows),
        ("freebsd", "", false, Os::Linux),
    ];
    for (target, release, dockerenv, expected) in cases {
        assert_eq!(detect(target, release, dockerenv), expected, "{target} {release}");
    }
}

#[test]
fn a_container_on_a_wsl_kernel_is_plain_linux() {
    assert_eq!(detect("linux", "5.15.153.1-microsoft-standard-WSL2", true), Os::Linux);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let env = Env::new(Os::Linux, [("AWS_PROFILE", "")]);
    assert_eq!(env.get("AWS_PROFILE"), None);
}

#[test]
fn only_windows_ignores_the_case_of_names() {
    let variables = [("UserProfile", r"C:\Users\ana")];
    assert_eq!(Env::new(Os::Windows, variables).get("USERPROFILE"), Some(r"C:\Users\ana"));
    assert_eq!(Env::new(Os::Wsl, variables).get("USERPROFILE"), None);
}

#[test]
fn a_child_process_gets_every_variable_the_empty_ones_too() {
    let env = Env::new(Os::Linux, [("B", ""), ("A", "1")]);
    let all: Vec<_> = env.iter().map(|(name, value)| (name, value.to_str().unwrap())).collect();
    assert_eq!(all, [("A", "1"), ("B", "")]);
}
