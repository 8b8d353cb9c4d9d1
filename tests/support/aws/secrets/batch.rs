//! BatchGetSecretValue: up to 20 secrets by name or by filter; what stands in the way of one is told beside the others.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::wire::{Refusal, refuse};
use super::page::{page, with_token};
use super::permissions::Resource;
use super::secret::Secret;
use super::secrets_manager::Call;

const MOST: usize = 20;

impl Call<'_> {
    pub(super) fn get_batch(&self, secrets: &BTreeMap<String, Secret>) -> Result<Value, Refusal> {
        let anything = Resource { name: "*", arn: "*", shown: "*" };
        self.permissions.check("secretsmanager:BatchGetSecretValue", &anything, self.caller)?;
        let names = self.request.list("SecretIdList");
        let filtered = self.request.body.get("Filters").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        if names.is_empty() != filtered {
            let message = "Either 'SecretIdList' or 'Filters' must be provided, but not both.";
            return refuse("InvalidParameterException", message);
        }
        if names.len() > MOST {
            let message = format!(
                "1 validation error detected: Value '[{}]' at 'secretIdList' failed to satisfy constraint: Member must \
                 have length less than or equal to {MOST}",
                names.join(", ")
            );
            return refuse("ValidationException", message);
        }
        let (names, next) = if filtered {
            let row = |secret: &Secret| {
                let counts = secret.deleted.is_none() && self.passes_filters(secret);
                counts.then(|| json!(secret.name))
            };
            let (rows, next) = page(secrets, self.request, MOST, row)?;
            (rows.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect(), next)
        } else {
            (names, None)
        };
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for name in &names {
            match self.get(secrets, name) {
                Ok(value) => values.push(value),
                Err(Refusal { code, message }) => {
                    errors.push(json!({"SecretId": name, "ErrorCode": code, "Message": message}));
                }
            }
        }
        Ok(with_token(json!({"SecretValues": values, "Errors": errors}), next))
    }
}
