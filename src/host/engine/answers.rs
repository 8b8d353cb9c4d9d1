//! What the engine's command line answers, read without running it: Docker's way and Podman's alike.
//!
//! In: the text of its standard output or standard error. Out: containers, an image's Runtime version, built images,
//! or which kind of failure it tells of.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The label under which Compose records a container's service.
const SERVICE_LABEL: &str = "com.docker.compose.service";
/// The label by which the Astro CLI marks an Airflow component; its value is `airflow-<service>`.
pub(super) const COMPONENT_LABEL: &str = "io.astronomer.docker.component";
/// The label under which Compose records the folder that a project was started from.
pub(super) const WORKING_DIR_LABEL: &str = "com.docker.compose.project.working_dir";
/// The label in which a Runtime image names its version.
pub(super) const RUNTIME_LABEL: &str = "io.astronomer.docker.runtime.version";

/// A running container of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id, as much of it as the engine prints.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The Compose service that it runs.
    pub service: String,
    /// The image that it was made from.
    pub image: String,
}

#[derive(Deserialize)]
struct Row {
    #[serde(alias = "ID", alias = "Id")]
    id: String,
    #[serde(default, alias = "Names")]
    names: Value,
    #[serde(default, alias = "Image")]
    image: String,
    #[serde(default, alias = "Labels")]
    labels: Value,
}

/// Reads `ps --format '{{json .}}'`, a container a line, and keeps Airflow's components.
///
/// Docker writes labels as `a=b,c=d` and names as one text, Podman an object and a list.
///
/// # Errors
/// The JSON error of the first line that is no container.
pub(super) fn parse_containers(lines: &str) -> Result<Vec<Container>, serde_json::Error> {
    let rows = lines.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str::<Row>);
    let mut containers = Vec::new();
    for row in rows {
        let row = row?;
        let component = label(&row.labels, COMPONENT_LABEL);
        let Some(component) = component.as_deref().and_then(|component| component.strip_prefix("airflow-")) else {
            continue;
        };
        let service = label(&row.labels, SERVICE_LABEL).unwrap_or_else(|| component.to_owned());
        containers.push(Container { id: row.id, name: first_name(&row.names), service, image: row.image });
    }
    containers.sort_by(|a, b| a.service.cmp(&b.service).then_with(|| a.name.cmp(&b.name)));
    Ok(containers)
}

/// The value of a label. A comma inside another label's value splits it, which cannot hurt: the parts that are
/// wanted hold none.
fn label(labels: &Value, name: &str) -> Option<String> {
    match labels {
        Value::Object(labels) => labels.get(name)?.as_str().map(str::to_owned),
        Value::String(labels) => {
            labels.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        }
        _ => None,
    }
}

fn first_name(names: &Value) -> String {
    let first = match names {
        Value::Array(names) => names.first().and_then(Value::as_str),
        Value::String(names) => names.split(',').next(),
        _ => None,
    };
    first.unwrap_or_default().to_owned()
}

/// Reads `image inspect --format '{{json .Config.Labels}}'`: the Runtime version, `None` where the image has none.
///
/// # Errors
/// The JSON error if the answer is no set of labels.
pub(super) fn parse_runtime_label(json: &str) -> Result<Option<String>, serde_json::Error> {
    let labels: Option<Map<String, Value>> = serde_json::from_str(json.trim())?;
    Ok(labels.and_then(|labels| Some(labels.get(RUNTIME_LABEL)?.as_str()?.to_owned())))
}

/// Reads `image ls --format '{{.Repository}}:{{.Tag}}'` and picks the images that the Astro CLI built for projects
/// of this name: `<name>_<six hexadecimal digits>/airflow:latest` (astronomer/astro-cli:airflow/container.go,
/// `ProjectNameUnique`). The digits stem from the folder; two folders of one name give two images.
pub(super) fn parse_built_images(lines: &str, project_name: &str) -> Vec<String> {
    let is_built = |image: &str| {
        let image = image.strip_prefix("localhost/").unwrap_or(image);
        let digits = image
            .strip_prefix(project_name)
            .and_then(|rest| rest.strip_prefix('_'))
            .and_then(|rest| rest.strip_suffix("/airflow:latest"));
        digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    lines.lines().map(str::trim).filter(|image| is_built(image)).map(str::to_owned).collect()
}

/// Whether a failing command line says that there is no engine to talk to, rather than that the engine refused.
pub(super) fn is_unreachable(stderr: &str) -> bool {
    const SIGNS: &[&str] = &[
        "cannot connect to the docker daemon",
        "failed to connect to the docker api",
        "error during connect",
        "permission denied while trying to connect",
        "is the docker daemon running",
        "cannot connect to podman",
        "unable to connect to podman",
        "unable to resolve docker endpoint",
        "dial unix",
    ];
    let stderr = stderr.to_ascii_lowercase();
    SIGNS.iter().any(|sign| stderr.contains(sign))
}

/// Whether a failing `exec` stems from the engine, which had no such running container, rather than from the program.
pub(super) fn is_no_such_container(stderr: &str) -> bool {
    const SIGNS: &[&str] = &[
        "Error response from daemon: ",
        "Error: No such container",
        "Error: no container with",
        "Error: can only create exec sessions on running containers",
    ];
    stderr.lines().any(|line| SIGNS.iter().any(|sign| line.starts_with(sign)))
}

/// Whether a failing `inspect` says that there is no such image.
pub(super) fn is_no_such_image(stderr: &str) -> bool {
    const SIGNS: &[&str] = &["no such image", "no such object", "image not known", "failed to find image"];
    let stderr = stderr.to_ascii_lowercase();
    SIGNS.iter().any(|sign| stderr.contains(sign))
}
