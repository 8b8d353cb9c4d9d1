//! Warnings of what Airflow makes of kwargs, ids and connections, where that is not what they look like.

use crate::airflow::connection::{Connection, ExtraWords};
use crate::airflow::findings::{self, Finding, Place};
use crate::airflow::{Backend, Configured, Kind};
use crate::commands::project::Workspace;
use crate::commands::{App, profile};
use crate::delivery::Delivery;

/// Warns of a backend's kwargs.
pub(super) fn of_kwargs(app: &App, workspace: Option<&Workspace>, configured: &Configured) {
    let place = Place::Local { profiles: workspace.and_then(|workspace| profiles(app, workspace)) };
    findings::of_kwargs(configured, &place).iter().for_each(|finding| warn(app, finding));
}

/// Warns of an id.
pub(super) fn of_id(app: &App, kind: Kind, id: &str) {
    findings::of_id(kind, id).iter().for_each(|finding| warn(app, finding));
}

/// Warns of a connection that not every Airflow reads alike, or not as a whole.
pub(super) fn of_connection(app: &App, what: &str, text: &str, backend: Backend, words: &ExtraWords) {
    for difference in Connection::differences(text, backend, words) {
        app.report.warn("airflow_differs", format!("{what} {difference}"));
    }
    for key in Connection::passed_over(text, backend, words) {
        let message = format!("{what} has `{}` in its JSON, which Airflow passes over", key.escape_debug());
        app.report.warn("passed_over", message);
    }
}

fn warn(app: &App, finding: &Finding) {
    app.report.warn(finding.id(), finding.to_string());
}

/// The profiles that the containers have: that of a session alone, else those of the mounted folder; `None` where neither
/// was set up.
fn profiles(app: &App, workspace: &Workspace) -> Option<Vec<String>> {
    let set_up = workspace.set_up()?;
    if set_up.delivery == Some(Delivery::Session) {
        return Some(vec![set_up.profile.clone()]);
    }
    let set = profile::read(app, &profile::locate(app).ok()?).ok()?;
    Some(set.names().into_iter().map(str::to_owned).collect())
}
