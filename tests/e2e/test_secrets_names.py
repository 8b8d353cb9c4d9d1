"""What `secrets set` wrote is what Airflow finds: for both services, every shape of prefix, both Airflows, the
backend's class and Airflow's command line, with the variables of `.env` as each of its five readers has them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from support.backend import CLASSES, PARAMETER_STORE, SECRETS_MANAGER, Backend
from support.dotenv_parsers import PARSERS, secrets_backend_in
from support.real_airflow import RealAirflow

KINDS = ("connection", "variable", "config")
PREFIX_OPTIONS = {
    "connection": "--connections-prefix",
    "variable": "--variables-prefix",
    "config": "--config-prefix",
}


@dataclass(frozen=True)
class Shape:
    """One way to set up prefixes, and the names under which ids then lie in Secrets Manager and in Parameter Store, as
    its documentation and the backends' code have them; None where that service has no such set-up."""

    id: str
    options: tuple[str, ...]
    in_secrets_manager: str | None
    in_parameter_store: str | None

    def name_in(self, service: str) -> str | None:
        return self.in_secrets_manager if service == SECRETS_MANAGER else self.in_parameter_store


def prefixes(connections: str, variables: str, config: str) -> tuple[str, ...]:
    given = zip(PREFIX_OPTIONS.values(), (connections, variables, config))
    return tuple(f"{option}={prefix}" for option, prefix in given)


NESTED = prefixes("team/a/connections", "team/a/variables", "team/a/config")
SHAPES = (
    Shape("none", (), "airflow/connections/my_db", "/airflow/connections/my_db"),
    Shape("empty", ("--connections-prefix=",), "my_db", "/my_db"),
    Shape("slash", ("--connections-prefix=/",), "my_db", "/my_db"),
    Shape("leading", ("--connections-prefix=/team/connections",), "/team/connections/my_db", "/team/connections/my_db"),
    Shape("trailing", ("--connections-prefix=team/connections/",), "team/connections/my_db", "/team/connections/my_db"),
    Shape("trailing-twice", ("--connections-prefix=team//",), "team/my_db", "/team/my_db"),
    Shape("bare", ("--connections-prefix=team",), "team/my_db", "/team/my_db"),
    Shape("nested", NESTED, "team/a/connections/my_db", "/team/a/connections/my_db"),
    Shape("signs", ("--connections-prefix=team_1.x-y",), "team_1.x-y/my_db", "/team_1.x-y/my_db"),
    Shape("more-signs", ("--connections-prefix=a+b=c@d",), "a+b=c@d/my_db", None),
    Shape("sep-underscore", ("--sep=_",), "airflow/connections_my_db", None),
    Shape("sep-in-prefix", ("--sep=-", *prefixes("c-", "v-", "o-")), "c-my_db", None),
    Shape("sep-slash-prefix", ("--sep=.", *prefixes("c/", "v/", "o/")), "c/.my_db", None),
    Shape("sep-long", ("--sep=_at_", *prefixes("c", "v", "o")), "c_at_my_db", None),
)


def shape_and_backend() -> list[object]:
    return [
        pytest.param(service, shape, id=f"{service}-{shape.id}")
        for service in (SECRETS_MANAGER, PARAMETER_STORE)
        for shape in SHAPES
        if shape.name_in(service)
    ]


