//! A generator of override files: a tree of services with the styles of its parts, and the text that this makes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A value and how it is written.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Scalar(&'static str),
    Block(&'static str),
    List(bool, Vec<Part>),
    Map(bool, Vec<(&'static str, Part)>),
}

/// The habits of one file, and the noise between its lines.
#[derive(Debug, Clone)]
pub(super) struct Look {
    step: usize,
    dash: usize,
    gap: usize,
    newline: &'static str,
    head: &'static str,
    tail: &'static str,
    cut_last_newline: bool,
    noise: Vec<u8>,
}

pub(super) const SERVICES: [&str; 3] = ["scheduler", "api-server", "\"triggerer\""];

fn scalar() -> impl Strategy<Value = Part> {
    let plain = select(vec![
        "x",
        "./a:/a",
        "'it''s'",
        "\"a # b\"",
        "\"é😀\"",
        "8080",
        "true",
        "&one x",
        "!!str 1",
        "\"{[,]}\"",
        "a#b",
    ]);
    plain.prop_map(Part::Scalar)
}

fn block_value() -> impl Strategy<Value = Part> {
    let block =
        select(vec!["|\n# no comment\n  - a\n\n", "|-\na\n\n\n", "|+\na\n\n", ">\na\n\nb\n", "a\nb", "\"a\n\nb\""]);
    prop_oneof![3 => scalar(), 1 => block.prop_map(Part::Block)]
}

fn list(flow: bool) -> impl Strategy<Value = Part> {
    let long = Part::Map(flow, vec![("type", Part::Scalar("bind")), ("source", Part::Scalar("./s"))]);
    let item = if flow {
        prop_oneof![4 => scalar().boxed(), 1 => Just(long)].boxed()
    } else {
        prop_oneof![4 => block_value().boxed(), 1 => Just(long)].boxed()
    };
    vec(item, 1..4).prop_map(move |items| Part::List(flow, items))
}

fn environment(flow: bool) -> impl Strategy<Value = Part> {
    let value = if flow { scalar().boxed() } else { block_value().boxed() };
    let keys = proptest::sample::subsequence(vec!["A", "\"B\"", "'C'", "D_E"], 1..=4);
    (keys, vec(value, 4)).prop_map(move |(keys, values)| Part::Map(flow, keys.into_iter().zip(values).collect()))
}

fn service(flow: bool) -> BoxedStrategy<Part> {
    let inner = if flow { Just(true).boxed() } else { prop_oneof![3 => Just(false), 1 => Just(true)].boxed() };
    let parts = inner.clone().prop_flat_map(|flow| proptest::option::weighted(0.6, list(flow)));
    let environments = inner.prop_flat_map(|flow| proptest::option::weighted(0.5, environment(flow)));
    let others = vec(scalar(), 2);
    (parts, environments, others, any::<bool>())
        .prop_map(move |(volumes, environment, others, last)| {
            let mut entries: Vec<(&str, Part)> = vec![("image", others[0].clone())];
            entries.extend(volumes.map(|part| ("volumes", part)));
            entries.extend(environment.map(|part| ("environment", part)));
            if last {
                entries.push(("'hostname' ", others[1].clone()));
            }
            Part::Map(flow, entries)
        })
        .boxed()
}

/// A file's tree; `flow` is how often a service is in flow style.
pub(super) fn tree(flow: f64) -> impl Strategy<Value = Part> {
    let service = proptest::bool::weighted(flow).prop_flat_map(service);
    let names = proptest::sample::subsequence(SERVICES.to_vec(), 1..=3);
    (names, vec(service, 3), any::<bool>(), any::<bool>()).prop_map(|(names, services, before, after)| {
        let mut entries = Vec::new();
        if before {
            entries
                .push(("x-common", Part::Map(false, vec![("k", Part::Scalar("&k v")), ("copy", Part::Scalar("*k"))])));
        }
        entries.push(("services", Part::Map(false, names.into_iter().zip(services).collect())));
        if after {
            entries.push(("volumes", Part::Map(false, vec![("data", Part::Scalar("~"))])));
        }
        Part::Map(false, entries)
    })
}

pub(super) fn look() -> impl Strategy<Value = Look> {
    let newline = select(vec!["\n", "\n", "\r\n"]);
    let head = select(vec!["", "", "\u{feff}", "# head\n\n", "---\n", "%YAML 1.2\n--- # body\n"]);
    let tail = select(vec!["", "", "# tail\n", "\n\n", "...\n"]);
    (1..6_usize, 0..5_usize, 1..4_usize, newline, head, tail, any::<bool>(), vec(any::<u8>(), 64)).prop_map(
        |(step, dash, gap, newline, head, tail, cut_last_newline, noise)| Look {
            step,
            dash,
            gap,
            newline,
            head,
            tail,
            cut_last_newline,
            noise,
        },
    )
}

/// The text of a tree.
pub(super) fn text(tree: &Part, look: &Look) -> String {
    let mut writer = Writer { look, lines: Vec::new(), noise: 0 };
    writer.collection(tree, 0, "");
    let body: String = writer.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    let mut text = format!("{}{body}{}", look.head, look.tail);
    // The value of a block scalar depends on its last line ending.
    let ends_in_block_scalar = ["|", ">"].iter().any(|sign| body.contains(sign));
    if look.cut_last_newline && !ends_in_block_scalar {
        text.truncate(text.trim_end_matches('\n').len());
    }
    text.replace('\n', look.newline)
}

struct Writer<'a> {
    look: &'a Look,
    lines: Vec<String>,
    noise: usize,
}

impl Writer<'_> {
    fn roll(&mut self, sides: u8) -> bool {
        self.noise += 1;
        self.look.noise.get(self.noise % self.look.noise.len()).is_some_and(|byte| byte % sides == 0)
    }

    /// Writes one line, now and then with a comment behind it, and something between it and the line before.
    fn line(&mut self, line: String) {
        if self.roll(9) {
            self.lines.push(format!("{}# between", " ".repeat(self.noise % 9)));
        }
        if self.roll(11) {
            self.lines.push(String::new());
        }
        let behind = if self.roll(7) { "  # behind" } else { "" };
        self.lines.push(line + behind);
    }

    fn collection(&mut self, part: &Part, column: usize, before: &str) {
        let mut lead = before.to_owned();
        match part {
            Part::Map(false, entries) => {
                for (key, value) in entries {
                    let blank = if self.roll(13) { " " } else { "" };
                    let start = if lead.is_empty() { " ".repeat(column) } else { std::mem::take(&mut lead) };
                    self.value(value, column, format!("{start}{key}{blank}:"), self.look.dash);
                }
            }
            Part::List(false, items) => {
                for item in items {
                    let gap = " ".repeat(self.look.gap);
                    let dash = format!("{}-", " ".repeat(column));
                    match item {
                        Part::Map(false, _) => self.collection(item, column + 1 + gap.len(), &format!("{dash}{gap}")),
                        _ => self.value(item, column, dash, 1),
                    }
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, value: &Part, column: usize, start: String, dash: usize) {
        match value {
            Part::Map(false, _) => {
                self.line(start);
                self.collection(value, column + self.look.step, "");
            }
            Part::List(false, _) => {
                self.line(start);
                self.collection(value, column + dash, "");
            }
            Part::Block(text) => {
                let mut lines = text.split('\n');
                // Without noise: within these, lines are content.
                self.lines.push(format!("{start} {}", lines.next().unwrap_or_default()));
                let count = text.split('\n').count();
                for (number, line) in lines.enumerate() {
                    let is_last = number + 2 == count;
                    if !(line.is_empty() && is_last) {
                        let indent = if line.is_empty() { 0 } else { column + 2 };
                        self.lines.push(format!("{}{line}", " ".repeat(indent)));
                    }
                }
            }
            _ => {
                let inline = flow(value);
                self.line(format!("{start} {inline}"));
            }
        }
    }
}

fn flow(part: &Part) -> String {
    match part {
        Part::Scalar(text) | Part::Block(text) => (*text).to_owned(),
        Part::List(_, items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Part::Map(_, entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
