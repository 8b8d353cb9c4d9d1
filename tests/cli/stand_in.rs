//! The ground that the tests of signing in stand on, seen without astro-aws: the stand-in for AWS keeps to the protocol
//! (the end-to-end stage shows the same with the real AWS CLI and boto3), the browser follows links, and the caches are
//! written under the AWS CLI's own names. Where one of these fails, a failure elsewhere says nothing about the program.

use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::aws::{Account, Aws, Consent, Failure, KnownSignIn, Latency, RefreshTokens};
use crate::support::web::{self, Page};
use crate::support::{SsoToken, TestEnvironment};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REDIRECT_URI: &str = "http://127.0.0.1:43210/oauth/callback";
/// Verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn post(aws: &Aws, path: &str, body: &Value) -> Page {
    web::ask("POST", &format!("{}{path}", aws.url()), &[], Some(body)).unwrap()
}

fn portal(aws: &Aws, path: &str, token: &str) -> Page {
    web::ask("GET", &format!("{}{path}", aws.url()), &[("x-amz-sso_bearer_token", token)], None).unwrap()
}

/// The kind of error, as the header names it; empty where there is none.
fn kind(page: &Page) -> &str {
    page.header("x-amzn-errortype").unwrap_or_default()
}

/// A new client's id and secret, as members of the requests to come.
fn registered(aws: &Aws, registration: &Value) -> Value {
    let client = post(aws, "/client/register", registration);
    assert_eq!(client.status, 200, "{}", client.body);
    json!({"clientId": client.json()["clientId"], "clientSecret": client.json()["clientSecret"]})
}

fn registered_for_pkce(aws: &Aws) -> Value {
    registered(
        aws,
        &json!({
            "clientName": "tests", "clientType": "public", "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"], "issuerUrl": "https://d-1234567890.awsapps.com/start",
            "scopes": ["sso:account:access"],
        }),
    )
}

fn with(mut client: Value, more: &Value) -> Value {
    client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client
}

