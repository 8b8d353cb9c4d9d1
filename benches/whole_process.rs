//! What a person waits for: whole-process times, beside the AWS CLI and `/bin/true`. `cargo bench` prints a table.
//!
//! A measurement, not a test: nothing passes or fails by the clock. The AWS CLI is left out where there is none.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot measure")]

mod world;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use astro_aws::aws::profile::ProfileSet;
use world::aws::Identity;
use world::{World, aws_cli, binary, median, ours, row, row_of, words};

const KEY: &str = "AKIADEFAULTEXAMPLE01";
const PROJECT: &str = "project";
const RUNS: usize = 40;
const RUNS_OF_THE_AWS_CLI: usize = 7;

fn main() {
    let world = world_with_keys();
    let time = |words: &[String]| world.time(PROJECT, words, RUNS, || ());
    world.run(PROJECT, &ours("init --yes --no-verify --delivery session"));
    row_of("/bin/true", time(&words("/bin/true")));
    row_of("astro-aws init --yes --no-verify (set up: session)", time(&ours("init --yes --no-verify")));
    world.run(PROJECT, &ours("init --yes --no-verify --delivery mount"));
    row_of("astro-aws init --yes --no-verify (set up: mount)", time(&ours("init --yes --no-verify")));
    row_of("astro-aws verify --in host", time(&ours("verify --in host")));
    for (name, arguments) in [
        ("aws configure list-profiles", "configure list-profiles"),
        ("aws sts get-caller-identity (same STS)", "sts get-caller-identity --no-cli-pager"),
    ] {
        match aws_cli(&world, PROJECT, arguments) {
            Some(words) => row_of(name, world.time(PROJECT, &words, RUNS_OF_THE_AWS_CLI, || ())),
            None => println!("{name}: no AWS CLI to compare with; set ASTRO_AWS_BENCH_CLI"),
        }
    }
    row_of("a config of 10,000 profiles, read (in the process)", ten_thousand_profiles());
    row("the binary", fs::metadata(binary()).unwrap().len() as f64 / 1e6, "MB");
}

fn world_with_keys() -> World {
    let world = World::new();
    world.aws.knows_key(KEY, Identity::user("111122223333", "ana"));
    world.write(
        "home/.aws/credentials",
        &format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key = benchmark\n"),
    );
    world.write("home/.aws/config", "[default]\nregion = eu-west-1\n");
    world.write_project(PROJECT);
    world
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
    let times = (0..9).map(|_| {
        let start = Instant::now();
        let set = ProfileSet::parse((Path::new("config"), &config), (Path::new("credentials"), "")).unwrap();
        assert!(set.profile("p9999").is_ok());
        start.elapsed()
    });
    median(times.collect())
}
