//! Any config, any edit: the SDK reads the target changed and all else as before, and every other byte stays.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::super::*;
use crate::aws::profile::ProfileSet;

/// What is written, and what it means: key (in lower case) and value.
type Line = (Vec<u8>, Option<(String, String)>);
/// A section's meaning: prefix and name.
type Name = (&'static str, &'static str);

const NAMES: [(Name, &[&str]); 6] = [
    (("profile", "default"), &["[default]", "[default]# c", "[profile default]", "[profile 'default']"]),
    (
        ("profile", "dev"),
        &["[profile dev]", "[profile  dev]", "[profile\tdev ]", "[profile \"dev\"]", "[profile dev]  # c"],
    ),
    (("profile", "my dev"), &["[profile 'my dev']", "[profile \"my dev\" ]"]),
    (("sso-session", "dev"), &["[sso-session dev]", "[sso-session\tdev]", "[sso-session 'dev'] ; c"]),
    (("sso-session", "my dev"), &["[sso-session 'my dev']"]),
    (("services", "dev"), &["[services dev]", "[dev]", "[a [b]"]),
];

const KEYS: [&str; 5] = ["region", "Region", "sso_region", "s3", "output"];

fn any_line() -> impl Strategy<Value = Line> {
    let key = prop::sample::select(&KEYS[..]);
    let value = "[a-z0-9:/.=#\"'\\\\]{0,6}".prop_filter("no comment", |value| !value.starts_with('#'));
    let property = (key.clone(), "[ \t]{0,2}=[ \t]{0,2}", value, "([ \t]{1,2}|[ \t][#;][a-z #]{0,4})?");
    let property = property.prop_map(|(key, equals, value, tail)| {
        (format!("{key}{equals}{value}{tail}").into_bytes(), Some((key.to_ascii_lowercase(), value)))
    });
    let nested = (key, prop::collection::vec("  (region|a) ?= ?[a-z]{0,3}", 1..3)).prop_map(|(key, lines)| {
        let value: String = lines.iter().map(|line| format!("\n{}", line.trim())).collect();
        (format!("{key} =\n{}", lines.join("\n")).into_bytes(), Some((key.to_ascii_lowercase(), value)))
    });
    prop_oneof![
        6 => property,
        1 => nested,
        1 => "[#;][a-z= \\[\\]]{0,6}".prop_map(|comment| (comment.into_bytes(), None)),
        1 => Just((b"# caf\xE9".to_vec(), None)),
        1 => "[ \t]{0,2}".prop_map(|blank| (blank.into_bytes(), None)),
    ]
}

/// A file's bytes, and what each of its sections means.
#[derive(Debug, Clone)]
struct Config {
    bytes: Vec<u8>,
    meaning: BTreeMap<Name, BTreeMap<String, String>>,
}

fn any_config() -> impl Strategy<Value = Config> {
    let spellings: Vec<_> = NAMES.iter().map(|(_, spellings)| prop::sample::select(*spellings)).collect();
    let section = (0..NAMES.len(), prop::collection::vec(any_line(), 0..6));
    let sections = prop::collection::vec(section, 0..6);
    let comments = prop::sample::select(&["", "# c\n", "\n", " \n;[profile dev]\n"][..]);
    (spellings, comments, sections, any::<(bool, bool, bool)>()).prop_map(
        |(spellings, comments, sections, (has_bom, is_crlf, is_finished))| {
            let mut text = comments.as_bytes().to_vec();
            let mut meaning: BTreeMap<Name, BTreeMap<String, String>> = BTreeMap::new();
            for (name, lines) in sections {
                text.extend_from_slice(spellings[name].as_bytes());
                text.push(b'\n');
                let properties = meaning.entry(NAMES[name].0).or_default();
                for (line, property) in lines {
                    text.extend(line);
                    text.push(b'\n');
                    properties.extend(property);
                }
            }
            if !is_finished {
                text.pop();
            }
            let mut bytes = if has_bom { b"\xEF\xBB\xBF".to_vec() } else { Vec::new() };
            for byte in text {
                if byte == b'\n' && is_crlf {
                    bytes.push(b'\r');
                }
                bytes.push(byte);
            }
            Config { bytes, meaning }
        },
    )
}

