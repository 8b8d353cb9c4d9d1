//! Many values at once: in batches, several at a time, and one by one where a batch is not allowed.
//!
//! Names come in, each name's own result goes out as soon as it is there. A batch that fails says nothing of its names:
//! they are then asked for one by one, which is what Airflow does.

use std::cell::Cell;
use std::collections::HashMap;

use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;

use super::patience::patiently;
use super::{Answers, Client, Secret, Store, StoreFailure, key, parameter_store, secrets_manager};

/// So many requests are under way at once.
const CALLS: usize = 8;

/// Reads values; results are handed over by the index of their name, each once, in no order.
pub(super) async fn get(store: &Store, names: &[String], mut each: impl FnMut(usize, Result<Secret, StoreFailure>)) {
    // A batch with a name twice is refused.
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut once = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let places = places.entry(name).or_default();
        if places.is_empty() {
            once.push(name.clone());
        }
        places.push(place);
    }
    let round = Round { store, permits: Semaphore::new(CALLS), batches_are_denied: Cell::new(false) };
    let batches = once.chunks(round.batch_size()).map(|batch| round.read(batch));
    let mut batches = stream::iter(batches).buffer_unordered(CALLS);
    while let Some(results) = batches.next().await {
        for (name, result) in results {
            for &place in places.get(name).into_iter().flatten() {
                each(place, result.clone());
            }
        }
    }
}

struct Round<'a> {
    store: &'a Store,
    permits: Semaphore,
    /// One denial of the batch action itself counts for all: it has no resource.
    batches_are_denied: Cell<bool>,
}

impl Round<'_> {
    /// The most names that one call takes (API references, BatchGetSecretValue and GetParameters).
    fn batch_size(&self) -> usize {
        match self.store.client {
            Client::SecretsManager(_) => 20,
            Client::ParameterStore(_) => 10,
        }
    }

    async fn read<'n>(&self, names: &'n [String]) -> Vec<(&'n str, Result<Secret, StoreFailure>)> {
        let mut answers = match self.batch(names).await {
            Ok(answers) => answers,
            // Another call would come to the same end.
            Err(failure @ (StoreFailure::Network(_) | StoreFailure::Credentials(_) | StoreFailure::Throttled(_))) => {
                return names.iter().map(|name| (name.as_str(), Err(failure.clone()))).collect();
            }
            Err(failure) => {
                if matches!(&failure, StoreFailure::Denied { action, .. } if action == secrets_manager::BATCH) {
                    self.batches_are_denied.set(true);
                }
                Answers::new()
            }
        };
        let results = names.iter().map(|name| {
            let answered = answers.remove(name);
            async move { (name.as_str(), self.result(name, answered).await) }
        });
        stream::iter(results.collect::<Vec<_>>()).buffer_unordered(CALLS).collect().await
    }

    async fn batch(&self, names: &[String]) -> Result<Answers, StoreFailure> {
        if self.batches_are_denied.get() || names.len() == 1 {
            return Ok(Answers::new());
        }
        let _permit = self.permits.acquire().await;
        patiently(self.store.patience, || async {
            match &self.store.client {
                Client::SecretsManager(client) => secrets_manager::get_batch(client, names).await,
                Client::ParameterStore(client) => parameter_store::get_batch(client, names).await,
            }
        })
        .await
    }

    /// What a batch had for a name, else what a call of its own finds.
    async fn result(&self, name: &str, answered: Option<Result<Secret, StoreFailure>>) -> Result<Secret, StoreFailure> {
        match answered {
            Some(Ok(secret)) => Ok(secret),
            Some(Err(failure @ StoreFailure::Undecryptable { key: None })) => {
                let _permit = self.permits.acquire().await;
                key::named(&self.store.client, name, Err(failure)).await
            }
            // The batch was not the one that was throttled.
            Some(Err(StoreFailure::Throttled(_) | StoreFailure::Network(_))) | None => {
                let _permit = self.permits.acquire().await;
                self.store.get(name).await
            }
            Some(Err(failure)) => Err(failure),
        }
    }
}
