//! What keeps `secrets enable` from writing: lines that would not count, and what a person set by hand.

use super::merge::Merged;
use crate::airflow::Backend;
use crate::airflow::backend::BACKEND_VARIABLE;
use crate::cli::secrets::EnableArgs;
use crate::commands::project::Workspace;
use crate::commands::secrets::present::{Found, Present, in_override, is_of_backend, is_ours};
use crate::commands::secrets::{AWS_CONNECTION, AWS_CONNECTION_VARIABLE};
use crate::commands::{App, failures};
use crate::delivery::compose::InService;
use crate::project::OVERRIDE;
use crate::report::{Error, Kind, prompt};

/// Refuses where the override file sets what `.env` would set: it beats `.env`.
///
/// # Errors
/// [`Kind::Refused`].
pub(super) fn override_file(workspace: &Workspace, args: &EnableArgs) -> Result<(), Error> {
    let is_asked = |name: &str| is_of_backend(name) || (args.aws_connection && name == AWS_CONNECTION_VARIABLE);
    let found = in_override(workspace, is_asked)?;
    if found.is_empty() {
        return Ok(());
    }
    let path = workspace.root().join(OVERRIDE);
    let told = |found: &InService| format!("{}: {} ({})", failures::place(&path, found.line), found.key, found.service);
    let list: Vec<_> = found.iter().map(told).collect();
    Err(Error::new(
        Kind::Refused,
        format!(
            "the override file sets the secrets backend, and beats .env, so that lines there would not count:\n  {}",
            list.join("\n  ")
        ),
    )
    .hint("take these entries out of the override file, then run the command again"))
}

/// Asks, or refuses, where another backend or another AWS connection was set by hand.
///
/// # Errors
/// [`Kind::Refused`] where nobody may be asked; [`Kind::Failed`] for a no.
pub(super) fn set_by_hand(app: &App, args: &EnableArgs, workspace: &Workspace, present: &Present) -> Result<(), Error> {
    let owned = workspace.record().map_or(&[][..], |record| &record.secrets);
    let wanted = Backend::from(args.backend).class_path();
    let by_hand = |found: &Found, wanted: &str| found.value != wanted && !is_ours(owned, found);
    let class = present.class().filter(|found| by_hand(found, wanted));
    let connection = present.in_dotenv(AWS_CONNECTION_VARIABLE).filter(|found| by_hand(found, AWS_CONNECTION));
    let told = [
        class.map(|found| format!("{}: {BACKEND_VARIABLE}={}", found.place, found.value)),
        // The value of a connection may be a password.
        connection.filter(|_| args.aws_connection).map(|found| format!("{}: {AWS_CONNECTION_VARIABLE}", found.place)),
    ];
    let list: Vec<_> = told.into_iter().flatten().collect();
    if list.is_empty() || args.overwrite {
        return Ok(());
    }
    let list = list.join("\n  ");
    if !app.may_ask() || app.global.yes {
        return Err(Error::new(
            Kind::Refused,
            format!("this was set by hand, and differs from what is asked for:\n  {list}"),
        )
        .hint("replace it with `--overwrite`; `astro-aws undo` brings it back"));
    }
    app.report.show(format!("This was set by hand, and differs from what is asked for:\n  {list}"));
    if prompt::confirm("Replace it? `astro-aws undo` brings it back", false)? {
        return Ok(());
    }
    Err(Error::new(Kind::Failed, "not applied"))
}

/// Refuses where a variable of the Dockerfile would have to go: `.env` can only give it another text.
///
/// # Errors
/// [`Kind::Refused`].
pub(super) fn beyond(merged: &Merged) -> Result<(), Error> {
    let list: Vec<_> = merged.beyond.iter().map(|found| format!("{}: {}", found.place, found.name)).collect();
    if list.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Refused,
        format!("the Dockerfile sets what shall not be set, and .env cannot take it back:\n  {}", list.join("\n  ")),
    )
    .hint("take it out of the Dockerfile, then run the command again"))
}
