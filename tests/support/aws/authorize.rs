//! The authorization code grant with PKCE, as the stand-in for SSO-OIDC plays it: the page behind `/authorize`, where a
//! person consents or not, and the codes that come of it, each good once, for one client, one address and one verifier.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::oidc::Client;
use super::secret::{challenge_of, secret};
use super::settings::{Consent, Settings};
use super::wire::{Answer, Refusal, Reply, Request, percent_encode, refuse};

#[derive(Default)]
pub(super) struct Codes(BTreeMap<String, Code>);

struct Code {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    expires_at: SystemTime,
}

impl Codes {
    pub(super) fn authorize(&mut self, request: &Request, client: &Client, settings: &Settings) -> Answer {
        let redirect_uri = request.parameter("redirect_uri");
        if !client.redirect_uris.iter().any(|registered| without_port(registered) == without_port(redirect_uri)) {
            return refuse("InvalidRedirectUriException", "this redirect_uri is not the client's");
        }
        if !client.grants.iter().any(|grant| grant == "authorization_code") {
            return refuse("UnauthorizedClientException", "this client did not register for authorization_code");
        }
        let challenge = request.parameter("code_challenge");
        let asked = [request.parameter("response_type"), request.parameter("code_challenge_method")];
        // 32 bytes of SHA-256 in base64url without padding.
        if asked != ["code", "S256"] || challenge.len() != 43 || request.parameter("state").is_empty() {
            return refuse(
                "InvalidRequestException",
                "response_type code, state, and S256 with a challenge are needed",
            );
        }
        let mut scopes = request.parameter("scopes").split_whitespace().peekable();
        if scopes.peek().is_none() || !scopes.all(|scope| client.scopes.iter().any(|known| known == scope)) {
            return refuse("InvalidScopeException", "scopes that the client did not register");
        }
        let state = match settings.consent {
            Consent::GivenWithForeignState => "00000000-0000-0000-0000-000000000000",
            _ => request.parameter("state"),
        };
        let said = match settings.consent {
            Consent::Withheld => return Ok(Reply::page(200, "Allow access to your data?")),
            Consent::Denied => "error=access_denied&error_description=The%20person%20said%20no".to_owned(),
            Consent::Given | Consent::GivenWithForeignState => {
                let code = secret("code");
                let said = format!("code={}", percent_encode(&code));
                let known = Code {
                    client_id: request.parameter("client_id").to_owned(),
                    redirect_uri: redirect_uri.to_owned(),
                    challenge: challenge.to_owned(),
                    expires_at: SystemTime::now() + settings.code_lifetime,
                };
                self.0.insert(code, known);
                said
            }
        };
        Ok(Reply::redirect(format!("{redirect_uri}?{said}&state={}", percent_encode(state))))
    }

    /// Takes a code; a code that was taken or tried once is void.
    pub(super) fn redeem(&mut self, request: &Request) -> Result<(), Refusal> {
        let verifier = request.member("codeVerifier");
        let unreserved = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        if !(43..=128).contains(&verifier.len()) || !verifier.chars().all(unreserved) {
            return refuse("InvalidRequestException", "codeVerifier is not one of RFC 7636");
        }
        let code = self.0.remove(request.member("code")).filter(|code| {
            code.client_id == request.member("clientId")
                && code.redirect_uri == request.member("redirectUri")
                && code.challenge == challenge_of(verifier)
                && code.expires_at > SystemTime::now()
        });
        match code {
            Some(_) => Ok(()),
            None => refuse("InvalidGrantException", "Invalid authorization code provided"),
        }
    }
}

/// On loopback the port is the client's to choose (RFC 8252, section 7.3).
fn without_port(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    format!("{scheme}://{host}/{path}")
}
