//! The calls themselves.
//!
//! A registered client and a grant come in, a token goes out. Endpoint, proxy and time limits are those of
//! [`Access::sdk_config`].

use std::sync::{Arc, OnceLock};
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_ssooidc::config::Builder;
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::region::Region;

use crate::aws::access::Access;
use crate::aws::profile::{ProfileSet, SsoSession};
use crate::aws::secret::{AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, DeviceCode, RefreshToken};
use crate::aws::sso::cache::{PKCE_GRANTS, Registration, Token};
use crate::aws::sso::settings_profile;
use crate::host::Clock;

use super::failure::Failure;

/// What the page of the service calls the program that asks.
const CLIENT_NAME: &str = "astro-aws";

/// What clients of the authorization code come back to; the port of the day is left out (RFC 8252 section 7.3).
const REDIRECT_WITHOUT_PORT: &str = "http://127.0.0.1/oauth/callback";

/// How often a device asks where the service does not say (RFC 8628 section 3.2).
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// What a client is registered for.
#[derive(Debug, Clone, Copy)]
pub(in crate::aws::sso) enum Purpose<'a> {
    /// The authorization code with PKCE, and refreshing.
    AuthorizationCode {
        /// The start URL as the service knows it.
        issuer: &'a str,
    },
    /// The device code.
    DeviceCode,
}

/// What a token is asked for with.
#[derive(Debug, Clone, Copy)]
pub(in crate::aws::sso) enum Grant<'a> {
    /// What the browser brought back.
    AuthorizationCode {
        /// The code.
        code: &'a AuthorizationCode,
        /// The verifier whose challenge the browser was sent with.
        verifier: &'a CodeVerifier,
        /// The address that the browser came back to, with its port.
        redirect_uri: &'a str,
    },
    /// A device that its person has signed in, or will.
    DeviceCode(&'a DeviceCode),
    /// The last token's own.
    RefreshToken(&'a RefreshToken),
}

/// A device that waits for its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws::sso) struct DeviceAuthorization {
    /// What it asks for its token with.
    pub(in crate::aws::sso) code: DeviceCode,
    /// What the person compares.
    pub(in crate::aws::sso) user_code: String,
    /// The page to open, which knows the user code.
    pub(in crate::aws::sso) link: String,
    /// How long to wait before each question.
    pub(in crate::aws::sso) interval: Duration,
    /// How long the code counts.
    pub(in crate::aws::sso) lifetime: Duration,
}

/// The service, as one sign-in reaches it.
pub(in crate::aws::sso) struct Client {
    sdk: aws_sdk_ssooidc::Client,
    scopes: Vec<String>,
    clock: Clock,
}

impl Client {
    /// The service in the sign-in's region.
    pub(in crate::aws::sso) async fn new(set: &ProfileSet, session: &SsoSession, access: &Access<'_>) -> Self {
        let region = Region::new(session.region.clone());
        let config = access.sdk_config(set, settings_profile(set, session, access).as_deref(), region).await;
        // The SDK tries again for 500, 502, 503, 504 and for the codes it knows; this service names none with its 429.
        let config =
            Builder::from(&config).retry_classifier(HttpStatusCodeClassifier::new_from_codes(&[429][..])).build();
        Self {
            sdk: aws_sdk_ssooidc::Client::from_conf(config),
            scopes: session.registration_scopes().into_iter().map(str::to_owned).collect(),
            clock: access.clock.clone(),
        }
    }

    /// The scopes that a client is registered for.
    pub(in crate::aws::sso) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Registers a client.
    ///
    /// # Errors
    /// [`Failure`].
    pub(in crate::aws::sso) async fn register(&self, purpose: Purpose<'_>) -> Result<Registration, Failure> {
        let call = self.sdk.register_client().client_name(CLIENT_NAME).client_type("public");
        let call = match purpose {
            Purpose::AuthorizationCode { issuer } => call
                .set_grant_types(Some(PKCE_GRANTS.map(str::to_owned).to_vec()))
                .redirect_uris(REDIRECT_WITHOUT_PORT)
                .issuer_url(issuer)
                .set_scopes(Some(self.scopes.clone())),
            Purpose::DeviceCode if self.scopes.is_empty() => call,
            Purpose::DeviceCode => call.set_scopes(Some(self.scopes.clone())),
        };
        let answer = call.send().await?;
        let (Some(client_id), Some(client_secret)) = (filled(answer.client_id), filled(answer.client_secret)) else {
            return Err(incomplete("client"));
        };
        Ok(Registration {
            client_id,
            client_secret: ClientSecret::new(client_secret),
            expires_at: seconds(answer.client_secret_expires_at)
                .and_then(|since| UNIX_EPOCH.checked_add(since))
                .ok_or_else(|| incomplete("client"))?,
        })
    }

