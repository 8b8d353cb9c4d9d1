//! Holds off Ctrl-C and its kin while files are replaced, so that they never leave half a change.
//!
//! A signal that comes while [`Hold`] lives is remembered and reported; before and after, signals do what they do by
//! default. What was ignored from the start (`nohup`, a background job of a script) stays ignored.

#[cfg(unix)]
pub(super) use unix::{Hold, hold};
#[cfg(not(unix))]
pub(super) use windows::{Hold, hold};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock, Mutex, PoisonError};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;

    static SIGNALS: LazyLock<Signals> = LazyLock::new(Signals::default);

    #[derive(Default)]
    struct Signals {
        /// Whether signals do what they do by default.
        released: Arc<AtomicBool>,
        /// The signal that came last while held off, else 0.
        came: Arc<AtomicUsize>,
        state: Mutex<State>,
    }

    #[derive(Default)]
    struct State {
        registered: bool,
        holds: usize,
    }

    /// Signals are held off while this lives.
    pub(in crate::plan) struct Hold(());

    /// Begins to hold signals off.
    pub(in crate::plan) fn hold() -> io::Result<Hold> {
        let mut state = SIGNALS.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.holds == 0 {
            SIGNALS.came.store(0, Ordering::SeqCst);
            SIGNALS.released.store(false, Ordering::SeqCst);
        }
        if !state.registered {
            register()?;
            state.registered = true;
        }
        state.holds += 1;
        Ok(Hold(()))
    }

    impl Hold {
        /// The signal that came since signals were held off.
        pub(in crate::plan) fn came(&self) -> Option<i32> {
            came()
        }

        /// Ends the hold, then tells whether a signal came: one that comes later acts by itself, so none gets lost.
        pub(in crate::plan) fn release(self) -> Option<i32> {
            drop(self);
            came()
        }
    }

    fn came() -> Option<i32> {
        i32::try_from(SIGNALS.came.load(Ordering::SeqCst)).ok().filter(|&signal| signal != 0)
    }

    impl Drop for Hold {
        fn drop(&mut self) {
            let mut state = SIGNALS.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.holds -= 1;
            SIGNALS.released.store(state.holds == 0, Ordering::SeqCst);
        }
    }

    fn register() -> io::Result<()> {
        let ignored = ignored();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if ignored & (1 << (signal - 1)) == 0 {
                // The default first: what it ends needs no flag. signal-hook cannot give a handler back, so the
                // default is imitated for as long as the process lives.
                flag::register_conditional_default(signal, Arc::clone(&SIGNALS.released))?;
                flag::register_usize(signal, Arc::clone(&SIGNALS.came), signal.unsigned_abs() as usize)?;
            }
        }
        Ok(())
    }

    /// The signals that this process was started to ignore, as a bit set; known on Linux only.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod windows {
    /// Windows ends a process without asking it; the journal puts things right with the next call.
    pub(in crate::plan) struct Hold(());

    pub(in crate::plan) fn hold() -> std::io::Result<Hold> {
        Ok(Hold(()))
    }

    impl Hold {
        pub(in crate::plan) fn came(&self) -> Option<i32> {
            None
        }

        pub(in crate::plan) fn release(self) -> Option<i32> {
            None
        }
    }
}
