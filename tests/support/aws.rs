//! A stand-in for AWS on loopback, as far as astro-aws calls it: STS (GetCallerIdentity, AssumeRole,
//! AssumeRoleWithWebIdentity) and the IAM Identity Center portal (GetRoleCredentials).
//!
//! In: HTTP requests, one a connection. Out: an identity that follows from the access key in the signature's
//! credential scope, so that a caller with the wrong credentials is told apart from one with the right ones; and how
//! often each action was called. It stands alone with its `aws/` folder: the demo and the benchmark use it too.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

// The demo and the benchmark take this file in by its path, where a plain `mod` would look for another one.
#[path = "aws/wire.rs"]
mod wire;

pub(crate) use wire::rfc3339;
use wire::{Reply, Request, seconds_since_epoch};

/// Part of every secret that a fixture or this stand-in hands out: it may appear in no output and in no argument.
pub(crate) const SECRET_MARKER: &str = "s3kr1t";

/// How long the credentials that it hands out are good for.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// Who a set of credentials belongs to, as GetCallerIdentity answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
}

impl Identity {
    /// The IAM user `name` of `account`.
    pub(crate) fn user(account: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            user_id: format!("AIDA{}", name.to_uppercase()),
        }
    }

    /// A session of the role `role` (its name, without a path).
    fn session(account: &str, role: &str, session: &str) -> Self {
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            user_id: format!("AROA{}:{session}", role.to_uppercase()),
        }
    }
}

/// A way in which an action can go wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    /// 403 with this STS error code, such as `ExpiredToken`.
    Refused(&'static str),
    /// 500, as a service in trouble answers.
    Internal,
    /// The request is read and never answered.
    Silent,
    /// 200 with a body that is neither XML nor JSON.
    Garbage,
}

/// The running stand-in; it stops when dropped.
pub(crate) struct Aws {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    stopping: AtomicBool,
}

#[derive(Default)]
struct State {
    keys: BTreeMap<String, Key>,
    portal_tokens: BTreeSet<String>,
    failures: BTreeMap<String, Failure>,
    hits: BTreeMap<String, usize>,
    unanswered: Vec<TcpStream>,
    minted: usize,
}

struct Key {
    identity: Identity,
    /// Temporary credentials count only together with their session token.
    session_token: Option<String>,
}

impl Aws {
    /// Listens on a free port of loopback; knows no credentials yet.
    pub(crate) fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// What AWS_ENDPOINT_URL or a profile's `endpoint_url` is set to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a long-term access key known.
    pub(crate) fn knows_key(&self, access_key_id: &str, identity: Identity) {
        self.state().keys.insert(access_key_id.to_owned(), Key { identity, session_token: None });
    }

    /// Makes a short-lived access key known, which counts only together with its session token.
    pub(crate) fn knows_temporary_key(&self, access_key_id: &str, session_token: &str, identity: Identity) {
        let key = Key { identity, session_token: Some(session_token.to_owned()) };
        self.state().keys.insert(access_key_id.to_owned(), key);
    }

    /// Makes an access token of the Identity Center portal known.
    pub(crate) fn knows_portal_token(&self, token: &str) {
        self.state().portal_tokens.insert(token.to_owned());
    }

    /// Lets `action` fail from now on.
    pub(crate) fn fails(&self, action: &str, failure: Failure) {
        self.state().failures.insert(action.to_owned(), failure);
    }

    /// How often `action` was called; what is none of the four actions counts as "METHOD /path".
    pub(crate) fn hits(&self, action: &str) -> usize {
        self.state().hits.get(action).copied().unwrap_or_default()
    }

