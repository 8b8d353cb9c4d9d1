//! Proves that every edit changes one assignment as Compose reads it, and no other byte.

use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> DotEnv {
    DotEnv::parse(bytes).unwrap()
}

fn text(file: &DotEnv) -> String {
    file.bytes().escape_ascii().to_string()
}

/// A form's name, the file, what `KEY` reads as, and the file after `set("KEY", "new")`.
type Form = (&'static str, &'static [u8], Option<&'static str>, &'static [u8]);

const FORMS: &[Form] = &[
    ("empty file", b"", None, b"KEY=new\n"),
    ("only a BOM", b"\xEF\xBB\xBF", None, b"\xEF\xBB\xBFKEY=new\n"),
    ("plain", b"KEY=old\n", Some("old"), b"KEY=new\n"),
    ("other keys only", b"A=1\nB=2\n", None, b"A=1\nB=2\nKEY=new\n"),
    ("no last newline, appended", b"A=1", None, b"A=1\nKEY=new"),
    ("no last newline, in place", b"KEY=old", Some("old"), b"KEY=new"),
    ("CRLF, appended", b"A=1\r\n", None, b"A=1\r\nKEY=new\r\n"),
    ("CRLF, in place", b"KEY=old\r\nB=2\r\n", Some("old"), b"KEY=new\r\nB=2\r\n"),
    ("CRLF, empty value", b"KEY=\r\nB=2\r\n", Some(""), b"KEY=new\r\nB=2\r\n"),
    ("CRLF, no last newline", b"A=1\r\nB=2", None, b"A=1\r\nB=2\r\nKEY=new"),
    ("BOM", b"\xEF\xBB\xBFKEY=old\n", Some("old"), b"\xEF\xBB\xBFKEY=new\n"),
    ("export", b"export KEY=old\n", Some("old"), b"export KEY=new\n"),
    ("export with a tab", b"export\tKEY=old\n", Some("old"), b"export\tKEY=new\n"),
    ("a key named export", b"export=1\nKEY=old\n", Some("old"), b"export=1\nKEY=new\n"),
    ("single quotes", b"KEY='old # $X \\n'\n", Some("old # $X \\n"), b"KEY=new\n"),
    ("double quotes", b"KEY=\"old \\\"a\\\"\\tb\"\n", Some("old \"a\"\tb"), b"KEY=new\n"),
    ("an escaped dollar", b"KEY=\"a\\$b\"\n", Some("a$$b"), b"KEY=new\n"),
    ("an octal escape", b"KEY=\"\\0123\\0\\0999\\q\"\n", Some("S\\\\999\\q"), b"KEY=new\n"),
    ("multi-line quotes", b"A=1\nKEY=\"one\ntwo\"\nB=2\n", Some("one\ntwo"), b"A=1\nKEY=new\nB=2\n"),
    ("inside another's quotes", b"A=\"\nKEY=no\n\"\n", None, b"A=\"\nKEY=no\n\"\nKEY=new\n"),
    ("inline comment", b"KEY=old # why\n", Some("old"), b"KEY=new # why\n"),
    ("inline comment behind quotes", b"KEY=\"old\"# why\n", Some("old"), b"KEY=new # why\n"),
    ("inline comment behind a tab", b"KEY='old'\t# why\n", Some("old"), b"KEY=new\t # why\n"),
    ("a comment for a value", b"KEY= # why\n", Some("# why"), b"KEY= new # why\n"),
    ("a colour for a value", b"KEY=#ffffff\n", Some("#ffffff"), b"KEY=new\n"),
    ("a hash inside", b"KEY=http://x/#frag\n", Some("http://x/#frag"), b"KEY=new\n"),
    ("KEY: value", b"KEY: old\n", Some("old"), b"KEY: new\n"),
    ("bare KEY", b"KEY\nA=1\n", None, b"KEY\nA=1\nKEY=new\n"),
    ("bare KEY without a newline", b"KEY", None, b"KEY\nKEY=new"),
    ("a commented-out KEY", b"# KEY=old\n", None, b"# KEY=old\nKEY=new\n"),
    ("duplicate keys", b"KEY=first\nA=1\nKEY=last\n", Some("last"), b"KEY=first\nA=1\nKEY=new\n"),
    ("spaces round =", b"  KEY = old  \n", Some("old"), b"  KEY = new  \n"),
    ("blanks for a value", b"KEY=  \nB=2\n", Some(""), b"KEY=  new\nB=2\n"),
    ("unicode", "NAME=Ana Müller\nKEY=späť\n".as_bytes(), Some("späť"), "NAME=Ana Müller\nKEY=new\n".as_bytes()),
    ("a Windows path", b"KEY=C:\\Users\\ana\\.aws\n", Some("C:\\Users\\ana\\.aws"), b"KEY=new\n"),
    ("an = in the value", b"KEY=a=b==\n", Some("a=b=="), b"KEY=new\n"),
    ("JSON", b"KEY={\"a\": \"b\"}\n", Some("{\"a\": \"b\"}"), b"KEY=new\n"),
    ("a Latin-1 comment", b"# gr\xFC\xDFe\nKEY=old # \xE4\n", Some("old"), b"# gr\xFC\xDFe\nKEY=new # \xE4\n"),
    ("a Latin-1 value", b"A=\xFC\nKEY=old\n", Some("old"), b"A=\xFC\nKEY=new\n"),
    ("another on the line before", b"A=\"x\" KEY=old\n", Some("old"), b"A=\"x\" KEY=new\n"),
    ("a key that only begins alike", b"KEY_2=a\nMY_KEY=b\n", None, b"KEY_2=a\nMY_KEY=b\nKEY=new\n"),
];

