"""What tests/e2e/run has set up, as a value: taken from the environment once, passed on from there."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """The running engine, the programs of this run and the unprivileged user they are run as."""

    run: Path
    gateway: str
    aws_cli: Path
    airflows: dict[int, Path]
    uid: int
    gid: int
    user: str

    @property
    def binary(self) -> Path:
        """The astro-aws under test, where an unprivileged user can start it."""
        return self.run / "astro-aws"

    @property
    def stand_in(self) -> Path:
        """The stand-in for AWS as a server."""
        return self.run / "aws-stand-in"

    def airflow_packages(self, major: int) -> Path:
        """Where a major version of Airflow and all that it needs lie, for any Python 3.11."""
        (packages,) = self.airflows[major].glob("lib/python3.*/site-packages")
        return packages

    @property
    def engine_environment(self) -> dict[str, str]:
        """What the docker client needs to find the stage's engine and Compose."""
        return {"DOCKER_HOST": f"unix://{self.run}/docker.sock", "DOCKER_CONFIG": f"{self.run}/docker-config"}

    @property
    def daemon_pid(self) -> int:
        """The process id of the stage's dockerd."""
        return int((self.run / "docker.pid").read_text())


def stage_from_environment() -> Stage:
    """Reads what tests/e2e/run exported; without it there is nothing to test with."""
    run = Path(os.environ["ASTRO_E2E_RUN"])
    account = pwd.getpwnam(os.environ["ASTRO_E2E_USER"])
    return Stage(
        run=run,
        gateway=(run / "gateway").read_text().strip(),
        aws_cli=Path(os.environ["ASTRO_E2E_AWS_CLI"]) / "bin" / "python",
        airflows={major: Path(os.environ[f"ASTRO_E2E_AIRFLOW_{major}"]) for major in (2, 3)},
        uid=account.pw_uid,
        gid=account.pw_gid,
        user=account.pw_name,
    )
