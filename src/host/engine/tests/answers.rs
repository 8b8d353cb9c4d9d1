//! Proves how the answers of Docker and Podman are read.

use crate::host::engine::answers::*;

#[test]
fn containers_of_docker_and_podman_are_read_alike() {
    let docker = concat!(
        r#"{"ID":"aaa","Image":"demo_1a2b3c/airflow:latest","Names":"demo_1a2b3c-scheduler-1","State":"running","#,
        r#""Labels":"com.docker.compose.project.working_dir=/home/ana/a,b,com.docker.compose.service=scheduler,"#,
        r#"io.astronomer.docker.component=airflow-scheduler,io.astronomer.docker=true"}"#,
        "\n",
        r#"{"ID":"bbb","Image":"demo_1a2b3c/airflow:latest","Names":"demo_1a2b3c-api-server-1","#,
        r#""Labels":"io.astronomer.docker.component=airflow-api-server,com.docker.compose.service=api-server"}"#,
        "\n",
    );
    let podman = concat!(
        r#"{"Id":"bbb","Image":"demo_1a2b3c/airflow:latest","Names":["demo_1a2b3c-api-server-1"],"#,
        r#""Labels":{"com.docker.compose.service":"api-server","io.astronomer.docker.component":"airflow-api-server"}}"#,
        "\r\n\r\n",
        r#"{"Id":"aaa","Image":"demo_1a2b3c/airflow:latest","Names":["demo_1a2b3c-scheduler-1"],"#,
        r#""Labels":{"com.docker.compose.service":"scheduler","io.astronomer.docker.component":"airflow-scheduler"}}"#,
    );
    let container = |id: &str, service: &str| Container {
        id: id.into(),
        name: format!("demo_1a2b3c-{service}-1"),
        service: service.into(),
        image: "demo_1a2b3c/airflow:latest".into(),
    };
    let expected = [container("bbb", "api-server"), container("aaa", "scheduler")];
    assert_eq!(parse_containers(docker).unwrap(), expected);
    assert_eq!(parse_containers(podman).unwrap(), expected);
}

#[test]
fn containers_that_are_no_airflow_component_are_left_out() {
    for labels in [r#""""#, "null", "{}", r#""com.docker.compose.service=postgres""#, r#"{"a":"b"}"#] {
        let row = format!(r#"{{"ID":"a","Labels":{labels}}}"#);
        assert_eq!(parse_containers(&row).unwrap(), [], "{labels}");
    }
    assert_eq!(parse_containers("").unwrap(), []);
    assert!(parse_containers("no such format").is_err());
}

#[test]
fn the_runtime_label_is_read_where_there_is_one() {
    let label = |json| parse_runtime_label(json).unwrap();
    assert_eq!(label("{\"io.astronomer.docker.runtime.version\":\"3.1-12\",\"a\":\"b\"}\n").as_deref(), Some("3.1-12"));
    assert_eq!(label("{}"), None);
    assert_eq!(label("null"), None);
    assert!(parse_runtime_label("<no value>").is_err());
}

#[test]
fn only_images_that_the_astro_cli_built_for_this_project_count() {
    let lines = "demo_1a2b3c/airflow:latest\nlocalhost/demo_ffffff/airflow:latest\ndemo2_1a2b3c/airflow:latest\n\
                 demo_1a2b3/airflow:latest\ndemo_1a2b3c/airflow:old\nx/demo_1a2b3c/airflow:latest\n<none>:<none>\n";
    assert_eq!(
        parse_built_images(lines, "demo"),
        ["demo_1a2b3c/airflow:latest", "localhost/demo_ffffff/airflow:latest"]
    );
    assert!(parse_built_images(lines, "").is_empty());
}