/// What the redirect after `/authorize` carries.
fn authorized(aws: &Aws, client: &Value) -> Vec<(String, String)> {
    let url = format!(
        "{}/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A43210%2Foauth%2Fcallback\
         &state=my-state&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess&code_challenge={CHALLENGE}",
        aws.url(),
        client["clientId"].as_str().unwrap()
    );
    let page = web::ask("GET", &url, &[], None).unwrap();
    assert_eq!(page.status, 302, "{}", page.body);
    let location = url::Url::parse(page.header("location").unwrap()).unwrap();
    assert!(location.as_str().starts_with(REDIRECT_URI), "{location}");
    location.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn value_of(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn token_for(aws: &Aws, client: &Value, code: &str, verifier: &str) -> Page {
    let grant = json!({
        "grantType": "authorization_code", "code": code, "codeVerifier": verifier, "redirectUri": REDIRECT_URI,
    });
    post(aws, "/token", &with(client.clone(), &grant))
}

fn refreshed(aws: &Aws, client: &Value, refresh_token: &Value) -> Page {
    let grant = json!({"grantType": "refresh_token", "refreshToken": refresh_token});
    post(aws, "/token", &with(client.clone(), &grant))
}

fn signed_in(aws: &Aws) -> (Value, Value) {
    let client = registered_for_pkce(aws);
    let code = value_of(&authorized(aws, &client), "code");
    let token = token_for(aws, &client, &code, VERIFIER);
    assert_eq!(token.status, 200, "{}", token.body);
    (client, token.json())
}

#[test]
fn a_code_is_good_once_and_for_its_verifier_alone() {
    let aws = Aws::start().unwrap();
    let client = registered_for_pkce(&aws);
    let redirected = authorized(&aws, &client);
    assert_eq!(value_of(&redirected, "state"), "my-state");
    let code = value_of(&redirected, "code");
    let token = token_for(&aws, &client, &code, VERIFIER);
    assert_eq!((token.status, token.json()["expiresIn"].as_u64()), (200, Some(3600)), "{}", token.body);
    assert!(token.json()["refreshToken"].is_string(), "{}", token.body);
    assert_eq!(kind(&token_for(&aws, &client, &code, VERIFIER)), "InvalidGrantException");

    let code = value_of(&authorized(&aws, &client), "code");
    let refused = token_for(&aws, &client, &code, &VERIFIER.replace('d', "e"));
    assert_eq!((refused.status, kind(&refused)), (400, "InvalidGrantException"));
    assert_eq!(refused.json()["error"], "invalid_grant");
    assert_eq!((aws.hits("CreateToken authorization_code"), aws.refusals("CreateToken")), (3, 2));
}

#[test]
fn a_client_must_be_known_and_public_and_on_loopback() {
    let aws = Aws::start().unwrap();
    let refused = |body: &Value| kind(&post(&aws, "/client/register", body)).to_owned();
    let good = json!({"clientName": "tests", "clientType": "public", "grantTypes": ["authorization_code"]});
    assert_eq!(refused(&json!({"clientName": "tests"})), "InvalidRequestException");
    assert_eq!(refused(&with(good.clone(), &json!({"clientType": "secret"}))), "InvalidClientMetadataException");
    assert_eq!(refused(&with(good.clone(), &json!({"grantTypes": ["password"]}))), "UnsupportedGrantTypeException");
    assert_eq!(refused(&with(good.clone(), &json!({"redirectUris": ["http://a.io/"]}))), "InvalidRedirectUriException");
    assert_eq!(refused(&with(good, &json!({"scopes": ["everything"]}))), "InvalidScopeException");
    let stranger = json!({"clientId": "nobody", "clientSecret": "nothing", "grantType": "refresh_token"});
    let refused = post(&aws, "/token", &stranger);
    assert_eq!((refused.status, kind(&refused)), (401, "InvalidClientException"));
}

#[test]
fn a_person_can_refuse_and_a_redirect_can_be_forged() {
    let aws = Aws::start().unwrap();
    let client = registered_for_pkce(&aws);
    aws.set(|settings| settings.consent = Consent::Denied);
    let redirected = authorized(&aws, &client);
    assert_eq!(
        (value_of(&redirected, "error").as_str(), value_of(&redirected, "code").as_str()),
        ("access_denied", "")
    );
    aws.set(|settings| settings.consent = Consent::GivenWithForeignState);
    assert_ne!(value_of(&authorized(&aws, &client), "state"), "my-state");
}

#[test]
fn a_used_refresh_token_is_refused_where_they_rotate() {
    let aws = Aws::start().unwrap();
    let (client, first) = signed_in(&aws);
    let second = refreshed(&aws, &client, &first["refreshToken"]);
    assert_eq!(second.status, 200, "{}", second.body);
    assert_ne!(second.json()["refreshToken"], first["refreshToken"]);
    assert_eq!(kind(&refreshed(&aws, &client, &first["refreshToken"])), "InvalidGrantException");

    let refresh_token = second.json()["refreshToken"].clone();
    for (behaviour, answered) in
        [(RefreshTokens::Stay, refresh_token.clone()), (RefreshTokens::StayUnsaid, Value::Null)]
    {
        aws.set(|settings| settings.refresh_tokens = behaviour);
        for _ in 0..2 {
            let token = refreshed(&aws, &client, &refresh_token);
            assert_eq!((token.status, &token.json()["refreshToken"]), (200, &answered), "{behaviour:?}");
        }
    }
    assert_eq!((aws.hits("CreateToken refresh_token"), aws.refusals("CreateToken refresh_token")), (6, 1));
    assert_eq!(aws.asked("CreateToken refresh_token")[0]["refreshToken"], first["refreshToken"]);
}

#[test]
fn a_device_waits_for_the_person() {
    let aws = Aws::start().unwrap();
    aws.set(|settings| settings.device.slow_downs = 1);
    let client = registered(&aws, &json!({"clientName": "tests", "clientType": "public"}));
    let start = json!({"startUrl": "https://d-1234567890.awsapps.com/start"});
    let device = post(&aws, "/device_authorization", &with(client.clone(), &start)).json();
    assert_eq!((&device["interval"], &device["expiresIn"]), (&json!(1), &json!(600)));
    let poll = |device: &Value| {
        let grant = json!({"grantType": DEVICE_CODE, "deviceCode": device["deviceCode"]});
        post(&aws, "/token", &with(client.clone(), &grant))
    };
    assert_eq!(kind(&poll(&device)), "SlowDownException");
    let pending = poll(&device);
    assert_eq!(
        (kind(&pending), &pending.json()["error"]),
        ("AuthorizationPendingException", &json!("authorization_pending"))
    );
    assert_eq!(web::visit(device["verificationUriComplete"].as_str().unwrap()).unwrap().status, 200);
    let token = poll(&device);
    // Registered without scopes, as for a legacy profile.
    assert_eq!((&token.json()["expiresIn"], &token.json()["refreshToken"]), (&json!(28_800), &Value::Null));
    assert_eq!(kind(&poll(&device)), "InvalidGrantException");

    aws.set(|settings| settings.device.slow_downs = 0);
    let device = post(&aws, "/device_authorization", &with(client.clone(), &start)).json();
    aws.decides_on_devices(Consent::Denied);
    assert_eq!(kind(&poll(&device)), "AccessDeniedException");
    aws.set(|settings| settings.device.expires_in = Duration::ZERO);
    let device = post(&aws, "/device_authorization", &with(client.clone(), &start)).json();
    assert_eq!(kind(&poll(&device)), "ExpiredTokenException");
    aws.set(|settings| {
        settings.device.expires_in = Duration::from_mins(1);
        settings.device.approved_after = Some(1);
    });
    let device = post(&aws, "/device_authorization", &with(client.clone(), &start)).json();
    assert_eq!((kind(&poll(&device)), poll(&device).status), ("AuthorizationPendingException", 200));
}

#[test]
fn the_portal_lists_thousands_of_accounts_page_by_page() {
    let aws = Aws::start().unwrap();
    let (_, token) = signed_in(&aws);
    let token = token["accessToken"].as_str().unwrap();
    let accounts =
        (0..2345).map(|number| Account::new(&format!("{number:012}"), &format!("team-{number}"), &["Reader"]));
    aws.has_accounts(accounts.collect());
    let (mut next, mut seen) = (String::new(), 0);
    loop {
        let page = portal(&aws, &format!("/assignment/accounts?max_result=100{next}"), token).json();
        seen += page["accountList"].as_array().unwrap().len();
        let Some(more) = page["nextToken"].as_str() else { break };
        next = format!("&next_token={more}");
    }
    assert_eq!((seen, aws.hits("ListAccounts")), (2345, 24));
    let role = |query: &str| portal(&aws, &format!("/federation/credentials?{query}"), token);
    assert!(role("account_id=000000000007&role_name=Reader").json()["roleCredentials"]["expiration"].is_u64());
    let refused = role("account_id=000000000007&role_name=Admin");
    assert_eq!((refused.status, kind(&refused)), (404, "ResourceNotFoundException"));
    let refused = role("account_id=999999999999&role_name=Reader");
    assert_eq!((refused.status, kind(&refused)), (403, "ForbiddenException"));
}

#[test]
fn a_sign_in_ends_as_a_whole() {
    let aws = Aws::start().unwrap();
    let (client, token) = signed_in(&aws);
    let access_token = token["accessToken"].as_str().unwrap();
    assert_eq!(portal(&aws, "/assignment/accounts", access_token).status, 200);
    let bearer = [("x-amz-sso_bearer_token", access_token)];
    assert_eq!(web::ask("POST", &format!("{}/logout", aws.url()), &bearer, None).unwrap().status, 200);
    let refused = portal(&aws, "/assignment/accounts", access_token);
    assert_eq!((refused.status, kind(&refused)), (401, "UnauthorizedException"));
    assert_eq!(kind(&refreshed(&aws, &client, &token["refreshToken"])), "InvalidGrantException");

    let (_, token) = signed_in(&aws);
    aws.ends_sign_in(token["refreshToken"].as_str().unwrap());
    assert_eq!(portal(&aws, "/assignment/accounts", token["accessToken"].as_str().unwrap()).status, 401);
    let expired = SystemTime::now() - Duration::from_secs(1);
    aws.knows_sign_in(&KnownSignIn { access_token: "old".to_owned(), expires_at: Some(expired), refresh: None });
    assert_eq!(portal(&aws, "/assignment/accounts", "old").status, 401);
}

#[test]
fn failures_last_as_long_as_they_are_planned() {
    let aws = Aws::start().unwrap();
    let (client, token) = signed_in(&aws);
    aws.fails_next(1, "ListAccounts", Failure::Refused("TooManyRequestsException"));
    let accounts = || portal(&aws, "/assignment/accounts", token["accessToken"].as_str().unwrap());
    let busy = accounts();
    assert_eq!((busy.status, kind(&busy)), (429, "TooManyRequestsException"));
    assert_eq!(accounts().status, 200);
    aws.fails("ListAccounts", Failure::Dropped);
    web::ask("GET", &format!("{}/assignment/accounts", aws.url()), &[], None).unwrap_err();
    aws.recovers("ListAccounts");
    assert_eq!(accounts().status, 200);
    // One kind of grant fails, the others go on.
    aws.fails("CreateToken refresh_token", Failure::Internal);
    let trouble = refreshed(&aws, &client, &token["refreshToken"]);
    assert_eq!((trouble.status, kind(&trouble)), (500, "InternalServerException"));
    signed_in(&aws);
    aws.fails("ListAccounts", Failure::Slow(Duration::from_millis(1)));
    assert_eq!(accounts().status, 200);
    aws.fails("ListAccounts", Failure::Status(502));
    assert_eq!((accounts().status, accounts().body), (502, String::new()));
}

#[test]
fn a_hundred_clients_are_served_at_once() {
    let aws = Aws::start().unwrap();
    aws.set(|settings| {
        settings.latency.insert("RegisterClient".to_owned(), Latency { least: 20, most: 200 });
        settings.latency.insert("*".to_owned(), Latency::of(1));
    });
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| registered_for_pkce(&aws));
        }
    });
    assert_eq!((aws.hits("RegisterClient"), aws.refusals("RegisterClient"), aws.all_hits()), (100, 0, 100));
    assert!(aws.most_in_flight() > 1, "{}", aws.most_in_flight());
    aws.forgets_calls();
    assert_eq!((aws.hits("RegisterClient"), aws.most_in_flight()), (0, 0));
}

