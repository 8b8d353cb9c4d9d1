"""`secrets policy` is what `secrets check` needs and nothing more, seen by IAM: with it everything is found, without
any one of its actions it is not, and no action of it is unused.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from support.aws import ACCOUNT, REGION, Aws
from support.backend import PARAMETER_STORE, SECRETS_MANAGER, Backend
from support.dotenv_parsers import compose, secrets_backend_in
from support.guard import Guard, key_arn
from support.profiles import NAME, Accounts
from support.real_airflow import RealAirflow
from support.stage import Stage

READ = {SECRETS_MANAGER: "secretsmanager:GetSecretValue", PARAMETER_STORE: "ssm:GetParameter"}
# Batches are faster, and a description names the key; what is not allowed to do so goes on without.
BETTER_WITH = {"secretsmanager:BatchGetSecretValue", "secretsmanager:DescribeSecret", "ssm:GetParameters"}
DAG = """
from airflow.hooks.base import BaseHook
from airflow.models import Variable

Variable.get("hello")
BaseHook.get_connection("my_db")
"""


@pytest.fixture
def guard(stage: Stage, aws: Aws) -> Iterator[Guard]:
    started = Guard(aws, stage.gateway)
    yield started
    started.stop()


@pytest.fixture
def guarded(backend: Backend, guard: Guard, accounts: Accounts) -> Backend:
    """The project, whose developer's every call is judged by IAM; it names a connection and a variable."""
    accounts.write_config(f"[profile {NAME}]\nregion = {REGION}\nendpoint_url = {guard.endpoint}\n")
    backend.project.write("dags/example.py", DAG)
    return backend


def store_both(backend: Backend, beginning: str) -> None:
    backend.put(f"{beginning}connections/my_db", "postgres://ana:s3kr1t@db/flights")
    backend.put(f"{beginning}variables/hello", "s3kr1t world")


def policy_of(backend: Backend, *options: str) -> dict[str, Any]:
    """The document itself, which is all that stands on stdout."""
    policy: dict[str, Any] = backend.secrets("policy", *options).ok().json()
    assert policy["Version"] == "2012-10-17"
    return policy


