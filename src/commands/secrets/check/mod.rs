//! `secrets check`: what Airflow will find under the ids that a project's DAGs name, and why not.
//!
//! The sources are read, each id is looked up by the call that Airflow makes, with the developer's credentials, and the
//! other places that Airflow looks in are taken into account. With `--in containers` the running Airflow is asked as well.

mod beside;
mod containers;
mod judge;
mod scan;
mod stored;
mod subjects;

use std::path::Path;

use futures_util::future::join_all;

use crate::airflow::references::{self, Absence, Scan};
use crate::airflow::{Kind, LookUp};
use crate::aws::secrets::{Secret, Store, StoreFailure};
use crate::cli::secrets::{CheckArgs, CheckPlace};
use crate::commands::App;
use crate::commands::project::Workspace;
use crate::delivery::lookups::Salt;
use crate::report::outcome::secrets::Checked;
use crate::report::outcome::secrets::check::{Asked, Looked, Place, State, Summary};
use crate::report::{Error, Kind as ErrorKind};

use super::backend::{self, Backed};
use super::{connect, surprises};
use beside::Beside;
use judge::{Reading, Verdict};
use subjects::Subject;

/// How many look-ups that a batch was refused are made again at a time.
const AGAIN_AT_ONCE: usize = 8;

/// How many files that were left out are named.
const LEFT_OUT: usize = 5;

/// The kind, what was found out, and the value's digest.
type Entry = (Kind, Looked, Option<String>);

pub(super) async fn run(app: &mut App, args: &CheckArgs) -> Result<Checked, Error> {
    if app.global.dry_run {
        return Err(Error::new(
            ErrorKind::Usage,
            "`secrets check` changes nothing, but asking AWS may renew a cached sign-in",
        )
        .hint("leave --dry-run out"));
    }
    let backed = backend::find(app, &args.backend)?;
    let workspace = match &backed.workspace {
        Some(workspace) => Some(workspace),
        // Says why there is no project.
        None if args.ids.is_empty() || args.place == CheckPlace::Containers => return Err(no_project(app)),
        None => None,
    };
    if args.place == CheckPlace::Containers && workspace.is_some_and(Workspace::is_standalone) {
        return Err(Error::new(ErrorKind::Usage, "a standalone project has no containers: Airflow runs on this host")
            .hint("leave `--in containers` out"));
    }
    surprises::of_kwargs(app, workspace, &backed.configured);
    let beside = Beside::read(app, workspace, &backed.environment)?;
    let (files, named) = named(app, workspace);
    let subjects = if args.ids.is_empty() { named.clone() } else { subjects::asked_for(args, &named) };
    subjects.iter().for_each(|subject| surprises::of_id(app, subject.kind, &subject.id));
    let salt = Salt::new(random()?);
    let looked = look_up(app, &backed, &subjects, &salt, args.ids.is_empty().then_some(named.as_slice())).await?;
    let mut entries: Vec<Entry> = subjects
        .iter()
        .zip(looked.verdicts)
        .map(|(subject, verdict)| entry(&backed, subject, verdict, &beside, &salt))
        .collect();
    let mut containers = Vec::new();
    if let (Some(workspace), CheckPlace::Containers, false) = (workspace, args.place, entries.is_empty()) {
        let settings = beside.settings();
        let class = backed.configured.backend.class_path();
        let expected = containers::Expected { class, settings: &settings, salt: &salt };
        containers = containers::ask(app, workspace, &mut entries, &expected).await?;
    }
    let results = settled(&subjects, entries);
    let unused = looked.unused;
    let summary = summary(&results, unused.as_ref().map(Vec::len), files);
    Ok(Checked {
        backend: backed.configured.backend.name(),
        title: backed.configured.backend.title(),
        region: looked.region,
        failure: failure(&results, &containers, looked.refused),
        results,
        unused: unused.unwrap_or_default(),
        summary,
        containers,
    })
}

fn no_project(app: &mut App) -> Error {
    match Workspace::open(app) {
        Err(error) => error,
        Ok(_) => Error::new(ErrorKind::Project, "the project cannot be worked on"),
    }
}

