//! The stand-in for SSO-OIDC: registers clients and gives tokens for codes, refresh tokens and device codes, with the
//! members, errors and refusals of the service model (botocore:data/sso-oidc/2019-06-10/service-2.json).

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::authorize::Codes;
use super::device::Devices;
use super::secret::{public, secret};
use super::settings::Settings;
use super::sign_ins::SignIns;
use super::times::seconds_since_epoch;
use super::wire::{Answer, Refusal, Reply, Request, refuse};

pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", DEVICE_CODE];

#[derive(Default)]
pub(super) struct Oidc {
    pub(super) clients: BTreeMap<String, Client>,
    pub(super) codes: Codes,
    pub(super) devices: Devices,
}

pub(super) struct Client {
    pub(super) secret: String,
    pub(super) expires_at: SystemTime,
    pub(super) grants: Vec<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) scopes: Vec<String>,
}

impl Client {
    /// One that a test found in a cache: good for everything.
    pub(super) fn known(secret: &str, expires_at: SystemTime) -> Self {
        Self {
            secret: secret.to_owned(),
            expires_at,
            grants: GRANTS.map(str::to_owned).to_vec(),
            redirect_uris: vec!["http://127.0.0.1/oauth/callback".to_owned()],
            scopes: vec!["sso:account:access".to_owned()],
        }
    }
}

