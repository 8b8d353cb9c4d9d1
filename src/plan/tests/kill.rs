//! Proves that a change killed at any step, and a recovery killed at any step, leave everything or nothing of it.

use proptest::prelude::*;

use super::*;

/// The kinds of change that a plan is mixed from.
const KINDS: usize = 6;

/// A project in which every kind of change has its file, set up by an earlier call.
fn site() -> Site {
    let site = Site::new();
    site.write("updated", b"old\n");
    site.write("removed", b"old\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("updated", site.path("link")).unwrap();
    let sessions = vec![
        site.session_change("updated", None, Some(b"hunter1")),
        site.session_change("removed", None, Some(b"hunter1")),
    ];
    site.apply_in(&Faulty::well(), sessions, Some("before")).unwrap();
    site
}

fn change(site: &Site, kind: usize) -> Change {
    match kind {
        0 if cfg!(unix) => site.change("link", Some(b"new\n")).with_secrecy(Secrecy::Neighbours),
        0 => site.change("updated", Some(b"new\n")),
        1 => site.change("created", Some(b"new\n")),
        2 => site.change("removed", None),
        3 => site.session_change("updated", Some(b"hunter1"), Some(b"hunter2")),
        4 => site.session_change("removed", Some(b"hunter1"), None),
        _ => {
            let folder = site.root.path().join("state/astro-aws/sessions/other");
            Change::new(folder.join("deep/created"), None, Some(b"hunter2".to_vec()))
                .with_secrecy(Secrecy::Secret)
                .in_folders([Folder::private(site.sessions()), Folder::new(folder, 0o755)])
        }
    }
}

fn changes(site: &Site, kinds: &[usize]) -> Vec<Change> {
    kinds.iter().map(|&kind| change(site, kind)).collect()
}

/// What the project and the record look like after the whole change.
fn after(kinds: &[usize]) -> Vec<(PathBuf, String)> {
    let site = site();
    site.apply_in(&Faulty::well(), changes(&site, kinds), Some("after")).unwrap();
    relative(&site)
}

fn relative(site: &Site) -> Vec<(PathBuf, String)> {
    let inside = |path: PathBuf| path.strip_prefix(site.root.path()).unwrap().to_owned();
    site.snapshot().into_iter().map(|(path, entry)| (inside(path), entry)).collect()
}

/// Everything is as before or as after, the record agrees, and nothing is left over.
fn assert_whole(site: &Site, before: &[(PathBuf, String)], after: &[(PathBuf, String)], context: &str) {
    let now = relative(site);
    match site.loaded().record {
        Some(Note(note)) if note == "before" => assert_eq!(now, before, "{context}"),
        Some(Note(note)) if note == "after" => assert_eq!(now, after, "{context}"),
        other => panic!("{context}: {other:?}"),
    }
    assert!(!site.store.is_interrupted(), "{context}");
    assert!(!site.stored().contains("hunter"), "{context}");
    assert!(!site.stored().contains("/.astro-aws-"), "{context}: {}", site.stored());
}

/// Kills the change at `kill`, then each recovery at the next of `again`, then lets one run to its end. False when
/// `kill` is past the change's last step.
fn kill_and_recover(kinds: &[usize], after: &[(PathBuf, String)], kill: usize, again: &[usize]) -> bool {
    let site = site();
    let before = relative(&site);
    let world = Faulty::new(Fault::Kill, kill);
    let applied = survive(|| site.apply_in(&world, changes(&site, kinds), Some("after")));
    let killed = applied.is_none();
    applied.map(Result::unwrap);
    for &at in again {
        survive(|| site.recover_in(&Faulty::new(Fault::Kill, at))).map(Result::unwrap);
    }
    let recovered = site.recover_in(&Faulty::well()).unwrap();
    assert_eq!(recovered.left, Vec::<PathBuf>::new());
    let context = format!("{kinds:?} killed at {kill} before {:?}, then at {again:?}", world.steps.borrow().last());
    assert_whole(&site, &before, after, &context);
    killed
}

/// The steps from the first file's rename up to and with the record's.
fn steps_that_count(kinds: &[usize]) -> std::ops::RangeInclusive<usize> {
    let site = site();
    let world = Faulty::well();
    site.apply_in(&world, changes(&site, kinds), Some("after")).unwrap();
    let steps = world.steps.borrow();
    let last = |wanted| steps.iter().rposition(|&step| step == wanted).unwrap();
    last(Step::Keep) + 1..=last(Step::Replace)
}

#[test]
fn a_kill_at_every_step_leaves_all_or_nothing() {
    for kinds in [&[0][..], &[1, 3], &[4, 2, 5], &[2, 0, 4, 1]] {
        let after = after(kinds);
        let steps = (0..).take_while(|&kill| kill_and_recover(kinds, &after, kill, &[])).count();
        assert!(steps > 8 + 4 * kinds.len(), "every step was tried: {steps}");
    }
}

#[test]
fn a_kill_during_recovery_leaves_all_or_nothing() {
    let kinds = [0, 4, 1];
    let after = after(&kinds);
    for kill in steps_that_count(&kinds) {
        for again in 0..12 {
            kill_and_recover(&kinds, &after, kill, &[again]);
        }
    }
}

#[test]
fn a_kill_while_putting_back_leaves_all_or_nothing() {
    let kinds = [4, 0, 1, 2];
    let after = after(&kinds);
    for error in steps_that_count(&kinds) {
        for later in 0..14 {
            let site = site();
            let before = relative(&site);
            let world = FailsThenDies { error, kill: error + 1 + later, count: Cell::new(0) };
            survive(|| site.apply_in(&world, changes(&site, &kinds), Some("after")).map(drop));
            assert_eq!(site.recover_in(&Faulty::well()).unwrap().left, Vec::<PathBuf>::new());
            assert_whole(&site, &before, &after, &format!("error at {error}, killed {later} later"));
        }
    }
}

/// One step fails, and while that is put right the process dies.
struct FailsThenDies {
    error: usize,
    kill: usize,
    count: Cell<usize>,
}

impl World for FailsThenDies {
    fn step(&self, _: Step, path: &Path) -> Result<(), PlanError> {
        let number = self.count.replace(self.count.get() + 1);
        if number == self.kill {
            std::panic::resume_unwind(Box::new("killed"));
        }
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        if number == self.error {
            Err(PlanError::Io { action: "write", path: path.to_owned(), source })
        } else {
            Ok(())
        }
    }

    fn sync(&self, _: &fs::File) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_torn_new_content_is_never_put_in_place() {
    let site = site();
    let before = relative(&site);
    let kinds = [1, 0];
    // The two files' renames are the first of these steps.
    let second = steps_that_count(&kinds).nth(1).unwrap();
    let world = Faulty::new(Fault::Kill, second);
    assert!(survive(|| site.apply_in(&world, changes(&site, &kinds), Some("after"))).is_none());
    assert_ne!(relative(&site), before, "one file is replaced already");
    let torn = fs::read_dir(site.path("")).unwrap().map(|entry| entry.unwrap().path());
    let torn = torn.filter(|path| path.to_str().unwrap().ends_with("-1")).collect::<Vec<_>>();
    assert_eq!(torn.len(), 1);
    fs::write(&torn[0], b"ne").unwrap();
    assert_eq!(site.recover_in(&Faulty::well()).unwrap().outcome, Outcome::PutBack);
    assert_eq!(relative(&site), before);
}

#[test]
fn a_change_that_counts_is_never_taken_back() {
    let site = site();
    let kinds = [0, 1];
    let recorded = *steps_that_count(&kinds).end() + 1;
    let world = Faulty::new(Fault::Kill, recorded);
    assert!(survive(|| site.apply_in(&world, changes(&site, &kinds), Some("after"))).is_none());
    // As if the change had been taken back half, but it was a person.
    site.write("updated", b"old\n");
    let recovered = site.recover_in(&Faulty::well()).unwrap();
    assert_eq!(recovered, Recovered { outcome: Outcome::Finished, left: vec![] });
    assert_eq!(site.read("created").as_deref(), Some(&b"new\n"[..]));
    assert_eq!(site.read("updated").as_deref(), Some(&b"old\n"[..]));
}

#[test]
fn a_file_changed_after_a_kill_is_left_and_reported() {
    let kinds = [0, 1, 3];
    let mut outcomes = Vec::new();
    for kill in 0.. {
        let site = site();
        let world = Faulty::new(Fault::Kill, kill);
        if survive(|| site.apply_in(&world, changes(&site, &kinds), Some("after"))).is_some() {
            break;
        }
        site.write("updated", b"by hand\n");
        let interrupted = site.store.is_interrupted();
        let recorded = site.loaded().record == Some(Note("after".to_owned()));
        let recovered = site.recover_in(&Faulty::well()).unwrap();
        assert_eq!(site.read("updated").as_deref(), Some(&b"by hand\n"[..]), "{kill}");
        assert_eq!(recovered.outcome == Outcome::Nothing, !interrupted, "{kill}");
        if recovered.outcome == Outcome::Finished && !recorded {
            assert_eq!(recovered.left, [site.path("link")], "{kill}");
        }
        let created = site.read("created").is_some();
        assert_eq!(created, site.loaded().record == Some(Note("after".to_owned())), "{kill}");
        outcomes.push(recovered.outcome);
    }
    for outcome in [Outcome::Nothing, Outcome::PutBack, Outcome::Finished] {
        assert!(outcomes.contains(&outcome), "{outcomes:?}");
    }
}

#[test]
fn a_damaged_journal_is_named() {
    let site = site();
    let journal = site.root.path().join("state/astro-aws/projects/p/pending.json");
    fs::write(&journal, "{\"schema\": 1").unwrap();
    let error = site.apply(vec![], Some("after")).unwrap_err();
    assert!(matches!(&error, PlanError::Corrupt { path, .. } if *path == journal), "{error}");
}

fn any_kinds() -> impl Strategy<Value = Vec<usize>> {
    let all: Vec<usize> = (0..KINDS).collect();
    prop::sample::subsequence(all, 1..=4).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_plan_killed_anywhere_and_recovered_with_more_kills_is_whole(
        kinds in any_kinds(),
        kill in 0_usize..70,
        again in prop::collection::vec(0_usize..20, 0..3),
    ) {
        kill_and_recover(&kinds, &after(&kinds), kill, &again);
    }
}
