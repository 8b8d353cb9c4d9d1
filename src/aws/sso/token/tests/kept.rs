//! Proves that no new token is lost: none is asked for that could not be kept, and no signal comes in between.

use super::*;

/// Makes the cache one in which no lock can be had.
#[cfg(unix)]
fn without_lock(site: &Site) {
    fs::create_dir(site.cache().token_path(&site.session).with_extension("lock")).unwrap();
}

/// Makes the token a file that cannot be replaced: beside it there is room for no longer name.
#[cfg(unix)]
fn without_place(site: &Site) {
    let path = site.cache().token_path(&site.session);
    let long = path.with_file_name("x".repeat(250));
    fs::rename(&path, &long).unwrap();
    std::os::unix::fs::symlink(&long, &path).unwrap();
}

#[cfg(unix)]
#[test]
fn no_refresh_goes_out_whose_token_could_not_be_kept() {
    for spoil in [without_lock as fn(&Site), without_place] {
        let site = Site::with(&token("old", 1));
        spoil(&site);
        assert_eq!(site.live_now(Ok(token("new", 60 * MINUTE))).unwrap().token, token("old", 1));
        let expired = Site::with(&token("old", 0));
        spoil(&expired);
        let failure = expired.live_now(Ok(token("new", 60 * MINUTE))).unwrap_err();
        assert!(matches!(failure, TokenFailure::Cache(CacheError::NotWritten { .. })), "{failure}");
        assert_eq!((site.refreshes.get(), expired.refreshes.get()), (0, 0));
        assert_eq!(expired.kept(), Some(token("old", 0)));
    }
}

#[test]
fn a_token_that_could_not_be_kept_after_all_is_an_error_and_leaves_nothing() {
    let site = Site::with(&token("old", 0));
    let path = site.cache().token_path(&site.session);
    let failure = now(site.live(async |_| {
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        Ok(token("new", 60 * MINUTE))
    }));
    assert!(matches!(failure, Err(TokenFailure::Cache(CacheError::NotWritten { .. }))), "{failure:?}");
    assert_eq!(site.files(), [path.clone(), path.with_extension("lock")]);
}

/// A signal is the whole process's affair, so the one that gets it is a child.
#[cfg(unix)]
#[test]
fn a_signal_during_a_refresh_acts_when_the_new_token_is_kept() {
    use std::os::unix::process::ExitStatusExt;

    use signal_hook::consts::SIGINT;

    const CHILD: &str = "ASTRO_AWS_TEST_REFRESH";
    let mut site = Site::with(&token("old", 0));
    if let Ok(folder) = std::env::var(CHILD) {
        site.root = TempDir::new_in(folder).unwrap();
        site.cache().keep_token(&site.session, &token("old", 0)).unwrap();
        let live = now(site.live(async |_| {
            signal_hook::low_level::raise(SIGINT).unwrap();
            Ok(token("new", 60 * MINUTE))
        }));
        unreachable!("the signal has ended the process: {live:?}");
    }
    let this = "aws::sso::token::tests::kept::a_signal_during_a_refresh_acts_when_the_new_token_is_kept";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", this, "--nocapture"]).env(CHILD, site.root.path()).output().unwrap();
    assert_eq!(output.status.signal(), Some(SIGINT), "{output:?}");
    let folders = fs::read_dir(site.root.path()).unwrap().map(|entry| entry.unwrap().path());
    let childs: Vec<_> = folders.filter(|path| !path.ends_with("cache")).collect();
    let [root] = &childs[..] else { panic!("{childs:?}") };
    let kept = Cache::new(root.join("cache")).token(&site.session, &|_| {}).unwrap();
    assert_eq!(kept, Some(token("new", 60 * MINUTE)));
}