    /// The sum of all calls.
    pub(crate) fn all_hits(&self) -> usize {
        self.state().hits.values().sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for stream in self.state().unanswered.drain(..) {
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

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A client that hangs up in the middle is its own affair: the test sees it in what the client reports.
        thread::spawn(move || serve(stream, &shared).ok());
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let Some(request) = Request::read(&mut BufReader::new(&stream))? else { return Ok(()) };
    let action = request.action();
    let reply = {
        let mut state = shared.state();
        *state.hits.entry(action.clone()).or_default() += 1;
        match state.failures.get(&action) {
            Some(Failure::Silent) => {
                state.unanswered.push(stream);
                return Ok(());
            }
            Some(Failure::Refused(code)) => Reply::sts_error(403, code),
            Some(Failure::Internal) => Reply::sts_error(500, "InternalFailure"),
            Some(Failure::Garbage) => Reply::xml(200, "<<<{{{ not an answer".to_owned()),
            None => state.answer(&action, &request),
        }
    };
    stream.write_all(reply.to_http().as_bytes())?;
    stream.flush()
}

impl State {
    fn answer(&mut self, action: &str, request: &Request) -> Reply {
        match action {
            "GetCallerIdentity" => match self.caller(request) {
                Some(Identity { account, arn, user_id }) => Reply::sts(
                    action,
                    &format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account}</Account>"),
                ),
                None => Reply::sts_error(403, "InvalidClientTokenId"),
            },
            "AssumeRole" if self.caller(request).is_none() => Reply::sts_error(403, "InvalidClientTokenId"),
            "AssumeRole" => self.assume_role(action, request),
            "AssumeRoleWithWebIdentity" if request.parameter("WebIdentityToken").is_empty() => {
                Reply::sts_error(400, "InvalidIdentityToken")
            }
            "AssumeRoleWithWebIdentity" => self.assume_role(action, request),
            "GetRoleCredentials" => self.role_credentials(request),
            _ => Reply::json(404, "", r#"{"message":"no such action here"}"#.to_owned()),
        }
    }

    fn caller(&self, request: &Request) -> Option<Identity> {
        let key = self.keys.get(request.access_key_id()?)?;
        let token = request.headers.get("x-amz-security-token");
        (key.session_token.as_ref() == token).then(|| key.identity.clone())
    }

    fn assume_role(&mut self, action: &str, request: &Request) -> Reply {
        let arn = request.parameter("RoleArn");
        let account = arn.split(':').nth(4).unwrap_or_default();
        let role = arn.rsplit('/').next().unwrap_or_default();
        let session = request.parameter("RoleSessionName");
        let identity = Identity::session(account, role, session);
        let (arn, user_id) = (identity.arn.clone(), identity.user_id.clone());
        let minted = self.mint(identity);
        let expiration = rfc3339(minted.expires_at);
        Reply::sts(
            action,
            &format!(
                "<AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>\
                 <Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
                 <SessionToken>{}</SessionToken><Expiration>{expiration}</Expiration></Credentials>",
                minted.access_key_id, minted.secret_access_key, minted.session_token
            ),
        )
    }

    fn role_credentials(&mut self, request: &Request) -> Reply {
        let token = request.headers.get("x-amz-sso_bearer_token");
        if !token.is_some_and(|token| self.portal_tokens.contains(token)) {
            let message = r#"{"message":"Session token not found or invalid"}"#;
            return Reply::json(401, "UnauthorizedException", message.to_owned());
        }
        let role = format!("AWSReservedSSO_{}_0123456789abcdef", request.parameter("role_name"));
        let minted = self.mint(Identity::session(request.parameter("account_id"), &role, "ana"));
        Reply::json(
            200,
            "",
            format!(
                r#"{{"roleCredentials":{{"accessKeyId":"{}","secretAccessKey":"{}","sessionToken":"{}","expiration":{}}}}}"#,
                minted.access_key_id,
                minted.secret_access_key,
                minted.session_token,
                seconds_since_epoch(minted.expires_at) * 1000,
            ),
        )
    }

    fn mint(&mut self, identity: Identity) -> Minted {
        self.minted += 1;
        let minted = Minted {
            access_key_id: format!("ASIASTANDIN{:09}", self.minted),
            secret_access_key: format!("{SECRET_MARKER}+minted/key{:018}", self.minted),
            session_token: format!("{SECRET_MARKER}+minted/token{}", self.minted),
            expires_at: SystemTime::now() + GOOD_FOR,
        };
        let key = Key { identity, session_token: Some(minted.session_token.clone()) };
        self.keys.insert(minted.access_key_id.clone(), key);
        minted
    }
}

struct Minted {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expires_at: SystemTime,
}
