//! Proves how paths of every system are joined, taken apart, translated for the engine, or refused.

use super::*;

fn engine(os: Os, text: &str) -> Result<String, PathError> {
    engine_path(os, &HostPath::new(os, text)).map(|path| path.as_str().to_owned())
}

#[test]
fn a_windows_path_becomes_a_path_with_its_drive_letter_first() {
    let cases = [
        (r"C:\Users\ana\.aws", "/c/Users/ana/.aws"),
        ("C:/Users/ana/.aws", "/c/Users/ana/.aws"),
        (r"d:\Users/ana\.aws\", "/d/Users/ana/.aws"),
        (r"\\?\C:\Users\ana\.aws", "/c/Users/ana/.aws"),
        (r"C:\Users\Ana María\.aws", "/c/Users/Ana María/.aws"),
        (r"C:\Users\安娜\.aws", "/c/Users/安娜/.aws"),
        (r"C:\\Users\.\ana", "/c/Users/ana"),
        (r"C:\Users\ana\..\bob\.aws", "/c/Users/bob/.aws"),
        (r"C:\", "/c"),
    ];
    for (host, expected) in cases {
        assert_eq!(engine(Os::Windows, host).as_deref(), Ok(expected), "{host}");
    }
}

#[test]
fn a_unix_path_stays_as_it_is() {
    let cases = ["/home/ana/.aws", "/Users/Ana María/.aws", "/home/ana/a\\b", "/mnt/c/Users/ana/.aws", "/"];
    for os in [Os::Linux, Os::MacOs, Os::Wsl] {
        for path in cases {
            assert_eq!(engine(os, path).as_deref(), Ok(path), "{os:?}");
        }
    }
}

#[test]
fn what_a_volume_line_cannot_carry_is_refused_with_its_reason() {
    let own = str::to_owned;
    let cases = [
        (Os::Linux, ".aws", PathError::Relative(own(".aws"))),
        (Os::Linux, "", PathError::Relative(own(""))),
        (Os::Linux, "~/.aws", PathError::Relative(own("~/.aws"))),
        (Os::Linux, "/home/a:b/.aws", PathError::Colon(own("/home/a:b/.aws"))),
        (Os::MacOs, "/Users/a\nb/.aws", PathError::ControlCharacter(own("/Users/a\\nb/.aws"))),
        (Os::Linux, "/home/a\u{7f}b", PathError::ControlCharacter(own("/home/a\\u{7f}b"))),
        (Os::Windows, r"Users\ana", PathError::Relative(own(r"Users\ana"))),
        (Os::Windows, r"C:ana", PathError::Relative(own(r"C:ana"))),
        (Os::Windows, r"\Users\ana", PathError::Relative(own(r"\Users\ana"))),
        (Os::Windows, "/c/Users/ana", PathError::Relative(own("/c/Users/ana"))),
        (Os::Windows, r"C:\Users\a:b", PathError::Colon(own(r"C:\Users\a:b"))),
        (Os::Windows, r"\\server\share\ana", PathError::NetworkShare(own(r"\\server\share\ana"))),
        (Os::Windows, "//server/share", PathError::NetworkShare(own("//server/share"))),
        (Os::Windows, r"\\?\UNC\server\share", PathError::NetworkShare(own(r"\\?\UNC\server\share"))),
        (Os::Windows, r"\\wsl$\Debian\home\ana", PathError::InsideWsl(own(r"\\wsl$\Debian\home\ana"))),
        (Os::Windows, r"\\wsl.localhost\Debian\home", PathError::InsideWsl(own(r"\\wsl.localhost\Debian\home"))),
        (Os::Windows, r"\\?\Volume{9a3b}\Users", PathError::NoDriveLetter(own(r"\\?\Volume{9a3b}\Users"))),
    ];
    for (os, path, expected) in cases {
        assert_eq!(engine(os, path), Err(expected), "{os:?} {path}");
    }
}

#[test]
fn every_refusal_names_the_path() {
    for (os, path) in [(Os::Linux, "x/y"), (Os::Linux, "/x:y"), (Os::Windows, r"\\s\x"), (Os::Windows, r"\\wsl$\x")] {
        let message = engine(os, path).unwrap_err().to_string();
        assert!(message.contains(&format!("`{path}`")), "{message}");
    }
}

#[test]
fn a_dollar_is_doubled_for_compose() {
    let path = engine_path(Os::Linux, &HostPath::new(Os::Linux, "/home/ana/$work/.aws")).unwrap();
    assert_eq!(path.in_compose(), "/home/ana/$$work/.aws");
    assert_eq!(path.short_volume("/home/astro/.aws", "ro"), "/home/ana/$$work/.aws:/home/astro/.aws:ro");
    assert_eq!(path.as_str(), "/home/ana/$work/.aws");
}

#[test]
fn paths_are_joined_with_the_separator_of_their_host() {
    let cases = [
        (Os::Linux, "/home/ana", ".aws/config", "/home/ana/.aws/config"),
        (Os::Linux, "/", ".aws", "/.aws"),
        (Os::MacOs, "/Users/ana/", "x", "/Users/ana/x"),
        (Os::Windows, r"C:\Users\ana", ".aws/config", r"C:\Users\ana\.aws\config"),
        (Os::Windows, "C:/Users/ana/", ".aws", r"C:/Users/ana/.aws"),
        (Os::Windows, r"C:\", ".aws", r"C:\.aws"),
    ];
    for (os, base, relative, expected) in cases {
        assert_eq!(HostPath::new(os, base).join(relative).as_str(), expected);
    }
}

#[test]
fn parent_and_file_name_follow_the_rules_of_the_host() {
    let cases = [
        (Os::Linux, "/home/ana/.aws/config", Some("/home/ana/.aws"), Some("config")),
        (Os::Linux, "/config", Some("/"), Some("config")),
        (Os::Linux, "config", None, Some("config")),
        (Os::Linux, "/", None, None),
        (Os::Linux, r"/home/a\b", Some("/home"), Some(r"a\b")),
        (Os::Windows, r"C:\Users\ana", Some(r"C:\Users"), Some("ana")),
        (Os::Windows, r"C:\ana", Some(r"C:\"), Some("ana")),
        (Os::Windows, r"C:/Users\ana/config", Some(r"C:/Users\ana"), Some("config")),
    ];
    for (os, text, parent, name) in cases {
        let path = HostPath::new(os, text);
        assert_eq!(path.parent().as_ref().map(HostPath::as_str), parent, "{text}");
        assert_eq!(path.file_name(), name, "{text}");
    }
}

#[test]
fn case_and_slashes_matter_on_unix_alone() {
    let same = |os, a: &str, b: &str| HostPath::new(os, a).is_same_text(&HostPath::new(os, b));
    assert!(same(Os::Windows, r"C:\Users\Ana", "c:/users/ana"));
    assert!(!same(Os::Linux, "/home/Ana", "/home/ana"));
    assert!(same(Os::Linux, "/home/ana", "/home/ana"));
}