fn random() -> Result<[u8; 16], Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(ErrorKind::Failed, format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

/// What the project's sources name, and how many files they are.
fn named(app: &App, workspace: Option<&Workspace>) -> (usize, Vec<Subject>) {
    let Some(workspace) = workspace else { return (0, Vec::new()) };
    let Scan { references, files, endless, left_out } = {
        let _progress = app.report.progress("reading dags/, include/ and plugins/");
        scan::project(workspace.root(), beside::ignore_syntax(workspace))
    };
    for references::Place { path, line } in endless.iter().take(LEFT_OUT) {
        app.report.warn(
            "not_python",
            format!(
                "`{}` is no Python: the string on line {line} does not end; what it names may be missing here",
                path.display()
            ),
        );
    }
    for (path, reason) in left_out.iter().take(LEFT_OUT) {
        app.report.warn("not_read", format!("`{}` was not read: {reason}", path.display()));
    }
    if let Some(more) = left_out.len().checked_sub(LEFT_OUT).filter(|more| *more > 0) {
        app.report.warn("not_read", format!("{more} more files were not read"));
    }
    (files, subjects::named(references))
}

/// What AWS says.
#[derive(Default)]
struct LookedUp {
    /// By subject.
    verdicts: Vec<Verdict>,
    unused: Option<Vec<crate::report::outcome::secrets::check::Unused>>,
    region: Option<String>,
    /// AWS refuses the credentials: its words.
    refused: Option<String>,
}

/// Looks every subject up; with `named`, also finds what is stored and named nowhere.
async fn look_up(
    app: &App,
    backed: &Backed,
    subjects: &[Subject],
    salt: &Salt,
    named: Option<&[Subject]>,
) -> Result<LookedUp, Error> {
    let words = backed.configured.extra_words().map_err(|error| Error::new(ErrorKind::Project, error.to_string()))?;
    let look_ups: Vec<_> = subjects.iter().map(|subject| backed.naming.look_up(subject.kind, &subject.id)).collect();
    let mut verdicts: Vec<Option<Verdict>> =
        subjects.iter().zip(&look_ups).map(|(subject, look_up)| judge::unasked(subject, look_up)).collect();
    let asked: Vec<(usize, String)> = look_ups
        .into_iter()
        .enumerate()
        .filter_map(|(at, look_up)| if let LookUp::Name(name) = look_up { Some((at, name)) } else { None })
        .collect();
    let mut looked = LookedUp::default();
    if !asked.is_empty() || named.is_some_and(|named| !named.is_empty()) {
        let connected = connect::connect(app, backed).await?;
        looked.region = Some(connected.region.clone());
        let reading = Reading { backend: backed.configured.backend, region: connected.region.clone(), words };
        let (at, names): (Vec<usize>, Vec<String>) = asked.into_iter().unzip();
        let judge = |index: usize, result: &Result<Secret, StoreFailure>| {
            let subject = &subjects[at[index]];
            match result {
                Ok(secret) => {
                    let text = secret.value.expose();
                    Verdict { digest: Some(salt.digest(text)), ..judge::value(subject, text, &reading) }
                }
                Err(failure) => judge::failure(subject, &names[index], failure, &reading),
            }
        };
        let (answers, refused) = ask(app, &connected.store, &names, judge).await;
        looked.refused = refused;
        for (index, verdict) in answers.into_iter().enumerate() {
            verdicts[at[index]] = Some(verdict);
        }
        if let (Some(named), None) = (named, &looked.refused) {
            looked.unused = stored::unused(app, &connected.store, &backed.naming, named).await;
        }
    }
    let missing =
        || Verdict { state: State::Failed, message: "AWS gave no answer".to_owned(), hint: None, digest: None };
    looked.verdicts = verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(missing)).collect();
    Ok(looked)
}

/// Reads the names in batches. What a batch was denied is asked for again by the call that Airflow makes: batches take
/// permissions of their own.
async fn ask(
    app: &App,
    store: &Store,
    names: &[String],
    judge: impl Fn(usize, &Result<Secret, StoreFailure>) -> Verdict,
) -> (Vec<Verdict>, Option<String>) {
    let mut verdicts: Vec<Option<Verdict>> = vec![None; names.len()];
    let (mut denied, mut refused, mut done) = (Vec::new(), None, 0_usize);
    let line = app.report.is_text().then(|| app.report.status_line()).flatten();
    store
        .get_many(names, |index, result| {
            match &result {
                Err(StoreFailure::Denied { .. }) => denied.push(index),
                Err(StoreFailure::Credentials(reason)) => refused = Some(reason.clone()),
                _ => {}
            }
            verdicts[index] = Some(judge(index, &result));
            done += 1;
            if let Some(line) = &line {
                line.set(format!("looked up {done} of {}", names.len()));
            }
        })
        .await;
    for indexes in denied.chunks(AGAIN_AT_ONCE) {
        let results = join_all(indexes.iter().map(|&index| store.get(&names[index]))).await;
        for (&index, result) in indexes.iter().zip(&results) {
            verdicts[index] = Some(judge(index, result));
        }
    }
    drop(line);
    let missing = |index| judge(index, &Err(StoreFailure::Network("AWS gave no answer".to_owned())));
    let verdicts = verdicts.into_iter().enumerate();
    (verdicts.map(|(index, verdict)| verdict.unwrap_or_else(|| missing(index))).collect(), refused)
}