impl Oidc {
    pub(super) fn register(&mut self, request: &Request, settings: &Settings) -> Answer {
        if request.member("clientName").is_empty() || request.member("clientType").is_empty() {
            return refuse("InvalidRequestException", "clientName and clientType are required");
        }
        if request.member("clientType") != "public" {
            return refuse("InvalidClientMetadataException", "the only clientType is public");
        }
        let [grants, redirect_uris, scopes] = ["grantTypes", "redirectUris", "scopes"].map(|name| request.list(name));
        if let Some(grant) = grants.iter().find(|grant| !GRANTS.contains(&grant.as_str())) {
            return refuse("UnsupportedGrantTypeException", format!("no grant type {grant}"));
        }
        if let Some(uri) = redirect_uris.iter().find(|uri| !is_loopback(uri)) {
            return refuse("InvalidRedirectUriException", format!("{uri} is not on loopback"));
        }
        if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
            return refuse("InvalidScopeException", format!("no scope {scope}"));
        }
        if grants.iter().any(|grant| grant == "authorization_code") {
            if redirect_uris.is_empty() {
                return refuse("InvalidRedirectUriException", "redirectUris are required for authorization_code");
            }
            check_start_url("issuerUrl", request.member("issuerUrl"), settings)?;
        }
        let now = SystemTime::now();
        let (client_id, client_secret) = (public(24), secret("eyJraWQiOiJrZXkifQ"));
        let expires_at = now + settings.client_lifetime;
        // A client that names no grant types gets those of the device flow.
        let grants = if grants.is_empty() { vec![DEVICE_CODE.to_owned(), "refresh_token".to_owned()] } else { grants };
        let client = Client { secret: client_secret.clone(), expires_at, grants, redirect_uris, scopes };
        self.clients.insert(client_id.clone(), client);
        let answer = json!({
            "clientId": client_id, "clientSecret": client_secret, "clientIdIssuedAt": seconds_since_epoch(now),
            "clientSecretExpiresAt": seconds_since_epoch(expires_at), "authorizationEndpoint": null,
            "tokenEndpoint": null,
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn start_device_authorization(&mut self, request: &Request, settings: &Settings) -> Answer {
        let client = authenticated(&self.clients, request)?;
        if !client.grants.iter().any(|grant| grant == DEVICE_CODE) {
            return refuse("UnauthorizedClientException", "this client did not register for device codes");
        }
        check_start_url("startUrl", request.member("startUrl"), settings)?;
        Ok(self.devices.start(request, settings))
    }

    pub(super) fn authorize(&mut self, request: &Request, settings: &Settings) -> Answer {
        let Some(client) = self.clients.get(request.parameter("client_id")) else {
            return refuse("InvalidClientException", "no client of this id");
        };
        self.codes.authorize(request, client, settings)
    }

    pub(super) fn create_token(&mut self, request: &Request, sign_ins: &mut SignIns, settings: &Settings) -> Answer {
        let client = authenticated(&self.clients, request)?;
        let client_id = request.member("clientId");
        let grant = request.member("grantType");
        if !GRANTS.contains(&grant) {
            return refuse("UnsupportedGrantTypeException", format!("no grant type {grant}"));
        }
        if !client.grants.iter().any(|registered| registered == grant) {
            return refuse("UnauthorizedClientException", format!("this client did not register for {grant}"));
        }
        // Without scopes it is a sign-in of old: hours long, and nobody can renew it.
        let refreshable = !client.scopes.is_empty();
        let lifetime = if refreshable { settings.token_lifetime } else { settings.legacy_token_lifetime };
        let (sign_in, refresh_token) = match grant {
            "refresh_token" => {
                let token = request.member("refreshToken");
                if token.is_empty() {
                    return refuse("InvalidRequestException", "refreshToken is required");
                }
                match sign_ins.redeem(token, client_id, settings.refresh_tokens) {
                    Some(redeemed) => redeemed,
                    None => return refuse("InvalidGrantException", "Invalid refresh token provided"),
                }
            }
            _ => {
                match grant {
                    DEVICE_CODE => self.devices.redeem(request, settings)?,
                    _ => self.codes.redeem(request)?,
                }
                let sign_in = sign_ins.begin();
                (sign_in, refreshable.then(|| sign_ins.issue_refresh(sign_in, client_id)))
            }
        };
        let access_token = sign_ins.issue_access(sign_in, lifetime);
        // The service writes out the members that it has nothing for.
        let answer = json!({
            "accessToken": access_token, "expiresIn": lifetime.as_secs(), "idToken": null, "originSessionId": null,
            "refreshToken": refresh_token, "tokenType": "Bearer",
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn as_json(&self) -> Value {
        let clients = self.clients.iter().map(|(id, client)| {
            json!({
                "client_id": id, "client_secret": client.secret, "scopes": client.scopes, "grants": client.grants,
                "redirect_uris": client.redirect_uris,
            })
        });
        clients.collect()
    }
}

fn authenticated<'a>(clients: &'a BTreeMap<String, Client>, request: &Request) -> Result<&'a Client, Refusal> {
    let (client_id, client_secret) = (request.member("clientId"), request.member("clientSecret"));
    if client_id.is_empty() || client_secret.is_empty() {
        return refuse("InvalidRequestException", "clientId and clientSecret are required");
    }
    let client = clients.get(client_id).filter(|client| client.secret == client_secret);
    match client.filter(|client| client.expires_at > SystemTime::now()) {
        Some(client) => Ok(client),
        None => refuse("InvalidClientException", "Invalid client provided"),
    }
}

fn check_start_url(member: &str, url: &str, settings: &Settings) -> Result<(), Refusal> {
    let known = settings.start_urls.is_empty() || settings.start_urls.iter().any(|known| known == url);
    if url.starts_with("https://") && known {
        return Ok(());
    }
    refuse("InvalidRequestException", format!("{member} names no instance of IAM Identity Center"))
}

fn is_loopback(uri: &str) -> bool {
    ["http://127.0.0.1/", "http://127.0.0.1:", "http://[::1]/", "http://[::1]:"]
        .iter()
        .any(|prefix| uri.starts_with(prefix))
}

fn is_scope(scope: &str) -> bool {
    ["openid", "aws"].contains(&scope)
        || ["sso:", "sts:", "codewhisperer:", "transform:"].iter().any(|prefix| scope.starts_with(prefix))
}
