//! What the sources of a project name, read by as many threads as the machine has.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::airflow::references::{self, Named, Place, Reference, Scan};
use crate::project::sources::{IgnoreSyntax, sources};

/// The largest file that is read, in bytes. Source is written by people; what is larger was generated.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The most threads: beyond that the disk is what is waited for.
const MOST_THREADS: usize = 8;

/// What one thread found.
#[derive(Default)]
struct Part {
    references: Vec<Reference>,
    endless: Vec<Place>,
    left_out: Vec<(PathBuf, String)>,
}

/// Reads the sources of a project. A file that cannot be read, or is no text, is left out.
pub(super) fn project(root: &Path, syntax: IgnoreSyntax) -> Scan {
    let found = sources(root, syntax, references::is_source);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, MOST_THREADS);
    let share = found.files.len().div_ceil(threads).max(1);
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let workers: Vec<_> = found.files.chunks(share).map(|files| scope.spawn(|| read(files))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_default()).collect()
    });
    // Each thread has a run of the sorted files, so the parts stay sorted side by side.
    let mut scan = Scan { files: found.files.len(), left_out: found.left_out, ..Scan::default() };
    for part in parts {
        scan.references.extend(part.references);
        scan.endless.extend(part.endless);
        scan.left_out.extend(part.left_out);
    }
    scan.files = scan.files.saturating_sub(scan.left_out.len());
    scan
}

fn read(files: &[PathBuf]) -> Part {
    let mut part = Part::default();
    let mut bytes = Vec::new();
    for path in files {
        match content(path, &mut bytes)
            .and_then(|()| references::in_source(&bytes, path).map_err(|error| error.to_string()))
        {
            Ok(Named { references, endless }) => {
                part.references.extend(references);
                part.endless.extend(endless.map(|line| Place { path: path.clone(), line }));
            }
            Err(reason) => part.left_out.push((path.clone(), reason)),
        }
    }
    part
}

fn content(path: &Path, bytes: &mut Vec<u8>) -> Result<(), String> {
    bytes.clear();
    let unreadable = |error: std::io::Error| format!("it cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST / (1024 * 1024)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn whatever_is_no_source_is_left_out_with_its_reason_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let dags = root.join("dags");
        fs::create_dir(&dags).unwrap();
        fs::write(dags.join("a.py"), "Variable.get('a')\n").unwrap();
        fs::write(dags.join("binary.py"), b"Variable.get('b')\0").unwrap();
        fs::write(dags.join("latin.py"), b"# caf\xE9\nVariable.get('caf\xE9')\n").unwrap();
        fs::write(dags.join("broken.py"), "def (:\n  Variable.get('c')\n\"\"\"").unwrap();
        let large = format!("{}Variable.get('d')\n", "# a comment of some length\n".repeat(200_000));
        assert!(large.len() > 5_000_000);
        fs::write(dags.join("large.py"), large).unwrap();
        File::create(dags.join("huge.sql")).unwrap().set_len(LARGEST + 1).unwrap();
        let scan = project(&root, IgnoreSyntax::Glob);
        let ids: Vec<_> = scan.references.iter().map(|of| (of.id.as_str(), of.place.line)).collect();
        assert_eq!(ids, [("a", 1), ("c", 2), ("d", 200_001), ("café", 2)]);
        let left_out: Vec<_> = scan.left_out.iter().map(|(path, _)| path.file_name().unwrap()).collect();
        assert_eq!(left_out, ["binary.py", "huge.sql"]);
        assert_eq!(scan.endless, [Place { path: dags.join("broken.py"), line: 3 }]);
        assert_eq!(scan.files, 4);
    }
}
