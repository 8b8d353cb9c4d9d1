"""Runs inside an Airflow's own Python: imports Airflow once, then does each request in a forked child, so that every
request sees a fresh Airflow with an environment of its own. Requests and answers are lines of JSON.

`{"environment": {…}, "look_up": [["connection", "my_db"], …]}` asks the backend class that AIRFLOW__SECRETS__BACKEND
names, made with the JSON of AIRFLOW__SECRETS__BACKEND_KWARGS; with `"values": {"my_db": "…"}` it finds these values in
the place of AWS's. `{"environment": {…}, "command": ["connections", "get", …]}` runs Airflow's own command line.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import traceback
from typing import Any

PARTS = ("conn_type", "host", "login", "password", "schema", "port", "extra_dejson")


class Values:
    """In the place of boto3's clients: these values lie under these names."""

    class exceptions:
        """The errors that a backend may ask for."""

        class ParameterNotFound(Exception):
            """There is none."""

        ResourceNotFoundException = InvalidParameterException = InvalidRequestException = ParameterNotFound
        DecryptionFailure = InternalServiceError = ParameterNotFound

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        """As Secrets Manager answers."""
        return {"SecretString": self._values[SecretId]}

    def get_parameter(self, Name: str, WithDecryption: bool) -> dict[str, dict[str, str]]:
        """As Parameter Store answers; its names begin with a slash."""
        return {"Parameter": {"Value": self._values[Name.removeprefix("/")]}}


def look_up(asked: list[list[str]], values: dict[str, str] | None) -> list[Any]:
    """What the backend answers to each; of a connection its parts too, as Airflow takes them out of the value."""
    module, _, name = os.environ["AIRFLOW__SECRETS__BACKEND"].rpartition(".")
    kwargs = json.loads(os.environ.get("AIRFLOW__SECRETS__BACKEND_KWARGS") or "{}")
    backend = getattr(importlib.import_module(module), name)(**kwargs)
    if hasattr(backend, "_set_connection_class"):
        # What tasks read: the commands of Airflow 3 take `?retries=5` in a URI for a number, its tasks for a text.
        backend._set_connection_class(importlib.import_module("airflow.sdk").Connection)
    if values is not None:
        backend.client = Values(values)
    return [_answer(backend, kind, identifier) for kind, identifier in asked]


def _answer(backend: Any, kind: str, identifier: str) -> Any:
    try:
        if kind == "connection":
            value = backend.get_conn_value(identifier)
            if value is None:
                return None
            connection = backend.deserialize_connection(identifier, value)
            return {"value": value, **{part: getattr(connection, part) for part in PARTS}}
        return backend.get_variable(identifier) if kind == "variable" else backend.get_config(identifier)
    except Exception as problem:
        return {"error": type(problem).__name__, "message": str(problem)}


def command(arguments: list[str]) -> dict[str, Any]:
    """What `airflow ARGUMENTS…` prints, and how it ends."""
    from airflow.cli import cli_parser

    code: Any = 0
    # A file, since some commands ask their standard output for its number.
    with os.fdopen(os.memfd_create("stdout"), "w+") as printed, contextlib.redirect_stdout(printed):
        try:
            parsed = cli_parser.get_parser().parse_args(arguments)
            parsed.func(parsed)
        except SystemExit as end:
            code = end.code
            if isinstance(code, str):
                print(code, file=sys.stderr)
                code = 1
        except Exception:
            traceback.print_exc()
            code = 1
        printed.seek(0)
        return {"code": code or 0, "stdout": printed.read()}


def in_a_child(request: dict[str, Any]) -> str:
    """The answer to a request as a line of JSON, with all that was printed beside it."""
    readable, writable = os.pipe()
    logged = os.memfd_create("log")
    child = os.fork()
    if child == 0:
        os.close(readable)
        os.dup2(logged, 1)
        os.dup2(logged, 2)
        os.environ.update(request["environment"])
        try:
            done = (
                look_up(request["look_up"], request.get("values"))
                if "look_up" in request
                else command(request["command"])
            )
            answer = {"done": done}
        except BaseException:
            answer = {"failed": traceback.format_exc()}
        sys.stdout.flush()
        sys.stderr.flush()
        with os.fdopen(writable, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        answer = json.loads(pipe.read() or '{"failed": "the child ended without an answer"}')
    os.waitpid(child, 0)
    os.lseek(logged, 0, os.SEEK_SET)
    with os.fdopen(logged, "rb") as log:
        answer["log"] = log.read().decode(errors="replace")
    return json.dumps(answer)


def main() -> None:
    """Answers until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # All that requests need, so that no child has to import it.
    for module in (
        "airflow.cli.cli_parser",
        "airflow.cli.commands.connection_command",
        "airflow.cli.commands.variable_command",
        "airflow.models.connection",
        "airflow.models.variable",
        "airflow.providers.amazon.aws.hooks.base_aws",
        "airflow.providers.amazon.aws.secrets.secrets_manager",
        "airflow.providers.amazon.aws.secrets.systems_manager",
    ):
        importlib.import_module(module)
    version = importlib.import_module("airflow").__version__
    if version.startswith("3."):
        importlib.import_module("airflow.sdk").Connection  # noqa: B018 (it is imported by being named)
    print(json.dumps({"done": version, "log": ""}), file=answers)
    for line in sys.stdin:
        print(in_a_child(json.loads(line)), file=answers)


if __name__ == "__main__":
    main()