    /// Asks for a code that a person can sign a device in with.
    ///
    /// # Errors
    /// [`Failure`].
    pub(in crate::aws::sso) async fn authorize_device(
        &self,
        registration: &Registration,
        start_url: &str,
    ) -> Result<DeviceAuthorization, Failure> {
        let call = self.sdk.start_device_authorization();
        let call = call.client_id(&registration.client_id).client_secret(registration.client_secret.expose());
        let answer = call.start_url(start_url).send().await?;
        let link = filled(answer.verification_uri_complete).or_else(|| filled(answer.verification_uri));
        let (Some(code), Some(user_code), Some(link)) = (filled(answer.device_code), filled(answer.user_code), link)
        else {
            return Err(incomplete("device code"));
        };
        Ok(DeviceAuthorization {
            code: DeviceCode::new(code),
            user_code,
            link,
            interval: seconds(answer.interval.into()).unwrap_or(DEFAULT_INTERVAL),
            lifetime: seconds(answer.expires_in.into()).ok_or_else(|| incomplete("device code"))?,
        })
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// [`Failure`].
    pub(in crate::aws::sso) async fn token(
        &self,
        registration: &Registration,
        grant: Grant<'_>,
    ) -> Result<Token, Failure> {
        let call = self.sdk.create_token();
        let call = call.client_id(&registration.client_id).client_secret(registration.client_secret.expose());
        let call = match grant {
            Grant::AuthorizationCode { code, verifier, redirect_uri } => call
                .grant_type("authorization_code")
                .code(code.expose())
                .code_verifier(verifier.expose())
                .redirect_uri(redirect_uri),
            Grant::DeviceCode(code) => {
                call.grant_type("urn:ietf:params:oauth:grant-type:device_code").device_code(code.expose())
            }
            Grant::RefreshToken(token) => call.grant_type("refresh_token").refresh_token(token.expose()),
        };
        // The time before the call: a token never counts for longer than the service says.
        let asked_at = self.clock.now();
        let answer = call.send().await?;
        let access_token = filled(answer.access_token).ok_or_else(|| incomplete("token"))?;
        Ok(Token {
            access_token: AccessToken::new(access_token),
            expires_at: seconds(answer.expires_in.into())
                .and_then(|lifetime| asked_at.checked_add(lifetime))
                .ok_or_else(|| incomplete("token"))?,
            refresh_token: filled(answer.refresh_token).map(RefreshToken::new),
            registration: Some(registration.clone()),
        })
    }

    /// The address of the service, without a slash at its end: the page that the browser opens is not in the service's
    /// model. The SDK is asked for it with a call that goes nowhere, as botocore does (`_get_base_authorization_uri`).
    ///
    /// # Errors
    /// [`Failure::Network`] where there is no endpoint, for instance for a region that is no name.
    pub(in crate::aws::sso) async fn address(&self) -> Result<String, Failure> {
        let seen = Arc::new(OnceLock::new());
        let config = self.sdk.config().to_builder().http_client(listening(Arc::clone(&seen))).build();
        let call = aws_sdk_ssooidc::Client::from_conf(config).register_client();
        let answer = call.client_name(CLIENT_NAME).client_type("public").send().await;
        match (seen.get(), answer) {
            (Some(address), _) => Ok(address.clone()),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(_)) => Err(incomplete("address")),
        }
    }
}

/// A client that notes where a registration would have gone, and sends nothing.
fn listening(seen: Arc<OnceLock<String>>) -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    #[derive(Debug)]
    struct Listening(Arc<OnceLock<String>>);

    impl HttpConnector for Listening {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let uri = request.uri();
            let address = uri.strip_suffix("/client/register").unwrap_or(uri).trim_end_matches('/');
            self.0.get_or_init(|| address.to_owned());
            HttpConnectorFuture::ready(Err(ConnectorError::user("the address is known".into())))
        }
    }

    http_client_fn(move |_, _| SharedHttpConnector::new(Listening(Arc::clone(&seen))))
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn seconds(count: i64) -> Option<Duration> {
    u64::try_from(count).ok().filter(|count| *count > 0).map(Duration::from_secs)
}

fn incomplete(what: &str) -> Failure {
    Failure::Network { reason: format!("it gave an incomplete {what}") }
}
