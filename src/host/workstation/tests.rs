//! Proves which home and which state folder a workstation has, and that showing it tells no value.

use super::*;

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

type Variables = &'static [(&'static str, &'static str)];

fn state(os: Os, home: Option<&str>, variables: &[(&str, &str)]) -> Option<String> {
    let home = home.map(|home| HostPath::new(os, home));
    let host = Host::new(os, Env::new(os, variables.iter().copied()), home, PathBuf::from("/"));
    state_dir(&host).map(|path| path.as_str().to_owned())
}

#[test]
fn the_state_folder_is_where_each_platform_keeps_state() {
    let cases: &[(Os, Option<&str>, Variables, Option<&str>)] = &[
        (Os::Linux, Some("/home/ana"), &[], Some("/home/ana/.local/state/astro-aws")),
        (Os::Wsl, Some("/home/ana"), &[], Some("/home/ana/.local/state/astro-aws")),
        (Os::Linux, Some("/home/ana"), &[("XDG_STATE_HOME", "/s")], Some("/s/astro-aws")),
        (Os::Linux, Some("/home/ana"), &[("XDG_STATE_HOME", "s")], Some("/home/ana/.local/state/astro-aws")),
        (Os::Linux, Some("/home/ana"), &[("XDG_STATE_HOME", "")], Some("/home/ana/.local/state/astro-aws")),
        (Os::Linux, None, &[("XDG_STATE_HOME", "/s")], Some("/s/astro-aws")),
        (Os::Linux, None, &[], None),
        (Os::MacOs, Some("/Users/ana"), &[], Some("/Users/ana/Library/Application Support/astro-aws")),
        (Os::Windows, Some(r"C:\Users\ana"), &[("LocalAppData", r"D:\Local")], Some(r"D:\Local\astro-aws")),
        (Os::Windows, Some(r"C:\Users\ana"), &[], Some(r"C:\Users\ana\AppData\Local\astro-aws")),
    ];
    for (os, home, variables, expected) in cases {
        assert_eq!(state(*os, *home, variables).as_deref(), *expected, "{os:?} {variables:?}");
    }
}
