//! An identity-based IAM policy, as far as the two services come across: Allow and Deny, Action, Resource and the string
//! conditions. What it does not know it refuses to take, so that no policy is believed that was not understood.

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in super::super) struct Policy {
    #[serde(rename = "Version")]
    _version: String,
    #[serde(rename = "Id")]
    _id: Option<String>,
    #[serde(rename = "Statement")]
    statements: OneOrMany<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    effect: Effect,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
    #[serde(default)]
    condition: Map<String, Value>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Policy {
    /// # Errors
    /// In words, where it is none, or has a condition that nothing here understands.
    pub(in super::super) fn parse(document: Value) -> Result<Self, String> {
        let policy: Self = serde_json::from_value(document).map_err(|error| error.to_string())?;
        for operator in policy.statements.as_slice().iter().flat_map(|statement| statement.condition.keys()) {
            if !["StringEquals", "StringLike", "ArnEquals", "ArnLike"].contains(&operator.as_str()) {
                return Err(format!("no condition operator {operator} is known here"));
            }
        }
        Ok(policy)
    }

    pub(super) fn allows(&self, action: &str, resource: &str, context: &[(&str, &str)]) -> bool {
        let applies = |statement: &&Statement| statement.applies(action, resource, context);
        let mut statements = self.statements.as_slice().iter().filter(applies).peekable();
        statements.peek().is_some() && statements.all(|statement| statement.effect == Effect::Allow)
    }
}

impl Statement {
    fn applies(&self, action: &str, resource: &str, context: &[(&str, &str)]) -> bool {
        let action = action.to_lowercase();
        self.action.as_slice().iter().any(|pattern| matches(&pattern.to_lowercase(), &action))
            && self.resource.as_slice().iter().any(|pattern| matches(pattern, resource))
            && self.condition.iter().all(|(operator, wanted)| holds(operator, wanted, context))
    }
}

fn holds(operator: &str, wanted: &Value, context: &[(&str, &str)]) -> bool {
    let holds = |(key, values): (&String, &Value)| {
        let values = values.as_array().map_or_else(|| std::slice::from_ref(values), Vec::as_slice);
        let actual = context.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| *value);
        actual.is_some_and(|actual| {
            values.iter().filter_map(Value::as_str).any(|value| match operator {
                "StringEquals" => value == actual,
                _ => matches(value, actual),
            })
        })
    };
    wanted.as_object().is_some_and(|wanted| wanted.iter().all(holds))
}

/// `*` stands for any characters, `?` for one.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // The star seen last, and where what it stands for ends.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match &mut star {
                Some((place, end)) => {
                    *end += 1;
                    (at, seen) = (*place + 1, *end);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}
