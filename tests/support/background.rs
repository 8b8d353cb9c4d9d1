//! A run that goes on beside the test: wait for what it says and does, send it signals, see how it ended.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::environment::TestEnvironment;
use super::output::Output;

/// How long something may take to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(20);

/// A run under way. One that is dropped is killed.
#[must_use = "wait for its end and assert the exit code"]
pub(crate) struct Background<'a> {
    environment: &'a TestEnvironment,
    arguments: Vec<String>,
    child: Child,
    stdout: Heard,
    stderr: Heard,
}

/// What was printed so far.
struct Heard {
    text: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
}

impl TestEnvironment {
    /// Starts the program in the project's folder.
    pub(crate) fn in_background(&self, arguments: &[&str]) -> Background<'_> {
        self.in_background_at(&self.project(), arguments)
    }

    pub(crate) fn in_background_at(&self, folder: &Path, arguments: &[&str]) -> Background<'_> {
        let mut command = self.command(folder, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (Heard::of(child.stdout.take().unwrap()), Heard::of(child.stderr.take().unwrap()));
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Background { environment: self, arguments, child, stdout, stderr }
    }
}

impl TestEnvironment {
    /// Runs the program, and the most memory that it took, in KiB (VmHWM of /proc).
    #[track_caller]
    pub(crate) fn run_measured(&self, arguments: &[&str]) -> (Output, u64) {
        let mut run = self.in_background(arguments);
        let status = PathBuf::from(format!("/proc/{}/status", run.child.id()));
        let mut most = 0;
        while run.child.try_wait().unwrap().is_none() {
            // Gone where it has just ended.
            let status = fs::read_to_string(&status).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
            most = most.max(peak.and_then(|kib| kib.parse().ok()).unwrap_or_default());
            thread::sleep(Duration::from_millis(1));
        }
        assert!(most > 0, "it ended before it was measured");
        (run.ends(), most)
    }
}

impl Background<'_> {
    /// Waits until `phrase` stands in what it printed.
    #[track_caller]
    pub(crate) fn says(&mut self, phrase: &str) {
        self.until(&format!("it says `{phrase}`"), |run| run.heard().contains(phrase));
    }

    /// Waits for a condition; fails where the run ends before it holds.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            // What it said last may still be on its way when it has ended.
            let has_ended = self.child.try_wait().unwrap().is_some();
            thread::sleep(GLANCE);
            assert!(!has_ended || holds(self), "it ended before {what}: {}", self.heard());
            assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}: {}", self.heard());
        }
    }

    /// What it printed so far.
    pub(crate) fn heard(&self) -> String {
        self.stdout.text() + &self.stderr.text()
    }

    /// Sends a signal to this process alone.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for its end, and checks what holds for every run.
    #[track_caller]
    pub(crate) fn ends(self) -> Output {
        let (environment, arguments) = (self.environment, self.arguments.clone());
        let output = self.ends_as_its_command();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        environment.check_promises(&arguments, output.code, &output.stdout, &output.stderr);
        output
    }

    /// Waits for its end; the exit code may be any.
    #[track_caller]
    pub(crate) fn ends_as_its_command(mut self) -> Output {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it goes on: {}", self.heard());
            thread::sleep(GLANCE);
        };
        let Some(code) = status.code() else {
            panic!("ended by signal {:?}: {}", status.signal(), self.heard());
        };
        let [stdout, stderr] = [&mut self.stdout, &mut self.stderr].map(Heard::whole);
        let environment = self.environment;
        Output { code, stdout: environment.normalize(&stdout), stderr: environment.normalize(&stderr) }
    }
}

impl Drop for Background<'_> {
    fn drop(&mut self) {
        // Best effort: mostly it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Heard {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let listener = thread::spawn({
            let text = Arc::clone(&text);
            move || {
                let mut part = [0; 4096];
                while let Ok(length @ 1..) = pipe.read(&mut part) {
                    text.lock().unwrap().extend_from_slice(&part[..length]);
                }
            }
        });
        Self { text, listener: Some(listener) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    /// All of it, once the other end is closed.
    fn whole(&mut self) -> String {
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
        self.text()
    }
}
