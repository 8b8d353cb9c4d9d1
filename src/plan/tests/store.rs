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