#[test]
fn a_one_time_code_is_good_once() {
    let env = TestEnvironment::new().with_mfa_role(&["123456"]);
    let signed =
        [("authorization", "AWS4-HMAC-SHA256 Credential=AKIADEFAULTEXAMPLE01/20261122/eu-west-1/sts/aws4_request")];
    let assume = |more: &str| {
        let role = "RoleArn=arn%3Aaws%3Aiam%3A%3A222233334444%3Arole%2FGuarded&RoleSessionName=ana";
        web::ask("POST", &format!("{}/?Action=AssumeRole&{role}{more}", env.aws.url()), &signed, None).unwrap()
    };
    let device = "&SerialNumber=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2Fana";
    let wrong = "invalid MFA one time pass code";
    assert!(assume("").body.contains("not authorized to perform: sts:AssumeRole"));
    assert!(assume(&format!("{device}&TokenCode=000000")).body.contains(wrong));
    assert!(assume("&SerialNumber=other&TokenCode=123456").body.contains("unable to validate MFA code"));
    assert!(assume(&format!("{device}&TokenCode=123456&DurationSeconds=60")).body.contains("ValidationError"));
    env.aws.requires_mfa("arn:aws:iam::222233334444:role/Guarded", "arn:aws:iam::111122223333:mfa/ana", &["123456"]);
    assert_eq!(assume(&format!("{device}&TokenCode=123456&DurationSeconds=900")).status, 200);
    assert!(assume(&format!("{device}&TokenCode=123456")).body.contains(wrong));
    env.aws.requires_external_id("arn:aws:iam::222233334444:role/Other", "partner");
    let other = assume("").url.replace("Guarded", "Other");
    assert_eq!(web::ask("POST", &other, &signed, None).unwrap().status, 403);
    assert_eq!(web::ask("POST", &format!("{other}&ExternalId=partner"), &signed, None).unwrap().status, 200);
}

