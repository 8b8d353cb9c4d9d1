//! Whole sign-ins: a real cache and a real listener, a browser that comes back at once, a service that says what it is
//! told to say.

use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use super::*;
use crate::aws::access::{MfaQuestion, Person};
use crate::aws::secret::{AccessToken, ClientSecret, MfaCode, RefreshToken};
use crate::aws::sso::cache::Lock;
use crate::aws::sso::wire::{NOW, ONE_ATTEMPT, Says, Wire, at, ok, profiles, refused, run, session};

const CLIENT: &str = r#"{"clientId":"id","clientSecret":"secret","clientSecretExpiresAt":1807776000}"#;
const TOKEN: &str = r#"{"accessToken":"new","tokenType":"Bearer","expiresIn":3600,"refreshToken":"next"}"#;

/// A person whose browser comes back with this, at the moment they are shown the link.
struct Browser {
    brings: &'static str,
    links: RefCell<Vec<String>>,
    told: RefCell<Vec<String>>,
    waits_for: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Browser {
    fn bringing(brings: &'static str) -> Self {
        Self { brings, links: RefCell::default(), told: RefCell::default(), waits_for: RefCell::default() }
    }
}

impl Person for Browser {
    fn tell(&self, notice: Notice<'_>) {
        match notice {
            Notice::SignIn(link) => {
                self.links.borrow_mut().push(link.url.to_owned());
                come_back(link.url, self.brings);
            }
            Notice::Waiting(_) => {
                if let Some(other) = self.waits_for.take() {
                    other();
                }
            }
            Notice::WaitingForCode { .. } => {}
            Notice::Corrupt { reason, .. } | Notice::NotKept { reason, .. } => {
                self.told.borrow_mut().push(reason.to_owned())
            }
        }
    }

    fn mfa_code(&self, _: &MfaQuestion<'_>) -> Result<Option<MfaCode>, String> {
        Ok(None)
    }
}

fn come_back(link: &str, brings: &str) {
    let link = Url::parse(link).unwrap();
    let of = |name: &str| link.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
    let target = Url::parse(&of("redirect_uri")).unwrap();
    // Nobody may ask for a browser before somebody listens.
    let mut stream = TcpStream::connect(("127.0.0.1", target.port().unwrap())).unwrap();
    let request = format!("GET {}?{brings}&state={} HTTP/1.1\r\n\r\n", target.path(), of("state"));
    stream.write_all(request.as_bytes()).unwrap();
    std::thread::spawn(move || stream.read_to_end(&mut Vec::new()));
}

struct Scene {
    folder: TempDir,
    browser: Browser,
    session: SsoSession,
}

impl Scene {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), browser: Browser::bringing("code=abc"), session: session("eu-west-1") }
    }

    fn cache(&self) -> Cache {
        Cache::new(self.folder.path())
    }

    fn keep(&self, token: &Token) {
        self.cache().keep_token(&self.session, token).unwrap();
    }

    fn file(&self, path: &Path) -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// What came of it, and which calls were made.
    fn sign_in(
        &self,
        flow: Flow,
        accept: Accept<'_>,
        says: Vec<Says>,
    ) -> (Result<SignedIn, SignInFailure>, Vec<String>) {
        let wire = Wire::new(says);
        let access = wire.access(&self.browser, Some(self.folder.path()));
        let result = run(sign_in(&profiles(ONE_ATTEMPT), &self.session, flow, accept, &access));
        (result, wire.asked().into_iter().map(|asked| asked.uri).collect())
    }
}

fn token(access_token: &str, expires_at: u64) -> Token {
    Token {
        access_token: AccessToken::new(access_token),
        expires_at: at(expires_at),
        refresh_token: Some(RefreshToken::new("refresh")),
        registration: Some(registration(NOW + 7_776_000)),
    }
}

fn registration(expires_at: u64) -> Registration {
    Registration {
        client_id: "known".to_owned(),
        client_secret: ClientSecret::new("secret"),
        expires_at: at(expires_at),
    }
}

const REGISTER: &str = "https://oidc.eu-west-1.amazonaws.com/client/register";
const DEVICE: &str = "https://oidc.eu-west-1.amazonaws.com/device_authorization";
const CREATE: &str = "https://oidc.eu-west-1.amazonaws.com/token";

