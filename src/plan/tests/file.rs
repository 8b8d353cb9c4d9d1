//! Proves what is told of a path: absent, a file up to the limit, or what else stands there.

use super::*;

const LIMIT: u64 = 1024;

fn read(path: &Path) -> Result<FileState, PlanError> {
    FileState::read(path, LIMIT)
}

#[test]
fn a_missing_file_and_a_missing_folder_are_absent() {
    let site = Site::new();
    for name in ["none", "no/such/folder/none"] {
        let state = read(&site.path(name)).unwrap();
        assert_eq!(state.bytes(), None);
        assert!(state.target().is_absolute());
    }
    assert_eq!(fs::read_dir(site.path("")).unwrap().count(), 0);
}

#[test]
fn a_file_up_to_the_limit_is_read_and_a_larger_one_refused() {
    let site = Site::new();
    let exact = site.write("exact", &[b'x'; LIMIT as usize]);
    assert_eq!(read(&exact).unwrap().bytes().map(<[u8]>::len), Some(LIMIT as usize));
    let larger = site.write("larger", &[b'x'; LIMIT as usize + 1]);
    let error = read(&larger).unwrap_err();
    assert!(matches!(&error, PlanError::TooLarge { path, limit: LIMIT } if *path == larger), "{error}");
    assert_eq!(error.to_string(), format!("`{}` is larger than 1 KiB", larger.display()));
}

#[test]
fn a_folder_in_a_files_place_is_named() {
    let site = Site::new();
    let error = read(&site.path("")).unwrap_err();
    assert!(matches!(error, PlanError::Folder { .. }), "{error}");
    site.write("file", b"");
    let error = read(&site.path("file/below")).unwrap_err();
    assert!(matches!(error, PlanError::ParentNotFolder { .. }), "{error}");
}

#[test]
fn debug_shows_no_bytes() {
    let site = Site::new();
    let state = read(&site.write("file", b"hunter2")).unwrap();
    assert!(!format!("{state:?}").contains("hunter2"));
    assert!(!format!("{state:?}").contains(&format!("{:?}", b"hunter2")));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn mode_owner_and_the_file_behind_a_symlink_are_told() {
        let site = Site::new();
        let file = site.write("file", b"x");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", site.path("link")).unwrap();
        symlink(site.path("link"), site.path("link2")).unwrap();
        let FileState::Regular(found) = read(&site.path("link2")).unwrap() else { panic!("no file") };
        let metadata = fs::metadata(&file).unwrap();
        assert_eq!(found.target, file.canonicalize().unwrap());
        assert_eq!((found.mode, found.owner), (0o640, Some((metadata.uid(), metadata.gid()))));
    }

    #[test]
    fn a_dangling_symlink_is_told_from_an_absent_file() {
        let site = Site::new();
        symlink("nowhere", site.path("link")).unwrap();
        let error = read(&site.path("link")).unwrap_err();
        assert!(
            matches!(&error, PlanError::DanglingSymlink { target, .. } if target == Path::new("nowhere")),
            "{error}"
        );
        let error = read(&site.path("link/below")).unwrap_err();
        assert!(matches!(error, PlanError::DanglingSymlink { .. }), "{error}");
    }

    #[test]
    fn a_circle_of_symlinks_is_named() {
        let site = Site::new();
        symlink("two", site.path("one")).unwrap();
        symlink("one", site.path("two")).unwrap();
        let error = read(&site.path("one")).unwrap_err();
        assert!(matches!(error, PlanError::SymlinkLoop { .. }), "{error}");
    }

    #[test]
    fn a_fifo_or_a_device_is_never_opened() {
        let site = Site::new();
        let fifo = site.path("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        // Opened, it would block here for ever.
        for path in [fifo.as_path(), Path::new("/dev/zero")] {
            let error = read(path).unwrap_err();
            assert!(matches!(error, PlanError::NotRegular { .. }), "{error}");
        }
    }

    #[test]
    fn a_file_without_permission_is_unreadable() {
        let site = Site::new();
        let file = site.write("file", b"x");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
        match read(&file) {
            Err(error) => assert!(matches!(error, PlanError::Unreadable { .. }), "{error}"),
            // Root reads everything.
            Ok(state) => assert!(rustix::process::geteuid().is_root() && state.bytes() == Some(b"x")),
        }
    }
}