#[test]
fn the_caches_have_the_names_that_the_aws_cli_gives_them() {
    let env = TestEnvironment::new();
    let name = |path: std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    // As botocore 1.44 computes them.
    assert_eq!(name(env.token_file("company")), "71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json");
    assert_eq!(SsoToken::of_start_url().file_name(), "sso/cache/7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json");
    assert_eq!(name(env.registration_file("company")), "905053024f4bc5f3d02cbcf14aa50cd724b97365.json");
    let client = env.caches_registration("company", SystemTime::now() + Duration::from_hours(24));
    let known = json!({"clientId": client, "clientSecret": "s3kr1t-client-secret-of-company"});
    let pending = with(known, &json!({"startUrl": "https://d-1234567890.awsapps.com/start"}));
    assert_eq!(post(&env.aws, "/device_authorization", &pending).status, 200);
}

#[test]
fn a_cached_token_is_refreshed_with_what_it_says() {
    let token = SsoToken::of_session("company").expired().refreshable();
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session").with_token(&token);
    assert_eq!(portal(&env.aws, "/assignment/accounts", token.access_token()).status, 401);
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    assert_eq!((env.aws.hits("CreateToken refresh_token"), env.aws.refusals("CreateToken")), (1, 0));
    let cached = env.cached_token("company");
    assert_ne!(cached["accessToken"], token.document()["accessToken"]);
    assert_ne!(cached["refreshToken"], token.document()["refreshToken"]);
    assert_eq!(portal(&env.aws, "/assignment/accounts", cached["accessToken"].as_str().unwrap()).status, 200);
    assert_eq!(env.cached_token("another"), Value::Null);
}