#[test]
fn the_browser_signs_in_and_the_token_is_kept() {
    let scene = Scene::new();
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::Live, vec![ok(CLIENT), ok(TOKEN)]);
    let signed_in = result.unwrap();
    assert_eq!((signed_in.flow, signed_in.moved_to), (Some(Flow::Pkce), None));
    assert_eq!(calls, [REGISTER, CREATE]);
    let kept = scene.cache().token(&scene.session, &|_| {}).unwrap();
    assert_eq!(kept.as_ref(), Some(&signed_in.token));
    assert_eq!(signed_in.token.access_token, AccessToken::new("new"));
    assert_eq!(scene.browser.links.borrow().len(), 1);
    assert!(scene.browser.links.borrow()[0].starts_with("https://oidc.eu-west-1.amazonaws.com/authorize?"));
}

#[test]
fn a_client_is_used_again_and_renewed_when_its_end_is_near() {
    let scene = Scene::new();
    let known = |left: u64| {
        let registration = registration(NOW + left);
        scene.cache().keep_registration(&scene.session, RegistrationKind::Pkce, &registration).unwrap();
    };
    known(16 * 60);
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![ok(TOKEN)]);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(calls, [CREATE]);
    known(14 * 60);
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![ok(CLIENT), ok(TOKEN)]);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(calls, [REGISTER, CREATE]);
}

#[test]
fn a_client_that_the_service_has_forgotten_is_registered_anew_once() {
    let scene = Scene::new();
    let keep = || {
        let registration = registration(NOW + 86_400);
        scene.cache().keep_registration(&scene.session, RegistrationKind::Pkce, &registration).unwrap();
    };
    keep();
    let unknown = || refused(401, "InvalidClientException");
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![unknown(), ok(CLIENT), ok(TOKEN)]);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(calls, [CREATE, REGISTER, CREATE]);
    keep();
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![unknown(), ok(CLIENT), unknown(), ok(TOKEN)]);
    assert!(matches!(result, Err(SignInFailure::Refused { .. })), "{result:?}");
    assert_eq!(calls, [CREATE, REGISTER, CREATE]);
}

#[test]
fn a_client_whose_sign_in_was_broken_off_is_not_used_again() {
    let mut scene = Scene::new();
    let known = registration(NOW + 86_400);
    scene.cache().keep_registration(&scene.session, RegistrationKind::Pkce, &known).unwrap();
    scene.browser = Browser::bringing("error=server_error");
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![]);
    assert!(matches!(result, Err(SignInFailure::Refused { .. })), "{result:?}");
    assert!(calls.is_empty(), "{calls:?}");
    for expected in [&[REGISTER, CREATE][..], &[CREATE]] {
        scene.browser = Browser::bringing("code=abc");
        let says = [ok(CLIENT), ok(TOKEN)].into_iter().skip(2 - expected.len()).collect();
        let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, says);
        assert_eq!(
            (result.unwrap().flow, calls),
            (Some(Flow::Pkce), expected.iter().map(ToString::to_string).collect())
        );
    }
}

#[test]
fn a_client_that_cannot_be_kept_is_no_reason_not_to_be_signed_in() {
    let scene = Scene::new();
    let known = registration(NOW + 86_400);
    scene.cache().keep_registration(&scene.session, RegistrationKind::Pkce, &known).unwrap();
    let files = std::fs::read_dir(scene.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    for file in files {
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(file).unwrap();
    }
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![ok(CLIENT), ok(TOKEN)]);
    assert_eq!(result.unwrap().flow, Some(Flow::Pkce));
    assert_eq!(calls, [REGISTER, CREATE]);
    assert_eq!(*scene.browser.told.borrow(), ["it is a folder, not a file", "it is a folder, not a file"]);
}

#[test]
fn a_person_who_says_no_in_the_browser_ends_it() {
    let scene = Scene { browser: Browser::bringing("error=access_denied"), ..Scene::new() };
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![ok(CLIENT)]);
    assert_eq!(result.unwrap_err().to_string(), "the sign-in was refused: access was denied (AccessDeniedException)");
    assert_eq!(calls, [REGISTER]);
    assert_eq!(scene.cache().token(&scene.session, &|_| {}).unwrap(), None);
}

#[test]
fn what_the_browser_brings_is_no_command_for_the_terminal() {
    let scene = Scene { browser: Browser::bringing("error=%1b%5b2Jx"), ..Scene::new() };
    let (result, _) = scene.sign_in(Flow::Pkce, Accept::New, vec![ok(CLIENT)]);
    assert_eq!(result.unwrap_err().to_string(), "the sign-in was refused: no known reason");
}

