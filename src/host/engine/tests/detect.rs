//! Proves which engine is found, where it answers and what kind it is, without starting anything.

use crate::host::engine::*;
use crate::host::files::Table;
use crate::host::os::Os;
use crate::host::paths::HostPath;

type Variables = &'static [(&'static str, &'static str)];

fn host(os: Os, variables: &[(&str, &str)]) -> Host {
    let home = match os {
        Os::Windows => r"C:\Users\ana",
        Os::MacOs => "/Users/ana",
        Os::Linux | Os::Wsl => "/home/ana",
    };
    let mut host = Host::new(os, Env::new(os, variables.iter().copied()), Some(HostPath::new(os, home)), "/".into());
    host.uid = Some(1000);
    host
}

/// Endpoint and kind of the `docker` of a host.
fn docker(host: &Host, files: &Table) -> (Option<String>, EngineKind) {
    let endpoint = Endpoint::locate(host, EngineName::Docker, files);
    let kind = EngineKind::from_endpoint(host, EngineName::Docker, &endpoint, files);
    (endpoint.address, kind)
}

/// The metadata file of a context, under the SHA-256 of its name.
fn context(name: &str, address: &str) -> (String, String) {
    use sha2::Digest;
    let folder = hex::encode(sha2::Sha256::digest(name));
    let meta = format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{address}"}}}}}}"#);
    (format!("/home/ana/.docker/contexts/meta/{folder}/meta.json"), meta)
}

