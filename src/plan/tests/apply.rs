//! Proves that a plan is made as a whole or not at all, with mode, owner and symlinks kept.

use super::*;

#[test]
fn a_plan_is_made_and_recorded() {
    let site = Site::new();
    site.write("updated", b"old");
    site.write("removed", b"old");
    let changes = vec![
        site.change("updated", Some(b"new")),
        site.change("deep/er/created", Some(b"new")),
        site.change("removed", None),
        site.change("absent", None),
    ];
    let applied = site.apply(changes, Some("done")).unwrap();
    assert_eq!(applied.recovered.outcome, Outcome::Nothing);
    assert_eq!(site.read("updated").as_deref(), Some(&b"new"[..]));
    assert_eq!(site.read("deep/er/created").as_deref(), Some(&b"new"[..]));
    assert_eq!(site.read("removed"), None);
    assert_eq!(site.loaded().record, Some(Note("done".to_owned())));
    assert_eq!(fs::read_dir(site.path("")).unwrap().count(), 2, "nothing is left beside the files");
}

#[test]
fn nothing_is_changed_when_a_file_changed_meanwhile() {
    let site = Site::new();
    site.write("one", b"old");
    site.write("two", b"old");
    let changed: [(&str, &dyn Fn()); 4] = [
        ("two", &|| drop(site.write("two", b"old, and longer"))),
        ("two", &|| fs::remove_file(site.path("two")).unwrap()),
        ("three", &|| drop(site.write("three", b"came up"))),
        ("kept", &|| drop(site.write("kept", b"changed"))),
    ];
    for (name, by_someone) in changed {
        site.write("two", b"old");
        site.write("kept", b"same");
        let _ = fs::remove_file(site.path("three"));
        let changes = ["one", "two", "three"].map(|name| site.change(name, Some(b"new")));
        let kept = site.change("kept", Some(b"same"));
        by_someone();
        let before = site.snapshot();
        let error = site.apply([&changes[..], &[kept]].concat(), Some("done")).unwrap_err();
        assert!(matches!(&error, PlanError::ChangedMeanwhile { path } if *path == site.path(name)), "{error}");
        assert_eq!(without_state(site.snapshot(), &site), without_state(before, &site));
        assert_eq!(site.loaded().record, None);
    }
}

#[test]
fn a_file_saved_at_the_last_moment_is_kept_and_the_others_are_put_back() {
    let site = Site::new();
    site.write("one", b"old");
    let two = site.write("two", b"old");
    let world = Faulty::watched({
        let two = two.clone();
        move |step, path| {
            if step == Step::Replace && path.ends_with("one") {
                fs::write(&two, b"saved by an editor").unwrap();
            }
        }
    });
    let changes = vec![site.change("one", Some(b"new")), site.change("two", Some(b"new"))];
    let error = site.apply_in(&world, changes, Some("done")).unwrap_err();
    assert!(matches!(&error, PlanError::ChangedMeanwhile { path } if *path == two), "{error}");
    assert_eq!(site.read("one").as_deref(), Some(&b"old"[..]));
    assert_eq!(site.read("two").as_deref(), Some(&b"saved by an editor"[..]));
    assert_eq!(fs::read_dir(site.path("")).unwrap().count(), 2);
}

#[test]
fn nothing_is_changed_when_the_record_changed_meanwhile() {
    let site = Site::new();
    let seen = site.loaded().stamp;
    site.apply(vec![], Some("by another process")).unwrap();
    let lock = site.store.lock(WAIT, || {}).unwrap();
    let plan = Plan { changes: vec![site.change("new", Some(b"x"))] };
    let error = apply(&lock, &plan, &seen, Some(&Note("mine".to_owned()))).unwrap_err();
    assert!(matches!(error, PlanError::ChangedMeanwhile { .. }), "{error}");
    assert_eq!(site.read("new"), None);
}

#[test]
fn a_failure_at_any_step_puts_everything_back() {
    for at in 0.. {
        let site = Site::new();
        site.write("updated", b"old");
        site.write("removed", b"old");
        let secret = site.session_change("secret", None, Some(b"hunter1"));
        site.apply_in(&Faulty::well(), vec![secret], Some("before")).unwrap();
        let (before, stamp) = (site.snapshot(), site.loaded().stamp);
        let changes = vec![
            site.change("updated", Some(b"new")),
            site.change("folder/created", Some(b"new")),
            site.session_change("secret", Some(b"hunter1"), Some(b"hunter2")),
            site.change("removed", None),
        ];
        let world = Faulty::new(Fault::Error, at);
        let result = site.apply_in(&world, changes, Some("after"));
        if world.count.get() <= at {
            result.unwrap();
            assert!(at > 30, "every step was tried: {at}");
            return;
        }
        if site.loaded().stamp == stamp {
            let error = result.unwrap_err();
            assert!(matches!(error, PlanError::Io { .. }), "{at}: {error}");
            assert_eq!(site.snapshot(), before, "{at}");
            assert!(!site.store.is_interrupted());
        } else {
            // The record was there already: the change counts, and the next call clears away.
            result.unwrap();
            site.recover_in(&Faulty::well()).unwrap();
            assert_eq!(site.read("updated").as_deref(), Some(&b"new"[..]), "{at}");
            assert_eq!(fs::read_dir(site.path("")).unwrap().count(), 2, "{at}");
        }
    }
}

