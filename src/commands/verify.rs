//! `verify`: who the host is, who each running Airflow container is, and whether they agree.

use futures_util::future::join_all;

use crate::aws::identity::Identity;
use crate::aws::profile::ProfileSet;
use crate::cli::{Place, VerifyArgs};
use crate::delivery::Delivery;
use crate::delivery::probe::{self, Found, Trouble};
use crate::delivery::session;
use crate::host::engine::{Container as Running, Engine, EngineError};
use crate::project::services::is_airflow_service;
use crate::report::outcome::{Container, ContainerFailure, HostIdentity, Verified};
use crate::report::{Error, Kind};

use super::project::{ENGINE_LIMIT, Workspace};
use super::{App, failures, mount, profile, sign_in};

pub(super) async fn run(app: &mut App, args: &VerifyArgs) -> Result<Verified, Error> {
    if app.global.dry_run {
        // Asking for credentials may renew a cached sign-in.
        return Err(Error::new(
            Kind::Usage,
            "`verify` changes no file of the project, but asking AWS may renew a cached sign-in",
        )
        .hint("leave --dry-run out"));
    }
    // The host alone can be asked from anywhere; containers belong to a project.
    let workspace = match Workspace::open(app) {
        Ok(workspace) => Some(workspace),
        Err(error) if args.place == Place::Containers || app.global.project.is_some() => return Err(error),
        Err(error) if args.place == Place::All => {
            app.report.warn("no_project", format!("{error}, so no container was asked"));
            None
        }
        Err(_) => None,
    };
    let is_standalone = workspace.as_ref().is_some_and(Workspace::is_standalone);
    if is_standalone && args.place == Place::Containers {
        return Err(Error::new(Kind::Usage, "a standalone project has no containers: Airflow runs on this host")
            .hint("ask with `--in host`"));
    }
    if is_standalone {
        app.report.note("A standalone project: Airflow runs on this host, with this identity.");
    }
    let ask_host = async {
        if args.place == Place::Containers {
            return Ok(None);
        }
        let files = profile::locate(app)?;
        let set = profile::read(app, &files)?;
        let set_up_with = workspace.as_ref().and_then(Workspace::profile);
        warn_of_mount(app, &set, workspace.as_ref());
        host_identity(app, &set, set_up_with).await.map(Some)
    };
    let ask_containers = async {
        match (&workspace, args.place) {
            (Some(workspace), Place::Containers | Place::All) if !workspace.is_standalone() => {
                containers(app, workspace).await
            }
            _ => Ok(Vec::new()),
        }
    };
    let (host, containers) = tokio::join!(ask_host, ask_containers);
    let (containers, engine_failure) = match containers {
        Ok(containers) => {
            let is_expected = args.place != Place::Host && workspace.as_ref().is_some_and(|of| !of.is_standalone());
            if containers.is_empty() && is_expected {
                report_not_running(app, args)?;
            }
            (containers, None)
        }
        Err(error) if args.place == Place::Containers => return Err(failures::engine(&error)),
        // Without an engine nothing runs, which is no failure of the host's identity.
        Err(error @ (EngineError::NotFound { .. } | EngineError::NotRunning { .. })) => {
            app.report.warn("engine", format!("no container was asked: {error}"));
            (Vec::new(), None)
        }
        Err(error) => (Vec::new(), Some(failures::engine(&error))),
    };
    match host {
        Ok(host) => {
            let verified = judge(app, host, containers);
            Ok(Verified { failure: verified.failure.or(engine_failure), ..verified })
        }
        // What the containers said is worth no less for it.
        Err(error) if !containers.is_empty() => Ok(Verified { failure: Some(error), ..judge(app, None, containers) }),
        Err(error) => Err(error),
    }
}

/// A mount of the project's own profile that will trouble its containers.
fn warn_of_mount(app: &App, set: &ProfileSet, workspace: Option<&Workspace>) {
    let record = workspace.and_then(Workspace::set_up).filter(|record| record.delivery == Some(Delivery::Mount));
    if let Some(profile) = record.and_then(|record| set.profile(&record.profile).ok()) {
        mount::warn_of_renewal(app, &profile);
    }
}

fn report_not_running(app: &mut App, args: &VerifyArgs) -> Result<(), Error> {
    let message = "no Airflow container of this project is running";
    if args.place == Place::Containers {
        return Err(Error::new(Kind::Failed, message).hint("start the project with `astro dev start`"));
    }
    app.report.warn("not_running", format!("{message}: start it with `astro dev start`"));
    Ok(())
}

