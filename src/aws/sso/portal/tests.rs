//! The portal against a wire that says what it is told to say.

use super::*;
use crate::aws::access::Nobody;
use crate::aws::sso::wire::{NOW, ONE_ATTEMPT, Says, Wire, at, ok, profiles, refused, run, session};

const CREDENTIALS: &str = r#"{"roleCredentials":{"accessKeyId":"AKIA","secretAccessKey":"hunter2","sessionToken":"t","expiration":1800003600123}}"#;

fn login(region: &str) -> SsoLogin {
    SsoLogin { session: session(region), account_id: "123456789012".to_owned(), role_name: "Dev Ops".to_owned() }
}

fn credentials(wire: &Wire, region: &str) -> Result<Credentials, PortalFailure> {
    let set = profiles(
        "[profile dev]\nmax_attempts = 1\nregion = ap-south-1\nsso_session = corp\n[sso-session corp]\nsso_region = x\n",
    );
    let token = AccessToken::new("token");
    run(role_credentials(&set, &login(region), &token, &wire.access(&Nobody, None)))
}

#[test]
fn credentials_come_from_the_region_of_the_sign_in() {
    let wire = Wire::new([ok(CREDENTIALS)]);
    let credentials = credentials(&wire, "eu-west-1").unwrap();
    assert_eq!(credentials.access_key_id(), "AKIA");
    assert_eq!(credentials.secret_access_key(), "hunter2");
    assert_eq!(credentials.session_token(), Some("t"));
    assert_eq!(credentials.expiry(), Some(at(NOW + 3600) + Duration::from_millis(123)));
    assert_eq!(credentials.account_id().map(|id| id.as_str()), Some("123456789012"));
    let asked = wire.asked();
    assert_eq!(
        asked[0].uri,
        "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Dev%20Ops&account_id=123456789012"
    );
    assert_eq!(asked[0].bearer.as_deref(), Some("token"));
}

#[test]
fn each_partition_has_its_portal() {
    let hosts = ["cn-north-1", "us-gov-west-1", "eusc-de-east-1"].map(|region| {
        let wire = Wire::new([ok(CREDENTIALS)]);
        credentials(&wire, region).unwrap();
        wire.asked()[0].uri.split('/').nth(2).unwrap().to_owned()
    });
    assert_eq!(
        hosts,
        [
            "portal.sso.cn-north-1.amazonaws.com.cn",
            "portal.sso.us-gov-west-1.amazonaws.com",
            "portal.sso.eusc-de-east-1.amazonaws.eu",
        ]
    );
}

#[test]
fn incomplete_credentials_are_none() {
    for body in [
        "{}".to_owned(),
        CREDENTIALS.replace("accessKeyId", "x"),
        CREDENTIALS.replace("\"hunter2\"", "\"\""),
        CREDENTIALS.replace("sessionToken", "x"),
        CREDENTIALS.replace("1800003600123", "0"),
        CREDENTIALS.replace("expiration", "x"),
        CREDENTIALS.replace("1800003600123", "-5"),
    ] {
        let failure = credentials(&Wire::new([ok(&body)]), "eu-west-1").unwrap_err();
        assert!(matches!(failure, PortalFailure::Network { .. }), "{body}: {failure:?}");
    }
}