#[test]
fn a_token_that_aws_does_not_know_is_no_sign_in() {
    let env = TestEnvironment::with_project("airflow3").with_aws_home("sso-session");
    env.caches(&SsoToken::of_session("company").expires_in(Duration::from_hours(4)));
    env.run(&["init", "--yes", "--profile", "dev"]).exits(3);
    let known = SsoToken::of_session("company").expires_in(Duration::from_hours(4));
    let env = env.with_token(&known);
    env.run(&["init", "--yes", "--profile", "dev"]).succeeds();
    env.aws.ends_all_sign_ins();
    env.aws.forgets_clients();
    assert_eq!(portal(&env.aws, "/assignment/accounts", known.access_token()).status, 401);
}

/// Opens a link as a program does that finds its browser in BROWSER or on PATH.
fn opens(env: &TestEnvironment, program: &str, link: &str) -> bool {
    Command::new(env.root().join("bin").join(program)).arg(link).status().unwrap().success()
}

#[test]
fn the_browser_follows_each_link_to_its_end() {
    let env = TestEnvironment::new().with_browser();
    let link = format!("{}/device?user_code=ABCD-EFGH", env.aws.url());
    assert!(opens(&env, "browser", &link) && opens(&env, "xdg-open", &link));
    let pages = env.browser_pages(2);
    assert_eq!(pages.iter().map(|page| page.status).collect::<Vec<_>>(), [404, 404]);
    assert_eq!(env.opened_links(), [link.clone(), link]);
    assert_eq!(env.aws.hits("VerifyDevice"), 2);
}

#[test]
fn an_idle_browser_opens_and_a_broken_one_does_not() {
    let idle = TestEnvironment::new().with_idle_browser();
    assert!(opens(&idle, "browser", &idle.aws.url()));
    let broken = TestEnvironment::new().with_broken_browser();
    assert!(!opens(&broken, "xdg-open", &broken.aws.url()));
    assert_eq!((idle.opened_links().len(), broken.opened_links().len()), (1, 1));
    assert_eq!(idle.aws.all_hits() + broken.aws.all_hits(), 0);
}
