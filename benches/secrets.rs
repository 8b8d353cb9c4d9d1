//! What Airflow's secrets cost to look at: `secrets check` of a thousand ids beside a loop of boto3 and the AWS CLI, a scan of
//! ten thousand DAG files, and the memory of a long list. `cargo bench --bench secrets` prints a table.
//!
//! A measurement, not a test: nothing passes or fails by the clock. ASTRO_AWS_BENCH_PYTHON is a Python with moto[server] and
//! boto3; what needs it is left out where there is none, as the AWS CLI is.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and stops where it cannot measure")]

mod world;

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::Duration;

use world::aws::{Identity, Latency};
use world::moto::{self, Moto};
use world::{World, aws_cli, ours, row, row_of};

const KEY: &str = "AKIADEFAULTEXAMPLE01";
const REGION: &str = "eu-west-1";
const ONE_FILE: &str = "one-file";
const MANY_FILES: &str = "many-files";
const SCAN_ALONE: &str = "scan-alone";

const IDS: usize = 1_000;
const FILES: usize = 10_000;
const LISTED: usize = 5_000;
/// As large as a parameter gets.
const LISTED_BYTES: usize = 8 * 1024;
/// Of a call to AWS, in milliseconds.
const LATENCY: Latency = Latency { least: 20, most: 50 };

const RUNS: usize = 3;
const RUNS_OF_THE_SCAN: usize = 15;
const RUNS_OF_THE_AWS_CLI: usize = 5;
/// So many ids stand for all of them where each is waited for.
const SAMPLE: usize = 100;

/// A backend, and how others call its service.
struct Backend {
    name: &'static str,
    service: &'static str,
    batch: &'static str,
    cli: &'static str,
}

const BACKENDS: [Backend; 2] = [
    Backend {
        name: "secrets-manager",
        service: "secretsmanager",
        batch: "secretsmanager:BatchGetSecretValue",
        cli: "secretsmanager get-secret-value --no-cli-pager --secret-id airflow/variables/n0000",
    },
    Backend {
        name: "parameter-store",
        service: "ssm",
        batch: "ssm:GetParameters",
        cli: "ssm get-parameter --no-cli-pager --with-decryption --name /airflow/variables/n0000",
    },
];

fn main() {
    let mut world = world_with_projects();
    scan(&world);
    match Moto::with_variables(IDS) {
        Ok(moto) => {
            world.endpoint.clone_from(&moto.url);
            BACKENDS.iter().for_each(|backend| with_moto(&world, backend));
            world.endpoint = world.aws.url();
        }
        Err(missing) => println!("no moto to ask: {missing}"),
    }
    BACKENDS.iter().for_each(|backend| with_latency(&world, backend));
    BACKENDS.iter().for_each(list);
}

/// The sources alone: the id that is asked for is one that no service is asked for.
fn scan(world: &World) {
    let scan = || world.time(SCAN_ALONE, &ours("secrets check here --kind variable"), RUNS_OF_THE_SCAN, || ());
    let with_files = scan();
    let bytes: u64 =
        (0..FILES).map(|number| fs::metadata(world.path(&dag_path(SCAN_ALONE, number))).unwrap().len()).sum();
    assert_eq!(world.aws.all_hits(), 0, "AWS was asked");
    row_of(
        &format!("a scan of {FILES} DAG files ({:.0} MB), the whole process, no call", bytes as f64 / 1e6),
        with_files,
    );
    fs::remove_dir_all(world.path(SCAN_ALONE).join("dags")).unwrap();
    row_of("  the same process where there is no file", scan());
}

