//! `secrets list`: what the backend has for this project, a page at a time.

use std::collections::BTreeMap;

use futures_util::future::join;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::airflow::Kind;
use crate::aws::secrets::{Entry, StoreFailure};
use crate::cli::secrets::ListArgs;
use crate::commands::App;
use crate::delivery::session::rfc3339;
use crate::report::outcome::secrets::{Item, Listed, ListedEntry};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::{self, Backed};
use super::connect::Connected;
use super::failures::{self, About};
use super::{connect, item};

pub(super) async fn run(app: &mut App, args: &ListArgs) -> Result<Listed, Error> {
    let backed = backend::find(app, &args.backend)?;
    let beginnings = beginnings(&backed, args)?;
    let connected = connect::connect(app, &backed).await?;
    let listing = Listing { app, backed: &backed, connected: &connected, args };
    let (mut entries, mut count) = (Vec::new(), 0);
    for (beginning, kinds) in &beginnings {
        let of_beginning = listing.list(beginning, kinds).await?;
        count += of_beginning.count;
        entries.extend(of_beginning.kept);
    }
    if count == 0 {
        let places: Vec<_> = beginnings.keys().map(|beginning| format!("`{beginning}`")).collect();
        let place = item::place(&backed, &connected.region);
        app.report.note(format!("Nothing in {place} begins with {}.", places.join(" or ")));
        app.report.note(
            "Store something with `astro-aws secrets set variable KEY` or `astro-aws secrets set connection ID`.",
        );
    }
    entries.sort_by(|one, other| (one.item.kind, &one.item.id).cmp(&(other.item.kind, &other.item.id)));
    Ok(Listed { place: item::place(&backed, &connected.region), entries })
}

/// What names begin with, and the kinds that they stand for; kinds of one prefix are listed together.
fn beginnings(backed: &Backed, args: &ListArgs) -> Result<BTreeMap<String, Vec<Kind>>, Error> {
    let mut beginnings: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
    let asked = args.kind.map(Kind::from);
    for kind in Kind::ALL.into_iter().filter(|kind| asked.is_none_or(|asked| asked == *kind)) {
        match (backed.naming.beginning(kind), asked) {
            (Some(beginning), _) => beginnings.entry(beginning.to_owned()).or_default().push(kind),
            (None, None) => {}
            (None, Some(_)) => {
                let title = backed.configured.backend.title();
                let message = format!("Airflow asks {title} for no {}: `{}` is null", kind.name(), kind.prefix_key());
                return Err(Error::new(ErrorKind::Usage, message));
            }
        }
    }
    Ok(beginnings)
}

struct Listing<'a> {
    app: &'a App,
    backed: &'a Backed,
    connected: &'a Connected,
    args: &'a ListArgs,
}

/// What was found under one beginning.
#[derive(Default)]
struct Found {
    count: usize,
    /// What was not printed as it came.
    kept: Vec<ListedEntry>,
}

impl Listing<'_> {
    /// Lists while it reads sizes: a page is looked at while the next one is on its way.
    async fn list(&self, beginning: &str, kinds: &[Kind]) -> Result<Found, Error> {
        let _progress = self.app.report.progress(format!("listing {beginning}"));
        let (sender, pages) = mpsc::unbounded_channel();
        let listed = async move {
            // Nobody stops to listen before the last page.
            self.connected.store.list(beginning, |page| drop(sender.send(page))).await
        };
        let (listed, found) = join(listed, self.read(pages, kinds)).await;
        let about = About {
            what: "the list",
            name: beginning,
            service: connect::service(self.backed.configured.backend),
            region: &self.connected.region,
        };
        listed.map_err(|failure| failures::store(&about, &failure))?;
        found
    }

    async fn read(&self, mut pages: UnboundedReceiver<Vec<Entry>>, kinds: &[Kind]) -> Result<Found, Error> {
        let mut found = Found::default();
        while let Some(mut page) = pages.recv().await {
            page.sort_by(|one, other| one.name.cmp(&other.name));
            let sizes = self.sizes(&page).await?;
            let entries = page.iter().zip(sizes).flat_map(|(entry, size)| self.entries(entry, size, kinds));
            if self.app.report.is_text() {
                let lines: Vec<_> = entries.map(|entry| entry.line()).collect();
                found.count += lines.len();
                self.app.report.undisturbed(|| self.app.report.result_lines(lines.iter().map(String::as_str)));
            } else {
                found.kept.extend(entries);
                found.count = found.kept.len();
            }
        }
        Ok(found)
    }

    /// What a name stands for: where kinds share a prefix, several.
    fn entries(&self, entry: &Entry, size: Option<usize>, kinds: &[Kind]) -> Vec<ListedEntry> {
        let of_kind = |kind: &Kind| {
            let id = self.backed.naming.id_of(*kind, &entry.name)?;
            let item = Item { kind: kind.name(), id: id.to_owned(), name: entry.name.clone() };
            Some(ListedEntry { item, changed: entry.changed.map(rfc3339), size })
        };
        kinds.iter().filter_map(of_kind).collect()
    }

    /// The sizes of a page's values; `None` for one that may not be read.
    async fn sizes(&self, page: &[Entry]) -> Result<Vec<Option<usize>>, Error> {
        let mut sizes = vec![None; page.len()];
        if self.args.no_size {
            return Ok(sizes);
        }
        let names: Vec<_> = page.iter().map(|entry| entry.name.clone()).collect();
        let mut refused = None;
        let each = |index: usize, result: Result<crate::aws::secrets::Secret, StoreFailure>| match result {
            Ok(secret) => sizes[index] = Some(secret.value.expose().len()),
            // It was deleted meanwhile, or has no text.
            Err(StoreFailure::NotFound | StoreFailure::PendingDeletion | StoreFailure::Binary) => {}
            Err(failure) => refused = refused.take().or(Some((index, failure))),
        };
        self.connected.store.get_many(&names, each).await;
        let Some((index, failure)) = refused else { return Ok(sizes) };
        let (name, region) = (&names[index], &self.connected.region);
        let service = connect::service(self.backed.configured.backend);
        let error = failures::store(&About { what: "a size", name, service, region }, &failure);
        match failure {
            StoreFailure::Network(_) | StoreFailure::Credentials(_) | StoreFailure::Throttled(_) => Err(error),
            _ => {
                let why = "without the permission to read a value its size is not known; `--no-size` leaves sizes out";
                self.app.report.warn("size", why);
                Ok(sizes)
            }
        }
    }
}
