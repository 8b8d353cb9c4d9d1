//! Holds off Ctrl-C and its kin while files are replaced, so that they never leave half a change.
//!
//! A signal that comes while [`Hold`] lives is remembered and reported; before and after, signals do what they do by
//! default. What was ignored from the start (`nohup`, a background job of a script) stays ignored.
//!
//! A process that runs for days minds signals itself, and says so with [`mind_signals`]: then none of them ends it
//! here, or counts as an interruption of a change.

#[cfg(unix)]
pub(super) use unix::{Hold, hold};
#[cfg(unix)]
pub use unix::{Minded, mind_signals};
#[cfg(not(unix))]
pub(super) use windows::{Hold, hold};
#[cfg(not(unix))]
pub use windows::{Minded, mind_signals};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

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
        /// The signals that the process was started to ignore, as a bit set; known once `registered`.
        ignored: u64,
        holds: usize,
        minds: usize,
    }

    impl State {
        fn register(&mut self) -> io::Result<()> {
            if !self.registered {
                self.ignored = ignored();
                register(self.ignored)?;
                self.registered = true;
            }
            Ok(())
        }

        /// Lets signals act by default again, where nothing keeps them from it.
        fn settle(&self) {
            SIGNALS.released.store(self.holds == 0 && self.minds == 0, Ordering::SeqCst);
        }
    }

    fn state() -> MutexGuard<'static, State> {
        SIGNALS.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signals are held off while this lives.
    pub(in crate::plan) struct Hold(());

    /// Begins to hold signals off.
    pub(in crate::plan) fn hold() -> io::Result<Hold> {
        let mut state = state();
        if state.holds == 0 {
            SIGNALS.came.store(0, Ordering::SeqCst);
            SIGNALS.released.store(false, Ordering::SeqCst);
        }
        state.register()?;
        state.holds += 1;
        Ok(Hold(()))
    }

    impl Hold {
        /// The signal that came since signals were held off; none where the process minds them itself.
        pub(in crate::plan) fn came(&self) -> Option<i32> {
            came()
        }

        /// Ends the hold, then tells whether a signal came: one that comes later acts by itself, so none gets lost.
        pub(in crate::plan) fn release(self) -> Option<i32> {
            drop(self);
            came()
        }

        /// Ends the hold; where it was the last, a signal that came meanwhile does now what it does by default.
        pub(in crate::plan) fn act(self) {
            drop(self);
            let is_over = SIGNALS.released.load(Ordering::SeqCst);
            if let Some(signal) = came().filter(|_| is_over) {
                // It fails for signals that nobody can catch alone.
                let _ = low_level::emulate_default_handler(signal);
            }
        }
    }

    fn came() -> Option<i32> {
        let is_minded = state().minds > 0;
        i32::try_from(SIGNALS.came.load(Ordering::SeqCst)).ok().filter(|&signal| signal != 0 && !is_minded)
    }

    impl Drop for Hold {
        fn drop(&mut self) {
            let mut state = state();
            state.holds -= 1;
            state.settle();
        }
    }

    /// The process minds SIGINT, SIGTERM and SIGHUP itself while this lives: they neither end it nor interrupt a change.
    #[derive(Debug)]
    pub struct Minded(());

    /// Leaves SIGINT, SIGTERM and SIGHUP to the caller, who begins to listen right afterwards: one that comes between
    /// the two is lost. Changes are finished as ever.
    ///
    /// # Errors
    /// The system's, where signals cannot be caught.
    pub fn mind_signals() -> io::Result<Minded> {
        let mut state = state();
        // Before the registration: from it on, the imitated default would act.
        SIGNALS.released.store(false, Ordering::SeqCst);
        if let Err(error) = state.register() {
            state.settle();
            return Err(error);
        }
        state.minds += 1;
        Ok(Minded(()))
    }

    impl Minded {
        /// Whether files are being replaced, or about to be: until that is over nothing should be broken off.
        pub fn holds_off(&self) -> bool {
            state().holds > 0
        }

        /// Whether the process was started to ignore a signal, and so should go on ignoring it. Known on Linux only.
        pub fn was_ignored(&self, signal: i32) -> bool {
            state().ignored & (1 << (signal - 1)) != 0
        }
    }

    impl Drop for Minded {
        fn drop(&mut self) {
            let mut state = state();
            state.minds -= 1;
            if state.minds == 0 {
                // What came was the caller's affair, and is no interruption of a change that is still being made.
                SIGNALS.came.store(0, Ordering::SeqCst);
            }
            state.settle();
        }
    }

    fn register(ignored: u64) -> io::Result<()> {
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    static HOLDS: AtomicUsize = AtomicUsize::new(0);

    /// Windows ends a process without asking it, unless it minds Ctrl-C itself; the journal puts things right with the
    /// next call.
    pub(in crate::plan) struct Hold(());

    pub(in crate::plan) fn hold() -> std::io::Result<Hold> {
        HOLDS.fetch_add(1, Ordering::SeqCst);
        Ok(Hold(()))
    }

    impl Drop for Hold {
        fn drop(&mut self) {
            HOLDS.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Hold {
        pub(in crate::plan) fn came(&self) -> Option<i32> {
            None
        }

        pub(in crate::plan) fn release(self) -> Option<i32> {
            None
        }

        pub(in crate::plan) fn act(self) {}
    }

    /// The process minds signals itself while this lives.
    #[derive(Debug)]
    pub struct Minded(());

    impl Minded {
        /// Whether files are being replaced, or about to be: until that is over nothing should be broken off.
        pub fn holds_off(&self) -> bool {
            HOLDS.load(Ordering::SeqCst) > 0
        }
    }

    /// Leaves Ctrl-C to the caller.
    ///
    /// # Errors
    /// None on Windows.
    pub fn mind_signals() -> std::io::Result<Minded> {
        Ok(Minded(()))
    }
}