/// Where the service is the larger part of the time, for everybody the same.
fn with_moto(world: &World, Backend { name, service, cli, .. }: &Backend) {
    println!("{name}, {IDS} variables in moto");
    let check = ours(&format!("secrets check --backend {name}"));
    row_of("  astro-aws secrets check IDS", world.time(ONE_FILE, &with_ids(name), RUNS, || ()));
    row_of("  astro-aws secrets check (one DAG; finds what is unused)", world.time(ONE_FILE, &check, RUNS, || ()));
    let many = world.time(MANY_FILES, &check, RUNS, || ());
    row_of(&format!("  astro-aws secrets check ({FILES} DAGs; finds what is unused)"), many);
    let boto3 = moto::one_by_one(service, IDS).unwrap();
    row_of("  boto3, one call after the other", world.time(ONE_FILE, &boto3, RUNS, || ()));
    match aws_cli(world, ONE_FILE, cli) {
        Some(words) => {
            let one = world.time(ONE_FILE, &words, RUNS_OF_THE_AWS_CLI, || ());
            row_of("  the AWS CLI, one id", one);
            row_of(&format!("  the AWS CLI, {IDS} ids (extrapolated from one)"), one * u32::try_from(IDS).unwrap());
        }
        None => println!("  no AWS CLI to compare with; set ASTRO_AWS_BENCH_CLI"),
    }
}

/// Where calls take as long as over a network, and the service answers many at once.
fn with_latency(world: &World, Backend { name, service, batch, .. }: &Backend) {
    println!("{name}, {IDS} variables in the stand-in, {} to {} ms a call", LATENCY.least, LATENCY.most);
    world.aws.set(|settings| {
        settings.latency.insert("*".to_owned(), LATENCY);
    });
    let check = ours(&format!("secrets check --backend {name}"));
    for (what, words) in [("secrets check IDS", with_ids(name)), ("secrets check (finds what is unused)", check)] {
        let time = world.time(ONE_FILE, &words, RUNS, || world.aws.forgets_calls());
        row_of(&format!("  astro-aws {what}: {} calls", world.aws.all_hits()), time);
    }
    world.aws.denies(batch, "*");
    let time = world.time(ONE_FILE, &with_ids(name), 1, || world.aws.forgets_calls());
    row_of(&format!("  astro-aws secrets check IDS, {batch} denied: {} calls", world.aws.all_hits()), time);
    world.aws.allows_everything();
    if let Ok(boto3) = moto::one_by_one(service, SAMPLE) {
        let start = world.time(ONE_FILE, &moto::one_by_one(service, 0).unwrap(), RUNS, || ());
        let loops = world.time(ONE_FILE, &boto3, 1, || ()).saturating_sub(start);
        let all = start + loops.mul_f64(IDS as f64 / SAMPLE as f64);
        row_of(&format!("  boto3, one call after the other (extrapolated from {SAMPLE})"), all);
    }
    world.aws.set(|settings| settings.latency.clear());
}

/// The most memory of a list.
fn list(Backend { name, .. }: &Backend) {
    let words = ours(&format!("secrets list variable --backend {name}"));
    for count in [20, LISTED] {
        let world = world_with_keys();
        world.write_project(ONE_FILE);
        let value = "x".repeat(LISTED_BYTES);
        stores(&world, count, |_| value.clone());
        let mut run = world.command(ONE_FILE, &words).spawn().unwrap();
        let (status, mut peak) = (format!("/proc/{}/status", run.id()), 0.0);
        let ended = loop {
            let status = fs::read_to_string(&status).unwrap_or_default();
            let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            peak = kilobytes.and_then(|text| text.parse().ok()).unwrap_or(peak);
            match run.try_wait().unwrap() {
                Some(ended) => break ended,
                None => thread::sleep(Duration::from_millis(1)),
            }
        };
        assert!(ended.success(), "{words:?} fails");
        row(&format!("{name}: memory of a list of {count} of 8 KB, at most"), peak * 1024.0 / 1e6, "MB");
    }
}

fn with_ids(backend: &str) -> Vec<String> {
    [ours(&format!("secrets check --kind variable --backend {backend}")), (0..IDS).map(id).collect()].concat()
}

fn id(number: usize) -> String {
    format!("n{number:04}")
}

