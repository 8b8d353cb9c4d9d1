//! The stand-in for Secrets Manager.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::wire::{Answer, Refusal, Reply, Request, refuse};
use super::Caller;
use super::page::{page, with_token};
use super::permissions::{Permissions, Resource};
use super::secret::{Content, Secret, seconds, version_id};

/// The quota of Secrets Manager for a value, in bytes.
const LARGEST: usize = 65_536;
const LONGEST_NAME: usize = 512;
const MOST_LISTED: usize = 100;
const MARKED: &str = "You can't perform this operation on the secret because it was marked for deletion.";

#[derive(Default)]
pub(in super::super) struct SecretsManager {
    /// By region and name.
    pub(in super::super) regions: BTreeMap<String, BTreeMap<String, Secret>>,
}

/// One call.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) caller: &'a Caller,
    pub(super) permissions: &'a Permissions,
}

impl SecretsManager {
    pub(super) fn answer(
        &mut self,
        action: &str,
        request: &Request,
        caller: &Caller,
        permissions: &Permissions,
    ) -> Answer {
        let secrets = self.regions.entry(caller.region.clone()).or_default();
        let call = Call { request, caller, permissions };
        let answer = match action {
            "GetSecretValue" => call.get(secrets, request.member("SecretId")),
            "BatchGetSecretValue" => call.get_batch(secrets),
            "ListSecrets" => call.list(secrets),
            "DescribeSecret" => call.describe(secrets),
            "CreateSecret" => call.create(secrets),
            "PutSecretValue" => call.put(secrets),
            "UpdateSecret" => call.update(secrets),
            "DeleteSecret" => call.delete(secrets),
            "RestoreSecret" => call.restore(secrets),
            _ => refuse("UnknownOperationException", format!("no action {action}")),
        };
        answer.map(|body| Reply::aws_json(&body))
    }
}

type Known = BTreeMap<String, Secret>;

