//! What a person waits for: whole-process times, beside the AWS CLI and `/bin/true`. `cargo bench` prints a table.
//!
//! A measurement, not a test: nothing passes or fails by the clock. The AWS CLI is taken from PATH, or from
//! ASTRO_AWS_BENCH_CLI (a command line), and left out where there is none.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot measure")]

#[path = "../tests/support/aws/mod.rs"]
mod aws;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use astro_aws::aws::profile::ProfileSet;
use aws::{Aws, Identity};
use tempfile::TempDir;

const KEY: &str = "AKIADEFAULTEXAMPLE01";
const RUNS: usize = 40;
const RUNS_OF_THE_AWS_CLI: usize = 7;

struct World {
    folder: TempDir,
    aws: Aws,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let world = Self { folder, aws: Aws::start().unwrap() };
        world.aws.knows_key(KEY, Identity::user("111122223333", "ana"));
        world.write(
            "home/.aws/credentials",
            &format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key = benchmark\n"),
        );
        world.write("home/.aws/config", "[default]\nregion = eu-west-1\n");
        world.write("project/.astro/config.yaml", "project:\n    name: bench\n");
        world.write("project/Dockerfile", "FROM astrocrpublic.azurecr.io/runtime:3.1-12\n");
        world.write("project/.env", "");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("AWS_ENDPOINT_URL", self.aws.url())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("DOCKER_HOST", format!("unix://{}", self.path("no-engine.sock").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// The median whole-process time of several runs, after one to warm up.
    fn time(&self, words: &[String], runs: usize) -> Duration {
        assert!(self.command(words).status().unwrap().success(), "{words:?} fails");
        let mut times: Vec<_> = (0..runs)
            .map(|_| {
                let start = Instant::now();
                assert!(self.command(words).status().unwrap().success(), "{words:?} fails");
                start.elapsed()
            })
            .collect();
        times.sort();
        times[times.len() / 2]
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

fn ours(arguments: &str) -> Vec<String> {
    [vec![env!("CARGO_BIN_EXE_astro-aws").to_owned()], words(arguments)].concat()
}

fn row(name: &str, time: Duration) {
    println!("{name:<58} {:>9.2} ms", time.as_secs_f64() * 1000.0);
}

fn main() {
    let world = World::new();
    assert!(world.command(&ours("init --yes --no-verify --delivery session")).status().unwrap().success());
    row("/bin/true", world.time(&words("/bin/true"), RUNS));
    row("astro-aws init --yes --no-verify (set up: session)", world.time(&ours("init --yes --no-verify"), RUNS));
    assert!(world.command(&ours("init --yes --no-verify --delivery mount")).status().unwrap().success());
    row("astro-aws init --yes --no-verify (set up: mount)", world.time(&ours("init --yes --no-verify"), RUNS));
    row("astro-aws verify --in host", world.time(&ours("verify --in host"), RUNS));
    let cli = std::env::var("ASTRO_AWS_BENCH_CLI").unwrap_or_else(|_| "aws".to_owned());
    match world.command(&words(&format!("{cli} --version"))).status() {
        Ok(status) if status.success() => {
            let list = words(&format!("{cli} configure list-profiles"));
            row("aws configure list-profiles", world.time(&list, RUNS_OF_THE_AWS_CLI));
            let identity = words(&format!("{cli} sts get-caller-identity --no-cli-pager"));
            row("aws sts get-caller-identity (same STS)", world.time(&identity, RUNS_OF_THE_AWS_CLI));
        }
        _ => println!("no AWS CLI to compare with: set ASTRO_AWS_BENCH_CLI"),
    }
    row("a config of 10,000 profiles, read (in the process)", ten_thousand_profiles());
    let size = fs::metadata(env!("CARGO_BIN_EXE_astro-aws")).unwrap().len();
    println!("{:<58} {:>9.2} MB", "the binary", size as f64 / 1e6);
}

fn ten_thousand_profiles() -> Duration {
    let mut config = String::new();
    for number in 0..10_000 {
        let _ = write!(
            config,
            "[profile p{number}]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Dev\nregion = eu-west-1\n\n"
        );
    }
    config.push_str(
        "[sso-session corp]\nsso_start_url = https://d-1234567890.awsapps.com/start\nsso_region = eu-west-1\n",
    );
    let mut times: Vec<_> = (0..9)
        .map(|_| {
            let start = Instant::now();
            let set = ProfileSet::parse((Path::new("config"), &config), (Path::new("credentials"), "")).unwrap();
            assert!(set.profile("p9999").is_ok());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
