//! Which Airflow a project runs, where its Dockerfile does not tell: the label of its image decides, else the person.

use crate::support::TestEnvironment;

/// What the Dockerfile of the project `unclear` begins with.
const BASE: &str = "registry.corp.example/data/airflow-base:2026.11";

fn unclear() -> TestEnvironment {
    TestEnvironment::with_mountable_project("unclear")
}

#[track_caller]
fn airflow_of(env: &TestEnvironment) -> serde_json::Value {
    env.run(&["init", "--yes", "--output", "json"]).succeeds().json()["airflow"].clone()
}

#[test]
fn the_label_of_the_base_image_decides() {
    for (runtime, airflow, service) in [("13.4.0", 2, "webserver"), ("3.1-12", 3, "api-server")] {
        let env = unclear();
        env.has_image(BASE, runtime);
        assert_eq!(airflow_of(&env), airflow, "{runtime}");
        assert!(env.text("docker-compose.override.yml").contains(&format!("  {service}:\n")), "{runtime}");
        assert!(env.calls_of("docker").contains(&format!("[--][{BASE}]\n")), "{}", env.calls_of("docker"));
    }
}

#[test]
fn the_label_of_the_image_that_the_astro_cli_built_decides() {
    for (runtime, airflow) in [("13.4.0", 2), ("3.1-12", 3)] {
        let env = unclear();
        env.has_image("unclear_0a1b2c/airflow:latest", runtime);
        assert_eq!(airflow_of(&env), airflow, "{runtime}");
    }
}

#[test]
fn the_image_of_another_project_decides_nothing() {
    let env = unclear();
    for name in ["other_0a1b2c/airflow:latest", "unclear-two_0a1b2c/airflow:latest", "unclear_0a1b2c/airflow:old"] {
        env.has_image(name, "3.1-12");
    }
    env.refuses(4, &["init", "--yes"]).says("--airflow");
}

#[test]
fn images_that_contradict_each_other_decide_nothing() {
    let env = unclear();
    env.has_image("unclear_0a1b2c/airflow:latest", "13.4.0");
    env.has_image("unclear_3d4e5f/airflow:latest", "3.1-12");
    env.refuses(4, &["init", "--yes"]).says("--airflow");
}

#[test]
fn a_dockerfile_that_tells_needs_no_engine() {
    let env = TestEnvironment::with_mountable_project("airflow2");
    env.has_image("airflow2_0a1b2c/airflow:latest", "3.1-12");
    assert_eq!(airflow_of(&env), 2);
    assert_eq!(env.calls_of("docker").matches("[image]").count(), 0, "{}", env.calls_of("docker"));
}

#[test]
fn a_person_on_a_terminal_is_asked() {
    for (row, service, other) in [(0, "api-server", "webserver"), (1, "webserver", "api-server")] {
        let env = unclear();
        env.on_terminal(&["init", "--yes"]).asks("Which Airflow").asks("Airflow 2").chose(row).ends().succeeds();
        let text = env.text("docker-compose.override.yml");
        assert!(text.contains(&format!("  {service}:\n")) && !text.contains(other), "{text}");
    }
}
