//! What a test puts into Secrets Manager and Parameter Store, forbids, and finds there afterwards.
//!
//! Values are to bear SECRET_MARKER: then every run of the program is searched for them.

use serde_json::Value;

use super::super::Aws;
use super::super::state::State;
use super::policy::Policy;
use super::{Content, Parameter, Secret};

/// A secret as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredSecret {
    /// The current value; none where it is binary, or where there is no version.
    pub(crate) value: Option<String>,
    pub(crate) versions: usize,
    /// None: that of the account.
    pub(crate) kms_key_id: Option<String>,
    pub(crate) description: Option<String>,
    /// For how many days it can be brought back, where it is deleted.
    pub(crate) recovery_days: Option<u64>,
}

/// A parameter as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredParameter {
    /// The current value.
    pub(crate) value: String,
    pub(crate) versions: usize,
    /// `String`, `StringList` or `SecureString`.
    pub(crate) kind: String,
    /// `Standard` or `Advanced`.
    pub(crate) tier: String,
    /// None: that of the account.
    pub(crate) kms_key_id: Option<String>,
    pub(crate) description: Option<String>,
}

impl Aws {
    /// A secret in the region of the settings.
    pub(crate) fn has_secret(&self, name: &str, value: &str) {
        self.keeps_secret(None, Secret::new(name, Some(Content::Text(value.to_owned()))));
    }

    pub(crate) fn has_secret_in(&self, region: &str, name: &str, value: &str) {
        self.keeps_secret(Some(region), Secret::new(name, Some(Content::Text(value.to_owned()))));
    }

    /// Many secrets, quickly.
    pub(crate) fn has_secrets(&self, secrets: impl IntoIterator<Item = (String, String)>) {
        let mut state = self.state();
        let secrets = secrets.into_iter().map(|(name, value)| Secret::new(&name, Some(Content::Text(value))));
        secrets.for_each(|secret| state.keep_secret(None, secret));
    }

    /// A secret of which only the name has been made.
    pub(crate) fn has_empty_secret(&self, name: &str) {
        self.keeps_secret(None, Secret::new(name, None));
    }

    /// A secret that holds bytes, given as base64.
    pub(crate) fn has_binary_secret(&self, name: &str, base64: &str) {
        self.keeps_secret(None, Secret::new(name, Some(Content::Binary(base64.to_owned()))));
    }

    /// A secret that was deleted and can still be brought back.
    pub(crate) fn has_deleted_secret(&self, name: &str, value: &str) {
        let deleted = Some((std::time::SystemTime::now(), 30));
        self.keeps_secret(None, Secret { deleted, ..Secret::new(name, Some(Content::Text(value.to_owned()))) });
    }

    /// A secret that this customer managed key encrypts.
    pub(crate) fn has_secret_with_key(&self, name: &str, value: &str, kms_key_id: &str) {
        let kms_key_id = Some(kms_key_id.to_owned());
        self.keeps_secret(None, Secret { kms_key_id, ..Secret::new(name, Some(Content::Text(value.to_owned()))) });
    }

    /// A SecureString in the region of the settings.
    pub(crate) fn has_parameter(&self, name: &str, value: &str) {
        self.state().keep_parameter(None, Parameter::new(name, value));
    }

    pub(crate) fn has_parameter_in(&self, region: &str, name: &str, value: &str) {
        self.state().keep_parameter(Some(region), Parameter::new(name, value));
    }

    /// Many parameters, quickly.
    pub(crate) fn has_parameters(&self, parameters: impl IntoIterator<Item = (String, String)>) {
        let mut state = self.state();
        let parameters = parameters.into_iter().map(|(name, value)| Parameter::new(&name, &value));
        parameters.for_each(|parameter| state.keep_parameter(None, parameter));
    }

    /// A parameter of type String.
    pub(crate) fn has_plain_parameter(&self, name: &str, value: &str) {
        let kind = "String".to_owned();
        self.state().keep_parameter(None, Parameter { kind, ..Parameter::new(name, value) });
    }

    /// A SecureString that this customer managed key encrypts.
    pub(crate) fn has_parameter_with_key(&self, name: &str, value: &str, kms_key_id: &str) {
        let kms_key_id = Some(kms_key_id.to_owned());
        self.state().keep_parameter(None, Parameter { kms_key_id, ..Parameter::new(name, value) });
    }

