//! The programs that astro-aws finds on PATH, as shell scripts that answer from files: docker, aws and astro
//! (the browser is `browser.rs`).
//!
//! The scripts themselves are never written by a test (a script that another thread's fork still holds open cannot
//! be run): a test links the ones of `tests/support/programs` into its PATH and writes what they answer.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::environment::{TestEnvironment, copy_folder};

/// What the program that `verify` runs in a container finds there.
pub(crate) struct Probe {
    stdout: String,
    stderr: &'static str,
    exit_code: u8,
}

impl Probe {
    /// The container acts as `arn`.
    pub(crate) fn acts_as(arn: &str) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let identity = json!({"account": account, "arn": arn, "user_id": "AIDAEXAMPLE"});
        Self::finds(&json!({"source": "shared-credentials-file", "identity": identity}))
    }

    /// The container's Python answers, and these findings differ from those of a container where all is in place.
    pub(crate) fn finds(differing: &Value) -> Self {
        let mut found = json!({
            "python": "3.12.12", "profile": "default", "overriding": [], "missing": [],
            "unreadable": [],
        });
        for (key, value) in differing.as_object().into_iter().flatten() {
            found[key] = value.clone();
        }
        Self { stdout: format!("{found}\n"), stderr: "", exit_code: 0 }
    }

    /// The container could not even run it.
    pub(crate) fn fails_with(exit_code: u8, stderr: &'static str) -> Self {
        Self { stdout: String::new(), stderr, exit_code }
    }
}

impl TestEnvironment {
    /// Puts a docker on PATH that runs nothing yet.
    pub(crate) fn with_docker(self) -> Self {
        self.link_program("docker");
        fs::create_dir(self.root().join("docker")).unwrap();
        self
    }

    /// A docker whose daemon never answers.
    pub(crate) fn with_hanging_docker(self) -> Self {
        let environment = self.with_docker();
        environment.write_answer("docker/hangs", "");
        environment
    }

    /// A docker whose daemon is not running.
    pub(crate) fn with_docker_down(self) -> Self {
        let environment = self.with_docker();
        environment.write_answer("docker/down", "");
        environment
    }

    /// Gives docker an image, labelled with this version of Astro Runtime.
    pub(crate) fn has_image(&self, name: &str, runtime: &str) {
        let label = "io.astronomer.docker.runtime.version";
        let folder = format!("docker/images/{}", name.replace(['/', ':'], "_"));
        self.write_answer(&format!("{folder}/name"), &format!("{name}\n"));
        self.write_answer(&format!("{folder}/labels"), &format!("{label}={runtime}\n"));
        self.write_answer(&format!("{folder}/labels.json"), &format!("{}\n", json!({label: runtime})));
    }

    /// Runs the container of `service` of this environment's project.
    pub(crate) fn runs(&self, service: &str, probe: &Probe) {
        let project = self.project();
        self.runs_for_project(&project, service, probe);
    }

    /// Runs a container of the project in another folder.
    pub(crate) fn runs_for_project(&self, project: &Path, service: &str, probe: &Probe) {
        let id = format!("{service}{}", fs::read_dir(self.root().join("docker/containers")).map_or(0, Iterator::count));
        let labels = format!(
            "com.docker.compose.project.working_dir={}\n\
             com.docker.compose.service={service}\n\
             io.astronomer.docker.component=airflow-{service}\n\
             io.astronomer.docker.runtime.version=3.1-12\n",
            project.display()
        );
        let row = json!({
            "ID": id, "Names": format!("stand-in-{service}-1"), "Image": "stand-in/airflow:latest", "State": "running",
            "Status": "Up 2 minutes", "Labels": labels.trim_end().replace('\n', ","),
        });
        let folder = format!("docker/containers/{id}");
        self.write_answer(&format!("{folder}/labels"), &labels);
        self.write_answer(&format!("{folder}/ps.json"), &format!("{row}\n"));
        self.write_answer(&format!("{folder}/stdout"), &probe.stdout);
        self.write_answer(&format!("{folder}/stderr"), probe.stderr);
        self.write_answer(&format!("{folder}/exit-code"), &probe.exit_code.to_string());
    }

