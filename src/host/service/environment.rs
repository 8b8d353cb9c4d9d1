//! Which of this shell's variables the service needs too: those that decide where things are and how AWS is reached.
//! Never one that is a credential.

use url::Url;

use crate::host::os::Env;
use crate::host::workstation::Host;

/// Variables that name a file or folder; a relative one is made absolute, since a service starts elsewhere.
const PATHS: [&str; 5] =
    ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Variables that are taken as they are.
const PLAIN: [&str; 6] = ["PATH", "XDG_STATE_HOME", "AWS_REGION", "AWS_DEFAULT_REGION", "NO_PROXY", "no_proxy"];

/// Variables that hold an address, which may hold a password.
const ADDRESSES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The variables of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Name and value, by name.
    pub variables: Vec<(String, String)>,
    /// What is set here and stays here.
    pub left_out: Vec<LeftOut>,
}

/// A variable that the service does without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why, as the end of a sentence.
    pub reason: &'static str,
}

/// What the service is given of the host's environment.
pub fn carried(host: &Host) -> Carried {
    let mut carried = Carried::default();
    for name in names(&host.env) {
        let Some(value) = host.env.get(&name) else {
            // Unset, or empty, which is the same to all who read these.
            continue;
        };
        let reason = if value.chars().any(char::is_control) {
            Some("it holds a control character")
        } else if (ADDRESSES.contains(&name.as_str()) || name.starts_with(ENDPOINT)) && holds_password(value) {
            Some("it holds a password, which would be written to a file")
        } else {
            None
        };
        match reason {
            Some(reason) => carried.left_out.push(LeftOut { name, reason }),
            None => {
                let value = if PATHS.contains(&name.as_str()) { absolute(host, value) } else { value.to_owned() };
                carried.variables.push((name, value));
            }
        }
    }
    carried
}

fn names(env: &Env) -> Vec<String> {
    let endpoints = env.iter().map(|(name, _)| name).filter(|name| name.starts_with(ENDPOINT));
    let mut names: Vec<_> = PATHS.iter().chain(&PLAIN).chain(&ADDRESSES).copied().chain(endpoints).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Whether an address has a part for user and password; one without a scheme is read as http.
fn holds_password(address: &str) -> bool {
    let with_scheme = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    match Url::parse(&with_scheme) {
        Ok(url) => url.password().is_some() || !url.username().is_empty(),
        // Nothing can be told of it, so nothing is risked.
        Err(_) => address.contains('@'),
    }
}

fn absolute(host: &Host, path: &str) -> String {
    let found = crate::host::paths::HostPath::new(host.os, path);
    if found.is_absolute() || path.starts_with('~') {
        return path.to_owned();
    }
    crate::host::paths::HostPath::from_path(host.os, &host.cwd)
        .map_or_else(|| path.to_owned(), |cwd| cwd.join(path).to_string())
}
