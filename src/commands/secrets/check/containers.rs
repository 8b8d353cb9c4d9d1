//! `--in containers`: what the running Airflow itself finds, and whether it is the same as here.

use futures_util::future::join_all;

use crate::airflow::Kind;
use crate::commands::project::{ENGINE_LIMIT, Workspace};
use crate::commands::{App, failures};
use crate::delivery::lookups::{self, Answer, LIMIT, Salt, Told};
use crate::delivery::probe;
use crate::host::engine::Container;
use crate::report::outcome::secrets::check::{Asked, Looked, Seen, Trouble};
use crate::report::{Error, Kind as ErrorKind};

/// The services whose processes look up what DAGs name: tasks run in the scheduler, DAG files are read by the DAG processor,
/// deferred operators go on in the triggerer.
const ASKED: [&str; 3] = ["scheduler", "dag-processor", "triggerer"];

/// A container with its answer.
type Answered = (Container, Result<Told, probe::Trouble>);

/// Asks the running containers about the results' ids, and writes into each result what they say.
///
/// # Errors
/// Where the engine does not answer, or nothing runs.
pub(super) async fn ask(
    app: &App,
    workspace: &Workspace,
    results: &mut [(Kind, Looked, Option<String>)],
    expected: &Expected<'_>,
) -> Result<Vec<Asked>, Error> {
    let engine = workspace.engine(app).map_err(|error| failures::engine(&error))?;
    let mut running = Vec::new();
    for folder in workspace.project.working_dirs() {
        let found = engine.containers(&folder.to_string_lossy(), ENGINE_LIMIT).await;
        running = found.map_err(|error| failures::engine(&error))?;
        running.retain(|container| ASKED.contains(&container.service.as_str()));
        if !running.is_empty() {
            break;
        }
    }
    if running.is_empty() {
        return Err(Error::new(ErrorKind::Failed, "no Airflow container of this project is running")
            .hint("start the project with `astro dev start`"));
    }
    let ids: Vec<_> = results.iter().map(|(kind, looked, _)| (*kind, looked.id.as_str())).collect();
    let answers = {
        let _progress = app.report.progress(format!("asking the running Airflow, up to {} s", LIMIT.as_secs()));
        join_all(running.iter().map(|container| lookups::ask(&engine, container, &ids, expected.salt))).await
    };
    let answered: Vec<Answered> = running.into_iter().zip(answers).collect();
    for (at, (_, looked, digest)) in results.iter_mut().enumerate() {
        looked.in_containers = answered.iter().filter_map(|answered| seen(answered, at, digest.as_deref())).collect();
        judge(looked);
    }
    Ok(answered.into_iter().map(|(container, answer)| asked(container, answer, expected)).collect())
}

/// What the containers should run with.
pub(super) struct Expected<'a> {
    /// The backend's class.
    pub(super) class: &'a str,
    /// The AIRFLOW__SECRETS__ variables of `.env`.
    pub(super) settings: &'a [(String, String)],
    pub(super) salt: &'a Salt,
}

fn seen((container, answer): &Answered, at: usize, here: Option<&str>) -> Option<Seen> {
    let told = answer.as_ref().ok().filter(|told| told.answers())?;
    let service = container.service.clone();
    let Some(Answer { found, backend, digest, failures }) = told.results.get(at) else {
        return Some(Seen { service, found: None, backend: None, same: None, message: None });
    };
    let same = match (here, digest) {
        (Some(here), Some(there)) => Some(here == there),
        _ => None,
    };
    let failed = failures.first().map(|failure| {
        let code = failure.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
        format!("its {} fails with {}{code}", failure.backend, failure.exception)
    });
    let message = match (found, same) {
        (true, Some(false)) => {
            Some(format!("finds another value, in {}", backend.as_deref().unwrap_or("some backend")))
        }
        (true, _) => None,
        (false, _) => Some(match failed {
            Some(failed) => format!("does not find it: {failed}"),
            None => "does not find it".to_owned(),
        }),
    };
    Some(Seen { service, found: Some(*found), backend: backend.clone(), same, message })
}

/// Who answered counts more than what it looks like from here.
fn judge(looked: &mut Looked) {
    let found: Vec<_> = looked.in_containers.iter().filter_map(|seen| seen.found).collect();
    if found.is_empty() {
        return;
    }
    let is_other = looked.in_containers.iter().any(|seen| seen.same == Some(false));
    let is_found = found.iter().all(|found| *found);
    let needs_none = looked.has_default && looked.ok;
    looked.ok = !is_other && (is_found || needs_none);
}

fn asked(container: Container, answer: Result<Told, probe::Trouble>, expected: &Expected<'_>) -> Asked {
    let (told, trouble) = match answer {
        Ok(told) => {
            let trouble = told.trouble(expected.class, expected.settings, expected.salt);
            (told, trouble)
        }
        Err(trouble) => (Told::default(), Some(trouble)),
    };
    Asked {
        service: container.service,
        airflow: told.airflow,
        provider: told.provider,
        backend: told.backend,
        found: told.results.iter().filter(|answer| answer.found).count(),
        error: trouble.map(|probe::Trouble { kind, message, hint }| Trouble { kind, message, hint }),
    }
}
