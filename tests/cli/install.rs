//! `install.sh`: a release only with the right checksum, else a build; all of it gone after `--uninstall`.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::Tree;

/// What stands for the program: a script, so that nothing has to be built for these tests.
const PROGRAM: &str = "#!/bin/sh\necho 'astro-aws 9.9.9'\n";

/// A home with an install script's surroundings, and a release folder that can be published to.
struct Machine {
    root: PathBuf,
    _folder: TempDir,
}

struct Installed {
    code: i32,
    stderr: String,
}

impl Machine {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["home", "bin", "release", "cargo"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        Self { root, _folder: folder }
    }

    fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    fn program(&self) -> PathBuf {
        self.home().join(".local/bin/astro-aws")
    }

    fn with_cargo(self) -> Self {
        fs::write(self.root.join("cargo/built"), PROGRAM).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/programs/cargo");
        symlink(script, self.root.join("bin/cargo")).unwrap();
        self
    }

    /// Publishes a release for every machine, under `latest` or a version, and gives the archives' checksum files.
    fn publishes(&self, place: &str) -> Vec<PathBuf> {
        let folder = self.root.join("release").join(place);
        fs::create_dir_all(&folder).unwrap();
        fs::write(self.root.join("astro-aws"), PROGRAM).unwrap();
        fs::set_permissions(self.root.join("astro-aws"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut checksums = Vec::new();
        for target in
            ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin"]
        {
            let archive = folder.join(format!("astro-aws-{target}.tar.xz"));
            // Not compressed, so that the machine needs no xz: tar looks at the content, not at the name.
            let tar = Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&self.root).arg("astro-aws").status();
            assert!(tar.unwrap().success());
            let mut sum = String::new();
            for byte in Sha256::digest(fs::read(&archive).unwrap()) {
                sum += &format!("{byte:02x}");
            }
            let checksum = PathBuf::from(format!("{}.sha256", archive.display()));
            fs::write(&checksum, format!("{sum}  astro-aws-{target}.tar.xz\n")).unwrap();
            checksums.push(checksum);
        }
        checksums
    }

    /// Runs the script of this checkout.
    #[track_caller]
    fn runs(&self, arguments: &[&str]) -> Installed {
        self.runs_script(&Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"), arguments)
    }

    #[track_caller]
    fn runs_script(&self, script: &Path, arguments: &[&str]) -> Installed {
        let mut command = Command::new("/bin/sh");
        command.arg(script).args(arguments).current_dir(self.home()).env_clear().env("HOME", self.home());
        command.env("PATH", format!("{}:/usr/bin:/bin", self.root.join("bin").display()));
        if self.root.join("release").read_dir().unwrap().next().is_some() {
            command.env("ASTRO_AWS_RELEASE_URL", format!("file://{}", self.root.join("release").display()));
        }
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        Installed { code: output.status.code().unwrap(), stderr }
    }

    fn calls_of_cargo(&self) -> String {
        fs::read_to_string(self.root.join("cargo/calls")).unwrap_or_default()
    }
}

impl Installed {
    #[track_caller]
    fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    #[track_caller]
    fn fails(self, phrase: &str) {
        assert_eq!(self.code, 1, "{}", self.stderr);
        assert!(self.stderr.contains(phrase), "`{phrase}` is missing in: {}", self.stderr);
    }
}

#[test]
fn a_release_with_the_right_checksum_is_installed_and_runs() {
    let machine = Machine::new();
    machine.publishes("latest/download");
    let said = machine.runs(&[]).succeeds().stderr;
    assert_eq!(fs::read_to_string(machine.program()).unwrap(), PROGRAM);
    assert_eq!(fs::metadata(machine.program()).unwrap().permissions().mode() & 0o777, 0o755);
    assert!(said.contains("astro-aws 9.9.9") && said.contains("is not on your PATH"), "{said}");
}

#[test]
fn a_wrong_checksum_installs_nothing() {
    let machine = Machine::new().with_cargo();
    for checksum in machine.publishes("latest/download") {
        fs::write(checksum, format!("{}  astro-aws.tar.xz\n", "0".repeat(64))).unwrap();
    }
    machine.runs(&[]).fails("nothing was installed");
    assert_eq!(Tree::of(&machine.home()).paths(), [""; 0]);
    assert_eq!(machine.calls_of_cargo(), "", "a tampered release is no reason to build");
}

#[test]
fn a_missing_or_empty_checksum_installs_nothing() {
    let machine = Machine::new();
    let checksums = machine.publishes("latest/download");
    for checksum in &checksums {
        fs::write(checksum, "").unwrap();
    }
    machine.runs(&[]).fails("nothing was installed");
    for checksum in &checksums {
        fs::remove_file(checksum).unwrap();
    }
    machine.runs(&[]).fails("nothing was installed");
    assert_eq!(Tree::of(&machine.home()).paths(), [""; 0]);
}

#[test]
fn a_version_can_be_chosen() {
    let machine = Machine::new();
    machine.publishes("download/v9.9.9");
    machine.runs(&["--version", "9.9.9"]).succeeds();
    assert!(machine.program().exists());
}

#[test]
fn without_a_release_the_checkout_is_built() {
    let machine = Machine::new().with_cargo();
    machine.runs(&[]).succeeds();
    let calls = machine.calls_of_cargo();
    assert!(calls.starts_with("[install]") && calls.contains("[--locked]") && calls.contains("[--path]"), "{calls}");
    assert_eq!(fs::read_to_string(machine.program()).unwrap(), PROGRAM);
}

#[test]
fn without_a_release_and_a_checkout_nothing_is_installed_by_its_name_alone() {
    let machine = Machine::new().with_cargo();
    let script = machine.root.join("install.sh");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"), &script).unwrap();
    for arguments in [&[][..], &["--version", "v1.2.3"]] {
        machine.runs_script(&script, arguments).fails("ASTRO_AWS_RELEASE_URL");
    }
    assert_eq!(machine.calls_of_cargo(), "");
    assert_eq!(Tree::of(&machine.home()).paths(), [""; 0]);
}

#[test]
fn prefix_and_bin_dir_say_where() {
    let machine = Machine::new().with_cargo();
    let prefix = machine.root.join("with space/opt");
    machine.runs(&["--prefix", &prefix.to_string_lossy()]).succeeds();
    assert!(prefix.join("bin/astro-aws").exists());
    let bin = machine.root.join("tools");
    machine.runs(&["--bin-dir", &bin.to_string_lossy()]).succeeds();
    assert!(bin.join("astro-aws").exists());
}

#[test]
fn uninstall_leaves_nothing() {
    for arguments in [&[][..], &["--prefix", "opt dir/astro"], &["--bin-dir", "deep/er/bin"]] {
        let machine = Machine::new().with_cargo();
        fs::write(machine.home().join("mine"), "kept").unwrap();
        let before = Tree::of(&machine.home());
        machine.runs(arguments).succeeds();
        machine.runs(arguments).succeeds();
        assert_ne!(Tree::of(&machine.home()), before);
        machine.runs(&[arguments, &["--uninstall"]].concat()).succeeds();
        assert_eq!(Tree::of(&machine.home()), before, "{arguments:?}");
    }
}

#[test]
fn uninstall_keeps_what_others_put_there() {
    let machine = Machine::new().with_cargo();
    machine.runs(&[]).succeeds();
    fs::write(machine.home().join(".local/bin/other"), "kept").unwrap();
    machine.runs(&["--uninstall"]).succeeds();
    assert!(!machine.program().exists());
    assert_eq!(fs::read_to_string(machine.home().join(".local/bin/other")).unwrap(), "kept");
}

#[test]
fn uninstall_without_a_receipt_removes_nothing() {
    let machine = Machine::new();
    fs::create_dir_all(machine.home().join(".local/bin")).unwrap();
    fs::write(machine.program(), "somebody else's").unwrap();
    machine.runs(&["--uninstall"]).fails("receipt");
    assert!(machine.program().exists());
}

#[test]
fn a_wrong_call_says_so() {
    let machine = Machine::new();
    machine.runs(&["--prefix"]).fails("--prefix needs a value");
    machine.runs(&["--wat"]).fails("unknown option --wat");
    assert!(machine.runs(&["--help"]).succeeds().stderr.is_empty());
}
