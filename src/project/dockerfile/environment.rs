//! The variables that a Dockerfile's ENV instructions give to its last stage, and so to every container.

use std::collections::BTreeMap;

use super::{Instruction, escape_character, expand, instructions, split_words, stage};

/// A variable of the image.
#[derive(Clone, PartialEq, Eq)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// Its value; where it needs a variable that is not known here, as written.
    pub value: String,
    /// The line of its instruction, from 1.
    pub line: usize,
}

impl std::fmt::Debug for Set {
    /// Without the value, which may be a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Set").field("name", &self.name).field("line", &self.line).finish_non_exhaustive()
    }
}

struct Stage {
    name: Option<String>,
    variables: Vec<Set>,
}

/// Every variable that ENV sets in the last stage and in the stages under it, in the order in which they count: the last
/// one of a name.
pub fn environment(text: &str) -> Vec<Set> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let escape = escape_character(text);
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in instructions(text, escape) {
        match (instruction.keyword.as_str(), stages.last_mut()) {
            ("FROM", _) => {
                let Ok(found) = stage(&instruction) else { continue };
                let is_below = |earlier: &&Stage| {
                    earlier.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&found.image))
                };
                let variables = stages.iter().rev().find(is_below).map(|below| below.variables.clone());
                stages.push(Stage { name: found.name, variables: variables.unwrap_or_default() });
            }
            ("ENV", Some(last)) => last.variables.extend(sets(&instruction, escape)),
            _ => {}
        }
    }
    stages.pop().map(|last| last.variables).unwrap_or_default()
}

/// `ENV A=1 B="2 3"`, or of old `ENV A 1`.
fn sets(instruction: &Instruction, escape: char) -> Vec<Set> {
    let of = |name: &str, written: &str| {
        let value = expand(written, &BTreeMap::new(), escape).unwrap_or_else(|_| written.to_owned());
        Set { name: name.to_owned(), value, line: instruction.line }
    };
    let words = split_words(&instruction.arguments, escape);
    if words.first().is_some_and(|first| first.contains('=')) {
        return words.iter().filter_map(|word| word.split_once('=')).map(|(name, value)| of(name, value)).collect();
    }
    let pair = instruction.arguments.split_once(char::is_whitespace);
    pair.map(|(name, value)| of(name, value.trim())).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String, usize)> {
        environment(text).into_iter().map(|set| (set.name, set.value, set.line)).collect()
    }

    fn set(name: &str, value: &str, line: usize) -> (String, String, usize) {
        (name.to_owned(), value.to_owned(), line)
    }

    #[test]
    fn every_form_of_env_is_read() {
        let text =
            "FROM x\nENV A=1 B=\"2 3\" C='{\"k\": \"v\"}'\nENV D 4 5\nenv E=a\\ b \\\n  F=6\nENV G={\\\"k\\\":1}\n";
        let expected = [
            set("A", "1", 2),
            set("B", "2 3", 2),
            set("C", "{\"k\": \"v\"}", 2),
            set("D", "4 5", 3),
            set("E", "a b", 4),
            set("F", "6", 4),
            set("G", "{\"k\":1}", 6),
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn the_last_stage_counts_with_the_stages_below_it() {
        let text = "ENV X=1\nFROM a AS base\nENV A=1\nFROM b AS other\nENV B=2\nFROM base\nENV C=$UNKNOWN\n";
        assert_eq!(found(text), [set("A", "1", 3), set("C", "$UNKNOWN", 7)]);
        assert_eq!(found(""), []);
    }

    #[test]
    fn a_value_is_in_no_debug_output() {
        assert!(!format!("{:?}", environment("FROM x\nENV A=s3kr1t")).contains("s3kr1t"));
    }
}
