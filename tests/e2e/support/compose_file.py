"""The compose file that `astro dev start` makes, service by service as Astro CLI 1.45 has them.

The containers run `sleep infinity` in the place of Airflow and publish no ports; everything that decides whose
credentials a process sees is as in the original: user, env_file, labels, volumes, the order of merging.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

WITHOUT_AIRFLOW = "postgres"
MIGRATION = "db-migration"
_PACKAGES = "/usr/local/lib/airflow-packages"


@dataclass(frozen=True)
class Airflow:
    """A major version of Airflow: the image that a project of it is FROM, and its services."""

    major: int
    image: str
    services: tuple[str, ...]

    def __str__(self) -> str:
        return f"airflow{self.major}"


AIRFLOW_2 = Airflow(2, "quay.io/astronomer/astro-runtime:13.4.0", ("scheduler", "triggerer", "webserver"))
AIRFLOW_3 = Airflow(
    3, "astrocrpublic.azurecr.io/runtime:3.1-12", ("api-server", "dag-processor", "scheduler", "triggerer")
)


def compose_file(airflow: Airflow, name: str, project: Path, packages: Path | None = None) -> str:
    """The text of the file; JSON, which is YAML too. `packages` is a folder on the host with the real Airflow."""
    services = {service: _airflow_service(service, name, project, packages) for service in airflow.services}
    services[WITHOUT_AIRFLOW] = {
        "image": "astro-aws-e2e/base",
        "command": ["sleep", "infinity"],
        "init": True,
        "networks": ["airflow"],
        "labels": {"io.astronomer.docker": "true", "io.astronomer.docker.cli": "true"},
    }
    if airflow.major == 3:
        services[MIGRATION] = {
            "image": f"{name}/airflow:latest",
            # Still migrating, as it is for the first half minute after `astro dev start`: running, with an Airflow
            # label, and yet without user, env_file and volumes. No DAG ever runs in it.
            "command": ["sleep", "infinity"],
            "init": True,
            "networks": ["airflow"],
            "labels": _labels(MIGRATION),
            "environment": {"ASTRONOMER_ENVIRONMENT": "local"},
        }
    document = {"networks": {"airflow": {"driver": "bridge"}}, "services": services, "volumes": {"airflow_logs": {}}}
    return json.dumps(document, indent=2)


def _airflow_service(service: str, name: str, project: Path, packages: Path | None) -> dict[str, object]:
    binds = [f"{project}/{folder}:/usr/local/airflow/{folder}:z" for folder in ("dags", "plugins", "include")]
    environment = {"AIRFLOW__CORE__EXECUTOR": "LocalExecutor", "ASTRONOMER_ENVIRONMENT": "local"}
    if packages:
        # In the place of a layer of the image, which would take minutes and a gigabyte to import.
        binds.append(f"{packages}:{_PACKAGES}:ro")
        environment["PYTHONPATH"] = _PACKAGES
    return {
        "image": f"{name}/airflow:latest",
        "command": ["airflow", service],
        # Ours: so that `sleep` ends at once when the project is taken down.
        "init": True,
        "restart": "unless-stopped",
        "networks": ["airflow"],
        "user": "astro",
        "labels": _labels(service),
        "environment": environment,
        "volumes": [*binds, "airflow_logs:/usr/local/airflow/logs"],
        "env_file": ".env",
    }


def _labels(service: str) -> dict[str, str]:
    return {
        "io.astronomer.docker": "true",
        "io.astronomer.docker.cli": "true",
        "io.astronomer.docker.component": f"airflow-{service}",
    }
