//! URLs as `urllib.parse` takes them apart and puts them together.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What `quote(text, safe="")` leaves as it is, besides letters and digits.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// Characters that stand for one of `/?#@:` under NFKC, which `_checknetloc` refuses.
const DISGUISES: &[char] = &[
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}', '\u{fe13}',
    '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}', '\u{ff1a}', '\u{ff1f}',
    '\u{ff20}',
];

/// What `urlsplit` returns, without the fragment, which Airflow drops.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::airflow) struct Split {
    pub(in crate::airflow) scheme: String,
    pub(in crate::airflow) netloc: String,
    pub(in crate::airflow) path: String,
    pub(in crate::airflow) query: String,
}

/// `urlsplit(url)`.
pub(in crate::airflow) fn split(url: &str) -> Result<Split, &'static str> {
    let url: String =
        url.trim_start_matches(|c| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let (scheme, rest) = match url.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
        _ => (String::new(), url.as_str()),
    };
    let (netloc, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    check_brackets(netloc)?;
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if netloc.contains(DISGUISES) {
        return Err("its host holds a character that stands for one of `/?#@:`");
    }
    Ok(Split { scheme, netloc: netloc.to_owned(), path: path.to_owned(), query: query.to_owned() })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// The rules of CPython 3.11 and those that newer ones add (`_check_bracketed_netloc`): no text beside the brackets.
fn check_brackets(netloc: &str) -> Result<(), &'static str> {
    const UNPAIRED: &str = "it has a `[` or a `]` that belongs to no IPv6 address: write `%5B` and `%5D`";
    if !netloc.contains(['[', ']']) {
        return Ok(());
    }
    let address = netloc.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(address, _)| address);
    let host = netloc.rsplit_once('@').map_or(netloc, |(_, host)| host);
    let stands_alone = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let stands_alone = stands_alone.is_some_and(|(_, port)| port.is_empty() || port.starts_with(':'));
    let is_address = address.is_some_and(|address| match address.strip_prefix('v') {
        Some(future) => is_future_address(future),
        None => is_ipv6(address),
    });
    if stands_alone && is_address { Ok(()) } else { Err(UNPAIRED) }
}

/// `\Av[a-fA-F0-9]+\..+\Z` behind the `v`.
fn is_future_address(text: &str) -> bool {
    text.split_once('.').is_some_and(|(version, address)| {
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_hexdigit()) && !address.is_empty()
    })
}

/// `ipaddress.ip_address`, which takes a zone behind one `%`.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').map_or((text, None), |(address, zone)| (address, Some(zone)));
    address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(|zone| !zone.is_empty() && !zone.contains('%'))
}

impl Split {
    /// `username` and `password`, still quoted.
    pub(in crate::airflow) fn user(&self) -> (Option<&str>, Option<&str>) {
        let Some((user, _)) = self.netloc.rsplit_once('@') else { return (None, None) };
        user.split_once(':').map_or((Some(user), None), |(name, password)| (Some(name), Some(password)))
    }

    fn host_and_port(&self) -> (&str, &str) {
        let host = self.netloc.rsplit_once('@').map_or(self.netloc.as_str(), |(_, host)| host);
        match host.split_once('[') {
            Some((_, bracketed)) => {
                let (host, port) = bracketed.split_once(']').unwrap_or((bracketed, ""));
                (host, port.split_once(':').map_or("", |(_, port)| port))
            }
            None => host.split_once(':').unwrap_or((host, "")),
        }
    }

    /// `hostname`: in lower case up to its first `%`.
    pub(in crate::airflow) fn hostname(&self) -> String {
        let (host, _) = self.host_and_port();
        let zone = host.find('%').unwrap_or(host.len());
        format!("{}{}", host[..zone].to_lowercase(), &host[zone..])
    }

    /// `port`.
    pub(in crate::airflow) fn port(&self) -> Result<Option<i64>, &'static str> {
        match self.host_and_port().1 {
            "" => Ok(None),
            port if !port.bytes().all(|byte| byte.is_ascii_digit()) => Err("what stands for its port is no number"),
            port => match port.parse::<u64>() {
                Ok(port @ 0..=65535) => Ok(i64::try_from(port).ok()),
                _ => Err("its port is above 65535"),
            },
        }
    }
}

/// `unquote(text)`: bytes that are no UTF-8 become U+FFFD.
pub(in crate::airflow) fn unquote(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// `quote(text, safe="")`.
pub(in crate::airflow) fn quote(text: &str) -> String {
    utf8_percent_encode(text, QUOTED).to_string()
}

/// `dict(parse_qsl(query, keep_blank_values=True))`.
pub(in crate::airflow) fn parse_query(query: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let plain = |text: &str| unquote(&text.replace('+', " "));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (plain(key), plain(value));
        match places.get(&key) {
            Some(&place) => found[place].1 = value,
            None => {
                places.insert(key.clone(), found.len());
                found.push((key, value));
            }
        }
    }
    found
}

/// `urlencode(pairs)`.
pub(in crate::airflow) fn encode_query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let plus = |text: &str| quote(text).replace("%20", "+");
    let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| format!("{}={}", plus(key), plus(value))).collect();
    pairs.join("&")
}
