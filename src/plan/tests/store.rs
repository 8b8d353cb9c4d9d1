//! Proves that the store reads what it wrote, names what is damaged, is private, and is locked by one at a time.

use std::sync::mpsc;

use super::*;

#[test]
fn opening_and_loading_create_nothing() {
    let site = Site::new();
    let before = site.snapshot();
    assert_eq!(site.loaded(), Loaded { record: None, files: BTreeMap::new(), stamp: Stamp::default() });
    assert!(!site.store.is_interrupted());
    assert_eq!(site.snapshot(), before);
    assert!(!site.root.path().join("state").exists());
}

#[test]
fn a_record_is_read_back() {
    let site = Site::new();
    site.apply(vec![], Some("one")).unwrap();
    assert_eq!(site.loaded().record, Some(Note("one".to_owned())));
}

#[test]
fn a_damaged_record_is_named_and_nothing_is_changed() {
    let site = Site::new();
    site.apply(vec![], Some("one")).unwrap();
    let record = site.root.path().join("state/astro-aws/projects/p/record.json");
    for text in [
        "",
        "{",
        "[]",
        "{\"schema\":1}",
        "{\"schema\":1,\"transaction\":\"x\",\"files\":{\"/f\":{\"created\":true,\"original\":\"../../x\",\"written\":null}},\"record\":\"one\"}",
    ] {
        fs::write(&record, text).unwrap();
        let error = site.store.load::<Note>().unwrap_err();
        assert!(matches!(&error, PlanError::Corrupt { path, .. } if *path == record), "{text}: {error}");
        let lock = site.store.lock(WAIT, || {}).unwrap();
        let plan = Plan { changes: vec![site.change("new", Some(b"x"))] };
        assert!(apply(&lock, &plan, &Stamp::default(), Some(&Note("two".to_owned()))).is_err(), "{text}");
        assert_eq!(site.read("new"), None, "{text}");
    }
}

#[test]
fn a_newer_record_is_told_from_a_damaged_one() {
    let site = Site::new();
    site.apply(vec![], Some("one")).unwrap();
    fs::write(site.root.path().join("state/astro-aws/projects/p/record.json"), "{\"schema\": 2, \"new\": []}").unwrap();
    let error = site.store.load::<Note>().unwrap_err();
    assert!(matches!(error, PlanError::NewerSchema { found: 2, known: 1, .. }), "{error}");
}

#[test]
fn a_second_locker_is_told_and_waits_its_time() {
    let site = Site::new();
    let first = site.store.lock(WAIT, || {}).unwrap();
    let mut told = 0;
    let error = site.store.lock(Duration::from_millis(60), || told += 1).unwrap_err();
    assert!(matches!(error, PlanError::Locked { .. }), "{error}");
    assert_eq!(told, 1);
    drop(first);
    site.store.lock(WAIT, || {}).unwrap();
}

#[test]
fn the_lock_passes_on_when_it_is_released() {
    let site = Site::new();
    let first = site.store.lock(WAIT, || {}).unwrap();
    let (waiting, waits) = mpsc::channel();
    std::thread::scope(|scope| {
        let second =
            scope.spawn(|| site.store.lock(Duration::from_secs(60), move || waiting.send(()).unwrap()).map(drop));
        waits.recv().unwrap();
        drop(first);
        second.join().unwrap().unwrap();
    });
}

#[test]
fn many_lockers_change_a_file_one_after_the_other() {
    const LOCKERS: usize = 4;
    let site = Site::new();
    site.write("count", b"");
    std::thread::scope(|scope| {
        for _ in 0..LOCKERS {
            scope.spawn(|| {
                let lock = site.store.lock(Duration::from_secs(60), || {}).unwrap();
                let after = [site.read("count").unwrap(), b"x".to_vec()].concat();
                let plan = Plan { changes: vec![site.change("count", Some(&after))] };
                apply(&lock, &plan, &site.loaded().stamp, Some(&Note("n".to_owned()))).unwrap();
            });
        }
    });
    assert_eq!(site.read("count").unwrap().len(), LOCKERS);
}

