//! `.airflowignore`: what Airflow does not look at, in either of its two syntaxes.
//!
//! Rules: apache/airflow:shared/module_loading/src/airflow_shared/module_loading/file_discovery.py.

use std::path::{Path, PathBuf};

use fancy_regex::Regex;

/// The syntax of `.airflowignore` (`[core] dag_ignore_file_syntax`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoreSyntax {
    /// As git has it: Airflow 3's default.
    Glob,
    /// Regular expressions, found anywhere in the path below the folder: Airflow 2's default.
    Regexp,
}

/// The rules on the way from a folder down to where a walk stands.
#[derive(Debug)]
pub(super) struct Rules {
    base: PathBuf,
    syntax: IgnoreSyntax,
    /// By the depth of the folder that they are in.
    rules: Vec<(usize, Rule)>,
}

#[derive(Debug)]
struct Rule {
    pattern: Regex,
    /// The folder that paths are taken from; the bare name counts without.
    relative_to: Option<PathBuf>,
    folders_alone: bool,
    leaves_out: bool,
}

impl Rules {
    pub(super) fn new(base: &Path, syntax: IgnoreSyntax) -> Self {
        Self { base: base.to_owned(), syntax, rules: Vec::new() }
    }

    /// Takes a folder's own rules over, and drops those of folders that the walk has left.
    pub(super) fn enter(&mut self, folder: &Path, depth: usize) {
        self.leave(depth);
        // Without such a file nothing is to be done; one that cannot be read, Airflow cannot read either.
        let Ok(text) = std::fs::read(folder.join(".airflowignore")) else { return };
        let text = String::from_utf8_lossy(&text);
        let patterns = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim_end());
        for pattern in patterns.filter(|pattern| !pattern.is_empty()) {
            let rule = match self.syntax {
                IgnoreSyntax::Regexp => regexp(pattern, &self.base),
                IgnoreSyntax::Glob => glob(pattern, folder),
            };
            self.rules.extend(rule.map(|rule| (depth, rule)));
        }
    }

    /// Whether an entry is left out.
    pub(super) fn leave_out(&mut self, path: &Path, depth: usize, is_folder: bool) -> bool {
        self.leave(depth);
        let mut left_out = false;
        for (_, rule) in &self.rules {
            let subject = match &rule.relative_to {
                Some(folder) => path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/"),
                None => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            };
            if (is_folder || !rule.folders_alone) && rule.pattern.is_match(&subject).unwrap_or(false) {
                left_out = rule.leaves_out;
            }
        }
        left_out
    }

    fn leave(&mut self, depth: usize) {
        self.rules.retain(|(of, _)| *of < depth);
    }
}

fn regexp(pattern: &str, base: &Path) -> Option<Rule> {
    let pattern = Regex::new(pattern).ok()?;
    Some(Rule { pattern, relative_to: Some(base.to_owned()), folders_alone: false, leaves_out: true })
}

fn glob(pattern: &str, folder: &Path) -> Option<Rule> {
    let (pattern, leaves_out) = pattern.strip_prefix('!').map_or((pattern, true), |rest| (rest, false));
    let folders_alone = pattern.ends_with('/');
    let pattern = pattern.trim_end_matches('/');
    let is_anchored = pattern.contains('/');
    let body = translated(pattern.strip_prefix('/').unwrap_or(pattern));
    let pattern = Regex::new(&format!("^{body}$")).ok()?;
    Some(Rule { pattern, relative_to: is_anchored.then(|| folder.to_owned()), folders_alone, leaves_out })
}

/// A pattern of gitignore as a regular expression for a whole path.
fn translated(pattern: &str) -> String {
    let mut body = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("**/") {
            body.push_str("(?:.+/)?");
            rest = behind;
        } else if let Some(behind) = rest.strip_prefix("**") {
            body.push_str(".*");
            rest = behind;
        } else if let (Some(inner), '[') = (rest.strip_prefix('['), first)
            && let Some(end) = inner.char_indices().skip(1).find(|(_, c)| *c == ']').map(|(at, _)| at)
        {
            let class = inner[..end].replace('\\', "\\\\").replace('[', "\\[");
            body.push_str(&format!("[{}]", class.strip_prefix('!').map_or(class.clone(), |class| format!("^{class}"))));
            rest = &inner[end + 1..];
        } else {
            match first {
                '*' => body.push_str("[^/]*"),
                '?' => body.push_str("[^/]"),
                other => body.push_str(&fancy_regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    body
}
