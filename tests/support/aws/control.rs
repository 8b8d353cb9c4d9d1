//! The stand-in for AWS, set up and asked over HTTP: the same that a Rust test does with `Aws`, for tests in other
//! languages. Everything is JSON under `/_stand-in/`; `examples/aws_stand_in.rs` lists the commands.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::portal::Account;
use super::secrets::{Content, Parameter, Permissions, Policy, Secret};
use super::settings::{Consent, Settings};
use super::state::State;
use super::sts::{Identity, Key};
use super::wire::{Reply, Request};
use super::{KnownRefresh, KnownSignIn};

/// The answer to a command; none where the request is one for a service.
pub(super) fn answer(request: &Request, state: &mut State) -> Option<Reply> {
    let command = request.path.strip_prefix("/_stand-in/")?;
    let reply = match obey(command, request, state) {
        Ok(said) => Reply::json(200, &said),
        Err(message) => Reply::json(400, &json!({"message": message})),
    };
    Some(reply)
}

fn obey(command: &str, request: &Request, state: &mut State) -> Result<Value, String> {
    let body = || Value::Object(request.body.clone());
    match command {
        "settings" => change_settings(&mut state.settings, &request.body)?,
        "sign-in" => state.knows_sign_in(&parse::<SignIn>(body())?.known()),
        "end-sign-in" => {
            let Token { token } = parse(body())?;
            if !state.sign_ins.end(&token) {
                return Err("no such token".to_owned());
            }
        }
        "end-all-sign-ins" => state.sign_ins.end_all(),
        "forget-clients" => state.oidc.clients.clear(),
        "accounts" => state.portal.accounts = parse::<Accounts>(body())?.accounts,
        "key" => {
            let known: KnownKey = parse(body())?;
            state.sts.keys.insert(known.access_key_id.clone(), known.key());
        }
        "role" => {
            let role: Role = parse(body())?;
            let condition = state.sts.conditions.entry(role.arn).or_default();
            condition.mfa = role.mfa_serial.map(|serial| (serial, role.mfa_codes.into_iter().collect()));
            condition.external_id = role.external_id;
        }
        "decide-on-devices" => state.oidc.devices.decide(parse::<Decision>(body())?.consent),
        "secrets" => parse::<Secrets>(body())?.put_into(state),
        "parameters" => parse::<Parameters>(body())?.put_into(state),
        "permissions" => parse::<PermissionsChange>(body())?.put_into(state)?,
        "failure" => {
            let plan: Plan = parse(body())?;
            match plan.failure()? {
                Some(failure) => state.failures.plan(&plan.action, failure, plan.times),
                None => state.failures.forget(&plan.action),
            }
        }
        "calls" => return Ok(json!({"calls": state.tally.asked(request.parameter("action"))})),
        "forget-calls" => state.tally.forget(),
        "counts" => return Ok(state.tally.as_json()),
        "issued" => {
            let mut issued = state.sign_ins.as_json();
            issued["credentials"] = state.sts.as_json();
            issued["clients"] = state.oidc.as_json();
            return Ok(issued);
        }
        _ => return Err(format!("no command {command}")),
    }
    Ok(json!({}))
}

fn parse<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(body).map_err(|error| error.to_string())
}

/// What is not named stays as it is; of `device` too.
fn change_settings(settings: &mut Settings, change: &Map<String, Value>) -> Result<(), String> {
    let mut document = serde_json::to_value(&*settings).map_err(|error| error.to_string())?;
    for (name, value) in change {
        match (document.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new.clone()),
            (Some(old), new) => *old = new.clone(),
            (None, _) => return Err(format!("no setting {name}")),
        }
    }
    *settings = parse(document)?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    consent: Consent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accounts {
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    access_token: String,
    /// In seconds from now; never, without.
    expires_in: Option<i64>,
    refresh_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_expires_in: Option<i64>,
}

impl SignIn {
    fn known(self) -> KnownSignIn {
        let Self { access_token, expires_in, refresh_token, client_id, client_secret, client_expires_in } = self;
        const MANY_DAYS: i64 = 90 * 86_400;
        let refresh = refresh_token.map(|token| KnownRefresh {
            token,
            client_id: client_id.unwrap_or_default(),
            client_secret: client_secret.unwrap_or_default(),
            client_expires_at: from_now(client_expires_in.unwrap_or(MANY_DAYS)),
        });
        KnownSignIn { access_token, expires_at: expires_in.map(from_now), refresh }
    }
}

