//! Many names: in batches, once each, and one by one where batches are not allowed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stand_in::{Answer, Aws, refusal, wait_for};
use crate::aws::secrets::{Service, StoreFailure};

/// What each name came to: its value, or the failure in words.
fn read(aws: &Aws, service: Service, names: &[String]) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    wait_for(aws.store(service).get_many(names, |index, result| {
        let words = result.map_or_else(|failure| failure.to_string(), |secret| secret.value.expose().to_owned());
        assert!(found.insert(index, words).is_none(), "{index} came twice");
    }));
    found
}

fn named(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("/v/{index}")).collect()
}

fn ids<'a>(body: &'a Value, key: &str) -> Vec<&'a str> {
    body[key].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
}

fn value_of(name: &Value) -> Value {
    json!({"Name": name, "SecretString": format!("value of {}", name.as_str().unwrap())})
}

#[test]
fn secrets_are_read_twenty_a_call_and_each_name_gets_its_own() {
    let aws = Aws::answering(|_, body| match body["SecretIdList"].as_array() {
        Some(names) => (200, json!({"SecretValues": names.iter().map(value_of).collect::<Vec<_>>()})),
        None => (200, value_of(&body["SecretId"])),
    });
    let names = named(101);
    let found = read(&aws, Service::SecretsManager, &names);
    assert_eq!(found.len(), 101);
    assert!(names.iter().enumerate().all(|(index, name)| found[&index] == format!("value of {name}")));
    // The last one is alone: that is a GetSecretValue.
    assert_eq!(aws.actions().iter().filter(|action| *action == "BatchGetSecretValue").count(), 5);
    assert_eq!(aws.calls().len(), 6);
}

#[test]
fn parameters_are_read_ten_a_call_and_those_that_are_not_there_are_told() {
    let aws = Aws::answering(|_, body| {
        let (there, missing): (Vec<_>, Vec<_>) = ids(body, "Names").into_iter().partition(|name| !name.ends_with('3'));
        let there: Vec<_> = there.iter().map(|name| json!({"Name": name, "Value": "v", "Version": 7})).collect();
        (200, json!({"Parameters": there, "InvalidParameters": missing}))
    });
    let found = read(&aws, Service::ParameterStore, &named(20));
    assert_eq!(aws.actions(), ["GetParameters", "GetParameters"]);
    assert_eq!(found[&3], StoreFailure::NotFound.to_string());
    assert_eq!((found[&13].as_str(), found[&4].as_str(), found.len()), ("there is nothing of this name", "v", 20));
}

#[test]
fn a_name_that_comes_twice_is_asked_for_once() {
    let aws = Aws::answering(|_, body| {
        let values: Vec<_> = body["SecretIdList"].as_array().unwrap().iter().map(value_of).collect();
        (200, json!({"SecretValues": values}))
    });
    let found = read(&aws, Service::SecretsManager, &["/a".into(), "/b".into(), "/a".into()]);
    assert_eq!(ids(&aws.calls()[0].1, "SecretIdList"), ["/a", "/b"]);
    assert_eq!(found.into_values().collect::<Vec<_>>(), ["value of /a", "value of /b", "value of /a"]);
}

#[test]
fn each_error_of_a_batch_is_its_own_name_s() {
    let denial = "User: arn:aws:iam::1:user/a is not authorized to perform: secretsmanager:GetSecretValue on resource: \
                  arn:aws:secretsmanager:eu-west-1:1:secret:/v/1-AbCdEf because no identity-based policy allows it";
    let aws = Aws::answering(move |action, _| match action {
        "BatchGetSecretValue" => (
            200,
            json!({
                "SecretValues": [{"Name": "/v/0", "SecretString": "v"}, {"Name": "/v/4", "SecretBinary": "AAEC"}],
                "Errors": [
                    {"SecretId": "/v/1", "ErrorCode": "AccessDeniedException", "Message": denial},
                    {"SecretId": "/v/2", "ErrorCode": "ResourceNotFoundException", "Message": "no"},
                    {"SecretId": "/v/3", "ErrorCode": "InvalidRequestException", "Message": "it was marked for deletion."},
                    {"SecretId": "/v/5", "ErrorCode": "AccessDeniedException", "Message": "Access to KMS is not allowed"},
                ]
            }),
        ),
        "DescribeSecret" => (200, json!({"Name": "/v/5", "KmsKeyId": "alias/mine"})),
        _ => refusal("ResourceNotFoundException", "only asked for where the batch said nothing"),
    });
    let found = read(&aws, Service::SecretsManager, &named(7));
    let words: Vec<_> = found.into_values().collect();
    assert_eq!(
        words,
        [
            "v",
            "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:1:secret:/v/1-AbCdEf is not allowed",
            "there is nothing of this name",
            "it is scheduled for deletion",
            "it holds binary data, and Airflow reads text alone",
            "it cannot be decrypted with alias/mine",
            "there is nothing of this name",
        ]
    );
}

/// Batches are not allowed; single calls are, but for those that end in 7.
fn one_by_one(action: &str, body: &Value) -> Answer {
    let name = body["SecretId"].as_str().or(body["Name"].as_str());
    match (action, name) {
        ("BatchGetSecretValue", _) => refusal(
            "AccessDeniedException",
            "User: u is not authorized to perform: secretsmanager:BatchGetSecretValue because no identity-based policy allows it",
        ),
        ("GetParameters", _) => refusal(
            "AccessDeniedException",
            "User: u is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-west-1:1:parameter/v/7 because",
        ),
        (_, Some(name)) if name.ends_with('7') => refusal("AccessDeniedException", "not this one"),
        ("GetSecretValue", Some(name)) => (200, json!({"Name": name, "SecretString": name})),
        (_, name) => (200, json!({"Parameter": {"Name": name, "Value": name, "Version": 1}})),
    }
}

#[test]
fn where_batches_are_denied_each_name_is_asked_for_by_itself() {
    let names = named(200);
    for (service, action, most_batches) in [
        (Service::SecretsManager, "secretsmanager:GetSecretValue", 8),
        (Service::ParameterStore, "ssm:GetParameter", 20),
    ] {
        let aws = Aws::answering(one_by_one);
        let found = read(&aws, service, &names);
        assert_eq!(found.len(), 200);
        assert_eq!(found[&6], "/v/6");
        assert_eq!(found[&17], format!("{action} on /v/17 is not allowed"));
        let batches =
            aws.actions().iter().filter(|action| *action != "GetSecretValue" && *action != "GetParameter").count();
        assert!((1..=most_batches).contains(&batches), "{batches}");
    }
}

#[test]
fn credentials_that_expired_are_not_tried_again_name_by_name() {
    let aws = Aws::answering(|_, _| refusal("ExpiredTokenException", "The security token is expired"));
    let found = read(&aws, Service::SecretsManager, &named(20));
    assert_eq!(aws.calls().len(), 1);
    assert!(found.values().all(|words| words.starts_with("AWS refuses the credentials")));
}

#[test]
fn no_more_than_eight_calls_are_under_way_at_once() {
    let aws = Aws::answering(one_by_one);
    let found = read(&aws, Service::SecretsManager, &named(400));
    assert_eq!((found.len(), aws.most_at_once()), (400, 8));
}
