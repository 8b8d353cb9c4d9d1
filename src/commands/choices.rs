//! What a person decides before anything is written: the diff, and yes or no.

use crate::plan::{self, Kind as ChangeKind, Plan};
use crate::report::outcome::{Change, FileChange};
use crate::report::{Error, Kind, diff, prompt};

use super::{App, secrets};

/// Shows a plan, then what it amounts to, and asks. True where it is to be applied; false for a dry run.
///
/// # Errors
/// [`Kind::Refused`] where nobody can be asked and `--yes` is not given; [`Kind::Failed`] for a no.
pub(super) fn confirm(app: &App, plan: &Plan, summary: Option<&str>, question: &str) -> Result<bool, Error> {
    let shown = diff::lines(&plan::diff(&secrets::masked_plan(plan)));
    if app.global.dry_run {
        app.report.result_lines(shown.iter().map(String::as_str));
        return Ok(false);
    }
    if app.global.yes {
        shown.iter().for_each(|line| app.report.note(line));
        return Ok(true);
    }
    if !app.may_ask() {
        shown.iter().for_each(|line| app.report.note(line));
        let why = app.why_not_asked();
        return Err(Error::new(Kind::Refused, format!("these changes need a yes, and {why}"))
            .hint("apply them with `--yes`, or look at them with `--dry-run`"));
    }
    // Who is asked sees what about, be it with --quiet.
    shown.iter().map(String::as_str).chain(summary).for_each(|line| app.report.show(line));
    if prompt::confirm(question, true)? { Ok(true) } else { Err(Error::new(Kind::Failed, "not applied")) }
}

/// The files of a plan, as reports name what happened to them.
pub(super) fn file_changes(plan: &Plan) -> Vec<FileChange> {
    let change = |kind| match kind {
        ChangeKind::Created => Change::Created,
        ChangeKind::Updated => Change::Updated,
        ChangeKind::Unchanged => Change::Unchanged,
        ChangeKind::Removed => Change::Removed,
    };
    plan.changes.iter().map(|found| FileChange { path: found.path.clone(), change: change(found.kind()) }).collect()
}