fn from_now(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { SystemTime::now() - distance } else { SystemTime::now() + distance }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownKey {
    access_key_id: String,
    session_token: Option<String>,
    account: String,
    arn: String,
    user_id: String,
}

impl KnownKey {
    fn key(self) -> Key {
        let identity = Identity { account: self.account, arn: self.arn, user_id: self.user_id };
        Key { identity, session_token: self.session_token, expires_at: None }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    arn: String,
    mfa_serial: Option<String>,
    #[serde(default)]
    mfa_codes: Vec<String>,
    external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    action: String,
    /// None lets the action work again.
    failure: Option<String>,
    code: Option<String>,
    status: Option<u16>,
    delay_ms: Option<u64>,
    times: Option<usize>,
}

impl Plan {
    fn failure(&self) -> Result<Option<Failure>, String> {
        let Some(failure) = &self.failure else { return Ok(None) };
        let failure = match (failure.as_str(), &self.code, self.status, self.delay_ms) {
            // Never freed: a test run names a handful of codes.
            ("refused", Some(code), ..) => Failure::Refused(Box::leak(code.clone().into_boxed_str())),
            ("status", _, Some(status), _) => Failure::Status(status),
            ("slow", .., Some(delay)) => Failure::Slow(Duration::from_millis(delay)),
            ("internal", ..) => Failure::Internal,
            ("silent", ..) => Failure::Silent,
            ("dropped", ..) => Failure::Dropped,
            ("garbage", ..) => Failure::Garbage,
            (unknown, ..) => return Err(format!("no failure {unknown}, or its code, status or delay_ms is missing")),
        };
        Ok(Some(failure))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    region: Option<String>,
    secrets: Vec<KnownSecret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownSecret {
    name: String,
    value: Option<String>,
    /// As base64.
    binary: Option<String>,
    kms_key_id: Option<String>,
    #[serde(default)]
    deleted: bool,
}

impl Secrets {
    fn put_into(self, state: &mut State) {
        for KnownSecret { name, value, binary, kms_key_id, deleted } in self.secrets {
            let content = value.map(Content::Text).or(binary.map(Content::Binary));
            let deleted = deleted.then(|| (SystemTime::now(), 30));
            let secret = Secret { kms_key_id, deleted, ..Secret::new(&name, content) };
            state.keep_secret(self.region.as_deref(), secret);
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    region: Option<String>,
    parameters: Vec<KnownParameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownParameter {
    name: String,
    value: String,
    kind: Option<String>,
    kms_key_id: Option<String>,
}

impl Parameters {
    fn put_into(self, state: &mut State) {
        for KnownParameter { name, value, kind, kms_key_id } in self.parameters {
            let mut parameter = Parameter { kms_key_id, ..Parameter::new(&name, &value) };
            parameter.kind = kind.unwrap_or(parameter.kind);
            state.keep_parameter(self.region.as_deref(), parameter);
        }
    }
}

/// What is named counts from now on, beside what counted before; nothing named: everything is allowed again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionsChange {
    /// Actions and resources.
    #[serde(default)]
    denied: Vec<(String, String)>,
    /// An IAM policy: nothing else is allowed.
    policy: Option<Value>,
    /// KMS keys.
    #[serde(default)]
    disabled_keys: Vec<String>,
}

impl PermissionsChange {
    fn put_into(self, state: &mut State) -> Result<(), String> {
        let permissions = &mut state.secrets.permissions;
        if self.denied.is_empty() && self.policy.is_none() && self.disabled_keys.is_empty() {
            *permissions = Permissions::default();
        }
        self.denied.iter().for_each(|(action, resource)| permissions.deny(action, resource));
        self.disabled_keys.iter().for_each(|key| permissions.break_key(key));
        if let Some(policy) = self.policy {
            permissions.allow_only(Policy::parse(policy)?);
        }
        Ok(())
    }
}
