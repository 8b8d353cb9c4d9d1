//! Hosts, and what a company's own address leads to.

use super::*;
use crate::aws::sso::wire::{Says, Wire, run};

fn resolved(written: &str, says: impl IntoIterator<Item = Says>) -> (Result<Resolved, Unusable>, Vec<String>) {
    let wire = Wire::new(says);
    let result = run(resolve(written, "eu-west-1", &wire.client()));
    (result, wire.asked().into_iter().map(|asked| format!("{} {}", asked.method, asked.uri)).collect())
}

fn to(status: u16, location: &str) -> Says {
    Says::Http(status, Some(("location", location.to_owned())), String::new())
}

fn status(status: u16) -> Says {
    Says::Http(status, None, String::new())
}

fn found(url: &str, region: &str) -> Result<Resolved, Unusable> {
    Ok(Resolved { url: url.to_owned(), region: region.to_owned() })
}

#[test]
fn hosts_of_aws_are_used_as_written_and_not_asked() {
    for written in [
        "https://d-1234567890.awsapps.com/start",
        "https://d-1234567890.awsapps.com/start/#/?tab=accounts",
        "https://corp.awsapps.cn/start",
        "https://ssoins-1.portal.eu-west-1.app.aws",
        "https://ssoins-1.eu-west-1.portal.amazonaws.com/",
        "https://start.us-gov-home.awsapps.com/directory/corp",
        "https://identitycenter.us-gov.amazonaws.com/ssoins-1",
        "https://identitycenter.amazonaws.com/ssoins-1",
        "https://ssoins-1.eusc-de-east-1.portal.amazonaws.eu/",
        "https://ssoins-1.portal.cn-north-1.app.amazonwebservices.com.cn",
        "https://D-1234567890.AWSAPPS.COM./start",
    ] {
        let (result, asked) = resolved(written, []);
        assert_eq!(result, found(written, "eu-west-1"));
        assert!(asked.is_empty(), "{written}");
    }
}

#[test]
fn hosts_that_only_look_like_aws_are_not_its_own() {
    for written in [
        "https://evilawsapps.com/start",
        "https://awsapps.com.evil.example/start",
        "https://d-1.awsapps.com@evil.example/start",
        "https://evil.example\\.awsapps.com/start",
        "https://evil.example/.awsapps.com",
        "https://evil.example#.awsapps.com",
        "https://amazonaws.com/start",
        "https://identitycenter.amazonaws.com.evil.example/",
        "https://x.identitycenter.amazonaws.com/",
        "https://127.0.0.1/start",
    ] {
        let (result, asked) = resolved(written, [status(200)]);
        assert!(matches!(result, Err(Unusable::Reason(_))), "{written}: {result:?}");
        assert_eq!(asked.len(), 1, "{written}");
    }
}

#[test]
fn what_is_no_https_url_is_asked_of_nobody() {
    for written in ["", "corp", "http://d-1.awsapps.com/start", "ftp://corp", "https://", "file:///etc/passwd"] {
        let (result, asked) = resolved(written, [status(200)]);
        assert!(matches!(result, Err(Unusable::Reason(_))), "{written}: {result:?}");
        assert!(asked.is_empty(), "{written}");
    }
}

#[test]
fn a_company_s_address_is_followed_once_to_a_host_of_aws() {
    for code in [301, 302, 303, 307, 308] {
        let (result, asked) =
            resolved("https://sso.corp.example/?a=b", [to(code, "https://d-1.awsapps.com/start/?x#y")]);
        assert_eq!(result, found("https://d-1.awsapps.com/start", "eu-west-1"), "{code}");
        assert_eq!(asked, ["HEAD https://sso.corp.example/?a=b"]);
    }
}

#[test]
fn the_region_is_that_of_the_host_it_leads_to() {
    for (location, region) in [
        ("https://ssoins-1.portal.us-east-2.app.aws/", "us-east-2"),
        ("https://ssoins-1.us-gov-west-1.portal.amazonaws.com", "us-gov-west-1"),
        ("https://ssoins-1.cn-north-1.portal.amazonaws.com.cn", "cn-north-1"),
        ("https://ssoins-1.portal.cn-north-1.app.amazonwebservices.com.cn", "cn-north-1"),
        ("https://ssoins-1.eusc-de-east-1.portal.amazonaws.eu", "eusc-de-east-1"),
        ("https://ssoins-1.portal.eusc-de-east-1.api.amazonwebservices.eu", "eusc-de-east-1"),
        ("https://a.b.us-east-2.portal.amazonaws.com", "eu-west-1"),
        ("https://d-1.awsapps.com/start", "eu-west-1"),
    ] {
        let (result, _) = resolved("https://sso.corp.example", [to(302, location)]);
        assert_eq!(result.unwrap().region, region, "{location}");
    }
}

#[test]
fn a_server_that_answers_no_head_is_asked_again_with_get() {
    for code in [405, 501] {
        let (result, asked) =
            resolved("https://sso.corp.example/aws", [status(code), to(302, "https://d-1.awsapps.com/start")]);
        assert_eq!(result, found("https://d-1.awsapps.com/start", "eu-west-1"));
        assert_eq!(asked, ["HEAD https://sso.corp.example/aws", "GET https://sso.corp.example/aws"]);
    }
}

#[test]
fn whatever_leads_to_no_host_of_aws_is_refused_and_not_followed() {
    let told = [
        to(302, "https://evil.example/start"),
        to(302, "http://d-1.awsapps.com/start"),
        to(302, "https://d-1.awsapps.com.evil.example/"),
        to(302, "/elsewhere"),
        to(302, "https://["),
        status(302),
        status(200),
        status(404),
        status(503),
    ]
    .map(|says| {
        let (result, asked) =
            resolved("https://sso.corp.example/aws", [says, to(302, "https://d-1.awsapps.com/start")]);
        assert_eq!(asked.len(), 1);
        result.unwrap_err()
    });
    insta::assert_debug_snapshot!(told, @r#"
    [
        Reason(
            "it leads to `https://evil.example`, which is no https address of AWS",
        ),
        Reason(
            "it leads to `http://d-1.awsapps.com`, which is no https address of AWS",
        ),
        Reason(
            "it leads to `https://d-1.awsapps.com.evil.example`, which is no https address of AWS",
        ),
        Reason(
            "it leads to `https://sso.corp.example`, which is no https address of AWS",
        ),
        Reason(
            "its host is not one of AWS, and redirects to what is no URL",
        ),
        Reason(
            "its host is not one of AWS, and redirects without saying where to",
        ),
        Reason(
            "its host is not one of AWS, and does not lead to one",
        ),
        Reason(
            "its host is not one of AWS, and answers with HTTP status 404",
        ),
        Reason(
            "its host is not one of AWS, and answers with HTTP status 503",
        ),
    ]
    "#);
}

#[test]
fn a_company_s_address_that_cannot_be_reached_is_trouble_of_the_network() {
    let (result, _) = resolved("https://sso.corp.example/aws", [Says::Unreachable]);
    assert_eq!(result, Err(Unusable::Network("connection refused".to_owned())));
}
