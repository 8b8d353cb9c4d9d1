//! Proves which files a container's user can read, and that the first unreadable one is named.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;
use crate::host::Os;

const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const ASTRO: u32 = 50_000;

#[test]
fn permission_bits_decide_as_the_kernel_does() {
    let cases = [
        ("another's private file", FILE | 0o600, 1000, 1000, false),
        ("a file that all may read", FILE | 0o644, 1000, 1000, true),
        ("a file of the container's group 0", FILE | 0o640, 1000, 0, true),
        ("a file of another group", FILE | 0o640, 1000, 1000, false),
        ("the container user's own file", FILE | 0o600, ASTRO, 1000, true),
        ("its own file without the owner's bit", FILE | 0o044, ASTRO, 1000, false),
        ("a group's file without the group's bit", FILE | 0o604, 1000, 0, false),
        ("a private folder", FOLDER | 0o700, 1000, 1000, false),
        ("an open folder", FOLDER | 0o755, 1000, 1000, true),
        ("a folder that can be entered but not listed", FOLDER | 0o711, 1000, 1000, false),
        ("a folder that can be listed but not entered", FOLDER | 0o744, 1000, 1000, false),
        ("a file that can be read but not run", FILE | 0o604, 1000, 1000, true),
    ];
    for (what, mode, uid, gid, expected) in cases {
        assert_eq!(container_can_read(mode, uid, gid, ASTRO, &[0]), expected, "{what}");
    }
    assert!(container_can_read(FILE, 1000, 1000, 0, &[]), "root reads everything");
}

struct Home(tempfile::TempDir);

impl Home {
    /// An AWS folder that everyone can read, with both files and one token.
    fn open() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.path("sso/cache")).unwrap();
        for file in ["config", "credentials", "sso/cache/token.json"] {
            fs::write(home.path(file), "").unwrap();
            home.set_mode(file, 0o644);
        }
        for folder in ["", "sso", "sso/cache"] {
            home.set_mode(folder, 0o755);
        }
        home
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(".aws").join(relative)
    }

    fn set_mode(&self, relative: &str, mode: u32) {
        fs::set_permissions(self.path(relative), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Asked for a group that owns nothing here, so that the tests do not depend on who runs them.
    fn first_unreadable(&self) -> Option<Unreadable> {
        let host_path = |relative: &str| HostPath::from_path(Os::Linux, &self.path(relative)).unwrap();
        let files = AwsFiles { config: host_path("config"), credentials: host_path("credentials") };
        first_unreadable(&files, Some(&host_path("sso/cache")), ASTRO, &[4_000_000])
    }
}

#[test]
fn a_folder_that_all_may_read_has_no_obstacle() {
    assert_eq!(Home::open().first_unreadable(), None);
}

#[test]
fn each_file_that_the_container_cannot_read_is_named() {
    for (relative, mode) in [
        ("", 0o700),
        ("config", 0o600),
        ("credentials", 0o640),
        ("sso", 0o711),
        ("sso/cache", 0o700),
        ("sso/cache/token.json", 0o600),
    ] {
        let home = Home::open();
        home.set_mode(relative, mode);
        let found = home.first_unreadable().unwrap();
        let owner = home.path(relative).metadata().unwrap();
        assert_eq!(found.path, home.path(relative).components().collect::<PathBuf>());
        assert_eq!(found.why, Obstacle::Mode { mode, uid: owner.uid(), gid: owner.gid() }, "{relative}");
    }
}

#[test]
fn what_is_no_json_in_the_token_cache_is_no_obstacle() {
    let home = Home::open();
    for name in ["sso/cache/token.lock", "sso/cache/.astro-aws-token.json-0"] {
        fs::write(home.path(name), "").unwrap();
        home.set_mode(name, 0o600);
    }
    assert_eq!(home.first_unreadable(), None);
}

#[test]
fn missing_files_are_no_obstacle() {
    let home = Home::open();
    fs::remove_file(home.path("credentials")).unwrap();
    fs::remove_dir_all(home.path("sso")).unwrap();
    assert_eq!(home.first_unreadable(), None);
    fs::remove_dir_all(home.path("")).unwrap();
    assert_eq!(home.first_unreadable(), None);
}

#[test]
fn a_link_that_the_container_cannot_follow_is_an_obstacle() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("config"), "").unwrap();
    let cases = [
        (outside.path().join("config"), Some(Obstacle::LinkLeavesFolder)),
        (PathBuf::from("../config"), Some(Obstacle::LinkLeavesFolder)),
        (PathBuf::from("nowhere"), Some(Obstacle::LinkLeavesFolder)),
        (PathBuf::from("credentials"), None),
    ];
    for (target, expected) in cases {
        let home = Home::open();
        fs::remove_file(home.path("config")).unwrap();
        symlink(&target, home.path("config")).unwrap();
        assert_eq!(home.first_unreadable().map(|found| found.why), expected, "{}", target.display());
    }
}

#[test]
fn a_token_cache_outside_the_mounted_folder_is_not_looked_at() {
    let home = Home::open();
    home.set_mode("sso/cache/token.json", 0o600);
    let host_path = |relative: &str| HostPath::from_path(Os::Linux, &home.path(relative)).unwrap();
    let files = AwsFiles { config: host_path("config"), credentials: host_path("credentials") };
    let elsewhere = HostPath::new(Os::Linux, "/nonexistent/.aws/sso/cache");
    assert_eq!(first_unreadable(&files, Some(&elsewhere), ASTRO, &[4_000_000]), None);
}
