//! Why Secrets Manager or Parameter Store did not do what it was asked.
//!
//! An error of the SDK, or the code and message that a batch has for one name, comes in; a [`StoreFailure`] goes out. Of
//! AWS's own words only the action, the resource and the key of a denial are taken over, each after a look at its form:
//! what else stands there may repeat a value.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::trouble::{connection_failed, innermost_reason, printable};

/// Why a call did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// There is nothing of this name.
    #[error("there is nothing of this name")]
    NotFound,
    /// The credentials may not do this.
    #[error("{action} on {resource} is not allowed")]
    Denied {
        /// The missing action, such as `secretsmanager:GetSecretValue`.
        action: String,
        /// The resource as AWS names it, or the name that was asked for.
        resource: String,
    },
    /// It is there and cannot be decrypted.
    #[error("it cannot be decrypted{}", .key.as_ref().map(|key| format!(" with {key}")).unwrap_or_default())]
    Undecryptable {
        /// The KMS key, where AWS names it.
        key: Option<String>,
    },
    /// It is there and holds no text.
    #[error("it holds binary data, and Airflow reads text alone")]
    Binary,
    /// It was deleted and can still be brought back.
    #[error("it is scheduled for deletion")]
    PendingDeletion,
    /// The value is larger than the service takes.
    #[error("it is {size} bytes long, and {service} takes {limit} at most")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The largest that is taken, in bytes.
        limit: usize,
        /// What takes it.
        service: &'static str,
    },
    /// The name is none that the service takes.
    #[error("the name {reason}")]
    Name {
        /// What is wrong with it.
        reason: String,
    },
    /// AWS asked to slow down, until the time was up.
    #[error("AWS asks to slow down: {0}")]
    Throttled(String),
    /// The credentials are expired or not known to AWS.
    #[error("AWS refuses the credentials: {0}")]
    Credentials(String),
    /// The service could not be reached.
    #[error("{0}")]
    Network(String),
    /// The service refused otherwise.
    #[error("{0}")]
    Refused(String),
}

/// What was asked of a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The action as policies name it, such as `secretsmanager:GetSecretValue`.
    pub(super) action: &'static str,
    /// What it was asked about.
    pub(super) name: &'a str,
}

impl Asked<'_> {
    /// Encrypting and decrypting fail in the same words.
    fn is_read(&self) -> bool {
        self.action.contains(":Get") || self.action.contains(":BatchGet")
    }

    /// Why the call failed.
    pub(super) fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> StoreFailure
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        if connection_failed(error) {
            return StoreFailure::Network(innermost_reason(error));
        }
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        match (error.meta().code(), status) {
            (_, Some(429)) => StoreFailure::Throttled("HTTP status 429".to_owned()),
            (Some(code), _) if is_throttling(code) => StoreFailure::Throttled(code.to_owned()),
            (_, Some(status @ 500..)) => StoreFailure::Network(format!("AWS is in trouble: HTTP status {status}")),
            (Some(code), _) => self.refused(code, error.meta().message().unwrap_or_default()),
            // Not the service, but something in its place: a proxy, the sign-in page of a hotel.
            (None, Some(status)) => {
                StoreFailure::Network(format!("an answer that is none of AWS's own (HTTP status {status})"))
            }
            (None, None) => StoreFailure::Network(innermost_reason(error)),
        }
    }

    /// What an error code and its message mean.
    pub(super) fn refused(&self, code: &str, message: &str) -> StoreFailure {
        match code {
            "ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound" => StoreFailure::NotFound,
            "AccessDeniedException" | "AccessDenied" => self.denied(message),
            code if is_throttling(code) => StoreFailure::Throttled(code.to_owned()),
            code if is_about_credentials(code) => StoreFailure::Credentials(code.to_owned()),
            code if is_about_a_key(code) => self.undecryptable(message),
            "InternalServiceError" | "InternalServerError" => {
                StoreFailure::Network(format!("AWS is in trouble: {code}"))
            }
            // "… because it was marked for deletion", "… is already scheduled for deletion", "… currently marked deleted"
            "InvalidRequestException" if message.contains("delet") => StoreFailure::PendingDeletion,
            // "KMS key … is disabled"
            _ if message.contains(":kms:") || message.contains("KMS") => self.undecryptable(message),
            code => StoreFailure::Refused(meaning(code).map_or_else(|| printable(code), str::to_owned)),
        }
    }

    fn denied(&self, message: &str) -> StoreFailure {
        let action = action_of(message);
        // "Access to KMS is not allowed" (Secrets Manager); "The ciphertext refers to a customer master key that does not
        // exist, does not exist in this region, or you are not allowed to access" (Parameter Store)
        let is_kms = match action {
            Some(action) => action.starts_with("kms:"),
            None => message.contains("KMS") || message.contains("customer master key"),
        };
        if is_kms && self.is_read() {
            return self.undecryptable(message);
        }
        let resource = resource_of(message).map(str::to_owned);
        match (action, is_kms) {
            (None, true) => StoreFailure::Denied {
                action: "kms:GenerateDataKey".to_owned(),
                resource: key_of(message).unwrap_or_else(|| format!("the KMS key of {}", self.name)),
            },
            (action, _) => StoreFailure::Denied {
                action: action.unwrap_or(self.action).to_owned(),
                resource: resource.unwrap_or_else(|| self.name.to_owned()),
            },
        }
    }

    fn undecryptable(&self, message: &str) -> StoreFailure {
        let key = key_of(message);
        if self.is_read() {
            return StoreFailure::Undecryptable { key };
        }
        let which = key.map_or_else(String::new, |key| format!(" {key}"));
        StoreFailure::Refused(format!(
            "the KMS key{which} does not serve to encrypt it: it is not there, is disabled, or is not for you"
        ))
    }
}

