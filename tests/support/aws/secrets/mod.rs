//! The stand-ins for Secrets Manager and SSM Parameter Store: what they keep, region by region, who may read it, and
//! with which keys (botocore:data/secretsmanager and data/ssm, service-2.json).

mod batch;
mod page;
mod parameter;
mod parameter_store;
mod permissions;
mod policy;
mod secret;
mod secrets_manager;
mod stock;

use super::action::Service;
use super::settings::Settings;
use super::sts::Sts;
use super::wire::{Answer, Refusal, Request};

pub(super) use parameter::Parameter;
pub(super) use permissions::Permissions;
pub(super) use policy::Policy;
pub(super) use secret::{Content, Secret};
pub(crate) use stock::{StoredParameter, StoredSecret};

use parameter_store::ParameterStore;
use secrets_manager::SecretsManager;

#[derive(Default)]
pub(super) struct Secrets {
    pub(super) secrets_manager: SecretsManager,
    pub(super) parameter_store: ParameterStore,
    pub(super) permissions: Permissions,
}

/// Who asks, and where.
pub(super) struct Caller {
    pub(super) arn: String,
    pub(super) account: String,
    pub(super) region: String,
}

impl Caller {
    /// `arn:aws:service:region:account:resource`, in the partition of the caller.
    fn resource(&self, service: &str, resource: &str) -> String {
        let partition = self.arn.split(':').nth(1).unwrap_or("aws");
        format!("arn:{partition}:{service}:{}:{}:{resource}", self.region, self.account)
    }
}

impl Secrets {
    pub(super) fn answer(
        &mut self,
        service: Service,
        action: &str,
        request: &Request,
        sts: &Sts,
        settings: &Settings,
    ) -> Answer {
        let identity = sts.caller(request).map_err(|refusal| Refusal {
            code: if refusal.code == "ExpiredToken" { "ExpiredTokenException" } else { "UnrecognizedClientException" },
            ..refusal
        })?;
        let region = request.region().unwrap_or(&settings.region).to_owned();
        let caller = Caller { arn: identity.arn, account: identity.account, region };
        let Self { secrets_manager, parameter_store, permissions } = self;
        match service {
            Service::SecretsManager => secrets_manager.answer(action, request, &caller, permissions),
            _ => parameter_store.answer(action, request, &caller, permissions),
        }
    }
}
