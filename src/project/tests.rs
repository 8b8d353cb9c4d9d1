//! Proves what a whole project is read as, on the fixtures and on damaged ones.

use std::path::{Path, PathBuf};

use super::*;

fn fixture(name: &str) -> PathBuf {
    dunce::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(name)).unwrap()
}

fn open(name: &str) -> Project {
    Project::open(&fixture(name), None, None).unwrap()
}

#[test]
fn every_fixture_is_read_as_what_it_stands_for() {
    use DevMode::{Docker, Standalone};
    let two = Some(Airflow::Two { triggerer: true });
    let cases = [
        ("airflow2", two, Docker),
        ("airflow2-private-mirror", two, Docker),
        ("airflow2-old", Some(Airflow::Two { triggerer: false }), Docker),
        ("airflow3", Some(Airflow::Three), Docker),
        ("airflow3-private-mirror", Some(Airflow::Three), Docker),
        ("multi-stage", Some(Airflow::Three), Docker),
        ("podman", Some(Airflow::Three), Docker),
        ("standalone", Some(Airflow::Three), Standalone),
        ("unclear", None, Docker),
    ];
    for (name, airflow, mode) in cases {
        let project = open(name);
        assert_eq!((project.airflow(), project.settings.dev_mode), (airflow, mode), "{name}");
        assert_eq!(project.name(), name);
        assert_eq!(project.root, fixture(name));
    }
    assert_eq!(open("podman").settings.container_binary.as_deref(), Some("podman"));
    let listed = std::fs::read_dir(fixture("")).unwrap().count();
    assert_eq!(listed, cases.len(), "a fixture without a test");
}

#[test]
fn every_fixture_looks_as_the_astro_cli_leaves_it() {
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let folder = entry.unwrap().path();
        let files = [
            ".astro/config.yaml",
            ".dockerignore",
            ".env",
            ".gitignore",
            "Dockerfile",
            "packages.txt",
            "requirements.txt",
        ];
        for file in files {
            assert!(folder.join(file).is_file(), "{}/{file}", folder.display());
        }
        assert!(folder.join("dags").read_dir().unwrap().next().is_some(), "{}", folder.display());
    }
}

#[test]
fn a_project_is_found_from_within() {
    let project = Project::open(&fixture("airflow3").join("dags"), None, None).unwrap();
    assert_eq!(project.root, fixture("airflow3"));
    assert_eq!(project.working_dirs(), [fixture("airflow3")]);
}

fn temporary(dockerfile: Option<&str>, config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".astro")).unwrap();
    std::fs::write(folder.path().join(".astro/config.yaml"), config).unwrap();
    if let Some(text) = dockerfile {
        std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
    }
    folder
}

#[test]
fn a_project_without_a_dockerfile_is_unclear_and_no_error() {
    let folder = temporary(None, "");
    let project = Project::open(folder.path(), None, None).unwrap();
    assert_eq!(project.runtime, Runtime::Unclear { image: None, why: "the project has no Dockerfile".to_owned() });
    assert_eq!(project.name(), project.root.file_name().unwrap().to_str().unwrap());
}

#[test]
fn a_dockerfile_that_cannot_be_read_is_named() {
    let folder = temporary(None, "");
    std::fs::create_dir(folder.path().join("Dockerfile")).unwrap();
    let error = Project::open(folder.path(), None, None).unwrap_err();
    assert!(error.to_string().ends_with("Dockerfile"), "{error}");
}

#[test]
fn a_malformed_configuration_is_named_with_its_line() {
    let folder = temporary(Some("FROM x"), "project:\n\tname: demo\n");
    let error = Project::open(folder.path(), None, None).unwrap_err();
    let root = dunce::canonicalize(folder.path()).unwrap();
    assert!(error.to_string().starts_with(&format!("{}:2: ", root.join(".astro/config.yaml").display())), "{error}");
}

#[cfg(unix)]
#[test]
fn a_project_reached_by_a_link_is_known_to_compose_by_either_name() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(fixture("airflow3"), &link).unwrap();
    let project = Project::open(&link, None, None).unwrap();
    assert_eq!(project.working_dirs(), [link, fixture("airflow3")]);
}
