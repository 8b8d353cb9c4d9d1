//! `secrets dag`: an example DAG for the project's Airflow, which reads one variable and one connection.

use crate::airflow::example_dag::{self, FILE_NAME, Flavour};
use crate::cli::secrets::DagArgs;
use crate::commands::init::airflow;
use crate::commands::project::Workspace;
use crate::commands::{App, choices};
use crate::delivery::entries::Owned;
use crate::delivery::record::Record;
use crate::plan::{Change, Plan, Restore};
use crate::project::Airflow;
use crate::report::outcome::secrets::DagWritten;
use crate::report::{Error, Kind};

/// The folder in which the Astro CLI looks for DAGs.
const DAGS: &str = "dags";

pub(super) async fn run(app: &mut App, args: &DagArgs) -> Result<DagWritten, Error> {
    let workspace = Workspace::open(app)?;
    let airflow = airflow::detect(app, args.airflow, &workspace).await?;
    let flavour = match airflow {
        Airflow::Three => Flavour::Three,
        Airflow::Two { .. } if workspace.project.runtime.takes_schedule() => Flavour::Two,
        Airflow::Two { .. } => Flavour::BeforeTwoFour,
    };
    let source = example_dag::source(flavour, &args.variable, &args.connection);
    let plan = plan(&workspace, source)?;
    let is_confirmed = plan.is_empty() || choices::confirm(app, &plan, None, "Write this DAG?")?;
    if is_confirmed && !plan.is_empty() {
        workspace.apply(app, &plan, Some(&record(&workspace)))?.or_fail()?;
    }
    Ok(DagWritten {
        airflow: airflow.major(),
        dag_id: example_dag::DAG_ID,
        variable: args.variable.clone(),
        connection: args.connection.clone(),
        files: choices::file_changes(&plan),
        dry_run: app.global.dry_run,
        project: workspace.root().to_owned(),
    })
}

/// The one change.
///
/// # Errors
/// [`Kind::Refused`] where another file has this name: also one of ours that a person has changed since.
fn plan(workspace: &Workspace, source: String) -> Result<Plan, Error> {
    let path = workspace.root().join(DAGS).join(FILE_NAME);
    let before = workspace.read(&path)?;
    let remembered = &workspace.remembered;
    let is_ours = remembered
        .loaded
        .files
        .get(&path)
        .is_some_and(|file| matches!(remembered.store.restore(file, before.as_deref()), Restore::Delete));
    let is_free = before.as_ref().is_none_or(|before| is_ours || *before == source.as_bytes());
    if !is_free {
        return Err(Error::new(Kind::Refused, format!("{} is there and holds something else", path.display()))
            .hint("rename or delete that file, then run `astro-aws secrets dag` again"));
    }
    Ok(Plan { changes: vec![Change::new(path, before, Some(source.into_bytes()))] })
}

/// What is remembered, with the file.
fn record(workspace: &Workspace) -> Record {
    let ours = Owned::File { path: format!("{DAGS}/{FILE_NAME}") };
    let mut record = workspace.record().cloned().unwrap_or_else(|| Record {
        project: workspace.root().to_owned(),
        set_up: None,
        secrets: Vec::new(),
    });
    if !record.secrets.contains(&ours) {
        record.secrets.push(ours);
    }
    record
}