    /// Puts an AWS CLI on PATH that calls itself `version` and knows no command yet.
    pub(crate) fn with_aws_cli(self, version: &str) -> Self {
        self.link_program("aws");
        self.write_answer("awscli/version", &format!("aws-cli/{version} Python/3.13.11 Linux/6.1.0 exe/x86_64\n"));
        self
    }

    /// Lets the AWS CLI's `step` (`configure`, `configure-sso`) write `text` to `~/.aws/<path>`.
    pub(crate) fn aws_cli_writes(&self, step: &str, path: &str, text: &str) {
        self.write_answer(&format!("awscli/{step}/{path}"), &self.fill_in(text));
    }

    /// Puts an Astro CLI on PATH whose `astro dev init` makes the project of this fixture.
    pub(crate) fn with_astro_cli(self, fixture: &str) -> Self {
        self.link_program("astro");
        copy_folder(&fixture_project(fixture), &self.root().join("astro/project"));
        self
    }

    /// Puts an Astro CLI on PATH that is signed in, for a Deployment with these variables: key, value, whether secret.
    pub(crate) fn with_astro_deployment(self, variables: &[(&str, &str, bool)]) -> Self {
        self.link_program("astro");
        fs::create_dir_all(self.root().join("astro")).unwrap();
        if !variables.is_empty() {
            // As astronomer/astro-cli:pkg/printutil/printutil.go prints a table.
            let row = |cells: [&str; 4]| format!(" {:<6}{:<60}{:<60}{:<11}\n", cells[0], cells[1], cells[2], cells[3]);
            let rows = variables.iter().enumerate().map(|(index, (key, value, is_secret))| {
                let shown = if *is_secret { "****" } else { value };
                row([&(index + 1).to_string(), key, shown, &is_secret.to_string()])
            });
            let table: String = std::iter::once(row(["#", "KEY", "VALUE", "SECRET"])).chain(rows).collect();
            self.write_answer("astro/variables", &table);
        }
        self
    }

    /// The Astro CLI has nobody signed in.
    pub(crate) fn astro_is_signed_out(&self) {
        self.write_answer("astro/signed-out", "");
    }

    /// The Astro CLI cannot set this variable.
    pub(crate) fn astro_fails_on(&self, key: &str) {
        self.write_answer("astro/fails-on", key);
    }

    /// Puts a systemctl on PATH that starts whatever it is asked to.
    pub(crate) fn with_systemd(self) -> Self {
        self.link_program("systemctl");
        self.write_answer("systemctl/calls", "");
        self
    }

    /// No systemd runs for this account, as in a container.
    pub(crate) fn systemd_is_down(&self) {
        self.write_answer("systemctl/down", "");
    }

    /// Every service fails as soon as it is started.
    pub(crate) fn systemd_starts_nothing(&self) {
        self.write_answer("systemctl/broken", "");
    }

    /// How `program` was called, a call a line, each argument in brackets.
    pub(crate) fn calls_of(&self, program: &str) -> String {
        let folder = if program == "aws" { "awscli" } else { program };
        fs::read_to_string(self.root().join(folder).join("calls")).unwrap_or_default()
    }

    fn link_program(&self, name: &str) {
        self.link_program_as(name, name);
    }

    /// Puts the program of `tests/support/programs` on PATH under another name.
    pub(super) fn link_program_as(&self, program: &str, name: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/programs").join(program);
        let link = self.root().join("bin").join(name);
        if fs::symlink_metadata(&link).is_err() {
            symlink(script, link).unwrap();
        }
    }

    fn write_answer(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The folder of a fixture project.
pub(crate) fn fixture_project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(name)
}
