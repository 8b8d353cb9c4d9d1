//! The connections of the stand-in for AWS: a thread each, one request each, answered at once, late, or never.

use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::control;
use super::state::{Outcome, State};
use super::wire::Request;

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Connections that get no answer, open until the end.
    unanswered: Mutex<Vec<TcpStream>>,
    pub(super) stopping: AtomicBool,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn unanswered(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A client that hangs up in the middle is its own affair: the test sees it in what the client reports.
        thread::spawn(move || serve(stream, &shared).ok());
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let Some(request) = Request::read(&mut BufReader::new(&stream))? else { return Ok(()) };
    if let Some(reply) = control::answer(&request, &mut shared.state()) {
        return stream.write_all(reply.to_http().as_bytes());
    }
    let outcome = shared.state().take(&request);
    let written = match outcome {
        Outcome::Answered { reply, after } => {
            // The deed is done before the wait: a client that gives up meanwhile has used up its token all the same.
            thread::sleep(after);
            stream.write_all(reply.to_http().as_bytes()).and_then(|()| stream.flush())
        }
        Outcome::Unanswered => {
            shared.unanswered().push(stream);
            Ok(())
        }
        Outcome::Dropped => Ok(()),
    };
    shared.state().tally.end();
    written
}
