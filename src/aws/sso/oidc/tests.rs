//! The calls against a wire that says what it is told to say.

use super::*;
use crate::aws::access::Nobody;
use crate::aws::secret::{AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, DeviceCode, RefreshToken};
use crate::aws::sso::cache::Registration;
use crate::aws::sso::wire::{NOW, ONE_ATTEMPT, Says, Wire, at, ok, profiles, refused, run, session};

const TOKEN: &str = r#"{"accessToken":"new","tokenType":"Bearer","expiresIn":3600,"refreshToken":"next"}"#;

fn registration() -> Registration {
    Registration {
        client_id: "id".to_owned(),
        client_secret: ClientSecret::new("secret"),
        expires_at: at(NOW + 86_400),
    }
}

fn token() -> Token {
    Token {
        access_token: AccessToken::new("old"),
        expires_at: at(NOW),
        refresh_token: Some(RefreshToken::new("hunter2")),
        registration: Some(registration()),
    }
}

fn refreshed(says: Vec<Says>) -> (Result<Token, OidcFailure>, usize) {
    let wire = Wire::new(says);
    let result = run(refresh(&profiles(ONE_ATTEMPT), &session("eu-west-1"), &token(), &wire.access(&Nobody, None)));
    (result, wire.asked().len())
}

fn address(config: &str, region: &str) -> String {
    let wire = Wire::default();
    let address = run(async {
        Client::new(&profiles(config), &session(region), &wire.access(&Nobody, None)).await.address().await
    });
    assert_eq!(wire.asked(), [], "asking for the address sends nothing");
    address.unwrap()
}

#[test]
fn each_partition_has_its_endpoint() {
    let addresses = ["eu-west-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"].map(|region| address("", region));
    assert_eq!(
        addresses,
        [
            "https://oidc.eu-west-1.amazonaws.com",
            "https://oidc.cn-north-1.amazonaws.com.cn",
            "https://oidc.us-gov-west-1.amazonaws.com",
            "https://oidc.eusc-de-east-1.amazonaws.eu",
        ]
    );
}

#[test]
fn endpoint_settings_of_a_profile_of_the_sign_in_count() {
    let profile = |settings: &str| {
        format!("[profile dev]\nsso_session = corp\n{settings}\n[sso-session corp]\nsso_region = eu-west-1\n")
    };
    let with = |settings| address(&profile(settings), "us-west-2");
    assert_eq!(with("use_fips_endpoint = true"), "https://oidc-fips.us-west-2.amazonaws.com");
    assert_eq!(with("use_dualstack_endpoint = true"), "https://oidc.us-west-2.api.aws");
    assert_eq!(with("endpoint_url = http://127.0.0.1:4566"), "http://127.0.0.1:4566");
    let services = "services = near\n[services near]\nsso_oidc =\n  endpoint_url = http://127.0.0.1:4566/oidc/\n";
    assert_eq!(with(services), "http://127.0.0.1:4566/oidc");
}

#[test]
fn endpoint_settings_of_other_profiles_do_not_count() {
    let config = "[default]\nendpoint_url = http://127.0.0.1:4566\n[profile dev]\nsso_session = corp\n[sso-session corp]\nsso_region = eu-west-1\n";
    assert_eq!(address(config, "us-west-2"), "https://oidc.us-west-2.amazonaws.com");
}

#[test]
fn a_region_that_is_no_name_is_told_and_reaches_nobody() {
    let wire = Wire::default();
    let failure = run(async {
        Client::new(&profiles(""), &session("evil.example/"), &wire.access(&Nobody, None)).await.address().await
    });
    assert!(matches!(failure, Err(Failure::Network { .. })), "{failure:?}");
    assert_eq!(wire.asked(), []);
}

