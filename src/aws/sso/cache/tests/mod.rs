//! Proves that the files are those of AWS CLI v2 and botocore, and that no file of anybody else's is in the way.

mod files;

use std::cell::RefCell;
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::*;

const URL: &str = "https://d-1234567890.awsapps.com/start";

/// 2030-01-02T03:04:05Z.
const EXPIRY: u64 = 1_893_553_445;

struct Folder {
    root: TempDir,
    told: RefCell<Vec<(PathBuf, String)>>,
}

impl Folder {
    fn new() -> Self {
        Self { root: TempDir::new().unwrap(), told: RefCell::default() }
    }

    fn cache(&self) -> Cache {
        Cache::new(self.root.path().join("sso/cache"))
    }

    /// Writes a sign-in's token file as another tool would.
    fn write_token(&self, text: &str) {
        fs::create_dir_all(self.root.path().join("sso/cache")).unwrap();
        fs::write(self.cache().token_path(&session()), text).unwrap();
    }

    fn token(&self) -> Option<Token> {
        self.cache().token(&session(), &|notice| self.hear(notice)).unwrap()
    }

    fn taken(&self, kind: RegistrationKind, now: SystemTime) -> Option<Registration> {
        self.cache().take_registration(&session(), kind, now, &|notice| self.hear(notice))
    }

    fn hear(&self, notice: Notice<'_>) {
        let Notice::Corrupt { path, reason } = notice else { panic!("{notice:?}") };
        self.told.borrow_mut().push((path.to_owned(), reason.to_owned()));
    }

