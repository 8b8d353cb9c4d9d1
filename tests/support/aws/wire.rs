//! What the stand-in for AWS reads and writes on the wire: an HTTP request with its parameters, a reply as XML or JSON,
//! and times in the two forms that AWS uses.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) struct Request {
    method: String,
    path: String,
    pub(super) headers: BTreeMap<String, String>,
    /// Of the query string and of a form body.
    parameters: BTreeMap<String, String>,
}

impl Request {
    pub(super) fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut parameters = parse_form(query);
        parameters.extend(parse_form(&String::from_utf8_lossy(&body)));
        Ok(Some(Self { method, path: path.to_owned(), headers, parameters }))
    }

    pub(super) fn action(&self) -> String {
        match self.parameters.get("Action") {
            Some(action) => action.clone(),
            None if self.path == "/federation/credentials" => "GetRoleCredentials".to_owned(),
            None => format!("{} {}", self.method, self.path),
        }
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// From `AWS4-HMAC-SHA256 Credential=AKIA…/20261122/us-east-1/sts/aws4_request, …`.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        let (_, scope) = self.headers.get("authorization")?.split_once("Credential=")?;
        scope.split('/').next()
    }
}

pub(super) struct Reply {
    status: u16,
    content_type: &'static str,
    error_type: &'static str,
    body: String,
}

impl Reply {
    pub(super) fn xml(status: u16, body: String) -> Self {
        Self { status, content_type: "text/xml", error_type: "", body }
    }

    pub(super) fn json(status: u16, error_type: &'static str, body: String) -> Self {
        Self { status, content_type: "application/json", error_type, body }
    }

    pub(super) fn sts(action: &str, result: &str) -> Self {
        Self::xml(
            200,
            format!(
                r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{result}</{action}Result><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000001</RequestId></ResponseMetadata></{action}Response>"#
            ),
        )
    }

    pub(super) fn sts_error(status: u16, code: &str) -> Self {
        Self::xml(
            status,
            format!(
                r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code><Message>The stand-in says {code}</Message></Error><RequestId>00000000-0000-0000-0000-000000000001</RequestId></ErrorResponse>"#
            ),
        )
    }

    pub(super) fn to_http(&self) -> String {
        let Self { status, content_type, error_type, body } = self;
        let length = body.len();
        format!(
            "HTTP/1.1 {status} Stand-In\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
             x-amzn-errortype: {error_type}\r\nconnection: close\r\n\r\n{body}"
        )
    }
}

fn parse_form(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (percent_decode(name), percent_decode(value))).collect()
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn seconds_since_epoch(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// `2026-11-22T21:53:00Z`, as STS and the token cache of AWS CLI v2 write times.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = seconds_since_epoch(time);
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut day) = (1970, days);
    while day >= days_of_year(year) {
        day -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
}

fn days_of_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    365 + u64::from(leap)
}
