//! The listener on 127.0.0.1 that the browser comes back to with its code (RFC 8252).
//!
//! In: connections of a browser, or of anybody else on this machine. Out: the authorization code that came with the
//! right state, or the service's refusal. Whatever else comes is answered and forgotten; listening goes on.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use super::page::Page;
use super::pkce::State;
use super::request::{self, Query, Request};
use crate::aws::secret::AuthorizationCode;

/// The largest request that is read, in bytes. Codes and cookies of other pages on 127.0.0.1 take a few thousand.
const LONGEST: usize = 64 * 1024;

/// The longest that one connection may take: browsers open some ahead of need, and leave them idle.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10);

/// How many connections are served at once; the others wait.
const CONNECTIONS: usize = 16;

/// What the browser came back with.
#[derive(Debug)]
pub(super) enum Return {
    /// The person has signed in.
    Code(AuthorizationCode),
    /// The service refused, with this `error` (RFC 6749 section 4.1.2.1).
    Error(String),
}

/// The listener; other machines cannot reach it.
#[derive(Debug)]
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// The system's.
    pub(super) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The address that the browser is to come back to.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, request::PATH)
    }

    /// Waits until the browser comes back with this state, for as long as it takes.
    pub(super) async fn wait(&self, state: &State) -> Return {
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                    Ok((stream, _)) => connections.push(serve(stream, state)),
                    // No descriptors left, say: the pause keeps it from spinning until there are.
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
                ended = connections.next(), if !connections.is_empty() => if let Some(Some(brought)) = ended {
                    return brought;
                },
            }
        }
    }
}

async fn serve(stream: TcpStream, state: &State) -> Option<Return> {
    timeout(CONNECTION_LIMIT, converse(stream, state)).await.ok().flatten()
}

/// Answers one request; one that nothing is read from ends without an answer.
async fn converse(mut stream: TcpStream, state: &State) -> Option<Return> {
    let (page, brought) = judge(read(&mut stream).await.ok()?, state);
    let sent = stream.write_all(page.answer().as_bytes()).await;
    let _ = stream.shutdown().await;
    if brought.is_none() && sent.is_ok() {
        drain(&mut stream).await;
    }
    brought
}

/// What a request brings, if it is the way back of our own browser.
fn judge(request: Option<Request>, state: &State) -> (Page, Option<Return>) {
    match request {
        Some(Request::Return(Query { state: brought, answer })) if state.is(&brought) => match answer {
            Ok(code) => (Page::Done, Some(Return::Code(AuthorizationCode::new(code.as_str())))),
            Err(error) => (Page::Refused, Some(Return::Error(error))),
        },
        Some(Request::OtherPage) => (Page::Missing, None),
        Some(Request::OtherMethod) => (Page::OtherMethod, None),
        Some(Request::Return(_) | Request::Garbage | Request::Unfinished) => (Page::NotOurs, None),
        None => (Page::TooLong, None),
    }
}

/// One request; `None` where it is too long.
async fn read(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut received = Zeroizing::new(Vec::with_capacity(4096));
    loop {
        if stream.read_buf(&mut *received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match request::parse(&received) {
            Request::Unfinished if received.len() < LONGEST => {}
            Request::Unfinished => return Ok(None),
            whole => return Ok(Some(whole)),
        }
    }
}

/// Takes what is still coming: closing before that would take the answer from the other side.
async fn drain(stream: &mut TcpStream) {
    let mut rest = [0; 4096];
    for _ in 0..LONGEST / rest.len() {
        match stream.read(&mut rest).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
