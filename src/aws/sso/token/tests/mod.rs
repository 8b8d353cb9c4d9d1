//! Proves when a token is refreshed, that it is refreshed once, and what serves where it cannot be.

mod kept;

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use futures_util::future::{join, join_all};
use tempfile::TempDir;

use super::*;
use crate::aws::access::MfaQuestion;
use crate::aws::secret::{AccessToken, ClientSecret, MfaCode, RefreshToken};
use crate::aws::sso::cache::Registration;

/// The present time, in seconds since 1970.
const NOW: u64 = 1_893_553_445;

const MINUTE: i64 = 60;

/// A cache, the present time, a person, and a service that counts.
struct Site {
    root: TempDir,
    session: SsoSession,
    renew: Renew,
    told: RefCell<Vec<String>>,
    /// Freed as soon as somebody is told to wait for it.
    lock: RefCell<Option<Lock>>,
    refreshes: Cell<usize>,
    patience: Duration,
}

impl Person for Site {
    fn tell(&self, notice: Notice<'_>) {
        self.lock.take();
        self.told.borrow_mut().push(match notice {
            Notice::Waiting(session) => format!("waiting for {}", session.label()),
            Notice::Corrupt { reason, .. } => format!("corrupt: {reason}"),
            Notice::NotKept { reason, .. } => format!("not kept: {reason}"),
            Notice::SignIn(_) => "sign in".to_owned(),
            Notice::WaitingForCode { .. } => "code".to_owned(),
        });
    }

    fn mfa_code(&self, _: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        Ok(None)
    }
}

impl Site {
    fn new() -> Self {
        Self {
            root: TempDir::new().unwrap(),
            session: SsoSession {
                name: Some("my-sso".to_owned()),
                start_url: "https://d-1234567890.awsapps.com/start".to_owned(),
                region: "eu-west-1".to_owned(),
                scopes: Vec::new(),
            },
            renew: Renew::WhenDue,
            told: RefCell::default(),
            lock: RefCell::default(),
            refreshes: Cell::new(0),
            patience: LOCK_LIMIT,
        }
    }

    /// With this token in the cache.
    fn with(token: &Token) -> Self {
        let site = Self::new();
        site.cache().keep_token(&site.session, token).unwrap();
        site
    }

    fn renewing(self, renew: Renew) -> Self {
        Self { renew, ..self }
    }

    fn cache(&self) -> Cache {
        Cache::new(self.root.path().join("cache"))
    }

    fn kept(&self) -> Option<Token> {
        self.cache().token(&self.session, &|_| {}).unwrap()
    }

    /// A live token, with `answer` as what the service says.
    async fn live(&self, answer: impl AsyncFnOnce(&Token) -> Result<Token, OidcFailure>) -> Result<Live, TokenFailure> {
        let clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(NOW));
        let (cache, session, renew) = (&self.cache(), &self.session, &self.renew);
        let due = Due { cache, session, renew, clock: &clock, person: self, patience: self.patience };
        due.live(async |token| {
            self.refreshes.set(self.refreshes.get() + 1);
            answer(token).await
        })
        .await
    }

    fn live_now(&self, answer: Result<Token, OidcFailure>) -> Result<Live, TokenFailure> {
        now(self.live(async |_| answer))
    }

    /// The names of the files in the cache, sorted.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root.path().join("cache")).into_iter().flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// A token that can be refreshed, with so many seconds left.
fn token(name: &str, left: i64) -> Token {
    let at = |seconds: i64| UNIX_EPOCH + Duration::from_secs(NOW.checked_add_signed(seconds).unwrap());
    Token {
        access_token: AccessToken::new(name),
        expires_at: at(left),
        refresh_token: Some(RefreshToken::new(format!("refresh-{name}"))),
        registration: Some(Registration {
            client_id: "client".to_owned(),
            client_secret: ClientSecret::new("secret"),
            expires_at: at(90 * 24 * 60 * MINUTE),
        }),
    }
}

