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
fn an_empty_variable_counts_as_unset_but_is_known_to_be_there() {
    let env = Env::new(Os::Linux, [("AWS_PROFILE", "")]);
    assert_eq!(env.get("AWS_PROFILE"), None);
    assert!(env.is_set("AWS_PROFILE"));
    assert!(!env.is_set("AWS_REGION"));
}

#[test]
fn only_windows_ignores_the_case_of_names() {
    let variables = [("UserProfile", r"C:\Users\ana")];
    assert_eq!(Env::new(Os::Windows, variables).get("USERPROFILE"), Some(r"C:\Users\ana"));
    assert!(Env::new(Os::Windows, variables).is_set("userprofile"));
    assert_eq!(Env::new(Os::Wsl, variables).get("USERPROFILE"), None);
}

#[test]
fn a_child_process_gets_every_variable_the_empty_ones_too() {
    let env = Env::new(Os::Linux, [("B", ""), ("A", "1")]);
    let all: Vec<_> = env.iter().map(|(name, value)| (name, value.to_str().unwrap())).collect();
    assert_eq!(all, [("A", "1"), ("B", "")]);
}

#[test]
fn debug_output_shows_no_value_of_the_environment() {
    let env = Env::new(Os::Linux, [("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")]);
    let host = Host::new(Os::Linux, env, None, PathBuf::from("/"));
    let shown = format!("{host:?} {host:#?}");
    assert!(shown.contains("AWS_SECRET_ACCESS_KEY"));
    assert!(!shown.contains("wJalrXUtnFEMI"), "{shown}");
}

#[test]
fn the_account_home_serves_only_where_the_environment_names_none() {
    let account = || Some(HostPath::new(Os::Linux, "/var/lib/ana"));
    let with_home = Host::new(Os::Linux, Env::new(Os::Linux, [("HOME", "/home/ana")]), account(), "/".into());
    assert_eq!(with_home.home.unwrap().as_str(), "/home/ana");
    let without = Host::new(Os::Linux, Env::default(), account(), "/".into());
    assert_eq!(without.home.unwrap().as_str(), "/var/lib/ana");
}
