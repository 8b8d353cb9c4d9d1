"""`secrets import` and `export` beside Airflow's own: either reads what the other wrote, and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.backend import CLASSES, Backend, file_of
from support.connections import Case, cases_for
from support.dotenv_parsers import compose, secrets_backend_in
from support.real_airflow import RealAirflow

VARIABLES: dict[str, Any] = {
    "text": "s3kr1t plain",
    "unicode": "s3kr1t grüße-日本語 🛫",
    "lines": "s3kr1t one\ntwo\n",
    "number_text": "42",
    "document": {"key": "s3kr1t", "list": [1, 2.5, None, True], "nested": {"ü": "é"}},
    "list": ["s3kr1t", 2],
    "json_text": '{"a": "s3kr1t"}',
    "quotes": "s3kr1t 'one' \"two\" \\three",
}


@pytest.fixture
def backend(backend_of_each_airflow: Backend) -> Backend:
    """What a URI means depends on the version."""
    return backend_of_each_airflow


@pytest.fixture
def own_airflow(real_airflow: RealAirflow) -> Iterator[RealAirflow]:
    """Airflow with an empty database, and with none of this test's connections afterwards."""
    real_airflow.forget_all()
    yield real_airflow
    real_airflow.forget_all()


def plain_cases(backend: Backend) -> list[Case]:
    return [case for case in cases_for(backend.choice) if not case.secrets_manager_alone]


def stored(backend: Backend, cases: list[Case]) -> dict[str, str]:
    """The cases lie in AWS, under the names of Airflow's default prefixes."""
    beginning = "/airflow" if backend.choice == "parameter-store" else "airflow"
    for case in cases:
        backend.put(f"{beginning}/connections/{case.id}", case.value)
    for key, value in VARIABLES.items():
        backend.put(f"{beginning}/variables/{key}", value if isinstance(value, str) else json.dumps(value))
    return {case.id: case.value for case in cases}


def run(airflow: RealAirflow, *command: str | Path) -> str:
    code, stdout, log = airflow.command({}, *map(str, command))
    assert code == 0, f"{airflow}: {command} ended with {code}\n{stdout}\n{log}"
    return stdout


def connections_in(airflow: RealAirflow, folder: Path) -> dict[str, dict[str, Any]]:
    """What Airflow has in its own database, by its own export."""
    exported = folder / f"all-of-airflow-{airflow.major}.json"
    run(airflow, "connections", "export", exported, "--file-format", "json")
    document: dict[str, dict[str, Any]] = json.loads(exported.read_text())
    exported.unlink()
    return {identifier: told_apart(parts) for identifier, parts in document.items()}


def told_apart(parts: dict[str, Any]) -> dict[str, Any]:
    """A connection's parts, where nothing and an empty text are the same, as they are to Airflow's hooks."""
    extra = parts["extra_dejson"] if "extra_dejson" in parts else json.loads(parts["extra"] or "{}")
    plain = ("conn_type", "host", "login", "password", "schema", "port")
    return {**{part: parts[part] or None for part in plain}, "extra": extra}


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_airflow_imports_what_was_exported(backend: Backend, form: str, own_airflow: RealAirflow) -> None:
    backend.enable().ok()
    cases = plain_cases(backend)
    values = stored(backend, cases)
    meant = own_airflow.parts(CLASSES[backend.choice], values)

    exported = backend.project.root / f"connections.{form}"
    backend.secrets("export", "connection", "--format", form, "--file", exported.name).ok()
    assert exported.stat().st_mode & 0o777 == 0o600
    run(own_airflow, "connections", "import", exported)
    assert connections_in(own_airflow, backend.project.workstation.folder) == {
        identifier: told_apart(parts) for identifier, parts in zip(values, meant)
    }

    variables = file_of(backend.project, f"variables.{form}", backend.revealed("export", "variable", "--format", form))
    if form == "json":
        run(own_airflow, "variables", "import", variables)
        for key, value in VARIABLES.items():
            got = run(own_airflow, "variables", "get", key).removesuffix("\n")
            assert (got if isinstance(value, str) else json.loads(got)) == value, key


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_airflow_exported_is_imported(backend: Backend, form: str, own_airflow: RealAirflow) -> None:
    cases = plain_cases(backend)
    given = {case.id: json.loads(case.value) if case.value.startswith("{") else case.value for case in cases}
    source = file_of(backend.project, "source.json", json.dumps(given, ensure_ascii=False))
    run(own_airflow, "connections", "import", source)
    meant = connections_in(own_airflow, backend.project.workstation.folder)
    assert len(meant) == len(cases)
    exported = file_of(backend.project, f"connections.{form}", "")
    exported.unlink()
    run(own_airflow, "connections", "export", exported, "--file-format", form)
    backend.project.workstation.write(exported, exported.read_text(), 0o600)

    backend.enable().ok()
    backend.secrets("import", exported.name, "--yes").ok()
    environment = backend.environment(secrets_backend_in(compose(backend.project)))
    found = own_airflow.look_up(environment, [("connection", case.id) for case in cases])
    assert {case.id: told_apart(connection) for case, connection in zip(cases, found)} == meant


def test_variables_that_airflow_exported_are_imported(backend: Backend, own_airflow: RealAirflow) -> None:
    source = file_of(backend.project, "source.json", json.dumps(VARIABLES))
    run(own_airflow, "variables", "import", source)
    exported = file_of(backend.project, "variables.json", "")
    run(own_airflow, "variables", "export", exported)

    backend.enable().ok()
    backend.secrets("import", "variables.json", "--kind", "variable", "--yes").ok()
    environment = backend.environment(secrets_backend_in(compose(backend.project)))
    found = own_airflow.look_up(environment, [("variable", key) for key in VARIABLES])
    for (key, value), got in zip(VARIABLES.items(), found):
        # Airflow exports a text that is JSON as that JSON.
        meant = json.loads(value) if key in ("json_text", "number_text") else value
        assert (got if isinstance(meant, str) else json.loads(got)) == meant, key


FILES = {
    "env": ("secrets.env", ()),
    "json-connections": ("connections.json", ("connection",)),
    "yaml-connections": ("connections.yaml", ("connection",)),
    "json-variables": ("variables.json", ("variable",)),
    "yaml-variables": ("variables.yaml", ("variable",)),
    "airflow-settings": ("airflow_settings.yaml", ()),
}


@pytest.mark.parametrize("form", FILES)
def test_what_was_exported_is_imported_again_as_it_was(backend: Backend, form: str) -> None:
    backend.enable().ok()
    cases = plain_cases(backend)
    stored(backend, cases)
    name, kind = FILES[form]
    export = ("export", *kind, "--format", form.removesuffix("-connections").removesuffix("-variables"))
    text = backend.revealed(*export)
    file_of(backend.project, name, text)

    backend.aws.forget_secrets()
    backend.secrets("import", name, "--yes", *(("--kind", *kind) if kind else ())).ok()
    # A line of .env holds no second one.
    left_out = {"lines"} if form == "env" else set()
    ids = {case.id for case in cases} if kind != ("variable",) else set()
    ids |= VARIABLES.keys() if kind != ("connection",) else set()
    assert {name.rsplit("/", 1)[-1] for name in backend.names_in_aws()} == ids - left_out
    assert backend.revealed(*export) == text
