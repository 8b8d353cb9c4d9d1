//! `secrets policy` prints what the look-ups need of IAM, and nothing more.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::TestEnvironment;

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// A project with the backend, in a region of its own.
fn backed(class: &str, kwargs: &str) -> TestEnvironment {
    let env = TestEnvironment::with_project("airflow3");
    let class = match class {
        "secrets-manager" => "secrets_manager.SecretsManagerBackend",
        _ => "systems_manager.SystemsManagerParameterStoreBackend",
    };
    env.write(
        ".env",
        format!(
            "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.{class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"
        ),
    );
    env
}

fn policy_of(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

fn warns(report: &Value, id: &str) -> bool {
    report["warnings"].as_array().unwrap().iter().any(|warning| warning["id"] == id)
}

#[test]
fn the_policy_alone_is_on_stdout() {
    let env = backed("secrets-manager", r#"{"connections_prefix":"team/connections","config_prefix":null}"#);
    let output = env.run(&["secrets", "policy", "--region", "eu-west-1"]).succeeds();
    assert_snapshot!(output.stdout, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ReadSecrets",
          "Effect": "Allow",
          "Action": [
            "secretsmanager:GetSecretValue"
          ],
          "Resource": [
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/variables/*",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:team/connections/*"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_named_account_needs_no_credentials() {
    let env = TestEnvironment::new();
    let arguments =
        ["secrets", "policy", "--backend", "parameter-store", "--account", "999988887777", "--region", "us-gov-west-1"];
    let output = env.run(&arguments).succeeds();
    assert_eq!(
        policy_of(&output.stdout)["Statement"][0]["Resource"],
        json!([
            "arn:aws-us-gov:ssm:us-gov-west-1:999988887777:parameter/airflow/config/*",
            "arn:aws-us-gov:ssm:us-gov-west-1:999988887777:parameter/airflow/connections/*",
            "arn:aws-us-gov:ssm:us-gov-west-1:999988887777:parameter/airflow/variables/*",
        ])
    );
    assert_eq!(env.aws.hits("GetCallerIdentity"), 0);
}

#[test]
fn the_region_is_that_of_the_backend() {
    let env = backed("secrets-manager", r#"{"region_name":"eu-central-1"}"#);
    for (arguments, region) in [(&[][..], "eu-central-1"), (&["--region", "eu-west-3"], "eu-west-3")] {
        let arguments = [&["secrets", "policy", "--output", "json"], arguments].concat();
        let report = env.run(&arguments).succeeds().json();
        assert_eq!((&report["region"], &report["account"]), (&json!(region), &json!("111122223333")));
        assert!(report["policy"]["Statement"][0]["Resource"][0].as_str().unwrap().contains(region), "{report}");
        assert_eq!(report["backend"], "secrets-manager");
        assert_eq!(report["trust_policy"], Value::Null);
        assert_eq!(report["terraform"], Value::Null);
    }
}

#[test]
fn writing_needs_more_and_only_where_it_is_asked_for() {
    let env = backed("parameter-store", "{}");
    let actions = |arguments: &[&str]| {
        let output = env.run(&[&["secrets", "policy", "--kms-key-id", KEY], arguments].concat()).succeeds();
        let policy = policy_of(&output.stdout);
        let statements = policy["Statement"].as_array().unwrap().clone();
        statements
            .iter()
            .flat_map(|s| s["Action"].as_array().unwrap().clone())
            .map(|a| a.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(actions(&[]), ["ssm:GetParameter", "kms:Decrypt"]);
    assert_eq!(
        actions(&["--write"]),
        [
            "ssm:GetParameter",
            "ssm:DeleteParameter",
            "ssm:PutParameter",
            "ssm:DescribeParameters",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey"
        ]
    );
    assert_eq!(actions(&["--for", "ecs-task-execution"]), ["ssm:GetParameters", "kms:Decrypt"]);
}

#[test]
fn a_deployment_s_role_comes_with_its_trust_policy() {
    let env = backed("secrets-manager", "{}");
    let output = env.run(&["secrets", "policy", "--for", "astro"]).succeeds();
    assert_eq!(policy_of(&output.stdout)["Statement"].as_array().unwrap().len(), 1);
    assert!(output.stderr.contains("sts:AssumeRole") && output.stderr.contains("Workload Identity"), "{output}");
    let report = env.run(&["secrets", "policy", "--for", "astro", "--output", "json"]).succeeds().json();
    assert_eq!(report["trust_policy"]["Statement"][0]["Action"], json!(["sts:AssumeRole"]));
    // No ARN: IAM refuses it until a person has put one there.
    assert!(!report["trust_policy"]["Statement"][0]["Principal"]["AWS"].as_str().unwrap().starts_with("arn:"));
}

#[test]
fn terraform_gets_data_sources() {
    let env = backed("secrets-manager", r#"{"connections_prefix":"a","variables_prefix":null,"config_prefix":null}"#);
    let arguments =
        ["secrets", "policy", "--for", "astro", "--format", "terraform", "--region", "eu-west-1", "--kms-key-id", KEY];
    assert_snapshot!(env.run(&arguments).succeeds().stdout, @r#"
    data "aws_iam_policy_document" "airflow_secrets" {
      statement {
        sid    = "ReadSecrets"
        effect = "Allow"
        actions = [
          "secretsmanager:GetSecretValue",
        ]
        resources = [
          "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/*",
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

    data "aws_iam_policy_document" "airflow_secrets_trust" {
      statement {
        sid    = "AssumeRole"
        effect = "Allow"
        actions = [
          "sts:AssumeRole",
        ]

        principals {
          type        = "AWS"
          identifiers = ["<the Deployment's workload identity>"]
        }
      }
    }
    "#);
}

#[test]
fn an_empty_prefix_is_warned_of() {
    let env = backed("secrets-manager", r#"{"variables_prefix":""}"#);
    let report = env.run(&["secrets", "policy", "--output", "json"]).succeeds().json();
    assert!(warns(&report, "policy_everything"), "{report}");
    assert_eq!(
        report["policy"]["Statement"][0]["Resource"],
        json!(["arn:aws:secretsmanager:us-east-1:111122223333:secret:*"])
    );
}

#[test]
fn a_prefix_that_no_name_can_have_allows_nothing_else() {
    let env = backed("secrets-manager", r#"{"connections_prefix":"a*","variables_prefix":null,"config_prefix":null}"#);
    let report = env.run(&["secrets", "policy", "--output", "json"]).succeeds().json();
    assert!(warns(&report, "policy_prefix"), "{report}");
    assert_eq!(
        report["policy"]["Statement"][0]["Resource"],
        json!(["arn:aws:secretsmanager:us-east-1:111122223333:secret:a${*}/*"])
    );
}

#[test]
fn what_cannot_be_right_is_refused() {
    let env = backed("secrets-manager", "{}");
    for (arguments, phrase) in [
        (&["--account", "1234"][..], "no AWS account"),
        (&["--region", "Frankfurt"], "no AWS region"),
        (&["--region", "cn-north-1"], "partition"),
        (&["--kms-key-id", "alias/airflow"], "alias"),
        (&["--kms-key-id", "alias/aws/secretsmanager"], "AWS manages"),
        (&["--kms-key-id", "arn:aws:kms:eu-west-1:111122223333:key/1"], "eu-west-1"),
        (&["--for", "astro", "--write"], "--write"),
        (&["--for", "ecs-task-execution", "--write"], "--write"),
    ] {
        env.refuses(2, &[&["secrets", "policy"], arguments].concat()).says(phrase);
    }
    let env = backed("secrets-manager", r#"{"connections_prefix":null,"variables_prefix":null,"config_prefix":null}"#);
    env.refuses(4, &["secrets", "policy"]).says("looks nothing up");
}

/// A project whose one DAG names one variable and one connection, both stored and encrypted with a key.
fn with_stored(backend: &str, key: Option<&str>) -> TestEnvironment {
    let env = backed(backend, r#"{"region_name":"us-east-1"}"#);
    env.run(&["secrets", "dag", "--yes", "--variable", "hello", "--connection", "my_db"]).succeeds();
    for (name, value) in
        [("airflow/variables/hello", "s3kr1t/hello"), ("airflow/connections/my_db", "postgres://ana:s3kr1t@db/x")]
    {
        match (backend, key) {
            ("secrets-manager", None) => env.aws.has_secret(name, value),
            ("secrets-manager", Some(key)) => env.aws.has_secret_with_key(name, value, key),
            (_, None) => env.aws.has_parameter(&format!("/{name}"), value),
            (_, Some(key)) => env.aws.has_parameter_with_key(&format!("/{name}"), value, key),
        }
    }
    env
}

#[test]
fn check_passes_with_the_policy_and_fails_without_any_statement_of_it() {
    for backend in ["secrets-manager", "parameter-store"] {
        for key in [None, Some("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")] {
            let env = with_stored(backend, key);
            let mut arguments = vec!["secrets", "policy"];
            arguments.extend(key.iter().flat_map(|key| ["--kms-key-id", key]));
            let policy = policy_of(&env.run(&arguments).succeeds().stdout);
            env.aws.allows_only(&policy);
            let report = env.run(&["secrets", "check", "--output", "json"]).succeeds().json();
            assert_eq!(report["results"].as_array().unwrap().len(), 2, "{report}");
            let statements = policy["Statement"].as_array().unwrap();
            assert_eq!(statements.len(), 1 + usize::from(key.is_some()), "{policy}");
            for index in 0..statements.len() {
                let mut less = policy.clone();
                let removed = less["Statement"].as_array_mut().unwrap().remove(index);
                env.aws.allows_only(&less);
                env.run(&["secrets", "check"]).exits(1).says(removed["Action"][0].as_str().unwrap());
            }
        }
    }
}

#[test]
fn the_policy_reaches_no_other_name() {
    let env = with_stored("secrets-manager", None);
    env.write(".env", env.text(".env").replace("{\"region_name\"", "{\"variables_prefix\":\"other\",\"region_name\""));
    env.aws.allows_only(&policy_of(&env.run(&["secrets", "policy"]).succeeds().stdout));
    let output = env.run(&["secrets", "check", "--backend", "secrets-manager"]).exits(1);
    assert!(output.stdout.contains("secretsmanager:GetSecretValue"), "{output}");
}
