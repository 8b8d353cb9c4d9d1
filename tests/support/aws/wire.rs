//! What the stand-in for AWS reads and writes on the wire: an HTTP request with its parameters (query, form or JSON
//! body), and a reply as XML, JSON, a page or a redirect. Errors are shaped as each service shapes them: STS in XML,
//! OIDC with `error` and `error_description`, the portal with `message`; these two name the kind in
//! `x-amzn-ErrorType` (botocore:data/sso-oidc and data/sso, service-2.json); Secrets Manager and SSM in `__type`.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::{Map, Value, json};

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    /// Of the query string and of a form body.
    pub(super) parameters: BTreeMap<String, String>,
    /// The JSON body; empty where there is none.
    pub(super) body: Map<String, Value>,
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
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        // A client with a proxy asks the proxy for the whole address.
        let path = path.strip_prefix("http://").map_or(path, |rest| rest.find('/').map_or("/", |slash| &rest[slash..]));
        let mut parameters = parse_form(query);
        let body = match serde_json::from_slice(&bytes) {
            Ok(Value::Object(body)) => body,
            _ => {
                parameters.extend(parse_form(&String::from_utf8_lossy(&bytes)));
                Map::new()
            }
        };
        Ok(Some(Self { method, path: path.to_owned(), headers, parameters, body }))
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A string of the JSON body; empty where it is missing.
    pub(super) fn member(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A list of strings of the JSON body; empty where it is missing.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let items = self.body.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| Some(item.as_str()?.to_owned())).collect()
    }

    /// Everything that was asked, as one object.
    pub(super) fn asked(&self) -> Value {
        let parameters = self.parameters.iter().map(|(name, value)| (name.clone(), json!(value)));
        Value::Object(parameters.chain(self.body.clone()).collect())
    }

    /// Where the client sees this server.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.headers.get("host").map_or("", String::as_str))
    }

    /// From `AWS4-HMAC-SHA256 Credential=AKIA…/20261122/us-east-1/sts/aws4_request, …`.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        self.credential_scope()?.next()
    }

    /// The region of the signature, from the same scope.
    pub(super) fn region(&self) -> Option<&str> {
        self.credential_scope()?.nth(2)
    }

    fn credential_scope(&self) -> Option<std::str::Split<'_, char>> {
        let (_, scope) = self.headers.get("authorization")?.split_once("Credential=")?;
        Some(scope.split('/'))
    }
}

/// Why a service refuses: the kind of error and what it says about it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// What a service answers.
pub(super) type Answer = Result<Reply, Refusal>;

pub(super) fn refuse<T>(code: &'static str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { code, message: message.into() })
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Reply {
    pub(super) fn xml(status: u16, body: impl Into<String>) -> Self {
        Self { status, content_type: "text/xml", headers: Vec::new(), body: body.into() }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: "application/json", headers: Vec::new(), body: body.to_string() }
    }

    /// A page for a person.
    pub(super) fn page(status: u16, text: &str) -> Self {
        let body = format!("<!doctype html><title>Stand-in for AWS</title><p>{text}</p>\n");
        Self { status, content_type: "text/html; charset=utf-8", headers: Vec::new(), body }
    }

    pub(super) fn redirect(location: String) -> Self {
        let headers = vec![("location", location)];
        Self { status: 302, content_type: "text/plain", headers, body: String::new() }
    }

    pub(super) fn sts(action: &str, result: &str) -> Self {
        Self::xml(
            200,
            format!(
                r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{result}</{action}Result><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000001</RequestId></ResponseMetadata></{action}Response>"#
            ),
        )
    }

    pub(super) fn sts_error(status: u16, code: &str, message: &str) -> Self {
        Self::xml(
            status,
            format!(
                r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>00000000-0000-0000-0000-000000000001</RequestId></ErrorResponse>"#
            ),
        )
    }

    pub(super) fn oidc_error(code: &str, message: &str) -> Self {
        let body = json!({"error": oauth_error(code), "error_description": message});
        Self { headers: vec![("x-amzn-ErrorType", code.to_owned())], ..Self::json(status_of(code), &body) }
    }

    pub(super) fn portal_error(code: &str, message: &str) -> Self {
        let body = json!({"message": message, "__type": format!("com.amazonaws.switchboard.portal#{code}")});
        Self { headers: vec![("x-amzn-ErrorType", code.to_owned())], ..Self::json(status_of(code), &body) }
    }

    /// As the AWS JSON 1.1 protocol has it: Secrets Manager and SSM.
    pub(super) fn aws_json(body: &Value) -> Self {
        Self { content_type: "application/x-amz-json-1.1", ..Self::json(200, body) }
    }

    /// Secrets Manager writes `Message`, SSM `message`; clients read either.
    pub(super) fn aws_json_error(code: &str, message: &str) -> Self {
        let in_trouble = ["InternalServiceError", "InternalServerError", "InternalFailure"].contains(&code);
        let body = json!({"__type": code, "message": message, "Message": message});
        Self { status: if in_trouble { 500 } else { 400 }, ..Self::aws_json(&body) }
    }

    pub(super) fn to_http(&self) -> String {
        let Self { status, content_type, headers, body } = self;
        let length = body.len();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!(
            "HTTP/1.1 {status} Stand-In\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{headers}\
             connection: close\r\n\r\n{body}"
        )
    }
}

/// The HTTP status that the service models give an error; what they do not model is 400, as in OAuth.
fn status_of(code: &str) -> u16 {
    match code {
        "InvalidClientException" | "UnauthorizedException" => 401,
        "ForbiddenException" => 403,
        "ResourceNotFoundException" => 404,
        "TooManyRequestsException" => 429,
        "InternalServerException" | "InternalFailure" => 500,
        _ => 400,
    }
}

/// `AuthorizationPendingException` is `authorization_pending` to OAuth.
fn oauth_error(code: &str) -> String {
    let kind = code.strip_suffix("Exception").unwrap_or(code);
    if kind == "InternalServer" {
        return "server_error".to_owned();
    }
    let mut name = String::new();
    for letter in kind.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn parse_form(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (percent_decode(name), percent_decode(value))).collect()
}

/// For a query string: everything but the unreserved characters of RFC 3986 is escaped.
pub(super) fn percent_encode(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
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
