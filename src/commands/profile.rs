//! Which profile a command works with, and the shared files it comes from.

use std::path::PathBuf;

use crate::aws::access::{Access, Caches};
use crate::aws::http;
use crate::aws::profile::{Profile, ProfileSet};
use crate::host::AwsFiles;
use crate::host::aws_dir::sso_cache;
use crate::report::{Error, Kind, prompt};

use super::App;
use super::failures;

/// The name every AWS tool uses where none is given.
const DEFAULT: &str = "default";

/// Where the shared files are.
///
/// # Errors
/// Where the host has no home folder.
pub(super) fn locate(app: &App) -> Result<AwsFiles, Error> {
    AwsFiles::locate(&app.host).ok_or_else(|| {
        Error::new(Kind::Failed, "this account has no home folder, so there is no ~/.aws")
            .hint("set HOME, or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE")
    })
}

/// Reads the shared files.
///
/// # Errors
/// Whatever is wrong with the files.
pub(super) fn read(app: &App, files: &AwsFiles) -> Result<ProfileSet, Error> {
    app.report.detail(format!("reading {} and {}", files.config, files.credentials));
    ProfileSet::read(files.config.as_path(), files.credentials.as_path()).map_err(failures::profile)
}

/// The profile of `--profile`, AWS_PROFILE, the project's set-up, or `default`; on a terminal a choice where the last
/// of these has no credentials.
///
/// # Errors
/// [`Kind::Credentials`] where there is none.
pub(super) fn choose(app: &App, set: &ProfileSet, set_up_with: Option<&str>, question: &str) -> Result<Profile, Error> {
    if let Some(profile) = asked(app, set, set_up_with) {
        return profile;
    }
    match set.profile(DEFAULT) {
        Ok(profile) => Ok(profile),
        Err(error) => {
            let usable: Vec<_> = set.names().into_iter().filter_map(|name| set.profile(name).ok()).collect();
            if usable.is_empty() {
                return Err(failures::profile(error));
            }
            if !app.may_ask() {
                let names: Vec<_> = usable.iter().map(|profile| format!("`{}`", profile.name)).collect();
                return Err(Error::new(Kind::Credentials, "there is no usable `default` profile, and none was named")
                    .hint(format!("choose one with `--profile NAME`: {}", names.join(", "))));
            }
            // The one there is needs no choice: the diff is asked about anyway.
            if let [only] = usable.as_slice() {
                return Ok(only.clone());
            }
            let choices = usable.iter().map(|profile| format!("{} ({})", profile.name, profile.chain.kind())).collect();
            let index = prompt::select(question, choices)?;
            usable.into_iter().nth(index).ok_or_else(|| failures::profile(error))
        }
    }
}

/// The same without a question; `None` where none was named and there is no usable `default`.
pub(super) fn choose_silently(
    app: &App,
    set: &ProfileSet,
    set_up_with: Option<&str>,
) -> Option<Result<Profile, Error>> {
    asked(app, set, set_up_with).or_else(|| set.profile(DEFAULT).ok().map(Ok))
}

/// The profile of `--profile`, AWS_PROFILE or the project's set-up; `None` where none of them names one.
fn asked(app: &App, set: &ProfileSet, set_up_with: Option<&str>) -> Option<Result<Profile, Error>> {
    let of_environment = app.host.env.get("AWS_PROFILE").filter(|_| app.global.profile.is_none());
    let name = app.global.profile.as_deref().or(of_environment).or(set_up_with)?;
    Some(set.profile(name).map_err(|error| match of_environment {
        Some(_) => failures::profile(error).hint("that name comes from AWS_PROFILE"),
        None => failures::profile(error),
    }))
}

/// Whether any profile of the files yields credentials at all.
pub(super) fn any_usable(set: &ProfileSet) -> bool {
    set.names().into_iter().any(|name| set.profile(name).is_ok())
}

/// What reaching AWS takes, for a profile or for none.
pub(super) fn access<'a>(app: &'a App, profile: Option<&Profile>) -> Access<'a> {
    Access {
        clock: app.clock.clone(),
        caches: caches(app),
        person: app,
        profile: profile.map(|profile| profile.name.clone()),
        http: http::client(ca_bundle(app, profile)),
        region: app.global.region.clone().or_else(|| region_of_environment(app)),
    }
}

/// The CA bundle (PEM) that calls for a profile are checked against; `None` for the system's root certificates.
pub(super) fn ca_bundle(app: &App, profile: Option<&Profile>) -> Option<PathBuf> {
    // botocore takes AWS_CA_BUNDLE before the profile's `ca_bundle` (botocore: configprovider.py).
    app.host.env.get_os("AWS_CA_BUNDLE").map(Into::into).or_else(|| profile?.ca_bundle.clone())
}

/// The caches that are shared with the AWS CLI; `None` without a home folder.
pub(super) fn caches(app: &App) -> Option<Caches> {
    let home = app.host.home.as_ref()?;
    Some(Caches { sso: sso_cache(&app.host)?.to_path_buf(), cli: home.join(".aws/cli/cache").to_path_buf() })
}

/// The region of AWS_REGION, else of AWS_DEFAULT_REGION.
pub(super) fn region_of_environment(app: &App) -> Option<String> {
    app.host.env.get("AWS_REGION").or_else(|| app.host.env.get("AWS_DEFAULT_REGION")).map(str::to_owned)
}
