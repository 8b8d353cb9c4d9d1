//! What DAGs name: connections and variables in Python source and in templates, with file and line.
//!
//! The bytes of one file come in, its references go out. There is no parser of Python here, but its lexer: strings with
//! their prefixes, escapes and concatenation, comments, brackets and statements. What a program puts together at run time
//! is not found.

mod lexer;
mod python;
mod template;
mod text;

use std::path::{Path, PathBuf};

use super::backend::Kind;

pub use text::NotText;

/// The longest id that Airflow takes, in characters (apache/airflow:airflow-core/src/airflow/models/connection.py,
/// `CONN_ID_MAX_LEN`; the column of variables has the same length).
const LONGEST_ID: usize = 250;

/// The ends of file names that hold templates: `template_ext` of Airflow's operators, and what DAGs put beside them.
const TEMPLATES: &[&str] = &[
    "bash",
    "cfg",
    "conf",
    "csv",
    "cypher",
    "ddl",
    "hql",
    "htm",
    "html",
    "ini",
    "j2",
    "jinja",
    "jinja2",
    "js",
    "json",
    "jsonl",
    "kql",
    "md",
    "mustache",
    "pig",
    "properties",
    "ps1",
    "sh",
    "sql",
    "template",
    "tmpl",
    "toml",
    "tpl",
    "txt",
    "xml",
    "yaml",
    "yml",
];

/// A place in which an id is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

/// What becomes of the place where nothing is found under the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absence {
    /// It fails.
    Fails,
    /// It goes on with a default of its own: `Variable.get("x", "default")`.
    Default,
    /// It goes on without a connection, with the credentials of the environment: `aws_conn_id`
    /// (apache/airflow:providers/amazon/src/airflow/providers/amazon/aws/hooks/base_aws.py, `conn_config`).
    Environment,
}

/// As what a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadAs {
    /// As it is.
    Text,
    /// As JSON: `deserialize_json=True`, `var.json.x`.
    Json,
}

/// An id that some source names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What it is.
    pub kind: Kind,
    /// The id.
    pub id: String,
    /// Where it is named.
    pub place: Place,
    /// What becomes of the place where nothing is found.
    pub absence: Absence,
    /// As what it is read.
    pub read_as: ReadAs,
}

/// What one source names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Every reference, in the order of lines.
    pub references: Vec<Reference>,
    /// The line of the first string that does not end: this is no Python, and what comes behind may be hidden.
    pub endless: Option<usize>,
}

/// What a folder's sources name.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Every reference, in the order of paths and lines.
    pub references: Vec<Reference>,
    /// How many files were read.
    pub files: usize,
    /// Files that are no Python: the line of a string that does not end.
    pub endless: Vec<Place>,
    /// Files that were left out, and why.
    pub left_out: Vec<(PathBuf, String)>,
}

/// An id before it is known in which file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mention {
    kind: Kind,
    id: String,
    line: usize,
    absence: Absence,
    read_as: ReadAs,
}

/// Whether a file of this name is Python source or may hold templates; any other names nothing.
pub fn is_source(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extension.eq_ignore_ascii_case("py") || TEMPLATES.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Reads one source's bytes, as Python or as a template by the name of its file. Syntax that Python does not take costs no
/// more than what it hides.
///
/// # Errors
/// [`NotText`] for a file that is none.
pub fn in_source(bytes: &[u8], path: &Path) -> Result<Named, NotText> {
    let is_python = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("py"));
    // Most files name nothing, and these words are in every form.
    if !is_worth_reading(bytes) {
        return if bytes.contains(&0) { Err(NotText) } else { Ok(Named::default()) };
    }
    let source = text::decode(bytes, is_python)?;
    let (mut mentions, endless) =
        if is_python { python::mentions(&source) } else { (template::mentions_of_file(&source), None) };
    mentions.sort_by(|a, b| (a.line, a.kind, &a.id).cmp(&(b.line, b.kind, &b.id)));
    let references = mentions.into_iter().map(|Mention { kind, id, line, absence, read_as }| Reference {
        kind,
        id,
        place: Place { path: path.to_owned(), line },
        absence,
        read_as,
    });
    Ok(Named { references: references.collect(), endless })
}

fn is_worth_reading(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|word| matches!(word, b"con" | b"Con" | b"var" | b"Var" | b"Hoo"))
}

/// Whether Airflow could take a text as an id (apache/airflow:airflow-core/src/airflow/models/connection.py,
/// `sanitize_conn_id`). The key of a variable has no rule; a template or a text of several lines is none all the same.
fn is_id(kind: Kind, text: &str) -> bool {
    let is_short = text.chars().count() <= LONGEST_ID;
    let is_part = |c: char| match kind {
        Kind::Connection => c.is_alphanumeric() || "_#!()-.:/\\".contains(c),
        Kind::Variable | Kind::Config => !c.is_control() && !matches!(c, '{' | '}'),
    };
    !text.is_empty() && is_short && text.chars().all(is_part)
}

#[cfg(test)]
mod tests;
