//! Proves what undo gives back, what it leaves alone, and that it forgets the project.

use super::*;

fn restore(site: &Site, name: &str) -> Restore {
    site.store.restore(&site.loaded().files[&site.path(name)], site.read(name).as_deref())
}

#[test]
fn two_applies_keep_the_first_original() {
    let site = Site::new();
    site.write("file", b"original");
    site.apply(vec![site.change("file", Some(b"one")), site.change("new", Some(b"one"))], Some("a")).unwrap();
    site.apply(vec![site.change("file", Some(b"two")), site.change("new", Some(b"two"))], Some("b")).unwrap();
    assert_eq!(restore(&site, "file"), Restore::Original(b"original".to_vec()));
    assert_eq!(restore(&site, "new"), Restore::Delete);
}

#[test]
fn undoing_gives_the_very_bytes_and_forgets_everything() {
    let site = Site::new();
    site.write("file", b"original");
    let before = site.snapshot();
    let session = |before, after| site.session_change("config", before, after);
    site.apply(vec![site.change("file", Some(b"one")), session(None, Some(b"s"))], Some("a")).unwrap();
    site.apply(vec![site.change("file", Some(b"original")), session(Some(b"s"), None)], None).unwrap();
    let state = |snapshot: Snapshot| {
        snapshot.into_iter().filter(|(path, _)| path.starts_with(site.path(""))).collect::<Vec<_>>()
    };
    assert_eq!(state(site.snapshot()), state(before));
    assert!(!site.sessions().exists());
    assert_eq!(site.loaded(), Loaded { record: None, files: BTreeMap::new(), stamp: Stamp::default() });
    assert!(!site.stored().contains("original"), "{}", site.stored());
    assert_eq!(site.root.path().join("state/astro-aws").exists(), cfg!(windows));
}

#[cfg(unix)]
#[test]
fn an_undo_that_is_killed_anywhere_and_recovered_keeps_all_or_leaves_no_folder() {
    let mut kept = 0;
    for kill in 0.. {
        let site = Site::new();
        site.write("file", b"original");
        site.apply_in(&Faulty::well(), vec![site.change("file", Some(b"one"))], Some("a")).unwrap();
        let world = Faulty::new(Fault::Kill, kill);
        let killed = survive(|| site.apply_in(&world, vec![site.change("file", Some(b"original"))], None)).is_none();
        site.recover_in(&Faulty::well()).unwrap();
        let record = site.loaded().record;
        let wanted = if record.is_some() { b"one".to_vec() } else { b"original".to_vec() };
        assert_eq!(site.read("file"), Some(wanted), "{kill}");
        assert_eq!(site.root.path().join("state/astro-aws").exists(), record.is_some(), "{kill}");
        kept += usize::from(record.is_some());
        if !killed {
            assert!(kept > 0 && kill > 10, "every step was tried: {kill}");
            return;
        }
    }
}

#[test]
fn a_file_that_someone_changed_is_touched() {
    let site = Site::new();
    site.write("file", b"original");
    site.apply(vec![site.change("file", Some(b"one"))], Some("a")).unwrap();
    site.write("file", b"one and more");
    assert_eq!(restore(&site, "file"), Restore::Touched);
    fs::remove_file(site.path("file")).unwrap();
    assert_eq!(restore(&site, "file"), Restore::Touched);
}

#[test]
fn an_original_is_given_up_once_someone_changed_the_file() {
    let site = Site::new();
    site.write("file", b"original");
    site.apply(vec![site.change("file", Some(b"one"))], Some("a")).unwrap();
    site.write("file", b"one and more");
    site.apply(vec![site.change("file", Some(b"two and more"))], Some("b")).unwrap();
    assert_eq!(restore(&site, "file"), Restore::Touched);
    assert!(!site.stored().contains("original\n"), "the backup is swept: {}", site.stored());
}

#[test]
fn a_damaged_backup_is_never_put_back() {
    let site = Site::new();
    site.write("file", b"original");
    site.apply(vec![site.change("file", Some(b"one"))], Some("a")).unwrap();
    let blob = site.root.path().join("state/astro-aws/projects/p/blobs").join(Checksum::of(b"original").as_str());
    fs::write(&blob, b"orig").unwrap();
    assert_eq!(restore(&site, "file"), Restore::Touched);
    fs::remove_file(blob).unwrap();
    assert_eq!(restore(&site, "file"), Restore::Touched);
}

#[test]
fn the_record_of_a_file_follows_its_content() {
    let sum = |text: &[u8]| Some(Checksum::of(text));
    let record = |created, original, written| Some(FileRecord { created, original, written });
    let first = FileRecord::next(None, Some(b"a"), Some(b"b"));
    assert_eq!(first, record(false, sum(b"a"), sum(b"b")));
    let second = FileRecord::next(first.as_ref(), Some(b"b"), Some(b"c"));
    assert_eq!(second, record(false, sum(b"a"), sum(b"c")));
    assert_eq!(FileRecord::next(second.as_ref(), Some(b"c"), Some(b"a")), None, "as before the first change");
    assert_eq!(FileRecord::next(second.as_ref(), Some(b"x"), Some(b"a")), None, "as before, by another's help");
    let given_up = FileRecord::next(second.as_ref(), Some(b"x"), Some(b"d"));
    assert_eq!(given_up, record(false, None, sum(b"d")));
    assert_eq!(FileRecord::next(given_up.as_ref(), Some(b"d"), Some(b"e")), record(false, None, sum(b"e")));
    let created = FileRecord::next(None, None, Some(b"b"));
    assert_eq!(created, record(true, None, sum(b"b")));
    assert_eq!(FileRecord::next(created.as_ref(), Some(b"b"), None), None, "deleted again");
    assert_eq!(FileRecord::next(created.as_ref(), Some(b"x"), Some(b"c")), record(false, None, sum(b"c")));
    assert_eq!(FileRecord::next(None, Some(b"a"), None), record(false, sum(b"a"), None), "a removed file");
}

#[test]
fn debug_of_a_restore_shows_no_bytes() {
    assert_eq!(format!("{:?}", Restore::Original(b"hunter2".to_vec())), "Original(redacted)");
}
