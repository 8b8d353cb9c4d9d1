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
