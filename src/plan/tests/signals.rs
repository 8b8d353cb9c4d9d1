//! Proves that signals wait while files are changed and act as ever afterwards.

use super::*;

#[cfg(unix)]
mod unix {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::low_level::raise;

    use super::super::super::world::Watched;
    use super::*;

    /// Names the signal for the child; a signal is the whole process's affair, so each case gets one of its own.
    const CHILD: &str = "ASTRO_AWS_TEST_SIGNAL";

    /// Signals come while the second file is about to be replaced.
    struct Signalled {
        world: Watched,
        signal: i32,
    }

    impl World for Signalled {
        fn step(&self, step: Step, path: &Path) -> Result<(), PlanError> {
            if step == Step::Replace && path.ends_with("two") {
                raise(self.signal).unwrap();
            }
            Ok(())
        }

        fn came(&self) -> Option<i32> {
            self.world.came()
        }
    }

    fn child(signal: i32) {
        let site = Site::new();
        let world = Signalled { world: Watched::begin().unwrap(), signal };
        let changes = vec![site.change("one", Some(b"new")), site.change("two", Some(b"new"))];
        site.apply_in(&world, changes, Some("done")).unwrap();
        assert_eq!(world.came(), Some(signal));
        assert_eq!(site.read("two").as_deref(), Some(&b"new"[..]));
        drop(world);
        drop(site);
        // Nothing holds the signal off any more.
        raise(signal).unwrap();
        unreachable!("the signal ends the process");
    }

    #[test]
    fn a_signal_waits_until_every_file_is_changed_and_acts_as_ever_afterwards() {
        if let Ok(signal) = std::env::var(CHILD) {
            return child(signal.parse().unwrap());
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let this = "a_signal_waits_until_every_file_is_changed_and_acts_as_ever_afterwards";
            let output =
                Command::new(std::env::current_exe().unwrap()).arg(this).env(CHILD, signal.to_string()).output();
            let output = output.unwrap();
            assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        }
    }

    fn minding_child(signal: i32) {
        let site = Site::new();
        // A change before, as of a process that renews first and watches then: its imitated default is in place.
        site.apply(vec![site.change("zero", Some(b"new"))], Some("zero")).unwrap();
        let minded = mind_signals().unwrap();
        raise(signal).unwrap();
        let world = Signalled { world: Watched::begin().unwrap(), signal };
        assert_eq!(world.came(), None, "an old signal");
        let changes = vec![site.change("one", Some(b"new")), site.change("two", Some(b"new"))];
        site.apply_in(&world, changes, Some("done")).unwrap();
        assert_eq!(world.came(), None, "a signal during the change");
        assert_eq!(world.world.release(), None);
        assert_eq!(site.read("two").as_deref(), Some(&b"new"[..]));
        raise(signal).unwrap();
        let applied = site.apply(vec![site.change("one", Some(b"newer"))], Some("again")).unwrap();
        assert_eq!(applied.interrupted, None);
        drop(minded);
        drop(site);
        // Nobody minds it any more.
        raise(signal).unwrap();
        unreachable!("the signal ends the process");
    }

    #[test]
    fn a_process_that_minds_signals_itself_finishes_its_changes_and_lives_until_it_does_not() {
        if let Ok(signal) = std::env::var(CHILD) {
            return minding_child(signal.parse().unwrap());
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let this = "a_process_that_minds_signals_itself_finishes_its_changes_and_lives_until_it_does_not";
            let output =
                Command::new(std::env::current_exe().unwrap()).arg(this).env(CHILD, signal.to_string()).output();
            let output = output.unwrap();
            assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        }
    }

    #[test]
    fn a_signal_that_was_ignored_from_the_start_is_known_to_have_been() {
        if std::env::var_os(CHILD).is_some() {
            let minded = mind_signals().unwrap();
            assert!(minded.was_ignored(SIGHUP) && !minded.was_ignored(SIGTERM));
            return;
        }
        let this = "a_signal_that_was_ignored_from_the_start_is_known_to_have_been";
        let program = std::env::current_exe().unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(program).arg(this).env(CHILD, "1");
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}
