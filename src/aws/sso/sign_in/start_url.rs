//! Start URLs: which hosts are AWS's own, and where a company's own ("vanity") address leads.
//!
//! A start URL and its region come in; the URL that the service knows, and the region it is in, go out. The rules are
//! those of AWS CLI v2 (awscli: `customizations/sso/resolve.py`).

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use url::{Host, Url};

use super::redirect::{self, Answer};

/// A start URL as the service knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The URL: as written where the host is AWS's own, else where it leads.
    pub(super) url: String,
    /// The region that the host names, where a company's own address was followed; else the configured one.
    pub(super) region: String,
}

/// Why a start URL cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is none, or leads to none.
    Reason(String),
    /// The company's own address could not be reached.
    Network(String),
}

/// Hosts below which everything is AWS's own.
const OWN_SUFFIXES: [&str; 8] = [
    "app.aws",
    "portal.amazonaws.com",
    "portal.amazonaws.com.cn",
    "app.amazonwebservices.com.cn",
    "portal.amazonaws.eu",
    "api.amazonwebservices.eu",
    "awsapps.com",
    "awsapps.cn",
];

/// Hosts of AWS's own.
const OWN_HOSTS: [&str; 4] = [
    "identitycenter.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
];

/// What stands before and after the region in a host that names one; a single label comes before it all.
const REGION_BETWEEN: [(&str, &str); 6] = [
    (".portal.", ".app.aws"),
    (".", ".portal.amazonaws.com"),
    (".", ".portal.amazonaws.com.cn"),
    (".portal.", ".app.amazonwebservices.com.cn"),
    (".", ".portal.amazonaws.eu"),
    (".portal.", ".api.amazonwebservices.eu"),
];

/// Finds the start URL that the service knows. Only an address that is not AWS's own is asked, once, and where it leads
/// is not followed.
///
/// # Errors
/// [`Unusable`].
pub(super) async fn resolve(written: &str, region: &str, client: &SharedHttpClient) -> Result<Resolved, Unusable> {
    let url = parse(written)?;
    if is_own(&url) {
        return Ok(Resolved { url: written.to_owned(), region: region.to_owned() });
    }
    let target = target(&url, &ask(client, &url).await?)?;
    let region = region_in(target.host_str().unwrap_or_default()).unwrap_or(region).to_owned();
    Ok(Resolved { url: normalized(&target), region })
}

fn parse(written: &str) -> Result<Url, Unusable> {
    let url = Url::parse(written).map_err(|error| Unusable::Reason(format!("it is no URL ({error})")))?;
    if url.scheme() != "https" {
        return Err(Unusable::Reason("it does not begin with `https://`".to_owned()));
    }
    Ok(url)
}

async fn ask(client: &SharedHttpClient, url: &Url) -> Result<Answer, Unusable> {
    let answer = match redirect::ask(client, "HEAD", url).await {
        // Some servers answer no HEAD.
        Ok(answer) if [405, 501].contains(&answer.status) => redirect::ask(client, "GET", url).await,
        first => first,
    };
    answer.map_err(Unusable::Network)
}

/// Where a company's address leads: to a host of AWS's own, or nowhere.
fn target(asked: &Url, answer: &Answer) -> Result<Url, Unusable> {
    let refuse = |reason: String| Err(Unusable::Reason(reason));
    match answer.status {
        301 | 302 | 303 | 307 | 308 => {}
        200..=299 => return refuse("its host is not one of AWS, and does not lead to one".to_owned()),
        status => return refuse(format!("its host is not one of AWS, and answers with HTTP status {status}")),
    }
    let Some(location) = &answer.location else {
        return refuse("its host is not one of AWS, and redirects without saying where to".to_owned());
    };
    let Ok(target) = asked.join(location) else {
        return refuse("its host is not one of AWS, and redirects to what is no URL".to_owned());
    };
    if target.scheme() != "https" || !is_own(&target) {
        let address = target.origin().ascii_serialization();
        return refuse(format!("it leads to `{address}`, which is no https address of AWS"));
    }
    Ok(target)
}

fn is_own(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    let host = host.trim_end_matches('.');
    let is_below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    OWN_HOSTS.contains(&host) || OWN_SUFFIXES.into_iter().any(is_below)
}

fn region_in(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    let dot = host.find('.')?;
    let is_region = |name: &&str| {
        !name.is_empty() && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    REGION_BETWEEN
        .into_iter()
        .find_map(|(before, after)| host[dot..].strip_prefix(before)?.strip_suffix(after).filter(is_region))
}

/// Without what a service cannot know a start URL by: account, query, fragment, slashes at the end.
fn normalized(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
