//! `secrets policy`: what these look-ups need of IAM, and nothing more.
//!
//! The names of the project's backend, the account and the region come together; printed is the policy alone, so that
//! it can be piped on. What a person should know of it is said beside it.

use crate::airflow::Kind as Lookup;
use crate::aws::arn::{self, Partition};
use crate::aws::policy::{self, Allowed, Document, Reach};
use crate::aws::secrets::Service;
use crate::cli::secrets::{PolicyArgs, PolicyFor, PolicyFormat};
use crate::commands::{App, failures, profile, sign_in};
use crate::report::outcome::secrets::{PolicyMade, pretty};
use crate::report::{Error, Kind};

use super::backend::{self, Backed};
use super::{connect, region};

/// Stands where the Deployment's identity goes. It is no ARN, so that IAM refuses the policy until it is replaced.
const IDENTITY: &str = "<the Deployment's workload identity>";

pub(super) async fn run(app: &mut App, args: &PolicyArgs) -> Result<PolicyMade, Error> {
    let allowed = allowed(args)?;
    let backed = backend::find(app, &args.backend)?;
    let region = region::of_secrets(app, &backed)?;
    let (partition, account) = account(app, args, &backed, &region).await?;
    let kms_key = args.kms_key_id.as_deref().map(|key| kms_key(key, (partition, &region, &account))).transpose()?;
    let beginnings: Vec<_> = Lookup::ALL.into_iter().filter_map(|kind| backed.naming.beginning(kind)).collect();
    let service = connect::service(backed.configured.backend);
    warn(app, service, &beginnings)?;
    let reach =
        Reach { service, beginnings, partition, region: &region, account: &account, kms_key: kms_key.as_deref() };
    let policy = reach.policy(allowed);
    let trust_policy = (args.whom == PolicyFor::Astro).then(|| policy::trust(IDENTITY));
    explain(app, args, service, trust_policy.as_ref());
    let terraform = (args.format == PolicyFormat::Terraform).then(|| terraform(&policy, trust_policy.as_ref()));
    Ok(PolicyMade {
        whom: match args.whom {
            PolicyFor::Local => "local",
            PolicyFor::Astro => "astro",
            PolicyFor::EcsTaskExecution => "ecs-task-execution",
        },
        backend: backed.configured.backend.name(),
        partition: partition.name(),
        region: region.clone(),
        account: account.clone(),
        policy,
        trust_policy,
        terraform,
    })
}

fn allowed(args: &PolicyArgs) -> Result<Allowed, Error> {
    match (args.whom, args.write) {
        (PolicyFor::Local, true) => Ok(Allowed::Write),
        (PolicyFor::Local | PolicyFor::Astro, false) => Ok(Allowed::LookUp),
        (PolicyFor::EcsTaskExecution, false) => Ok(Allowed::EcsTaskExecution),
        (PolicyFor::Astro | PolicyFor::EcsTaskExecution, true) => {
            Err(Error::new(Kind::Usage, "`--write` is for you: neither Airflow nor Amazon ECS writes secrets")
                .hint("leave `--write` out, or ask for `--for local --write`"))
        }
    }
}

/// The account and its partition: those of `--account` and the region, else of the caller as STS names it.
async fn account(app: &App, args: &PolicyArgs, backed: &Backed, region: &str) -> Result<(Partition, String), Error> {
    let of_region = Partition::of_region(region);
    if let Some(account) = &args.account {
        if !arn::is_account(account) {
            return Err(Error::new(Kind::Usage, format!("`{account}` is no AWS account: that has twelve digits")));
        }
        return Ok((of_region, account.clone()));
    }
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let asked: Result<_, Error> = async {
        let profile = connect::choose(app, &set, backed)?;
        let credentials = sign_in::credentials(app, &set, &profile).await?;
        let identity = sign_in::identity(app, &set, &profile, &credentials).await;
        identity.map_err(|failure| failures::identity(&profile, &failure))
    }
    .await;
    let identity = asked
        .map_err(|error| error.hint("or name the account with `--account 111122223333`: then AWS is not asked"))?;
    match Partition::of_arn(&identity.arn) {
        Some(partition) if partition != of_region => Err(Error::new(
            Kind::Usage,
            format!("the region {region} is of the partition {of_region}, and {} is of {partition}", identity.arn),
        )
        .hint("name a region of that partition with `--region`, or another profile with `--profile`")),
        partition => Ok((partition.unwrap_or(of_region), identity.account)),
    }
}

