//! The promises of this room, each test named after one.

mod apply;
mod diff;
mod file;
mod kill;
mod replace;
mod signals;
mod store;
mod undo;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::apply::apply_in;
use super::recover::recover_in;
use super::world::{Step, World};
use super::*;

/// Long enough for a lock that nobody holds: a child that another test starts has it open until it executes.
const WAIT: Duration = Duration::from_secs(60);

/// Stands for the record of the layers above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note(String);

/// A project folder, a state folder and a store, thrown away at the end.
struct Site {
    root: TempDir,
    store: Store,
}

/// Everything below a folder: links with their target, folders and files with their mode, files with their bytes.
type Snapshot = BTreeMap<PathBuf, String>;

impl Site {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("project")).unwrap();
        let store = Store::open(root.path().join("state/astro-aws/projects/p"));
        Self { root, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("project").join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path(name)).ok()
    }

    fn sessions(&self) -> PathBuf {
        self.root.path().join("state/astro-aws/sessions")
    }

    /// A session file in its private folders, as the design has it.
    fn session_change(&self, name: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> Change {
        let folder = self.sessions().join("p");
        Change::new(folder.join(name), before.map(<[u8]>::to_vec), after.map(<[u8]>::to_vec))
            .with_secrecy(Secrecy::Secret)
            .with_mode(0o644)
            .in_folders([Folder::private(self.sessions()), Folder::new(folder, 0o755)])
    }

    /// The change of a project file from what it holds now.
    fn change(&self, name: &str, after: Option<&[u8]>) -> Change {
        Change::new(self.path(name), self.read(name), after.map(<[u8]>::to_vec))
    }

    fn loaded(&self) -> Loaded<Note> {
        self.store.load().unwrap()
    }

    fn apply(&self, changes: Vec<Change>, note: Option<&str>) -> Result<Applied, PlanError> {
        let stamp = self.loaded().stamp;
        let lock = self.store.lock(WAIT, || {}).unwrap();
        apply(&lock, &Plan { changes }, &stamp, note.map(|note| Note(note.to_owned())).as_ref())
    }

    fn apply_in(&self, world: &dyn World, changes: Vec<Change>, note: Option<&str>) -> Result<Recovered, PlanError> {
        let stamp = self.loaded().stamp;
        let lock = self.store.lock_in(&Faulty::well(), WAIT, || {}).unwrap();
        apply_in(&lock, &Plan { changes }, &stamp, note.map(|note| Note(note.to_owned())).as_ref(), world)
    }

    fn recover_in(&self, world: &dyn World) -> Result<Recovered, PlanError> {
        recover_in(&self.store.lock_in(&Faulty::well(), WAIT, || {}).unwrap(), world)
    }

    /// Everything but the store's own folder.
    fn snapshot(&self) -> Snapshot {
        let mut found = Snapshot::new();
        collect(self.root.path(), &self.root.path().join("state/astro-aws/projects"), &mut found);
        found
    }

    /// The bytes of everything in the store's folder, one after the other.
    fn stored(&self) -> String {
        let mut found = Snapshot::new();
        collect(&self.root.path().join("state/astro-aws/projects"), Path::new(""), &mut found);
        found.into_iter().map(|(path, entry)| format!("{} {entry}\n", path.display())).collect()
    }
}

fn collect(folder: &Path, except: &Path, found: &mut Snapshot) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let (mode, _) = super::file::mode_and_owner(&metadata);
        if path == except {
            continue;
        }
        if metadata.is_symlink() {
            found.insert(path.clone(), format!("-> {}", fs::read_link(&path).unwrap().display()));
        } else if metadata.is_dir() {
            found.insert(path.clone(), format!("folder {mode:o}"));
            collect(&path, except, found);
        } else {
            let text = fs::read(&path).unwrap().escape_ascii().to_string();
            found.insert(path.clone(), format!("{mode:o} {text}"));
        }
    }
}

/// How a step goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The system refuses it.
    Error,
    /// The process dies: a panic that runs through everything, so that no code of ours cleans up.
    Kill,
}

/// Called before each step.
type Look = Box<dyn Fn(Step, &Path)>;

/// A world in which one step goes wrong.
struct Faulty {
    fault: Fault,
    at: usize,
    count: Cell<usize>,
    steps: RefCell<Vec<Step>>,
    signal: Option<i32>,
    before_step: Look,
}

impl Faulty {
    fn new(fault: Fault, at: usize) -> Self {
        let steps = RefCell::new(Vec::new());
        Self { fault, at, count: Cell::new(0), steps, signal: None, before_step: Box::new(|_, _| {}) }
    }

    /// A world in which all goes well and `look` is called before each step.
    fn watched(look: impl Fn(Step, &Path) + 'static) -> Self {
        Self { before_step: Box::new(look), ..Self::new(Fault::Error, usize::MAX) }
    }

    fn well() -> Self {
        Self::new(Fault::Error, usize::MAX)
    }
}

impl World for Faulty {
    fn step(&self, step: Step, path: &Path) -> Result<(), PlanError> {
        (self.before_step)(step, path);
        let number = self.count.replace(self.count.get() + 1);
        self.steps.borrow_mut().push(step);
        match self.fault {
            _ if number != self.at => Ok(()),
            Fault::Error => {
                let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
                Err(PlanError::Io { action: "write", path: path.to_owned(), source })
            }
            Fault::Kill => std::panic::resume_unwind(Box::new("killed")),
        }
    }

    /// A killed process loses nothing that was written; only a power cut could, and syncing makes tests slow.
    fn sync(&self, _: &fs::File) -> std::io::Result<()> {
        Ok(())
    }

    fn came(&self) -> Option<i32> {
        self.signal
    }
}

/// Runs `body`, which a [`Fault::Kill`] may end; `None` when it did.
fn survive<T>(body: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).ok()
}
