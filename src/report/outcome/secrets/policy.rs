//! The outcomes of `secrets policy`.

use serde::Serialize;

use crate::aws::policy::Document;

/// The outcome of `secrets policy`.
#[derive(Debug, Serialize)]
pub struct PolicyMade {
    /// Whose it is: `local`, `astro` or `ecs-task-execution`.
    #[serde(rename = "for")]
    pub whom: &'static str,
    /// The backend: `secrets-manager` or `parameter-store`.
    pub backend: &'static str,
    /// The partition.
    pub partition: &'static str,
    /// The region.
    pub region: String,
    /// The account.
    pub account: String,
    /// The policy.
    pub policy: Document,
    /// The trust policy of the role, with a place for who may assume it; `null` but for `astro`.
    pub trust_policy: Option<Document>,
    /// All of it as Terraform's data sources; `null` unless asked for.
    pub terraform: Option<String>,
}

impl PolicyMade {
    pub(super) fn text(&self) -> String {
        match &self.terraform {
            Some(terraform) => terraform.clone(),
            None => pretty(&self.policy),
        }
    }
}

/// A policy as a person pastes it.
pub fn pretty(document: &Document) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}