    /// The reasons why files were not used, since the last call.
    fn reasons(&self) -> Vec<String> {
        self.told.take().into_iter().map(|(_, reason)| reason).collect()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.path().join("sso/cache")).into_iter().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn named(name: Option<&str>, scopes: &[&str]) -> SsoSession {
    SsoSession {
        name: name.map(str::to_owned),
        start_url: URL.to_owned(),
        region: "eu-west-1".to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
    }
}

fn session() -> SsoSession {
    named(Some("my-sso"), &["sso:account:access"])
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn registered() -> Registration {
    Registration {
        client_id: "client-1".to_owned(),
        client_secret: ClientSecret::new("secret-1"),
        expires_at: at(EXPIRY + 60),
    }
}

fn token() -> Token {
    Token {
        access_token: AccessToken::new("access-1"),
        expires_at: at(EXPIRY),
        refresh_token: Some(RefreshToken::new("refresh-1")),
        registration: Some(registered()),
    }
}

// Each hash is what botocore of AWS CLI 2.38.1 computed.
#[test]
fn files_have_the_names_that_botocore_gives_them() {
    let scope = "sso:account:access";
    let cases = [
        (
            named(Some("my-sso"), &[]),
            "0ad374308c5a4e22f723adf10145eafad7c4031c",
            "f31b3b8dbf1565a43a95b3ea6bb34ee92bdc0d88",
        ),
        (
            named(Some("my-sso"), &[scope]),
            "0ad374308c5a4e22f723adf10145eafad7c4031c",
            "bad1b99972dcdbd398df369048920b52e74d64ef",
        ),
        (
            named(Some("my-sso"), &[scope, "codewhisperer:completions"]),
            "0ad374308c5a4e22f723adf10145eafad7c4031c",
            "a9f53015e45781580d1a6e8fd623d10516877082",
        ),
        (named(None, &[]), "7487b5b67d5fa1132cf33fa93ae51ef38cc37752", "8ba5c4795fa8538a47da089266d94d19d06fe7f6"),
        (
            named(Some("größe 日本😀"), &[]),
            "bf9e68acedfd449fc5909bc0211505d41acfa9c1",
            "8ee6d598879aa956fa97d40b1c25a1bd8885486c",
        ),
    ];
    let cache = Cache::new("/c");
    for (session, token, registration) in cases {
        assert_eq!(cache.token_path(&session), Path::new("/c").join(format!("{token}.json")), "{session:?}");
        assert_eq!(
            cache.registration_path(&session, RegistrationKind::Pkce),
            Path::new("/c").join(format!("{registration}.json")),
            "{session:?}"
        );
        let of_device = cache.registration_path(&session, RegistrationKind::Device);
        let has_a_name_of_its_own = session.name.is_some() && session.scopes.is_empty();
        assert_eq!(
            of_device != cache.registration_path(&session, RegistrationKind::Pkce),
            has_a_name_of_its_own,
            "{session:?}"
        );
    }
    assert_eq!(
        cache.registration_path(&named(Some("my-sso"), &[]), RegistrationKind::Device),
        cache.registration_path(&named(Some("my-sso"), &[scope]), RegistrationKind::Pkce),
        "the scope is named"
    );
    let login = |name| SsoLogin {
        session: named(name, &[]),
        account_id: "123456789012".to_owned(),
        role_name: "Admin".to_owned(),
    };
    for (name, expected) in [
        (Some("my-sso"), "c30b99aca80d8f5b3178e353f05b2abcc9a4ccd3"),
        (None, "84fb414419be704038110523505e04e6df696e23"),
        (Some("größe 日本😀"), "725a116999c0f730158c578a273a4825894af61a"),
    ] {
        assert_eq!(
            role_credentials_path(Path::new("/c"), &login(name)),
            Path::new("/c").join(format!("{expected}.json"))
        );
    }
}

#[test]
fn a_token_is_written_as_botocore_writes_it_and_read_back() {
    let folder = Folder::new();
    folder.cache().keep_token(&session(), &token()).unwrap();
    let text = fs::read_to_string(folder.cache().token_path(&session())).unwrap();
    let expected = concat!(
        r#"{"startUrl": "https://d-1234567890.awsapps.com/start", "region": "eu-west-1", "accessToken": "access-1", "#,
        r#""expiresAt": "2030-01-02T03:04:05Z", "clientId": "client-1", "clientSecret": "secret-1", "#,
        r#""registrationExpiresAt": "2030-01-02T03:05:05Z", "refreshToken": "refresh-1"}"#
    );
    assert_eq!(text, expected);
    assert_eq!(folder.token(), Some(token()));
    let bare = Token { refresh_token: None, registration: None, ..token() };
    folder.cache().keep_token(&session(), &bare).unwrap();
    assert_eq!(folder.token(), Some(bare), "nothing of the token before is left");
    assert_eq!(folder.files(), ["0ad374308c5a4e22f723adf10145eafad7c4031c.json"]);
    assert_eq!(folder.reasons(), Vec::<String>::new());
}

#[test]
fn parts_of_a_second_are_dropped() {
    let folder = Folder::new();
    let expires_at = at(EXPIRY) + Duration::from_nanos(999_999_999);
    folder.cache().keep_token(&session(), &Token { expires_at, ..token() }).unwrap();
    assert_eq!(folder.token(), Some(token()));
}

#[test]
fn a_time_beyond_all_calendars_is_the_last_one() {
    let folder = Folder::new();
    let registration = Some(Registration { expires_at: at(1_807_776_000_000), ..registered() });
    folder.cache().keep_token(&session(), &Token { registration, ..token() }).unwrap();
    let kept = folder.token().unwrap().registration.unwrap();
    assert_eq!(kept.expires_at, at(253_402_300_799));
}

#[test]
fn a_registration_is_written_as_botocore_writes_it_and_read_back() {
    let folder = Folder::new();
    let (cache, now) = (folder.cache(), at(EXPIRY - 3600));
    for (kind, scopes, rest) in [
        (
            RegistrationKind::Pkce,
            &[][..],
            r#", "scopes": ["sso:account:access"], "grantTypes": ["authorization_code", "refresh_token"]}"#,
        ),
        (
            RegistrationKind::Pkce,
            &["a", "b"],
            r#", "scopes": ["a", "b"], "grantTypes": ["authorization_code", "refresh_token"]}"#,
        ),
        (RegistrationKind::Device, &[], r#", "scopes": ["sso:account:access"]}"#),
        (RegistrationKind::Device, &["a"], r#", "scopes": ["a"]}"#),
    ] {
        let session = named(Some("my-sso"), scopes);
        cache.keep_registration(&session, kind, &registered()).unwrap();
        let client = r#"{"clientId": "client-1", "clientSecret": "secret-1", "expiresAt": "2030-01-02T03:05:05Z""#;
        assert_eq!(fs::read_to_string(cache.registration_path(&session, kind)).unwrap(), format!("{client}{rest}"));
        let other = if kind == RegistrationKind::Pkce { RegistrationKind::Device } else { RegistrationKind::Pkce };
        let found = |kind| cache.take_registration(&session, kind, now, &|notice| folder.hear(notice));
        assert_eq!(found(other), None, "a client is good for one kind only");
        assert_eq!(found(kind), Some(registered()));
        assert_eq!(found(kind), None, "it is taken");
    }
}

#[test]
fn a_registration_with_less_than_15_minutes_left_is_none() {
    let folder = Folder::new();
    folder.cache().keep_registration(&session(), RegistrationKind::Pkce, &registered()).unwrap();
    let end = EXPIRY + 60;
    assert_eq!(folder.taken(RegistrationKind::Pkce, at(end - 899)), None);
    assert_eq!(folder.taken(RegistrationKind::Pkce, at(end + 1)), None);
    assert_eq!(folder.taken(RegistrationKind::Pkce, at(end - 900)), Some(registered()));
}

#[test]
fn dates_of_former_tools_and_of_others_are_understood() {
    let folder = Folder::new();
    for date in
        ["2030-01-02T03:04:05UTC", "2030-01-02T03:04:05Z", "2030-01-02T03:04:05.000Z", "2030-01-02T05:04:05+02:00"]
    {
        folder.write_token(&format!(r#"{{"accessToken": "x", "expiresAt": "{date}"}}"#));
        assert_eq!(folder.token().unwrap().expires_at, at(EXPIRY), "{date}");
    }
}

#[test]
fn what_is_needed_to_refresh_is_there_as_a_whole_or_not_at_all() {
    let folder = Folder::new();
    let start = r#"{"accessToken": "x", "expiresAt": "2030-01-02T03:04:05Z""#;
    for rest in [
        "",
        r#", "clientId": "c", "clientSecret": "s""#,
        r#", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "soon""#,
        r#", "clientId": "c", "clientSecret": null, "registrationExpiresAt": "2030-01-02T03:04:05Z""#,
    ] {
        folder.write_token(&format!("{start}{rest}}}"));
        let token = folder.token().unwrap();
        assert_eq!((token.refresh_token, token.registration), (None, None), "{rest}");
    }
    assert_eq!(folder.reasons(), Vec::<String>::new());
}

#[test]
fn a_corrupt_file_counts_as_none_is_told_of_and_is_replaced() {
    let folder = Folder::new();
    for (text, reason) in [
        ("", "it ends too early"),
        (r#"{"accessToken": "hunter2", "expiresAt"#, "it ends too early"),
        ("hunter2", "it is not JSON (line 1)"),
        (r#"{"accessToken": "x", "expiresAt": "2030-01-02T03:04:05Z"}}"#, "it is not JSON (line 1)"),
        (r#"["hunter2"]"#, "it is not a JSON object"),
        ("\"hunter2\"", "it is not a JSON object"),
        (r#"{"expiresAt": "2030-01-02T03:04:05Z"}"#, "it has no access token"),
        (r#"{"accessToken": "", "expiresAt": "2030-01-02T03:04:05Z"}"#, "it has no access token"),
        (r#"{"accessToken": {"x": 1}, "expiresAt": "2030-01-02T03:04:05Z"}"#, "it has no access token"),
        (r#"{"accessToken": "x"}"#, "it does not say when its token ends"),
        (r#"{"accessToken": "x", "expiresAt": "hunter2"}"#, "it does not say when its token ends"),
        (r#"{"accessToken": "x", "expiresAt": 1893553445}"#, "it does not say when its token ends"),
    ] {
        folder.write_token(text);
        assert_eq!(folder.token(), None, "{text}");
        assert_eq!(folder.reasons(), [reason], "{text}");
        folder.cache().keep_token(&session(), &token()).unwrap();
        assert_eq!(folder.token(), Some(token()), "{text}");
    }
    folder.write_token(&" ".repeat(LIMIT as usize + 1));
    assert_eq!(folder.token(), None);
    assert_eq!(folder.reasons(), ["it is larger than 1024 KiB"]);
    let registration = folder.cache().registration_path(&session(), RegistrationKind::Pkce);
    fs::write(&registration, r#"{"clientId": "c"}"#).unwrap();
    assert_eq!(folder.taken(RegistrationKind::Pkce, at(0)), None);
    assert_eq!(folder.reasons(), ["it holds no registered client"]);
    fs::remove_file(&registration).unwrap();
    fs::create_dir(&registration).unwrap();
    assert_eq!(folder.taken(RegistrationKind::Pkce, at(0)), None);
    assert_eq!(folder.reasons(), ["it is a folder, not a file"]);
}

#[test]
fn other_tools_files_are_neither_read_nor_touched() {
    let folder = Folder::new();
    folder.cache().keep_token(&session(), &token()).unwrap();
    // As AWS Toolkit for VS Code names them.
    for (name, text) in [("aws-toolkit-vscode-client-id-eu-west-1.json", "{"), ("0123.json", "\0"), ("x.tmp", "")] {
        fs::write(folder.root.path().join("sso/cache").join(name), text).unwrap();
    }
    let files = folder.files();
    assert_eq!(folder.token(), Some(token()));
    folder.cache().keep_token(&session(), &token()).unwrap();
    assert_eq!(folder.cache().remove(&session()).unwrap(), [folder.cache().token_path(&session())]);
    assert_eq!(folder.reasons(), Vec::<String>::new());
    assert_eq!(folder.files().len(), files.len() - 1);
}

#[test]
fn keys_that_another_tool_has_added_stay_while_the_sign_in_is_the_same() {
    let folder = Folder::new();
    let foreign = |url: &str| format!(r#"{{"theirs": [1], "startUrl": "{url}", "refreshToken": "gone", "more": "é"}}"#);
    folder.write_token(&foreign(URL));
    folder.cache().keep_token(&session(), &Token { refresh_token: None, ..token() }).unwrap();
    let text = fs::read_to_string(folder.cache().token_path(&session())).unwrap();
    assert!(text.ends_with(r#""2030-01-02T03:05:05Z", "theirs": [1], "more": "\u00e9"}"#), "{text}");
    folder.write_token(&foreign("https://another.awsapps.com/start"));
    folder.cache().keep_token(&session(), &token()).unwrap();
    assert!(!fs::read_to_string(folder.cache().token_path(&session())).unwrap().contains("theirs"));
}

#[test]
fn nothing_is_found_and_nothing_made_where_no_folder_is() {
    let folder = Folder::new();
    assert_eq!(folder.token(), None);
    assert_eq!(folder.taken(RegistrationKind::Pkce, at(0)), None);
    assert_eq!(folder.cache().remove(&session()).unwrap(), Vec::<PathBuf>::new());
    assert_eq!(fs::read_dir(folder.root.path()).unwrap().count(), 0);
}

#[test]
fn a_place_that_is_given_up_leaves_the_token_as_it_was() {
    let folder = Folder::new();
    folder.cache().keep_token(&session(), &token()).unwrap();
    folder.cache().require_writable(&session()).unwrap();
    assert_eq!(folder.token(), Some(token()));
    assert_eq!(folder.files().len(), 1);
}

#[test]
fn roles_credentials_go_with_their_sign_in_and_no_others() {
    let cli = TempDir::new().unwrap();
    let login =
        |account: &str| SsoLogin { session: session(), account_id: account.to_owned(), role_name: "Admin".to_owned() };
    let paths = ["1", "2", "3"].map(|account| role_credentials_path(cli.path(), &login(account)));
    for path in &paths[..2] {
        fs::write(path, r#"{"ProviderType": "sso"}"#).unwrap();
    }
    let removed = remove_role_credentials(cli.path(), &[login("1"), login("3"), login("1")]).unwrap();
    assert_eq!(removed, paths[..1]);
    assert!(paths[1].exists());
}