/// aws-runtime: retries/classifiers.rs, without LimitExceededException, which is a quota here.
fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottledException"
            | "RequestThrottled"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "TooManyUpdates"
    )
}

/// AWS's errors that every service shares, as far as they concern who asks.
fn is_about_credentials(code: &str) -> bool {
    matches!(
        code,
        "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "TokenRefreshRequired"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidAccessKeyId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "AuthFailure"
            | "NotAuthorized"
    )
}

fn is_about_a_key(code: &str) -> bool {
    matches!(code, "DecryptionFailure" | "EncryptionFailure" | "InvalidKeyId") || code.starts_with("KMS")
}

/// What codes mean whose names do not tell.
fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "LimitExceededException" | "ParameterLimitExceeded" => "the account has as many of them as it may have",
        "ParameterMaxVersionLimitExceeded" => {
            "it has 100 versions, and the oldest one is kept by its label: take the label off"
        }
        "ParameterPatternMismatchException" => {
            "the value does not match the pattern that \
            the parameter itself demands"
        }
        "HierarchyTypeMismatchException" => {
            "it is stored as another type, and Parameter Store does not change types: delete it first"
        }
        "UnsupportedParameterType" => "it is of a type that Parameter Store does not support here",
        "ValidationException" | "InvalidParameterException" => "AWS does not take it as it is (ValidationException)",
        _ => return None,
    })
}

/// "… is not authorized to perform: secretsmanager:GetSecretValue on resource: …" (every service's words for a denial).
fn action_of(message: &str) -> Option<&str> {
    let action = word_behind(message, "not authorized to perform: ")?;
    let (service, name) = action.split_once(':')?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_word(service) && is_word(name) && action.len() <= 128).then_some(action)
}

/// An ARN or a name.
fn resource_of(message: &str) -> Option<&str> {
    let resource = word_behind(message, "on resource: ")?;
    let is_one = resource.len() <= 2048
        && resource.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-:*".contains(&byte));
    is_one.then_some(resource)
}

/// The KMS key's ARN, wherever it stands.
fn key_of(message: &str) -> Option<String> {
    let is_s = |c: char| c.is_ascii_alphanumeric() || "/_-:".contains(c);
    let arn = |word: &str| {
        let word: String = word.chars().take_while(|&c| is_s(c)).collect();
        let word = word.trim_end_matches(':');
        (word.split(':').nth(2) == Some("kms") && word.len() <= 2048).then(|| word.to_owned())
    };
    message.match_indices("arn:").find_map(|(at, _)| arn(&message[at..]))
}

fn word_behind<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    let rest = &message[message.find(words)? + words.len()..];
    rest.split_whitespace().next().map(|word| word.trim_end_matches([',', '.', ')'])).filter(|word| !word.is_empty())
}
