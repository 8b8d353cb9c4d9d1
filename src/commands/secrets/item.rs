//! What a person names by kind and id, as a backend has it in AWS.

use crate::airflow::{Kind, LookUp};
use crate::aws::secrets::{Service, StoreFailure};
use crate::report::outcome::secrets::{Item, Where};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::Backed;
use super::connect;
use super::failures::{self, About};

/// The item that Airflow looks up for an id.
///
/// # Errors
/// [`ErrorKind::Usage`] for an id that Airflow never asks for: stored under it, a value would be lost.
pub(super) fn of(backed: &Backed, kind: Kind, id: &str) -> Result<Item, Error> {
    let usage = |message: String| Error::new(ErrorKind::Usage, message);
    if id.is_empty() {
        return Err(usage(format!("a {} needs an id", kind.name())));
    }
    let what = format!("Airflow never asks {} for {} `{id}`", backed.configured.backend.title(), kind.name());
    match backed.naming.look_up(kind, id) {
        LookUp::Name(name) => Ok(Item { kind: kind.name(), id: id.to_owned(), name }),
        LookUp::SwitchedOff => Err(usage(format!("{what}: `{}` is null", kind.prefix_key())).hint(format!(
            "switch it on with `astro-aws secrets enable {} {} PREFIX`",
            backed.configured.backend.name(),
            option(kind.prefix_key())
        ))),
        LookUp::Unmatched { pattern } => {
            Err(usage(format!("{what}: it does not match `{}`, which is `{pattern}`", kind.pattern_key()))
                .hint("choose an id that matches, or another pattern with `astro-aws secrets enable`"))
        }
    }
}

fn option(kwarg: &str) -> String {
    format!("--{}", kwarg.replace('_', "-"))
}

/// Where a backend's calls go.
pub(super) fn place(backed: &Backed, region: &str) -> Where {
    let backend = backed.configured.backend;
    Where { backend: backend.name(), region: region.to_owned(), title: backend.title() }
}

/// What it is to a person.
pub(super) fn what(item: &Item) -> String {
    format!("{} `{}`", item.kind, item.id)
}

/// A call about it that failed.
pub(super) fn failed(backed: &Backed, item: &Item, region: &str, failure: &StoreFailure) -> Error {
    let service: Service = connect::service(backed.configured.backend);
    failures::store(&About { what: &what(item), name: &item.name, service, region }, failure)
}
