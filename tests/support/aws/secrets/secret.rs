//! A secret of Secrets Manager with its versions.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::super::secret::{hex_of, public};

const DAY: Duration = Duration::from_hours(24);

#[derive(Clone, Debug)]
pub(in super::super) struct Secret {
    pub(in super::super) name: String,
    pub(in super::super) description: Option<String>,
    /// None: the key of the account, `aws/secretsmanager`.
    pub(in super::super) kms_key_id: Option<String>,
    /// Oldest first; the last one is AWSCURRENT, the one before AWSPREVIOUS.
    pub(in super::super) versions: Vec<Version>,
    pub(in super::super) changed: SystemTime,
    /// When it was marked for deletion, and for how many days it can be brought back.
    pub(in super::super) deleted: Option<(SystemTime, u64)>,
}

#[derive(Clone, Debug)]
pub(in super::super) struct Version {
    pub(in super::super) id: String,
    pub(in super::super) content: Content,
    created: SystemTime,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Content {
    Text(String),
    /// As base64.
    Binary(String),
}

impl Content {
    pub(super) fn of(body: &Map<String, Value>) -> Option<Self> {
        let member = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        member("SecretString").map(Self::Text).or_else(|| member("SecretBinary").map(Self::Binary))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(base64) => base64.len() / 4 * 3,
        }
    }
}

impl Secret {
    pub(in super::super) fn new(name: &str, content: Option<Content>) -> Self {
        let mut secret = Self {
            name: name.to_owned(),
            description: None,
            kms_key_id: None,
            versions: Vec::new(),
            changed: SystemTime::now(),
            deleted: None,
        };
        if let Some(content) = content {
            secret.add(version_id(), content);
        }
        secret
    }

    pub(super) fn add(&mut self, id: String, content: Content) {
        self.changed = SystemTime::now();
        self.versions.push(Version { id, content, created: self.changed });
    }

    /// The six characters that AWS puts behind a name in the ARN; the same for the same name.
    pub(super) fn suffix(name: &str) -> String {
        hex_of(name)[..6].to_owned()
    }

    pub(super) fn version(&self, id: &str, stage: &str) -> Option<&Version> {
        let by_id = |version: &&Version| id.is_empty() || version.id == id;
        match stage {
            "" if id.is_empty() => self.versions.last(),
            "" => self.versions.iter().find(by_id),
            "AWSCURRENT" => self.versions.last().filter(by_id),
            "AWSPREVIOUS" => self.versions.iter().rev().nth(1).filter(by_id),
            _ => None,
        }
    }

    fn stages(&self, version: &Version) -> Vec<&'static str> {
        let newer = self.versions.iter().rev().position(|other| other.id == version.id);
        match newer {
            Some(0) => vec!["AWSCURRENT"],
            Some(1) => vec!["AWSPREVIOUS"],
            _ => Vec::new(),
        }
    }

    pub(super) fn value(&self, arn: &str, version: &Version) -> Value {
        let mut value = json!({
            "ARN": arn, "Name": self.name, "VersionId": version.id, "VersionStages": self.stages(version),
            "CreatedDate": seconds(version.created),
        });
        match &version.content {
            Content::Text(text) => value["SecretString"] = json!(text),
            Content::Binary(base64) => value["SecretBinary"] = json!(base64),
        }
        value
    }

    /// As DescribeSecret and ListSecrets tell it.
    pub(super) fn description(&self, arn: &str) -> Value {
        let created = self.versions.first().map_or(self.changed, |version| version.created);
        let mut told = json!({
            "ARN": arn, "Name": self.name, "CreatedDate": seconds(created), "LastChangedDate": seconds(self.changed),
        });
        if let Some(description) = &self.description {
            told["Description"] = json!(description);
        }
        if let Some(key) = &self.kms_key_id {
            told["KmsKeyId"] = json!(key);
        }
        if let Some((deleted, _)) = self.deleted {
            told["DeletedDate"] = json!(seconds(deleted));
        }
        told
    }

    pub(super) fn stages_by_version(&self) -> Value {
        let staged = self.versions.iter().map(|version| (version.id.clone(), self.stages(version)));
        staged.filter(|(_, stages)| !stages.is_empty()).map(|(id, stages)| (id, json!(stages))).collect()
    }

    pub(super) fn deletion_date(deleted: (SystemTime, u64)) -> Value {
        json!(seconds(deleted.0 + DAY * u32::try_from(deleted.1).unwrap_or_default()))
    }
}

/// As a random UUID looks.
pub(super) fn version_id() -> String {
    let hex = hex_of(&public(16));
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// Since the epoch, to the millisecond, as AWS's JSON has it.
pub(super) fn seconds(time: SystemTime) -> f64 {
    (time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0).floor() / 1000.0
}
