//! `secrets set`: a connection or a variable under the name that Airflow will look up.

use crate::airflow::{Backend, Kind};
use crate::aws::secret::SecretText;
use crate::aws::secrets::{Encryption, PutOptions, Service, Store, Tier, looks_like_an_arn_s_end};
use crate::cli::secrets::{SetArgs, Tier as TierChoice};
use crate::commands::App;
use crate::report::outcome::secrets::{Item, Stored};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::{self, Backed};
use super::{connect, item, surprises, value};

pub(super) async fn run(app: &mut App, args: &SetArgs) -> Result<Stored, Error> {
    let backed = backend::find(app, &args.backend)?;
    let options = options(args, backed.configured.backend)?;
    let item = item::of(&backed, Kind::from(args.kind), &args.id)?;
    warn(app, &backed, Kind::from(args.kind), &item);
    let place = connect::place(app, &backed)?;
    let service = connect::service(backed.configured.backend);
    let value = value::take(app, args, &backed.configured, &item)?;
    let region = place.region.clone();
    let failed = |failure| item::failed(&backed, &item, &region, &failure);
    Store::check(service, &region, &item.name, &value, &options).map_err(failed)?;
    if app.global.dry_run {
        let tier = (service == Service::ParameterStore).then(|| tier_of(&value, &options));
        let place = item::place(&backed, &region);
        return Ok(Stored { item, place, created: None, version: None, tier, dry_run: true });
    }
    let connected = connect::connect_to(app, place, service).await?;
    let put = {
        let _progress = app.report.progress(format!("storing {}", item::what(&item)));
        connected.store.put(&item.name, &value, &options).await.map_err(failed)?
    };
    let place = item::place(&backed, &region);
    let tier = put.tier.map(name);
    Ok(Stored { item, place, created: Some(put.created), version: put.version, tier, dry_run: false })
}

/// How it is to be written.
fn options(args: &SetArgs, backend: Backend) -> Result<PutOptions, Error> {
    if backend == Backend::SecretsManager && (args.tier.is_some() || args.plain) {
        let option = if args.plain { "--plain" } else { "--tier" };
        return Err(Error::new(
            ErrorKind::Usage,
            format!("`{option}` is for SSM Parameter Store, not for {}", backend.title()),
        ));
    }
    if args.plain && args.kms_key_id.is_some() {
        return Err(Error::new(ErrorKind::Usage, "`--plain` stores without encryption, `--kms-key-id` with: take one"));
    }
    let tier = args.tier.map(|tier| match tier {
        TierChoice::Standard => Tier::Standard,
        TierChoice::Advanced => Tier::Advanced,
    });
    let encryption = if args.plain { Encryption::Plain } else { Encryption::Encrypted };
    Ok(PutOptions { kms_key_id: args.kms_key_id.clone(), encryption, tier })
}

/// The tier that a parameter would get.
fn tier_of(value: &SecretText, options: &PutOptions) -> &'static str {
    let fits = value.expose().len() <= Service::ParameterStore.largest(Some(Tier::Standard));
    name(options.tier.unwrap_or(if fits { Tier::Standard } else { Tier::Advanced }))
}

fn name(tier: Tier) -> &'static str {
    match tier {
        Tier::Standard => "standard",
        Tier::Advanced => "advanced",
    }
}

/// What works, and will be a surprise one day.
fn warn(app: &App, backed: &Backed, kind: Kind, item: &Item) {
    if backed.configured.backend == Backend::SecretsManager && looks_like_an_arn_s_end(&item.name) {
        app.report.warn(
            "ambiguous_name",
            format!(
                "`{}` ends in a hyphen and six characters, as the ARN of a secret does: AWS advises \
                     against such a name, \
                     since a partial ARN may then mean another secret",
                item.name
            ),
        );
    }
    surprises::of_id(app, kind, &item.id);
}