    /// From now on the caller may not do this: an action (`secretsmanager:GetSecretValue`, `ssm:*`, `kms:Decrypt`) on a
    /// resource, by name, KMS key or ARN; in both `*` stands for anything.
    pub(crate) fn denies(&self, action: &str, resource: &str) {
        self.state().secrets.permissions.deny(action, resource);
    }

    /// From now on the caller may do in the two services and with KMS what this IAM policy allows, and nothing else.
    #[track_caller]
    #[allow(clippy::panic, reason = "a test whose policy is none, or is not understood here, proves nothing")]
    pub(crate) fn allows_only(&self, policy: &Value) {
        match Policy::parse(policy.clone()) {
            Ok(policy) => self.state().secrets.permissions.allow_only(policy),
            Err(reason) => panic!("no policy: {reason}"),
        }
    }

    /// Denials and policies are over.
    pub(crate) fn allows_everything(&self) {
        self.state().secrets.permissions.allow_all();
    }

    /// Disables a KMS key: DecryptionFailure, InvalidKeyId.
    pub(crate) fn disables_key(&self, kms_key_id: &str) {
        self.state().secrets.permissions.break_key(kms_key_id);
    }

    /// A secret in the region of the settings.
    pub(crate) fn secret(&self, name: &str) -> Option<StoredSecret> {
        let state = self.state();
        let secrets = state.secrets.secrets_manager.regions.get(&state.settings.region)?;
        secrets.get(name).map(StoredSecret::of)
    }

    pub(crate) fn secret_in(&self, region: &str, name: &str) -> Option<StoredSecret> {
        self.state().secrets.secrets_manager.regions.get(region)?.get(name).map(StoredSecret::of)
    }

    /// Of the region of the settings, sorted.
    pub(crate) fn secret_names(&self) -> Vec<String> {
        let state = self.state();
        let secrets = state.secrets.secrets_manager.regions.get(&state.settings.region);
        secrets.into_iter().flat_map(|secrets| secrets.keys().cloned()).collect()
    }

    /// A parameter in the region of the settings.
    pub(crate) fn parameter(&self, name: &str) -> Option<StoredParameter> {
        let state = self.state();
        let parameters = state.secrets.parameter_store.regions.get(&state.settings.region)?;
        parameters.get(name).map(StoredParameter::of)
    }

    pub(crate) fn parameter_in(&self, region: &str, name: &str) -> Option<StoredParameter> {
        self.state().secrets.parameter_store.regions.get(region)?.get(name).map(StoredParameter::of)
    }

    /// Of the region of the settings, sorted.
    pub(crate) fn parameter_names(&self) -> Vec<String> {
        let state = self.state();
        let parameters = state.secrets.parameter_store.regions.get(&state.settings.region);
        parameters.into_iter().flat_map(|parameters| parameters.keys().cloned()).collect()
    }

    fn keeps_secret(&self, region: Option<&str>, secret: Secret) {
        self.state().keep_secret(region, secret);
    }
}

impl State {
    pub(in super::super) fn keep_secret(&mut self, region: Option<&str>, secret: Secret) {
        let region = region.unwrap_or(&self.settings.region).to_owned();
        self.secrets.secrets_manager.regions.entry(region).or_default().insert(secret.name.clone(), secret);
    }

    pub(in super::super) fn keep_parameter(&mut self, region: Option<&str>, parameter: Parameter) {
        let region = region.unwrap_or(&self.settings.region).to_owned();
        self.secrets.parameter_store.regions.entry(region).or_default().insert(parameter.name.clone(), parameter);
    }
}

impl StoredSecret {
    fn of(secret: &Secret) -> Self {
        let value = secret.versions.last().and_then(|version| match &version.content {
            Content::Text(text) => Some(text.clone()),
            Content::Binary(_) => None,
        });
        Self {
            value,
            versions: secret.versions.len(),
            kms_key_id: secret.kms_key_id.clone(),
            description: secret.description.clone(),
            recovery_days: secret.deleted.map(|(_, days)| days),
        }
    }
}

impl StoredParameter {
    fn of(parameter: &Parameter) -> Self {
        Self {
            value: parameter.values.last().cloned().unwrap_or_default(),
            versions: parameter.values.len(),
            kind: parameter.kind.clone(),
            tier: parameter.tier.clone(),
            kms_key_id: parameter.kms_key_id.clone(),
            description: parameter.description.clone(),
        }
    }
}
