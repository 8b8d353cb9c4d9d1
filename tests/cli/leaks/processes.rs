//! The arguments of processes: everybody on the machine can read them.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::TestEnvironment;
use crate::support::aws::SECRET_MARKER;

/// How often the processes are looked at.
const GLANCE: Duration = Duration::from_millis(2);

/// Looks at the arguments of every process of this environment, again and again while `work` is done.
#[track_caller]
pub(super) fn no_secret_among_arguments(env: &TestEnvironment, work: impl FnOnce()) {
    let root = env.root().to_string_lossy().into_owned();
    let has_ended = AtomicBool::new(false);
    let (seen, found) = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let (mut seen, mut found) = (0, BTreeSet::new());
            while !has_ended.load(Ordering::SeqCst) {
                for arguments in arguments_of_processes(&root) {
                    seen += 1;
                    if arguments.contains(SECRET_MARKER) {
                        found.insert(arguments);
                    }
                }
                thread::sleep(GLANCE);
            }
            (seen, found)
        });
        // Also where it fails: else the looking would never end.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        has_ended.store(true, Ordering::SeqCst);
        let looked = looking.join().unwrap();
        ended.unwrap_or_else(|failure| std::panic::resume_unwind(failure));
        looked
    });
    assert!(seen > 0, "no process was seen at all");
    assert_eq!(found, BTreeSet::new());
}

/// Of the processes whose HOME lies below this folder.
fn arguments_of_processes(root: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours = processes.filter(|process| {
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(root)
    });
    ours.map(|process| fs::read(process.path().join("cmdline")).unwrap_or_default())
        .map(|words| String::from_utf8_lossy(&words).replace('\0', " "))
        .collect()
}