#[test]
fn a_client_is_registered_for_the_authorization_code_as_aws_cli_does() {
    let asked = registered(Purpose::AuthorizationCode { issuer: "https://d-1.awsapps.com/start" }, &[]);
    insta::assert_snapshot!(asked, @r#"
    POST https://oidc.eu-west-1.amazonaws.com/client/register
    {
      "clientName": "astro-aws",
      "clientType": "public",
      "grantTypes": [
        "authorization_code",
        "refresh_token"
      ],
      "issuerUrl": "https://d-1.awsapps.com/start",
      "redirectUris": [
        "http://127.0.0.1/oauth/callback"
      ],
      "scopes": [
        "sso:account:access"
      ]
    }
    "#);
}

#[test]
fn a_client_is_registered_for_the_device_code_with_scopes_but_for_a_legacy_sign_in() {
    let legacy = SsoSession { name: None, ..session("eu-west-1") };
    insta::assert_snapshot!(registered_for(Purpose::DeviceCode, &legacy), @r#"
    POST https://oidc.eu-west-1.amazonaws.com/client/register
    {
      "clientName": "astro-aws",
      "clientType": "public"
    }
    "#);
    insta::assert_snapshot!(registered(Purpose::DeviceCode, &[]), @r#"
    POST https://oidc.eu-west-1.amazonaws.com/client/register
    {
      "clientName": "astro-aws",
      "clientType": "public",
      "scopes": [
        "sso:account:access"
      ]
    }
    "#);
    insta::assert_snapshot!(registered(Purpose::DeviceCode, &["sso:account:access", "x:y"]), @r#"
    POST https://oidc.eu-west-1.amazonaws.com/client/register
    {
      "clientName": "astro-aws",
      "clientType": "public",
      "scopes": [
        "sso:account:access",
        "x:y"
      ]
    }
    "#);
}

fn registered(purpose: Purpose<'_>, scopes: &[&str]) -> String {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    registered_for(purpose, &SsoSession { scopes, ..session("eu-west-1") })
}

fn registered_for(purpose: Purpose<'_>, session: &SsoSession) -> String {
    let wire = Wire::new([ok(r#"{"clientId":"id","clientSecret":"secret","clientSecretExpiresAt":1800086400}"#)]);
    let made =
        run(async { Client::new(&profiles(""), session, &wire.access(&Nobody, None)).await.register(purpose).await });
    assert_eq!(made.unwrap(), registration());
    only(&wire)
}

fn only(wire: &Wire) -> String {
    let asked = wire.asked();
    assert_eq!(asked.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    format!("{} {}\n{body:#}", asked[0].method, asked[0].uri)
}

#[test]
fn each_grant_sends_what_it_takes() {
    let sent = |grant: Grant<'_>| {
        let wire = Wire::new([ok(TOKEN)]);
        let token = run(async {
            let client = Client::new(&profiles(""), &session("eu-west-1"), &wire.access(&Nobody, None)).await;
            client.token(&registration(), grant).await
        });
        assert_eq!(token.unwrap().expires_at, at(NOW + 3600));
        only(&wire)
    };
    let code = Grant::AuthorizationCode {
        code: &AuthorizationCode::new("code"),
        verifier: &CodeVerifier::new("verifier"),
        redirect_uri: "http://127.0.0.1:5000/oauth/callback",
    };
    insta::assert_snapshot!(sent(code), @r#"
    POST https://oidc.eu-west-1.amazonaws.com/token
    {
      "clientId": "id",
      "clientSecret": "secret",
      "code": "code",
      "codeVerifier": "verifier",
      "grantType": "authorization_code",
      "redirectUri": "http://127.0.0.1:5000/oauth/callback"
    }
    "#);
    insta::assert_snapshot!(sent(Grant::DeviceCode(&DeviceCode::new("device"))), @r#"
    POST https://oidc.eu-west-1.amazonaws.com/token
    {
      "clientId": "id",
      "clientSecret": "secret",
      "deviceCode": "device",
      "grantType": "urn:ietf:params:oauth:grant-type:device_code"
    }
    "#);
    insta::assert_snapshot!(sent(Grant::RefreshToken(&RefreshToken::new("refresh"))), @r#"
    POST https://oidc.eu-west-1.amazonaws.com/token
    {
      "clientId": "id",
      "clientSecret": "secret",
      "grantType": "refresh_token",
      "refreshToken": "refresh"
    }
    "#);
}

#[test]
fn a_refresh_gives_the_next_token() {
    let (result, _) = refreshed(vec![ok(TOKEN)]);
    let token = result.unwrap();
    assert_eq!(token.access_token, AccessToken::new("new"));
    assert_eq!(token.refresh_token, Some(RefreshToken::new("next")));
    assert_eq!(token.expires_at, at(NOW + 3600));
    assert_eq!(token.registration, Some(registration()));
}

#[test]
fn the_refresh_token_stays_where_no_other_comes_back() {
    for body in [
        r#"{"accessToken":"new","tokenType":"Bearer","expiresIn":3600}"#,
        r#"{"accessToken":"new","expiresIn":3600,"refreshToken":""}"#,
    ] {
        let (result, _) = refreshed(vec![ok(body)]);
        assert_eq!(result.unwrap().refresh_token, Some(RefreshToken::new("hunter2")));
    }
}

#[test]
fn a_token_without_a_refresh_token_cannot_be_refreshed() {
    let wire = Wire::default();
    let token = Token { refresh_token: None, ..token() };
    let result = run(refresh(&profiles(""), &session("eu-west-1"), &token, &wire.access(&Nobody, None)));
    assert!(matches!(result, Err(OidcFailure::Ended { .. })));
    assert_eq!(wire.asked(), []);
}

#[test]
fn each_refusal_is_told_in_words_with_its_code() {
    let told = [
        "InvalidGrantException",
        "ExpiredTokenException",
        "InvalidClientException",
        "UnauthorizedClientException",
        "AccessDeniedException",
        "InvalidRequestException",
        "InvalidScopeException",
        "UnsupportedGrantTypeException",
        "Brand new! <b>",
    ]
    .map(|code| {
        let (result, calls) = refreshed(vec![refused(400, code)]);
        assert_eq!(calls, 1, "{code} is not tried again");
        result.unwrap_err().to_string()
    });
    insta::assert_debug_snapshot!(told, @r#"
    [
        "the sign-in has ended: IAM Identity Center does not accept it any more: it was ended, or used elsewhere (InvalidGrantException)",
        "the sign-in has ended: it has run out (ExpiredTokenException)",
        "the sign-in has ended: IAM Identity Center does not know this client any more (InvalidClientException)",
        "the sign-in has ended: IAM Identity Center does not let this client do that (UnauthorizedClientException)",
        "the sign-in has ended: access was denied (AccessDeniedException)",
        "IAM Identity Center refuses: InvalidRequestException",
        "IAM Identity Center refuses: InvalidScopeException",
        "IAM Identity Center refuses: UnsupportedGrantTypeException",
        "IAM Identity Center refuses: no known reason",
    ]
    "#);
}

#[test]
fn trouble_of_the_service_is_told_as_such() {
    for status in [429, 500, 502, 503, 504] {
        let (result, _) = refreshed(vec![Says::Http(status, None, "{}".to_owned())]);
        assert!(matches!(result, Err(OidcFailure::Network { .. })), "{status}");
    }
    // No sign-in helps against too many questions.
    assert!(matches!(refreshed(vec![refused(400, "SlowDownException")]).0, Err(OidcFailure::Network { .. })));
}

#[test]
fn trouble_of_the_service_is_tried_again() {
    let again = async |status| {
        let wire = Wire::new([Says::Http(status, None, "{}".to_owned()), ok(TOKEN)]);
        let result = refresh(&profiles(""), &session("eu-west-1"), &token(), &wire.access(&Nobody, None)).await;
        (status, result.is_ok(), wire.asked().len())
    };
    let (overloaded, broken, absent) = run(async { tokio::join!(again(429), again(500), again(503)) });
    assert_eq!([overloaded, broken, absent], [(429, true, 2), (500, true, 2), (503, true, 2)]);
}

#[test]
fn what_is_no_answer_of_the_service_is_trouble_on_the_way() {
    let told = [
        Says::Unreachable,
        Says::Http(200, None, "<html>Welcome to our hotel</html>".to_owned()),
        Says::Http(200, None, "{}".to_owned()),
        Says::Http(200, None, r#"{"accessToken":"new","expiresIn":0}"#.to_owned()),
        Says::Http(407, None, "proxy".to_owned()),
        Says::Http(302, Some(("location", "https://example.com/".to_owned())), String::new()),
    ]
    .map(|says| match refreshed(vec![says; 9]).0 {
        Err(OidcFailure::Network { reason }) => reason,
        other => panic!("{other:?}"),
    });
    insta::assert_debug_snapshot!(told, @r#"
    [
        "connection refused",
        "an answer that is none of its own (HTTP status 200)",
        "it gave an incomplete token",
        "it gave an incomplete token",
        "an answer that is none of its own (HTTP status 407)",
        "an answer that is none of its own (HTTP status 302)",
    ]
    "#);
}

#[test]
fn no_failure_repeats_a_secret() {
    for says in [refused(400, "InvalidGrantException"), refused(500, "hunter2"), refused(400, "x y hunter2")] {
        let failure = refreshed(vec![says; 9]).0.unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("hunter2"), "{failure:?}");
    }
}

#[test]
fn the_endpoint_is_that_of_the_profile_asked_for_else_of_the_first_that_uses_the_sign_in() {
    let set = profiles(
        "[default]\nendpoint_url = http://default\n[profile b]\nsso_session = corp\nendpoint_url = http://b\n\
         [profile c]\nsso_session = corp\nendpoint_url = http://c\n[profile role]\nendpoint_url = http://role\n\
         [sso-session corp]\nsso_region = x\n",
    );
    for (profile, address) in [(None, "http://b"), (Some("c"), "http://c"), (Some("role"), "http://role")] {
        let wire = Wire::default();
        let access = Access { profile: profile.map(str::to_owned), ..wire.access(&Nobody, None) };
        let found = run(async { Client::new(&set, &session("eu-west-1"), &access).await.address().await });
        assert_eq!(found.unwrap(), address);
    }
}
