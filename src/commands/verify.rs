//! `verify`: who the host is, who each running Airflow container is, and whether they agree.

use futures_util::future::join_all;

use crate::aws::identity::{self, Identity};
use crate::aws::profile::ProfileSet;
use crate::cli::{Place, VerifyArgs};
use crate::delivery::probe::{self, Found, Trouble};
use crate::delivery::session;
use crate::host::engine::{Container as Running, Engine, EngineError};
use crate::project::services::is_airflow_service;
use crate::report::outcome::{Container, ContainerFailure, HostIdentity, Verified};
use crate::report::{Error, Kind};

use super::project::{ENGINE_LIMIT, Workspace};
use super::{App, failures, profile, sign_in};

pub(super) async fn run(app: &mut App, args: &VerifyArgs) -> Result<Verified, Error> {
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
    let ask_host = async {
        if args.place == Place::Containers {
            return Ok(None);
        }
        let files = profile::locate(app)?;
        let set = profile::read(app, &files)?;
        let set_up_with = workspace.as_ref().and_then(Workspace::profile);
        host_identity(app, &set, set_up_with).await.map(Some)
    };
    let ask_containers = async {
        match (&workspace, args.place) {
            (Some(workspace), Place::Containers | Place::All) => containers(app, workspace).await,
            _ => Ok(Vec::new()),
        }
    };
    let (host, containers) = tokio::join!(ask_host, ask_containers);
    let host = host?;
    match containers {
        Ok(containers) => {
            if containers.is_empty() && args.place != Place::Host && workspace.is_some() {
                report_not_running(app, args)?;
            }
            Ok(judge(app, host, containers))
        }
        Err(error) if args.place == Place::Containers => Err(failures::engine(&error)),
        // Without an engine nothing runs, which is no failure of the host's identity.
        Err(error @ (EngineError::NotFound { .. } | EngineError::NotRunning { .. })) => {
            app.report.warn("engine", format!("no container was asked: {error}"));
            Ok(judge(app, host, Vec::new()))
        }
        Err(error) => Ok(Verified { failure: Some(failures::engine(&error)), ..judge(app, host, Vec::new()) }),
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
pub(super) async fn host_identity(
    app: &App,
    set: &ProfileSet,
    set_up_with: Option<&str>,
) -> Result<HostIdentity, Error> {
    let profile = profile::choose(app, set, set_up_with)?;
    app.report.detail(format!("profile {} is of kind {}", profile.name, profile.chain.kind()));
    let credentials = sign_in::credentials(app, set, &profile).await?;
    let calls = profile::calls(app, &profile);
    app.report.detail("asking STS: GetCallerIdentity");
    let identity = {
        let _progress = app.report.progress("asking AWS who you are");
        identity::caller_identity(set, &profile, &credentials, &calls).await
    };
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
    let containers: Vec<_> = answers.into_iter().map(|(running, answer)| container(app, running, answer)).collect();
    let identities: Vec<_> = host
        .iter()
        .map(|host| &host.identity)
        .chain(containers.iter().filter_map(|container| container.identity.as_ref()))
        .collect();
    let agree = (identities.len() > 1).then(|| identities.windows(2).all(|pair| is_same(pair[0], pair[1])));
    let nobody: Vec<_> = containers.iter().filter(|c| c.error.is_some()).map(|c| c.service.as_str()).collect();
    let failure = if !nobody.is_empty() {
        let hint = containers.iter().find_map(|c| c.error.as_ref()?.hint.clone());
        let error = Error::new(Kind::Failed, format!("not everyone has your identity: {}", nobody.join(", ")));
        Some(match hint {
            Some(hint) => error.hint(hint),
            None => error,
        })
    } else if agree == Some(false) {
        Some(
            Error::new(Kind::Failed, "the identities do not agree")
                .hint("run `astro-aws init` with the profile you mean, then `astro dev restart`"),
        )
    } else {
        None
    };
    let agree = if nobody.is_empty() { agree } else { Some(false) };
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
