//! What the stand-in for AWS remembers of the calls: how many, with what, how many of them refused, how many at once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

#[derive(Default)]
pub(super) struct Tally {
    hits: BTreeMap<String, usize>,
    refusals: BTreeMap<String, usize>,
    asked: BTreeMap<String, Vec<Value>>,
    all: usize,
    in_flight: usize,
    most_in_flight: usize,
    slowest: Duration,
}

impl Tally {
    pub(super) fn begin(&mut self, names: &[String], asked: &Value) {
        for name in names {
            *self.hits.entry(name.clone()).or_default() += 1;
            self.asked.entry(name.clone()).or_default().push(asked.clone());
        }
        self.all += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }

    pub(super) fn refuse(&mut self, names: &[String]) {
        for name in names {
            *self.refusals.entry(name.clone()).or_default() += 1;
        }
    }

    /// An answer is held back for so long.
    pub(super) fn delay(&mut self, delay: Duration) {
        self.slowest = self.slowest.max(delay);
    }

    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// As if nothing had been called so far.
    pub(super) fn forget(&mut self) {
        *self = Self { in_flight: self.in_flight, most_in_flight: self.in_flight, ..Self::default() };
    }

    pub(super) fn hits(&self, name: &str) -> usize {
        self.hits.get(name).copied().unwrap_or_default()
    }

    pub(super) fn refusals(&self, name: &str) -> usize {
        self.refusals.get(name).copied().unwrap_or_default()
    }

    pub(super) fn asked(&self, name: &str) -> Vec<Value> {
        self.asked.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn all(&self) -> usize {
        self.all
    }

    pub(super) fn most_in_flight(&self) -> usize {
        self.most_in_flight
    }

    pub(super) fn slowest(&self) -> Duration {
        self.slowest
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "hits": self.hits, "refusals": self.refusals, "all": self.all, "most_in_flight": self.most_in_flight,
        })
    }
}