fn ended() -> Result<Token, OidcFailure> {
    Err(OidcFailure::Ended { reason: "it has ended".to_owned() })
}

fn refused() -> Result<Token, OidcFailure> {
    Err(OidcFailure::Refused { reason: "no".to_owned() })
}

fn unreachable_service() -> Result<Token, OidcFailure> {
    Err(OidcFailure::Network { reason: "no route".to_owned() })
}

/// The reason why somebody has to sign in.
fn sign_in_reason(result: Result<Live, TokenFailure>) -> String {
    match result {
        Err(TokenFailure::SignIn { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_with_enough_left_is_given_out_without_a_lock() {
    for left in [20 * MINUTE, 8 * 60 * MINUTE] {
        let site = Site::with(&token("old", left));
        let live = site.live_now(ended()).unwrap();
        assert_eq!((live.token, live.renewed), (token("old", left), false));
        assert_eq!((site.refreshes.get(), site.files().len()), (0, 1));
    }
}

#[test]
fn a_due_token_is_refreshed_and_kept() {
    for left in [20 * MINUTE - 1, 1, 0, -60 * MINUTE] {
        let site = Site::with(&token("old", left));
        let live = now(site.live(async |old| {
            assert_eq!(*old, token("old", left));
            Ok(token("new", 60 * MINUTE))
        }))
        .unwrap();
        assert_eq!((live.token, live.renewed), (token("new", 60 * MINUTE), true));
        assert_eq!(site.kept(), Some(token("new", 60 * MINUTE)), "{left}");
        let live = site.live_now(ended()).unwrap();
        assert_eq!((live.token, live.renewed, site.refreshes.get()), (token("new", 60 * MINUTE), false, 1));
    }
}

#[test]
fn what_the_service_does_not_send_anew_stays() {
    let old = token("old", MINUTE);
    let site = Site::with(&old);
    let new = Token { refresh_token: None, registration: None, ..token("new", 60 * MINUTE) };
    let live = site.live_now(Ok(new.clone())).unwrap();
    let expected = Token { refresh_token: old.refresh_token, registration: old.registration, ..new };
    assert_eq!(live.token, expected);
    assert_eq!(site.kept(), Some(expected));
}

#[test]
fn who_plans_ahead_has_a_token_refreshed_earlier() {
    let site = Site::with(&token("old", 30 * MINUTE)).renewing(Renew::Below(Duration::from_secs(31 * 60)));
    assert!(site.live_now(Ok(token("new", 60 * MINUTE))).unwrap().renewed);
    let site = Site::with(&token("old", 10 * MINUTE)).renewing(Renew::Below(Duration::from_secs(5 * 60)));
    assert_eq!(site.live_now(ended()).unwrap().token, token("old", 10 * MINUTE));
    assert_eq!(site.refreshes.get(), 0);
}

/// All of them see a token that is due; also where the new one is due again at once.
#[test]
fn of_50_at_once_one_refreshes_and_all_use_its_token() {
    for (old, new) in [(-MINUTE, 60 * MINUTE), (10 * MINUTE, 60 * MINUTE), (-MINUTE, MINUTE)] {
        let site = Site::with(&token("old", old));
        let all = now(join_all((0..50).map(|_| {
            site.live(async |_| {
                tokio::task::yield_now().await;
                Ok(token("new", new))
            })
        })));
        let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
        assert_eq!(site.refreshes.get(), 1);
        assert_eq!(all.iter().filter(|live| live.renewed).count(), 1);
        assert!(all.iter().all(|live| live.token == token("new", new)));
        assert_eq!(site.kept(), Some(token("new", new)));
    }
}

#[test]
fn who_waits_for_another_is_told_and_uses_its_token() {
    let site = Site::with(&token("old", -MINUTE));
    let lock = now(site.cache().lock(&site.session, Duration::from_secs(60), &mut || {})).unwrap();
    *site.lock.borrow_mut() = Some(lock);
    assert!(site.live_now(Ok(token("new", 60 * MINUTE))).unwrap().renewed);
    assert_eq!(*site.told.borrow(), ["waiting for my-sso"]);
}

/// Another process waits for a person at the browser.
#[test]
fn who_waits_in_vain_is_told_to_sign_in_and_so_joins_the_sign_in_under_way() {
    for (left, expected) in [(0, None), (1, Some(token("old", 1)))] {
        let site = Site { patience: Duration::ZERO, ..Site::with(&token("old", left)) };
        let _lock = now(site.cache().lock(&site.session, Duration::ZERO, &mut || {})).unwrap();
        match (site.live_now(ended()), expected) {
            (Ok(live), Some(token)) => assert_eq!(live.token, token),
            (Err(TokenFailure::SignIn { reason }), None) => assert!(reason.contains("another process"), "{reason}"),
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(site.refreshes.get(), 0);
    }
}

#[test]
fn a_token_that_cannot_be_refreshed_serves_to_its_end() {
    let expired_client = |mut token: Token| {
        token.registration.as_mut().unwrap().expires_at = UNIX_EPOCH + Duration::from_secs(NOW);
        token
    };
    let without_refresh_token = |token| Token { refresh_token: None, ..token };
    let without_client = |token| Token { registration: None, ..token };
    let cases: [(&dyn Fn(Token) -> Token, &str); 3] = [
        (&without_refresh_token, "its token has expired and cannot be refreshed"),
        (&without_client, "its token has expired, and so has the client that could refresh it"),
        (&expired_client, "its token has expired, and so has the client that could refresh it"),
    ];
    for (change, reason) in cases {
        let site = Site::with(&change(token("old", 1)));
        let live = site.live_now(ended()).unwrap();
        assert_eq!((live.token, live.renewed), (change(token("old", 1)), false));
        let expired = Site::with(&change(token("old", 0)));
        assert_eq!(sign_in_reason(expired.live_now(ended())), reason);
        assert_eq!((site.refreshes.get(), expired.refreshes.get()), (0, 0));
    }
}

#[test]
fn a_token_whose_refresh_is_refused_serves_to_its_end() {
    for (answer, reason) in [(ended as fn() -> _, "it has ended"), (refused, "no")] {
        let site = Site::with(&token("old", 1));
        let live = site.live_now(answer()).unwrap();
        assert_eq!((live.token, live.renewed, site.refreshes.get()), (token("old", 1), false, 1));
        assert_eq!(*site.told.borrow(), Vec::<String>::new());
        let site = Site::with(&token("old", 0));
        assert_eq!(sign_in_reason(site.live_now(answer())), reason);
        assert_eq!(site.kept(), Some(token("old", 0)));
    }
}

#[test]
fn a_refresh_token_that_has_ended_is_asked_for_once_by_all_processes_together() {
    let site = Site::with(&token("old", 0));
    let all = now(join_all((0..50).map(|_| site.live(async |_| ended()))));
    assert!(all.iter().all(|result| matches!(result, Err(TokenFailure::SignIn { .. }))));
    assert_eq!(site.refreshes.get(), 1);
    // A refusal for another reason is no last word.
    let site = Site::with(&token("old", 1));
    site.live_now(refused()).unwrap();
    assert!(site.live_now(Ok(token("new", 60 * MINUTE))).unwrap().renewed);
    // Nor does it say anything of the next sign-in's refresh token.
    let site = Site::with(&token("old", 0));
    sign_in_reason(site.live_now(ended()));
    site.cache().keep_token(&site.session, &token("signed in", 0)).unwrap();
    assert!(site.live_now(Ok(token("new", 60 * MINUTE))).unwrap().renewed);
}

#[test]
fn a_live_token_serves_while_the_network_is_away() {
    let site = Site::with(&token("old", 1));
    assert_eq!(site.live_now(unreachable_service()).unwrap().token, token("old", 1));
    let site = Site::with(&token("old", 0));
    let failure = site.live_now(unreachable_service()).unwrap_err();
    assert!(matches!(&failure, TokenFailure::Network { reason } if reason == "no route"), "{failure}");
    assert_eq!(site.files().len(), 2, "the token and the lock");
}

#[test]
fn a_token_that_the_portal_refused_is_refreshed_however_much_is_left() {
    let old = token("old", 50 * MINUTE);
    let refused = Renew::Refused(Box::new(old.clone()));
    let site = Site::with(&old).renewing(refused.clone());
    assert_eq!(site.live_now(Ok(token("new", 60 * MINUTE))).unwrap().token, token("new", 60 * MINUTE));
    // Never again what was refused.
    let site = Site::with(&old).renewing(refused.clone());
    assert!(matches!(site.live_now(unreachable_service()), Err(TokenFailure::Network { .. })));
    assert_eq!(sign_in_reason(site.live_now(ended())), "it has ended");
    assert_eq!(sign_in_reason(site.live_now(ended())), "IAM Identity Center does not refresh its token any more");
    let site = Site::with(&Token { refresh_token: None, ..old }).renewing(refused);
    assert_eq!(sign_in_reason(site.live_now(ended())), "IAM Identity Center does not accept its token any more");
}

#[test]
fn where_the_portal_refused_a_token_another_one_in_the_cache_serves() {
    let refused = Renew::Refused(Box::new(token("old", 50 * MINUTE)));
    let site = Site::with(&token("other", 50 * MINUTE)).renewing(refused);
    assert_eq!(site.live_now(ended()).unwrap().token, token("other", 50 * MINUTE));
    assert_eq!(site.refreshes.get(), 0);
}

#[test]
fn a_token_that_another_tool_got_first_serves() {
    let site = Site::with(&token("old", 0));
    let live = now(site.live(async |_| {
        site.cache().keep_token(&site.session, &token("theirs", 60 * MINUTE)).unwrap();
        ended()
    }));
    assert_eq!(live.unwrap().token, token("theirs", 60 * MINUTE));
    // It may also come a moment after the refusal.
    let site = Site::with(&token("old", 0));
    let refused = Cell::new(false);
    let refresh = site.live(async |_| {
        refused.set(true);
        ended()
    });
    let write = async {
        while !refused.get() {
            tokio::task::yield_now().await;
        }
        site.cache().keep_token(&site.session, &token("theirs", 60 * MINUTE)).unwrap();
    };
    let (live, ()) = now(join(refresh, write));
    assert_eq!(live.unwrap().token, token("theirs", 60 * MINUTE));
}

#[test]
fn nobody_has_signed_in_where_no_file_is_and_none_is_made() {
    let site = Site::new();
    assert_eq!(sign_in_reason(site.live_now(ended())), "nobody has signed in yet");
    assert_eq!(fs::read_dir(site.root.path()).unwrap().count(), 0);
}

#[test]
fn a_corrupt_token_is_told_of_once_and_signed_in_for() {
    let site = Site::with(&token("old", 60 * MINUTE));
    fs::write(site.cache().token_path(&site.session), "{").unwrap();
    assert_eq!(sign_in_reason(site.live_now(ended())), "nobody has signed in yet");
    assert_eq!(*site.told.borrow(), ["corrupt: it ends too early"]);
}

#[test]
fn a_token_that_is_just_being_written_is_waited_for() {
    let site = Site::with(&token("old", 60 * MINUTE));
    fs::write(site.cache().token_path(&site.session), "").unwrap();
    let write = async { site.cache().keep_token(&site.session, &token("new", 60 * MINUTE)).unwrap() };
    let (live, ()) = now(join(site.live(async |_| ended()), write));
    assert_eq!(live.unwrap().token, token("new", 60 * MINUTE));
    assert_eq!(*site.told.borrow(), Vec::<String>::new());
}

#[test]
fn no_failure_and_no_debug_shows_a_secret() {
    let live = Site::with(&token("hunter2", 60 * MINUTE)).live_now(ended()).unwrap();
    let shown = format!("{live:?} {:?}", Renew::Refused(Box::new(live.token.clone())));
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!shown.contains("\"secret\""), "{shown}");
}
