//! A stand-in for AWS, as far as astro-aws and the AWS tools beside it call it: SSO-OIDC, the IAM Identity Center portal,
//! STS, Secrets Manager and SSM Parameter Store, at one address.
//!
//! In: HTTP requests, one a connection, and from the test what shall be known, how long it lasts and what fails. Out:
//! what the real services answer (members, errors and refusals as in their models), and a tally of who asked for what.
//! It stands alone with this folder: the demo, the benchmark and the server for tests in other languages
//! (`examples/aws_stand_in.rs`) use it too.
#![allow(dead_code, unused_imports, reason = "whoever takes it in uses a part of it")]

mod action;
mod authorize;
mod control;
mod device;
mod failure;
mod oidc;
mod portal;
mod secret;
mod secrets;
mod server;
mod settings;
mod sign_ins;
mod state;
mod sts;
mod tally;
mod times;
mod wire;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use serde_json::Value;

pub(crate) use failure::Failure;
pub(crate) use portal::Account;
pub(crate) use secret::SECRET_MARKER;
pub(crate) use secrets::{StoredParameter, StoredSecret};
pub(crate) use settings::{Consent, Latency, RefreshTokens, Settings};
pub(crate) use sts::Identity;
pub(crate) use times::rfc3339;

use server::Shared;
use state::State;
use sts::Key;

/// The running stand-in; it stops when dropped.
pub(crate) struct Aws {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// A sign-in that happened before the test began, as the AWS CLI's cache has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownSignIn {
    pub(crate) access_token: String,
    /// Never, without one.
    pub(crate) expires_at: Option<SystemTime>,
    /// The refresh token, and the client that it was given to.
    pub(crate) refresh: Option<KnownRefresh>,
}

#[derive(Clone, Debug)]
pub(crate) struct KnownRefresh {
    pub(crate) token: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) client_expires_at: SystemTime,
}

impl Aws {
    /// Listens on a free port of loopback; knows no credentials yet.
    pub(crate) fn start() -> std::io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Listens on this address; port 0 takes a free one.
    pub(crate) fn start_on(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || server::accept(&listener, &shared)
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// What AWS_ENDPOINT_URL or a profile's `endpoint_url` is set to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes how it behaves from now on.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state().settings);
    }

    /// Makes a long-term access key known.
    pub(crate) fn knows_key(&self, access_key_id: &str, identity: Identity) {
        let key = Key { identity, session_token: None, expires_at: None };
        self.state().sts.keys.insert(access_key_id.to_owned(), key);
    }

    /// Makes a short-lived access key known, which counts only together with its session token.
    pub(crate) fn knows_temporary_key(&self, access_key_id: &str, session_token: &str, identity: Identity) {
        let key = Key { identity, session_token: Some(session_token.to_owned()), expires_at: None };
        self.state().sts.keys.insert(access_key_id.to_owned(), key);
    }

    /// Makes an access token of the Identity Center portal known, which never expires.
    pub(crate) fn knows_portal_token(&self, token: &str) {
        self.knows_sign_in(&KnownSignIn { access_token: token.to_owned(), ..KnownSignIn::default() });
    }

    /// Makes a sign-in known, with its refresh token and client where it has them.
    pub(crate) fn knows_sign_in(&self, known: &KnownSignIn) {
        self.state().knows_sign_in(known);
    }

    /// Ends the sign-in of an access or refresh token, as an administrator does.
    pub(crate) fn ends_sign_in(&self, token: &str) {
        self.state().sign_ins.end(token);
    }

    /// Ends every sign-in there is: no token of before is good for anything.
    pub(crate) fn ends_all_sign_ins(&self) {
        self.state().sign_ins.end_all();
    }

    /// Forgets every client registration, as when they have run out.
    pub(crate) fn forgets_clients(&self) {
        self.state().oidc.clients.clear();
    }

    /// The accounts and roles of whoever signs in; from now on there are no others.
    pub(crate) fn has_accounts(&self, accounts: Vec<Account>) {
        self.state().portal.accounts = accounts;
    }

    /// Decides on all device authorizations that are waiting, without any browser.
    pub(crate) fn decides_on_devices(&self, consent: Consent) {
        self.state().oidc.devices.decide(consent);
    }

    /// From now on this role wants a code of this device; each of `codes` is good once.
    pub(crate) fn requires_mfa(&self, role_arn: &str, device: &str, codes: &[&str]) {
        let codes: BTreeSet<_> = codes.iter().map(|code| (*code).to_owned()).collect();
        self.state().sts.conditions.entry(role_arn.to_owned()).or_default().mfa = Some((device.to_owned(), codes));
    }

    /// From now on this role wants this external id.
    pub(crate) fn requires_external_id(&self, role_arn: &str, external_id: &str) {
        let external_id = Some(external_id.to_owned());
        self.state().sts.conditions.entry(role_arn.to_owned()).or_default().external_id = external_id;
    }

    /// Lets `action` fail from now on.
    pub(crate) fn fails(&self, action: &str, failure: Failure) {
        self.state().failures.plan(action, failure, None);
    }

    /// Lets the next `times` calls of `action` fail.
    pub(crate) fn fails_next(&self, times: usize, action: &str, failure: Failure) {
        self.state().failures.plan(action, failure, Some(times));
    }

    /// Lets `action` work again.
    pub(crate) fn recovers(&self, action: &str) {
        self.state().failures.forget(action);
    }

    /// How often `action` was called: `CreateToken` in all, or `CreateToken refresh_token` of one kind; what is no
    /// action counts as "METHOD /path".
    pub(crate) fn hits(&self, action: &str) -> usize {
        self.state().tally.hits(action)
    }

    /// How many calls of `action` got an error.
    pub(crate) fn refusals(&self, action: &str) -> usize {
        self.state().tally.refusals(action)
    }

    /// The parameters (query, form and JSON body together) of each call of `action`, oldest first.
    pub(crate) fn asked(&self, action: &str) -> Vec<Value> {
        self.state().tally.asked(action)
    }

    /// The sum of all calls.
    pub(crate) fn all_hits(&self) -> usize {
        self.state().tally.all()
    }

    /// How many calls were being answered at the same time, at most.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.state().tally.most_in_flight()
    }

    /// For how long the answer was held back that took longest.
    pub(crate) fn slowest_answer(&self) -> Duration {
        self.state().tally.slowest()
    }

    /// Counts from zero again.
    pub(crate) fn forgets_calls(&self) {
        self.state().tally.forget();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for stream in self.shared.unanswered().drain(..) {
            // Best effort: the client may have hung up already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        // A connection of our own wakes the acceptor, which then sees the flag.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}
