"""What is large, slow, throttled or odd: thousands of secrets, values at the limit, files that are no Python."""

from __future__ import annotations

import json
import time

import pytest

from support.aws import REGION
from support.backend import PARAMETER_STORE, SECRETS_MANAGER, Backend
from support.dotenv_parsers import compose, secrets_backend_in
from support.footprint import megabytes_of
from support.portal import Portal
from support.profiles import NAME, Accounts
from support.real_airflow import RealAirflow

# What listing thousands may take on top of listing hardly any.
MORE_MEGABYTES = 16


def through_the_stand_in(backend: Backend, accounts: Accounts) -> Portal:
    """From now on the stand-in of the Rust tests is AWS: it throttles, and pages through thousands in no time."""
    portal = accounts.portal
    portal.knows_key(accounts.aws.user_keys.access_key_id, accounts.aws.user_arn)
    accounts.write_config(f"[profile {NAME}]\nregion = {REGION}\nendpoint_url = {portal.endpoint}\n")
    backend.enable().ok()
    return portal


def keep(portal: Portal, backend: Backend, variables: dict[str, str]) -> None:
    """The stand-in has these variables under Airflow's default names."""
    if backend.choice == SECRETS_MANAGER:
        portal.keeps_secrets({f"airflow/variables/{key}": value for key, value in variables.items()}, REGION)
    else:
        portal.keeps_parameters({f"/airflow/variables/{key}": value for key, value in variables.items()}, REGION)


def test_five_thousand_are_listed_and_memory_stays_flat(backend: Backend, accounts: Accounts) -> None:
    portal = through_the_stand_in(backend, accounts)
    station, root = backend.project.workstation, backend.project.root
    argv = [station.stage.binary, "secrets", "list"]
    keep(portal, backend, {f"key_{number:05}": f"s3kr1t {'x' * 2000}" for number in range(50)})
    few, done = megabytes_of(station, argv, root)
    assert done.ok().stdout.count("key_") == 50
    keep(portal, backend, {f"key_{number:05}": f"s3kr1t {'x' * 2000}" for number in range(5000)})
    began = time.monotonic()
    many, done = megabytes_of(station, argv, root)
    print(f"{backend.choice}: 50 took {few:.0f} MB, 5,000 took {many:.0f} MB and {time.monotonic() - began:.1f} s")
    assert done.ok().stdout.count("key_") == 5000
    assert many < few + MORE_MEGABYTES
    ids = [entry["id"] for entry in backend.told("list", "--no-size")["entries"]]
    assert len(ids) == len(set(ids)) == 5000


LIMITS = {SECRETS_MANAGER: 65536, PARAMETER_STORE: 8192}


def test_a_value_at_the_limit_is_stored_and_one_beyond_it_is_refused_before_any_call(
    backend: Backend, real_airflows: tuple[RealAirflow, ...]
) -> None:
    backend.enable().ok()
    limit = LIMITS[backend.choice]
    # The limit counts bytes: each of these is two.
    value = "s3kr1t" + "ü" * ((limit - 6) // 2)
    assert len(value.encode()) == limit
    backend.set("variable", "large", value).ok()
    environment = backend.environment(secrets_backend_in(compose(backend.project)))
    for airflow in real_airflows:
        assert airflow.look_up(environment, [("variable", "large")]) == [value]
    if backend.choice == PARAMETER_STORE:
        (described,) = backend.aws.client("ssm").describe_parameters()["Parameters"]
        assert described["Tier"] == "Advanced"
    refused = backend.set("variable", "larger", f"{value}x").failed()
    assert f"{limit} at most" in refused.stderr
    assert len(backend.names_in_aws()) == 1


def test_throttled_calls_are_made_again(backend: Backend, accounts: Accounts) -> None:
    portal = through_the_stand_in(backend, accounts)
    ids = [f"key_{number}" for number in range(100)]
    keep(portal, backend, {key: f"s3kr1t {key}" for key in ids})
    services = {SECRETS_MANAGER: ("BatchGetSecretValue", "GetSecretValue")}
    actions = services.get(backend.choice, ("GetParameters", "GetParameter"))
    for action in actions:
        portal.fails(action, "refused", code="ThrottlingException", times=2)
    told = backend.told("check", "--kind", "variable", *ids)
    assert {result["state"] for result in told["results"]} == {"found"}
    assert sum(portal.refusals(action) for action in actions) >= 2


def test_dag_files_that_are_no_python_keep_nobody_from_checking(backend: Backend) -> None:
    backend.enable().ok()
    dags = backend.project.root / "dags"
    station = backend.project.workstation
    backend.project.write("dags/good.py", 'from airflow.models import Variable\nVariable.get("hello")\n')
    for name, content in {
        "latin.py": '# -*- coding: latin-1 -*-\nVariable.get("gr\u00fc\u00dfe")\n'.encode("latin-1"),
        "broken.py": b'def (:\n"""never closed\nVariable.get("in_a_text")\n',
        "binary.py": bytes(range(256)) * 64,
        "large.py": b"x = [\n" + b'    "a line of data",\n' * 250_000 + b']\nVariable.get("at_the_end")\n',
        "long_line.py": b'x = "' + b"y" * 5_000_000 + b'"\n',
        "notes.txt": b'Variable.get("not_code")\n',
    }.items():
        station.write(dags / name, "").write_bytes(content)
    began = time.monotonic()
    told = backend.told("check", code=None)
    print(f"took {time.monotonic() - began:.2f} s")
    ids = {result["id"] for result in told["results"]}
    assert "hello" in ids
    assert "at_the_end" in ids or "large.py" in json.dumps(told["warnings"])
    assert "not_code" not in ids


@pytest.mark.parametrize("action", ["set", "get", "list", "check"])
def test_a_service_that_cannot_be_reached_is_told_and_not_waited_for(
    backend: Backend, accounts: Accounts, action: str
) -> None:
    backend.enable().ok()
    accounts.write_config(f"[profile {NAME}]\nregion = {REGION}\nendpoint_url = http://127.0.0.1:1\n")
    arguments = {"set": ("set", "variable", "x"), "get": ("get", "variable", "x"), "list": ("list",)}
    done = backend.secrets(*arguments.get(action, ("check", "--kind", "variable", "x")), stdin="s3kr1t").failed()
    assert "127.0.0.1:1" in done.stderr + done.stdout