#[test]
fn every_form_is_read_as_compose_reads_it_and_edited_in_place() {
    for (form, before, value, after) in FORMS {
        let file = read(before);
        assert_eq!(file.get("KEY").map(|found| found.value.as_str()), *value, "{form}");
        let edited = file.set("KEY", "new").unwrap_or_else(|refusal| panic!("{form}: {refusal}"));
        assert_eq!(text(&edited), after.escape_ascii().to_string(), "{form}");
        assert_eq!(edited.get("KEY").unwrap().value, "new", "{form}");
        assert_eq!(edited.set("KEY", "new").unwrap(), edited, "{form}");
        if value.is_none() {
            assert_eq!(text(&edited.remove("KEY")), before.escape_ascii().to_string(), "{form}");
        }
    }
}

#[test]
fn removing_takes_the_lines_of_the_last_assignment_and_no_other() {
    let table: &[(&[u8], &[u8])] = &[
        (b"KEY=1\n", b""),
        (b"# why\n\nKEY=1 # inline\n\nB=2\n", b"# why\n\n\nB=2\n"),
        (b"A=1\nexport KEY='two\nlines'\nB=2\n", b"A=1\nB=2\n"),
        (b"KEY=1\nKEY=2\n", b"KEY=1\n"),
        (b"A=1\r\nKEY=1", b"A=1"),
        (b"\xEF\xBB\xBFKEY=1", b"\xEF\xBB\xBF"),
        (b"KEY=\"1\" B=2\n", b"B=2\n"),
        (b"A='1' KEY=2\n", b"A='1' \n"),
        (b"A=1\nKEY\n", b"A=1\nKEY\n"),
    ];
    for (before, after) in table {
        assert_eq!(text(&read(before).remove("KEY")), after.escape_ascii().to_string());
    }
}

#[test]
fn refuses_what_compose_cannot_read_and_names_the_line() {
    let table: &[(&[u8], Option<usize>, &str)] = &[
        (b"A=1\nB=\x002\n", Some(2), "NUL"),
        (b"A=1\n\nKEY=\"open\nB=2\n", Some(3), "never closed"),
        (b"A=1\nKEY='open\n", Some(2), "never closed"),
        (b"\xFF\xFEA\0=\x001\0", None, "UTF-16"),
        (b"\xFE\xFF\0A\0=\x001", None, "UTF-16"),
        (b"A=1\nnot a name=2\n", Some(2), "blank"),
        (b"A=1\nMIIE/x+hunter2\n", Some(2), "character"),
        (b"A=1\nexport ", Some(2), "without a name"),
        (b"MIIE_hunter2 and more", Some(1), "blank"),
    ];
    for (bytes, line, reason) in table {
        let refusal = DotEnv::parse(bytes).unwrap_err();
        assert_eq!(refusal.line, *line, "{refusal}");
        assert!(refusal.reason.contains(reason), "{refusal}");
        assert!(!format!("{refusal:?}").contains("hunter2"), "{refusal:?}");
    }
    let large = vec![b'\n'; crate::edit::MAX_BYTES + 1];
    assert!(DotEnv::parse(&large).unwrap_err().reason.contains("larger than 1024 KiB"));
}

