//! Proves what the editor promises without the SDK's reader; with it: `aws::shared_files`.

use super::*;

const DEV: Section<'_> = Section { prefix: Some("profile"), name: "dev" };

fn read(bytes: &[u8]) -> Ini {
    Ini::parse(bytes).unwrap()
}

fn set(before: &[u8], key: &str, value: &str) -> String {
    read(before).set(&DEV, &[(key, value)]).unwrap().bytes().escape_ascii().to_string()
}

#[test]
fn gives_a_value_without_its_comment_and_a_block_line_by_line() {
    let file = read(b"[profile dev]\nRegion = a#b\t# c\ns3 =\n  x = 1\n\n# c\n\ty = 2 # d\nempty = # c\n");
    for (key, value) in
        [("region", Some("a#b")), ("S3", Some("\nx = 1\ny = 2 # d")), ("empty", Some("")), ("x", None), ("y", None)]
    {
        assert_eq!(file.get(&DEV, key).unwrap(), value, "{key}");
    }
    assert_eq!(file.get(&Section { prefix: None, name: "dev" }, "region").unwrap(), None);
}

#[test]
fn tells_the_line_of_a_sections_first_header() {
    let file = read(b"\xEF\xBB\xBF# c\r\n[default]\r\n\r\n[profile dev]\r\n[profile dev]\r\n");
    assert_eq!(file.line_of(&DEV).unwrap(), Some(4));
    assert_eq!(file.line_of(&Section { prefix: None, name: "default" }).unwrap(), Some(2));
    assert_eq!(file.line_of(&Section { prefix: Some("profile"), name: "default" }).unwrap(), None);
}

#[test]
fn writes_a_value_for_an_empty_one_where_a_person_would() {
    assert_eq!(set(b"[profile dev]\nregion = # c\n", "region", "x"), "[profile dev]\\nregion = x # c\\n");
    assert_eq!(set(b"[profile dev]\nregion =\t\r\n", "region", "x"), "[profile dev]\\nregion =\\tx\\r\\n");
    assert_eq!(set(b"[profile dev]\nregion =", "region", "x"), "[profile dev]\\nregion = x");
}

#[test]
fn keeps_bytes_that_are_not_utf8_wherever_they_stand() {
    let before = b"# \xE9\n[profile \xFC]\na = \xE4\n[profile dev]\nregion = \xF6 ; \xDF\n";
    let after = "# \\xe9\\n[profile \\xfc]\\na = \\xe4\\n[profile dev]\\nregion = x ; \\xdf\\n";
    assert_eq!(set(before, "region", "x"), after);
}

#[test]
fn follows_the_line_ends_above_the_new_line() {
    assert_eq!(set(b"[profile dev]\r\na = b\r\n[x]\n", "c", "d"), "[profile dev]\\r\\na = b\\r\\nc = d\\r\\n[x]\\n");
    assert_eq!(set(b"[x]\r\na = b", "c", "d"), "[x]\\r\\na = b\\r\\n\\r\\n[profile dev]\\r\\nc = d");
    assert_eq!(set(b"[x]\r\n\r\n", "c", "d"), "[x]\\r\\n\\r\\n[profile dev]\\r\\nc = d\\r\\n");
}

#[test]
fn without_entries_nothing_changes() {
    assert_eq!(read(b"[default]\n").set(&DEV, &[]).unwrap().bytes(), b"[default]\n");
}

#[test]
fn refuses_what_the_sdks_cannot_read_and_names_the_line() {
    for (bytes, line, reason) in [
        (&b"\xFF\xFE[\0"[..], None, "UTF-16"),
        (b"\xFE\xFF\0[", None, "UTF-16"),
        (b"[default]\na = \0\n", Some(2), "NUL"),
        (b"[default]\na = b\r", Some(2), "carriage return"),
        (b"[default\n", Some(1), "no section header"),
        (b"[default] x\n", Some(1), "no section header"),
        (b"[profile a#b]\n", Some(1), "no section header"),
        (b"[default]\nhunter2\n", Some(2), "key = value"),
        (b"[default]\n= hunter2\n", Some(2), "key = value"),
        (b"[default]\ns3 =\n  # hunter2\n", Some(3), "nested block"),
    ] {
        let refusal = Ini::parse(bytes).unwrap_err();
        assert_eq!(refusal.line, line, "{refusal}");
        assert!(refusal.reason.contains(reason), "{refusal}");
        assert!(!format!("{refusal:?}").contains("hunter2"), "{refusal:?}");
    }
    assert!(Ini::parse(&vec![b'\n'; MAX_BYTES + 1]).unwrap_err().reason.contains("larger than 32 MiB"));
}

#[test]
fn no_value_shows_in_a_refusal_or_in_debug_output() {
    let file = read(b"[profile dev]\naws_secret_access_key = hunter2\n  hunter2\n");
    assert!(!format!("{file:?}").contains("hunter2"));
    for value in ["x", "hunter2 # c", "hunter2\n", ""] {
        let refusal = file.set(&DEV, &[("aws_secret_access_key", value)]).unwrap_err();
        assert!(!format!("{refusal:?}").contains("hunter2"), "{refusal:?}");
    }
}
