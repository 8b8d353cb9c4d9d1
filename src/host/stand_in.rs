//! Programs for tests: a shell script in the place of `docker`, `podman` or `aws`.
//!
//! In: a folder, a name and the script. Out: the executable file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Puts an executable `name` into `folder` and returns its path.
///
/// A shell writes the file: were it open in this process, another test that starts a program at that moment would
/// hand the open file to its child, and running the script would fail with "text file busy".
pub(super) fn program(folder: &Path, name: &str, script: &str) -> PathBuf {
    let file = folder.join(name);
    let mut writer = Command::new("/bin/sh")
        .args(["-c", r#"cat > "$0" && chmod 755 "$0""#])
        .arg(&file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writer.stdin.take().unwrap().write_all(format!("#!/bin/sh\n{script}\n").as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
    file
}
