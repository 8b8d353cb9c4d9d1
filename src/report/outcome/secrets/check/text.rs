//! The text of `secrets check`: a line a result, problems first, then what nothing names, then one line that sums up.

use std::fmt::Write;

use super::{Asked, Checked, Looked, Origin, Place, Seen, State, Summary};
use crate::report::style::{BAD, DIM, GOOD, HINT, STRONG, WARNING};

/// How many places of one id are written out.
const PLACES: usize = 3;

/// How many secrets that nothing names are written out.
const UNUSED: usize = 20;

impl Checked {
    pub(in crate::report::outcome) fn text(&self) -> String {
        let mut text = String::new();
        let width = self.results.iter().map(|looked| looked.id.chars().count()).max().unwrap_or(0).min(40);
        for looked in &self.results {
            line(&mut text, looked, width, self.title);
        }
        for asked in &self.containers {
            container(&mut text, asked);
        }
        for unused in self.unused.iter().take(UNUSED) {
            let _ = writeln!(
                text,
                "{WARNING}-{WARNING:#} {} {}  {DIM}({}) is named nowhere{DIM:#}",
                unused.kind, unused.id, unused.name
            );
        }
        if let Some(more) = self.unused.len().checked_sub(UNUSED).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {more} more that are named nowhere: `--output json` has them all");
        }
        let _ = writeln!(text, "{}", sum(&self.summary, &self.place()));
        text
    }

    /// Where was looked; empty where AWS was not asked.
    fn place(&self) -> String {
        self.region.as_ref().map_or_else(String::new, |region| format!("{}, {region}: ", self.title))
    }
}

fn line(text: &mut String, looked: &Looked, width: usize, title: &str) {
    let Looked { kind, id, .. } = looked;
    let mark = match (looked.ok, looked.state) {
        (false, _) => format!("{BAD}✗{BAD:#}"),
        (true, State::Found) => format!("{GOOD}✓{GOOD:#}"),
        (true, _) => format!("{WARNING}!{WARNING:#}"),
    };
    let message = match (looked.state, looked.origin, looked.ok) {
        (State::Found, Some(Origin::Backend), true) => {
            format!("{DIM}{}{DIM:#}", looked.name.as_deref().unwrap_or(title))
        }
        _ => looked.message.clone(),
    };
    let places = places(&looked.places);
    let _ = writeln!(text, "{mark} {kind:<10} {STRONG}{id:<width$}{STRONG:#}  {message}{DIM}{places}{DIM:#}");
    for seen in &looked.in_containers {
        seen_line(text, seen);
    }
    if let (Some(hint), false) = (&looked.hint, looked.ok && looked.state == State::Found) {
        let _ = writeln!(text, "  {HINT}hint:{HINT:#} {hint}");
    }
}

fn places(places: &[Place]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = places.iter().take(PLACES).map(|place| format!("{}:{}", place.shown, place.line)).collect();
    let more = places.len().saturating_sub(PLACES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("  ({}{more})", shown.join(", "))
}

fn seen_line(text: &mut String, seen: &Seen) {
    // A container that agrees needs no words.
    let said = match (seen.found, seen.same, &seen.message) {
        (Some(true), Some(true), _) => return,
        (_, _, Some(message)) => message.clone(),
        (Some(true), Some(false), None) => "finds another value".to_owned(),
        (Some(true), None, None) => format!("finds it in {}", seen.backend.as_deref().unwrap_or("some backend")),
        (Some(false), ..) => "does not find it".to_owned(),
        (None, ..) => "was not asked for it".to_owned(),
    };
    let _ = writeln!(text, "    {}: {said}", seen.service);
}

fn container(text: &mut String, asked: &Asked) {
    let versions: Vec<_> = [("Airflow", &asked.airflow), ("amazon provider", &asked.provider)]
        .into_iter()
        .filter_map(|(what, version)| Some(format!("{what} {}", version.as_ref()?)))
        .collect();
    let versions = if versions.is_empty() { String::new() } else { format!("  {DIM}({}){DIM:#}", versions.join(", ")) };
    match &asked.error {
        Some(error) => {
            let _ = writeln!(text, "{BAD}✗{BAD:#} {STRONG}{}{STRONG:#}  {}{versions}", asked.service, error.message);
            if let Some(hint) = &error.hint {
                let _ = writeln!(text, "  {HINT}hint:{HINT:#} {hint}");
            }
        }
        None => {
            let found = asked.found;
            let _ = writeln!(text, "{GOOD}✓{GOOD:#} {STRONG}{}{STRONG:#}  finds {found}{versions}", asked.service);
        }
    }
}

fn sum(summary: &Summary, place: &str) -> String {
    let Summary { checked, found, defaulted, failed, unused, files } = *summary;
    if checked == 0 {
        return match files {
            0 => "Nothing to check: dags/, include/ and plugins/ hold no source.".to_owned(),
            files => format!(
                "Nothing to check: {} no connection and no variable. `astro-aws secrets check ID` looks one up.",
                plural(files, "file names", "files name")
            ),
        };
    }
    let mut parts = vec![format!("{found} of {} found", plural(checked, "id", "ids"))];
    if defaulted > 0 {
        parts.push(format!("{defaulted} with a default"));
    }
    if failed > 0 {
        parts.push(format!("{failed} not"));
    }
    if let Some(unused @ 1..) = unused {
        parts.push(format!("{unused} stored and named nowhere"));
    }
    format!("{place}{}.", parts.join(", "))
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
