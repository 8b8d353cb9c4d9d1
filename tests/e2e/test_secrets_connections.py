"""A hundred connections of all shapes, given in every way that there is: both Airflows find in AWS what they would have
made of the value itself.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.backend import CLASSES, Backend, file_of
from support.connections import Case, cases_for
from support.dotenv_parsers import compose, secrets_backend_in
from support.leaks import Secrets
from support.real_airflow import RealAirflow, without_value
from support.terminal import Terminal

# These are looked at with Airflow's command line too.
SHOWN = ("uri_password_1", "uri_query_5", "json_text_5", "json_extra_1")


def assert_found(backend: Backend, cases: list[Case], airflows: tuple[RealAirflow, ...]) -> None:
    """Fails unless both Airflows find all of these as they would have read them themselves."""
    environment = backend.environment(secrets_backend_in(compose(backend.project)))
    for airflow in airflows:
        meant = airflow.parts(CLASSES[backend.choice], {case.id: case.value for case in cases})
        found = airflow.look_up(environment, [("connection", case.id) for case in cases])
        differing = {
            case.id: {"meant": one, "found": other}
            for case, one, other in zip(cases, meant, (without_value(one) if one else one for one in found))
            if one != other or "error" in one
        }
        assert differing == {}, f"{airflow}"


@pytest.mark.parametrize("way", ["stdin", "file"])
def test_a_hundred_connections_that_were_set(
    backend: Backend, way: str, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable().ok()
    cases = cases_for(backend.choice)
    assert len(cases) >= 100
    for case in cases:
        if way == "stdin":
            backend.set("connection", case.id, case.value).ok()
        else:
            file_of(backend.project, "value.txt", case.value)
            backend.secrets("set", "connection", case.id, "--from-file", "value.txt", "--yes").ok()
    assert_found(backend, cases, real_airflows)

    if way == "stdin":
        environment = backend.environment(secrets_backend_in(compose(backend.project)))
        for airflow in real_airflows:
            meant = airflow.parts(CLASSES[backend.choice], {case.id: case.value for case in cases if case.id in SHOWN})
            for identifier, parts in zip((case.id for case in cases if case.id in SHOWN), meant):
                shown = airflow.connection(environment, identifier)
                # Numbers in the extra are shown as text.
                plain = parts.keys() - {"extra_dejson"}
                assert {part: str(shown[part]) for part in plain} == {part: str(parts[part]) for part in plain}


def test_a_hundred_connections_that_were_imported(backend: Backend, real_airflows: tuple[RealAirflow, ...]) -> None:
    backend.enable().ok()
    cases = [case for case in cases_for(backend.choice) if not case.secrets_manager_alone]
    document: dict[str, Any] = {
        case.id: json.loads(case.value) if case.value.startswith("{") else case.value for case in cases
    }
    file_of(backend.project, "connections.json", json.dumps(document, ensure_ascii=False))
    backend.secrets("import", "connections.json", "--yes").ok()
    assert_found(backend, cases, real_airflows)


FLAGS: tuple[dict[str, str], ...] = (
    {"conn_type": "postgres", "host": "db.example.com", "login": "ana", "port": "5432", "schema": "flights"},
    {"conn_type": "aws", "extra": '{"region_name": "eu-west-1", "config_kwargs": {"retries": {"max_attempts": 3}}}'},
    {"conn_type": "http", "host": "https://api.example.com/v1", "login": "a@b:c/d"},
    {"conn_type": "google_cloud_platform", "extra": '{"key": "grüße-日本語"}'},
    {"conn_type": "mysql", "host": "2001:db8::1", "schema": "a/b?c", "login": "100%"},
    {"conn_type": "my_own_type"},
)
PASSWORD = "s3kr1t-gruß p%40ss/?#"


@pytest.mark.parametrize("parts", FLAGS, ids=lambda parts: parts["conn_type"])
def test_a_connection_that_was_put_together_from_flags(
    backend: Backend, secrets: Secrets, parts: dict[str, str], real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable().ok()
    secrets.remember("the password", PASSWORD)
    station = backend.project.workstation
    options = [f"--{part.replace('_', '-')}={value}" for part, value in parts.items()]
    if "login" in parts:
        argv = station.user_command([station.stage.binary, "secrets", "set", "connection", "mine", *options])
        with Terminal(argv, station.environment, backend.project.root) as terminal:
            terminal.asks("[Pp]assword").answered(PASSWORD)
            assert terminal.ends() == 0, terminal.shown
            secrets.assert_absent(terminal.shown, "the terminal")
    else:
        backend.secrets("set", "connection", "mine", "--no-password", "--yes", *options).ok()

    meant = {
        **dict.fromkeys(("host", "login", "schema"), None),
        **{part: value for part, value in parts.items() if part not in ("extra", "port")},
        "password": PASSWORD if "login" in parts else None,
        "port": int(parts["port"]) if "port" in parts else None,
        "extra_dejson": json.loads(parts.get("extra", "{}")),
    }
    environment = backend.environment(secrets_backend_in(compose(backend.project)))
    for airflow in real_airflows:
        (found,) = airflow.look_up(environment, [("connection", "mine")])
        # Nothing and an empty text are the same to Airflow's hooks.
        assert {part: value or None for part, value in without_value(found).items()} == {
            part: value or None for part, value in meant.items()
        }


MALFORMED = {
    "no-type": "just some s3kr1t text",
    "broken-json": '{"conn_type": "postgres", "password": "s3kr1t"',
    "json-list": '["postgres", "s3kr1t"]',
    "json-port": '{"conn_type": "postgres", "password": "s3kr1t", "port": "many"}',
    "uri-port": "postgres://ana:s3kr1t@host:many/x",
}


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_airflow_cannot_read_is_not_written(backend: Backend, value: str) -> None:
    backend.enable().ok()
    backend.set("connection", "mine", value).failed()
    assert backend.names_in_aws() == set()