#[test]
fn the_endpoint_is_found_in_the_order_of_the_docker_cli() {
    let (path, meta) = context("colima", "unix:///home/ana/.colima/default/docker.sock");
    let (other_path, other_meta) = context("box", "ssh://ana@box");
    let files = || {
        Table::default()
            .with("/home/ana/.docker/config.json", r#"{"auths":{},"currentContext":"colima"}"#)
            .with(&path, &meta)
            .with(&other_path, &other_meta)
    };
    let cases: &[(Variables, &str, EndpointSource)] = &[
        (
            &[("DOCKER_HOST", "tcp://box:2376"), ("DOCKER_CONTEXT", "box")],
            "tcp://box:2376",
            EndpointSource::Variable("DOCKER_HOST"),
        ),
        (&[("DOCKER_CONTEXT", "box")], "ssh://ana@box", EndpointSource::Context("box".into())),
        (&[("DOCKER_CONTEXT", "default")], "unix:///var/run/docker.sock", EndpointSource::Default),
        (
            &[("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "")],
            "unix:///home/ana/.colima/default/docker.sock",
            EndpointSource::Context("colima".into()),
        ),
        (&[("DOCKER_CONFIG", "/elsewhere")], "unix:///var/run/docker.sock", EndpointSource::Default),
    ];
    for (variables, address, source) in cases {
        let endpoint = Endpoint::locate(&host(Os::Linux, variables), EngineName::Docker, &files());
        assert_eq!(endpoint, Endpoint { address: Some((*address).into()), source: source.clone() }, "{variables:?}");
    }
}

#[test]
fn the_metadata_folder_of_a_context_is_the_one_that_docker_makes() {
    // The folder that Docker's own CLI looked for when it was asked for a context named "foo".
    let path = "/home/ana/.docker/contexts/meta/\
                2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae/meta.json";
    let files = Table::default().with(path, r#"{"Endpoints":{"docker":{"Host":"unix:///foo.sock"}}}"#);
    let (address, _) = docker(&host(Os::Linux, &[("DOCKER_CONTEXT", "foo")]), &files);
    assert_eq!(address.as_deref(), Some("unix:///foo.sock"));
}

#[test]
fn a_damaged_docker_configuration_leaves_the_default_socket() {
    for text in ["", "{", "[]", r#"{"currentContext":""}"#, r#"{"currentContext":7}"#] {
        let files = Table::default().with("/home/ana/.docker/config.json", text);
        assert_eq!(docker(&host(Os::Linux, &[]), &files).1, EngineKind::Native, "{text}");
    }
}

#[test]
fn the_kind_follows_from_system_and_socket() {
    let cases = [
        (Os::Linux, "unix:///var/run/docker.sock", EngineKind::Native),
        (Os::Linux, "unix:///run/docker.sock", EngineKind::Native),
        (Os::Linux, "unix:///home/ana/.docker/desktop/docker.sock", EngineKind::Desktop),
        (Os::Linux, "unix:///run/user/1000/docker.sock", EngineKind::Rootless),
        (Os::Linux, "unix:///run/user/1000/podman/podman.sock", EngineKind::PodmanRootless),
        (Os::Linux, "unix:///run/podman/podman.sock", EngineKind::PodmanRootful),
        (Os::Linux, "unix:///home/ana/.colima/default/docker.sock", EngineKind::Vm(Vm::Colima)),
        (Os::Linux, "unix:///home/ana/.rd/docker.sock", EngineKind::Vm(Vm::RancherDesktop)),
        (Os::Linux, "unix:///srv/own.sock", EngineKind::Unknown),
        (Os::Linux, "tcp://10.0.0.7:2376", EngineKind::Remote),
        (Os::MacOs, "ssh://ana@box", EngineKind::Remote),
        (Os::MacOs, "unix:///Users/ana/.docker/run/docker.sock", EngineKind::Desktop),
        (Os::MacOs, "unix:///Users/ana/.orbstack/run/docker.sock", EngineKind::Vm(Vm::OrbStack)),
        (Os::MacOs, "unix:///Users/ana/.config/colima/work/docker.sock", EngineKind::Vm(Vm::Colima)),
        (Os::MacOs, "unix:///Users/ana/.lima/docker/sock/docker.sock", EngineKind::Vm(Vm::Lima)),
        (
            Os::MacOs,
            "unix:///var/folders/x/T/podman/podman-machine-default-api.sock",
            EngineKind::Vm(Vm::PodmanMachine),
        ),
        (Os::MacOs, "unix:///var/run/docker.sock", EngineKind::Vm(Vm::Other)),
        (Os::Windows, "npipe:////./pipe/dockerDesktopLinuxEngine", EngineKind::Desktop),
        (Os::Windows, "npipe:////./pipe/docker_engine", EngineKind::Desktop),
        (Os::Windows, "npipe:////./pipe/podman-machine-default", EngineKind::Vm(Vm::PodmanMachine)),
        (Os::Wsl, "unix:///var/run/docker.sock", EngineKind::Native),
        (Os::Wsl, "unix:///mnt/wsl/docker-desktop/shared-sockets/guest-services/docker.sock", EngineKind::Desktop),
    ];
    for (os, address, expected) in cases {
        let (_, kind) = docker(&host(os, &[("DOCKER_HOST", address)]), &Table::default());
        assert_eq!(kind, expected, "{os:?} {address}");
    }
}

#[test]
fn a_link_in_place_of_the_default_socket_gives_the_engine_away() {
    let cases = [
        (Os::MacOs, "/Users/ana/.docker/run/docker.sock", EngineKind::Desktop),
        (Os::MacOs, "/Users/ana/.orbstack/run/docker.sock", EngineKind::Vm(Vm::OrbStack)),
        (Os::MacOs, "/Users/ana/.rd/docker.sock", EngineKind::Vm(Vm::RancherDesktop)),
        (Os::Wsl, "/mnt/wsl/docker-desktop/shared-sockets/guest-services/docker.proxy.sock", EngineKind::Desktop),
        (Os::Linux, "/run/user/1000/docker.sock", EngineKind::Rootless),
        (Os::Linux, "/run/docker.sock", EngineKind::Native),
        (Os::Linux, "/run/podman/podman.sock", EngineKind::PodmanRootful),
    ];
    for (os, target, expected) in cases {
        let files = Table::default().with_link("/var/run/docker.sock", target);
        assert_eq!(docker(&host(os, &[]), &files).1, expected, "{os:?} {target}");
    }
}

#[test]
fn docker_desktop_is_seen_from_inside_wsl() {
    let files = Table::default().with("/mnt/wsl/docker-desktop", "");
    assert_eq!(docker(&host(Os::Wsl, &[]), &files).1, EngineKind::Desktop);
    assert_eq!(docker(&host(Os::Wsl, &[]), &Table::default()).1, EngineKind::Native);
    let rootless = [("DOCKER_HOST", "unix:///run/user/1000/docker.sock")];
    assert_eq!(docker(&host(Os::Wsl, &rootless), &files).1, EngineKind::Rootless);
}

#[test]
fn the_runtime_folder_of_the_user_marks_a_rootless_engine() {
    let variables = [("XDG_RUNTIME_DIR", "/tmp/ana"), ("DOCKER_HOST", "unix:///tmp/ana/docker.sock")];
    assert_eq!(docker(&host(Os::Linux, &variables), &Table::default()).1, EngineKind::Rootless);
}

#[test]
fn a_context_that_names_a_product_tells_the_kind_where_its_metadata_is_missing() {
    let cases = [
        ("desktop-linux", EngineKind::Desktop),
        ("orbstack", EngineKind::Vm(Vm::OrbStack)),
        ("colima-work", EngineKind::Vm(Vm::Colima)),
        ("rancher-desktop", EngineKind::Vm(Vm::RancherDesktop)),
        ("rootless", EngineKind::Rootless),
        ("colimabox", EngineKind::Unknown),
    ];
    for (name, expected) in cases {
        let (address, kind) = docker(&host(Os::Linux, &[("DOCKER_CONTEXT", name)]), &Table::default());
        assert_eq!((address, kind), (None, expected), "{name}");
    }
}

#[test]
fn podman_is_told_by_system_user_and_variable() {
    let cases: &[(Os, Option<u32>, Variables, EngineKind)] = &[
        (Os::Linux, Some(1000), &[], EngineKind::PodmanRootless),
        (Os::Linux, Some(0), &[], EngineKind::PodmanRootful),
        (Os::Wsl, Some(1000), &[], EngineKind::PodmanRootless),
        (Os::MacOs, Some(501), &[], EngineKind::Vm(Vm::PodmanMachine)),
        (Os::Windows, None, &[], EngineKind::Vm(Vm::PodmanMachine)),
        (Os::Linux, Some(1000), &[("CONTAINER_HOST", "ssh://ana@box/run/podman/podman.sock")], EngineKind::Remote),
        (Os::Linux, Some(1000), &[("CONTAINER_HOST", "unix:///run/podman/podman.sock")], EngineKind::PodmanRootful),
    ];
    for (os, uid, variables, expected) in cases {
        let mut host = host(*os, variables);
        host.uid = *uid;
        let endpoint = Endpoint::locate(&host, EngineName::Podman, &Table::default());
        let kind = EngineKind::from_endpoint(&host, EngineName::Podman, &endpoint, &Table::default());
        assert_eq!(kind, *expected, "{os:?} {uid:?} {variables:?}");
    }
}

#[test]
fn on_linux_the_modes_of_files_decide_whatever_the_engine() {
    for kind in [EngineKind::Native, EngineKind::Desktop, EngineKind::Rootless, EngineKind::Unknown] {
        assert!(kind.keeps_host_modes(Os::Linux) && kind.keeps_host_modes(Os::Wsl), "{kind}");
        assert!(!kind.keeps_host_modes(Os::MacOs) && !kind.keeps_host_modes(Os::Windows), "{kind}");
    }
    assert!(!EngineKind::Remote.sees_host_files());
    assert!(!EngineKind::Remote.keeps_host_modes(Os::Linux));
}

#[cfg(unix)]
mod binary {
    use super::*;
    use crate::host::stand_in;

    fn found(installed: &[&str], configured: Option<&str>) -> Result<EngineName, String> {
        let folder = tempfile::tempdir().unwrap();
        for name in installed {
            stand_in::program(folder.path(), name, "");
        }
        let host = host(Os::Linux, &[("PATH", folder.path().to_str().unwrap())]);
        let engine = Engine::find(&host, configured, &Table::default()).map_err(|error| error.to_string())?;
        assert_eq!(engine.binary, folder.path().join(engine.name.as_str()));
        Ok(engine.name)
    }

    #[test]
    fn the_configured_program_goes_before_docker_and_docker_before_podman() {
        use EngineName::{Docker, Podman};
        let both: &[&str] = &["docker", "podman"];
        assert_eq!(found(both, None), Ok(Docker));
        assert_eq!(found(both, Some("podman")), Ok(Podman));
        assert_eq!(found(both, Some("docker")), Ok(Docker));
        assert_eq!(found(&["podman"], None), Ok(Podman));
        // The Astro CLI goes on looking where the setting names something else.
        assert_eq!(found(both, Some("nerdctl")), Ok(Docker));
        assert_eq!(found(both, Some("")), Ok(Docker));
    }

    #[test]
    fn a_missing_program_is_named() {
        assert_eq!(found(&[], None), Err("found no `docker` or `podman` on PATH".into()));
        assert_eq!(found(&["docker"], Some("podman")), Err("found no `podman` on PATH".into()));
    }
}
