//! What a connection to the listener asks for.
//!
//! Bytes come in, as many as there are yet; the browser's return, or what is wrong with the request, goes out.

use url::form_urlencoded;
use zeroize::Zeroizing;

/// Where the browser comes back to; the service knows it from the client's registration.
pub(super) const PATH: &str = "/oauth/callback";

/// The most header lines that are read. Browsers send about twenty.
const MOST_HEADERS: usize = 64;

/// A request, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// It is not all there.
    Unfinished,
    /// The way back from the service.
    Return(Query),
    /// A page that is not here, such as `/favicon.ico`.
    OtherPage,
    /// Anything but GET.
    OtherMethod,
    /// No HTTP, or not what the service sends a browser back with.
    Garbage,
}

/// What the service sends a browser back with. No code is printed.
#[derive(PartialEq, Eq)]
pub(super) struct Query {
    /// The state that it was asked with.
    pub(super) state: Zeroizing<String>,
    /// The code, or the `error`.
    pub(super) answer: Result<Zeroizing<String>, String>,
}

impl std::fmt::Debug for Query {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(redacted)")
    }
}

/// Reads what has come so far.
pub(super) fn parse(bytes: &[u8]) -> Request {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) => return Request::Unfinished,
        Ok(httparse::Status::Complete(_)) => {}
        Err(_) => return Request::Garbage,
    }
    let (path, query) = request.path.map_or(("", ""), |target| target.split_once('?').unwrap_or((target, "")));
    match request.method {
        _ if path != PATH => Request::OtherPage,
        Some("GET") => read(query).map_or(Request::Garbage, Request::Return),
        _ => Request::OtherMethod,
    }
}

/// Nothing that counts may come twice: which one would?
fn read(query: &str) -> Option<Query> {
    let single = |wanted: &str| -> Option<Option<Zeroizing<String>>> {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
        let value = values.next().map(|(_, value)| Zeroizing::new(value.into_owned()));
        values.next().is_none().then_some(value)
    };
    let state = single("state")??;
    let answer = match (single("code")?, single("error")?) {
        (Some(code), None) if !code.is_empty() => Ok(code),
        (None, Some(error)) => Err(error.to_string()),
        _ => return None,
    };
    Some(Query { state, answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str) -> Request {
        parse(format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n").as_bytes())
    }

    fn returned(target: &str) -> (String, Result<String, String>) {
        match get(target) {
            Request::Return(query) => (query.state.to_string(), query.answer.map(|code| code.to_string())),
            other => panic!("{target}: {other:?}"),
        }
    }

    #[test]
    fn the_way_back_brings_code_and_state() {
        assert_eq!(returned("/oauth/callback?code=abc&state=xyz"), ("xyz".into(), Ok("abc".into())));
        assert_eq!(returned("/oauth/callback?state=x%2Fz&code=a%20b+c&iss=q"), ("x/z".into(), Ok("a b c".into())));
    }

    #[test]
    fn the_way_back_brings_an_error() {
        let brought = returned("/oauth/callback?error=access_denied&error_description=No&state=xyz");
        assert_eq!(brought, ("xyz".into(), Err("access_denied".into())));
    }

    #[test]
    fn a_way_back_without_sense_is_garbage() {
        for query in [
            "",
            "?",
            "?code=abc",
            "?state=xyz",
            "?code=&state=xyz",
            "?code=a&code=b&state=xyz",
            "?code=a&state=x&state=y",
            "?code=a&error=access_denied&state=xyz",
            "?error=a&error=b&state=xyz",
        ] {
            assert_eq!(get(&format!("/oauth/callback{query}")), Request::Garbage, "{query}");
        }
    }

    #[test]
    fn other_pages_and_methods_are_told_apart() {
        for page in ["/favicon.ico", "/", "/oauth/callback/", "/oauth/callbac?code=a&state=b", "*", "//oauth/callback"]
        {
            assert_eq!(get(page), Request::OtherPage, "{page}");
        }
        for method in ["POST", "HEAD", "OPTIONS"] {
            let request = format!("{method} /oauth/callback?code=a&state=b HTTP/1.1\r\n\r\n");
            assert_eq!(parse(request.as_bytes()), Request::OtherMethod, "{method}");
        }
    }

    #[test]
    fn each_beginning_of_a_request_is_unfinished() {
        let whole = b"GET /oauth/callback?code=a&state=b HTTP/1.1\r\nHost: x\r\n\r\n";
        for end in 0..whole.len() {
            assert_eq!(parse(&whole[..end]), Request::Unfinished, "{end}");
        }
        assert!(matches!(parse(whole), Request::Return(_)));
    }

    #[test]
    fn what_is_no_http_is_garbage() {
        for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00\x01"[..], b"GET\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"\0\0\0\0"] {
            assert_eq!(parse(bytes), Request::Garbage, "{bytes:?}");
        }
        let headers = "x: y\r\n".repeat(MOST_HEADERS + 1);
        assert_eq!(parse(format!("GET /oauth/callback HTTP/1.1\r\n{headers}\r\n").as_bytes()), Request::Garbage);
    }

    #[test]
    fn a_code_is_not_printed() {
        assert_eq!(format!("{:?}", get("/oauth/callback?code=hunter2&state=xyz")), "Return((redacted))");
    }
}
