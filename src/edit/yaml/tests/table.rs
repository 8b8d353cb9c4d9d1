//! Hand-made override files (`fixtures/override/*.cases`), each edited to the very bytes that are expected or refused
//! with the right line.
//!
//! A case is `=== name`, `> operation`, the file before, then `--- after` and the file after, or
//! `--- refused LINE: words of the reason`. `␍` stands for a carriage return, `⇥` for a tab, `⎆` for a byte-order mark,
//! `␤` for U+2028, `␁` for U+0001, and `∎` for the end of a file without a last line ending.

use crate::edit::Refusal;
use crate::edit::yaml::{Document, Step};
use std::fmt::Write as _;
use std::path::Path;

pub(super) struct Case {
    pub(super) name: String,
    pub(super) operation: String,
    pub(super) before: String,
    expected: Expected,
}

enum Expected {
    After(String),
    Refused { line: Option<usize>, reason: String },
}

pub(super) fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/override").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("=== ").skip(1).map(case).collect()
}

fn case(text: &str) -> Case {
    let (name, rest) = text.split_once('\n').expect("a name");
    let (operation, rest) = rest.strip_prefix("> ").and_then(|rest| rest.split_once('\n')).expect("an operation");
    let (before, expected) = rest.split_once("--- after\n").map_or_else(
        || {
            let (before, refused) = rest.split_once("--- refused ").unwrap_or_else(|| panic!("{name}: no expectation"));
            let (line, reason) = refused.split_once(": ").expect("LINE: reason");
            (before, Expected::Refused { line: line.parse().ok(), reason: reason.trim_end().to_owned() })
        },
        |(before, after)| (before, Expected::After(unmark(after))),
    );
    Case { name: name.to_owned(), operation: operation.to_owned(), before: unmark(before), expected }
}

fn unmark(text: &str) -> String {
    text.replace("∎\n", "")
        .replace('␍', "\r")
        .replace('⇥', "\t")
        .replace('⎆', "\u{feff}")
        .replace('␤', "\u{2028}")
        .replace('␁', "\u{1}")
}

fn mark(text: &str) -> String {
    let text = text.replace('\r', "␍").replace('\t', "⇥").replace('\u{feff}', "⎆").replace('\u{2028}', "␤");
    if text.is_empty() || text.ends_with('\n') { text } else { text + "∎\n" }
}

fn path(words: &str) -> Vec<Step> {
    words
        .split_whitespace()
        .map(|word| word.parse().map_or_else(|_| Step::from(word), |index: usize| index.into()))
        .collect()
}

pub(super) fn run(before: &str, operation: &str) -> Result<Document, Refusal> {
    let document = Document::parse(before.as_bytes())?;
    let (verb, rest) = operation.split_once(' ').unwrap_or((operation, ""));
    let (place, value) = rest.split_once("= ").unwrap_or((rest, ""));
    match verb {
        "append" => document.append_item(&path(place), value),
        "insert" => {
            let mut place = path(place);
            let Some(Step::Key(key)) = place.pop() else { panic!("no key in {operation}") };
            document.insert_entry(&place, &key, value)
        }
        "replace" => document.replace_scalar(&path(place), value),
        "remove" => document.remove(&path(place)),
        "parse" => Ok(document),
        _ => panic!("unknown operation {operation}"),
    }
}

fn failures(file: &str) -> String {
    let mut failures = String::new();
    for case in cases(file) {
        let outcome = run(&case.before, &case.operation);
        let is_right = match (&outcome, &case.expected) {
            (Ok(document), Expected::After(after)) => document.bytes() == after.as_bytes(),
            (Err(refusal), Expected::Refused { line, reason }) => {
                refusal.line == *line && refusal.reason.contains(reason.as_str())
            }
            _ => false,
        };
        if !is_right {
            let found = match outcome {
                Ok(document) => format!("--- after\n{}", mark(&String::from_utf8_lossy(document.bytes()))),
                Err(refusal) => {
                    let line = refusal.line.map_or("-".to_owned(), |line| line.to_string());
                    format!("--- refused {line}: {}\n", refusal.reason)
                }
            };
            let _ = write!(failures, "=== {}\n> {}\n{}{found}", case.name, case.operation, mark(&case.before));
        }
    }
    failures
}

macro_rules! table {
    ($($promise:ident: $file:literal,)*) => {$(
        #[test]
        fn $promise() {
            let failures = failures($file);
            assert!(failures.is_empty(), "these cases came out otherwise:\n{failures}");
        }
    )*};
}

table! {
    appends_to_lists_of_every_shape: "append.cases",
    inserts_entries_into_mappings_of_every_shape: "insert.cases",
    replaces_scalars_of_every_style: "replace.cases",
    refuses_what_cannot_be_edited_safely: "refuse.cases",
    reads_strictly: "parse.cases",
    removes_what_is_named_and_what_that_empties: "remove.cases",
}
