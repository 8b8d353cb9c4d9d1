//! A page of a list: so many rows as are asked for, from behind the name where the last page ended.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Value, json};

use super::super::wire::{Refusal, Request, refuse};

const AFTER: &str = "after:";

/// The rows of a page, and the token for the next one.
pub(super) fn page<T>(
    kept: &BTreeMap<String, T>,
    request: &Request,
    most: usize,
    row: impl Fn(&T) -> Option<Value>,
) -> Result<(Vec<Value>, Option<String>), Refusal> {
    let size = match request.body.get("MaxResults").map(Value::as_u64) {
        None => most,
        Some(Some(size)) if (1..=most as u64).contains(&size) => usize::try_from(size).unwrap_or(most),
        Some(_) => {
            let message = format!("1 validation error detected: Value at 'maxResults' must be from 1 to {most}");
            return refuse("ValidationException", message);
        }
    };
    let start = match request.member("NextToken") {
        "" => Bound::Unbounded,
        token => match token.strip_prefix(AFTER) {
            Some(name) => Bound::Excluded(name),
            None => return refuse("InvalidNextToken", "The specified token isn't valid."),
        },
    };
    let mut rows = kept.range::<str, _>((start, Bound::Unbounded)).filter_map(|(name, kept)| Some((name, row(kept)?)));
    let mut page = Vec::new();
    let mut last = "";
    for (name, row) in rows.by_ref().take(size) {
        page.push(row);
        last = name;
    }
    let next = rows.next().map(|_| format!("{AFTER}{last}"));
    Ok((page, next))
}

/// The answer with the token, where there is a next page.
pub(super) fn with_token(mut body: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    body
}
