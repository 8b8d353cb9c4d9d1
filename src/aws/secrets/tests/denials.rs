//! What AWS's own error shapes are taken for.

use serde_json::json;

use super::stand_in::{Aws, refusal, wait_for};
use crate::aws::secrets::{Service, StoreFailure};

const SECRET: &str = "airflow/variables/hello";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// What reading comes to where AWS answers with this error, and knows nothing else.
fn read(service: Service, code: &'static str, message: &'static str) -> StoreFailure {
    let aws = Aws::answering(move |action, _| match action {
        "GetSecretValue" | "GetParameter" => refusal(code, message),
        _ => refusal("AccessDeniedException", "no"),
    });
    wait_for(aws.store(service).get(SECRET)).unwrap_err()
}

fn denied(action: &str, resource: &str) -> StoreFailure {
    StoreFailure::Denied { action: action.to_owned(), resource: resource.to_owned() }
}

#[test]
fn a_denial_names_the_missing_action_and_the_resource() {
    let message = "User: arn:aws:sts::111122223333:assumed-role/dev/ana is not authorized to perform: \
                   secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/variables/hello-AbCdEf \
                   because no identity-based policy allows the secretsmanager:GetSecretValue action";
    assert_eq!(
        read(Service::SecretsManager, "AccessDeniedException", message),
        denied(
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/variables/hello-AbCdEf"
        )
    );
    let message = "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: ssm:GetParameter on resource: \
                   arn:aws:ssm:eu-west-1:111122223333:parameter/airflow/variables/hello with an explicit deny in a service control policy";
    assert_eq!(
        read(Service::ParameterStore, "AccessDeniedException", message),
        denied("ssm:GetParameter", "arn:aws:ssm:eu-west-1:111122223333:parameter/airflow/variables/hello")
    );
}

#[test]
fn a_denial_without_words_is_about_what_was_asked() {
    for message in ["", "Denied.", "not authorized to perform: hunter2 on resource: \"hunter 2\""] {
        let message: &'static str = message;
        assert_eq!(
            read(Service::SecretsManager, "AccessDeniedException", message),
            denied("secretsmanager:GetSecretValue", SECRET)
        );
    }
}

#[test]
fn a_key_that_may_not_be_used_makes_it_undecryptable_and_is_named() {
    let named = StoreFailure::Undecryptable { key: Some(KEY.to_owned()) };
    let unnamed = StoreFailure::Undecryptable { key: None };
    let kms_denied = "User: arn:aws:sts::111122223333:assumed-role/dev/ana is not authorized to perform: kms:Decrypt on resource: \
                      arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows \
                      the kms:Decrypt action (Service: Kms, Status Code: 400, Request ID: 1-2-3)";
    let old = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not \
               allowed to access. (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: 1)";
    let disabled = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab is disabled. (Service: Kms, Status Code: 400)";
    let pending = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab is pending deletion.";
    for (service, code, message, expected) in [
        (Service::SecretsManager, "AccessDeniedException", "Access to KMS is not allowed", &unnamed),
        (Service::SecretsManager, "AccessDeniedException", kms_denied, &named),
        (
            Service::SecretsManager,
            "DecryptionFailure",
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
            &unnamed,
        ),
        (Service::SecretsManager, "InvalidRequestException", disabled, &named),
        (Service::ParameterStore, "AccessDeniedException", kms_denied, &named),
        (Service::ParameterStore, "AccessDeniedException", old, &unnamed),
        (Service::ParameterStore, "InvalidKeyId", disabled, &named),
        (Service::ParameterStore, "InvalidKeyId", pending, &named),
        (Service::ParameterStore, "KMSInvalidStateException", "", &unnamed),
    ] {
        assert_eq!(read(service, code, message), *expected, "{code}: {message}");
    }
}

#[test]
fn the_key_is_asked_for_where_aws_does_not_name_it() {
    let aws = Aws::answering(|action, _| match action {
        "GetSecretValue" => refusal("AccessDeniedException", "Access to KMS is not allowed"),
        "DescribeSecret" => (200, json!({"Name": SECRET, "KmsKeyId": KEY})),
        _ => refusal("AccessDeniedException", "no"),
    });
    let found = wait_for(aws.store(Service::SecretsManager).get(SECRET)).unwrap_err();
    assert_eq!(found, StoreFailure::Undecryptable { key: Some(KEY.to_owned()) });
}

#[test]
fn a_secret_with_another_status_is_told_apart() {
    for (code, message, expected) in [
        ("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", StoreFailure::NotFound),
        (
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
            StoreFailure::PendingDeletion,
        ),
        (
            "InvalidRequestException",
            "You tried to perform the operation on a secret that's currently marked deleted.",
            StoreFailure::PendingDeletion,
        ),
        (
            "ExpiredTokenException",
            "The security token is expired",
            StoreFailure::Credentials("ExpiredTokenException".into()),
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            StoreFailure::Credentials("UnrecognizedClientException".into()),
        ),
    ] {
        assert_eq!(read(Service::SecretsManager, code, message), expected, "{code}");
    }
    assert_eq!(read(Service::ParameterStore, "ParameterNotFound", ""), StoreFailure::NotFound);
}

#[test]
fn a_secret_of_bytes_is_binary() {
    let aws = Aws::answering(|_, _| (200, json!({"Name": SECRET, "SecretBinary": "AAECAw=="})));
    assert_eq!(wait_for(aws.store(Service::SecretsManager).get(SECRET)).unwrap_err(), StoreFailure::Binary);
}

#[test]
fn a_connection_that_breaks_and_a_service_in_trouble_are_the_network_s() {
    for answer in [(0, json!(null)), (503, json!({})), (200, json!("no answer of AWS's"))] {
        let aws = Aws::answering(move |_, _| answer.clone());
        let failure = wait_for(aws.store(Service::SecretsManager).get(SECRET)).unwrap_err();
        assert!(matches!(failure, StoreFailure::Network(_)), "{failure:?}");
        assert_eq!(aws.calls().len(), 1, "it is told of at once");
    }
}

#[test]
fn what_is_throttled_is_asked_for_again() {
    let mut calls = 0;
    let aws = Aws::answering(move |_, _| {
        calls += 1;
        match calls {
            1..=6 => refusal("ThrottlingException", "Rate exceeded"),
            _ => (200, json!({"Name": SECRET, "SecretString": "v", "VersionId": "1", "CreatedDate": 1_800_000_000.5})),
        }
    });
    let secret = wait_for(aws.store(Service::SecretsManager).get(SECRET)).unwrap();
    assert_eq!((secret.value.expose(), secret.version.as_deref()), ("v", Some("1")));
    assert_eq!(aws.calls().len(), 7);
}

#[test]
fn patience_has_an_end() {
    let aws = Aws::answering(|_, _| refusal("ThrottlingException", "Rate exceeded"));
    let failure = wait_for(aws.store(Service::ParameterStore).get("/x")).unwrap_err();
    assert_eq!(failure, StoreFailure::Throttled("ThrottlingException".to_owned()));
    assert_eq!(aws.calls().len(), 10);
}

#[test]
fn a_message_that_repeats_the_value_is_not_passed_on() {
    for code in ["ValidationException", "InvalidParameterException", "SomethingNew", "InvalidRequestException"] {
        let failure = read(Service::ParameterStore, code, "Value 'hunter2' at 'value' failed to satisfy constraint");
        assert!(!format!("{failure} {failure:?}").contains("hunter2"), "{failure:?}");
    }
}