/// Resolves the profile's credentials and asks STS who they are.
///
/// # Errors
/// No profile, no credentials, or STS refuses them or cannot be reached.
async fn host_identity(app: &App, set: &ProfileSet, set_up_with: Option<&str>) -> Result<HostIdentity, Error> {
    let profile = profile::choose(app, set, set_up_with, "Which AWS profile?")?;
    app.report.detail(format!("profile {} is of kind {}", profile.name, profile.chain.kind()));
    let credentials = sign_in::credentials(app, set, &profile).await?;
    let identity = sign_in::identity(app, set, &profile, &credentials).await;
    Ok(HostIdentity {
        identity: identity.map_err(|failure| failures::identity(&profile, &failure))?,
        profile: profile.name.clone(),
        source: profile.chain.kind(),
        expires_at: credentials.expiry().map(session::rfc3339),
        minutes_left: credentials.expiry().map(|expiry| app.minutes_until(expiry)),
    })
}

async fn containers(app: &App, workspace: &Workspace) -> Result<Vec<(Running, Result<Found, Trouble>)>, EngineError> {
    let engine = workspace.engine(app)?;
    app.report.detail(format!("asking {} for the running containers of {}", engine.kind, workspace.root().display()));
    let mut running = Vec::new();
    for folder in workspace.project.working_dirs() {
        running = engine.containers(&folder.to_string_lossy(), ENGINE_LIMIT).await?;
        // The migration ends by itself and has neither the user nor the files of the others.
        running.retain(|container| is_airflow_service(&container.service));
        if !running.is_empty() {
            break;
        }
    }
    let answers = join_all(running.iter().map(|container| ask(app, &engine, container))).await;
    Ok(running.into_iter().zip(answers).collect())
}

async fn ask(app: &App, engine: &Engine, container: &Running) -> Result<Found, Trouble> {
    app.report.detail(format!("asking {} with its own botocore", container.name));
    probe::ask(engine, container).await
}

fn judge(app: &App, host: Option<HostIdentity>, answers: Vec<(Running, Result<Found, Trouble>)>) -> Verified {
    let mut containers: Vec<_> = answers.into_iter().map(|(running, answer)| container(app, running, answer)).collect();
    // Without the host the first container is what the others are held against.
    let measure = host.as_ref().map(|host| host.identity.clone());
    let measure = measure.or_else(|| containers.iter().find_map(|container| container.identity.clone()));
    for container in &mut containers {
        let (Some(identity), Some(measure), None) = (&container.identity, &measure, &container.error) else { continue };
        if !is_same(identity, measure) {
            container.error = Some(ContainerFailure {
                kind: "another_identity",
                message: format!("it is {} and not {}", identity.arn, measure.arn),
                hint: Some("run `astro-aws init` with the profile you mean, then `astro dev restart`".to_owned()),
            });
        }
    }
    let wrong: Vec<_> = containers.iter().filter(|c| c.error.is_some()).map(|c| c.service.as_str()).collect();
    let failure = (!wrong.is_empty())
        .then(|| Error::new(Kind::Failed, format!("not everyone has your identity: {}", wrong.join(", "))));
    let asked = containers.len() + usize::from(host.is_some());
    let agree = (asked > 1 || !wrong.is_empty()).then_some(wrong.is_empty());
    Verified { host, containers, agree, failure }
}

fn container(app: &App, running: Running, answer: Result<Found, Trouble>) -> Container {
    let (found, trouble) = match answer {
        Ok(found) => {
            let trouble = found.trouble();
            (found, trouble)
        }
        Err(trouble) => (Found::default(), Some(trouble)),
    };
    let minutes_left = found.expires_at.as_deref().and_then(session::parse_rfc3339).map(|time| app.minutes_until(time));
    Container {
        service: running.service,
        identity: found.identity,
        source: found.source,
        expires_at: found.expires_at,
        error: trouble.map(|Trouble { kind, message, hint }| ContainerFailure { kind, message, hint }),
        minutes_left,
    }
}

/// Whether two callers are the same user or role: two sessions of one role differ in their last part alone.
fn is_same(a: &Identity, b: &Identity) -> bool {
    fn role(arn: &str) -> &str {
        match arn.contains(":assumed-role/") {
            true => arn.rsplit_once('/').map_or(arn, |(role, _)| role),
            false => arn,
        }
    }
    a.account == b.account && role(&a.arn) == role(&b.arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(arn: &str) -> Identity {
        Identity { account: "111122223333".to_owned(), arn: arn.to_owned(), user_id: "x".to_owned() }
    }

    #[test]
    fn two_sessions_of_one_role_are_the_same_caller() {
        let role = |session: &str| caller(&format!("arn:aws:sts::111122223333:assumed-role/Dev/{session}"));
        assert!(is_same(&role("ana"), &role("botocore-session-1")));
        assert!(!is_same(&role("ana"), &caller("arn:aws:sts::111122223333:assumed-role/Ops/ana")));
        assert!(!is_same(&caller("arn:aws:iam::1:user/ana"), &caller("arn:aws:iam::1:user/eve")));
    }
}
