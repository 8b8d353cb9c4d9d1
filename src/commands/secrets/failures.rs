//! From what Secrets Manager and Parameter Store refuse to the one error a person sees, with the command that mends it.

use crate::aws::secrets::{Service, StoreFailure, Tier};
use crate::commands::failures::word;
use crate::report::{Error, Kind};

/// What a call was about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// What it is to a person, such as "connection `my_db`".
    pub(super) what: &'a str,
    /// The full name.
    pub(super) name: &'a str,
    /// The service.
    pub(super) service: Service,
    /// The region.
    pub(super) region: &'a str,
}

/// A call that did not come to its end.
pub(super) fn store(about: &About<'_>, failure: &StoreFailure) -> Error {
    let About { what, name, service, region } = *about;
    let at = format!("{} has it as `{name}` in {region}", service.title());
    let error = |kind, message: String| Error::new(kind, message);
    match failure {
        StoreFailure::NotFound => {
            error(Kind::Failed, format!("{what}: {} has nothing named `{name}` in {region}", service.title()))
                .hint("see what is there with `astro-aws secrets list`, or name another region with `--region`")
        }
        StoreFailure::Denied { action, resource } => {
            error(Kind::Failed, format!("{what}: your credentials may not do {action} on `{resource}`"))
                .hint(format!("the policy that allows it: `astro-aws secrets policy{}`", needs(action)))
        }
        StoreFailure::Undecryptable { key } => {
            let key = key.as_ref().map_or_else(|| "its KMS key".to_owned(), |key| format!("the KMS key `{key}`"));
            error(Kind::Failed, format!("{what}: {at}, and you cannot decrypt it with {key}")).hint(
                "allow kms:Decrypt on that key: `astro-aws secrets policy --kms-key-id \
                    KEY`; a key that is disabled or being deleted serves nobody",
            )
        }
        StoreFailure::Binary => {
            error(Kind::Failed, format!("{what}: {at}, as binary data, and Airflow reads text alone"))
                .hint("store it as text, for instance in base64")
        }
        StoreFailure::PendingDeletion => {
            error(Kind::Failed, format!("{what}: {at}, scheduled for deletion")).hint(format!(
                "bring it back with `aws secretsmanager \
                restore-secret --secret-id {} --region {region}`",
                word(name)
            ))
        }
        StoreFailure::TooLarge { size, limit, service: title } => {
            let error = error(
                Kind::Failed,
                format!(
                    "{what}: the value is {size} bytes long, and \
                {title} takes {limit} at most"
                ),
            );
            match service {
                Service::ParameterStore if *size <= Service::ParameterStore.largest(Some(Tier::Advanced)) => {
                    error.hint("leave `--tier standard` out: the advanced tier takes it")
                }
                Service::ParameterStore if *size <= Service::SecretsManager.largest(None) => error.hint(
                    "AWS Secrets Manager takes 65536 bytes: \
                    `astro-aws secrets enable secrets-manager`",
                ),
                _ => error.hint("keep it in S3, and store where it is"),
            }
        }
        StoreFailure::Name { reason } => {
            error(Kind::Usage, format!("{what}: its name would be `{name}`, which {reason}"))
                .hint("choose another id, or another prefix or separator with `astro-aws secrets enable`")
        }
        StoreFailure::Throttled(code) => {
            error(Kind::Failed, format!("{what}: {} asks to slow down, for a minute now ({code})", service.title()))
                .hint("try again later: another program in this account and region calls it all the time")
        }
        StoreFailure::Credentials(code) => {
            error(Kind::Credentials, format!("{what}: AWS refuses the credentials: {code}"))
                .hint("sign in again with `astro-aws login`, or mend the profile with `astro-aws configure`")
        }
        StoreFailure::Network(reason) => {
            error(Kind::Failed, format!("{what}: {} in {region} cannot be reached: {reason}", service.title())).hint(
                "check the network, HTTPS_PROXY, AWS_CA_BUNDLE and any \
                `endpoint_url` of the profile; does the region exist?",
            )
        }
        StoreFailure::Refused(reason) => {
            error(Kind::Failed, format!("{what}: {} refuses `{name}`: {reason}", service.title()))
        }
    }
}

/// The options of `secrets policy` for a policy with this action.
fn needs(action: &str) -> &'static str {
    let is_read =
        ["secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt"].contains(&action);
    if is_read { "" } else { " --write" }
}