#[test]
fn refuses_a_value_that_some_reader_takes_differently() {
    for value in
        [" x", "x ", "\tx", "x\u{a0}", "a\nb", "a\rb", "a\0b", "$HOME", "a # b", "a#b", "\"x\"", "'x'", "x\"", "`x`"]
    {
        let refusal = DotEnv::empty().set("KEY", value).unwrap_err();
        assert!(refusal.reason.starts_with("cannot hold the value of `KEY`"), "{value:?}: {refusal}");
    }
    for key in ["", "1KEY", "A-B", "A B", "A.B", "Ä", "A=B"] {
        assert!(DotEnv::empty().set(key, "x").is_err(), "{key:?}");
    }
}

#[test]
fn writes_the_values_that_every_reader_takes_alike() {
    for value in ["", "{\"a\": \"b c\"}", "C:\\Users\\ana\\.aws", "a=b==", "https://x/y?z=1", "späť", "a b\tc", "x:y"]
    {
        assert_eq!(DotEnv::empty().set("KEY", value).unwrap().bytes(), format!("KEY={value}\n").as_bytes());
    }
}

#[test]
fn refuses_an_edit_that_would_change_its_neighbour() {
    let refusal = read(b"A=1\nKEY=\"old\" B=2\n").set("KEY", "new").unwrap_err();
    assert_eq!(refusal.line, Some(2));
    let refusal = read(b"KEY=old # why\n").set("KEY", "").unwrap_err();
    assert_eq!(refusal.line, Some(1));
}

#[test]
fn keeps_an_equal_value_in_the_form_a_person_gave_it() {
    let file = read(b"export KEY = \"same\"  # why\n");
    assert_eq!(file.set("KEY", "same").unwrap(), file);
}

#[test]
fn debug_shows_no_value() {
    assert!(!format!("{:?}", read(b"AWS_SECRET_ACCESS_KEY=hunter2\n")).contains("hunter2"));
}

#[test]
fn tells_the_line_of_each_assignment() {
    let file = read(b"\n# c\nA='\n\n'\nB=2\n  C: 3");
    let lines: Vec<_> = file.assignments().map(|found| (found.key.as_str(), found.line)).collect();
    assert_eq!(lines, [("A", 3), ("B", 6), ("C", 7)]);
}

fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![Just("KEY".to_owned()), "[A-Z_]{1,3}"];
    let value = prop_oneof![
        "[a-z0-9/:=\\\\ #${}.ü\"']{0,8}".prop_map(|raw| raw.trim_start_matches(['"', '\'']).to_owned()),
        "\"[a-z0-9 #$'\n\t]{0,6}(\\\\[nt$\"\\\\])?\"",
        "'[a-z0-9 #$\"\n\r]{0,6}'",
    ];
    let assignment = ("( |\t)?(export )?", name, "( ?= ?|: )", value, "( # [a-z'\"]{0,4}|\t# c| )?")
        .prop_map(|(lead, name, separator, value, tail)| format!("{lead}{name}{separator}{value}{tail}").into_bytes());
    prop_oneof![
        6 => assignment,
        1 => Just(b"# caf\xE9 KEY=x".to_vec()),
        1 => "[ \t]{0,2}".prop_map(String::into_bytes),
        1 => Just(b"KEY".to_vec()),
    ]
}

prop_compose! {
    fn any_file()(
        bom in any::<bool>(),
        lines in prop::collection::vec((any_line(), prop_oneof![Just(&b"\n"[..]), Just(&b"\r\n"[..])]), 0..8),
        last_newline in any::<bool>(),
    ) -> Vec<u8> {
        let mut bytes = if bom { BOM.to_vec() } else { Vec::new() };
        for (line, newline) in &lines {
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(newline);
        }
        if !last_newline && bytes.ends_with(b"\n") {
            bytes.pop();
        }
        bytes
    }
}

fn writable() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9/:=\\\\{}\", .ü_-]{0,16}"
        .prop_filter("has a raw form", |value| require_portable_value("K", value).is_ok())
}

fn others(file: &DotEnv) -> Vec<(String, String)> {
    let last = file.position("KEY");
    let kept = file.assignments().enumerate().filter(|(at, _)| Some(*at) != last);
    kept.map(|(_, found)| (found.key.clone(), found.value.clone())).collect()
}

