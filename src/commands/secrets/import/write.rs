//! Writes what an import has planned, several at a time, and keeps account of what was written.

use std::cell::{Cell, RefCell};

use futures_util::StreamExt;
use futures_util::stream;

use crate::aws::secret::SecretText;
use crate::aws::secrets::PutOptions;
use crate::commands::App;
use crate::commands::interrupt::or_interrupted;
use crate::commands::secrets::backend::Backed;
use crate::commands::secrets::connect::Connected;
use crate::commands::secrets::item;
use crate::report::Error;
use crate::report::outcome::secrets::{Change, Imported};

/// So many are written at a time.
const AT_A_TIME: usize = 8;

/// Writes what is new or differs. The first failure stops what has not begun; what is under way is brought to its end.
pub(super) async fn all(
    app: &App,
    backed: &Backed,
    connected: &Connected,
    values: &[&SecretText],
    options: &PutOptions,
    imported: &mut Imported,
) {
    let progress = app.report.status_line();
    let planned: Vec<usize> =
        (0..imported.items.len()).filter(|&index| imported.items[index].change != Change::Same).collect();
    let (is_stopped, done) = (Cell::new(false), Cell::new(0_usize));
    let account = RefCell::new(&mut imported.items);
    let failure = RefCell::new(None);
    let write = |index: usize| {
        let (account, failure, is_stopped, done, progress, count) =
            (&account, &failure, &is_stopped, &done, &progress, planned.len());
        async move {
            if is_stopped.get() {
                return;
            }
            let item = account.borrow()[index].item.clone();
            account.borrow_mut()[index].written = None;
            let result = connected.store.put(&item.name, values[index], options).await;
            let entry = &mut account.borrow_mut()[index];
            entry.written = Some(result.is_ok());
            done.set(done.get() + 1);
            if let Some(line) = progress {
                line.set(format!("stored {} of {count}", done.get()));
            }
            if let Err(refused) = result {
                is_stopped.set(true);
                let error = item::failed(backed, &item, &connected.region, &refused);
                entry.error = Some(error.message.clone());
                failure.borrow_mut().get_or_insert(error);
            }
        }
    };
    let writing = stream::iter(planned.iter().copied()).map(write).buffer_unordered(AT_A_TIME).collect::<()>();
    let interrupted = or_interrupted(writing).await.err();
    drop(progress);
    let failure = failure.into_inner();
    imported.failure = interrupted.map(|error| Error { message: "interrupted".to_owned(), ..error }).or(failure);
    if let Some(error) = imported.failure.take() {
        let written = imported.items.iter().filter(|item| item.written == Some(true)).count();
        let message = format!("{}; {written} of {} were stored", error.message, planned.len());
        imported.failure = Some(
            Error { message, ..error }
                .hint("run the same command again: what is stored is then the same, and is left alone"),
        );
    }
}
