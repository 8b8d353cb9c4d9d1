//! Real sockets against the listener.

use super::*;
use crate::aws::sso::wire::run;

/// Runs `client` beside the listener, which must have what it waits for when the client has ended.
async fn beside<T>(state: &State, client: impl AsyncFnOnce(u16) -> T) -> (Return, T) {
    let loopback = Loopback::bind().await.unwrap();
    let port = loopback.port;
    tokio::join!(loopback.wait(state), client(port))
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

async fn ask(port: u16, request: &str) -> String {
    let mut stream = connect(port).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(stream).await
}

async fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

fn callback(query: &str) -> String {
    format!("GET /oauth/callback?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
}

fn code(brought: Return) -> String {
    match brought {
        Return::Code(code) => code.expose().to_owned(),
        Return::Error(error) => panic!("{error}"),
    }
}

#[test]
fn other_machines_cannot_reach_it() {
    run(async {
        let loopback = Loopback::bind().await.unwrap();
        assert_eq!(loopback.listener.local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);
        assert_eq!(loopback.redirect_uri(), format!("http://127.0.0.1:{}/oauth/callback", loopback.port));
    });
}

#[test]
fn the_code_comes_with_the_right_state() {
    run(async {
        let state = State::new().unwrap();
        let request = callback(&format!("code=abc&state={}", state.expose()));
        let (brought, answer) = beside(&state, async |port| ask(port, &request).await).await;
        assert_eq!(code(brought), "abc");
        assert_eq!(status(&answer), "HTTP/1.1 200 OK");
        assert!(answer.contains("You can close this tab"), "{answer}");
    });
}

#[test]
fn a_request_in_many_packets_is_read_to_its_end() {
    run(async {
        let state = State::new().unwrap();
        let request = callback(&format!("code=abc&state={}", state.expose()));
        let (brought, answer) = beside(&state, async |port| {
            let mut stream = connect(port).await;
            stream.set_nodelay(true).unwrap();
            for byte in request.as_bytes() {
                stream.write_all(&[*byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            rest(stream).await
        })
        .await;
        assert_eq!((code(brought).as_str(), status(&answer)), ("abc", "HTTP/1.1 200 OK"));
    });
}

#[test]
fn connections_opened_ahead_of_need_hold_nothing_up() {
    run(async {
        let state = State::new().unwrap();
        let request = callback(&format!("code=abc&state={}", state.expose()));
        let (brought, ()) = beside(&state, async |port| {
            let _idle = connect(port).await;
            let mut half = connect(port).await;
            half.write_all(b"GET /oauth/call").await.unwrap();
            assert_eq!(status(&ask(port, "GET /favicon.ico HTTP/1.1\r\n\r\n").await), "HTTP/1.1 404 Not Found");
            ask(port, &request).await;
        })
        .await;
        assert_eq!(code(brought), "abc");
    });
}

#[test]
fn whatever_is_not_ours_is_refused_and_listening_goes_on() {
    run(async {
        let state = State::new().unwrap();
        let right = format!("code=abc&state={}", state.expose());
        let (brought, statuses) = beside(&state, async |port| {
            let mut statuses = Vec::new();
            for request in [
                callback("code=stolen&state=guessed"),
                callback("error=access_denied&state=guessed"),
                callback("code=stolen"),
                callback(&right).replace("GET", "POST"),
                callback(&right).replace("callback", "elsewhere"),
                "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(),
                format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(2 * LONGEST)),
                format!("GET /oauth/callback HTTP/1.1\r\n{}", "x: y\r\n".repeat(20_000)),
            ] {
                let mut stream = connect(port).await;
                // What is far too long is not taken to its end.
                let _ = stream.write_all(request.as_bytes()).await;
                let mut answer = Vec::new();
                let _ = stream.read_to_end(&mut answer).await;
                statuses.push(status(&String::from_utf8(answer).unwrap()).to_owned());
            }
            // One that says nothing and goes.
            drop(connect(port).await);
            ask(port, &callback(&right)).await;
            statuses
        })
        .await;
        assert_eq!(code(brought), "abc");
        insta::assert_debug_snapshot!(statuses, @r#"
        [
            "HTTP/1.1 400 Bad Request",
            "HTTP/1.1 400 Bad Request",
            "HTTP/1.1 400 Bad Request",
            "HTTP/1.1 405 Method Not Allowed",
            "HTTP/1.1 404 Not Found",
            "HTTP/1.1 400 Bad Request",
            "HTTP/1.1 431 Request Header Fields Too Large",
            "HTTP/1.1 400 Bad Request",
        ]
        "#);
    });
}

#[test]
fn a_refusal_with_the_right_state_ends_the_waiting() {
    run(async {
        let state = State::new().unwrap();
        let request = callback(&format!("error=access_denied&state={}", state.expose()));
        let (brought, answer) = beside(&state, async |port| ask(port, &request).await).await;
        assert!(matches!(brought, Return::Error(error) if error == "access_denied"));
        assert!(answer.contains("The sign-in was refused"), "{answer}");
    });
}

#[test]
fn more_connections_than_are_served_at_once_wait_their_turn() {
    run(async {
        let state = State::new().unwrap();
        let request = callback(&format!("code=abc&state={}", state.expose()));
        let (brought, ()) = beside(&state, async |port| {
            let mut idle = Vec::new();
            for _ in 0..3 * CONNECTIONS {
                idle.push(connect(port).await);
            }
            let mut last = connect(port).await;
            last.write_all(request.as_bytes()).await.unwrap();
            // Half of the idle ones go: their places are taken by those that wait.
            idle.clear();
            rest(last).await;
        })
        .await;
        assert_eq!(code(brought), "abc");
    });
}