@pytest.mark.parametrize(("backend", "shape"), shape_and_backend(), indirect=["backend"])
def test_what_was_set_is_what_both_airflows_find(
    backend: Backend, shape: Shape, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable(*shape.options).ok()
    variable = "grüße an alle: 100 %, “quoted” 'here', a\ttab and s3kr1t-var"
    backend.set("connection", "my_db", "postgres://ana:s3kr1t-p%40ss@db.example.com:5433/flights?sslmode=require").ok()
    backend.set("variable", "hello", variable).ok()
    backend.set("config", "sql_alchemy_conn", "sqlite:////s3kr1t-config.db").ok()

    assert shape.name_in(backend.choice) in backend.names_in_aws()
    assert len(backend.names_in_aws()) == 3
    read = {name: secrets_backend_in(parse(backend.project)) for name, parse in PARSERS.items()}
    assert read == dict.fromkeys(PARSERS, read["standalone"]), "the five readers of .env do not agree"
    assert read["standalone"]["AIRFLOW__SECRETS__BACKEND"] == CLASSES[backend.choice]
    environment = backend.environment(read["standalone"])
    for airflow in real_airflows:
        connection, found, option = airflow.look_up(
            environment, [("connection", "my_db"), ("variable", "hello"), ("config", "sql_alchemy_conn")]
        )
        assert connection["password"] == "s3kr1t-p@ss"
        assert (connection["login"], connection["host"], connection["port"]) == ("ana", "db.example.com", 5433)
        assert (connection["schema"], connection["extra_dejson"]) == ("flights", {"sslmode": "require"})
        assert found == variable
        assert option == "sqlite:////s3kr1t-config.db"
        shown = airflow.connection(environment, "my_db")
        assert (shown["conn_type"], shown["password"], shown["port"]) == ("postgres", "s3kr1t-p@ss", "5433")
        assert airflow.variable(environment, "hello") == variable


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_switched_off_is_not_written_and_not_asked_for(
    backend: Backend, kind: str, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable(f"{PREFIX_OPTIONS[kind]}=null").ok()
    backend.set(kind, "hello", "postgres://s3kr1t-nowhere").failed()
    assert backend.names_in_aws() == set()

    others = [other for other in KINDS if other != kind]
    for other in others:
        backend.set(other, "hello", "postgres://s3kr1t-somewhere").ok()
    environment = backend.environment(secrets_backend_in(PARSERS["compose"](backend.project)))
    assert (
        json.loads(environment["AIRFLOW__SECRETS__BACKEND_KWARGS"])[PREFIX_OPTIONS[kind][2:].replace("-", "_")] is None
    )
    for airflow in real_airflows:
        assert airflow.look_up(environment, [(kind, "hello")]) == [None]
        assert None not in airflow.look_up(environment, [(other, "hello") for other in others])


def test_a_lookup_pattern_is_the_same_to_set_and_to_airflow(
    backend: Backend, real_airflows: tuple[RealAirflow, ...]
) -> None:
    pattern = r"^(prod|Stage)_\d+"
    backend.enable(f"--variables-lookup-pattern={pattern}").ok()
    ids = {"prod_1": True, "PROD_22_x": True, "stage_3": True, "xprod_1": False, "prod_": False, "dev_1": False}
    for key, matches in ids.items():
        done = backend.set("variable", key, f"s3kr1t of {key}")
        assert (done.code == 0) == matches, str(done)
    read = {name: secrets_backend_in(parse(backend.project)) for name, parse in PARSERS.items()}
    assert read == dict.fromkeys(PARSERS, read["standalone"]), "the five readers of .env do not agree"
    environment = backend.environment(read["compose"])
    for airflow in real_airflows:
        found = airflow.look_up(environment, [("variable", key) for key in ids])
        assert [value is not None for value in found] == list(ids.values())


SIGNS = {SECRETS_MANAGER: "a-Z_0.9+e=f@g/h", PARAMETER_STORE: "a-Z_0.9/h"}


def test_a_name_may_have_every_sign_that_aws_allows(backend: Backend, real_airflows: tuple[RealAirflow, ...]) -> None:
    backend.enable().ok()
    key = SIGNS[backend.choice]
    backend.set("variable", key, "s3kr1t of signs").ok()
    environment = backend.environment(secrets_backend_in(PARSERS["compose"](backend.project)))
    for airflow in real_airflows:
        assert airflow.look_up(environment, [("variable", key)]) == ["s3kr1t of signs"]
    assert backend.revealed("get", "variable", key, "--reveal").rstrip("\n") == "s3kr1t of signs"


@pytest.mark.parametrize("key", ["with space", "ünï", "a#b", "a$b", "a:b", "a?b", "a*b"])
def test_a_name_that_aws_does_not_take_is_refused_before_any_call(backend: Backend, key: str) -> None:
    backend.enable().ok()
    backend.set("variable", key, "s3kr1t of nobody").failed()
    assert backend.names_in_aws() == set()


def test_the_aws_cli_reads_what_was_set(backend: Backend) -> None:
    backend.enable().ok()
    value = '{"a": "ünï", "b": [1, 2]}\nand s3kr1t on a second line'
    backend.set("variable", "hello", value).ok()
    (name,) = backend.names_in_aws()
    call = {
        SECRETS_MANAGER: ("secretsmanager", "get-secret-value", "--secret-id", name),
        PARAMETER_STORE: ("ssm", "get-parameter", "--with-decryption", "--name", name),
    }[backend.choice]
    said = backend.project.workstation.aws(*call, "--profile", "dev", "--output", "json").ok().json()
    assert (said["SecretString"] if backend.choice == SECRETS_MANAGER else said["Parameter"]["Value"]) == value
    if backend.choice == PARAMETER_STORE:
        assert said["Parameter"]["Type"] == "SecureString"
