use crate::host::engine::answers::*;
use crate::host::engine::{EngineKind, Vm};

fn info(json: &str) -> EngineInfo {
    EngineInfo::parse(json).unwrap()
}

#[test]
fn dockers_account_of_itself_is_read() {
    let json = r#"{"ID":"x","ServerVersion":"28.2.2","OperatingSystem":"Fedora Linux 40","Name":"ana-pc","SecurityOptions":
        ["name=seccomp,profile=builtin","name=selinux","name=cgroupns"],"Warnings":null}"#;
    assert_eq!(
        info(json),
        EngineInfo {
            version: "28.2.2".into(),
            operating_system: "Fedora Linux 40".into(),
            machine: "ana-pc".into(),
            selinux: true,
            ..EngineInfo::default()
        }
    );
    assert!(info(r#"{"ServerVersion":"28","SecurityOptions":["name=rootless"]}"#).rootless);
    assert!(info(r#"{"ServerVersion":"28","SecurityOptions":["name=userns"]}"#).userns_remap);
}

#[test]
fn podmans_account_of_itself_is_read() {
    let json = r#"{"host":{"hostname":"ana-pc","distribution":{"distribution":"fedora","version":"40"},
        "security":{"rootless":true,"selinuxEnabled":true}},"version":{"APIVersion":"4.3.1","Version":"4.3.1"}}"#;
    assert_eq!(
        info(json),
        EngineInfo {
            version: "4.3.1".into(),
            operating_system: "fedora".into(),
            machine: "ana-pc".into(),
            rootless: true,
            selinux: true,
            is_podman: true,
            ..EngineInfo::default()
        }
    );
}

#[test]
fn an_answer_without_an_engine_behind_it_is_none() {
    for json in ["", "not json", "[]", "null", r#"{"ServerVersion":"","SecurityOptions":null}"#] {
        assert_eq!(EngineInfo::parse(json), None, "{json}");
    }
}

#[test]
fn what_the_engine_says_goes_before_what_its_endpoint_suggests() {
    let system =
        |operating_system: &str| EngineInfo { operating_system: operating_system.into(), ..Default::default() };
    let machine = |machine: &str| EngineInfo { machine: machine.into(), ..Default::default() };
    let rootless = EngineInfo { rootless: true, ..Default::default() };
    let podman = EngineInfo { is_podman: true, ..Default::default() };
    let cases = [
        (EngineKind::Native, system("Docker Desktop"), EngineKind::Desktop),
        (EngineKind::Vm(Vm::Other), system("Docker Desktop"), EngineKind::Desktop),
        (EngineKind::Vm(Vm::Other), system("OrbStack"), EngineKind::Vm(Vm::OrbStack)),
        (EngineKind::Vm(Vm::Other), machine("colima"), EngineKind::Vm(Vm::Colima)),
        (EngineKind::Vm(Vm::Other), machine("lima-rancher-desktop"), EngineKind::Vm(Vm::RancherDesktop)),
        (EngineKind::Vm(Vm::Lima), system("Ubuntu 24.04"), EngineKind::Vm(Vm::Lima)),
        (EngineKind::Unknown, system("Debian GNU/Linux 12 (bookworm)"), EngineKind::Native),
        (EngineKind::Native, system("Debian GNU/Linux 12 (bookworm)"), EngineKind::Native),
        (EngineKind::Native, rootless.clone(), EngineKind::Rootless),
        (EngineKind::Rootless, system("Debian GNU/Linux 12 (bookworm)"), EngineKind::Native),
        (EngineKind::Native, podman.clone(), EngineKind::PodmanRootful),
        (EngineKind::Unknown, EngineInfo { rootless: true, ..podman.clone() }, EngineKind::PodmanRootless),
        (EngineKind::Vm(Vm::PodmanMachine), EngineInfo { rootless: true, ..podman }, EngineKind::Vm(Vm::PodmanMachine)),
        (EngineKind::Remote, system("Docker Desktop"), EngineKind::Remote),
    ];
    for (before, info, after) in cases {
        assert_eq!(before.refined(&info), after, "{before} {info:?}");
    }
}

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
