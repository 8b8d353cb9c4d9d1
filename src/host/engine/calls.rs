//! Questions to a running engine, by way of its command line and under a time limit each.
//!
//! Nothing secret goes into an argument, where every user of the machine could read it: what a container's program
//! is to be told goes through its standard input.

use std::time::Duration;

use super::answers::{
    self, COMPONENT_LABEL, Container, RUNTIME_LABEL, WORKING_DIR_LABEL, parse_built_images, parse_containers,
    parse_runtime_label,
};
use super::{Engine, EngineError};
use crate::host::program::{self, Output, RunError};

impl Engine {
    /// The running Airflow containers of a project, sorted by service.
    ///
    /// `working_dir` is the project's folder as Compose recorded it when the project was started: absolute, by the
    /// path the person went (links not resolved), in the naming of the side that ran `astro dev start`.
    ///
    /// # Errors
    /// Every variant of [`EngineError`] but `NotFound`. A project that is not running is an empty list.
    pub async fn containers(&self, working_dir: &str, limit: Duration) -> Result<Vec<Container>, EngineError> {
        let (project, component) =
            (format!("label={WORKING_DIR_LABEL}={working_dir}"), format!("label={COMPONENT_LABEL}"));
        let arguments = ["ps", "--no-trunc", "--filter", &project, "--filter", &component, "--format", "{{json .}}"];
        let output = self.ask(&arguments, limit).await?;
        parse_containers(&output).map_err(|error| self.misunderstood("ps", &error.to_string()))
    }

    /// The Runtime version that an image names in its label; `None` where the image is not there or has none.
    ///
    /// # Errors
    /// Every variant of [`EngineError`] but `NotFound`.
    pub async fn image_runtime_version(&self, image: &str, limit: Duration) -> Result<Option<String>, EngineError> {
        let arguments = ["image", "inspect", "--format", "{{json .Config.Labels}}", "--", image];
        let output = self.run(&arguments, b"", limit).await?;
        if !output.is_success() {
            let missing = answers::is_no_such_image(&output.stderr) && !answers::is_unreachable(&output.stderr);
            return if missing { Ok(None) } else { Err(self.refused("image inspect", &output)) };
        }
        parse_runtime_label(&output.stdout).map_err(|error| self.misunderstood("image inspect", &error.to_string()))
    }

    /// The images that the Astro CLI has built for projects of this name (`project.name` of the configuration), for
    /// [`Engine::image_runtime_version`]. More than one where several folders bear the name.
    ///
    /// # Errors
    /// Every variant of [`EngineError`] but `NotFound`.
    pub async fn built_images(&self, project_name: &str, limit: Duration) -> Result<Vec<String>, EngineError> {
        let filter = format!("label={RUNTIME_LABEL}");
        let arguments = ["image", "ls", "--filter", &filter, "--format", "{{.Repository}}:{{.Tag}}"];
        Ok(parse_built_images(&self.ask(&arguments, limit).await?, project_name))
    }

    /// Runs a program inside a container as the container's own user, and feeds it `stdin`.
    ///
    /// The program's exit code is in the output and no error. `argv` is visible to every user of the machine.
    ///
    /// # Errors
    /// Every variant of [`EngineError`] but `NotFound`; `Failed` where the container is gone or not running.
    pub async fn exec(
        &self,
        container: &str,
        argv: &[&str],
        stdin: &[u8],
        limit: Duration,
    ) -> Result<Output, EngineError> {
        let mut arguments = vec!["exec", "-i", container];
        arguments.extend(argv);
        let output = self.run(&arguments, stdin, limit).await?;
        let engine_failed = !output.is_success()
            && output.stdout.is_empty()
            && (answers::is_unreachable(&output.stderr) || answers::is_no_such_container(&output.stderr));
        if engine_failed { Err(self.refused("exec", &output)) } else { Ok(output) }
    }

    /// Runs a Python program, handed over on its standard input, inside a container: nobody else sees it.
    ///
    /// # Errors
    /// As [`Engine::exec`]. A container without Python has the exit code 126 or 127.
    pub async fn exec_python(&self, container: &str, program: &[u8], limit: Duration) -> Result<Output, EngineError> {
        let run = |python: &'static str| async move { self.exec(container, &[python, "-"], program, limit).await };
        // 126 and 127: the program cannot be started, or is not there (docker exec, "Exit status").
        match run("python3").await {
            Ok(output) if matches!(output.code, Some(126 | 127)) => run("python").await,
            answer => answer,
        }
    }

    /// Runs the command line and returns its standard output if it succeeds.
    async fn ask(&self, arguments: &[&str], limit: Duration) -> Result<String, EngineError> {
        let output = self.run(arguments, b"", limit).await?;
        if output.is_success() { Ok(output.stdout) } else { Err(self.refused(subcommand(arguments), &output)) }
    }

    async fn run(&self, arguments: &[&str], stdin: &[u8], limit: Duration) -> Result<Output, EngineError> {
        program::run(&self.binary, arguments, &self.env, stdin, limit).await.map_err(|error| match error {
            RunError::TimedOut { limit, .. } => {
                EngineError::TimedOut { command: self.command(subcommand(arguments)), limit }
            }
            RunError::NotStarted { source, .. } | RunError::Lost { source, .. } => {
                EngineError::Failed { command: self.command(subcommand(arguments)), reason: source.to_string() }
            }
        })
    }

    fn refused(&self, subcommand: &str, output: &Output) -> EngineError {
        let reason = output.first_error_line().unwrap_or("it said nothing").to_owned();
        if answers::is_unreachable(&output.stderr) {
            EngineError::NotRunning { reason }
        } else {
            EngineError::Failed { command: self.command(subcommand), reason }
        }
    }

    fn misunderstood(&self, subcommand: &str, reason: &str) -> EngineError {
        EngineError::Failed { command: self.command(subcommand), reason: reason.to_owned() }
    }

    fn command(&self, subcommand: &str) -> String {
        format!("{} {subcommand}", self.name.as_str())
    }
}

fn subcommand<'a>(arguments: &[&'a str]) -> &'a str {
    arguments.first().copied().unwrap_or_default()
}
