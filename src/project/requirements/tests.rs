//! Proves where the provider is said to come from, for images, requirement files and Dockerfiles of all forms.

use super::super::runtime_from_dockerfile;
use super::*;

fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Needs) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let text = |name: &str| files.iter().find(|(found, _)| *found == name).map(|(_, text)| *text);
    let runtime = runtime_from_dockerfile(text("Dockerfile").unwrap_or_default());
    let needs = Needs::of(folder.path(), &runtime, text(REQUIREMENTS).map(str::as_bytes)).unwrap();
    (folder, needs)
}

fn provider(files: &[(&str, &str)]) -> (Option<(String, usize)>, bool) {
    let (folder, needs) = project(files);
    let root = folder.path();
    match needs.provider {
        Provider::Image => (None, true),
        Provider::Missing => (None, false),
        Provider::AskedFor(Place { path, line }) => {
            (Some((path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), line)), true)
        }
    }
}

const THREE: &str = "FROM astrocrpublic.azurecr.io/runtime:3.1-12\n";

#[test]
fn the_image_brings_it_with_airflow_2_unless_it_is_slim() {
    for (image, brings) in [
        ("quay.io/astronomer/astro-runtime:12.8.0", true),
        ("quay.io/astronomer/astro-runtime:12.8.0-python-3.11-base", true),
        ("quay.io/astronomer/astro-runtime:12.8.0-slim", false),
        ("quay.io/astronomer/astro-runtime:12.8.0-python-3.11-slim-base", false),
        ("quay.io/astronomer/astro-runtime@sha256:0123", false),
        ("astrocrpublic.azurecr.io/runtime:3.1-12", false),
        ("astrocrpublic.azurecr.io/runtime:3.1-12-slim", false),
        ("registry.corp.example/data/airflow-base:2026.11", false),
    ] {
        let (place, is_there) = provider(&[("Dockerfile", &format!("FROM {image}\n"))]);
        assert_eq!((place, is_there), (None, brings), "{image}");
    }
}

#[test]
fn a_line_of_a_person_counts_wherever_it_is() {
    let asked = |path: &str, line| (Some((path.to_owned(), line)), true);
    for (name, text, expected) in [
        ("requirements.txt", "a\nApache_Airflow_Providers_Amazon\n", asked("requirements.txt", 2)),
        ("requirements.txt", "apache-airflow[amazon]\n", asked("requirements.txt", 1)),
        ("requirements.txt", "apache-airflow[google]\n", (None, false)),
        ("requirements.txt", "-r more/base.txt\n", asked("more/base.txt", 2)),
        ("requirements.txt", "-c more/base.txt\n", (None, false)),
        ("requirements.txt", "-r missing.txt\n-r requirements.txt\n", (None, false)),
    ] {
        let base = "x\napache-airflow-providers-amazon==9.0.0\n-r ../requirements.txt\n";
        assert_eq!(provider(&[("Dockerfile", THREE), (name, text), ("more/base.txt", base)]), expected, "{text}");
    }
}

#[test]
fn a_dockerfile_that_installs_it_counts() {
    for (run, line) in [
        ("RUN pip install apache-airflow-providers-amazon", Some(2)),
        ("RUN pip3 install --no-cache-dir \"apache-airflow-providers-amazon>=8\" && true", Some(2)),
        (
            "RUN uv pip install \\\n    requests \\\n    # why\n    'apache-airflow-providers-amazon[s3fs]==9.0.0'",
            Some(5),
        ),
        ("RUN <<EOF\npip install apache-airflow-providers-amazon==9.0.0\nEOF", Some(3)),
        ("# RUN pip install apache-airflow-providers-amazon", None),
        ("RUN echo apache-airflow-providers-amazon", None),
        ("RUN pip install requests\nLABEL x=apache-airflow-providers-amazon", None),
    ] {
        let (found, _) = provider(&[("Dockerfile", &format!("{THREE}{run}\n"))]);
        assert_eq!(found.map(|(_, line)| line), line, "{run}");
    }
}

#[test]
fn pins_below_the_needed_version_are_found_and_others_are_none() {
    for specifiers in ["==4.0.0", "===5.0", "==5.0.*", "~=4.1", "~=5.0.0", "<5", "<5.1.0", "<=5.0", ">=3,<5.1", "==v4"]
    {
        assert!(excludes_what_is_needed(specifiers), "{specifiers}");
    }
    for specifiers in
        ["", ">=3", "==5.1", "==5.1.0", "==5.*", "==9.2.0", "~=5.0", "~=8.1.2", "<6", "<=5.1.0", "!=5.1.0", "==x"]
    {
        assert!(!excludes_what_is_needed(specifiers), "{specifiers}");
    }
}

#[test]
fn a_pin_in_a_constraints_file_is_found_with_its_line() {
    let (folder, needs) = project(&[
        ("Dockerfile", THREE),
        ("requirements.txt", "-c limits.txt\napache-airflow-providers-amazon\n"),
        ("limits.txt", "requests<3\napache-airflow-providers-amazon==4.0.0\n"),
    ]);
    let place = Place { path: folder.path().join("limits.txt"), line: 2 };
    assert_eq!(needs.too_old, [Pin { place, specifiers: "==4.0.0".to_owned() }]);
}

#[test]
fn a_base_image_has_to_install_the_file_itself() {
    let base = "FROM astrocrpublic.azurecr.io/runtime:3.1-12-base\n";
    let installs = format!("{base}COPY requirements.txt .\nRUN pip install -r requirements.txt\n");
    for (dockerfile, is_left_out) in [(base, true), (installs.as_str(), false), (THREE, false)] {
        assert_eq!(project(&[("Dockerfile", dockerfile)]).1.is_left_out, is_left_out, "{dockerfile}");
    }
}

#[test]
fn the_line_that_is_added_asks_for_the_version_that_is_needed() {
    let added = Requirement::parse(AMAZON_REQUIREMENT).unwrap();
    assert_eq!((added.name.as_str(), added.specifiers.as_str()), (AMAZON_PROVIDER, ">=5.1.0"));
    assert_eq!(release("5.1.0").unwrap(), FIRST);
}
