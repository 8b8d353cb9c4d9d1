//! Proves which folder is the project, from wherever the search begins.

use std::fs;

use super::*;

/// A fresh folder with links resolved, and these projects in it.
fn tree(projects: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = dunce::canonicalize(folder.path()).unwrap();
    for project in projects {
        let astro = root.join(project).join(".astro");
        fs::create_dir_all(&astro).unwrap();
        fs::write(astro.join("config.yaml"), "project:\n  name: demo\n").unwrap();
    }
    (folder, root)
}

#[test]
fn finds_the_nearest_project_upwards() {
    let (_guard, root) = tree(&["outer", "outer/inner"]);
    let deep = root.join("outer/inner/dags/team");
    fs::create_dir_all(&deep).unwrap();
    fs::create_dir_all(root.join("outer/dags")).unwrap();
    for (start, expected) in [(deep, "outer/inner"), (root.join("outer/dags"), "outer"), (root.join("outer"), "outer")]
    {
        let expected = root.join(expected);
        let located = locate(&start, None).unwrap();
        assert_eq!(located, Located { root: expected.clone(), reached_as: expected });
    }
}

#[test]
fn a_path_that_goes_back_leaves_the_project_it_came_from() {
    let (_guard, root) = tree(&["one", "two"]);
    fs::create_dir_all(root.join("one/dags")).unwrap();
    fs::create_dir_all(root.join("plain")).unwrap();
    let start = root.join("one/dags/../../two");
    assert_eq!(locate(&start, None).unwrap().root, root.join("two"));
    let plain = locate(&root.join("one/dags/../../plain"), None);
    assert!(matches!(plain, Err(LocateError::NotAProject { .. })), "{plain:?}");
}

#[test]
fn a_folder_outside_any_project_is_refused_by_name() {
    let (_guard, root) = tree(&[]);
    fs::create_dir_all(root.join("plain/.astro")).unwrap();
    fs::write(root.join("plain/.astro/config.yml"), "").unwrap();
    let error = locate(&root.join("plain"), None).unwrap_err();
    assert!(matches!(&error, LocateError::NotAProject { start } if *start == root.join("plain")), "{error:?}");
}

#[test]
fn the_home_folder_never_counts() {
    let (_guard, root) = tree(&["home", "home/work"]);
    let home = root.join("home");
    fs::create_dir_all(home.join("plain")).unwrap();
    for start in [home.clone(), home.join("plain")] {
        assert!(matches!(locate(&start, Some(&home)), Err(LocateError::NotAProject { .. })), "{}", start.display());
    }
    assert_eq!(locate(&home.join("work"), Some(&home)).unwrap().root, home.join("work"));
}

#[test]
fn a_project_above_the_home_is_still_found() {
    let (_guard, root) = tree(&["", "home"]);
    assert_eq!(locate(&root.join("home"), Some(&root.join("home"))).unwrap().root, root);
}

#[test]
fn a_folder_that_is_not_there_and_a_file_are_refused() {
    let (_guard, root) = tree(&["demo"]);
    for start in [root.join("missing"), root.join("demo/.astro/config.yaml")] {
        assert!(matches!(locate(&start, None), Err(LocateError::NoFolder { .. })), "{}", start.display());
    }
}

#[cfg(unix)]
#[test]
fn a_project_reached_by_a_link_keeps_both_its_names() {
    let (_guard, root) = tree(&["real"]);
    let link = root.join("link");
    std::os::unix::fs::symlink(root.join("real"), &link).unwrap();
    assert_eq!(locate(&link, None).unwrap(), Located { root: root.join("real"), reached_as: link });
}

#[cfg(unix)]
#[test]
fn a_link_into_a_project_leads_to_it() {
    let (_guard, root) = tree(&["real"]);
    fs::create_dir_all(root.join("real/dags")).unwrap();
    let link = root.join("dags");
    std::os::unix::fs::symlink(root.join("real/dags"), &link).unwrap();
    assert_eq!(locate(&link, None).unwrap().root, root.join("real"));
}

#[cfg(unix)]
#[test]
fn a_home_reached_by_a_link_does_not_count_either() {
    let (_guard, root) = tree(&["home"]);
    let link = root.join("link");
    std::os::unix::fs::symlink(root.join("home"), &link).unwrap();
    assert!(matches!(locate(&root.join("home"), Some(&link)), Err(LocateError::NotAProject { .. })));
    assert!(matches!(locate(&link, Some(&root.join("home"))), Err(LocateError::NotAProject { .. })));
}

#[cfg(unix)]
#[test]
fn a_project_that_cannot_be_looked_at_is_said_and_not_skipped() {
    let (_guard, root) = tree(&["demo"]);
    let config = root.join("demo/.astro/config.yaml");
    fs::remove_file(&config).unwrap();
    std::os::unix::fs::symlink(&config, &config).unwrap();
    let error = locate(&root.join("demo"), None).unwrap_err();
    assert!(matches!(&error, LocateError::Unreadable { path, .. } if *path == config), "{error:?}");
}
