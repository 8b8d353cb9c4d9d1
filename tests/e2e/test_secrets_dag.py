"""The example DAG of `secrets dag` runs under the Airflow that it was written for, finds both values in AWS, and prints
neither.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.backend import Backend
from support.dotenv_parsers import compose, secrets_backend_in
from support.leaks import Secrets
from support.real_airflow import RealAirflow


@pytest.fixture
def backend(backend_of_each_airflow: Backend) -> Backend:
    """The DAG is another one for each version."""
    return backend_of_each_airflow


def test_the_example_dag_runs_and_prints_no_secret(
    backend: Backend, secrets: Secrets, real_airflow: RealAirflow
) -> None:
    backend.enable().ok()
    backend.set("connection", "my_db", "postgres://ana:s3kr1t-password@db.example.com/flights").ok()
    backend.set("variable", "hello", "s3kr1t-variable").ok()
    backend.secrets("dag", "--variable", "hello", "--connection", "my_db", "--yes").ok()

    printed = ran(backend, real_airflow, code=0)
    assert "hello" in printed and "my_db" in printed, printed
    secrets.assert_absent(printed, "what the DAG printed")


def test_the_example_dag_fails_where_the_secret_is_not_there(backend: Backend, real_airflow: RealAirflow) -> None:
    backend.enable().ok()
    backend.set("variable", "hello", "s3kr1t-variable").ok()
    backend.secrets("dag", "--variable", "hello", "--connection", "my_db", "--yes").ok()
    assert "my_db" in ran(backend, real_airflow, code=None)


def test_a_dag_that_is_there_is_not_overwritten(backend: Backend) -> None:
    backend.enable().ok()
    backend.project.write("dags/example_secrets_dag.py", "# mine\n")
    backend.secrets("dag", "--yes").failed()
    assert (backend.project.root / "dags" / "example_secrets_dag.py").read_text() == "# mine\n"


def ran(backend: Backend, airflow: RealAirflow, code: int | None) -> str:
    """What `airflow dags test` of the example prints; it ends with this code, or with any but 0 for None."""
    airflow.forget_all()
    environment = {
        **airflow.environment,
        **backend.environment(secrets_backend_in(compose(backend.project))),
        "AIRFLOW__CORE__DAGS_FOLDER": str(backend.project.root / "dags"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(Path(airflow.environment["AIRFLOW_HOME"]) / f"logs-{os.getpid()}"),
    }
    done = subprocess.run(
        [airflow.python, "-m", "airflow", "dags", "test", "example_secrets_dag"],
        env=environment,
        cwd=airflow.environment["AIRFLOW_HOME"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=120,
        text=True,
    )
    assert (done.returncode == 0) == (code == 0), done.stdout
    return done.stdout
