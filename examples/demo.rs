//! The main job, for real, in half a minute: `cargo run --example demo`.
//!
//! Builds the actual program and runs it on a throw-away Astro project with a throw-away home, against a stand-in for
//! AWS on loopback. Shows each command, what it says and what it writes. Needs no Docker, no AWS CLI and no network,
//! and leaves nothing behind. Ends with an error as soon as a step does not do what it promises.
#![allow(clippy::print_stdout, reason = "to print is what a demo is for")]

#[path = "../tests/support/aws/mod.rs"]
mod aws;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anstream::println;
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use tempfile::TempDir;

use aws::{Aws, Identity, SECRET_MARKER};

const HEADING: Style = AnsiColor::Cyan.on_default().bold();
const COMMAND: Style = Style::new().bold();
const NOTE: Style = Style::new().dimmed();

const ACCESS_KEY: &str = "AKIADEFAULTEXAMPLE01";

fn main() -> Result<(), Box<dyn Error>> {
    let demo = Demo::set_up()?;
    demo.show_the_start()?;
    let before = files_of(&demo.project)?;

    heading("One command");
    note("The profile takes on a role, so what the containers get are that role's short-lived credentials.");
    demo.run(&["init", "--yes", "--profile", "analyst", "--delivery", "session", "--quiet"])?;

    heading("What it wrote");
    demo.show(&demo.project.join("docker-compose.override.yml"))?;
    demo.show(&demo.project.join(".env"))?;
    let session = demo.session()?;
    note("And outside the project, where no commit and no image picks it up, the folder that the containers see:");
    demo.list(&session)?;
    demo.show(&session.join("config"))?;

    heading("Who am I?");
    note("With the project running, plain `verify` asks inside each container too.");
    demo.run(&["verify", "--in", "host", "--profile", "analyst"])?;

    heading("Once more");
    let set_up = files_of(&demo.project)?;
    demo.run(&["init", "--yes", "--profile", "analyst", "--delivery", "session", "--quiet"])?;
    ensure(files_of(&demo.project)? == set_up, "a second init changed the project")?;
    note("A second run changed nothing.");

    heading("Later, when the credentials run out");
    let old_key = access_key(&session)?;
    demo.run(&["refresh"])?;
    let new_key = access_key(&session)?;
    ensure(old_key != new_key, "refresh did not renew the credentials")?;
    note(&format!("Access key {old_key} became {new_key}; running tasks see it without a restart."));

    heading("And back");
    demo.run(&["undo", "--yes", "--quiet"])?;
    ensure(files_of(&demo.project)? == before, "undo did not restore the project")?;
    ensure(!session.exists(), "undo left the session behind")?;
    note("The project is byte for byte as it was.");

    demo.clear_away()
}

/// A home, a project and AWS, none of them real, and the program, which is.
struct Demo {
    program: PathBuf,
    root: PathBuf,
    home: PathBuf,
    project: PathBuf,
    aws: Aws,
    folder: TempDir,
}

impl Demo {
    fn set_up() -> Result<Self, Box<dyn Error>> {
        let program = build()?;
        let folder = TempDir::new()?;
        let root = folder.path().canonicalize()?;
        let (home, project) = (root.join("home"), root.join("sales-dags"));
        for path in [&home.join(".aws"), &project.join(".astro"), &project.join("dags"), &root.join("empty")] {
            fs::create_dir_all(path)?;
        }
        fs::write(project.join("Dockerfile"), "FROM astrocrpublic.azurecr.io/runtime:3.1-12\n")?;
        fs::write(project.join(".astro/config.yaml"), "project:\n    name: sales-dags\n")?;
        fs::write(project.join(".env"), "# our own settings\nGREETING=hello\n")?;
        fs::write(
            home.join(".aws/config"),
            "[default]\nregion = eu-west-1\n\n[profile analyst]\nrole_arn = arn:aws:iam::111122223333:role/Analyst\n\
             source_profile = default\nregion = eu-west-1\n",
        )?;
        fs::write(
            home.join(".aws/credentials"),
            format!(
                "[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_MARKER}/of/the/demo\n"
            ),
        )?;
        let aws = Aws::start()?;
        aws.knows_key(ACCESS_KEY, Identity::user("111122223333", "ana"));
        Ok(Self { program, root, home, project, aws, folder })
    }

