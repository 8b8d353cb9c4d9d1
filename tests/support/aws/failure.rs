//! The ways in which a call to the stand-in for AWS goes wrong, and for how many calls.

use std::collections::BTreeMap;
use std::time::Duration;

use super::action::Service;
use super::wire::Reply;

/// A way in which an action can go wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    /// This error code, with the status that the service gives it: `ExpiredToken` (STS, 403), `InvalidGrantException`
    /// (OIDC, 400), `UnauthorizedException` (portal, 401), `ForbiddenException` (403), `TooManyRequestsException` (429);
    /// of Secrets Manager and SSM: `ThrottlingException`, `AccessDeniedException`, `ExpiredTokenException` (400).
    Refused(&'static str),
    /// This HTTP status and an empty body, as from something in between.
    Status(u16),
    /// 500, as a service in trouble answers.
    Internal,
    /// The right answer, so much later.
    Slow(Duration),
    /// The request is read and never answered.
    Silent,
    /// The request is read and the connection closed.
    Dropped,
    /// 200 with a body that is neither XML nor JSON.
    Garbage,
}

impl Failure {
    /// The answer in the place of the right one; none where there is another way to fail.
    pub(super) fn reply(self, service: Service) -> Option<Reply> {
        let said = |code: &str| format!("The stand-in says {code}");
        match (self, service) {
            (Self::Refused(code), Service::Sts) => Some(Reply::sts_error(403, code, &said(code))),
            (Self::Refused(code), Service::Oidc) => Some(Reply::oidc_error(code, &said(code))),
            (Self::Refused(code), Service::Portal | Service::Page) => Some(Reply::portal_error(code, &said(code))),
            (Self::Refused(code), Service::SecretsManager | Service::ParameterStore) => {
                Some(Reply::aws_json_error(code, known_message(code).unwrap_or(&said(code))))
            }
            (Self::Internal, Service::SecretsManager) => {
                Some(Reply::aws_json_error("InternalServiceError", "An error occurred on the server side."))
            }
            (Self::Internal, Service::ParameterStore) => {
                Some(Reply::aws_json_error("InternalServerError", "An error occurred on the server side."))
            }
            (Self::Internal, Service::Sts) => Some(Reply::sts_error(500, "InternalFailure", "In trouble")),
            (Self::Internal, Service::Oidc) => Some(Reply::oidc_error("InternalServerException", "In trouble")),
            (Self::Internal, Service::Portal | Service::Page) => {
                Some(Reply::portal_error("InternalServerException", "In trouble"))
            }
            (Self::Status(status), _) => Some(Reply::xml(status, "")),
            (Self::Garbage, _) => Some(Reply::xml(200, "<<<{{{ not an answer")),
            (Self::Slow(_) | Self::Silent | Self::Dropped, _) => None,
        }
    }
}

/// The words of AWS for what it refuses whoever asks for what.
fn known_message(code: &str) -> Option<&'static str> {
    Some(match code {
        "ThrottlingException" | "TooManyRequestsException" => "Rate exceeded",
        "ExpiredTokenException" => "The security token included in the request is expired",
        "UnrecognizedClientException" => "The security token included in the request is invalid.",
        "InvalidSignatureException" => {
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details."
        }
        "DecryptionFailure" => "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        _ => return None,
    })
}

/// What fails at the moment, by action.
#[derive(Default)]
pub(super) struct Failures(BTreeMap<String, (Failure, Option<usize>)>);

impl Failures {
    /// Lets the next `times` calls of `action` fail; all of them without a number.
    pub(super) fn plan(&mut self, action: &str, failure: Failure, times: Option<usize>) {
        self.0.insert(action.to_owned(), (failure, times));
    }

    pub(super) fn forget(&mut self, action: &str) {
        self.0.remove(action);
    }

    /// The failure that a call with these names, the most particular one last, has to meet.
    pub(super) fn meet(&mut self, names: &[String]) -> Option<Failure> {
        let name = names.iter().rev().find(|name| self.0.contains_key(*name))?;
        let (failure, left) = self.0.get_mut(name)?;
        let failure = *failure;
        match left {
            Some(0) => {
                self.0.remove(name);
                return None;
            }
            Some(left) => *left -= 1,
            None => {}
        }
        Some(failure)
    }
}
