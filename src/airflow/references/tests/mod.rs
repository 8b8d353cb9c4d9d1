mod forms;
mod hostile;

use std::path::Path;

use super::*;

/// What a DAG file of this source names, as `kind id:line`, with `?` where a default stands in, `!` where it is read as JSON.
fn named(source: &str) -> Vec<String> {
    listed(source.as_bytes(), "dags/a.py")
}

fn listed(bytes: &[u8], path: &str) -> Vec<String> {
    let references = in_source(bytes, Path::new(path)).unwrap().references;
    let told = |reference: &Reference| {
        let Reference { kind, id, place, absence, read_as } = reference;
        let absence = match absence {
            Absence::Fails => "",
            Absence::Default => "?",
            Absence::Environment => "~",
        };
        let json = if *read_as == ReadAs::Json { "!" } else { "" };
        format!("{} {id}:{}{absence}{json}", if *kind == Kind::Variable { "v" } else { "c" }, place.line)
    };
    references.iter().map(told).collect()
}
