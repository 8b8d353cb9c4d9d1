//! The device authorization grant, as the stand-in for SSO-OIDC plays it: codes that a person approves in a browser
//! somewhere else, while the client asks again and again.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::json;

use super::secret::{public, secret};
use super::settings::{Consent, Settings};
use super::wire::{Answer, Refusal, Reply, Request, refuse};

#[derive(Default)]
pub(super) struct Devices(BTreeMap<String, Device>);

struct Device {
    user_code: String,
    client_id: String,
    expires_at: SystemTime,
    polls: usize,
    decision: Option<Consent>,
}

impl Devices {
    pub(super) fn start(&mut self, request: &Request, settings: &Settings) -> Reply {
        let (device_code, user_code) = (secret("device"), user_code());
        let flow = settings.device;
        let page = format!("{}/device", request.origin());
        let mut answer = json!({
            "deviceCode": device_code, "userCode": user_code, "verificationUri": page,
            "verificationUriComplete": format!("{page}?user_code={user_code}"), "expiresIn": flow.expires_in.as_secs(),
        });
        if let Some(interval) = flow.interval {
            answer["interval"] = interval.into();
        }
        let expires_at = SystemTime::now() + flow.expires_in;
        let client_id = request.member("clientId").to_owned();
        self.0.insert(device_code, Device { user_code, client_id, expires_at, polls: 0, decision: None });
        Reply::json(200, &answer)
    }

    /// The page on which the person enters the code, or finds it filled in.
    pub(super) fn verify(&mut self, request: &Request, settings: &Settings) -> Answer {
        let user_code = request.parameter("user_code");
        if user_code.is_empty() {
            return Ok(Reply::page(200, "Enter the code that your device shows"));
        }
        let Some(device) = self.0.values_mut().find(|device| device.user_code == user_code) else {
            return Ok(Reply::page(404, "No such code"));
        };
        match settings.consent {
            Consent::Withheld => Ok(Reply::page(200, "Allow access to your data?")),
            consent => {
                device.decision = Some(consent);
                Ok(Reply::page(200, "You can close this window"))
            }
        }
    }

    /// Decides on all that are waiting, as the person would in a browser.
    pub(super) fn decide(&mut self, consent: Consent) {
        for device in self.0.values_mut() {
            device.decision = Some(consent);
        }
    }

    pub(super) fn redeem(&mut self, request: &Request, settings: &Settings) -> Result<(), Refusal> {
        let code = request.member("deviceCode");
        let Some(device) = self.0.get_mut(code).filter(|device| device.client_id == request.member("clientId")) else {
            return refuse("InvalidGrantException", "Invalid device code provided");
        };
        device.polls += 1;
        if device.expires_at <= SystemTime::now() {
            return refuse("ExpiredTokenException", "Device code expired");
        }
        if device.polls <= settings.device.slow_downs {
            return refuse("SlowDownException", "Slow down");
        }
        let pending = device.polls - 1 - settings.device.slow_downs;
        let approved = settings.device.approved_after.is_some_and(|enough| pending >= enough);
        match device.decision {
            Some(Consent::Denied) => refuse("AccessDeniedException", "The person said no"),
            None if !approved => refuse("AuthorizationPendingException", "Still waiting for the person"),
            _ => {
                self.0.remove(code);
                Ok(())
            }
        }
    }
}

/// Letters that a person can read out: `BCDF-GHJK`.
fn user_code() -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let mut letters = public(8).into_bytes();
    letters.truncate(8);
    let mut code: String = letters.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    code.insert(4, '-');
    code
}
