//! Properties of edits on generated override files: nothing lost, exactly the new thing added, and removing it gives
//! the same bytes back.

use super::written::{Look, Part, SERVICES, look, text, tree};
use crate::edit::yaml::{Document, Step};
use proptest::prelude::*;
use proptest::sample::select;
use serde_yaml::Value;

const ITEM: &str = "/home/ana/.aws:/home/astro/.aws:ro";

fn read(text: &[u8]) -> Value {
    let mut value: Value =
        serde_yaml::from_slice(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)).expect("YAML");
    value.apply_merge().expect("merge keys");
    value
}

/// The value at a path of keys, made of mappings where it is missing.
fn at<'v>(value: &'v mut Value, keys: &[&str]) -> &'v mut Value {
    keys.iter().fold(value, |value, key| {
        if value.is_null() {
            *value = Value::Mapping(serde_yaml::Mapping::new());
        }
        value.as_mapping_mut().expect("a mapping").entry((*key).into()).or_insert(Value::Null)
    })
}

fn steps(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|key| Step::from(*key)).collect()
}

fn is_subsequence<T: PartialEq>(part: &[T], whole: &[T]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|wanted| rest.any(|found| found == wanted))
}

/// Appends, checks the value, removes again; gives the bytes after the appending.
fn append_and_remove(before: &str, service: &str) -> Result<Vec<u8>, TestCaseError> {
    let keys = ["services", service.trim_matches('"'), "volumes"];
    let document = Document::parse(before.as_bytes()).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
    let after =
        document.append_item(&steps(&keys), ITEM).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
    let mut expected = read(before.as_bytes());
    let list = at(&mut expected, &keys);
    match list {
        Value::Sequence(items) => items.push(ITEM.into()),
        _ => *list = Value::Sequence(vec![ITEM.into()]),
    }
    let last = list.as_sequence().map_or(0, |items| items.len() - 1);
    prop_assert_eq!(&read(after.bytes()), &expected);
    let mut path = steps(&keys);
    path.push(last.into());
    let removed = after.remove(&path).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
    prop_assert_eq!(String::from_utf8_lossy(removed.bytes()), before);
    Ok(after.bytes().to_vec())
}

fn insert_and_remove(before: &str, service: &str) -> Result<Vec<u8>, TestCaseError> {
    let keys = ["services", service.trim_matches('"'), "environment"];
    let fail = |refusal| TestCaseError::fail(format!("{refusal:?}"));
    let document = Document::parse(before.as_bytes()).map_err(fail)?;
    let after = document.insert_entry(&steps(&keys), "AWS_PROFILE", "dev").map_err(fail)?;
    let mut expected = read(before.as_bytes());
    *at(&mut expected, &[&keys[..], &["AWS_PROFILE"]].concat()) = "dev".into();
    prop_assert_eq!(&read(after.bytes()), &expected);
    let mut path = steps(&keys);
    path.push("AWS_PROFILE".into());
    let removed = after.remove(&path).map_err(fail)?;
    prop_assert_eq!(String::from_utf8_lossy(removed.bytes()), before);
    Ok(after.bytes().to_vec())
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect()
}

fn blocks_only(part: &Part) -> bool {
    match part {
        Part::List(flow, items) => !flow && items.iter().all(blocks_only),
        Part::Map(flow, entries) => !flow && entries.iter().all(|(_, part)| blocks_only(part)),
        Part::Scalar(_) | Part::Block(_) => true,
    }
}

fn file(flow: f64) -> impl Strategy<Value = (Part, Look)> {
    (tree(flow), look())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn adding_keeps_every_line_and_removing_gives_the_bytes_back((tree, look) in file(0.0), service in select(SERVICES.to_vec())) {
        let before = text(&tree, &look);
        for after in [append_and_remove(&before, service)?, insert_and_remove(&before, service)?] {
            prop_assert!(is_subsequence(before.as_bytes(), &after));
            if blocks_only(&tree) {
                prop_assert!(is_subsequence(&lines(before.as_bytes()), &lines(&after)), "{before}");
            }
        }
    }

    #[test]
    fn flow_style_keeps_every_byte_and_gives_them_back((tree, look) in file(0.7), service in select(SERVICES.to_vec())) {
        let before = text(&tree, &look);
        for after in [append_and_remove(&before, service)?, insert_and_remove(&before, service)?] {
            prop_assert!(is_subsequence(before.as_bytes(), &after));
        }
    }

    #[test]
    fn line_endings_stay_of_one_kind((tree, look) in file(0.3), service in select(SERVICES.to_vec())) {
        let before = text(&tree, &look);
        let after = append_and_remove(&before, service)?;
        let after = String::from_utf8_lossy(&after).into_owned();
        if before.contains("\r\n") {
            prop_assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
        } else {
            prop_assert!(!after.contains('\r'));
        }
    }
}