    fn show_the_start(&self) -> Result<(), Box<dyn Error>> {
        heading("A project as `astro dev init` makes it, and an AWS profile");
        self.show(&self.project.join("Dockerfile"))?;
        self.show(&self.project.join(".env"))?;
        self.show(&self.home.join(".aws/config"))
    }

    /// Runs the program in the project and passes on what it says.
    fn run(&self, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
        println!("\n{COMMAND}$ astro-aws {}{COMMAND:#}", arguments.join(" "));
        let color = if std::io::stdout().is_terminal() { "always" } else { "never" };
        let mut command = Command::new(&self.program);
        command.args(arguments).args(["--color", color]).current_dir(&self.project).env_clear();
        command.env("HOME", &self.home).env("USERPROFILE", &self.home);
        command.env("LOCALAPPDATA", self.home.join("AppData/Local"));
        command.env("PATH", self.root.join("empty")).env("AWS_ENDPOINT_URL", self.aws.url());
        for name in ["SystemRoot", "TMPDIR", "TEMP"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        let output = command.stdin(Stdio::null()).output()?;
        for stream in [output.stderr, output.stdout] {
            self.print_indented(&String::from_utf8_lossy(&stream));
        }
        ensure(output.status.success(), &format!("`astro-aws {}` ended with {}", arguments.join(" "), output.status))
    }

    /// The one session folder there is, wherever this system keeps its state.
    fn session(&self) -> Result<PathBuf, Box<dyn Error>> {
        let found = files_of(&self.root)?.into_keys().find(|path| path.ends_with("credentials.json"));
        let path = found.ok_or("init made no session")?;
        Ok(self.root.join(path).parent().ok_or("a file in no folder")?.to_owned())
    }

    fn show(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        println!("\n  {NOTE}{}{NOTE:#}", self.short(&path.to_string_lossy()));
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        self.print_indented(&text);
        Ok(())
    }

    fn list(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        println!("\n  {NOTE}{}{NOTE:#}", self.short(&folder.to_string_lossy()));
        for (path, bytes) in files_of(folder)? {
            println!("  │ {:<18}{:>5} bytes  {}", path.display(), bytes.len(), mode_of(&folder.join(&path))?);
        }
        Ok(())
    }

    fn print_indented(&self, text: &str) {
        for line in self.short(text).lines() {
            println!("  │ {line}");
        }
    }

    /// Temporary folders have long names that say nothing.
    fn short(&self, text: &str) -> String {
        let text = text.replace(&*self.home.to_string_lossy(), "~");
        text.replace(&*self.root.to_string_lossy(), "…")
    }

    fn clear_away(self) -> Result<(), Box<dyn Error>> {
        self.folder.close()?;
        println!("\n{HEADING}Done.{HEADING:#} All of it is gone again. In a project of yours: `astro-aws init`.");
        Ok(())
    }
}

/// Builds the program, in the profile of this example, and says where it is: cargo builds no program for an example.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let here = env::current_exe()?;
    // …/target/<profile>/examples/demo, where `dev` is called debug.
    let profile = here.parent().and_then(Path::parent).and_then(Path::file_name).unwrap_or_default();
    let profile = if profile == "debug" { "dev".into() } else { profile.to_owned() };
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--bin", "astro-aws", "--message-format", "json-render-diagnostics", "--profile"])
        .arg(profile)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    ensure(output.status.success(), "cargo could not build astro-aws")?;
    let messages = String::from_utf8(output.stdout)?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?))).next_back();
    Ok(program.ok_or("cargo built no program")?)
}

/// Every file under a folder, by its path in it.
fn files_of(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.insert(path.strip_prefix(root)?.to_owned(), fs::read(path)?);
            }
        }
    }
    Ok(files)
}

fn access_key(session: &Path) -> Result<String, Box<dyn Error>> {
    let credentials: Value = serde_json::from_slice(&fs::read(session.join("credentials.json"))?)?;
    Ok(credentials["AccessKeyId"].as_str().ok_or("no access key in the session")?.to_owned())
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Result<String, Box<dyn Error>> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(format!("mode {:04o}", fs::metadata(path)?.permissions().mode() & 0o7777))
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> Result<String, Box<dyn Error>> {
    Ok(String::new())
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn heading(text: &str) {
    println!("\n{HEADING}── {text} {HEADING:#}");
}

fn note(text: &str) {
    println!("\n  {text}");
}