/// Whether `part`'s lines appear in `whole` in their order; a CR at the end of the file ends its last line.
fn in_order(part: &[u8], whole: &[u8]) -> bool {
    let lines =
        |bytes| <[u8]>::split(bytes, |&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut all = lines(whole);
    lines(part).all(|wanted| all.any(|line| line == wanted))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn setting_keeps_everything_else_and_is_read_back(before in any_file(), value in writable()) {
        let Ok(file) = DotEnv::parse(&before) else { return Ok(()) };
        let Ok(edited) = file.set("KEY", &value) else {
            // Only what stands behind the value on its line can be in the way.
            prop_assert!(file.get("KEY").is_some());
            return Ok(());
        };
        prop_assert_eq!(&edited.get("KEY").unwrap().value, &value);
        prop_assert_eq!(others(&edited), others(&file));
        prop_assert_eq!(&edited.set("KEY", &value).unwrap(), &edited);
        prop_assert_eq!(DotEnv::parse(edited.bytes()).unwrap(), edited.clone());
        match file.get("KEY") {
            None => {
                prop_assert!(edited.bytes().starts_with(&before));
                let undone = edited.remove("KEY");
                prop_assert_eq!(undone.bytes(), &before);
            }
            Some(present) => {
                let tail = before[present.written.end..].trim_ascii_start();
                prop_assert!(edited.bytes().starts_with(&before[..present.written.start]));
                prop_assert!(edited.bytes().ends_with(tail));
            }
        }
    }

    #[test]
    fn removing_keeps_every_other_line_in_its_order(before in any_file()) {
        let Ok(file) = DotEnv::parse(&before) else { return Ok(()) };
        let edited = file.remove("KEY");
        let rest: Vec<_> = edited.assignments().map(|found| (found.key.clone(), found.value.clone())).collect();
        prop_assert_eq!(rest, others(&file));
        if file.get("KEY").is_none() {
            prop_assert_eq!(edited.bytes(), &before);
        }
        let alone = file.get("KEY").is_none_or(|found| {
            let line = before[..found.whole.start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            parse::only_blanks(&before[line..found.whole.start]) && !parse::follows_on_line(&before, found.whole.end)
        });
        if alone {
            let content = edited.bytes().strip_prefix(BOM).unwrap_or(edited.bytes());
            prop_assert!(content.is_empty() || content.ends_with(b"\n") || !before.ends_with(b"\n"));
            prop_assert!(content.is_empty() || in_order(content, before.strip_prefix(BOM).unwrap_or(&before)));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop_oneof![
        any::<u8>(), Just(b'='), Just(b'"'), Just(b'\''), Just(b'\\'), Just(b'\n'), Just(b'\r'), Just(b'#'), Just(b' '),
        Just(b'A'), Just(b'0'), Just(b'\xC2'), Just(b'\xA0'),
    ], 0..64)) {
        if let Ok(file) = DotEnv::parse(&bytes) {
            prop_assert_eq!(file.bytes(), &bytes);
            if let Ok(edited) = file.set("KEY", "new") {
                prop_assert_eq!(&edited.get("KEY").unwrap().value, "new");
                if file.get("KEY").is_none() {
                    let undone = edited.remove("KEY");
                    prop_assert_eq!(undone.bytes(), &bytes);
                }
            }
            if let Some(key) = file.assignments().next().map(|found| found.key.clone()) {
                let count = file.assignments().count();
                prop_assert_eq!(file.remove(&key).assignments().count(), count - 1);
            }
        }
    }
}

#[test]
fn a_replaced_value_is_put_back_as_it_was_written() {
    for line in ["A=\"${HOME}/x\"\n", "export A='/x/y' # note\n", "A=a#b\n", "A=\n", "A: v\n", "A=\"two\nlines\"\n"] {
        let text = format!("X=1\n{line}Y=2\n");
        let file = DotEnv::parse(text.as_bytes()).unwrap();
        let written = file.written("A").unwrap().to_owned();
        let replaced = file.set("A", "/new").unwrap();
        assert_ne!(replaced.bytes(), file.bytes());
        assert_eq!(String::from_utf8_lossy(replaced.put_back("A", &written).unwrap().bytes()), text);
    }
}

#[test]
fn what_would_change_another_part_is_not_put_back() {
    let file = DotEnv::parse(b"A=1\nB=2\n").unwrap();
    assert!(file.put_back("A", "1\nC=3").is_err());
    assert!(file.put_back("A", "\"open").is_err());
    assert!(file.put_back("Z", "1").is_err());
}
