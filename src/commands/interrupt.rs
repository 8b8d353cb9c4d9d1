//! Ctrl-C while something takes long, such as a sign-in in the browser: ended with the exit code that says so.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::host::signals::Signals;
use crate::report::{Error, Kind};

/// The result of `work`, or what Ctrl-C (SIGTERM, SIGHUP) makes of it. What is being written when the signal comes is
/// written to its end; so is a refresh whose token is to be written: the last one may be used up by then.
///
/// # Errors
/// [`Kind::Interrupted`].
pub(super) async fn or_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    // Where signals cannot be caught, they end the process by themselves.
    let Ok(mut signals) = Signals::listen() else { return Ok(work.await) };
    let mut work = pin!(work);
    tokio::select! {
        result = &mut work => return Ok(result),
        _ = signals.next() => {}
    }
    if !signals.holds_off() {
        return Err(Error::new(Kind::Interrupted, "interrupted; nothing was written"));
    }
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Pending if signals.holds_off() => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
    Err(Error::new(Kind::Interrupted, "interrupted; what was under way has been brought to its end"))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::PathBuf;

    use signal_hook::consts::SIGTERM;
    use signal_hook::low_level::raise;

    use super::or_interrupted;
    use crate::plan::Replacement;
    use crate::report::Kind;

    /// A signal is the whole process's affair, so the one that gets it is a child.
    const CHILD: &str = "ASTRO_AWS_TEST_INTERRUPT";

    async fn interrupted(path: PathBuf) {
        let result = or_interrupted(async {
            let replacement = Replacement::begin(&path, 0).unwrap();
            // By then somebody listens.
            tokio::task::yield_now().await;
            raise(SIGTERM).unwrap();
            // The signal is heard while the service has not answered yet.
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
            replacement.finish(b"new").unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        assert_eq!(result.unwrap_err().kind, Kind::Interrupted);
    }

    #[test]
    fn what_is_to_be_written_is_written_before_an_interruption_ends_it() {
        if let Some(path) = std::env::var_os(CHILD) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            return runtime.block_on(interrupted(path.into()));
        }
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        let this = "commands::interrupt::tests::what_is_to_be_written_is_written_before_an_interruption_ends_it";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let output = child.args(["--exact", this, "--nocapture"]).env(CHILD, &path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }
}