fn edit(bytes: &[u8], (prefix, name): Name, entries: &[(&str, &str)]) -> Result<Vec<u8>, Refusal> {
    if prefix == "profile" {
        with_profile(Some(bytes), SharedFile::Config, name, entries)
    } else {
        with_sso_session(Some(bytes), name, entries)
    }
}

fn sdk(bytes: &[u8]) -> Result<ProfileSet, String> {
    let text = String::from_utf8_lossy(bytes);
    ProfileSet::parse((Path::new("config"), &text), (Path::new("credentials"), "")).map_err(|error| error.to_string())
}

/// Whether the SDK reads in `bytes` exactly what `meaning` says of profiles and sso-sessions.
fn assert_read(bytes: &[u8], meaning: &BTreeMap<Name, BTreeMap<String, String>>) -> Result<(), TestCaseError> {
    let set = sdk(bytes).map_err(TestCaseError::fail)?;
    let profiles: Vec<_> = meaning.keys().filter(|(prefix, _)| *prefix == "profile").map(|(_, name)| *name).collect();
    prop_assert_eq!(set.names(), profiles);
    for ((prefix, name), properties) in meaning {
        for key in ["region", "sso_region", "s3", "output", "new_key"] {
            let found = match *prefix {
                "profile" => set.property(name, key),
                "sso-session" => set.sso_session_property(name, key),
                _ => continue,
            };
            prop_assert_eq!(found, properties.get(key).map(String::as_str), "{} {} {}", prefix, name, key);
        }
    }
    Ok(())
}

/// How many bytes both begin and end with alike, without counting one twice.
fn common(one: &[u8], other: &[u8]) -> (usize, usize) {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    (start, one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count())
}

proptest! {
    #[test]
    fn any_edit_of_any_config_changes_its_target_and_no_other_byte(
        config in any_config(),
        target in 0..NAMES.len() - 1,
        key in prop::sample::select(&["region", "SSO_Region", "s3", "new_key"][..]),
        value in "[a-z0-9:/.=\"'\\\\][a-z0-9:/.=#\"'\\\\]{0,6}",
    ) {
        let name = NAMES[target].0;
        let lower = key.to_ascii_lowercase();
        assert_read(&config.bytes, &config.meaning)?;
        let present = config.meaning.get(&name).and_then(|properties| properties.get(&lower)).cloned();
        let after = match edit(&config.bytes, name, &[(key, &value)]) {
            Ok(after) => after,
            Err(refusal) => {
                let is_block = present.is_some_and(|present| present.contains('\n'));
                prop_assert!(is_block && refusal.line.is_some(), "{}", refusal);
                return Ok(());
            }
        };
        let mut meaning = config.meaning.clone();
        meaning.entry(name).or_default().insert(lower, value.clone());
        assert_read(&after, &meaning)?;

        let (start, end) = common(&config.bytes, &after);
        let gone = config.bytes[start..config.bytes.len() - end].escape_ascii().to_string();
        let old = present.unwrap_or_default().as_bytes().escape_ascii().to_string();
        prop_assert!(old.contains(&gone), "{} was not the value's", gone);
        let had_no_line = config.bytes.is_empty() || config.bytes == b"\xEF\xBB\xBF";
        prop_assert_eq!(after.ends_with(b"\n"), had_no_line || config.bytes.ends_with(b"\n"));
        prop_assert_eq!(edit(&after, name, &[(key, &value)]).unwrap(), after);
    }

    #[test]
    fn what_the_editor_reads_the_sdk_reads_too(
        lines in prop::collection::vec("( {0,2}(\\[(profile ['\"]?)?[a ]{1,2}['\"]?\\]?|[a:=# \t;'\\]é\u{a0}]{0,5}) ?\r?\n)", 0..6)
    ) {
        let text = lines.concat();
        if Ini::parse(text.as_bytes()).is_ok() {
            prop_assert_eq!(sdk(text.as_bytes()).map(|_| ()), Ok(()));
            // Whatever the answer is, there is one.
            let _ = edit(text.as_bytes(), ("profile", "a"), &[("a", "b")]);
        }
    }
}
