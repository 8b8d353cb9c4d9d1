//! The signals of a process that decides itself what they mean.
//!
//! In: what the system sends. Out: a [`Signal`] at a time. What the process was started to ignore stays ignored.

use std::io;

use crate::plan::{self, Minded};

/// What somebody wants of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C: SIGINT, on Windows also Ctrl-Break.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone, or a service shall begin anew.
    HangUp,
}

#[cfg(unix)]
pub use unix::Signals;
#[cfg(not(unix))]
pub use windows::Signals;

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{self, SignalKind};

    use super::{Minded, Signal, io, plan};

    /// Signals as they come; while this lives they do nothing else.
    #[derive(Debug)]
    pub struct Signals {
        interrupt: Option<unix::Signal>,
        terminate: Option<unix::Signal>,
        hang_up: Option<unix::Signal>,
        minded: Minded,
    }

    impl Signals {
        /// Begins to listen.
        ///
        /// # Errors
        /// The system's, where signals cannot be caught.
        pub fn listen() -> io::Result<Self> {
            let minded = plan::mind_signals()?;
            let listen =
                |kind: SignalKind| (!minded.was_ignored(kind.as_raw_value())).then(|| unix::signal(kind)).transpose();
            Ok(Self {
                interrupt: listen(SignalKind::interrupt())?,
                terminate: listen(SignalKind::terminate())?,
                hang_up: listen(SignalKind::hangup())?,
                minded,
            })
        }

        /// Whether files are being replaced, or about to be: until that is over nothing should be broken off.
        pub fn holds_off(&self) -> bool {
            self.minded.holds_off()
        }

        /// The next signal. Nothing is lost where the call is dropped.
        pub async fn next(&mut self) -> Signal {
            tokio::select! {
                () = came(&mut self.interrupt) => Signal::Interrupt,
                () = came(&mut self.terminate) => Signal::Terminate,
                () = came(&mut self.hang_up) => Signal::HangUp,
            }
        }
    }

    async fn came(signal: &mut Option<unix::Signal>) {
        if let Some(signal) = signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(not(unix))]
mod windows {
    use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

    use super::{Minded, Signal, io, plan};

    /// Signals as they come; while this lives they do nothing else.
    #[derive(Debug)]
    pub struct Signals {
        interrupt: CtrlC,
        stop: CtrlBreak,
        close: CtrlClose,
        minded: Minded,
    }

    impl Signals {
        /// Begins to listen.
        ///
        /// # Errors
        /// The system's, where signals cannot be caught.
        pub fn listen() -> io::Result<Self> {
            let minded = plan::mind_signals()?;
            Ok(Self { interrupt: ctrl_c()?, stop: ctrl_break()?, close: ctrl_close()?, minded })
        }

        /// Whether files are being replaced, or about to be: until that is over nothing should be broken off.
        pub fn holds_off(&self) -> bool {
            self.minded.holds_off()
        }

        /// The next signal. Nothing is lost where the call is dropped.
        pub async fn next(&mut self) -> Signal {
            let came = tokio::select! {
                came = self.interrupt.recv() => came.map(|()| Signal::Interrupt),
                came = self.stop.recv() => came.map(|()| Signal::Interrupt),
                came = self.close.recv() => came.map(|()| Signal::Terminate),
            };
            match came {
                Some(signal) => signal,
                None => std::future::pending().await,
            }
        }
    }
}
