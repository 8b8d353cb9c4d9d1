//! A world of its own for one run of the program: HOME, state folder, PATH, project and AWS, none of them the
//! machine's. After every run it checks what must hold for all of them (`promises.rs`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::aws::{Aws, Identity};
use super::browser::Browser;
use super::output::Output;
use super::programs::fixture_project;
use super::promises::Reveals;
use super::terminal::Terminal;
use super::tree::Tree;

/// A run that takes longer is one that waits for somebody.
const LONGEST_RUN: Duration = Duration::from_secs(90);

/// A uid that owns nothing: root may read and write everything, so the cases of missing permission run as this user.
const ORDINARY_USER: u32 = 61_234;

pub(crate) struct TestEnvironment {
    root: PathBuf,
    variables: BTreeMap<&'static str, OsString>,
    program: PathBuf,
    as_ordinary_user: bool,
    pub(crate) aws: Aws,
    pub(super) browser: Option<Browser>,
    _folder: TempDir,
}

impl TestEnvironment {
    /// An empty home and an empty folder where the project would be; AWS knows the access keys of the fixtures.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["home", "state", "bin", "tmp", "project"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        // A credential_process needs these two; nothing else of the machine is on PATH.
        for program in ["sh", "cat"] {
            symlink(Path::new("/bin").join(program), root.join("bin").join(program)).unwrap();
        }
        let aws = Aws::start().unwrap();
        aws.knows_key("AKIADEFAULTEXAMPLE01", Identity::user("111122223333", "ana"));
        aws.knows_key("AKIADEVDEVDEVEXAMPLE", Identity::user("111122223333", "ana-dev"));
        aws.knows_key("AKIAMYDEVMYDEXAMPLE2", Identity::user("111122223333", "ana-my-dev"));
        let variables = BTreeMap::from([("AWS_ENDPOINT_URL", OsString::from(aws.url()))]);
        let program = PathBuf::from(env!("CARGO_BIN_EXE_astro-aws"));
        Self { root, variables, program, as_ordinary_user: false, aws, browser: None, _folder: folder }
    }

    /// The fixture project `name`, and the home with long-term keys.
    pub(crate) fn with_project(name: &str) -> Self {
        let environment = Self::new().with_aws_home("keys");
        copy_folder(&fixture_project(name), &environment.project());
        let dotenv = environment.project().join(".env");
        if !dotenv.exists() {
            // `astro dev init` makes one, and its .gitignore keeps it out of every checkout.
            fs::write(dotenv, "").unwrap();
        }
        environment
    }

    /// As `with_project`, with an engine and with AWS files that everybody may read: there `auto` takes the mount, on
    /// Linux too.
    pub(crate) fn with_mountable_project(name: &str) -> Self {
        let environment = Self::with_project(name).with_docker();
        let folder = environment.home().join(".aws");
        for entry in fs::read_dir(&folder).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        environment
    }

    /// Replaces `~/.aws` by the fixture `name`, files 0600 as the AWS tools leave them.
    pub(crate) fn with_aws_home(self, name: &str) -> Self {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws").join(name);
        let target = self.home().join(".aws");
        if target.exists() {
            fs::remove_dir_all(&target).unwrap();
        }
        fs::create_dir(&target).unwrap();
        for entry in fs::read_dir(fixture).unwrap() {
            let entry = entry.unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            self.write_private(&target.join(entry.file_name()), &self.fill_in(&text));
        }
        self
    }

    /// Sets a variable in the environment of every run from now on.
    pub(crate) fn with_variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name, value.into());
        self
    }

    pub(crate) fn without_variable(mut self, name: &'static str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Runs the program as somebody to whom file modes apply, also where the tests run as root. The environment then
    /// belongs to that user: call it when everything is in place.
    pub(crate) fn run_by_ordinary_user(mut self) -> Self {
        if fs::metadata(&self.root).unwrap().uid() == 0 {
            give_to_ordinary_user(&self.root);
            // Where cargo put the program, that user may not be allowed to look.
            let program = self.root.join("astro-aws");
            fs::hard_link(&self.program, &program).or_else(|_| fs::copy(&self.program, &program).map(drop)).unwrap();
            self.program = program;
            self.as_ordinary_user = true;
        }
        self
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    pub(crate) fn override_file(&self) -> PathBuf {
        self.project().join("docker-compose.override.yml")
    }

    /// The one session folder there is.
    #[track_caller]
    pub(crate) fn session(&self) -> PathBuf {
        let sessions = self.state().join("astro-aws/sessions");
        let mut folders =
            fs::read_dir(&sessions).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        let session = folders.next().expect("a session folder");
        assert_eq!(folders.next(), None, "more than one session folder");
        session
    }

    /// A file of the project as text, with the environment's paths replaced.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        self.normalize_file(&self.project().join(name))
    }

    /// A path as text, with the environment's own replaced.
    pub(crate) fn normalize_path(&self, path: &Path) -> String {
        self.normalize(&path.to_string_lossy())
    }

    /// Any file as text, with the environment's paths replaced.
    #[track_caller]
    pub(crate) fn normalize_file(&self, path: &Path) -> String {
        self.normalize(&fs::read_to_string(path).unwrap())
    }

    /// Writes a file of the project.
    #[track_caller]
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.project().join(name), text).unwrap();
    }

    /// Home, state and project as they are now.
    pub(crate) fn everything(&self) -> [Tree; 3] {
        [self.home(), self.state(), self.project()].map(|folder| Tree::of(&folder))
    }

    /// Runs the program in the project's folder.
    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_in(&self.project(), arguments)
    }

    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn run_in(&self, folder: &Path, arguments: &[&str]) -> Output {
        self.finish(self.command(folder, arguments), arguments)
    }

    /// As `run`, with something to read on standard input.
    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let command = self.command(&self.project(), arguments);
        let mut command = assert_cmd::Command::from_std(command);
        let result = command.timeout(LONGEST_RUN).write_stdin(input).output().unwrap();
        self.checked(&result, arguments)
    }

    /// As `run`, for a command that is to print secrets: `get --reveal`, `fetch`, `export`. On stdout they may stand
    /// where it succeeds, and nowhere else.
    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn run_revealing(&self, arguments: &[&str]) -> Output {
        let result = Self::wait_for(self.command(&self.project(), arguments));
        self.checked_but_for(Reveals::OnStdout, &result, arguments)
    }

    /// Runs the program `count` times at once in the project's folder.
    #[track_caller]
    pub(crate) fn run_together(&self, count: usize, arguments: &[&str]) -> Vec<Output> {
        let commands = (0..count).map(|_| self.command(&self.project(), arguments));
        let runs: Vec<_> = commands.map(|command| std::thread::spawn(|| Self::wait_for(command))).collect();
        let results: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();
        results.into_iter().map(|result| self.checked(&result, arguments)).collect()
    }

    /// Runs the program where no file can grow beyond `blocks` of 512 bytes, as on a disk that is full.
    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn run_on_full_disk(&self, blocks: u32, arguments: &[&str]) -> Output {
        // With the signal ignored, the write itself fails (EFBIG), as it does with ENOSPC.
        self.finish(self.limited(blocks, "trap '' XFSZ", arguments), arguments)
    }

    /// As `run_on_full_disk`, with something to read on standard input.
    #[must_use = "a run that nobody looks at proves nothing: assert its exit code"]
    #[track_caller]
    pub(crate) fn run_on_full_disk_with_input(&self, blocks: u32, arguments: &[&str], input: &str) -> Output {
        let mut command = assert_cmd::Command::from_std(self.limited(blocks, "trap '' XFSZ", arguments));
        let result = command.timeout(LONGEST_RUN).write_stdin(input).output().unwrap();
        self.checked(&result, arguments)
    }

    /// Runs the program, which is killed on the spot as soon as a file would grow beyond `blocks` of 512 bytes.
    #[track_caller]
    pub(crate) fn is_killed_writing(&self, blocks: u32, arguments: &[&str]) {
        let result = Self::wait_for(self.limited(blocks, "ulimit -c 0", arguments));
        assert!(result.status.signal().is_some(), "{arguments:?} came to its end: {result:?}");
    }

    fn limited(&self, blocks: u32, preparation: &str, arguments: &[&str]) -> Command {
        let plain = self.command(&self.project(), arguments);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{preparation}; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        command.arg(plain.get_program()).args(plain.get_args()).current_dir(self.project()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    }

    fn wait_for(command: Command) -> std::process::Output {
        assert_cmd::Command::from_std(command).timeout(LONGEST_RUN).output().unwrap()
    }

    #[track_caller]
    fn finish(&self, command: Command, arguments: &[&str]) -> Output {
        self.checked(&Self::wait_for(command), arguments)
    }

    #[track_caller]
    fn checked(&self, result: &std::process::Output, arguments: &[&str]) -> Output {
        self.checked_but_for(Reveals::Nothing, result, arguments)
    }

    #[track_caller]
    fn checked_but_for(&self, reveals: Reveals, result: &std::process::Output, arguments: &[&str]) -> Output {
        let Some(code) = result.status.code() else { panic!("{arguments:?} was ended: {}", result.status) };
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let [stdout, stderr] = [text(&result.stdout), text(&result.stderr)];
        self.check_promises_but_for(reveals, arguments, code, &stdout, &stderr);
        Output { code, stdout: self.normalize(&stdout), stderr: self.normalize(&stderr) }
    }

    /// Runs the program, which must refuse with this exit code and leave home and project as they were.
    #[track_caller]
    pub(crate) fn refuses(&self, code: i32, arguments: &[&str]) -> Output {
        let before = [self.home(), self.project()].map(|folder| Tree::of(&folder));
        let output = self.run(arguments).exits(code);
        assert_eq!([self.home(), self.project()].map(|folder| Tree::of(&folder)), before, "something changed");
        output
    }

    /// Starts the program on a terminal of its own.
    pub(crate) fn on_terminal(&self, arguments: &[&str]) -> Terminal<'_> {
        Terminal::start(self, self.command(&self.project(), arguments))
    }

    /// As `on_terminal`, and the result keeps the escape sequences that colour it.
    pub(crate) fn on_coloured_terminal(&self, arguments: &[&str]) -> Terminal<'_> {
        Terminal::start_coloured(self, self.command(&self.project(), arguments))
    }

    pub(super) fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).args(arguments).env_clear();
        command.env("HOME", self.home()).env("XDG_STATE_HOME", self.state()).env("PATH", self.root.join("bin"));
        command.env("TMPDIR", self.root.join("tmp")).env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
        command.env("DOCKER_HOST", format!("unix://{}", self.root.join("no-docker.sock").display()));
        if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", profile);
        }
        command.envs(&self.variables);
        if self.as_ordinary_user {
            command.uid(ORDINARY_USER).gid(ORDINARY_USER);
        }
        command
    }

    /// Replaces what differs from run to run by a name.
    pub(super) fn normalize(&self, text: &str) -> String {
        let mut text = text.replace(&self.aws.url(), "$AWS");
        for (name, folder) in [("$HOME", "home"), ("$STATE", "state"), ("$PROJECT", "project")] {
            text = text.replace(&*self.root.join(folder).to_string_lossy(), name);
        }
        text.replace(&*self.root.to_string_lossy(), "$ROOT")
    }

    /// Fills in a fixture: `@HOME@` and `@AWS@`.
    pub(super) fn fill_in(&self, text: &str) -> String {
        text.replace("@HOME@", &self.home().to_string_lossy()).replace("@AWS@", &self.aws.url())
    }

    pub(super) fn write_private(&self, path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Copies a folder with all that is in it; links stay links.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let children = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for child in children {
        let child = child.unwrap();
        let target = to.join(child.file_name());
        let kind = child.file_type().unwrap();
        if kind.is_dir() {
            copy_folder(&child.path(), &target);
        } else if kind.is_symlink() {
            symlink(fs::read_link(child.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(child.path(), target).unwrap();
        }
    }
}

fn give_to_ordinary_user(path: &Path) {
    let owner = Some(ORDINARY_USER);
    std::os::unix::fs::lchown(path, owner, owner).unwrap();
    if fs::symlink_metadata(path).unwrap().is_dir() {
        for child in fs::read_dir(path).unwrap() {
            give_to_ordinary_user(&child.unwrap().path());
        }
    }
}
