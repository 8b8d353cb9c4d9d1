//! The stand-in for the IAM Identity Center portal: accounts and roles, page by page, and role credentials for whoever
//! is signed in (botocore:data/sso/2019-06-10/service-2.json).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::Settings;
use super::sign_ins::SignIns;
use super::sts::{Identity, Sts};
use super::times::seconds_since_epoch;
use super::wire::{Answer, Refusal, Reply, Request, refuse};

/// An account that the person may enter, and the permission sets there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) roles: Vec<String>,
}

impl Account {
    pub(crate) fn new(id: &str, name: &str, roles: &[&str]) -> Self {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Self { id: id.to_owned(), name: name.to_owned(), email: format!("{name}@example.com"), roles }
    }
}

#[derive(Default)]
pub(super) struct Portal {
    /// Without any, every role of every account can be had, and one account is listed.
    pub(super) accounts: Vec<Account>,
}

impl Portal {
    pub(super) fn role_credentials(
        &self,
        request: &Request,
        sign_ins: &SignIns,
        sts: &mut Sts,
        settings: &Settings,
    ) -> Answer {
        check_bearer(request, sign_ins)?;
        let [account, role] = ["account_id", "role_name"].map(|name| request.parameter(name));
        if account.is_empty() || role.is_empty() {
            return refuse("InvalidRequestException", "account_id and role_name are required");
        }
        if !self.accounts.is_empty() {
            match self.accounts.iter().find(|known| known.id == account) {
                None => return refuse("ForbiddenException", "No access"),
                Some(known) if !known.roles.iter().any(|name| name == role) => {
                    return refuse("ResourceNotFoundException", "No role of this name in the account");
                }
                Some(_) => {}
            }
        }
        let role = format!("AWSReservedSSO_{role}_0123456789abcdef");
        let minted = sts.mint(Identity::session(account, &role, &settings.user), settings.credentials_lifetime);
        let credentials = json!({
            "accessKeyId": minted.access_key_id, "secretAccessKey": minted.secret_access_key,
            "sessionToken": minted.session_token, "expiration": seconds_since_epoch(minted.expires_at) * 1000,
        });
        Ok(Reply::json(200, &json!({"roleCredentials": credentials})))
    }

    pub(super) fn list_accounts(&self, request: &Request, sign_ins: &SignIns, settings: &Settings) -> Answer {
        check_bearer(request, sign_ins)?;
        let usual = [Account::new("111122223333", "data-dev", &["Developer"])];
        let accounts = if self.accounts.is_empty() { &usual[..] } else { &self.accounts };
        let rows = accounts.iter().map(
            |account| json!({"accountId": account.id, "accountName": account.name, "emailAddress": account.email}),
        );
        page("accountList", rows.collect(), request, settings)
    }

    pub(super) fn list_account_roles(&self, request: &Request, sign_ins: &SignIns, settings: &Settings) -> Answer {
        check_bearer(request, sign_ins)?;
        let id = request.parameter("account_id");
        let roles = match self.accounts.iter().find(|account| account.id == id) {
            Some(account) => account.roles.clone(),
            None if self.accounts.is_empty() => vec!["Developer".to_owned()],
            None => return refuse("ForbiddenException", "No access"),
        };
        let rows = roles.iter().map(|role| json!({"roleName": role, "accountId": id}));
        page("roleList", rows.collect(), request, settings)
    }

    pub(super) fn log_out(request: &Request, sign_ins: &mut SignIns) -> Answer {
        let token = check_bearer(request, sign_ins)?;
        sign_ins.end(token);
        Ok(Reply::json(200, &json!({})))
    }
}

fn check_bearer<'a>(request: &'a Request, sign_ins: &SignIns) -> Result<&'a str, Refusal> {
    match request.headers.get("x-amz-sso_bearer_token") {
        Some(token) if sign_ins.is_live(token) => Ok(token),
        _ => refuse("UnauthorizedException", "Session token not found or invalid"),
    }
}

/// So many rows as the client asks for, from where the last page ended.
fn page(name: &str, rows: Vec<Value>, request: &Request, settings: &Settings) -> Answer {
    let begin = match request.parameter("next_token") {
        "" => 0,
        token => match token.strip_prefix("page-").and_then(|offset| offset.parse::<usize>().ok()) {
            Some(begin) => begin,
            None => return refuse("InvalidRequestException", "Invalid pagination token"),
        },
    };
    let size = match request.parameter("max_result") {
        "" => settings.page_size,
        size => match size.parse::<usize>() {
            Ok(size) if (1..=100).contains(&size) => size,
            _ => return refuse("InvalidRequestException", "max_result is from 1 to 100"),
        },
    };
    let end = begin + size;
    let next = (end < rows.len()).then(|| format!("page-{end}"));
    let rows: Vec<Value> = rows.into_iter().skip(begin).take(size).collect();
    Ok(Reply::json(200, &json!({"nextToken": next, name: rows})))
}
