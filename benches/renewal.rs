//! What staying signed in costs: a silent refresh beside the AWS CLI's, many projects at once, and a watch that has nothing
//! to do. `cargo bench --bench renewal` prints a table; ASTRO_AWS_BENCH_IDLE is for how many seconds the watch is looked at.
//!
//! A measurement, not a test: nothing passes or fails by the clock. The AWS CLI is left out where there is none.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot measure")]

mod world;

use std::fmt::Write as _;
use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::json;
use sha1::{Digest as _, Sha1};
use world::aws::{KnownRefresh, KnownSignIn, Latency, RefreshTokens, rfc3339};
use world::{World, aws_cli, median, ours, row, row_of};

const SESSION: &str = "company";
const START_URL: &str = "https://d-1234567890.awsapps.com/start";
const REFRESH: &str = "CreateToken refresh_token";

const RUNS: usize = 40;
const RUNS_OF_THE_AWS_CLI: usize = 7;
const PROJECTS: usize = 100;
const ROLES: usize = 20;
const RUNS_OF_ALL: usize = 9;

const HOUR: Duration = Duration::from_hours(1);
/// Of role credentials that whoever looks at them renews.
const SHORT: Duration = Duration::from_mins(1);

fn main() {
    silent_refresh();
    all_projects();
    idle_watch();
}

/// An expired access token and a refresh token to a new access token and new role credentials.
fn silent_refresh() {
    let world = world_with_roles(1);
    world.aws.set(|settings| settings.credentials_lifetime = SHORT);
    let expired = || cache_token(&world, SystemTime::now() - HOUR);
    cache_token(&world, SystemTime::now() + HOUR);
    set_up(&world, "project", 0);
    let ours = ours("refresh");
    let time = |name: &str, words: &[String], runs| {
        world.aws.forgets_calls();
        let time = world.time("project", words, runs, expired);
        let asked = [REFRESH, "GetRoleCredentials"].map(|action| world.aws.hits(action));
        // What is compared is the same work.
        assert_eq!((asked, world.aws.all_hits()), ([runs + 1; 2], 2 * (runs + 1)), "calls of {name}");
        row_of(name, time);
        time
    };
    let time_of_ours = time("astro-aws refresh (expired token: new token, new role credentials)", &ours, RUNS);
    let arguments = "configure export-credentials --profile role0";
    let Some(theirs) = aws_cli(&world, "project", arguments) else {
        return println!("no AWS CLI to compare with; set ASTRO_AWS_BENCH_CLI");
    };
    let time_of_theirs = time("aws configure export-credentials (the same)", &theirs, RUNS_OF_THE_AWS_CLI);
    row("  so many times as long", time_of_theirs.as_secs_f64() / time_of_ours.as_secs_f64(), "x");
}