def actions_of(policy: dict[str, Any]) -> set[str]:
    assert all(isinstance(statement["Action"], (str, list)) for statement in policy["Statement"])
    return {
        action
        for statement in policy["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def without(policy: dict[str, Any], action: str) -> dict[str, Any]:
    """The policy without one action; a statement that loses its last one goes."""
    less = copy.deepcopy(policy)
    for statement in less["Statement"]:
        listed = statement["Action"]
        statement["Action"] = [one for one in ([listed] if isinstance(listed, str) else listed) if one != action]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    # A policy must allow something; this is something else.
    less["Statement"] = less["Statement"] or [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]
    return less


BEGINNINGS = {"default": "airflow/", "nested": "team/a/", "leading": "/team/a/"}


@pytest.mark.parametrize("shape", BEGINNINGS)
def test_check_passes_with_the_policy_and_with_nothing_less(
    guarded: Backend, guard: Guard, shape: str, real_airflows: tuple[RealAirflow, ...]
) -> None:
    beginning = BEGINNINGS[shape]
    options = [f"--{kind}-prefix={beginning}{kind}" for kind in ("connections", "variables", "config")]
    guarded.enable(*(options if shape != "default" else ())).ok()
    store_both(guarded, beginning if guarded.choice == SECRETS_MANAGER else f"/{beginning.removeprefix('/')}")
    policy = policy_of(guarded)

    guard.allow(policy)
    found = guarded.told("check")["results"]
    assert {(result["kind"], result["id"], result["state"]) for result in found} == {
        ("connection", "my_db", "found"),
        ("variable", "hello", "found"),
    }
    assert actions_of(policy) == {READ[guarded.choice]}
    environment = guarded.environment(secrets_backend_in(compose(guarded.project)))
    for airflow in real_airflows:
        guard.used = set()
        assert None not in airflow.look_up(environment, [("connection", "my_db"), ("variable", "hello")])
        assert guard.used == actions_of(policy)

    for action in actions_of(policy):
        guard.allow(without(policy, action))
        failed = guarded.told("check", code=None)
        assert {result["state"] for result in failed["results"]} == {"denied"}
        assert action in json.dumps(failed)
    for number in range(len(policy["Statement"])):
        less = copy.deepcopy(policy)
        del less["Statement"][number]
        guard.allow(less if less["Statement"] else without(policy, READ[guarded.choice]))
        assert "denied" in {result["state"] for result in guarded.told("check", code=None)["results"]}


def test_the_policy_reaches_no_further_than_the_prefixes(guarded: Backend, guard: Guard) -> None:
    guarded.enable().ok()
    for name in ("other/secret", "airflow/connections-of-others/x", "airflow/other", "airflow"):
        name = name if guarded.choice == SECRETS_MANAGER else f"/{name}"
        guarded.put(name, "s3kr1t of others")
        guard.allow(policy_of(guarded, "--write"))
        refused = guarded.told("fetch", name, code=None)
        assert READ[guarded.choice] in json.dumps(refused), refused


def test_every_resource_of_the_policy_is_of_this_account_and_region(guarded: Backend) -> None:
    guarded.enable().ok()
    for statement in policy_of(guarded)["Statement"]:
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        service = "secretsmanager" if guarded.choice == SECRETS_MANAGER else "ssm"
        for resource in resources:
            assert resource.startswith(f"arn:aws:{service}:{REGION}:{ACCOUNT}:"), resource


def test_a_prefix_that_is_switched_off_is_not_in_the_policy(guarded: Backend) -> None:
    guarded.enable("--config-prefix=null", "--variables-prefix=null").ok()
    policy = json.dumps(policy_of(guarded))
    assert "airflow/connections" in policy
    assert "airflow/variables" not in policy and "airflow/config" not in policy


def write_everything(backend: Backend) -> list[int]:
    """All that writes, and each exit code: new, again, listed with sizes and without, checked, deleted, gone."""
    codes = [backend.set("variable", "mine", f"s3kr1t {number}").code for number in range(2)]
    codes += [backend.secrets("list", *options).code for options in ((), ("--no-size",))]
    codes += [backend.secrets("delete", "variable", "mine", "--yes").code]
    # What was deleted a moment ago comes back with its new value.
    codes += [backend.set("variable", "mine", "s3kr1t again").code]
    codes += [backend.secrets("delete", "variable", "mine", "--force", "--yes").code]
    return codes


def test_writing_needs_the_policy_for_writing_and_nothing_less(guarded: Backend, guard: Guard) -> None:
    guarded.enable().ok()
    policy = policy_of(guarded, "--write")
    store_both(guarded, "airflow/" if guarded.choice == SECRETS_MANAGER else "/airflow/")
    guard.allow(policy)
    assert set(write_everything(guarded)) == {0}
    assert guarded.told("check")["ok"]
    assert guard.denied <= BETTER_WITH
    assert guard.used == actions_of(policy), "it allows what nothing needs"

    guard.allow(policy_of(guarded))
    assert guarded.secrets("set", "variable", "new", stdin="s3kr1t").code != 0
    for action in sorted(actions_of(policy)):
        guarded.aws.forget_secrets()
        store_both(guarded, "airflow/" if guarded.choice == SECRETS_MANAGER else "/airflow/")
        guard.allow(without(policy, action))
        codes = [*write_everything(guarded), guarded.secrets("check").code]
        assert action in guard.denied
        assert set(codes) != {0}, f"all of it went well without {action}"


def test_a_customer_key_has_to_be_in_the_policy(guarded: Backend, guard: Guard, aws: Aws) -> None:
    guarded.enable().ok()
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    guard.allow(policy_of(guarded, "--write", "--kms-key-id", key))
    guarded.set("variable", "hello", "s3kr1t world", "--kms-key-id", key).ok()
    guarded.set("connection", "my_db", "postgres://ana:s3kr1t@db/flights", "--kms-key-id", key_arn(key)).ok()

    reading = policy_of(guarded, "--kms-key-id", key_arn(key))
    assert actions_of(reading) == {READ[guarded.choice], "kms:Decrypt"}
    guard.allow(reading)
    assert {result["state"] for result in guarded.told("check")["results"]} == {"found"}

    guard.allow(policy_of(guarded))
    failed = guarded.told("check", code=None)
    assert "found" not in {result["state"] for result in failed["results"]}
    assert "kms:Decrypt" in json.dumps(failed)
    assert key in json.dumps(failed)


@pytest.mark.parametrize(
    "key", [(), ("--kms-key-id", key_arn("1234abcd-12ab-34cd-56ef-1234567890ab"))], ids=["", "key"]
)
def test_the_policy_of_a_task_execution_role_is_what_the_guide_says(
    guarded: Backend, guard: Guard, key: tuple[str, ...]
) -> None:
    guarded.enable().ok()
    policy = policy_of(guarded, "--for", "ecs-task-execution", *key)
    needed = {SECRETS_MANAGER: "secretsmanager:GetSecretValue", PARAMETER_STORE: "ssm:GetParameters"}[guarded.choice]
    assert needed in actions_of(policy)
    assert actions_of(policy) <= {"secretsmanager:GetSecretValue", "ssm:GetParameters", "kms:Decrypt"}
    assert ("kms:Decrypt" in actions_of(policy)) == bool(key)
    # Its grammar.
    guard.allow(policy)
