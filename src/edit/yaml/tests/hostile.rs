//! Whatever the bytes: no panic, and no result that a YAML reader takes for anything but the one change.

use super::table::cases;
use crate::edit::yaml::{Document, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_yaml::Value;

fn texts() -> Vec<String> {
    let files = ["append.cases", "insert.cases", "replace.cases", "remove.cases", "refuse.cases", "parse.cases"];
    files.into_iter().flat_map(cases).map(|case| case.before).collect()
}

/// Every path of the value, the document itself first.
fn paths(value: &Value, here: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    found.push(here.clone());
    let children: Vec<(Step, &Value)> = match value {
        Value::Mapping(entries) => entries
            .iter()
            .filter_map(|(key, value)| match key {
                Value::String(key) => Some((Step::from(key.as_str()), value)),
                _ => None,
            })
            .collect(),
        Value::Sequence(items) => items.iter().enumerate().map(|(index, value)| (Step::from(index), value)).collect(),
        Value::Tagged(tagged) => return paths(&tagged.value, here, found),
        _ => Vec::new(),
    };
    for (step, child) in children {
        here.push(step);
        paths(child, here, found);
        here.pop();
    }
}

fn at<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| {
        let mut value = value;
        while let Value::Tagged(tagged) = value {
            value = &mut tagged.value;
        }
        match step {
            Step::Key(key) => value.as_mapping_mut()?.get_mut(key.as_str()),
            Step::Index(index) => value.as_sequence_mut()?.get_mut(*index),
        }
    })
}

/// Tries every edit at every place; what succeeds must read as expected by the second parser alone.
fn try_everything(bytes: &[u8]) -> usize {
    let Ok(document) = Document::parse(bytes) else { return 0 };
    let mut found = Vec::new();
    paths(document.value(), &mut Vec::new(), &mut found);
    let mut succeeded = 0;
    for path in found.iter().take(40) {
        assert!(document.line_of(path).is_some() || document.value().is_null(), "no line for {path:?}");
        for (edited, key) in [
            (document.append_item(path, "a: b"), None),
            (document.insert_entry(path, "n", "a: b"), Some("n")),
            (document.replace_scalar(path, "a: b"), Some("")),
        ] {
            let Ok(edited) = edited else { continue };
            succeeded += 1;
            let mut value = reread(&edited);
            let place = at(&mut value, path).expect("the place");
            while let Value::Tagged(tagged) = place {
                *place = tagged.value.clone();
            }
            match key {
                None => assert_eq!(place.as_sequence().and_then(|items| items.last()), Some(&"a: b".into())),
                Some("") => assert_eq!(*place, Value::from("a: b")),
                Some(key) => assert_eq!(place[key], Value::from("a: b")),
            }
        }
        if let Ok(removed) = document.remove(path) {
            succeeded += 1;
            assert_ne!(reread(&removed), *document.value());
        }
    }
    succeeded
}

/// The value as the second parser reads it again from the bytes.
fn reread(document: &Document) -> Value {
    let again = Document::parse(document.bytes()).expect("valid YAML");
    assert_eq!(again.value(), document.value());
    again.value().clone()
}

#[test]
fn every_edit_at_every_place_of_the_fixtures_is_right_or_refused() {
    let succeeded: usize = texts().iter().map(|text| try_everything(text.as_bytes())).sum();
    assert!(succeeded > 1000, "only {succeeded} edits were possible");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..200)) {
        try_everything(&bytes);
    }

    #[test]
    fn arbitrary_yaml_tokens_do_no_harm(tokens in vec(select(TOKENS.to_vec()), 0..30)) {
        try_everything(tokens.concat().as_bytes());
    }

    #[test]
    fn damaged_fixtures_do_no_harm(
        text in select(texts()), from in any::<prop::sample::Index>(), length in 0_usize..12, token in select(TOKENS.to_vec()),
    ) {
        let mut bytes = text.into_bytes();
        let from = from.index(bytes.len() + 1);
        let to = bytes.len().min(from + length);
        bytes.splice(from..to, token.bytes());
        try_everything(&bytes);
    }
}

const TOKENS: &[&str] = &[
    "",
    "\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "    ",
    "\t",
    "- ",
    "-",
    "? ",
    ": ",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "#",
    " # c\n",
    "&a ",
    "*a",
    "<<: ",
    "<<: *a\n",
    "!override ",
    "!reset ",
    "!t ",
    "|",
    "|+\n",
    ">-\n",
    "'",
    "\"",
    "---\n",
    "--- ",
    "...\n",
    "%YAML 1.1\n",
    "~",
    "null",
    "a",
    "b: ",
    "c:\n",
    "é",
    "\u{feff}",
    "\u{2028}",
    "\0",
    "services:\n",
    "  volumes:\n",
    "    - x\n",
    "\n\n",
];
