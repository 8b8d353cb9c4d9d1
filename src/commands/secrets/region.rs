//! The region in which a project's secrets are, found without a question: for texts about it, no call is made.
//!
//! A backend comes in, its region goes out. Where calls are made, `connect` finds it together with the profile.

use crate::commands::project::Workspace;
use crate::commands::{App, profile};
use crate::report::{Error, Kind};

use super::backend::Backed;

/// The region: that of `--region`, the backend's `region_name`, what the project was set up with, AWS_REGION or
/// AWS_DEFAULT_REGION, the profile's.
///
/// # Errors
/// [`Kind::Usage`] where none of them tells, or for what is no region.
pub(super) fn of_secrets(app: &App, backed: &Backed) -> Result<String, Error> {
    let of_backend = || backed.configured.kwargs.text("region_name").map(str::to_owned);
    let region = backed.asked_region.clone().or_else(of_backend).or_else(|| of_surroundings(app, backed));
    let region = region.ok_or_else(|| {
        Error::new(Kind::Usage, "it is not known in which region the secrets are").hint("name it with `--region`")
    })?;
    if !crate::aws::arn::is_region(&region) {
        return Err(Error::new(Kind::Usage, format!("`{region}` is no AWS region"))
            .hint("name one such as `eu-west-1` with `--region`"));
    }
    Ok(region)
}

fn of_surroundings(app: &App, backed: &Backed) -> Option<String> {
    app.global.region.clone().or_else(|| profile::region_of_environment(app)).or_else(|| {
        let set = profile::read(app, &profile::locate(app).ok()?).ok()?;
        let set_up_with = backed.workspace.as_ref().and_then(Workspace::profile);
        let profile = profile::choose_silently(app, &set, set_up_with)?.ok()?;
        profile.region().map(str::to_owned)
    })
}
