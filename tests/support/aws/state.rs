//! Everything that the stand-in for AWS knows, and the way of one request through it: counted, failed where that is
//! planned, else answered by the service it belongs to.

use std::time::Duration;

use super::KnownSignIn;
use super::action::{Action, Service};
use super::failure::{Failure, Failures};
use super::oidc::{Client, Oidc};
use super::portal::Portal;
use super::secrets::Secrets;
use super::settings::{Random, Settings};
use super::sign_ins::SignIns;
use super::sts::Sts;
use super::tally::Tally;
use super::wire::{Answer, Refusal, Reply, Request, refuse};

#[derive(Default)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) oidc: Oidc,
    pub(super) sign_ins: SignIns,
    pub(super) portal: Portal,
    pub(super) sts: Sts,
    pub(super) secrets: Secrets,
    pub(super) failures: Failures,
    pub(super) tally: Tally,
    random: Option<Random>,
}

pub(super) enum Outcome {
    Answered { reply: Reply, after: Duration },
    Unanswered,
    Dropped,
}

impl State {
    pub(super) fn take(&mut self, request: &Request) -> Outcome {
        let action = Action::of(request);
        let names = action.names();
        self.tally.begin(&names, &request.asked());
        let mut after = self.latency(&names);
        let failure = self.failures.meet(&names);
        let reply = match failure {
            Some(Failure::Silent) => return Outcome::Unanswered,
            Some(Failure::Dropped) => return Outcome::Dropped,
            Some(Failure::Slow(delay)) => {
                after += delay;
                None
            }
            Some(failure) => failure.reply(action.service),
            None => None,
        };
        let reply = reply.unwrap_or_else(|| self.answer(&action, request));
        if reply.status >= 400 {
            self.tally.refuse(&names);
        }
        self.tally.delay(after);
        Outcome::Answered { reply, after }
    }

    fn answer(&mut self, action: &Action, request: &Request) -> Reply {
        let answer = self.answer_of_service(action, request);
        answer.unwrap_or_else(|Refusal { code, message }| match action.service {
            Service::Sts => {
                let asked_wrongly = ["ValidationError", "InvalidAction", "InvalidIdentityToken"].contains(&code);
                Reply::sts_error(if asked_wrongly { 400 } else { 403 }, code, &message)
            }
            Service::Oidc => Reply::oidc_error(code, &message),
            Service::Portal => Reply::portal_error(code, &message),
            Service::SecretsManager | Service::ParameterStore => Reply::aws_json_error(code, &message),
            Service::Page => Reply::page(400, &format!("{code}: {message}")),
        })
    }

    fn answer_of_service(&mut self, action: &Action, request: &Request) -> Answer {
        let Self { settings, oidc, sign_ins, portal, sts, secrets, .. } = self;
        match action.name.as_str() {
            "RegisterClient" => oidc.register(request, settings),
            "Authorize" => oidc.authorize(request, settings),
            "StartDeviceAuthorization" => oidc.start_device_authorization(request, settings),
            "VerifyDevice" => oidc.devices.verify(request, settings),
            "CreateToken" => oidc.create_token(request, sign_ins, settings),
            "GetRoleCredentials" => portal.role_credentials(request, sign_ins, sts, settings),
            "ListAccounts" => portal.list_accounts(request, sign_ins, settings),
            "ListAccountRoles" => portal.list_account_roles(request, sign_ins, settings),
            "Logout" => Portal::log_out(request, sign_ins),
            name if action.service == Service::Sts => sts.answer(name, request, settings),
            name if [Service::SecretsManager, Service::ParameterStore].contains(&action.service) => {
                secrets.answer(action.service, name, request, sts, settings)
            }
            _ => refuse("ResourceNotFoundException", "no such action here"),
        }
    }

    fn latency(&mut self, names: &[String]) -> Duration {
        let Self { settings, random, .. } = self;
        let latency = names.iter().rev().find_map(|name| settings.latency.get(name));
        let Some(latency) = latency.or_else(|| settings.latency.get("*")) else { return Duration::ZERO };
        latency.draw(random.get_or_insert_with(|| Random(settings.seed)))
    }

    pub(super) fn knows_sign_in(&mut self, known: &KnownSignIn) {
        let sign_in = self.sign_ins.begin();
        self.sign_ins.knows_access(sign_in, &known.access_token, known.expires_at);
        if let Some(refresh) = &known.refresh {
            self.sign_ins.knows_refresh(sign_in, &refresh.token, &refresh.client_id);
            let client = Client::known(&refresh.client_secret, refresh.client_expires_at);
            self.oidc.clients.insert(refresh.client_id.clone(), client);
        }
    }
}
