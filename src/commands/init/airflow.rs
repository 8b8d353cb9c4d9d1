//! Which Airflow a project runs: told by an option, the Dockerfile, the built image, or the person, in this order.

use crate::commands::App;
use crate::commands::project::{ENGINE_LIMIT, Workspace};
use crate::host::EngineError;
use crate::project::{Airflow, Runtime, airflow_from_runtime_label};
use crate::report::{Error, Kind, prompt};

/// The Airflow version: the `asked` one of `--airflow`, the Dockerfile, what was given before, the built image's label, or the person.
///
/// # Errors
/// [`Kind::Project`] where none of them tells.
pub(in crate::commands) async fn detect(
    app: &mut App,
    asked: Option<u8>,
    workspace: &Workspace,
) -> Result<Airflow, Error> {
    if let Some(airflow) = asked.and_then(Airflow::from_major) {
        // The Dockerfile may know more of the same version: an old Runtime without a triggerer.
        return Ok(match workspace.project.airflow() {
            Some(found) if found.major() == airflow.major() => found,
            Some(found) => {
                app.report.warn(
                    "airflow",
                    format!(
                        "--airflow {} was asked for, but the Dockerfile's image is of Airflow {}; `astro dev start` fails on a service that it lacks",
                        airflow.major(),
                        found.major()
                    ),
                );
                airflow
            }
            None => airflow,
        });
    }
    let given_before = workspace.set_up().and_then(|record| record.airflow).and_then(Airflow::from_major);
    let why = match &workspace.project.runtime {
        Runtime::Found { airflow, why, .. } => {
            app.report.detail(why);
            return Ok(*airflow);
        }
        Runtime::Unclear { why, .. } => why,
    };
    if let Some(airflow) = given_before {
        return Ok(airflow);
    }
    let why = match airflow_of_image(app, workspace).await {
        Ok(Some(airflow)) => return Ok(airflow),
        Ok(None) => why.clone(),
        Err(error) => format!("{why}, and its image could not be asked about: {error}"),
    };
    let unclear =
        Error::new(Kind::Project, format!("the Dockerfile does not tell which Airflow this project runs: {why}"))
            .hint("say it with `--airflow 2` or `--airflow 3`");
    if !app.may_ask() {
        return Err(unclear);
    }
    let choices = vec!["Airflow 3".to_owned(), "Airflow 2".to_owned()];
    match prompt::select(&format!("Which Airflow does this project run? The Dockerfile does not tell: {why}"), choices)?
    {
        0 => Ok(Airflow::Three),
        _ => Airflow::from_major(2).ok_or(unclear),
    }
}

/// What the label of the project's built image, or of its base image, says; `None` where none says anything.
async fn airflow_of_image(app: &App, workspace: &Workspace) -> Result<Option<Airflow>, EngineError> {
    let engine = workspace.engine(app)?;
    let _progress = app.report.progress("asking the container engine about the project's image");
    let mut images = engine.built_images(&workspace.project.name(), ENGINE_LIMIT).await?;
    if let Runtime::Unclear { image: Some(image), .. } = &workspace.project.runtime {
        images.push(image.clone());
    }
    let mut found = Vec::new();
    for image in images {
        app.report.detail(format!("asking for the label of {image}"));
        let label = engine.image_runtime_version(&image, ENGINE_LIMIT).await?;
        found.extend(label.as_deref().and_then(airflow_from_runtime_label));
    }
    // Images of two projects of one name that disagree tell nothing.
    let first = found.first().copied();
    Ok(first.filter(|first| found.iter().all(|airflow| airflow == first)))
}
