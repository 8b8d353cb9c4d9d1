"""A throw-away Astro project of the developer's, started and stopped the way the Astro CLI does it."""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .compose_file import Airflow, compose_file
from .identity import ASK, WATCH, Identity, parse_identity
from .tree import Tree, tree_of
from .workstation import Finished, Workstation

OVERRIDE = "docker-compose.override.yml"


class AstroProject:
    """The project's folder and its containers."""

    def __init__(self, workstation: Workstation, airflow: Airflow, folder: str = "flights") -> None:
        self.workstation = workstation
        self.airflow = airflow
        self.root = workstation.make_folder(workstation.folder / folder)
        self._generated = workstation.folder / "generated-compose.yml"
        self._airflow_packages: Path | None = None
        for folder in ("dags", "include", "plugins", "tests"):
            workstation.make_folder(self.root / folder)
        for name, content in self._files().items():
            workstation.write(self.root / name, content)

    def _files(self) -> dict[str, str]:
        return {
            ".astro/config.yaml": "project:\n    name: flights\n",
            ".env": "",
            ".gitignore": ".git\n.env\n.DS_Store\nairflow_settings.yaml\n__pycache__/\nastro\n.venv\nairflow.db\n",
            ".dockerignore": "astro\n.git\n.env\nairflow_settings.yaml\nlogs/\n.venv\nairflow.db\nairflow.cfg\n",
            "Dockerfile": f"FROM {self.airflow.image}\n",
            "airflow_settings.yaml": "airflow:\n  connections: []\n",
            "packages.txt": "",
            "requirements.txt": "",
        }

    @property
    def name(self) -> str:
        """The Compose project's name, as the Astro CLI makes it: the project's name and a hash of where it lies."""
        return f"flights_{hashlib.md5(str(self.root).encode()).hexdigest()[:6]}"

    @property
    def override(self) -> Path:
        """The one override file that the Astro CLI reads."""
        return self.root / OVERRIDE

    @property
    def dotenv(self) -> Path:
        """The project's .env."""
        return self.root / ".env"

    @property
    def sessions(self) -> Path:
        """Where astro-aws keeps the sessions that containers see."""
        return self.workstation.home / ".local" / "state" / "astro-aws" / "sessions"

    def tree(self) -> Tree:
        """The whole project as a value."""
        return tree_of(self.root)

    def write(self, name: str, content: str) -> None:
        """Replaces one of the project's files, as its owner would."""
        self.workstation.write(self.root / name, content)

    def upgrade(self, airflow: Airflow) -> None:
        """Moves the project to another version of Airflow, by its Dockerfile."""
        self.airflow = airflow
        self.write("Dockerfile", f"FROM {airflow.image}\n")

    def astro_aws(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        stdin: str | None = None,
        patience: float = 90,
    ) -> Finished:
        """Runs the binary under test in the project's folder, as the developer."""
        argv = [str(self.workstation.stage.binary), *arguments]
        return self.workstation.run(argv, cwd=self.root, environment=environment, stdin=stdin, patience=patience)

    def astro_aws_to_reveal(self, *arguments: str) -> Finished:
        """The same for a command whose purpose is to print a secret."""
        return self.workstation.run_to_reveal([self.workstation.stage.binary, *arguments], cwd=self.root)

    def bring_airflow(self) -> None:
        """From now on containers have the real Airflow in them, as the image of Astro Runtime has it."""
        self._airflow_packages = self.workstation.stage.airflow_packages(self.airflow.major)

    def compose(self, *arguments: str) -> Finished:
        """Compose with the generated file and the override, as `astro dev start` loads them: nothing is
        interpolated from .env, which only reaches containers as env_file."""
        self.workstation.write(
            self._generated, compose_file(self.airflow, self.name, self.root, self._airflow_packages)
        )
        files = ["--file", str(self._generated)]
        if self.override.exists():
            files += ["--file", str(self.override)]
        place = ["--project-name", self.name, "--project-directory", str(self.root), "--env-file", "/dev/null"]
        return self.workstation.run(["docker", "compose", *place, *files, *arguments], cwd=self.root)

    def services_of_merge(self) -> list[str]:
        """The services of generated file and override together, if Compose accepts them."""
        return sorted(self.compose("config", "--services").ok().stdout.split())

    def start(self) -> None:
        """`astro dev start`: builds the image and brings the containers up."""
        build = ["docker", "build", "--quiet", "--tag", f"{self.name}/airflow:latest", "."]
        self.workstation.run(build, cwd=self.root, environment={"DOCKER_BUILDKIT": "0"}).ok()
        self.compose("up", "--detach", "--remove-orphans", "--quiet-pull").ok()

    def kill(self) -> None:
        """`astro dev kill`: nothing of the project is left in the engine."""
        for kind, remove in (
            ("ps --all", "rm --force --volumes"),
            ("network ls", "network rm"),
            ("volume ls", "volume rm"),
        ):
            listed = ["docker", *kind.split(), "--quiet", "--filter", f"label=com.docker.compose.project={self.name}"]
            found = self.workstation.run(listed).ok().stdout.split()
            if found:
                self.workstation.run(["docker", *remove.split(), *found]).ok()

    def container(self, service: str) -> str:
        """The id of a service's running container, found by the labels that the Astro CLI's Compose sets."""
        filters = [f"com.docker.compose.project.working_dir={self.root}", f"com.docker.compose.service={service}"]
        argv = ["docker", "ps", "--quiet", "--no-trunc", *(f"--filter=label={label}" for label in filters)]
        found = self.workstation.run(argv).ok().stdout.split()
        assert len(found) == 1, f"{len(found)} running containers of {service}"
        return found[0]

    def execute(self, service: str, *argv: str, user: str | None = None) -> Finished:
        """Runs a program in a service's container, as the container's own user unless told otherwise."""
        options = ["--user", user] if user else []
        return self.workstation.run(["docker", "exec", *options, self.container(service), *argv])

    def identity_in(self, service: str) -> Identity:
        """Who boto3 in a service's container says it is, with nothing but what the container was given."""
        return parse_identity(self.execute(service, "python3", "-c", ASK).ok().stdout)

    def assert_no_secret_in_engine(self) -> None:
        """Looks through everything the engine knows of the project's containers: environment, command, mounts."""
        argv = ["docker", "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}"]
        containers = self.workstation.run(argv).ok().stdout.split()
        assert containers, "the project has no containers"
        # `run` itself looks for secrets in what is printed.
        inspected = self.workstation.run(["docker", "inspect", *containers]).ok()
        assert len(json.loads(inspected.stdout)) == len(containers)

    def session(self) -> dict[str, Any]:
        """What the containers read at this moment."""
        (found,) = self.sessions.glob("*/credentials.json")
        session: dict[str, Any] = json.loads(found.read_text())
        return session

    @contextmanager
    def access_keys_seen_in(self, service: str) -> Iterator[Callable[[Callable[[str], bool]], str]]:
        """A boto3 process that goes on running in a container; gives a function that waits until the access key it
        would sign with fulfils a condition."""
        argv = ["docker", "exec", self.container(service), "python3", "-c", WATCH]
        environment = {**os.environ, **self.workstation.stage.engine_environment}
        with subprocess.Popen(
            argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                yield lambda condition: _wait_for_line(process, condition)
            finally:
                process.kill()


def _wait_for_line(process: subprocess.Popen[bytes], condition: Callable[[str], bool], patience: float = 60) -> str:
    assert process.stdout
    deadline = time.monotonic() + patience
    last = "nothing"
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                break
            # The process prints a line at a time and flushes it: nothing stays behind in a buffer.
            lines = os.read(process.stdout.fileno(), 65536).decode().split()
            assert lines, f"the process in the container ended; it last printed {last}"
            last = lines[-1]
            if condition(last):
                return last
    raise AssertionError(f"after {patience:.0f} s the process in the container still prints {last}")