/// One sign-in, many projects, fewer roles, and a portal that takes its time.
fn all_projects() {
    let world = world_with_roles(ROLES);
    world.aws.set(|settings| settings.credentials_lifetime = SHORT);
    cache_token(&world, SystemTime::now() + HOUR);
    for number in 0..PROJECTS {
        set_up(&world, &format!("project{number}"), number % ROLES);
    }
    world.aws.set(|settings| {
        settings.latency.insert("*".to_owned(), Latency { least: 50, most: 200 });
    });
    let (mut times, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..RUNS_OF_ALL {
        world.aws.forgets_calls();
        let time = world.time("project0", &ours("refresh --all"), 1, || world.aws.forgets_calls());
        assert_eq!((world.aws.hits("GetRoleCredentials"), world.aws.all_hits()), (ROLES, ROLES), "calls");
        ratios.push(time.as_secs_f64() / world.aws.slowest_answer().as_secs_f64());
        times.push(time);
    }
    row_of(&format!("astro-aws refresh --all ({PROJECTS} projects, {ROLES} roles, 50-200 ms a call)"), median(times));
    row("  as many times as the slowest call (median)", middle(ratios), "x");
    row("  calls in flight, at most", world.aws.most_in_flight() as f64, "");
    world.aws.set(|settings| settings.latency.clear());
    row_of("  the same where every call is answered at once", world.time("project0", &ours("refresh --all"), 3, || ()));
}

/// Everything is good for an hour, and nothing happens.
fn idle_watch() {
    let world = world_with_roles(1);
    cache_token(&world, SystemTime::now() + HOUR);
    set_up(&world, "project", 0);
    let mut watch = world.command("project", &ours("refresh --watch")).spawn().unwrap();
    let settled = settled(&mut watch);
    let seconds = std::env::var("ASTRO_AWS_BENCH_IDLE").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    thread::sleep(Duration::from_secs(seconds));
    let [before, after] = [settled, Use::of(&watch)];
    row("astro-aws refresh --watch, idle: resident memory", after.resident, "MB");
    row(&format!("  processor time in {seconds} s"), (after.processor - before.processor).as_secs_f64() * 1000.0, "ms");
    watch.kill().unwrap();
    watch.wait().unwrap();
}

/// What a process has used so far.
struct Use {
    processor: Duration,
    /// In MB.
    resident: f64,
}

impl Use {
    fn of(process: &Child) -> Self {
        let read = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", process.id())).unwrap();
        let nanoseconds = read("schedstat").split(' ').next().unwrap().parse().unwrap();
        let status = read("status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
        Self { processor: Duration::from_nanos(nanoseconds), resident: kilobytes * 1024.0 / 1e6 }
    }
}

/// Waits until the process has had nothing to do for a second.
fn settled(process: &mut Child) -> Use {
    let mut last = Use::of(process);
    loop {
        thread::sleep(Duration::from_secs(1));
        assert!(process.try_wait().unwrap().is_none(), "the watch has ended");
        let now = Use::of(process);
        if now.processor == last.processor && now.processor > Duration::ZERO {
            return now;
        }
        last = now;
    }
}

/// One sso-session, and profiles `role0` and so on.
fn world_with_roles(count: usize) -> World {
    let world = World::new();
    let mut config = format!(
        "[sso-session {SESSION}]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n\
         sso_registration_scopes = sso:account:access\n"
    );
    for number in 0..count {
        let _ = write!(
            config,
            "[profile role{number}]\nsso_session = {SESSION}\nsso_account_id = 111122223333\n\
             sso_role_name = Role{number}\nregion = eu-west-1\n"
        );
    }
    world.write("home/.aws/config", &config);
    world.aws.set(|settings| settings.refresh_tokens = RefreshTokens::Stay);
    world
}

/// Signs in, as the AWS CLI would have.
fn cache_token(world: &World, expires_at: SystemTime) {
    let client_expires_at = SystemTime::now() + 24 * HOUR;
    let (access_token, refresh_token, client) = ("access", "refresh", "client");
    world.aws.knows_sign_in(&KnownSignIn {
        access_token: access_token.to_owned(),
        expires_at: Some(expires_at),
        refresh: Some(KnownRefresh {
            token: refresh_token.to_owned(),
            client_id: client.to_owned(),
            client_secret: client.to_owned(),
            client_expires_at,
        }),
    });
    let token = json!({
        "startUrl": START_URL, "region": "eu-west-1", "accessToken": access_token, "expiresAt": rfc3339(expires_at),
        "clientId": client, "clientSecret": client, "registrationExpiresAt": rfc3339(client_expires_at),
        "refreshToken": refresh_token,
    });
    let name = hex::encode(Sha1::digest(SESSION));
    world.write(&format!("home/.aws/sso/cache/{name}.json"), &token.to_string());
}

/// A project that is set up with a session of a role.
fn set_up(world: &World, project: &str, role: usize) {
    world.write_project(project);
    world.run(project, &ours(&format!("init --yes --no-verify --delivery session --profile role{role}")));
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