impl Call<'_> {
    pub(super) fn arn(&self, name: &str) -> String {
        self.caller.resource("secretsmanager", &format!("secret:{name}-{}", Secret::suffix(name)))
    }

    /// The name that a SecretId means: itself, or what an ARN names, with or without its six last characters.
    fn name_of(&self, id: &str) -> String {
        let Some((_, name)) = id.split_once(":secret:").filter(|_| id.starts_with("arn:")) else {
            return id.to_owned();
        };
        let bare = name.rsplit_once('-').filter(|(bare, suffix)| Secret::suffix(bare) == *suffix);
        bare.map_or(name, |(bare, _)| bare).to_owned()
    }

    fn check(&self, action: &str, id: &str) -> Result<String, Refusal> {
        let name = self.name_of(id);
        let resource = Resource { name: &name, arn: &self.arn(&name), shown: id };
        self.permissions.check(&format!("secretsmanager:{action}"), &resource, self.caller)?;
        Ok(name)
    }

    /// A write takes both: the service makes a data key, and reads it back.
    fn check_key_for_writing(&self, key: Option<&str>) -> Result<(), Refusal> {
        self.check_key("kms:GenerateDataKey", key)?;
        self.check_key("kms:Decrypt", key)
    }

    fn check_key(&self, action: &str, key: Option<&str>) -> Result<(), Refusal> {
        match key.filter(|key| !key.ends_with("alias/aws/secretsmanager")) {
            Some(key) if !self.permissions.allows_key(action, key, "secretsmanager", self.caller) => {
                refuse("AccessDeniedException", "Access to KMS is not allowed")
            }
            Some(key) if self.permissions.key_is_broken(key) && action == "kms:Decrypt" => refuse(
                "DecryptionFailure",
                "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
            ),
            Some(key) if self.permissions.key_is_broken(key) => refuse(
                "EncryptionFailure",
                "Secrets Manager can't encrypt the protected secret text using the provided KMS key.",
            ),
            _ => Ok(()),
        }
    }

    pub(super) fn get(&self, secrets: &Known, id: &str) -> Result<Value, Refusal> {
        let name = self.check("GetSecretValue", id)?;
        let secret = find(secrets, &name)?;
        if secret.deleted.is_some() {
            return refuse("InvalidRequestException", MARKED);
        }
        let [version, stage] = ["VersionId", "VersionStage"].map(|member| self.request.member(member));
        let Some(found) = secret.version(version, stage) else {
            let which = match (version, stage) {
                ("", "") => "staging label: AWSCURRENT".to_owned(),
                ("", stage) => format!("staging label: {stage}"),
                (version, _) => format!("VersionId: {version}"),
            };
            let message = format!("Secrets Manager can't find the specified secret value for {which}");
            return refuse("ResourceNotFoundException", message);
        };
        self.check_key("kms:Decrypt", secret.kms_key_id.as_deref())?;
        Ok(secret.value(&self.arn(&name), found))
    }

    fn list(&self, secrets: &Known) -> Result<Value, Refusal> {
        let anything = Resource { name: "*", arn: "*", shown: "*" };
        self.permissions.check("secretsmanager:ListSecrets", &anything, self.caller)?;
        let with_deleted = self.request.body.get("IncludePlannedDeletion") == Some(&json!(true));
        let row = |secret: &Secret| {
            let counts = (with_deleted || secret.deleted.is_none()) && self.passes_filters(secret);
            counts.then(|| {
                let mut row = secret.description(&self.arn(&secret.name));
                row["SecretVersionsToStages"] = secret.stages_by_version();
                row
            })
        };
        let (rows, next) = page(secrets, self.request, MOST_LISTED, row)?;
        Ok(with_token(json!({"SecretList": rows}), next))
    }

    /// Each filter has to be met, by one of its values.
    pub(super) fn passes_filters(&self, secret: &Secret) -> bool {
        let filters = self.request.body.get("Filters").and_then(Value::as_array).into_iter().flatten();
        filters.into_iter().all(|filter| {
            let mut values = filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let description = secret.description.as_deref().unwrap_or_default();
            values.any(|value| match filter["Key"].as_str().unwrap_or_default() {
                "name" => match value.strip_prefix('!') {
                    Some(value) => !secret.name.starts_with(value),
                    None => secret.name.starts_with(value),
                },
                "description" => description.to_lowercase().contains(&value.to_lowercase()),
                "all" => format!("{} {description}", secret.name).to_lowercase().contains(&value.to_lowercase()),
                _ => false,
            })
        })
    }

    fn describe(&self, secrets: &Known) -> Result<Value, Refusal> {
        let name = self.check("DescribeSecret", self.request.member("SecretId"))?;
        let secret = find(secrets, &name)?;
        let mut told = secret.description(&self.arn(&name));
        told["VersionIdsToStages"] = secret.stages_by_version();
        Ok(told)
    }

    fn create(&self, secrets: &mut Known) -> Result<Value, Refusal> {
        let name = self.check("CreateSecret", self.request.member("Name"))?;
        let is_legal = |letter: char| letter.is_ascii_alphanumeric() || "/_+=.@-".contains(letter);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_legal) {
            return refuse(
                "ValidationException",
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: \
                 -/_+=.@!",
            );
        }
        let content = self.content()?;
        match secrets.get(&name) {
            Some(secret) if secret.deleted.is_some() => {
                return refuse(
                    "InvalidRequestException",
                    "You can't create this secret because a secret with this name is already scheduled for deletion.",
                );
            }
            Some(_) => {
                let message = format!("The operation failed because the secret {name} already exists.");
                return refuse("ResourceExistsException", message);
            }
            None => {}
        }
        let key = self.kms_key_id();
        if content.is_some() {
            self.check_key_for_writing(key.as_deref())?;
        }
        let mut secret = Secret::new(&name, None);
        secret.kms_key_id = key;
        secret.description = self.member("Description");
        let version = content.map(|content| self.add(&mut secret, content));
        secrets.insert(name.clone(), secret);
        Ok(json!({"ARN": self.arn(&name), "Name": name, "VersionId": version}))
    }

    fn put(&self, secrets: &mut Known) -> Result<Value, Refusal> {
        let name = self.check("PutSecretValue", self.request.member("SecretId"))?;
        let Some(content) = self.content()? else {
            return refuse("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
        };
        let secret = find_live(secrets, &name)?;
        self.check_key_for_writing(secret.kms_key_id.as_deref())?;
        let arn = self.arn(&name);
        self.check_token(secret, &content, &arn)?;
        let version = self.add(secret, content);
        Ok(json!({"ARN": arn, "Name": name, "VersionId": version, "VersionStages": ["AWSCURRENT"]}))
    }

    fn update(&self, secrets: &mut Known) -> Result<Value, Refusal> {
        let name = self.check("UpdateSecret", self.request.member("SecretId"))?;
        let content = self.content()?;
        let secret = find_live(secrets, &name)?;
        let key = self.kms_key_id().or_else(|| secret.kms_key_id.clone());
        let arn = self.arn(&name);
        if let Some(content) = &content {
            self.check_key_for_writing(key.as_deref())?;
            self.check_token(secret, content, &arn)?;
        }
        secret.kms_key_id = key;
        secret.description = self.member("Description").or_else(|| secret.description.clone());
        secret.changed = SystemTime::now();
        let version = content.map(|content| self.add(secret, content));
        Ok(json!({"ARN": arn, "Name": name, "VersionId": version}))
    }

    fn delete(&self, secrets: &mut Known) -> Result<Value, Refusal> {
        let name = self.check("DeleteSecret", self.request.member("SecretId"))?;
        let arn = self.arn(&name);
        let window = self.request.body.get("RecoveryWindowInDays").and_then(Value::as_u64);
        if self.request.body.get("ForceDeleteWithoutRecovery") == Some(&json!(true)) {
            if window.is_some() {
                let message = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
                return refuse("InvalidParameterException", message);
            }
            // Also where there is none: the service says yes.
            secrets.remove(&name);
            return Ok(json!({"ARN": arn, "Name": name, "DeletionDate": seconds(SystemTime::now())}));
        }
        if window.is_some_and(|days| !(7..=30).contains(&days)) {
            let message = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
            return refuse("InvalidParameterException", message);
        }
        let Some(secret) = secrets.get_mut(&name) else { return not_found() };
        if secret.deleted.is_some() {
            let message = "You tried to perform the operation on a secret that's currently marked deleted.";
            return refuse("InvalidRequestException", message);
        }
        let deleted = (SystemTime::now(), window.unwrap_or(30));
        secret.deleted = Some(deleted);
        Ok(json!({"ARN": arn, "Name": name, "DeletionDate": Secret::deletion_date(deleted)}))
    }

    fn restore(&self, secrets: &mut Known) -> Result<Value, Refusal> {
        let name = self.check("RestoreSecret", self.request.member("SecretId"))?;
        let Some(secret) = secrets.get_mut(&name) else { return not_found() };
        secret.deleted = None;
        Ok(json!({"ARN": self.arn(&name), "Name": name}))
    }

    fn add(&self, secret: &mut Secret, content: Content) -> String {
        let token = self.member("ClientRequestToken").unwrap_or_else(version_id);
        // The same call once more, as after a lost answer.
        if secret.version(&token, "").is_none() {
            secret.add(token.clone(), content);
        }
        token
    }

    fn check_token(&self, secret: &Secret, content: &Content, arn: &str) -> Result<(), Refusal> {
        let Some(token) = self.member("ClientRequestToken") else { return Ok(()) };
        match secret.version(&token, "") {
            Some(version) if version.content != *content => {
                let message = format!(
                    "You can't use ClientRequestToken {token} because that value is already in use for a version of \
                     secret {arn}."
                );
                refuse("ResourceExistsException", message)
            }
            _ => Ok(()),
        }
    }

    fn content(&self) -> Result<Option<Content>, Refusal> {
        let content = Content::of(&self.request.body);
        if content.as_ref().is_some_and(|content| content.len() > LARGEST) {
            return refuse(
                "ValidationException",
                format!(
                    "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must \
                     have length less than or equal to {LARGEST}"
                ),
            );
        }
        Ok(content)
    }

    fn kms_key_id(&self) -> Option<String> {
        self.member("KmsKeyId")
    }

    fn member(&self, name: &str) -> Option<String> {
        Some(self.request.member(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }
}

fn find<'a>(secrets: &'a Known, name: &str) -> Result<&'a Secret, Refusal> {
    secrets.get(name).map_or_else(not_found, Ok)
}

fn find_live<'a>(secrets: &'a mut Known, name: &str) -> Result<&'a mut Secret, Refusal> {
    match secrets.get_mut(name) {
        Some(secret) if secret.deleted.is_some() => refuse("InvalidRequestException", MARKED),
        Some(secret) => Ok(secret),
        None => not_found(),
    }
}

fn not_found<T>() -> Result<T, Refusal> {
    refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}