fn entry(backed: &Backed, subject: &Subject, verdict: Verdict, beside: &Beside<'_>, salt: &Salt) -> Entry {
    let root = backed.workspace.as_ref().map(Workspace::root);
    let name = match backed.naming.look_up(subject.kind, &subject.id) {
        LookUp::Name(name) => Some(name),
        LookUp::SwitchedOff | LookUp::Unmatched { .. } => None,
    };
    let judged = judge::in_all(subject, verdict, beside, |text| salt.digest(text));
    let looked = Looked {
        kind: subject.kind.name(),
        id: subject.id.clone(),
        name,
        state: judged.verdict.state,
        origin: judged.origin,
        message: judged.verdict.message,
        hint: judged.verdict.hint,
        places: subject.places.iter().map(|place| shown(place, root)).collect(),
        has_default: subject.absence != Absence::Fails,
        ok: judged.ok,
        in_containers: Vec::new(),
    };
    (subject.kind, looked, judged.verdict.digest)
}

fn shown(place: &references::Place, root: Option<&Path>) -> Place {
    let relative = root.and_then(|root| place.path.strip_prefix(root).ok()).unwrap_or(&place.path);
    Place { path: place.path.clone(), line: place.line, shown: relative.to_string_lossy().replace('\\', "/") }
}

/// The results, problems first. Of an id whose kind nothing tells, the kinds under which it is found count.
fn settled(subjects: &[Subject], entries: Vec<Entry>) -> Vec<Looked> {
    let is_found_as_another = |at: usize| {
        subjects[at].is_guess
            && !entries[at].1.ok
            && subjects
                .iter()
                .zip(&entries)
                .any(|(other, entry)| other.is_guess && other.id == subjects[at].id && entry.1.ok)
    };
    let kept: Vec<bool> = (0..entries.len()).map(|at| !is_found_as_another(at)).collect();
    let mut results: Vec<Looked> =
        entries.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|((_, looked, _), _)| looked).collect();
    results.sort_by_key(|looked| (looked.ok, looked.state == State::Found && looked.origin.is_some()));
    results
}

fn summary(results: &[Looked], unused: Option<usize>, files: usize) -> Summary {
    let found = results.iter().filter(|looked| looked.ok && looked.origin.is_some()).count();
    let failed = results.iter().filter(|looked| !looked.ok).count();
    let checked = results.len();
    // What a container alone finds has no origin here.
    let elsewhere = |looked: &&Looked| {
        looked.ok && looked.origin.is_none() && looked.in_containers.iter().any(|seen| seen.found == Some(true))
    };
    let found = found + results.iter().filter(elsewhere).count();
    Summary { checked, found, defaulted: checked - found - failed, failed, unused, files }
}

fn failure(results: &[Looked], containers: &[Asked], refused: Option<String>) -> Option<Error> {
    if let Some(reason) = refused {
        return Some(
            Error::new(ErrorKind::Credentials, format!("AWS refuses the credentials: {reason}"))
                .hint("sign in again with `astro-aws login`, or see who you are with `astro-aws verify --in host`"),
        );
    }
    let failed = results.iter().filter(|looked| !looked.ok).count();
    if failed > 0 {
        let message = match results {
            [only] => format!("{} `{}` will not be found, or not be read", only.kind, only.id),
            all => format!("{failed} of {} ids will not be found, or not be read", all.len()),
        };
        return Some(Error::new(ErrorKind::Failed, message));
    }
    let troubled: Vec<_> =
        containers.iter().filter(|asked| asked.error.is_some()).map(|asked| asked.service.as_str()).collect();
    (!troubled.is_empty()).then(|| {
        Error::new(ErrorKind::Failed, format!("not every container asks this backend: {}", troubled.join(", ")))
    })
}
