//! What a project's own files give Airflow beside the secrets backend: AIRFLOW_CONN_ and AIRFLOW_VAR_ variables, and
//! `airflow_settings.yaml`, which `astro dev start` loads into the metastore.
//!
//! Airflow asks the secrets backend first, then the environment, then the metastore
//! (apache/airflow:airflow-core/src/airflow/configuration.py, `initialize_secrets_backends`).

use std::collections::BTreeSet;

use crate::airflow::Kind;
use crate::airflow::exchange::{self, Contents, Format};
use crate::commands::App;
use crate::commands::project::Workspace;
use crate::delivery::environment::{Environment, Variable};
use crate::delivery::lookups::is_setting;
use crate::edit::dotenv::DotEnv;
use crate::project::sources::IgnoreSyntax;
use crate::project::{Airflow, DOTENV};
use crate::report::Error;

/// The file from which the Astro CLI fills the metastore.
const SETTINGS: &str = "airflow_settings.yaml";

/// What the files have.
#[derive(Debug)]
pub(super) struct Beside<'a> {
    environment: &'a Environment,
    metastore: BTreeSet<(Kind, String)>,
}

/// A variable of the environment that Airflow takes an id from.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) name: String,
    pub(super) variable: &'a Variable,
}

impl<'a> Beside<'a> {
    /// Reads what is there of a project.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub(super) fn read(app: &App, workspace: Option<&Workspace>, environment: &'a Environment) -> Result<Self, Error> {
        let mut metastore = BTreeSet::new();
        let path = workspace.map(|workspace| workspace.root().join(SETTINGS));
        let bytes = workspace.zip(path.as_ref()).map(|(workspace, path)| workspace.read(path)).transpose()?.flatten();
        if let (Some(bytes), Some(path)) = (bytes, path) {
            match exchange::read(Format::AirflowSettings, None, &bytes) {
                Ok(Contents { items, .. }) => {
                    metastore.extend(items.into_iter().map(|item| (item.value.kind(), item.id)));
                }
                Err(errors) => {
                    let error = errors.first().map(ToString::to_string).unwrap_or_default();
                    app.report.warn("airflow_settings", format!("`{}` is not counted: {error}", path.display()));
                }
            }
        }
        Ok(Self { environment, metastore })
    }

    /// The variable of an id (apache/airflow:airflow-core/src/airflow/secrets/environment_variables.py).
    pub(super) fn variable(&self, kind: Kind, id: &str) -> Option<Line<'a>> {
        let beginning = match kind {
            Kind::Connection => "AIRFLOW_CONN_",
            Kind::Variable => "AIRFLOW_VAR_",
            Kind::Config => return None,
        };
        let name = format!("{beginning}{}", id.to_uppercase());
        let variable = self.environment.get(&name)?;
        Some(Line { name, variable })
    }

    /// Whether the metastore is filled with it.
    pub(super) fn is_in_metastore(&self, kind: Kind, id: &str) -> bool {
        self.metastore.contains(&(kind, id.to_owned()))
    }

    /// The AIRFLOW__SECRETS__ variables of every container. What Compose fills in is left out: it depends on the shell.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let settings = self.environment.iter().filter(|(name, variable)| is_setting(name) && !variable.is_expanded);
        settings.map(|(name, variable)| (name.to_owned(), variable.value.expose().to_owned())).collect()
    }
}

/// How `.airflowignore` files are written in a project: as its Airflow has it, or as its `.env` says.
pub(super) fn ignore_syntax(workspace: &Workspace) -> IgnoreSyntax {
    let bytes = workspace.read(&workspace.root().join(DOTENV)).ok().flatten();
    let file = bytes.and_then(|bytes| DotEnv::parse(&bytes).ok());
    let set = file.as_ref().and_then(|file| file.get("AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX"));
    match (set.map(|set| set.value.as_str()), workspace.project.airflow()) {
        (Some("regexp"), _) | (None, Some(Airflow::Two { .. })) => IgnoreSyntax::Regexp,
        _ => IgnoreSyntax::Glob,
    }
}
