"""The real Airflow, 2 and 3, as the judge of what a backend finds: one process each that lives as long as the tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .stage import Stage

_PROGRAM = Path(__file__).with_name("airflow_process.py")
_PATIENCE = 120


class RealAirflow:
    """A major version of Airflow with an empty database."""

    def __init__(self, stage: Stage, major: int, folder: Path) -> None:
        self.major = major
        self._home = folder / f"airflow-{major}"
        self._home.mkdir(parents=True)
        self._empty_database = stage.airflows[major] / "airflow.db"
        self.forget_all()
        self.python = stage.airflows[major] / "bin" / "python"
        self.environment = {
            "HOME": str(self._home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "AIRFLOW_HOME": str(self._home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
        }
        self._log = (self._home / "process.log").open("w")
        self._process = subprocess.Popen(
            [self.python, _PROGRAM],
            cwd=self._home,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._version: str | None = None

    def __str__(self) -> str:
        return f"Airflow {self.major}"

    def stop(self) -> None:
        """Ends the process."""
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(_PATIENCE)
        self._log.close()

    @property
    def version(self) -> str:
        """The exact version."""
        if self._version is None:
            self._version = str(self._answer()["done"])
        return self._version

    def look_up(self, environment: Mapping[str, str], asked: Sequence[tuple[str, str]]) -> list[Any]:
        """What the backend class of AIRFLOW__SECRETS__BACKEND, made with the kwargs of this environment, returns for
        each (kind, id): the text of a variable, the parts of a connection, or None."""
        answers: list[Any] = self._request(environment, look_up=[list(one) for one in asked])["done"]
        assert len(answers) == len(asked)
        return answers

    def parts(self, backend_class: str, values: Mapping[str, str]) -> list[Any]:
        """The parts that this backend's class takes out of these connections' values, in their order."""
        kwargs = '{"connections_prefix": ""}'
        environment = {"AIRFLOW__SECRETS__BACKEND": backend_class, "AIRFLOW__SECRETS__BACKEND_KWARGS": kwargs}
        asked = [["connection", identifier] for identifier in values]
        found = self._request(environment, look_up=asked, values=dict(values))["done"]
        return [without_value(one) for one in found]

    def forget_all(self) -> None:
        """Empties Airflow's own database."""
        shutil.copy(self._empty_database, self._home / "airflow.db")

    def command(self, environment: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
        """Airflow's own command line: exit code, stdout, and what else was printed."""
        answer = self._request(environment, command=arguments)
        return answer["done"]["code"], answer["done"]["stdout"], answer["log"]

    def connection(self, environment: Mapping[str, str], identifier: str) -> dict[str, Any]:
        """What `airflow connections get` shows."""
        code, stdout, log = self.command(environment, "connections", "get", identifier, "--output", "json")
        assert code == 0, f"{self}: connections get {identifier} ended with {code}\n{stdout}\n{log}"
        (shown,) = json.loads(stdout)
        return dict(shown)

    def variable(self, environment: Mapping[str, str], key: str) -> str:
        """What `airflow variables get` shows."""
        code, stdout, log = self.command(environment, "variables", "get", key)
        assert code == 0, f"{self}: variables get {key} ended with {code}\n{stdout}\n{log}"
        return stdout.removesuffix("\n")

    def _request(self, environment: Mapping[str, str], **request: object) -> dict[str, Any]:
        assert self.version
        assert self._process.stdin
        print(json.dumps({"environment": dict(environment), **request}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        # A process that hangs is a failure here, and not a stage that never ends.
        alarm = threading.Timer(_PATIENCE, self._process.kill)
        alarm.start()
        try:
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        self._log.flush()
        assert line, f"{self} has ended: {(self._home / 'process.log').read_text()[-4000:]}"
        answer: dict[str, Any] = json.loads(line)
        assert "done" in answer, f"{self}: {answer['failed']}\n{answer['log']}"
        return answer


def without_value(connection: Any) -> Any:
    """The parts alone: a value may be written in many ways that mean the same."""
    return {part: value for part, value in connection.items() if part != "value"}
