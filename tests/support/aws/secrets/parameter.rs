//! A parameter of SSM Parameter Store.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::secret::seconds;

pub(super) const SECURE: &str = "SecureString";
/// What AWS names where no key is given.
const KEY_OF_THE_ACCOUNT: &str = "alias/aws/ssm";

#[derive(Clone, Debug)]
pub(in super::super) struct Parameter {
    pub(in super::super) name: String,
    /// Oldest first.
    pub(in super::super) values: Vec<String>,
    /// String, StringList or SecureString.
    pub(in super::super) kind: String,
    /// Standard or Advanced.
    pub(in super::super) tier: String,
    /// None: the key of the account.
    pub(in super::super) kms_key_id: Option<String>,
    pub(in super::super) description: Option<String>,
    pub(in super::super) changed: SystemTime,
}

impl Parameter {
    pub(in super::super) fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            values: vec![value.to_owned()],
            kind: SECURE.to_owned(),
            tier: "Standard".to_owned(),
            kms_key_id: None,
            description: None,
            changed: SystemTime::now(),
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.kind == SECURE
    }

    pub(super) fn value(&self, arn: &str, version: usize, decrypted: bool) -> Option<Value> {
        let value = self.values.get(version.checked_sub(1)?)?;
        // What it is encrypted as is of no use to anybody.
        let value = if decrypted || !self.is_encrypted() { value.as_str() } else { "AQICAHencrypted==" };
        Some(json!({
            "ARN": arn, "Name": self.name, "Type": self.kind, "Value": value, "Version": version, "DataType": "text",
            "LastModifiedDate": seconds(self.changed),
        }))
    }

    /// As DescribeParameters tells it.
    pub(super) fn description(&self, arn: &str) -> Value {
        let mut told = json!({
            "ARN": arn, "Name": self.name, "Type": self.kind, "Tier": self.tier, "Version": self.values.len(),
            "DataType": "text", "LastModifiedDate": seconds(self.changed), "Policies": [],
        });
        if self.is_encrypted() {
            told["KeyId"] = json!(self.kms_key_id.as_deref().unwrap_or(KEY_OF_THE_ACCOUNT));
        }
        if let Some(description) = &self.description {
            told["Description"] = json!(description);
        }
        told
    }

    /// A filter of DescribeParameters or GetParametersByPath.
    pub(super) fn passes(&self, filter: &Value) -> bool {
        let option = filter["Option"].as_str();
        let compare = |actual: &str, wanted: &str| match option {
            Some("BeginsWith") => actual.starts_with(wanted),
            Some("Contains") => actual.contains(wanted),
            _ => actual == wanted,
        };
        let mut values = filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        match filter["Key"].as_str().unwrap_or_default() {
            // `/a` is found as `a`, too.
            "Name" => values.any(|wanted| {
                let slashed = format!("/{}", wanted.trim_start_matches('/'));
                compare(&self.name, wanted) || compare(&format!("/{}", self.name.trim_start_matches('/')), &slashed)
            }),
            "Path" => values.any(|path| self.is_below(path, option == Some("Recursive"))),
            "Type" => values.any(|kind| compare(&self.kind, kind)),
            "Tier" => values.any(|tier| compare(&self.tier, tier)),
            "KeyId" => {
                self.is_encrypted()
                    && values.any(|key| compare(self.kms_key_id.as_deref().unwrap_or(KEY_OF_THE_ACCOUNT), key))
            }
            _ => false,
        }
    }

    pub(super) fn is_below(&self, path: &str, recursively: bool) -> bool {
        let rest = self.name.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|rest| !rest.is_empty() && (recursively || !rest.contains('/')))
    }
}