#[test]
fn a_legacy_sign_in_is_made_with_the_device_code() {
    let scene = Scene { session: SsoSession { name: None, ..session("eu-west-1") }, ..Scene::new() };
    let says = vec![ok(CLIENT), refused(400, "InvalidRequestException")];
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, says);
    assert_eq!(calls, [REGISTER, DEVICE]);
    assert_eq!(
        result.unwrap_err().to_string(),
        "the sign-in was refused: InvalidRequestException: is `https://d-1234567890.awsapps.com/start` the start URL, \
         and eu-west-1 its region?"
    );
}

#[test]
fn a_token_that_is_alive_will_do_unless_a_new_one_is_wanted() {
    let scene = Scene::new();
    scene.keep(&token("alive", NOW + 1));
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::Live, vec![]);
    let found = result.unwrap();
    assert_eq!((found.token, found.flow), (token("alive", NOW + 1), None));
    assert!(calls.is_empty());
    let (result, _) = scene.sign_in(Flow::Pkce, Accept::New, vec![ok(CLIENT), ok(TOKEN)]);
    assert_eq!(result.unwrap().flow, Some(Flow::Pkce));
}

#[test]
fn a_token_that_was_refused_will_not_do_and_another_one_will() {
    let scene = Scene::new();
    scene.keep(&token("theirs", NOW + 3600));
    let refused = AccessToken::new("refused");
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::InsteadOf(&refused), vec![]);
    let found = result.unwrap();
    assert_eq!((found.token, found.flow), (token("theirs", NOW + 3600), None));
    assert!(calls.is_empty());
    scene.keep(&token("refused", NOW + 3600));
    let (result, _) = scene.sign_in(Flow::Pkce, Accept::InsteadOf(&refused), vec![ok(CLIENT), ok(TOKEN)]);
    assert_eq!(result.unwrap().token.access_token, AccessToken::new("new"));
}

#[test]
fn a_token_that_has_expired_will_not_do() {
    let scene = Scene::new();
    scene.keep(&token("ended", NOW));
    let (result, _) = scene.sign_in(Flow::Pkce, Accept::Live, vec![ok(CLIENT), ok(TOKEN)]);
    assert_eq!(result.unwrap().token.access_token, AccessToken::new("new"));
}

/// Another process holds the lock until this one waits for it, and leaves this token.
fn behind_another(left: Option<Token>, accept: Accept<'_>, says: Vec<Says>) -> (SignedIn, Vec<String>) {
    let scene = Scene::new();
    scene.keep(&token("before", NOW + 60));
    let lock: Lock = run(scene.cache().lock(&scene.session, Duration::from_secs(5), &mut || {})).unwrap();
    let (cache, session) = (scene.cache(), scene.session.clone());
    *scene.browser.waits_for.borrow_mut() = Some(Box::new(move || {
        if let Some(token) = left {
            cache.keep_token(&session, &token).unwrap();
        }
        drop(lock);
    }));
    let (result, calls) = scene.sign_in(Flow::Pkce, accept, says);
    assert!(scene.browser.waits_for.borrow().is_none(), "it has been waited");
    (result.unwrap(), calls)
}

#[test]
fn a_token_that_another_process_made_meanwhile_is_new() {
    for accept in [Accept::Live, Accept::New, Accept::InsteadOf(&AccessToken::new("before"))] {
        let (found, calls) = behind_another(Some(token("theirs", NOW + 3600)), accept, vec![]);
        assert_eq!((found.token, found.flow), (token("theirs", NOW + 3600), None));
        assert!(calls.is_empty());
    }
}

#[test]
fn a_token_that_another_process_left_as_it_was_is_not_new() {
    let (made, _) = behind_another(None, Accept::New, vec![ok(CLIENT), ok(TOKEN)]);
    assert_eq!((made.token.access_token, made.flow), (AccessToken::new("new"), Some(Flow::Pkce)));
}

