//! What is written and deleted: versions, tiers, keys, limits before any call, and what is kept of what was there.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::stand_in::{Answer, Aws, refusal, wait_for};
use crate::aws::secret::SecretText;
use crate::aws::secrets::{Encryption, Put, PutOptions, Recovery, Service, StoreFailure, Tier};

fn put(aws: &Aws, service: Service, name: &str, value: &str, options: &PutOptions) -> Result<Put, StoreFailure> {
    wait_for(aws.store(service).put(name, &SecretText::new(value), options))
}

fn with_key() -> PutOptions {
    PutOptions { kms_key_id: Some("alias/mine".to_owned()), ..PutOptions::default() }
}

fn missing() -> Answer {
    refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

#[test]
fn a_secret_that_is_there_gets_a_new_version() {
    let aws = Aws::answering(|_, _| (200, json!({"ARN": "arn", "Name": "x", "VersionId": "v2"})));
    let made = put(&aws, Service::SecretsManager, "x", "ü", &PutOptions::default()).unwrap();
    assert_eq!((made.created, made.version.as_deref(), made.arn.as_deref()), (false, Some("v2"), Some("arn")));
    let (action, body) = aws.calls().remove(0);
    assert_eq!((action.as_str(), &body["SecretString"]), ("PutSecretValue", &json!("ü")));
    assert!(body.get("SecretBinary").is_none());
}

#[test]
fn a_new_secret_is_created_with_its_key() {
    let aws = Aws::answering(|action, _| match action {
        "CreateSecret" => (200, json!({"VersionId": "v1"})),
        _ => missing(),
    });
    assert!(put(&aws, Service::SecretsManager, "x", "v", &with_key()).unwrap().created);
    assert_eq!(aws.actions(), ["UpdateSecret", "CreateSecret"]);
    assert_eq!(aws.calls()[1].1["KmsKeyId"], "alias/mine");
}

#[test]
fn a_secret_that_another_makes_in_between_gets_a_new_version() {
    let mut calls = 0;
    let aws = Aws::answering(move |action, _| {
        calls += 1;
        match (action, calls) {
            ("PutSecretValue", 1) => missing(),
            ("CreateSecret", _) => refusal("ResourceExistsException", "a secret with this name already exists"),
            _ => (200, json!({"VersionId": "v2"})),
        }
    });
    assert!(!put(&aws, Service::SecretsManager, "x", "v", &PutOptions::default()).unwrap().created);
    assert_eq!(aws.actions(), ["PutSecretValue", "CreateSecret", "PutSecretValue"]);
}

#[test]
fn a_secret_scheduled_for_deletion_is_not_written() {
    let aws = Aws::answering(|_, _| {
        refusal(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )
    });
    let failure = put(&aws, Service::SecretsManager, "x", "v", &PutOptions::default()).unwrap_err();
    assert_eq!(failure, StoreFailure::PendingDeletion);
}

#[test]
fn a_new_parameter_is_secure_and_of_the_tier_that_its_size_needs() {
    for (size, tier) in [(1, "Standard"), (4096, "Standard"), (4097, "Advanced"), (8192, "Advanced")] {
        let aws = Aws::answering(|_, body| (200, json!({"Version": 1, "Tier": body["Tier"]})));
        let made = put(&aws, Service::ParameterStore, "/x", &"x".repeat(size), &with_key()).unwrap();
        assert!(made.created);
        let body = &aws.calls()[0].1;
        assert_eq!(
            (&body["Type"], &body["Tier"], &body["KeyId"]),
            (&json!("SecureString"), &json!(tier), &json!("alias/mine"))
        );
        assert_eq!(aws.calls().len(), 1);
    }
}

#[test]
fn a_parameter_that_is_there_keeps_its_key_and_its_tier() {
    let aws = Aws::answering(|action, body: &Value| {
        match (action, body["Overwrite"].as_bool(), body["Tier"].as_str()) {
            ("DescribeParameters", ..) => {
                (200, json!({"Parameters": [{"Name": "/x", "KeyId": "alias/mine", "Tier": "Advanced"}]}))
            }
            (_, Some(false), _) => refusal("ParameterAlreadyExists", "The parameter already exists."),
            (_, _, Some("Standard")) => refusal(
                "ValidationException",
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
            ),
            _ => (200, json!({"Version": 3, "Tier": "Advanced"})),
        }
    });
    let made = put(&aws, Service::ParameterStore, "/x", "v", &PutOptions::default()).unwrap();
    assert_eq!((made.created, made.version.as_deref(), made.tier), (false, Some("3"), Some(Tier::Advanced)));
    assert_eq!(aws.actions(), ["PutParameter", "DescribeParameters", "PutParameter", "PutParameter"]);
    assert_eq!(aws.calls()[3].1["KeyId"], "alias/mine");
    let standard = PutOptions { tier: Some(Tier::Standard), ..PutOptions::default() };
    let failure = put(&aws, Service::ParameterStore, "/x", "v", &standard).unwrap_err();
    assert!(failure.to_string().contains("advanced tier"), "{failure}");
}

#[test]
fn a_plain_parameter_has_no_key() {
    let aws = Aws::answering(|_, _| (200, json!({"Version": 1})));
    let plain = PutOptions { encryption: Encryption::Plain, ..with_key() };
    put(&aws, Service::ParameterStore, "/x", "v", &plain).unwrap();
    assert_eq!((&aws.calls()[0].1["Type"], aws.calls()[0].1.get("KeyId")), (&json!("String"), None));
}

#[test]
fn what_is_too_large_empty_or_badly_named_is_told_without_a_call() {
    let aws = Aws::answering(|_, _| (200, json!({"Version": 1})));
    let standard = PutOptions { tier: Some(Tier::Standard), ..PutOptions::default() };
    let none = PutOptions::default();
    let too_large = |size: usize, limit: usize, service| Err(StoreFailure::TooLarge { size, limit, service });
    // 2 bytes each
    let long = |bytes: usize| "ü".repeat(bytes / 2);
    assert_eq!(
        put(&aws, Service::SecretsManager, "x", &long(65_538), &none),
        too_large(65_538, 65_536, "AWS Secrets Manager")
    );
    assert_eq!(
        put(&aws, Service::ParameterStore, "/x", &long(8_194), &none),
        too_large(8_194, 8_192, "SSM Parameter Store")
    );
    assert_eq!(
        put(&aws, Service::ParameterStore, "/x", &long(4_098), &standard),
        too_large(4_098, 4_096, "SSM Parameter Store")
    );
    assert!(put(&aws, Service::SecretsManager, "x", "", &none).unwrap_err().to_string().contains("empty"));
    assert!(matches!(put(&aws, Service::SecretsManager, "a b", "v", &none), Err(StoreFailure::Name { .. })));
    assert!(matches!(put(&aws, Service::ParameterStore, "arn:aws:ssm:x", "v", &none), Err(StoreFailure::Name { .. })));
    assert!(aws.calls().is_empty());
    put(&aws, Service::SecretsManager, "x", &long(65_536), &none).unwrap();
    assert_eq!(aws.calls().len(), 1);
}

#[test]
fn a_refused_value_or_key_is_told_without_the_value() {
    for (code, message, words) in [
        ("InvalidKeyId", "Invalid keyId alias/nope", "does not serve to encrypt it"),
        ("HierarchyTypeMismatchException", "", "stored as another type"),
        ("ValidationException", "Value 'hunter2' at 'value'", "ValidationException"),
    ] {
        let aws = Aws::answering(move |_, _| refusal(code, message));
        let failure = put(&aws, Service::ParameterStore, "/x", "hunter2", &PutOptions::default()).unwrap_err();
        assert!(failure.to_string().contains(words), "{failure}");
        assert!(!format!("{failure:?}").contains("hunter2"));
    }
    let aws = Aws::answering(|_, _| refusal("AccessDeniedException", "Access to KMS is not allowed"));
    let failure = put(&aws, Service::SecretsManager, "x", "v", &PutOptions::default()).unwrap_err();
    assert_eq!(
        failure,
        StoreFailure::Denied { action: "kms:GenerateDataKey".into(), resource: "the KMS key of x".into() }
    );
}

#[test]
fn a_deletion_tells_until_when_it_can_be_taken_back() {
    let aws = Aws::answering(|_, _| (200, json!({"Name": "x", "DeletionDate": 1_800_000_000})));
    let store = aws.store(Service::SecretsManager);
    let until = wait_for(store.delete("x", Recovery::Days(Some(7)))).unwrap();
    assert_eq!(until, Some(UNIX_EPOCH + Duration::from_secs(1_800_000_000)));
    assert_eq!(aws.calls()[0].1["RecoveryWindowInDays"], 7);
    assert_eq!(wait_for(store.delete("x", Recovery::None)).unwrap(), None);
    assert_eq!(aws.calls()[2].1["ForceDeleteWithoutRecovery"], true);
}

#[test]
fn what_is_not_there_is_not_deleted() {
    let secrets = Aws::answering(|action, _| match action {
        // AWS has no word against it.
        "DeleteSecret" => (200, json!({})),
        _ => missing(),
    });
    assert_eq!(
        wait_for(secrets.store(Service::SecretsManager).delete("x", Recovery::None)),
        Err(StoreFailure::NotFound)
    );
    let parameters = Aws::answering(|_, _| refusal("ParameterNotFound", ""));
    assert_eq!(
        wait_for(parameters.store(Service::ParameterStore).delete("/x", Recovery::None)),
        Err(StoreFailure::NotFound)
    );
}
