//! The HTTP client for every call to AWS: proxies, CA bundles, time limits.
//!
//! Companies behind a TLS-inspecting proxy depend on HTTPS_PROXY and AWS_CA_BUNDLE, which no Rust crate reads by itself.
//! The system's root certificates are loaded only when the first TLS call is made: it costs about 8 ms.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::timeout::TimeoutConfig;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};

/// The longest one call to AWS may take, retries included.
pub const CALL_LIMIT: Duration = Duration::from_secs(10);

/// The time limits of every call: 3 s to connect, [`CALL_LIMIT`] in all.
pub fn time_limits() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).operation_timeout(CALL_LIMIT).build()
}

/// A client that honours HTTPS_PROXY, HTTP_PROXY, NO_PROXY and, where given, a CA bundle (PEM) in place of the
/// system's root certificates, as botocore does with AWS_CA_BUNDLE and `ca_bundle`.
pub fn client(ca_bundle: Option<PathBuf>) -> SharedHttpClient {
    SharedHttpClient::new(Client { connectors: Arc::new(Connectors { ca_bundle, ..Connectors::default() }) })
}

#[derive(Debug, Clone)]
struct Client {
    connectors: Arc<Connectors>,
}

#[derive(Debug, Default)]
struct Connectors {
    ca_bundle: Option<PathBuf>,
    plain: OnceLock<Connector>,
    tls: OnceLock<Result<Connector, String>>,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(BySchemeConnector {
            connectors: Arc::clone(&self.connectors),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

/// Chooses the connector when the request is known: only `https` needs root certificates.
#[derive(Debug)]
struct BySchemeConnector {
    connectors: Arc<Connectors>,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl BySchemeConnector {
    /// Calls, and says in an error with whom: "Connection refused" alone helps nobody.
    fn call_with(connector: &Connector, request: HttpRequest) -> HttpConnectorFuture {
        let address = address_of(request.uri());
        let answer = connector.call(request);
        HttpConnectorFuture::new(async move { answer.await.map_err(|error| with_address(&address, error)) })
    }

    fn builder(&self) -> ConnectorBuilder {
        let mut builder =
            Connector::builder().connector_settings(self.settings.clone()).proxy_config(ProxyConfig::from_env());
        builder.set_sleep_impl(self.components.sleep_impl());
        builder
    }

    fn tls_connector(&self) -> Result<Connector, String> {
        let trust_store = match &self.connectors.ca_bundle {
            Some(path) => {
                let pem = std::fs::read_to_string(path)
                    .map_err(|error| format!("the CA bundle `{}` cannot be read: {error}", path.display()))?;
                let certificates = usable_certificates(&pem);
                if certificates.is_empty() {
                    return Err(format!("the CA bundle `{}` holds no certificate", path.display()));
                }
                certificates.into_iter().fold(TrustStore::empty(), TrustStore::with_pem_certificate)
            }
            None => TrustStore::empty().with_native_roots(true),
        };
        let context = TlsContext::builder()
            .with_trust_store(trust_store)
            .build()
            .map_err(|error| format!("the root certificates cannot be used: {error}"))?;
        Ok(self.builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build())
    }
}

impl HttpConnector for BySchemeConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !request.uri().starts_with("https:") {
            return Self::call_with(self.connectors.plain.get_or_init(|| self.builder().build_http()), request);
        }
        match self.connectors.tls.get_or_init(|| self.tls_connector()) {
            Ok(connector) => Self::call_with(connector, request),
            Err(reason) => HttpConnectorFuture::ready(Err(ConnectorError::user(reason.clone().into()))),
        }
    }
}

/// Scheme, host and port of a URL: the rest may name resources.
fn address_of(uri: &str) -> String {
    let host_at = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[host_at..].find(['/', '?']).map_or(uri.len(), |at| host_at + at);
    uri[..end].to_owned()
}

/// The same error with the address in its last words; its kind, which decides about another try, stays.
fn with_address(address: &str, error: ConnectorError) -> ConnectorError {
    let innermost = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source()).last();
    let words = innermost.map_or_else(String::new, ToString::to_string);
    let source = format!("{address}: {words}").into();
    if error.is_timeout() {
        ConnectorError::timeout(source)
    } else if error.is_io() {
        ConnectorError::io(source)
    } else if error.is_user() {
        ConnectorError::user(source)
    } else {
        ConnectorError::other(source, error.as_other())
    }
}

/// The PEM blocks that are certificates rustls accepts: the connector panics on any other.
fn usable_certificates(pem: &str) -> Vec<&str> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut roots = RootCertStore::empty();
    pem.match_indices(BEGIN)
        .filter_map(|(start, _)| {
            let length = pem[start..].find(END)? + END.len();
            Some(&pem[start..start + length])
        })
        .filter(|block| CertificateDer::from_pem_slice(block.as_bytes()).is_ok_and(|der| roots.add(der).is_ok()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_no_path() {
        assert_eq!(address_of("https://sts.eu-west-1.amazonaws.com/?Action=x"), "https://sts.eu-west-1.amazonaws.com");
        assert_eq!(address_of("http://127.0.0.1:9"), "http://127.0.0.1:9");
    }

    #[test]
    fn blocks_that_are_no_certificates_are_left_out_instead_of_panicking() {
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n";
        assert!(usable_certificates(garbage).is_empty());
        assert!(usable_certificates("").is_empty());
    }
}
