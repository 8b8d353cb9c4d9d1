//! What the caller may do, as IAM and KMS decide it: everything, but for what a test denies; or what a policy allows
//! and nothing else. And the KMS keys that are out of order.

use std::collections::BTreeSet;

use super::super::wire::{Refusal, refuse};
use super::Caller;
use super::policy::{Policy, matches};

#[derive(Default)]
pub(in super::super) struct Permissions {
    denials: Vec<Denial>,
    /// None: everything is allowed that is not denied.
    policy: Option<Policy>,
    /// Disabled or deleted, by key id.
    broken_keys: BTreeSet<String>,
}

struct Denial {
    action: String,
    resource: String,
}

/// A resource: what a test denies by name, what a policy allows by ARN, and how AWS names it where access is denied.
pub(super) struct Resource<'a> {
    pub(super) name: &'a str,
    pub(super) arn: &'a str,
    pub(super) shown: &'a str,
}

impl Permissions {
    pub(in super::super) fn deny(&mut self, action: &str, resource: &str) {
        self.denials.push(Denial { action: action.to_owned(), resource: resource.to_owned() });
    }

    pub(in super::super) fn allow_only(&mut self, policy: Policy) {
        self.policy = Some(policy);
    }

    pub(in super::super) fn allow_all(&mut self) {
        self.denials.clear();
        self.policy = None;
    }

    pub(in super::super) fn break_key(&mut self, key: &str) {
        self.broken_keys.insert(key.to_owned());
    }

    pub(super) fn key_is_broken(&self, key: &str) -> bool {
        self.broken_keys.contains(key)
    }

    /// As IAM refuses it.
    pub(super) fn check(&self, action: &str, resource: &Resource<'_>, caller: &Caller) -> Result<(), Refusal> {
        if self.allows(action, resource, &[("aws:RequestedRegion", &caller.region)]) {
            return Ok(());
        }
        let on = if resource.shown == "*" { String::new() } else { format!(" on resource: {}", resource.shown) };
        let message = format!(
            "User: {} is not authorized to perform: {action}{on} because no identity-based policy allows the {action} \
             action",
            caller.arn
        );
        refuse("AccessDeniedException", message)
    }

    /// Whether a service may use a customer managed key on behalf of the caller.
    pub(super) fn allows_key(&self, action: &str, key: &str, service: &str, caller: &Caller) -> bool {
        let arn = match key {
            arn if arn.starts_with("arn:") => arn.to_owned(),
            alias if alias.starts_with("alias/") => caller.resource("kms", alias),
            id => caller.resource("kms", &format!("key/{id}")),
        };
        let via = format!("{service}.{}.amazonaws.com", caller.region);
        let context = [("kms:ViaService", via.as_str()), ("kms:CallerAccount", &caller.account)];
        self.allows(action, &Resource { name: key, arn: &arn, shown: key }, &context)
    }

    fn allows(&self, action: &str, resource: &Resource<'_>, context: &[(&str, &str)]) -> bool {
        let denied = self.denials.iter().any(|denial| {
            let Denial { action: denied, resource: pattern } = denial;
            matches(&denied.to_lowercase(), &action.to_lowercase())
                && (matches(pattern, resource.arn) || matches(pattern, resource.name))
        });
        !denied && self.policy.as_ref().is_none_or(|policy| policy.allows(action, resource.arn, context))
    }
}