#[test]
fn a_failure_that_cannot_be_put_back_is_reported_and_mended_by_the_next_call() {
    let site = Site::new();
    site.write("one", b"old");
    site.write("two", b"old");
    let before = site.snapshot();
    let changes = vec![site.change("one", Some(b"new")), site.change("two", Some(b"new"))];
    struct Broken;
    impl World for Broken {
        fn step(&self, step: Step, path: &Path) -> Result<(), PlanError> {
            let breaks = step == Step::Replace && (path.ends_with("two") || path.ends_with("one") && is_new(path));
            let source = std::io::Error::other("broken disk");
            if breaks { Err(PlanError::Io { action: "replace", path: path.to_owned(), source }) } else { Ok(()) }
        }
    }
    fn is_new(path: &Path) -> bool {
        fs::read(path).unwrap() == b"new"
    }
    let error = site.apply_in(&Broken, changes, Some("done")).unwrap_err();
    assert!(matches!(&error, PlanError::NotPutBack { paths, .. } if *paths == [site.path("one")]), "{error}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, format!("could not replace `{}`", site.path("two").display()));
    assert!(site.store.is_interrupted());
    let recovered = site.recover_in(&Faulty::well()).unwrap();
    // The new content of both still waits or is in place, so the next call finishes what was asked for.
    assert_eq!(recovered, Recovered { outcome: Outcome::Finished, left: vec![] });
    assert_eq!(site.loaded().record, Some(Note("done".to_owned())));
    assert_ne!(site.snapshot(), before);
    assert_eq!(site.read("two").as_deref(), Some(&b"new"[..]));
}

#[test]
fn a_signal_before_the_first_rename_stops_everything() {
    let site = Site::new();
    site.write("one", b"old");
    let before = site.snapshot();
    let world = Faulty { signal: Some(15), ..Faulty::well() };
    let error = site.apply_in(&world, vec![site.change("one", Some(b"new"))], Some("done")).unwrap_err();
    assert!(matches!(error, PlanError::Interrupted { signal: 15 }), "{error}");
    assert_eq!(without_state(site.snapshot(), &site), without_state(before, &site));
}

#[test]
fn what_stands_in_a_files_place_is_refused() {
    let site = Site::new();
    fs::create_dir(site.path("folder")).unwrap();
    site.write("file", b"old");
    for (name, wanted) in [("folder", "is a folder"), ("file/below", "is a file, not a folder")] {
        let changes = vec![site.change("file", Some(b"new")), Change::new(site.path(name), None, Some(b"x".to_vec()))];
        let error = site.apply(changes, Some("done")).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert_eq!(site.read("file").as_deref(), Some(&b"old"[..]));
    }
}

#[test]
fn no_secret_is_kept_in_the_store() {
    let site = Site::new();
    let [theirs, one, two] = [&b"hunter0"[..], b"hunter1", b"hunter2"].map(Some);
    fs::create_dir_all(site.sessions().join("p")).unwrap();
    fs::write(site.sessions().join("p/secret"), b"hunter0").unwrap();
    for (before, after) in [(theirs, one), (one, None), (None, one), (one, two), (two, None)] {
        let store = site.store.clone();
        let world = Faulty::watched(move |_, _| {
            let journal = fs::read_to_string(store.journal_path()).unwrap_or_default();
            assert!(!journal.contains("hunter"), "{journal}");
        });
        let change = site.session_change("secret", before, after);
        assert!(!format!("{change:?}").contains("hunter"));
        site.apply_in(&world, vec![change], Some("done")).unwrap();
        assert!(!site.stored().contains("hunter"), "{}", site.stored());
    }
}

#[test]
fn bytes_of_an_original_are_kept_only_in_its_backup() {
    let site = Site::new();
    site.write("file", b"hunter2");
    site.apply(vec![site.change("file", Some(b"new")).with_secrecy(Secrecy::Neighbours)], Some("done")).unwrap();
    let stored = site.stored();
    let lines: Vec<&str> = stored.lines().filter(|line| line.contains("hunter")).collect();
    assert!(matches!(lines[..], [line] if line.contains("/blobs/")), "{lines:?}");
}

/// The project alone, for where the state folder may come up.
fn without_state(snapshot: Snapshot, site: &Site) -> Snapshot {
    snapshot.into_iter().filter(|(path, _)| path.starts_with(site.path(""))).collect()
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn mode_owner_and_symlink_are_kept() {
        let site = Site::new();
        let file = site.write("file", b"old");
        symlink("file", site.path("link")).unwrap();
        if rustix::process::geteuid().is_root() {
            chown(&file, Some(50_000), Some(50_001)).unwrap();
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o4751)).unwrap();
        let before = fs::metadata(&file).unwrap();
        site.apply(vec![site.change("link", Some(b"new"))], Some("done")).unwrap();
        let after = fs::metadata(&file).unwrap();
        assert_eq!((after.uid(), after.gid(), after.mode()), (before.uid(), before.gid(), before.mode()));
        assert_eq!(fs::read_link(site.path("link")).unwrap(), Path::new("file"));
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn created_files_and_folders_get_the_wanted_modes() {
        let site = Site::new();
        let secret = Change::new(site.path("secret"), None, Some(vec![])).with_secrecy(Secrecy::Secret);
        let odd = site.change("odd", Some(b"")).with_mode(0o666);
        site.apply(vec![site.session_change("config", None, Some(b"x")), secret, odd], Some("done")).unwrap();
        assert_eq!(mode(&site.sessions()), 0o700);
        assert_eq!(mode(&site.sessions().join("p")), 0o755);
        assert_eq!(mode(&site.sessions().join("p/config")), 0o644);
        assert_eq!(mode(&site.path("secret")), 0o600);
        assert_eq!(mode(&site.path("odd")), 0o666);
    }

    #[test]
    fn a_loosened_private_folder_is_closed_before_a_secret_is_written_below_it() {
        let site = Site::new();
        site.apply(vec![site.session_change("config", None, Some(b"x"))], Some("done")).unwrap();
        let sessions = site.sessions();
        fs::set_permissions(&sessions, fs::Permissions::from_mode(0o777)).unwrap();
        fs::set_permissions(sessions.join("p"), fs::Permissions::from_mode(0o711)).unwrap();
        let world = Faulty::watched({
            let sessions = sessions.clone();
            move |step, path| {
                if step == Step::Write && path.starts_with(&sessions) {
                    assert_eq!(mode(&sessions), 0o700);
                }
            }
        });
        site.apply_in(&world, vec![site.session_change("credentials.json", None, Some(b"y"))], Some("done")).unwrap();
        assert_eq!(mode(&sessions), 0o700);
        assert_eq!(mode(&sessions.join("p")), 0o711, "another existing folder keeps its mode");
    }

    #[test]
    fn a_secret_is_unreadable_for_others_until_it_is_complete() {
        let site = Site::new();
        let world = Faulty::watched(|step, path| {
            if step == Step::Write {
                assert_eq!(mode(path), 0o600, "{}", path.display());
            }
        });
        site.apply_in(&world, vec![site.session_change("credentials.json", None, Some(b"y"))], Some("done")).unwrap();
        assert!(world.steps.borrow().contains(&Step::Write));
    }

    #[test]
    fn two_ways_to_one_file_are_refused() {
        let site = Site::new();
        site.write("file", b"old");
        symlink("file", site.path("link")).unwrap();
        let changes = vec![site.change("file", Some(b"one")), site.change("link", Some(b"two"))];
        let error = site.apply(changes, Some("done")).unwrap_err();
        assert!(matches!(error, PlanError::SameFile { .. }), "{error}");
        assert_eq!(site.read("file").as_deref(), Some(&b"old"[..]));
    }

    #[test]
    fn a_read_only_folder_is_named_and_nothing_is_changed() {
        let site = Site::new();
        site.write("first", b"old");
        fs::create_dir(site.path("closed")).unwrap();
        site.write("closed/file", b"old");
        fs::set_permissions(site.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
        let changes = vec![site.change("first", Some(b"new")), site.change("closed/file", Some(b"new"))];
        let before = site.snapshot();
        match site.apply(changes, Some("done")) {
            Err(error) => {
                assert!(matches!(error, PlanError::FolderNotWritable { .. }), "{error}");
                assert_eq!(without_state(site.snapshot(), &site), without_state(before, &site));
            }
            // Root writes everywhere.
            Ok(_) => assert!(rustix::process::geteuid().is_root()),
        }
    }

    #[test]
    fn a_link_in_the_way_is_refused_before_anything_is_changed() {
        let site = Site::new();
        site.write("file", b"old");
        symlink("nowhere", site.path("dangling")).unwrap();
        let change = Change::new(site.path("dangling"), None, Some(b"x".to_vec()));
        let error = site.apply(vec![site.change("file", Some(b"new")), change], Some("done")).unwrap_err();
        assert!(matches!(error, PlanError::DanglingSymlink { .. }), "{error}");
        assert_eq!(site.read("file").as_deref(), Some(&b"old"[..]));
    }
}
