//! Proves which Airflow an image name or a label tells, and that the rest is called unclear.

use super::*;

const TWO: Airflow = Airflow::Two { triggerer: true };
const OLD_TWO: Airflow = Airflow::Two { triggerer: false };

/// The version that a `FROM` of this image gives.
fn from(image: &str) -> Option<Airflow> {
    match runtime_from_dockerfile(&format!("FROM {image}\n")) {
        Runtime::Found { airflow, .. } => Some(airflow),
        Runtime::Unclear { image: unclear, .. } => {
            assert_eq!(unclear.as_deref(), Some(image));
            None
        }
    }
}

#[test]
fn the_tag_tells_airflow_2_from_airflow_3() {
    let cases = [
        ("astrocrpublic.azurecr.io/runtime:3.0-4", Airflow::Three),
        ("astrocrpublic.azurecr.io/runtime:3.1-12-python-3.11", Airflow::Three),
        ("astrocrpublic.azurecr.io/runtime:3.1-12-slim", Airflow::Three),
        ("astrocrpublic.azurecr.io/runtime:3.1-12-slim-python-3.12-base", Airflow::Three),
        ("astrocrpublic.azurecr.io/runtime:3.1-1.alpha1", Airflow::Three),
        ("quay.io/astronomer/astro-runtime:3.0-1", Airflow::Three),
        ("quay.io/astronomer/astro-runtime:12.8.0", TWO),
        ("quay.io/astronomer/astro-runtime:12.8.0-base", TWO),
        ("quay.io/astronomer/astro-runtime:13.7.0-slim-python-3.12", TWO),
        ("quay.io/astronomer/astro-runtime:v9.1.0", TWO),
        ("astrocrpublic.azurecr.io/runtime:13.4.0", TWO),
        ("astrocrpublic.azurecr.io/runtime:2.11-3", TWO),
    ];
    for (image, expected) in cases {
        assert_eq!(from(image), Some(expected), "{image}");
    }
}

#[test]
fn runtime_3_0_4_is_airflow_2_and_runtime_3_0_dash_4_is_airflow_3() {
    assert_eq!(from("quay.io/astronomer/astro-runtime:3.0.4"), Some(OLD_TWO));
    assert_eq!(from("quay.io/astronomer/astro-runtime:3.0-4"), Some(Airflow::Three));
    assert_eq!(from("astrocrpublic.azurecr.io/runtime:3.0-4"), Some(Airflow::Three));
}

#[test]
fn the_triggerer_came_with_runtime_4() {
    for (tag, triggerer) in [
        ("3.0.4", false),
        ("3.9.9-base", false),
        ("4.0.0", true),
        ("4.2.5", true),
        ("12.0.0", true),
        ("3", false),
        ("4", true),
    ] {
        let image = format!("quay.io/astronomer/astro-runtime:{tag}");
        assert_eq!(from(&image), Some(Airflow::Two { triggerer }), "{tag}");
    }
}

#[test]
fn the_image_name_decides_where_the_tag_floats_or_a_digest_pins() {
    let digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let cases = [
        ("astrocrpublic.azurecr.io/runtime:3.1".to_owned(), Airflow::Three),
        ("astrocrpublic.azurecr.io/runtime:3.1-python-3.11".to_owned(), Airflow::Three),
        ("astrocrpublic.azurecr.io/runtime".to_owned(), Airflow::Three),
        ("quay.io/astronomer/astro-runtime:12".to_owned(), TWO),
        ("quay.io/astronomer/astro-runtime:12.8".to_owned(), TWO),
        ("quay.io/astronomer/astro-runtime:latest".to_owned(), TWO),
        ("quay.io/astronomer/astro-runtime".to_owned(), TWO),
        (format!("quay.io/astronomer/astro-runtime@{digest}"), TWO),
        (format!("quay.io/astronomer/astro-runtime:3.0-4@{digest}"), Airflow::Three),
        (format!("astrocrpublic.azurecr.io/runtime@{digest}"), Airflow::Three),
    ];
    for (image, expected) in cases {
        assert_eq!(from(&image), Some(expected), "{image}");
    }
}

