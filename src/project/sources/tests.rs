use std::fs;

use super::*;

fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (folder, root)
}

fn names(root: &Path, syntax: IgnoreSyntax) -> Vec<String> {
    let found = sources(root, syntax, |path| path.extension().is_some_and(|extension| extension == "py"));
    let relative = |path: &PathBuf| path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
    found.files.iter().map(relative).collect()
}

#[test]
fn the_files_of_the_three_folders_are_found_and_foreign_code_is_not() {
    let (_folder, root) = project(&[
        ("dags/a.py", ""),
        ("dags/deep/er/b.py", ""),
        ("dags/readme.md", ""),
        ("include/c.py", ""),
        ("plugins/d.py", ""),
        ("tests/e.py", ""),
        ("f.py", ""),
        ("dags/.hidden/g.py", ""),
        ("dags/__pycache__/h.py", ""),
        ("include/venv/lib/i.py", ""),
        ("include/mine/pyvenv.cfg", ""),
        ("include/mine/j.py", ""),
    ]);
    assert_eq!(names(&root, IgnoreSyntax::Glob), ["dags/a.py", "dags/deep/er/b.py", "include/c.py", "plugins/d.py"]);
}

#[test]
fn an_airflowignore_counts_for_its_folder_and_below_in_git_s_syntax() {
    let (_folder, root) = project(&[
        ("dags/.airflowignore", "# old ones\nold_*.py\n/archive/\n**/drafts/*.py  # not yet\n!old_but_gold.py\n"),
        ("dags/old_a.py", ""),
        ("dags/old_but_gold.py", ""),
        ("dags/deep/old_b.py", ""),
        ("dags/archive/c.py", ""),
        ("dags/deep/archive/d.py", ""),
        ("dags/deep/drafts/e.py", ""),
        ("dags/other/.airflowignore", "[fg].py\n"),
        ("dags/other/f.py", ""),
        ("dags/other/h.py", ""),
        ("dags/zz/f.py", ""),
        ("include/old_i.py", ""),
    ]);
    assert_eq!(
        names(&root, IgnoreSyntax::Glob),
        ["dags/deep/archive/d.py", "dags/old_but_gold.py", "dags/other/h.py", "dags/zz/f.py", "include/old_i.py"]
    );
}

#[test]
fn an_airflowignore_of_airflow_2_holds_regular_expressions() {
    let (_folder, root) = project(&[
        ("dags/.airflowignore", "archive\n^tenant_[0-9]+/\n(\n"),
        ("dags/tenant_1/a.py", ""),
        ("dags/tenant_x/b.py", ""),
        ("dags/my_archive_2.py", ""),
    ]);
    assert_eq!(names(&root, IgnoreSyntax::Regexp), ["dags/tenant_x/b.py"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_project_and_never_in_circles() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.py"), "").unwrap();
    let (_folder, root) = project(&[("dags/a.py", ""), ("include/shared/b.py", "")]);
    symlink(root.join("include/shared"), root.join("dags/shared")).unwrap();
    symlink(root.join("dags"), root.join("dags/circle")).unwrap();
    symlink(outside.path(), root.join("dags/outside")).unwrap();
    symlink(outside.path().join("x.py"), root.join("dags/x.py")).unwrap();
    symlink(root.join("gone.py"), root.join("dags/gone.py")).unwrap();
    assert_eq!(names(&root, IgnoreSyntax::Glob), ["dags/a.py", "dags/shared/b.py", "include/shared/b.py"]);
    let found = sources(&root, IgnoreSyntax::Glob, |_| true);
    let left_out: Vec<_> = found.left_out.iter().filter_map(|(path, _)| path.file_name()?.to_str()).collect();
    assert_eq!(left_out.len(), 4, "{:?}", found.left_out);
}
