//! IAM policies for secrets: what may be done with the names of a secrets backend, and nothing more.
//!
//! A service, what its names begin with, and where it is come in; a policy [`Document`] goes out, which serde writes as
//! IAM's JSON and [`Document::to_terraform`] as a data source. Actions and resources are those of AWS's service
//! authorization reference.

mod terraform;

use std::collections::BTreeMap;

use serde::Serialize;

use super::arn::Partition;
use super::secrets::Service;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    /// The version of the policy language: policy variables, which escape wildcards, need this one.
    pub version: &'static str,
    /// What is allowed.
    pub statement: Vec<Statement>,
}

/// One statement; each of ours allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// What it is for, in letters and digits.
    pub sid: &'static str,
    /// `Allow`.
    pub effect: &'static str,
    /// Who is allowed, in a trust policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// The actions.
    pub action: Vec<&'static str>,
    /// On what; empty in a trust policy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// When: values by key by operator.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
}

/// Who is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct Principal {
    /// An ARN.
    pub aws: String,
}

/// What a policy is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach<'a> {
    /// The service that has the secrets.
    pub service: Service,
    /// What their names begin with, separator included; a parameter's name with or without a slash in front.
    pub beginnings: Vec<&'a str>,
    /// The partition of account and region.
    pub partition: Partition,
    /// The region.
    pub region: &'a str,
    /// The account, twelve digits.
    pub account: &'a str,
    /// The ARN of the customer managed key that encrypts them; the keys that AWS manages need no permission.
    pub kms_key: Option<&'a str>,
}

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Airflow's own look-up and the one of `secrets check`: a single GetSecretValue or GetParameter for each name. No
    /// batches and no lists: those of Secrets Manager can be allowed for the whole account only.
    LookUp,
    /// That, and what `secrets set`, `delete`, `import` and `list` call.
    Write,
    /// What an agent of Amazon ECS calls to put secrets into a task's environment.
    EcsTaskExecution,
}

impl Reach<'_> {
    /// The policy, without a statement where there is nothing to look up.
    pub fn policy(&self, allowed: Allowed) -> Document {
        let mut statement = vec![self.reading(allowed)];
        if allowed == Allowed::Write {
            statement.extend(self.writing());
        }
        statement.extend(self.using_key(allowed));
        if self.beginnings.is_empty() {
            statement.clear();
        }
        Document { version: "2012-10-17", statement }
    }

    fn reading(&self, allowed: Allowed) -> Statement {
        let (sid, action) = match (self.service, allowed) {
            (Service::SecretsManager, _) => ("ReadSecrets", "secretsmanager:GetSecretValue"),
            (Service::ParameterStore, Allowed::EcsTaskExecution) => ("ReadParameters", "ssm:GetParameters"),
            (Service::ParameterStore, _) => ("ReadParameters", "ssm:GetParameter"),
        };
        allow(sid, &[action], self.resources())
    }

    fn writing(&self) -> [Statement; 2] {
        // Neither list can be narrowed down to names: both take `*` alone.
        let everything = vec!["*".to_owned()];
        match self.service {
            Service::SecretsManager => {
                let mut actions = SECRETS_MANAGER_WRITES.to_vec();
                // Another key for a secret that is there.
                actions.extend(self.kms_key.map(|_| "secretsmanager:UpdateSecret"));
                [
                    allow("WriteSecrets", &actions, self.resources()),
                    allow("ListSecrets", &["secretsmanager:ListSecrets"], everything),
                ]
            }
            // The list also tells with which key a parameter is encrypted, which a new version has to keep.
            Service::ParameterStore => [
                allow("WriteParameters", PARAMETER_STORE_WRITES, self.resources()),
                allow("ListParameters", &["ssm:DescribeParameters"], everything),
            ],
        }
    }

    fn using_key(&self, allowed: Allowed) -> Option<Statement> {
        let actions: &[_] = match (self.service, allowed) {
            (_, Allowed::LookUp | Allowed::EcsTaskExecution) => &["kms:Decrypt"],
            (Service::SecretsManager, Allowed::Write) => &["kms:Decrypt", "kms:GenerateDataKey"],
            // Parameters of the standard tier are encrypted by KMS itself, larger ones with a data key.
            (Service::ParameterStore, Allowed::Write) => &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        };
        let mut statement = allow("UseKey", actions, vec![self.kms_key?.to_owned()]);
        let service = match self.service {
            Service::SecretsManager => "secretsmanager",
            Service::ParameterStore => "ssm",
        };
        // The key serves for nothing but the secrets: KMS takes the request from that service alone.
        let via = format!("{service}.{}.{}", self.region, self.partition.dns_suffix());
        statement.condition.insert("StringEquals", BTreeMap::from([("kms:ViaService", via)]));
        Some(statement)
    }

    /// The ARNs of all names with these beginnings, none of them twice.
    fn resources(&self) -> Vec<String> {
        let Self { partition, region, account, .. } = self;
        let mut beginnings: Vec<_> = self
            .beginnings
            .iter()
            .map(|beginning| match self.service {
                Service::SecretsManager => beginning,
                // The slash in front of a parameter's name is not repeated in its ARN.
                Service::ParameterStore => beginning.strip_prefix('/').unwrap_or(beginning),
            })
            .collect();
        beginnings.sort_unstable();
        // Sorted, a beginning stands right behind the ones that it continues.
        beginnings.dedup_by(|later, earlier| later.starts_with(*earlier));
        let resource = match self.service {
            Service::SecretsManager => format!("arn:{partition}:secretsmanager:{region}:{account}:secret:"),
            Service::ParameterStore => format!("arn:{partition}:ssm:{region}:{account}:parameter/"),
        };
        // The six characters that end the ARN of a secret are part of the wildcard.
        beginnings.into_iter().map(|beginning| format!("{resource}{}*", literal(beginning))).collect()
    }
}

/// The calls behind `set`, `delete` and `import`.
const SECRETS_MANAGER_WRITES: &[&str] =
    &["secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:PutSecretValue"];
const PARAMETER_STORE_WRITES: &[&str] = &["ssm:DeleteParameter", "ssm:PutParameter"];

/// Who may assume a role: a trust policy.
pub fn trust(principal: &str) -> Document {
    let statement = Statement {
        principal: Some(Principal { aws: principal.to_owned() }),
        ..allow("AssumeRole", &["sts:AssumeRole"], Vec::new())
    };
    Document { version: "2012-10-17", statement: vec![statement] }
}

fn allow(sid: &'static str, actions: &[&'static str], resource: Vec<String>) -> Statement {
    Statement { sid, effect: "Allow", principal: None, action: actions.to_vec(), resource, condition: BTreeMap::new() }
}

/// A text that means itself in a resource: `*`, `?` and `$` are policy variables then
/// (IAM User Guide: "Policy variables", "Predefined policy variables for special characters").
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => literal.extend(['$', '{', c, '}']),
            other => literal.push(other),
        }
    }
    literal
}

#[cfg(test)]
mod tests;
