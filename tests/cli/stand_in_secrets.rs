//! The ground that the tests of `secrets` stand on, seen without astro-aws: what a test puts into the stand-in's Secrets
//! Manager and Parameter Store is there, refused or throttled as it says. The end-to-end stage judges the same by moto.

use serde_json::{Value, json};

use crate::support::TestEnvironment;
use crate::support::aws::{Aws, Failure};
use crate::support::web::{self, Page};

fn ask(aws: &Aws, target: &str, body: &Value) -> Page {
    let scope = "AWS4-HMAC-SHA256 Credential=AKIADEFAULTEXAMPLE01/20261123/us-east-1/any/aws4_request, Signature=0";
    let headers = [("x-amz-target", target), ("authorization", scope)];
    web::ask("POST", &aws.url(), &headers, Some(body)).unwrap()
}

fn get(aws: &Aws, name: &str) -> Page {
    ask(aws, "secretsmanager.GetSecretValue", &json!({"SecretId": name}))
}

#[track_caller]
fn refused(page: &Page, code: &str) {
    assert_eq!((page.status, page.json()["__type"].as_str()), (400, Some(code)), "{}", page.body);
}

#[test]
fn what_is_kept_is_found_and_what_is_written_is_seen() {
    let env = TestEnvironment::new();
    env.aws.has_secret("kept", "v1");
    env.aws.has_secret_in("eu-west-1", "elsewhere", "v1");
    env.aws.has_parameter("/kept", "v1");
    assert_eq!(get(&env.aws, "kept").json()["SecretString"], "v1");
    refused(&get(&env.aws, "elsewhere"), "ResourceNotFoundException");
    let put = json!({"SecretId": "kept", "SecretString": "v2"});
    assert_eq!(ask(&env.aws, "secretsmanager.PutSecretValue", &put).status, 200);
    let secret = env.aws.secret("kept").unwrap();
    assert_eq!((secret.value.as_deref(), secret.versions), (Some("v2"), 2));
    let put = json!({"Name": "/kept", "Value": "v2", "Type": "String", "Overwrite": true});
    assert_eq!(ask(&env.aws, "AmazonSSM.PutParameter", &put).status, 200);
    let parameter = env.aws.parameter("/kept").unwrap();
    assert_eq!((&*parameter.value, parameter.versions, &*parameter.kind), ("v2", 2, "String"));
    assert_eq!((env.aws.hits("PutSecretValue"), env.aws.hits("PutParameter")), (1, 1));
}

#[test]
fn the_kinds_of_trouble_are_told_apart() {
    let env = TestEnvironment::new();
    env.aws.has_empty_secret("empty");
    env.aws.has_binary_secret("binary", "AP8=");
    env.aws.has_deleted_secret("deleted", "x");
    env.aws.has_secret_with_key("foreign", "x", "key-1");
    env.aws.has_secret_with_key("disabled", "x", "key-2");
    env.aws.denies("kms:Decrypt", "key-1");
    env.aws.disables_key("key-2");
    refused(&get(&env.aws, "empty"), "ResourceNotFoundException");
    assert_eq!(get(&env.aws, "binary").json()["SecretBinary"], "AP8=");
    refused(&get(&env.aws, "deleted"), "InvalidRequestException");
    refused(&get(&env.aws, "foreign"), "AccessDeniedException");
    refused(&get(&env.aws, "disabled"), "DecryptionFailure");
    env.aws.allows_everything();
    assert_eq!(get(&env.aws, "foreign").status, 200);
}

#[test]
fn throttling_ends_after_so_many_calls() {
    let env = TestEnvironment::new();
    env.aws.has_secret("kept", "x");
    env.aws.fails_next(2, "GetSecretValue", Failure::Refused("ThrottlingException"));
    refused(&get(&env.aws, "kept"), "ThrottlingException");
    refused(&get(&env.aws, "kept"), "ThrottlingException");
    assert_eq!(get(&env.aws, "kept").status, 200);
}

#[test]
fn a_policy_is_taken_by_its_word() {
    let env = TestEnvironment::new();
    let parameters = "arn:aws:ssm:us-east-1:111122223333:parameter/team";
    env.aws.has_parameters([("/team/a".to_owned(), "x".to_owned()), ("/teams/a".to_owned(), "x".to_owned())]);
    let get = |name: &str| ask(&env.aws, "AmazonSSM.GetParameter", &json!({"Name": name})).status;
    let allow = json!({"Effect": "Allow", "Action": "ssm:Get*", "Resource": format!("{parameters}/*")});
    env.aws.allows_only(&json!({"Version": "2012-10-17", "Statement": [allow]}));
    assert_eq!(["/team/a", "/teams/a"].map(get), [200, 400]);
    let deny = json!({"Effect": "Deny", "Action": ["ssm:getparameter"], "Resource": "*"});
    env.aws.allows_only(&json!({"Version": "2012-10-17", "Statement": [allow, deny]}));
    assert_eq!(get("/team/a"), 400);
    let condition = json!({"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}});
    let mut elsewhere = allow.clone();
    elsewhere["Condition"] = condition;
    env.aws.allows_only(&json!({"Version": "2012-10-17", "Statement": elsewhere}));
    assert_eq!(get("/team/a"), 400);
}
