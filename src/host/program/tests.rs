//! Proves that a program gets its input, environment and time, and that all it says is collected.

use super::*;
use crate::host::Os;

const PLENTY: Duration = Duration::from_secs(60);

fn env() -> Env {
    Env::new(Os::Linux, [("PATH", "/usr/bin:/bin"), ("GREETING", "hello")])
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn shell(script: &str, stdin: &[u8], limit: Duration) -> Result<super::Output, RunError> {
    run(Path::new("/bin/sh"), ["-c", script], &env(), stdin, limit).await
}

#[test]
fn collects_exit_code_and_both_outputs() {
    let output = block_on(shell("echo out; echo err >&2; exit 3", b"", PLENTY)).unwrap();
    assert_eq!(output, super::Output { code: Some(3), stdout: "out\n".into(), stderr: "err\n".into() });
    assert!(!output.is_success());
    assert_eq!(output.first_error_line(), Some("err"));
}

#[test]
fn the_program_sees_the_given_environment_and_no_other() {
    let output = block_on(shell("echo $GREETING; env | grep -c CARGO", b"", PLENTY)).unwrap();
    assert_eq!(output.stdout, "hello\n0\n");
}

#[test]
fn a_large_input_and_a_large_output_do_not_stall_each_other() {
    let input = vec![b'x'; 1 << 20];
    let output = block_on(shell("cat", &input, PLENTY)).unwrap();
    assert_eq!(output.stdout.len(), input.len());
}

#[test]
fn a_program_that_ignores_its_input_still_answers() {
    let output = block_on(shell("exec 0<&-; echo done", &vec![b'x'; 1 << 20], PLENTY)).unwrap();
    assert_eq!(output.stdout, "done\n");
}

#[test]
fn a_program_that_hangs_is_killed_at_the_limit() {
    let error = block_on(shell("exec sleep 1000", b"", Duration::from_millis(50))).unwrap_err();
    assert!(matches!(error, RunError::TimedOut { .. }), "{error}");
}

#[test]
fn a_program_that_closes_its_outputs_and_hangs_is_killed_too() {
    let script = "exec >/dev/null 2>&1; exec sleep 1000";
    let error = block_on(shell(script, b"", Duration::from_millis(50))).unwrap_err();
    assert!(matches!(error, RunError::TimedOut { .. }), "{error}");
}

#[test]
fn programs_run_side_by_side() {
    // Each waits for a line that only the other writes: one after the other they would never end.
    let folder = tempfile::tempdir().unwrap();
    let fifo = |name: &str| folder.path().join(name).display().to_string();
    let (a, b) = (fifo("a"), fifo("b"));
    let (first, second) = block_on(async {
        shell(&format!("mkfifo {a} {b}"), b"", PLENTY).await.unwrap();
        let first = format!("echo ping > {a}; cat {b}");
        let second = format!("cat {a}; echo pong > {b}");
        tokio::join!(shell(&first, b"", PLENTY), shell(&second, b"", PLENTY))
    });
    assert_eq!(first.unwrap().stdout, "pong\n");
    assert_eq!(second.unwrap().stdout, "ping\n");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let missing = Path::new("/nonexistent/docker");
    let error = block_on(run(missing, ["ps"], &env(), b"", PLENTY)).unwrap_err();
    assert_eq!(error.to_string(), "cannot run `/nonexistent/docker`");
}

#[test]
fn finds_a_program_on_the_given_path_alone() {
    assert_eq!(find("sh", &Env::new(Os::Linux, [("PATH", "/bin")]), Path::new("/")), Some("/bin/sh".into()));
    assert_eq!(find("sh", &Env::new(Os::Linux, [("PATH", "/nonexistent")]), Path::new("/")), None);
    assert_eq!(find("sh", &Env::default(), Path::new("/")), None);
}
