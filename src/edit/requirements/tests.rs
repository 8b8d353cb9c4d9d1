//! Proves what is read out of a file as pip reads it, and that an edit changes one line and nothing else.

use proptest::prelude::*;

use super::*;

const AMAZON: &str = "apache-airflow-providers-amazon";
const LINE: &str = "apache-airflow-providers-amazon>=5.1.0";

fn found(text: &str) -> Vec<(usize, String)> {
    let file = Requirements::parse(text.as_bytes()).unwrap();
    file.asking_for(AMAZON).map(|(line, found)| (line, found.specifiers.clone())).collect()
}

#[test]
fn a_distribution_is_found_in_every_form_that_pip_takes() {
    for (text, line, specifiers) in [
        ("apache-airflow-providers-amazon", 1, ""),
        ("Apache_Airflow.Providers--Amazon == 9.0.0", 1, "== 9.0.0"),
        ("apache-airflow-providers-amazon[s3fs, pandas]>=8,<9", 1, ">=8,<9"),
        ("apache-airflow-providers-amazon>=8 ; python_version > '3.9'", 1, ">=8"),
        ("apache-airflow-providers-amazon (>=8)", 1, ">=8"),
        ("# a\n\napache-airflow-providers-amazon~=8.1 # why", 3, "~=8.1"),
        ("a\n  apache-airflow-providers-amazon \\\n  >=8 \\\n  ,<9\nb", 2, ">=8   ,<9"),
        ("apache-airflow-providers-amazon==9.0.0 --hash=sha256:ab", 1, "==9.0.0"),
        ("apache-airflow-providers-amazon==9.0.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd", 1, "==9.0.0"),
        ("apache-airflow-providers-amazon @ https://example.com/x.whl", 1, ""),
        ("./wheels/apache_airflow_providers_amazon-9.0.0-py3-none-any.whl", 1, ""),
        ("https://x.example/apache_airflow_providers_amazon-9.0.0-py3-none-any.whl#sha256=ab", 1, ""),
        ("git+https://github.com/apache/airflow#egg=apache_airflow_providers_amazon&subdirectory=x", 1, ""),
        ("-e git+https://github.com/apache/airflow#egg=apache-airflow-providers-amazon", 1, ""),
        ("\u{feff}apache-airflow-providers-amazon", 1, ""),
        ("a\r\napache-airflow-providers-amazon\r\n", 2, ""),
        ("a\rapache-airflow-providers-amazon\rb", 2, ""),
    ] {
        assert_eq!(found(text), [(line, specifiers.to_owned())], "{text:?}");
    }
}

#[test]
fn what_only_looks_like_it_is_not_taken_for_it() {
    for text in [
        "# apache-airflow-providers-amazon",
        "  # apache-airflow-providers-amazon",
        "requests # apache-airflow-providers-amazon",
        "apache-airflow-providers-amazon-extra",
        "my-apache-airflow-providers-amazon",
        "requests \\\n  # apache-airflow-providers-amazon",
        "# a comment does not go on \\\n",
        "--index-url https://x.example/apache-airflow-providers-amazon",
        "",
    ] {
        assert_eq!(found(text), [], "{text:?}");
    }
}

#[test]
fn a_comment_that_ends_in_a_backslash_does_not_hide_the_next_line() {
    assert_eq!(found("# see below \\\napache-airflow-providers-amazon\n"), [(2, String::new())]);
}

#[test]
fn extras_are_read() {
    let file = Requirements::parse(b"apache-airflow[Amazon, google_auth]==2.10.0").unwrap();
    let (_, found) = file.asking_for("apache-airflow").next().unwrap();
    assert_eq!(found.extras, ["amazon", "google-auth"]);
}

#[test]
fn other_files_are_named() {
    let text = "-r base.txt\n--requirement=more.txt\n-c constraints.txt\n--constraint limits.txt\n-rtight.txt\n";
    let file = Requirements::parse(text.as_bytes()).unwrap();
    let statements: Vec<_> = file.lines().iter().map(|line| line.statement.clone()).collect();
    assert_eq!(
        statements,
        [
            Statement::Include("base.txt".to_owned()),
            Statement::Include("more.txt".to_owned()),
            Statement::Constraints("constraints.txt".to_owned()),
            Statement::Constraints("limits.txt".to_owned()),
            Statement::Include("tight.txt".to_owned()),
        ]
    );
}

