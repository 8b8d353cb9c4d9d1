//! Proves the lock, the modes of files and folders, and what stands in a file's place.

use std::cell::Cell;

use super::*;

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

const WAIT: Duration = Duration::from_secs(60);

#[test]
fn a_lock_is_one_callers_at_a_time_and_each_sign_in_has_its_own() {
    let folder = Folder::new();
    let cache = folder.cache();
    let other = named(Some("other"), &[]);
    now(async {
        let waited = Cell::new(0);
        let mut waiting = || waited.set(waited.get() + 1);
        let lock = cache.lock(&session(), WAIT, &mut waiting).await.unwrap();
        cache.lock(&other, WAIT, &mut waiting).await.unwrap();
        assert_eq!(waited.get(), 0);
        let limit = Duration::from_millis(400);
        let error = cache.lock(&session(), limit, &mut waiting).await.unwrap_err();
        assert!(
            matches!(&error, CacheError::Locked { session, limit: found } if session == "my-sso" && *found == limit)
        );
        assert_eq!(waited.get(), 1, "told once, however long it takes");
        drop(lock);
        cache.lock(&session(), WAIT, &mut waiting).await.unwrap();
    });
    let locks: Vec<_> = folder.files().into_iter().filter(|name| name.ends_with(".lock")).collect();
    assert_eq!(locks.len(), 2);
}

#[test]
fn several_callers_of_one_process_wait_side_by_side() {
    let folder = Folder::new();
    let cache = folder.cache();
    let (inside, count) = (Cell::new(0), Cell::new(0));
    now(futures_util::future::join_all((0..20).map(|_| async {
        let _lock = cache.lock(&session(), WAIT, &mut || {}).await.unwrap();
        assert_eq!(inside.replace(1), 0, "one at a time");
        tokio::task::yield_now().await;
        inside.set(0);
        count.set(count.get() + 1);
    })));
    assert_eq!(count.get(), 20);
}

#[test]
fn who_gets_the_lock_sweeps_up_after_the_killed() {
    let folder = Folder::new();
    folder.cache().keep_token(&session(), &token()).unwrap();
    let token_path = folder.cache().token_path(&session());
    let name = token_path.file_name().unwrap().to_str().unwrap();
    fs::write(token_path.with_file_name(format!(".astro-aws-{name}-0")), "hunter2").unwrap();
    let _lock = now(folder.cache().lock(&session(), WAIT, &mut || {})).unwrap();
    assert_eq!(folder.files(), [name.to_owned(), name.replace(".json", ".lock")]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_are_0600_in_a_0700_folder_also_where_an_older_one_is_looser() {
        let folder = Folder::new();
        let cache = folder.cache();
        let _lock = now(cache.lock(&session(), WAIT, &mut || {})).unwrap();
        cache.keep_token(&session(), &token()).unwrap();
        cache.keep_registration(&session(), RegistrationKind::Pkce, &registered()).unwrap();
        let files = folder.files();
        assert_eq!(files.len(), 3);
        for name in files {
            assert_eq!(mode(&folder.root.path().join("sso/cache").join(&name)), 0o600, "{name}");
        }
        assert_eq!(mode(&folder.root.path().join("sso/cache")), 0o700);
        assert_eq!(mode(&folder.root.path().join("sso")), 0o700);
        let path = cache.token_path(&session());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(folder.root.path().join("sso/cache"), fs::Permissions::from_mode(0o755)).unwrap();
        cache.keep_token(&session(), &token()).unwrap();
        assert_eq!((mode(&path), mode(&folder.root.path().join("sso/cache"))), (0o600, 0o755));
    }

    #[test]
    fn a_fifo_in_a_tokens_place_is_not_waited_for() {
        let folder = Folder::new();
        let cache = folder.cache();
        cache.keep_token(&session(), &token()).unwrap();
        let path = cache.token_path(&session());
        fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let error = cache.token(&session(), &|_| {}).unwrap_err();
        assert_eq!(error.to_string(), format!("`{}` cannot be read: it is not a regular file", path.display()));
        let error = cache.keep_token(&session(), &token()).unwrap_err();
        assert_eq!(error.to_string(), format!("`{}` cannot be written: it is not a regular file", path.display()));
    }

    #[test]
    fn a_file_that_may_not_be_read_is_an_error_and_no_sign_out() {
        let folder = Folder::new();
        folder.cache().keep_token(&session(), &token()).unwrap();
        fs::set_permissions(folder.cache().token_path(&session()), fs::Permissions::from_mode(0o000)).unwrap();
        match folder.cache().token(&session(), &|_| {}) {
            Err(error) => assert!(matches!(error, CacheError::Unreadable { .. }), "{error}"),
            // Root reads everything.
            Ok(found) => assert!(rustix::process::geteuid().is_root() && found == Some(token())),
        }
    }

    #[test]
    fn a_token_behind_a_symlink_is_replaced_there() {
        let folder = Folder::new();
        let real = folder.root.path().join("real.json");
        fs::write(&real, "{}").unwrap();
        fs::create_dir_all(folder.root.path().join("sso/cache")).unwrap();
        symlink(&real, folder.cache().token_path(&session())).unwrap();
        folder.cache().keep_token(&session(), &token()).unwrap();
        assert!(folder.cache().token_path(&session()).is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("access-1"));
        assert_eq!(folder.token(), Some(token()));
    }
}
