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
}
