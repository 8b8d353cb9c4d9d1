//! The outcomes of `secrets deploy` and `dag`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::report::outcome::{Change, FileChange};
use crate::report::style::{GOOD, STRONG};

/// The outcome of `secrets deploy`.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// The Deployment.
    pub deployment_id: String,
    /// The role that its Airflow assumes; `null` for the Deployment's own identity.
    pub role_arn: Option<String>,
    /// The region of the secrets.
    pub region: String,
    /// What it shall have.
    pub variables: Vec<DeploymentVariable>,
    /// The shell that the lines are quoted for: `sh`, `powershell` or `windows-powershell`.
    pub shell: &'static str,
    /// The commands that set it, in this order.
    pub commands: Vec<AstroCommand>,
    /// They were run.
    pub ran: bool,
    /// The secrets backend was taken out of this project.
    pub removed_local: bool,
    /// The files of the project that changed.
    pub files: Vec<FileChange>,
    /// Nothing was run or written.
    pub dry_run: bool,
    /// The commands were printed before a question.
    #[serde(skip)]
    pub is_printed: bool,
}

/// An environment variable of a Deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeploymentVariable {
    /// Its name.
    pub key: &'static str,
    /// Its value, which has no credentials in it.
    pub value: String,
    /// Whether Astro shows it to nobody.
    pub secret: bool,
}

/// A command of the Astro CLI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AstroCommand {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The same as a person can paste it.
    pub line: String,
}

impl Deployed {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if self.ran {
            let keys: Vec<_> = self.variables.iter().map(|variable| variable.key).collect();
            let _ = writeln!(
                text,
                "{GOOD}✓{GOOD:#} Deployment {STRONG}{}{STRONG:#} has {}",
                self.deployment_id,
                keys.join(" and ")
            );
        } else if !self.is_printed {
            self.commands.iter().for_each(|command| text.extend([command.line.as_str(), "\n"]));
        }
        text
    }
}

/// The outcome of `secrets dag`.
#[derive(Debug, Serialize)]
pub struct DagWritten {
    /// The Airflow major version that it is for.
    pub airflow: u8,
    /// The DAG's id.
    pub dag_id: &'static str,
    /// The variable that it reads.
    pub variable: String,
    /// The connection that it reads.
    pub connection: String,
    /// The file.
    pub files: Vec<FileChange>,
    /// Nothing was written.
    pub dry_run: bool,
    /// The project's folder.
    #[serde(skip)]
    pub project: PathBuf,
}

impl DagWritten {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for FileChange { path, change } in &self.files {
            let path = path.strip_prefix(&self.project).unwrap_or(path).display();
            let state = match (change, self.dry_run) {
                (Change::Unchanged, _) => "is there already",
                (_, true) => "would be written",
                (_, false) => "is written",
            };
            let _ = writeln!(text, "{GOOD}✓{GOOD:#} {STRONG}{path}{STRONG:#} {state}, for Airflow {}", self.airflow);
        }
        let _ = writeln!(
            text,
            "  It reads the variable {STRONG}{}{STRONG:#} and the connection {STRONG}{}{STRONG:#}, and prints neither.",
            self.variable, self.connection
        );
        if !self.dry_run {
            let _ = writeln!(
                text,
                "Next: `astro-aws secrets check`, which tells whether both are there; `astro dev start`; then trigger {0} in the Airflow UI, or `astro dev run dags test {0}`.",
                self.dag_id
            );
        }
        text
    }
}
