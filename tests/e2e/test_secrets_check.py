"""`secrets check` says what Airflow will find, and why not: the real Airflow is the judge of every id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.aws import REGION
from support.backend import SECRETS_MANAGER, Backend
from support.dotenv_parsers import compose, secrets_backend_in
from support.real_airflow import RealAirflow

DAG = """
from airflow.hooks.base import BaseHook
from airflow.models import Variable
from airflow.operators.bash import BashOperator

Variable.get("hello")
Variable.get("missing_variable")
BashOperator(task_id="t", bash_command="echo {{ var.value.templated }} {{ conn.my_db.host }}")
BaseHook.get_connection("missing_connection")
SomeOperator(task_id="u", postgres_conn_id="my_db", conn_id="broken")
"""


def beginning(backend: Backend) -> str:
    return "airflow/" if backend.choice == SECRETS_MANAGER else "/airflow/"


def states(told: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(result["kind"], result["id"]): result["state"] for result in told["results"]}


def found_by(airflow: RealAirflow, backend: Backend, asked: list[tuple[str, str]]) -> list[bool]:
    """Whether Airflow itself gets something out of each."""
    environment = backend.environment(secrets_backend_in(compose(backend.project)))
    answers = airflow.look_up(environment, asked)
    return [answer is not None and not (isinstance(answer, dict) and "error" in answer) for answer in answers]


def test_what_the_dags_name_is_told_as_airflow_finds_it(
    backend: Backend, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable().ok()
    backend.project.write("dags/example.py", DAG)
    at = beginning(backend)
    backend.put(f"{at}variables/hello", "s3kr1t world")
    backend.put(f"{at}variables/templated", "s3kr1t x")
    backend.put(f"{at}connections/my_db", "postgres://ana:s3kr1t@db/flights")
    backend.put(f"{at}connections/broken", '{"conn_type": "postgres", "password": "s3kr1t"')
    backend.put(f"{at}variables/nobody_names_me", "s3kr1t y")

    told = backend.told("check", code=1)
    assert states(told) == {
        ("variable", "hello"): "found",
        ("variable", "missing_variable"): "not_found",
        ("variable", "templated"): "found",
        ("connection", "my_db"): "found",
        ("connection", "missing_connection"): "not_found",
        ("connection", "broken"): "malformed",
    }
    asked = list(states(told))
    for airflow in real_airflows:
        assert found_by(airflow, backend, asked) == [states(told)[one] == "found" for one in asked], airflow
    where = {result["id"]: result["where"] for result in told["results"]}
    assert "dags/example.py" in json.dumps(where["hello"]) and len(where["my_db"]) == 2
    names = {result["id"]: result["name"] for result in told["results"]}
    assert names["hello"] == f"{at}variables/hello"
    assert "nobody_names_me" in json.dumps(told)


def test_what_is_in_a_wrong_place_or_state_is_not_found(
    backend: Backend, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable().ok()
    at, ids = beginning(backend), ["elsewhere", "empty"]
    if backend.choice == SECRETS_MANAGER:
        ids += ["binary", "deleted", "slashed"]
        client = backend.aws.client("secretsmanager")
        client.create_secret(Name=f"{at}variables/binary", SecretBinary=b"s3kr1t")
        client.create_secret(Name=f"{at}variables/deleted", SecretString="s3kr1t")
        client.delete_secret(SecretId=f"{at}variables/deleted", RecoveryWindowInDays=7)
        client.create_secret(Name=f"{at}variables/empty")
        client.create_secret(Name=f"/{at}variables/slashed", SecretString="s3kr1t")
    backend.put(f"{at}connections/elsewhere", "s3kr1t://")
    told = backend.told("check", "--kind", "variable", *ids, code=1)
    assert "found" not in states(told).values()
    for result in told["results"]:
        assert result["message"], result
    messages = {result["id"]: result["message"].lower() for result in told["results"]}
    if backend.choice == SECRETS_MANAGER:
        assert "binary" in messages["binary"]
        assert "delet" in messages["deleted"]
    asked = [("variable", identifier) for identifier in ids]
    for airflow in real_airflows:
        assert not any(found_by(airflow, backend, asked))


def test_what_is_switched_off_or_does_not_match_is_never_asked_for(
    backend: Backend, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable("--connections-prefix=null", "--variables-lookup-pattern=^prod_").ok()
    backend.put(f"{beginning(backend)}variables/hello", "s3kr1t")
    backend.put(f"{beginning(backend)}variables/prod_x", "s3kr1t")
    backend.project.write("dags/example.py", DAG.replace("missing_variable", "prod_x"))
    told = backend.told("check", code=None)
    found = states(told)
    assert found[("connection", "my_db")] == "switched_off"
    assert found[("variable", "hello")] != "found"
    assert found[("variable", "prod_x")] == "found"
    for airflow in real_airflows:
        assert found_by(airflow, backend, list(found)) == [state == "found" for state in found.values()], airflow


def test_what_dotenv_sets_too_is_told(backend: Backend) -> None:
    backend.enable().ok()
    backend.put(f"{beginning(backend)}variables/hello", "s3kr1t of aws")
    with backend.project.dotenv.open("a") as dotenv:
        dotenv.write("AIRFLOW_VAR_HELLO=local\nAIRFLOW_CONN_MY_DB=postgres://local\n")
    backend.project.write("dags/example.py", DAG)
    told = {result["id"]: result for result in backend.told("check", code=None)["results"]}
    assert "AIRFLOW_VAR_HELLO" in json.dumps(told["hello"])
    assert "AIRFLOW_CONN_MY_DB" in json.dumps(told["my_db"])


@pytest.mark.parametrize(
    "line",
    [
        'AIRFLOW__SECRETS__BACKEND_KWARGS=\'{"connections_prefix": "a"}\'',
        'AIRFLOW__SECRETS__BACKEND_KWARGS="{"connections_prefix": "a"}"',
        "AIRFLOW__SECRETS__BACKEND_KWARGS={'connections_prefix': 'a'}",
        'AIRFLOW__SECRETS__BACKEND_KWARGS={"connections_prefix": "a"',
    ],
)
def test_kwargs_that_were_written_by_hand_are_never_taken_for_something_else(backend: Backend, line: str) -> None:
    """Either they mean to the check what they mean to the container, or the check says that they are broken."""
    backend.enable().ok()
    lines = [one for one in backend.project.dotenv.read_text().splitlines() if "BACKEND_KWARGS" not in one]
    backend.project.write(".env", "\n".join([*lines, line, ""]))
    done = backend.secrets("check", "--kind", "connection", "my_db", "--output", "json").failed()
    said = done.json()
    seen = compose(backend.project) if backend.project.compose("config", "--quiet").code == 0 else {}
    try:
        kwargs = json.loads(seen.get("AIRFLOW__SECRETS__BACKEND_KWARGS", "broken"))
    except json.JSONDecodeError:
        kwargs = None
    if isinstance(kwargs, dict):
        assert [result["name"].lstrip("/") for result in said["results"]] == ["a/my_db"], str(done)
    else:
        number = len(lines) + 1
        assert f".env` line {number}" in said["error"]["message"], str(done)


@pytest.fixture
def running(backend_of_each_airflow: Backend) -> Backend:
    """A project whose containers have the real Airflow of its version in them."""
    backend_of_each_airflow.project.bring_airflow()
    return backend_of_each_airflow


def test_the_running_airflow_finds_the_same(running: Backend) -> None:
    running.enable(f"--region={REGION}").ok()
    running.project.write("dags/example.py", DAG)
    at = beginning(running)
    running.put(f"{at}variables/hello", "s3kr1t world")
    running.put(f"{at}connections/my_db", "postgres://ana:s3kr1t@db/flights")
    running.put(f"{at}connections/broken", '{"conn_type": "postgres", "password": "s3kr1t"')
    running.project.start()

    told = running.told("check", "--in", "containers", code=1)
    assert states(told)[("variable", "hello")] == "found"
    assert states(told)[("connection", "my_db")] == "found"
    assert states(told)[("variable", "templated")] == "not_found"
    assert in_containers(told, "hello") == in_containers(told, "my_db") == {(True, True)}, told
    assert in_containers(told, "templated") == {(False, None)}, told


def in_containers(told: dict[str, Any], identifier: str) -> set[tuple[bool, bool]]:
    """Whether an id is found in containers, and as the same; all of them were asked and answered."""
    assert told["containers"] and all(asked["error"] is None for asked in told["containers"]), told
    (seen,) = (result["in_containers"] for result in told["results"] if result["id"] == identifier)
    assert [one["service"] for one in seen] == [asked["service"] for asked in told["containers"]]
    return {(one["found"], one["same"]) for one in seen}


def test_the_running_airflow_with_an_older_set_up_is_told(running: Backend) -> None:
    running.enable().ok()
    running.put(f"{beginning(running)}variables/hello", "s3kr1t world")
    running.project.write("dags/example.py", 'from airflow.models import Variable\nVariable.get("hello")\n')
    running.project.start()
    assert in_containers(running.told("check", "--in", "containers"), "hello") == {(True, True)}

    running.enable("--variables-prefix=team").ok()
    running.aws.forget_secrets()
    running.put("team/hello" if running.choice == SECRETS_MANAGER else "/team/hello", "s3kr1t of the team")
    told = running.told("check", "--in", "containers", code=None)
    assert told["containers"]
    assert all("restart" in (asked["error"]["hint"] or "") for asked in told["containers"]), told
