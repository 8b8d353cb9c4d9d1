//! Which action a request is, and whose: by the parameter `Action` for STS, by the header `X-Amz-Target` for Secrets
//! Manager and SSM, by method and path for OIDC and the portal.

use super::wire::Request;

/// Who answers, and so what an error looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Sts,
    Oidc,
    Portal,
    SecretsManager,
    ParameterStore,
    /// What a browser is shown.
    Page,
}

pub(super) struct Action {
    /// Without a name: no action of any service here.
    pub(super) name: String,
    /// `CreateToken` has three kinds.
    grant: Option<String>,
    pub(super) service: Service,
}

impl Action {
    pub(super) fn of(request: &Request) -> Self {
        if let Some(name) = request.parameters.get("Action") {
            return Self { name: name.clone(), grant: None, service: Service::Sts };
        }
        if let Some((service, name)) = request.headers.get("x-amz-target").and_then(|target| target.split_once('.')) {
            let service = if service == "secretsmanager" { Service::SecretsManager } else { Service::ParameterStore };
            return Self { name: name.to_owned(), grant: None, service };
        }
        let (name, service) = match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/client/register") => ("RegisterClient", Service::Oidc),
            ("POST", "/token") => ("CreateToken", Service::Oidc),
            ("POST", "/device_authorization") => ("StartDeviceAuthorization", Service::Oidc),
            ("GET", "/authorize") => ("Authorize", Service::Page),
            ("GET", "/device") => ("VerifyDevice", Service::Page),
            ("GET", "/federation/credentials") => ("GetRoleCredentials", Service::Portal),
            ("GET", "/assignment/accounts") => ("ListAccounts", Service::Portal),
            ("GET", "/assignment/roles") => ("ListAccountRoles", Service::Portal),
            ("POST", "/logout") => ("Logout", Service::Portal),
            (method, path) => {
                return Self { name: format!("{method} {path}"), grant: None, service: Service::Portal };
            }
        };
        let grant = request.member("grantType").rsplit(':').next().filter(|grant| !grant.is_empty());
        let grant = grant.filter(|_| name == "CreateToken").map(str::to_owned);
        Self { name: name.to_owned(), grant, service }
    }

    /// The names that it is counted and set up by: `CreateToken`, then `CreateToken refresh_token`.
    pub(super) fn names(&self) -> Vec<String> {
        let particular = self.grant.as_ref().map(|grant| format!("{} {grant}", self.name));
        [self.name.clone()].into_iter().chain(particular).collect()
    }
}
