//! What the benchmarks stand on: a home, projects, the stand-in for AWS, and the time that whole processes take in it.
//!
//! The AWS CLI to compare with is taken from PATH, or from ASTRO_AWS_BENCH_CLI (a command line); ASTRO_AWS_BENCH_BINARY is
//! another binary to measure, such as a release.
#![allow(dead_code, reason = "each benchmark takes a part of it")]

#[path = "../../tests/support/aws/mod.rs"]
pub(crate) mod aws;
pub(crate) mod moto;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws::Aws;
use tempfile::TempDir;

/// A home and a stand-in for AWS; gone when dropped.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) aws: Aws,
    /// Whom commands ask: the stand-in, where nothing else is said.
    pub(crate) endpoint: String,
}

impl World {
    /// With an empty home.
    pub(crate) fn new() -> Self {
        let aws = Aws::start().unwrap();
        let endpoint = aws.url();
        Self { folder: TempDir::new().unwrap(), aws, endpoint }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// An Astro project of this name.
    pub(crate) fn write_project(&self, name: &str) {
        self.write(&format!("{name}/.astro/config.yaml"), "project:\n    name: bench\n");
        self.write(&format!("{name}/Dockerfile"), "FROM astrocrpublic.azurecr.io/runtime:3.1-12\n");
        self.write(&format!("{name}/.env"), "");
    }

    /// A command in the folder of a project, silent.
    pub(crate) fn command(&self, project: &str, words: &[String]) -> Command {
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .current_dir(self.path(project))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("DOCKER_HOST", format!("unix://{}", self.path("no-engine.sock").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs a command to its end, which has to be a good one.
    pub(crate) fn run(&self, project: &str, words: &[String]) {
        let output = self.command(project, words).stderr(Stdio::piped()).output().unwrap();
        let line = words[..words.len().min(8)].join(" ");
        assert!(output.status.success(), "{line} fails: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The median whole-process time of several runs, each made ready by `prepare`, after one to warm up.
    pub(crate) fn time(&self, project: &str, words: &[String], runs: usize, prepare: impl Fn()) -> Duration {
        prepare();
        self.run(project, words);
        let times = (0..runs).map(|_| {
            prepare();
            let start = Instant::now();
            assert!(self.command(project, words).status().unwrap().success(), "{words:?} fails");
            start.elapsed()
        });
        median(times.collect())
    }
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A command line, split at its spaces.
pub(crate) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A command line of the binary that is measured.
pub(crate) fn ours(arguments: &str) -> Vec<String> {
    [vec![binary().display().to_string()], words(arguments)].concat()
}

/// The binary that is measured.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("ASTRO_AWS_BENCH_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_astro-aws").into()).into()
}

/// A command line of the AWS CLI, where there is one.
pub(crate) fn aws_cli(world: &World, project: &str, arguments: &str) -> Option<Vec<String>> {
    let cli = std::env::var("ASTRO_AWS_BENCH_CLI").unwrap_or_else(|_| "aws".to_owned());
    let answers = world.command(project, &words(&format!("{cli} --version"))).status();
    answers.is_ok_and(|status| status.success()).then(|| words(&format!("{cli} {arguments}")))
}

/// Prints a row of the table.
pub(crate) fn row(name: &str, value: f64, unit: &str) {
    println!("{name:<72} {value:>9.2} {unit}");
}

/// A time in a row.
pub(crate) fn row_of(name: &str, time: Duration) {
    row(name, time.as_secs_f64() * 1000.0, "ms");
}
