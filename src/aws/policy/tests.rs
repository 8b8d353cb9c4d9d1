use serde_json::{Value, json};

use super::*;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn reach(service: Service, beginnings: &[&'static str]) -> Reach<'static> {
    let beginnings = beginnings.to_vec();
    let partition = Partition::of_region("eu-west-1");
    Reach { service, beginnings, partition, region: "eu-west-1", account: "111122223333", kms_key: None }
}

fn secrets_manager() -> Reach<'static> {
    reach(Service::SecretsManager, &["airflow/connections/", "airflow/variables/", "airflow/config/"])
}

fn parameter_store() -> Reach<'static> {
    reach(Service::ParameterStore, &["/airflow/connections/", "/airflow/variables/", "/airflow/config/"])
}

fn with_key(reach: Reach<'static>) -> Reach<'static> {
    Reach { kms_key: Some(KEY), ..reach }
}

/// Every policy there is, with the grammar that it has to keep.
fn all() -> Vec<Document> {
    let mut documents = vec![trust("arn:aws:iam::111122223333:role/workload")];
    for base in [secrets_manager(), parameter_store()] {
        for allowed in [Allowed::LookUp, Allowed::Write, Allowed::EcsTaskExecution] {
            documents.extend([base.policy(allowed), with_key(base.clone()).policy(allowed)]);
        }
    }
    documents
}

#[test]
fn airflow_s_look_ups_in_secrets_manager_are_allowed_and_nothing_else() {
    let expected = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/config/*",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/connections/*",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/variables/*",
            ],
        }],
    });
    assert_eq!(serde_json::to_value(secrets_manager().policy(Allowed::LookUp)).unwrap(), expected);
}

#[test]
fn airflow_s_look_ups_in_parameter_store_are_allowed_and_nothing_else() {
    let document = with_key(parameter_store()).policy(Allowed::LookUp);
    let expected = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ReadParameters",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter"],
            "Resource": [
                "arn:aws:ssm:eu-west-1:111122223333:parameter/airflow/config/*",
                "arn:aws:ssm:eu-west-1:111122223333:parameter/airflow/connections/*",
                "arn:aws:ssm:eu-west-1:111122223333:parameter/airflow/variables/*",
            ],
        }, {
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [KEY],
            "Condition": {"StringEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}},
        }],
    });
    assert_eq!(serde_json::to_value(document).unwrap(), expected);
}

#[test]
fn names_of_parameters_have_one_slash_in_their_arn() {
    for (beginning, resource) in [
        ("/airflow/", "parameter/airflow/*"),
        ("airflow/", "parameter/airflow/*"),
        ("/", "parameter/*"),
        ("", "parameter/*"),
    ] {
        let document = reach(Service::ParameterStore, &[beginning]).policy(Allowed::LookUp);
        assert_eq!(document.statement[0].resource, [format!("arn:aws:ssm:eu-west-1:111122223333:{resource}")]);
    }
}

#[test]
fn a_slash_in_front_of_a_secret_s_name_stays() {
    let document = reach(Service::SecretsManager, &["/airflow/", ""]).policy(Allowed::LookUp);
    assert_eq!(document.statement[0].resource, ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"]);
    let document = reach(Service::SecretsManager, &["/airflow/"]).policy(Allowed::LookUp);
    assert_eq!(document.statement[0].resource, ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:/airflow/*"]);
}

#[test]
fn a_name_is_allowed_by_one_resource_alone() {
    let beginnings = ["team/variables/", "team/", "team/", "team-b/", "team/variables/x/"];
    let document = reach(Service::SecretsManager, &beginnings).policy(Allowed::LookUp);
    let names: Vec<_> = document.statement[0].resource.iter().map(|arn| arn.rsplit(':').next().unwrap()).collect();
    assert_eq!(names, ["team-b/*", "team/*"]);
}

#[test]
fn wildcards_in_a_prefix_mean_themselves() {
    let document = reach(Service::SecretsManager, &["a*b?c$d${e}/"]).policy(Allowed::LookUp);
    let expected = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a${*}b${?}c${$}d${$}{e}/*";
    assert_eq!(document.statement[0].resource, [expected]);
    assert!(document.to_terraform("x").contains("secret:a$${*}b$${?}c$${$}d$${$}{e}/*\""));
}

#[test]
fn nothing_is_allowed_where_every_kind_is_switched_off() {
    for allowed in [Allowed::LookUp, Allowed::Write, Allowed::EcsTaskExecution] {
        assert_eq!(with_key(reach(Service::SecretsManager, &[])).policy(allowed).statement, []);
    }
}

#[test]
fn partitions_have_arns_and_hosts_of_their_own() {
    for (region, partition, via) in [
        ("cn-north-1", "aws-cn", "secretsmanager.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "secretsmanager.us-gov-west-1.amazonaws.com"),
    ] {
        let of = Reach { region, partition: Partition::of_region(region), ..with_key(secrets_manager()) };
        let document = serde_json::to_value(of.policy(Allowed::LookUp)).unwrap();
        let resource = document["Statement"][0]["Resource"][0].as_str().unwrap().to_owned();
        assert!(resource.starts_with(&format!("arn:{partition}:secretsmanager:{region}:111122223333:secret:")));
        assert_eq!(document["Statement"][1]["Condition"]["StringEquals"]["kms:ViaService"], via);
    }
}

#[test]
fn an_ecs_agent_gets_the_actions_of_its_guide() {
    let actions = |reach: Reach<'_>| -> Vec<_> {
        reach.policy(Allowed::EcsTaskExecution).statement.into_iter().flat_map(|statement| statement.action).collect()
    };
    assert_eq!(actions(with_key(parameter_store())), ["ssm:GetParameters", "kms:Decrypt"]);
    assert_eq!(actions(with_key(secrets_manager())), ["secretsmanager:GetSecretValue", "kms:Decrypt"]);
    assert_eq!(actions(parameter_store()), ["ssm:GetParameters"]);
}

/// The actions that take a resource of these kinds; every other one of ours takes `*` alone (service authorization
/// reference: AWS Secrets Manager, AWS Systems Manager, AWS KMS, AWS STS).
const KNOWN: &[(&str, &str)] = &[
    ("secretsmanager:GetSecretValue", "secret:"),
    ("secretsmanager:CreateSecret", "secret:"),
    ("secretsmanager:PutSecretValue", "secret:"),
    ("secretsmanager:UpdateSecret", "secret:"),
    ("secretsmanager:DescribeSecret", "secret:"),
    ("secretsmanager:RestoreSecret", "secret:"),
    ("secretsmanager:DeleteSecret", "secret:"),
    ("secretsmanager:ListSecrets", "*"),
    ("ssm:GetParameter", "parameter/"),
    ("ssm:GetParameters", "parameter/"),
    ("ssm:GetParametersByPath", "parameter/"),
    ("ssm:PutParameter", "parameter/"),
    ("ssm:DeleteParameter", "parameter/"),
    ("ssm:DescribeParameters", "*"),
    ("kms:Decrypt", "key/"),
    ("kms:Encrypt", "key/"),
    ("kms:GenerateDataKey", "key/"),
    ("sts:AssumeRole", ""),
];

#[test]
fn every_policy_keeps_iam_s_grammar() {
    for document in all() {
        let value = serde_json::to_value(&document).unwrap();
        let text = serde_json::to_string(&value).unwrap();
        // IAM: a managed policy has at most 6,144 characters.
        assert!(text.len() < 6144, "{text}");
        let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&value), ["Version", "Statement"]);
        let statements = value["Statement"].as_array().unwrap();
        let mut sids: Vec<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
        assert!(sids.iter().all(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric())), "{text}");
        sids.sort_unstable();
        sids.dedup();
        assert_eq!(sids.len(), statements.len(), "{text}");
        for statement in statements {
            check_statement(statement);
        }
    }
}

fn check_statement(statement: &Value) {
    let known = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
    assert!(statement.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{statement}");
    assert_eq!(statement["Effect"], "Allow");
    assert!(statement["Principal"].is_object() != statement["Resource"].is_array(), "{statement}");
    let actions = statement["Action"].as_array().unwrap();
    assert!(!actions.is_empty());
    for action in actions {
        let (_, kind) = KNOWN.iter().find(|(name, _)| action == name).unwrap_or_else(|| panic!("{action}"));
        for resource in statement["Resource"].as_array().into_iter().flatten() {
            let resource = resource.as_str().unwrap();
            if *kind == "*" {
                assert_eq!(resource, "*", "{action}");
                continue;
            }
            let parts: Vec<_> = resource.splitn(6, ':').collect();
            let service = action.as_str().unwrap().split(':').next().unwrap();
            assert_eq!(parts[..5], ["arn", "aws", service, "eu-west-1", "111122223333"], "{resource}");
            assert!(parts[5].starts_with(kind), "{action} on {resource}");
        }
    }
}

#[test]
fn terraform_says_the_same() {
    let policy = with_key(reach(Service::SecretsManager, &["airflow/variables/"])).policy(Allowed::LookUp);
    insta::assert_snapshot!(policy.to_terraform("airflow_secrets"), @r#"
    data "aws_iam_policy_document" "airflow_secrets" {
      statement {
        sid    = "ReadSecrets"
        effect = "Allow"
        actions = [
          "secretsmanager:GetSecretValue",
        ]
        resources = [
          "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/variables/*",
        ]
      }

      statement {
        sid    = "UseKey"
        effect = "Allow"
        actions = [
          "kms:Decrypt",
        ]
        resources = [
          "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ]

        condition {
          test     = "StringEquals"
          variable = "kms:ViaService"
          values   = ["secretsmanager.eu-west-1.amazonaws.com"]
        }
      }
    }
    "#);
}

#[test]
fn a_trust_policy_names_who_may_assume_the_role() {
    let document = trust("arn:aws:iam::999988887777:role/workload");
    let expected = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AssumeRole",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::999988887777:role/workload"},
            "Action": ["sts:AssumeRole"],
        }],
    });
    assert_eq!(serde_json::to_value(&document).unwrap(), expected);
    insta::assert_snapshot!(document.to_terraform("airflow_secrets_trust"), @r#"
    data "aws_iam_policy_document" "airflow_secrets_trust" {
      statement {
        sid    = "AssumeRole"
        effect = "Allow"
        actions = [
          "sts:AssumeRole",
        ]

        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::999988887777:role/workload"]
        }
      }
    }
    "#);
}
