//! Just enough of an HTTP client to be a browser, or to ask the stand-in for AWS without any SDK: one request a
//! connection, redirects followed where a browser would.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer may take; a page that never comes must not keep the test from ending.
const PATIENCE: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 5;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Where it was found, after redirects.
    pub(crate) url: String,
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Goes to a link as a browser does, following redirects.
pub(crate) fn visit(url: &str) -> Result<Page> {
    let mut page = ask("GET", url, &[], None)?;
    for _ in 0..MOST_REDIRECTS {
        match page.header("location") {
            Some(next) if (300..400).contains(&page.status) => page = ask("GET", next, &[], None)?,
            _ => return Ok(page),
        }
    }
    Err(Error::other(format!("{url} redirects without end")))
}

/// One request, without following anything.
pub(crate) fn ask(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Result<Page> {
    let bad_url = || Error::new(ErrorKind::InvalidInput, format!("no http address: {url}"));
    let rest = url.strip_prefix("http://").ok_or_else(bad_url)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let length = body.len();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let request = format!(
        "{method} {slash}{path} HTTP/1.1\r\nhost: {authority}\r\ncontent-length: {length}\r\n{headers}\
         connection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(url, &String::from_utf8_lossy(&answer)).ok_or_else(|| Error::other(format!("no HTTP answer from {url}")))
}

fn parse(url: &str, answer: &str) -> Option<Page> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some(Page { url: url.to_owned(), status, headers, body: body.to_owned() })
}
