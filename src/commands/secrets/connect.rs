//! The connection to a backend's service: whose credentials, which region.
//!
//! A backend with its kwargs comes in, a client that can be called goes out. The kwargs count as they do in the container:
//! `profile_name` where this machine has that profile, `region_name` before what profile and environment say.

use crate::airflow::Backend;
use crate::aws::access::Access;
use crate::aws::profile::{Profile, ProfileSet};
use crate::aws::secrets::{Service, Store};
use crate::commands::configure::{REGIONS, check_region};
use crate::commands::project::Workspace;
use crate::commands::{App, profile, sign_in};
use crate::report::{Error, Kind, prompt};

use super::backend::Backed;

/// A backend that can be called, with the developer's own credentials.
#[derive(Debug)]
pub(super) struct Connected {
    /// The client.
    pub(super) store: Store,
    /// The region of every call.
    pub(super) region: String,
}

/// What is known before anybody is asked for credentials.
#[derive(Debug)]
pub(super) struct Place {
    set: ProfileSet,
    profile: Profile,
    /// The region of every call.
    pub(super) region: String,
}

/// Finds the profile and the region that calls for a backend are made with.
///
/// # Errors
/// [`Kind::Credentials`] where there is no profile; [`Kind::Usage`] where no region is known and nobody can be asked.
pub(super) fn place(app: &App, backed: &Backed) -> Result<Place, Error> {
    let files = profile::locate(app)?;
    let set = profile::read(app, &files)?;
    let profile = choose(app, &set, backed)?;
    let region = region(app, backed, &profile)?;
    if backed.configured.kwargs.text("role_arn").is_some() {
        app.report.warn(
            "role_arn",
            "the backend's kwargs have a `role_arn`, which Airflow assumes and astro-aws does not: \
             what follows is what your own credentials may do",
        );
    }
    Ok(Place { set, profile, region })
}

/// Gets credentials, signing in where that is needed, and makes the client.
///
/// # Errors
/// As [`place`]; [`Kind::Credentials`] where there are none.
pub(super) async fn connect(app: &App, backed: &Backed) -> Result<Connected, Error> {
    let place = place(app, backed)?;
    connect_to(app, place, service(backed.configured.backend)).await
}

/// The same with what is known already.
///
/// # Errors
/// [`Kind::Credentials`] where there are none.
pub(super) async fn connect_to(app: &App, place: Place, service: Service) -> Result<Connected, Error> {
    let Place { set, profile, region } = place;
    let credentials = sign_in::credentials(app, &set, &profile).await?;
    let access: Access<'_> = profile::access(app, Some(&profile));
    app.report.detail(format!("calling {} in {region} with profile `{}`", service.title(), profile.name));
    let in_region = aws_types::region::Region::new(region.clone());
    let store = Store::connect(service, &set, &profile, &credentials, in_region, &access).await;
    Ok(Connected { store, region })
}

/// The service behind a backend.
pub(super) fn service(backend: Backend) -> Service {
    match backend {
        Backend::SecretsManager => Service::SecretsManager,
        Backend::ParameterStore => Service::ParameterStore,
    }
}

/// The profile of `--profile`, of the kwargs' `profile_name` (which the container will use), or the one that any other
/// command takes.
pub(super) fn choose(app: &App, set: &ProfileSet, backed: &Backed) -> Result<Profile, Error> {
    if app.global.profile.is_none()
        && let Some(name) = backed.configured.kwargs.text("profile_name")
    {
        match set.profile(name) {
            Ok(profile) => return Ok(profile),
            Err(error) => app.report.warn(
                "profile_name",
                format!("the backend's kwargs have `profile_name` `{name}`, which is not used here: {error}"),
            ),
        }
    }
    let set_up_with = backed.workspace.as_ref().and_then(Workspace::profile);
    profile::choose(app, set, set_up_with, "Which AWS profile?")
}

/// The region of `--region`, of the kwargs, of what the project was set up with, of the environment, of the profile; else
/// it is asked for. Never one that nobody named: names that are not there would look like names that are missing.
fn region(app: &App, backed: &Backed, profile: &Profile) -> Result<String, Error> {
    let kwarg = backed.configured.kwargs.text("region_name");
    let elsewhere = profile::access(app, Some(profile)).region;
    let known = backed.asked_region.as_deref().or(kwarg).or(elsewhere.as_deref()).or(profile.region());
    if let Some(region) = known.filter(|region| !region.is_empty()) {
        if !crate::aws::arn::is_region(region) {
            return Err(Error::new(Kind::Usage, format!("`{region}` is no AWS region"))
                .hint("name one such as `eu-west-1` with `--region`, or for good with `astro-aws secrets enable … --region REGION`"));
        }
        return Ok(region.to_owned());
    }
    if app.may_ask() {
        let question = format!("Region of {}:", backed.configured.backend.title());
        return prompt::text(&question, None, REGIONS, check_region);
    }
    let message =
        format!("no region is known for {}: profile `{}` has none", backed.configured.backend.title(), profile.name);
    Err(Error::new(Kind::Usage, message).hint("name it with `--region REGION`, or `astro-aws secrets enable` with it"))
}
