//! Proves that a single file is replaced as a whole or not at all, and that nothing is left behind.

use super::super::replace::Staged;
use super::*;

const OLD: &[u8] = b"old\n";
const NEW: &[u8] = b"a new one\n";

fn replace_in(world: &dyn World, path: &Path, bytes: &[u8]) -> Result<(), PlanError> {
    Staged::begin(world, path, 64)?.finish(world, bytes)
}

/// What is in the project's folder besides `except`.
fn others(site: &Site, except: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(site.path("")).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| *path != site.path(except)).collect()
}

#[test]
fn a_file_is_replaced_or_made() {
    let site = Site::new();
    for name in ["there", "absent", "no/such/folder/yet"] {
        if name == "there" {
            site.write(name, b"a longer old one\n");
        }
        replace(&site.path(name), NEW).unwrap();
        assert_eq!(site.read(name).as_deref(), Some(NEW), "{name}");
    }
    assert!(!site.snapshot().keys().any(|path| path.to_string_lossy().contains(".astro-aws-")));
}

#[test]
fn a_step_that_fails_leaves_the_old_file_and_nothing_else() {
    for name in ["there", "deep/er/absent"] {
        let mut steps = Vec::new();
        for at in 0.. {
            let site = Site::new();
            site.write("there", OLD);
            let before = site.snapshot();
            let world = Faulty::new(Fault::Error, at);
            if replace_in(&world, &site.path(name), NEW).is_ok() {
                break;
            }
            let step = *world.steps.borrow().last().unwrap();
            if step == Step::SyncFolder && world.steps.borrow().contains(&Step::Replace) {
                assert_eq!(site.read(name).as_deref(), Some(NEW), "in place, but it may not last");
            } else {
                assert_eq!(site.snapshot(), before, "{name}: {at} {step:?}");
            }
            steps.push(step);
        }
        let expected = [Step::Create, Step::Write, Step::Sync, Step::Replace, Step::SyncFolder];
        assert!(steps.ends_with(&expected), "{steps:?}");
    }
}

#[test]
fn a_replacement_that_is_given_up_leaves_nothing() {
    let site = Site::new();
    site.write("there", OLD);
    let before = site.snapshot();
    for name in ["there", "absent", "deep/er/absent"] {
        let replacement = Replacement::begin(&site.path(name), 1000).unwrap();
        assert_ne!(site.snapshot(), before, "{name}");
        assert!(!format!("{replacement:?}").contains("old"));
        drop(replacement);
        assert_eq!(site.snapshot(), before, "{name}");
    }
}

#[test]
fn what_a_kill_left_is_swept_away_and_nothing_else() {
    let site = Site::new();
    let file = site.write("a.json", OLD);
    let foreign = [site.write(".astro-aws-b.json-0", b""), site.write("a.json-0", b""), site.write("b.json", b"")];
    site.write(".astro-aws-a.json-0123456789abcdef", b"");
    sweep(&file);
    let mut left = others(&site, "a.json");
    left.sort();
    let mut expected = foreign.to_vec();
    expected.sort();
    assert_eq!(left, expected);
}

/// A writer that never rests and a reader that never sees anything but one of its two texts.
#[test]
fn a_reader_sees_no_torn_file_in_100_000_reads() {
    let site = Site::new();
    let texts = [vec![b'a'; 3_000], vec![b'b'; 30_000]];
    let file = site.write("token.json", &texts[0]);
    let is_done = std::sync::atomic::AtomicBool::new(false);
    let (reads, seen) = std::thread::scope(|scope| {
        scope.spawn(|| {
            for text in texts.iter().cycle() {
                replace_in(&Faulty::well(), &file, text).unwrap();
                if is_done.load(std::sync::atomic::Ordering::SeqCst) {
                    return;
                }
            }
        });
        let (mut reads, mut seen) = (0, [0_u32; 2]);
        while reads < 100_000 || seen.contains(&0) {
            let bytes = fs::read(&file).unwrap();
            let text = texts.iter().position(|text| *text == bytes);
            seen[text.expect("one of the two texts as a whole")] += 1;
            reads += 1;
        }
        is_done.store(true, std::sync::atomic::Ordering::SeqCst);
        (reads, seen)
    });
    assert!(reads >= 100_000, "{seen:?}");
}

