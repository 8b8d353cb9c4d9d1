//! Reading: what is refused, what the value holds, where things stand, and what messages offer.

use crate::edit::MAX_BYTES;
use crate::edit::yaml::{Document, Step};
use serde_yaml::Value;

fn read(text: &str) -> Document {
    Document::parse(text.as_bytes()).expect("valid YAML")
}

fn refusal(bytes: &[u8]) -> (Option<usize>, String) {
    let refusal = Document::parse(bytes).expect_err("refused");
    (refusal.line, refusal.reason)
}

fn path(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|key| Step::from(*key)).collect()
}

#[test]
fn refuses_what_is_no_text() {
    assert_eq!(refusal(b"a: b\nc: \xff\n"), (Some(2), "is not encoded as UTF-8".to_owned()));
    assert_eq!(refusal(b"a: b\n\0"), (Some(2), "holds a NUL byte, so it is not a text file in UTF-8".to_owned()));
    assert_eq!(refusal(b"\xff\xfea\0"), (None, "is encoded as UTF-16; save it as UTF-8".to_owned()));
    assert_eq!(refusal(&vec![b'\n'; MAX_BYTES + 1]), (None, "is larger than 1024 KiB".to_owned()));
    assert!(Document::parse(&vec![b'\n'; MAX_BYTES]).is_ok());
}

#[test]
fn refuses_bombs_and_towers() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{before}]\n");
    }
    let (line, reason) = refusal(bomb.as_bytes());
    assert_eq!(
        (line, reason.as_str()),
        (Some(6), "has aliases that expand to more values than a configuration can hold")
    );
    for tower in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(200), "? ".repeat(5_000)] {
        assert!(refusal(tower.as_bytes()).1.starts_with("is not valid YAML"));
    }
    read(&format!("{}{}", "[".repeat(90), "]".repeat(90)));
}

#[test]
fn the_value_has_aliases_and_merges_resolved_and_tags_kept() {
    let document = read(concat!(
        "x-a: &a {image: a, user: root}\n",
        "x-b: &b {<<: *a, image: b}\n",
        "services:\n  one: {<<: *b, user: me}\n  two: {<<: [*b, {image: c, init: true}]}\n",
        "  three: {ports: !reset [], image: !override x, same: *a}\n",
    ));
    let services = &document.value()["services"];
    assert_eq!(services["one"], serde_yaml::from_str::<Value>("{image: b, user: me}").unwrap());
    assert_eq!(services["two"], serde_yaml::from_str::<Value>("{image: b, user: root, init: true}").unwrap());
    assert!(matches!(&services["three"]["ports"], Value::Tagged(tagged) if tagged.tag == "!reset"));
    assert_eq!(services["three"]["same"]["user"], Value::from("root"));
}

#[test]
fn the_value_of_nothing_is_null() {
    for text in ["", "\u{feff}", "# only\n", "---\n", "--- # c\n...\n", "\n\n"] {
        assert!(read(text).value().is_null(), "{text:?}");
    }
    assert!(Document::empty().value().is_null());
    assert!(Document::empty().bytes().is_empty());
}

#[test]
fn lines_are_those_on_which_things_are_written() {
    let document = read(concat!(
        "# head\nx-a: &a\n  volumes:\n    - ./a\n    - ./b\n",
        "services:\n  one:\n    <<: *a\n    image: x\n  two: *a\n  three: {image: y}\n",
    ));
    let line = |keys: &[&str]| document.line_of(&path(keys));
    assert_eq!(line(&["services"]), Some(6));
    assert_eq!(line(&["services", "one", "image"]), Some(9));
    assert_eq!(line(&["services", "one", "volumes"]), Some(3));
    assert_eq!(line(&["services", "two"]), Some(10));
    assert_eq!(line(&["services", "three", "image"]), Some(11));
    assert_eq!(line(&["services", "four"]), None);
    let item = [path(&["services", "two", "volumes"]), vec![1.into()]].concat();
    assert_eq!(document.line_of(&item), Some(5));
    assert_eq!(Document::empty().line_of(&path(&["services"])), None);
}

#[test]
fn a_refused_edit_offers_the_lines_to_paste() {
    let document = read("services:\n  api-server: {volumes: &v [a]}\n  scheduler: {volumes: *v}\n");
    let place = path(&["services", "scheduler", "volumes"]);
    let refusal = document.append_item(&place, "./b:/b").expect_err("an alias");
    assert_eq!(refusal.line, Some(3));
    assert_eq!(refusal.paste.as_deref(), Some("services:\n  scheduler:\n    volumes:\n      - ./b:/b"));
    let refusal = document.insert_entry(&place, "on", "true").expect_err("an alias");
    assert_eq!(refusal.paste.as_deref(), Some("services:\n  scheduler:\n    volumes:\n      \"on\": \"true\""));
    let refusal = document.replace_scalar(&place, "none").expect_err("an alias");
    assert_eq!(refusal.paste.as_deref(), Some("services:\n  scheduler:\n    volumes: none"));
    let inside = [path(&["services", "scheduler", "volumes"]), vec![0.into()]].concat();
    assert_eq!(document.append_item(&inside, "x").expect_err("an alias").paste, None);
}

#[test]
fn several_edits_follow_each_other_and_can_be_taken_back() {
    let before = "# mine\nservices:\n  scheduler:\n    image: x\n";
    let volumes = path(&["services", "triggerer", "volumes"]);
    let environment = path(&["services", "triggerer", "environment"]);
    let after = read(before)
        .append_item(&volumes, "./a:/a")
        .and_then(|document| document.insert_entry(&environment, "AWS_PROFILE", "dev"))
        .expect("both fit");
    let text = String::from_utf8_lossy(after.bytes());
    assert_eq!(
        text,
        format!("{before}  triggerer:\n    volumes:\n      - ./a:/a\n    environment:\n      AWS_PROFILE: dev\n")
    );
    let undone = after
        .remove(&[volumes, vec![0.into()]].concat())
        .and_then(|document| document.remove(&[environment, path(&["AWS_PROFILE"])].concat()))
        .expect("both are there");
    assert_eq!(String::from_utf8_lossy(undone.bytes()), before);
}

#[test]
fn a_new_file_and_its_removal_leave_nothing() {
    let volumes = path(&["services", "scheduler", "volumes"]);
    let document = Document::empty().append_item(&volumes, "./a:/a").expect("an empty file takes anything");
    assert_eq!(document.bytes(), b"services:\n  scheduler:\n    volumes:\n      - ./a:/a\n");
    let removed = document.remove(&[volumes, vec![0.into()]].concat()).expect("it is there");
    assert_eq!(removed.bytes(), b"");
}

#[test]
fn debug_output_shows_no_content() {
    assert_eq!(format!("{:?}", read("password: secret\n")), "Document { bytes: 17, .. }");
}