#[test]
fn a_no_counts_for_whoever_waited_for_the_answer_and_for_nobody_later() {
    let scene = Scene { browser: Browser::bringing("error=access_denied"), ..Scene::new() };
    let (no, _) = scene.sign_in(Flow::Pkce, Accept::Live, vec![ok(CLIENT)]);
    assert!(matches!(no, Err(SignInFailure::Refused { .. })), "{no:?}");
    let lock: Lock = run(scene.cache().lock(&scene.session, Duration::from_secs(5), &mut || {})).unwrap();
    *scene.browser.waits_for.borrow_mut() = Some(Box::new(move || drop(lock)));
    let (waited, calls) = scene.sign_in(Flow::Pkce, Accept::Live, vec![]);
    assert!(matches!(waited, Err(SignInFailure::Refused { .. })), "{waited:?}");
    assert!(calls.is_empty(), "{calls:?}");
    assert_eq!(scene.browser.links.borrow().len(), 1, "one browser");
    let scene = Scene { browser: Browser::bringing("code=abc"), ..scene };
    let (later, _) = scene.sign_in(Flow::Pkce, Accept::Live, vec![ok(CLIENT), ok(TOKEN)]);
    assert_eq!(later.unwrap().flow, Some(Flow::Pkce));
}

#[test]
fn a_company_s_start_url_leads_to_the_region_it_is_in() {
    let mut scene = Scene::new();
    scene.session.start_url = "https://sso.corp.example/aws".to_owned();
    let location = "https://ssoins-1.portal.us-east-2.app.aws/".to_owned();
    let redirect = Says::Http(302, Some(("location", location)), String::new());
    let (result, calls) = scene.sign_in(Flow::Pkce, Accept::New, vec![redirect, ok(CLIENT), ok(TOKEN)]);
    assert_eq!(result.unwrap().moved_to.as_deref(), Some("us-east-2"));
    assert_eq!(
        calls,
        [
            "https://sso.corp.example/aws",
            "https://oidc.us-east-2.amazonaws.com/client/register",
            "https://oidc.us-east-2.amazonaws.com/token",
        ]
    );
    let kept = scene.file(&scene.cache().token_path(&scene.session));
    assert_eq!(kept["startUrl"], "https://sso.corp.example/aws");
    assert_eq!(kept["region"], "us-east-2");
}

#[test]
fn a_start_url_that_is_not_of_aws_ends_it_before_anything_is_registered() {
    let mut scene = Scene::new();
    scene.session.start_url = "https://sso.corp.example/aws".to_owned();
    let (result, calls) =
        scene.sign_in(Flow::Pkce, Accept::New, vec![Says::Http(200, None, String::new()), ok(CLIENT)]);
    assert_eq!(
        result.unwrap_err().to_string(),
        "the start URL `https://sso.corp.example/aws` cannot be used: its host is not one of AWS, and does not lead to one"
    );
    assert_eq!(calls, ["https://sso.corp.example/aws"]);
}

#[test]
fn a_cache_that_cannot_be_written_ends_it_before_a_person_is_asked() {
    let scene = Scene::new();
    let taken = scene.folder.path().join("file");
    std::fs::write(&taken, "").unwrap();
    let wire = Wire::new([ok(CLIENT), ok(TOKEN)]);
    let access = wire.access(&scene.browser, Some(&taken));
    let result = run(sign_in(&profiles(""), &scene.session, Flow::Pkce, Accept::New, &access));
    assert!(matches!(result, Err(SignInFailure::Cache(_))), "{result:?}");
    assert!(wire.asked().is_empty());
    assert!(scene.browser.links.borrow().is_empty());
}

#[test]
fn without_a_home_folder_nobody_signs_in() {
    let scene = Scene::new();
    let wire = Wire::default();
    let access = wire.access(&scene.browser, None);
    let result = run(sign_in(&profiles(""), &scene.session, Flow::Pkce, Accept::New, &access));
    assert!(matches!(result, Err(SignInFailure::Host { .. })), "{result:?}");
}

#[test]
fn no_failure_repeats_a_secret() {
    for says in [
        vec![refused(400, "InvalidClientMetadataException")],
        vec![ok(CLIENT), refused(400, "InvalidGrantException")],
        vec![ok(CLIENT), refused(400, "hunter2 <b>")],
        vec![ok(CLIENT), Says::Http(200, None, r#"{"accessToken":"hunter2"}"#.to_owned())],
    ] {
        let failure = Scene::new().sign_in(Flow::Pkce, Accept::New, says).0.unwrap_err();
        let said = format!("{failure} {failure:?}");
        assert!(!["hunter2", "abc", "secret"].iter().any(|secret| said.contains(secret)), "{said}");
    }
}