#[test]
fn each_refusal_is_told_by_what_helps_against_it() {
    let told = [
        refused(401, "UnauthorizedException"),
        Says::Http(401, None, String::new()),
        refused(403, "ForbiddenException"),
        refused(404, "ResourceNotFoundException"),
        refused(400, "InvalidRequestException"),
        refused(429, "TooManyRequestsException"),
        refused(500, "InternalServerException"),
        Says::Http(503, None, String::new()),
        Says::Http(403, None, "<html>".to_owned()),
        Says::Unreachable,
    ]
    .map(|says| credentials(&Wire::new(vec![says; 9]), "eu-west-1").unwrap_err());
    insta::assert_debug_snapshot!(told, @r#"
    [
        Ended {
            reason: "UnauthorizedException",
        },
        Ended {
            reason: "HTTP status 401",
        },
        Refused {
            code: "ForbiddenException",
        },
        Refused {
            code: "ResourceNotFoundException",
        },
        Refused {
            code: "InvalidRequestException",
        },
        Network {
            reason: "HTTP status 429",
        },
        Network {
            reason: "HTTP status 500",
        },
        Network {
            reason: "HTTP status 503",
        },
        Network {
            reason: "an answer that is none of its own (HTTP status 403)",
        },
        Network {
            reason: "connection refused",
        },
    ]
    "#);
}

#[test]
fn thousands_of_accounts_come_page_by_page_and_are_sorted() {
    let page = |number: u32, next: &str| {
        let account = |at: u32| {
            let id = 100_000_000_000_u64 + u64::from(9_999 - number * 100 - at);
            format!(r#"{{"accountId":"{id}","accountName":"Team {id}","emailAddress":"{id}@example.com"}}"#)
        };
        let list: Vec<_> = (0..100).map(account).collect();
        ok(&format!(r#"{{"accountList":[{}]{next}}}"#, list.join(",")))
    };
    let pages = (0..50).map(|number| match number {
        49 => page(number, ""),
        _ => page(number, &format!(r#","nextToken":"page {number}""#)),
    });
    let wire = Wire::new(pages);
    let found = listed(&wire).unwrap();
    assert_eq!(found.len(), 5_000);
    assert!(found.is_sorted_by_key(|account| &account.name));
    let asked = wire.asked();
    assert_eq!(asked.len(), 50);
    assert!(asked[0].uri.ends_with("/assignment/accounts?max_result=100"), "{}", asked[0].uri);
    assert!(asked[1].uri.contains("next_token=page%200"), "{}", asked[1].uri);
}

fn listed(wire: &Wire) -> Result<Vec<Account>, PortalFailure> {
    let token = AccessToken::new("token");
    run(accounts(&profiles(ONE_ATTEMPT), &session("eu-west-1"), &token, &wire.access(&Nobody, None)))
}

#[test]
fn accounts_are_sorted_as_people_read() {
    let body = r#"{"accountList":[{"accountId":"3","accountName":"beta"},{"accountId":"2","accountName":"Zeta"},
        {"accountId":"1","accountName":"beta"},{"accountId":"4","accountName":"Alpha"},{"accountName":"no id"},{"accountId":"5"}]}"#;
    let ids: Vec<_> = listed(&Wire::new([ok(body)])).unwrap().into_iter().map(|account| account.id).collect();
    assert_eq!(ids, ["5", "4", "1", "3", "2"]);
}

#[test]
fn a_page_that_fails_is_no_end_of_the_list() {
    let first = ok(r#"{"accountList":[{"accountId":"1","accountName":"a"}],"nextToken":"x"}"#);
    let failure = listed(&Wire::new([first, refused(401, "UnauthorizedException")])).unwrap_err();
    assert!(matches!(failure, PortalFailure::Ended { .. }), "{failure:?}");
}

#[test]
fn roles_come_page_by_page_and_are_sorted() {
    let wire = Wire::new([
        ok(r#"{"roleList":[{"roleName":"Zoo","accountId":"1"},{"roleName":"admin"}],"nextToken":"x"}"#),
        ok(r#"{"roleList":[{"roleName":"Audit"}]}"#),
    ]);
    let token = AccessToken::new("token");
    let found = run(roles(&profiles(ONE_ATTEMPT), &session("eu-west-1"), "1", &token, &wire.access(&Nobody, None)));
    assert_eq!(found.unwrap(), ["admin", "Audit", "Zoo"]);
    assert!(wire.asked()[1].uri.contains("next_token=x&max_result=100&account_id=1"), "{}", wire.asked()[1].uri);
}

#[test]
fn a_sign_in_that_has_ended_can_be_ended_again() {
    let ended = |says: Says| {
        let wire = Wire::new(vec![says; 9]);
        let token = AccessToken::new("token");
        run(logout(&profiles(ONE_ATTEMPT), &session("eu-west-1"), &token, &wire.access(&Nobody, None)))
    };
    assert!(ended(ok("")).is_ok());
    assert!(ended(refused(401, "UnauthorizedException")).is_ok());
    assert!(matches!(ended(Says::Http(503, None, String::new())), Err(PortalFailure::Network { .. })));
}

#[test]
fn no_failure_repeats_a_secret() {
    for says in [refused(401, "UnauthorizedException"), refused(403, "hunter2 x"), refused(500, "x")] {
        let failure = credentials(&Wire::new(vec![says; 9]), "eu-west-1").unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("hunter2"), "{failure:?}");
    }
}