#[test]
fn private_mirrors_are_recognised() {
    let cases = [
        ("registry.corp/mirror/astronomer/astro-runtime:12.8.0", TWO),
        ("registry.corp:5000/astro-runtime:12.8.0", TWO),
        ("localhost:5000/astro-runtime", TWO),
        ("corp/astrocrpublic/runtime:3.0-4", Airflow::Three),
        ("registry.corp:5000/astrocrpublic.azurecr.io/runtime:3.1", Airflow::Three),
        ("registry.corp/astronomer/runtime:3.1", Airflow::Three),
        ("registry.corp/base/runtime:3.0-4", Airflow::Three),
    ];
    for (image, expected) in cases {
        assert_eq!(from(image), Some(expected), "{image}");
    }
}

#[test]
fn other_images_are_unclear_and_not_guessed() {
    for image in [
        "python:3.12",
        "registry.corp/data/airflow-base:3.0-4",
        "mcr.example.com/dotnet/runtime:8.0",
        "registry.corp/runtime:8.0.1",
        "registry.corp/runtime",
        "apache/airflow:3.0.1",
        "scratch",
        "quay.io/astronomer/ap-airflow:2.4.3",
        "astrocrpublic.azurecr.io/runtime:4.0-1",
    ] {
        assert_eq!(from(image), None, "{image}");
    }
}

#[test]
fn the_finding_names_image_tag_reason_and_line() {
    let text = "ARG TAG=3.1-12\n# ours\nFROM corp:5000/astrocrpublic/runtime:${TAG} AS base\nFROM base\n";
    assert_eq!(
        runtime_from_dockerfile(text),
        Runtime::Found {
            airflow: Airflow::Three,
            image: "corp:5000/astrocrpublic/runtime".into(),
            tag: Some("3.1-12".into()),
            why: "the tag of `corp:5000/astrocrpublic/runtime:3.1-12` is of Airflow 3".into(),
            line: 3,
        }
    );
}

#[test]
fn an_unclear_dockerfile_says_why() {
    let why = |text: &str| match runtime_from_dockerfile(text) {
        Runtime::Unclear { why, .. } => why,
        Runtime::Found { .. } => panic!("{text} was found"),
    };
    assert_eq!(why("FROM python:3.12"), "`python:3.12` is not an Astro Runtime image");
    assert_eq!(why("RUN x"), "the Dockerfile has no FROM line");
    assert!(why("ARG T\nFROM x:$T").contains("`T` in `FROM x:$T` has no default"));
}

#[test]
fn the_label_of_a_built_image_tells_the_version() {
    let cases = [
        ("3.1-12", Some(Airflow::Three)),
        ("3.0-4-python-3.11", Some(Airflow::Three)),
        ("12.8.0", Some(TWO)),
        ("3.0.4\n", Some(OLD_TWO)),
        ("4.0.0", Some(TWO)),
        ("13.0.0-alpha1", Some(TWO)),
        ("4.0-1", None),
        ("3.1", None),
        ("latest", None),
        ("", None),
        ("99999999999999999999.0.0", None),
        ("1..2", None),
        (".1-2", None),
    ];
    for (label, expected) in cases {
        assert_eq!(airflow_from_runtime_label(label), expected, "{label}");
    }
}

#[test]
fn a_person_names_the_version_by_its_number() {
    assert_eq!(Airflow::from_major(2), Some(TWO));
    assert_eq!(Airflow::from_major(3), Some(Airflow::Three));
    assert_eq!(Airflow::from_major(1), None);
    assert_eq!((TWO.major(), OLD_TWO.major(), Airflow::Three.major()), (2, 2, 3));
}

#[test]
fn dags_have_a_schedule_from_runtime_6_on() {
    for (image, expected) in [
        ("quay.io/astronomer/astro-runtime:5.4.0", false),
        ("quay.io/astronomer/astro-runtime:3.0.4", false),
        ("quay.io/astronomer/astro-runtime:5", false),
        ("quay.io/astronomer/astro-runtime:6.0.0", true),
        ("quay.io/astronomer/astro-runtime:12", true),
        ("quay.io/astronomer/astro-runtime:3.0-1", true),
        ("quay.io/astronomer/astro-runtime@sha256:abc", true),
        ("astrocrpublic.azurecr.io/runtime:3.1-12", true),
        ("astrocrpublic.azurecr.io/runtime:3.1", true),
        ("python:3.12", true),
    ] {
        let runtime = runtime_from_dockerfile(&format!("FROM {image}\n"));
        assert_eq!(runtime.takes_schedule(), expected, "{image}");
    }
}
