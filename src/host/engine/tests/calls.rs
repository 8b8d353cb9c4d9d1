//! Proves how a running engine is asked, by a stand-in for its command line.

use super::super::*;
use crate::host::files::Table;
use crate::host::os::Os;
use crate::host::stand_in;

const PLENTY: Duration = Duration::from_secs(60);

/// An engine whose `docker` is this shell script; `$ARGV` is a file that receives each argument on a line.
struct Stand {
    folder: tempfile::TempDir,
    engine: Engine,
}

impl Stand {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        stand_in::program(folder.path(), "docker", &format!("printf '%s\\n' \"$@\" > \"$ARGV\"\n{script}"));
        let variables = [
            ("PATH", format!("{}:/usr/bin:/bin", folder.path().display())),
            ("ARGV", folder.path().join("argv").display().to_string()),
        ];
        let host = Host::new(Os::Linux, Env::new(Os::Linux, variables), None, "/".into());
        let engine = Engine::find(&host, None, &Table::default()).unwrap();
        Self { folder, engine }
    }

    fn argv(&self) -> Vec<String> {
        let lines = std::fs::read_to_string(self.folder.path().join("argv")).unwrap();
        lines.lines().map(str::to_owned).collect()
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn containers(script: &str, limit: Duration) -> Result<Vec<Container>, EngineError> {
    let stand = Stand::new(script);
    block_on(stand.engine.containers("/home/ana/demo", limit))
}

#[test]
fn asks_for_the_running_components_of_this_folder_only() {
    let stand = Stand::new(
        r#"echo '{"ID":"a","Names":"n","Image":"i","Labels":"io.astronomer.docker.component=airflow-scheduler"}'"#,
    );
    let found = block_on(stand.engine.containers("/home/ana/my demo", PLENTY)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].service, "scheduler");
    let argv = stand.argv();
    assert_eq!(argv[0], "ps");
    assert!(argv.contains(&"label=com.docker.compose.project.working_dir=/home/ana/my demo".to_owned()));
    assert!(argv.contains(&"label=io.astronomer.docker.component".to_owned()));
    assert!(!argv.iter().any(|argument| argument == "-a" || argument == "--all"));
}

#[test]
fn an_engine_that_is_not_running_is_told_from_one_that_refuses() {
    let reasons = [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct",
        "error during connect: Get \"http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.47/info\": open //./pipe/docker_engine",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
        "Cannot connect to Podman. Please verify your connection to the Linux system using `podman machine`",
    ];
    for reason in reasons {
        let error = containers(&format!("echo >&2\ncat >&2 <<'E'\n{reason}\nmore\nE\nexit 1"), PLENTY).unwrap_err();
        match error {
            EngineError::NotRunning { reason: said } => assert_eq!(said, reason),
            other => panic!("{reason}: {other:?}"),
        }
    }
    let error = containers("echo 'unknown flag: --format' >&2; exit 125", PLENTY).unwrap_err();
    assert_eq!(error.to_string(), "`docker ps` failed: unknown flag: --format");
}

#[test]
fn an_engine_that_hangs_is_given_up_at_the_limit() {
    let error = containers("exec sleep 1000", Duration::from_millis(50)).unwrap_err();
    assert!(matches!(error, EngineError::TimedOut { .. }));
    assert_eq!(error.to_string(), "`docker ps` did not answer within 0.05 s");
}

#[test]
fn an_answer_in_another_form_is_a_failure_and_no_empty_list() {
    let error = containers("echo CONTAINER ID IMAGE", PLENTY).unwrap_err();
    assert!(matches!(error, EngineError::Failed { .. }), "{error:?}");
}

#[test]
fn the_runtime_version_of_an_image_is_its_label() {
    let version = |script: &str| block_on(Stand::new(script).engine.image_runtime_version("demo:latest", PLENTY));
    assert_eq!(
        version("echo '{\"io.astronomer.docker.runtime.version\":\"12.8.0\"}'").unwrap().as_deref(),
        Some("12.8.0")
    );
    assert_eq!(version("echo 'Error: No such image: demo:latest' >&2; exit 1").unwrap(), None);
    assert_eq!(version("echo 'Error: demo:latest: image not known' >&2; exit 125").unwrap(), None);
    let absent = version("echo 'Cannot connect to the Docker daemon at x' >&2; exit 1");
    assert!(matches!(absent, Err(EngineError::NotRunning { .. })));
}

#[test]
fn an_image_name_cannot_pass_for_an_option() {
    let stand = Stand::new("echo null");
    block_on(stand.engine.image_runtime_version("--help", PLENTY)).unwrap();
    let argv = stand.argv();
    assert_eq!(argv[argv.len() - 2..], ["--", "--help"]);
}

#[test]
fn what_a_container_is_told_goes_through_its_standard_input_alone() {
    let stand = Stand::new("cat; echo problem >&2; exit 4");
    let output = block_on(stand.engine.exec("abc", &["python3", "-"], b"print('secret')", PLENTY)).unwrap();
    assert_eq!(output.code, Some(4));
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("print('secret')", "problem\n"));
    assert_eq!(stand.argv(), ["exec", "-i", "abc", "python3", "-"]);
}

#[test]
fn a_container_that_is_gone_is_told_from_a_program_that_fails() {
    let exec = |script: &str| block_on(Stand::new(script).engine.exec("abc", &["python3"], b"", PLENTY));
    for said in [
        "Error response from daemon: No such container: abc",
        "Error: No such container: abc",
        "Error: no container with name or ID \"abc\" found: no such container",
    ] {
        let error = exec(&format!("echo '{said}' >&2; exit 1")).unwrap_err();
        assert!(matches!(&error, EngineError::Failed { reason, .. } if reason == said), "{error:?}");
    }
    let output = exec("echo 'Error: no boto3' >&2; exit 1").unwrap();
    assert_eq!((output.code, output.stderr.as_str()), (Some(1), "Error: no boto3\n"));
}

#[test]
fn debug_output_of_an_engine_shows_no_value_of_the_environment() {
    let stand = Stand::new("");
    let shown = format!("{:?}", stand.engine);
    assert!(shown.contains("ARGV") && !shown.contains(&format!("{:?}", stand.folder.path().join("argv"))), "{shown}");
}