fn kms_key(key: &str, place: (Partition, &str, &str)) -> Result<String, Error> {
    arn::kms_key(key, place).map_err(|reason| Error::new(Kind::Usage, format!("--kms-key-id: `{key}` {reason}")))
}

/// What a person should know before the policy is attached.
///
/// # Errors
/// Where there is nothing to allow.
fn warn(app: &App, service: Service, beginnings: &[&str]) -> Result<(), Error> {
    if beginnings.is_empty() {
        return Err(Error::new(
            Kind::Project,
            "every prefix of the backend is `null`: it looks nothing up, and needs no policy",
        )
        .hint("switch one on with `astro-aws secrets enable`"));
    }
    let is_everything = |beginning: &&str| match service {
        Service::SecretsManager => beginning.is_empty(),
        Service::ParameterStore => matches!(*beginning, "" | "/"),
    };
    if beginnings.iter().any(is_everything) {
        app.report.warn(
            "policy_everything",
            "a prefix is empty, so that any name can be meant: the policy allows every secret of the account in this region. Give each kind a prefix with `astro-aws secrets enable`",
        );
    }
    let (also, name) = match service {
        Service::SecretsManager => ("/_+=.@-", "a secret"),
        Service::ParameterStore => ("/_.-", "a parameter"),
    };
    for beginning in beginnings {
        if let Some(odd) = beginning.chars().find(|c| !c.is_ascii_alphanumeric() && !also.contains(*c)) {
            app.report.warn(
                "policy_prefix",
                format!("the prefix of `{beginning}…` has a {odd:?}, which no name of {name} can have: nothing will be found under it"),
            );
        }
    }
    Ok(())
}

/// Says what the policy is for and what it leaves out, beside it.
fn explain(app: &App, args: &PolicyArgs, service: Service, trust_policy: Option<&Document>) {
    let note = |line: &str| app.report.note(line);
    let (batch, list) = match service {
        Service::SecretsManager => ("secretsmanager:BatchGetSecretValue on *", "secretsmanager:ListSecrets on *"),
        Service::ParameterStore => ("ssm:GetParameters on the same parameters", "ssm:DescribeParameters on *"),
    };
    match (args.whom, args.write) {
        (PolicyFor::Local, true) => note(
            "For you: what `astro-aws secrets set`, `delete`, `import`, `export` and `list` call. Attach it to your user, role or permission set.",
        ),
        (PolicyFor::Local, false) => note(&format!(
            "For you, and so the local Airflow: a single look-up at a time, as Airflow makes them. `secrets check` is faster with {batch}; which secrets no DAG names it tells with {list} (`--write` has that)."
        )),
        (PolicyFor::EcsTaskExecution, _) => note(
            "For the task execution role of Amazon ECS, which puts secrets into a task's environment. Code inside the task has the task role: give that one `--for local`.",
        ),
        (PolicyFor::Astro, _) => note("For the role that the Deployment's Airflow assumes (`role_arn`)."),
    }
    if args.kms_key_id.is_none() {
        note(
            "Secrets that are encrypted with a customer managed KMS key need `--kms-key-id`; those with the key that AWS manages need no more.",
        );
    }
    if let Some(trust_policy) = trust_policy {
        if args.format == PolicyFormat::Json {
            note("The trust policy of that role:");
            pretty(trust_policy).lines().for_each(note);
        }
        note(
            "Put the Deployment's identity there: Astro UI, the Deployment, Details, Workload Identity: copy its ARN. Then `astro-aws secrets deploy --deployment-id ID --role-arn ARN`.",
        );
        note(
            "A role of your own that is attached to the Deployment as its workload identity needs neither `role_arn` nor this trust policy: attach the permissions to it.",
        );
    }
}

fn terraform(policy: &Document, trust_policy: Option<&Document>) -> String {
    let mut text = policy.to_terraform("airflow_secrets");
    if let Some(trust_policy) = trust_policy {
        text.push('\n');
        text.push_str(&trust_policy.to_terraform("airflow_secrets_trust"));
    }
    text
}