#[test]
fn a_line_more_keeps_the_form_of_the_file() {
    for (before, after) in [
        ("", "apache-airflow-providers-amazon>=5.1.0\n"),
        ("a\n", "a\napache-airflow-providers-amazon>=5.1.0\n"),
        ("a", "a\napache-airflow-providers-amazon>=5.1.0"),
        ("a\r\nb\r\n", "a\r\nb\r\napache-airflow-providers-amazon>=5.1.0\r\n"),
        ("a\r\nb", "a\r\nb\r\napache-airflow-providers-amazon>=5.1.0"),
        ("\u{feff}", "\u{feff}apache-airflow-providers-amazon>=5.1.0\n"),
        ("# only a comment", "# only a comment\napache-airflow-providers-amazon>=5.1.0"),
        ("a\n\n\n", "a\n\n\napache-airflow-providers-amazon>=5.1.0\n"),
        ("# ends in \\\n", "# ends in \\\napache-airflow-providers-amazon>=5.1.0\n"),
    ] {
        let file = Requirements::parse(before.as_bytes()).unwrap();
        let edited = file.append(LINE).unwrap();
        assert_eq!(String::from_utf8_lossy(edited.bytes()), after, "{before:?}");
        assert_eq!(edited.remove(LINE).bytes(), before.as_bytes(), "{before:?}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_stay() {
    let file = Requirements::parse(b"# caf\xe9\nrequests\n").unwrap();
    assert_eq!(file.append(LINE).unwrap().bytes(), [&b"# caf\xe9\nrequests\n"[..], LINE.as_bytes(), b"\n"].concat());
}

#[test]
fn a_file_in_hash_mode_is_refused_with_the_line_to_paste() {
    for text in ["requests==2.0 --hash=sha256:ab\n", "--require-hashes\nrequests==2.0\n"] {
        let refusal = Requirements::parse(text.as_bytes()).unwrap().append(LINE).unwrap_err();
        assert_eq!(refusal.paste.as_deref(), Some("apache-airflow-providers-amazon>=5.1.0\n"), "{text}");
        assert!(refusal.reason.contains("hash"), "{}", refusal.reason);
    }
}

#[test]
fn a_line_that_goes_on_at_the_end_is_not_continued_with_ours() {
    for text in ["a\nrequests \\\n", "a\nrequests \\"] {
        let refusal = Requirements::parse(text.as_bytes()).unwrap().append(LINE).unwrap_err();
        assert_eq!((refusal.line, refusal.paste.is_some()), (Some(2), true), "{text:?}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    assert!(Requirements::parse(b"\xFF\xFEa\0").is_err());
    assert_eq!(Requirements::parse(b"a\nb\0").unwrap_err().line, Some(2));
    assert!(Requirements::parse(&vec![b'a'; crate::edit::MAX_BYTES + 1]).is_err());
}

#[test]
fn a_line_that_a_person_changed_is_not_removed() {
    let file = Requirements::parse(b"a\napache-airflow-providers-amazon>=9\n").unwrap();
    assert_eq!(file.remove(LINE), file);
}

#[test]
fn lines_that_came_behind_ours_stay() {
    let file = Requirements::parse(b"a\napache-airflow-providers-amazon>=5.1.0  # theirs\nb").unwrap();
    assert_eq!(file.remove(LINE).bytes(), b"a\nb");
}

proptest! {
    #[test]
    fn any_file_gets_one_line_or_none_and_loses_it_again(
        text in "([a-z=<>.0-9 \\\\#@;-]|\r\n|\n|\r|é){0,80}"
    ) {
        let file = Requirements::parse(text.as_bytes()).unwrap();
        if let Ok(edited) = file.append(LINE) {
            prop_assert!(edited.bytes().starts_with(text.as_bytes()));
            prop_assert!(edited.has(LINE));
            let removed = edited.remove(LINE);
            prop_assert_eq!(removed.bytes(), text.as_bytes());
        }
    }
}

#[derive(serde::Deserialize)]
struct Case {
    text: String,
    lines: Vec<CaseLine>,
}

#[derive(serde::Deserialize)]
struct CaseLine {
    number: usize,
    text: String,
    requirement: Option<CaseRequirement>,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct CaseRequirement {
    name: String,
    extras: Vec<String>,
    specifiers: Vec<String>,
}

/// Vectors of pip itself: fixtures/requirements/make.py.
#[test]
fn every_line_is_read_as_pip_reads_it() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../fixtures/requirements/lines.json")).unwrap();
    assert!(cases.len() >= 30);
    for Case { text, lines } in cases {
        let file = Requirements::parse(text.as_bytes()).unwrap();
        let ours: Vec<_> = file.lines().iter().map(|line| (line.number, line.text.clone())).collect();
        let theirs: Vec<_> = lines.iter().map(|line| (line.number, line.text.clone())).collect();
        assert_eq!(ours, theirs, "{text:?}");
        for (line, expected) in file.lines().iter().zip(lines) {
            let Some(expected) = expected.requirement else { continue };
            let Statement::Requirement(found) = &line.statement else { panic!("{text:?}: {line:?}") };
            let mut extras = found.extras.clone();
            extras.sort();
            let specifiers = found.specifiers.split(',').map(|one| one.replace(' ', ""));
            let mut specifiers: Vec<_> = specifiers.filter(|one| !one.is_empty()).collect();
            specifiers.sort();
            assert_eq!(CaseRequirement { name: found.name.clone(), extras, specifiers }, expected, "{text:?}");
        }
    }
}