#[test]
fn a_lock_is_one_callers_at_a_time() {
    let site = Site::new();
    let path = site.path("deep/x.lock");
    let lock = FileLock::attempt(&path).unwrap().unwrap();
    assert!(FileLock::attempt(&path).unwrap().is_none());
    drop(lock);
    // A child that another test starts has the file open until it executes.
    while FileLock::attempt(&path).unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Output};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGKILL, SIGTERM};
    use signal_hook::low_level::raise;

    use super::super::super::world::Watched;
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_new_file_is_private_and_so_are_its_folders() {
        let site = Site::new();
        replace(&site.path("sso/cache/new"), NEW).unwrap();
        assert_eq!(mode(&site.path("sso/cache/new")), 0o600);
        assert_eq!((mode(&site.path("sso")), mode(&site.path("sso/cache"))), (0o700, 0o700));
        FileLock::attempt(&site.path("locks/one")).unwrap().unwrap();
        assert_eq!((mode(&site.path("locks")), mode(&site.path("locks/one"))), (0o700, 0o600));
    }

    #[test]
    fn owner_symlink_folder_and_what_the_owner_may_do_stay() {
        let site = Site::new();
        fs::create_dir(site.path("real")).unwrap();
        let file = site.write("real/file", OLD);
        fs::set_permissions(site.path("real"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        symlink("real/file", site.path("link")).unwrap();
        let before = fs::metadata(&file).unwrap();
        replace(&site.path("link"), NEW).unwrap();
        let after = fs::metadata(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), NEW);
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        assert_ne!(after.ino(), before.ino(), "a file of its own");
        assert_eq!(fs::read_link(site.path("link")).unwrap(), Path::new("real/file"));
        assert_eq!(mode(&site.path("real")), 0o755);
    }

    #[test]
    fn no_byte_is_written_before_the_mode_is_right() {
        for (old, expected) in [(None, 0o600), (Some(0o400), 0o400), (Some(0o640), 0o600), (Some(0o644), 0o600)] {
            let site = Site::new();
            let file = site.path("file");
            if let Some(old) = old {
                site.write("file", OLD);
                fs::set_permissions(&file, fs::Permissions::from_mode(old)).unwrap();
            }
            let world = Faulty::watched(move |step, path| {
                if step == Step::Write {
                    let blank = fs::read(path).is_ok_and(|bytes| bytes.iter().all(|&byte| byte == b' '));
                    assert!(blank || old == Some(0o400), "nothing is written yet");
                    assert_eq!(mode(path), expected);
                }
            });
            replace_in(&world, &file, NEW).unwrap();
            assert!(world.steps.borrow().contains(&Step::Write));
            assert_eq!(mode(&file), expected);
        }
    }

    #[test]
    fn what_is_no_file_is_refused_and_left() {
        let site = Site::new();
        let fifo = site.path("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        fs::create_dir(site.path("folder")).unwrap();
        symlink("nowhere", site.path("dangling")).unwrap();
        let before = site.snapshot_of_names();
        let refused = |name: &str| replace(&site.path(name), NEW).unwrap_err();
        assert!(matches!(refused("fifo"), PlanError::NotRegular { .. }));
        assert!(matches!(refused("folder"), PlanError::Folder { .. }));
        assert!(matches!(refused("dangling"), PlanError::DanglingSymlink { .. }));
        assert_eq!(site.snapshot_of_names(), before);
    }

    impl Site {
        /// Without contents: reading a FIFO would wait.
        fn snapshot_of_names(&self) -> Vec<PathBuf> {
            let mut names = others(self, "");
            names.sort();
            names
        }
    }

    /// Says to a child what to do, and where.
    const CHILD: &str = "ASTRO_AWS_TEST_REPLACE";

    /// Runs one test again in a process of its own, which is to do `task` in `site`.
    fn child(test: &str, task: &str, site: &Site) -> Output {
        let task = format!("{task} {}", site.path("").display());
        let test = format!("plan::tests::replace::unix::{test}");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &test, "--nocapture"]).env(CHILD, task).output().unwrap()
    }

    /// What the parent wants of this process, if it is a child.
    fn task() -> Option<(String, PathBuf)> {
        let task = std::env::var(CHILD).ok()?;
        let (task, folder) = task.split_once(' ')?;
        Some((task.to_owned(), PathBuf::from(folder)))
    }

    /// The process is killed at one step.
    struct Killed {
        at: usize,
        count: Cell<usize>,
    }

    impl World for Killed {
        fn step(&self, _: Step, _: &Path) -> Result<(), PlanError> {
            if self.count.replace(self.count.get() + 1) == self.at {
                raise(SIGKILL).unwrap();
            }
            Ok(())
        }
    }

    #[test]
    fn a_kill_at_every_step_leaves_the_old_file_or_the_new_one() {
        if let Some((at, folder)) = task() {
            let world = Killed { at: at.parse().unwrap(), count: Cell::new(0) };
            replace_in(&world, &folder.join("deep/link"), NEW).unwrap();
            return;
        }
        let this = "a_kill_at_every_step_leaves_the_old_file_or_the_new_one";
        for (old, steps) in [(Some(OLD), 5), (None, 7)] {
            let mut found = Vec::new();
            for at in 0.. {
                let site = Site::new();
                if let Some(old) = old {
                    fs::create_dir(site.path("deep")).unwrap();
                    site.write("deep/file", old);
                    symlink("file", site.path("deep/link")).unwrap();
                }
                let output = child(this, &at.to_string(), &site);
                if output.status.success() {
                    assert_eq!(site.read("deep/link").as_deref(), Some(NEW));
                    break;
                }
                assert_eq!(output.status.signal(), Some(SIGKILL), "{output:?}");
                let now = site.read("deep/link");
                assert!(now.as_deref() == old || now.as_deref() == Some(NEW), "{at}: {now:?}");
                found.push(now.as_deref() == Some(NEW));
                sweep(&site.path("deep/link"));
                assert!(!site.snapshot().keys().any(|path| path.to_string_lossy().contains(".astro-aws-")), "{at}");
            }
            assert_eq!(found.len(), steps, "every step was tried: {found:?}");
            assert_eq!(found.iter().filter(|&&is_new| is_new).count(), 1, "the last step alone comes after the rename");
        }
    }

    #[test]
    fn a_signal_waits_for_the_end_and_acts_as_ever_then() {
        if let Some((task, folder)) = task() {
            return signalled(&task, &folder.join("file"));
        }
        let this = "a_signal_waits_for_the_end_and_acts_as_ever_then";
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            for (task, expected) in [("finish", NEW), ("drop", OLD), ("nested", NEW)] {
                let site = Site::new();
                site.write("file", OLD);
                let output = child(this, &format!("{task}:{signal}"), &site);
                assert_eq!(output.status.signal(), Some(signal), "{task} {output:?}");
                assert_eq!(site.read("file").as_deref(), Some(expected), "{task}");
                assert_eq!(others(&site, "file"), Vec::<PathBuf>::new(), "{task}");
            }
            let site = Site::new();
            site.write("file", OLD);
            let output = child(this, &format!("handled:{signal}"), &site);
            assert!(output.status.success(), "{output:?}");
            assert_eq!(site.read("file").as_deref(), Some(NEW));
        }
    }

    fn signalled(task: &str, file: &Path) {
        let (task, signal) = task.split_once(':').unwrap();
        let signal: i32 = signal.parse().unwrap();
        let came = Arc::new(AtomicBool::new(false));
        let _minded = (task == "handled").then(|| {
            // A hold before that has registered its own handlers already.
            replace(file, OLD).unwrap();
            signal_hook::flag::register(signal, Arc::clone(&came)).unwrap();
            mind_signals().unwrap()
        });
        let replacement = Replacement::begin(file, 0).unwrap();
        raise(signal).unwrap();
        match task {
            "drop" => drop(replacement),
            "nested" => {
                let outer = Watched::begin().unwrap();
                replacement.finish(NEW).unwrap();
                outer.act();
            }
            _ => replacement.finish(NEW).unwrap(),
        }
        assert_eq!(task, "handled", "the signal has ended the process");
        raise(signal).unwrap();
        assert!(came.load(Ordering::SeqCst));
    }
}