fn world_with_keys() -> World {
    let world = World::new();
    world.aws.knows_key(KEY, Identity::user("111122223333", "ana"));
    world.write(
        "home/.aws/credentials",
        &format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key = benchmark\n"),
    );
    world.write("home/.aws/config", &format!("[default]\nregion = {REGION}\n"));
    world.aws.set(|settings| REGION.clone_into(&mut settings.region));
    world
}

/// The stand-in has so many variables in both services.
fn stores(world: &World, count: usize, value: impl Fn(usize) -> String) {
    let named = |prefix: &'static str| {
        let value = &value;
        (0..count).map(move |number| (format!("{prefix}airflow/variables/{}", id(number)), value(number)))
    };
    world.aws.has_secrets(named(""));
    world.aws.has_parameters(named("/"));
}

/// The same ids named by one file and by many, and a project whose backend is asked for no variable.
fn world_with_projects() -> World {
    let world = world_with_keys();
    stores(&world, IDS, |number| format!("value {number}"));
    [ONE_FILE, MANY_FILES, SCAN_ALONE].iter().for_each(|project| world.write_project(project));
    let mut names = "from airflow.models import Variable\n".to_owned();
    (0..IDS).for_each(|number| writeln!(names, "Variable.get(\"{}\")", id(number)).unwrap());
    world.write(&format!("{ONE_FILE}/dags/names.py"), &names);
    for number in 0..FILES {
        let source = dag(number);
        [MANY_FILES, SCAN_ALONE].iter().for_each(|project| world.write(&dag_path(project, number), &source));
    }
    world.write(&format!("{MANY_FILES}/.env"), "AIRFLOW_CONN_WAREHOUSE=postgres://warehouse/sales\n");
    world.write(
        &format!("{SCAN_ALONE}/.env"),
        "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\n\
         AIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\": null}\nAIRFLOW_VAR_HERE=1\n",
    );
    world
}

/// A hundred to a folder.
fn dag_path(project: &str, number: usize) -> String {
    format!("{project}/dags/team{:02}/sales_{number:05}.py", number / 100)
}

/// A DAG as people write them, naming a variable in two ways, and two connections.
fn dag(number: usize) -> String {
    let id = id(number % IDS);
    let tasks: String = (0..6).map(|task| task_of_dag(number, task)).collect();
    format!(
        r#"""""The daily sales of shop {number}: loaded from the shop's bucket, aggregated, and checked.

Owner: the sales team. It doesn't hurt to run it twice for the same day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.models import Variable
from airflow.providers.amazon.aws.transfers.s3_to_sql import S3ToSqlOperator
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

DEFAULT_ARGS = {{"owner": "sales", "retries": 3, "retry_delay": timedelta(minutes=5), "depends_on_past": False}}


@dag(schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False, default_args=DEFAULT_ARGS, tags=["sales"])
def sales_{number:05}():
    @task
    def bucket() -> str:
        # The bucket's name is one of the things that differ between the stages.
        return Variable.get("{id}")

    load = S3ToSqlOperator(
        task_id="load",
        s3_bucket="{{{{ var.value.{id} }}}}",
        s3_key="shops/{number}/{{{{ ds }}}}.csv",
        table="sales_{number:05}",
        aws_conn_id="aws_default",
        sql_conn_id="warehouse",
    )
    bucket() >> load
{tasks}

sales_{number:05}()
"#
    )
}

fn task_of_dag(number: usize, task: usize) -> String {
    format!(
        r#"
    aggregate_{task} = SQLExecuteQueryOperator(
        task_id="aggregate_{task}",
        conn_id="warehouse",
        sql="""
            INSERT INTO totals_{task} (shop, day, revenue)
            SELECT shop, day, sum(price * quantity) FROM sales_{number:05}
            WHERE day = '{{{{ ds }}}}' AND region = {task}
            GROUP BY shop, day
        """,
    )
    load >> aggregate_{task}
"#
    )
}