#[test]
fn a_lock_on_a_store_with_nothing_in_it_leaves_no_folder() {
    let site = Site::new();
    let before = site.snapshot();
    drop(site.store.lock(WAIT, || {}).unwrap());
    assert_eq!(site.root.path().join("state/astro-aws").exists(), cfg!(windows));
    site.apply(vec![], Some("one")).unwrap();
    drop(site.store.lock(WAIT, || {}).unwrap());
    assert_eq!(site.loaded().record, Some(Note("one".to_owned())));
    assert_ne!(site.snapshot(), before);
}

#[cfg(unix)]
mod removal {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// When a process that has opened the lock's file is about to lock it, the one that holds the lock releases it,
    /// which removes the file, and the next ones come.
    struct Removal<'site> {
        site: &'site Site,
        held: RefCell<Option<StoreLock<'site>>>,
        next: RefCell<Option<StoreLock<'site>>>,
        is_followed: bool,
    }

    impl<'site> Removal<'site> {
        fn new(site: &'site Site, is_followed: bool) -> Self {
            let held = RefCell::new(Some(site.store.lock(WAIT, || {}).unwrap()));
            Self { site, held, next: RefCell::new(None), is_followed }
        }
    }

    impl World for Removal<'_> {
        fn step(&self, step: Step, path: &Path) -> Result<(), PlanError> {
            if step == Step::Lock && self.held.take().is_some() {
                assert!(!path.exists());
                if self.is_followed {
                    self.next.replace(Some(self.site.store.lock(WAIT, || {}).unwrap()));
                }
            }
            Ok(())
        }
    }

    #[test]
    fn a_file_that_was_removed_is_no_lock() {
        let site = Site::new();
        let removal = Removal::new(&site, true);
        let error = site.store.lock_in(&removal, Duration::ZERO, || {}).unwrap_err();
        assert!(matches!(error, PlanError::Locked { .. }), "{error}");
        let error = site.store.lock(Duration::ZERO, || {}).unwrap_err();
        assert!(matches!(error, PlanError::Locked { .. }), "the next one still has it: {error}");
        removal.next.take();
        site.store.lock(WAIT, || {}).unwrap();
    }

    #[test]
    fn a_lock_whose_file_was_removed_is_taken_at_the_next_try() {
        let site = Site::new();
        let lock = site.store.lock_in(&Removal::new(&site, false), WAIT, || {}).unwrap();
        let error = site.store.lock(Duration::ZERO, || {}).unwrap_err();
        assert!(matches!(error, PlanError::Locked { .. }), "{error}");
        drop(lock);
    }

    #[test]
    fn one_at_a_time_holds_a_lock_that_is_removed_each_time() {
        const LOCKERS: usize = 4;
        const ROUNDS: usize = 25;
        let site = Site::new();
        let holders = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..LOCKERS {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let lock = site.store.lock(WAIT, || {}).unwrap();
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert!(!site.root.path().join("state/astro-aws").exists());
    }

    #[test]
    fn a_folder_of_ours_that_holds_another_project_stays() {
        let site = Site::new();
        let other = Store::open(site.root.path().join("state/astro-aws/projects/other"));
        let lock = other.lock(WAIT, || {}).unwrap();
        drop(site.store.lock(WAIT, || {}).unwrap());
        let projects = fs::read_dir(site.root.path().join("state/astro-aws/projects")).unwrap();
        assert_eq!(projects.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>(), ["other"]);
        drop(lock);
        assert_eq!(fs::read_dir(site.root.path().join("state")).unwrap().count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn everything_in_the_store_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::new();
    site.write("file", b"original");
    site.apply(vec![site.change("file", Some(b"new"))], Some("one")).unwrap();
    let folder = site.root.path().join("state/astro-aws/projects/p");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    site.store.lock(WAIT, || {}).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("blobs")), 0o700);
    for file in ["record.json", "lock", &format!("blobs/{}", Checksum::of(b"original").as_str())] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}
