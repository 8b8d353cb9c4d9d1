"""`secrets deploy`: what is printed for a shell is, word for word, what `--run` hands to the Astro CLI, and it is
what the Deployment's Airflow needs.
"""

from __future__ import annotations

import json
import shutil

import pytest

from support.astro_cli import AstroCli
from support.aws import ACCOUNT, REGION
from support.backend import CLASSES, Backend
from support.profiles import NAME
from support.workstation import Workstation

DEPLOYMENT = "clx1abc2def3"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/airflow"
CLASS_KEY, KWARGS_KEY = "AIRFLOW__SECRETS__BACKEND", "AIRFLOW__SECRETS__BACKEND_KWARGS"
AWKWARD = r"""^(it's|"two"|$HOME|`x`|a\b|100%|!y|a;b|c&d|e>f|ünï code)\d*$"""


@pytest.fixture
def astro(workstation: Workstation) -> AstroCli:
    return AstroCli(workstation)


def deploy(backend: Backend, *options: str) -> tuple[str, ...]:
    return ("deploy", "--deployment-id", DEPLOYMENT, "--role-arn", ROLE, "--yes", *options)


def given(call: list[str]) -> dict[str, str]:
    """The variables that one call of `astro deployment variable create|update` sets."""
    assert call[:2] == ["deployment", "variable"] and call[2] in ("create", "update"), call
    assert DEPLOYMENT in (call[call.index(option) + 1] for option in ("-d", "--deployment-id") if option in call), call
    return dict(word.split("=", 1) for word in call[3:] if word.startswith("AIRFLOW_"))


def all_given(calls: list[list[str]]) -> dict[str, str]:
    return {key: value for call in calls for key, value in given(call).items()}


@pytest.mark.parametrize("pattern", ["^prod_", AWKWARD], ids=["plain", "awkward"])
def test_the_printed_commands_are_what_run_runs(backend: Backend, astro: AstroCli, pattern: str) -> None:
    backend.enable(f"--variables-lookup-pattern={pattern}", f"--profile-name={NAME}").ok()
    # Where the Deployment has nothing yet, `--run` creates; what is printed for somebody else's shell is good for both.
    astro.has(CLASS_KEY, KWARGS_KEY)
    printed = backend.secrets(*deploy(backend, "--shell", "sh")).ok().stdout
    assert astro.changes() == []
    commands = [line.strip() for line in printed.splitlines() if line.strip().startswith("astro ")]
    assert commands, printed
    for shell in ("sh", "bash"):
        backend.project.workstation.run([shell, "-ec", "\n".join(commands)]).ok()
        by_hand = astro.calls()
        backend.secrets(*deploy(backend, "--run")).ok()
        assert astro.changes() == by_hand

    variables = all_given(by_hand)
    assert set(variables) >= {CLASS_KEY, KWARGS_KEY}
    assert variables[CLASS_KEY] == CLASSES[backend.choice]
    kwargs = json.loads(variables[KWARGS_KEY])
    assert kwargs["role_arn"] == ROLE
    assert kwargs["region_name"] == REGION
    assert kwargs["variables_lookup_pattern"] == pattern
    assert "profile_name" not in kwargs and not any(key.startswith("aws_") for key in kwargs)
    for call in by_hand:
        if KWARGS_KEY in given(call):
            assert "--secret" in call or "-s" in call, call


def test_what_the_deployment_has_is_updated(backend: Backend, astro: AstroCli) -> None:
    backend.enable().ok()
    backend.secrets(*deploy(backend, "--run")).ok()
    created = astro.changes()
    assert {call[2] for call in created} == {"create"}
    astro.has("OTHER", CLASS_KEY, KWARGS_KEY)
    backend.secrets(*deploy(backend, "--run")).ok()
    assert astro.changes() == [[*call[:2], "update", *call[3:]] for call in created]


def test_local_lines_go_only_after_it_went_well(backend: Backend, astro: AstroCli) -> None:
    backend.enable().ok()
    before = backend.project.dotenv.read_text()
    astro.ends_with(1)
    backend.secrets(*deploy(backend, "--run", "--remove-local")).failed()
    assert backend.project.dotenv.read_text() == before
    astro.ends_with(0)
    done = backend.secrets(*deploy(backend, "--run", "--remove-local")).ok()
    assert "AIRFLOW__SECRETS__" not in backend.project.dotenv.read_text()
    assert "on this machine" in done.stderr, str(done)


def test_without_the_astro_cli_it_says_so(backend: Backend) -> None:
    backend.enable().ok()
    assert "astro" in backend.secrets(*deploy(backend, "--run")).failed().stderr


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell is on none of the registries of this stage")
def test_the_commands_for_powershell_are_what_run_runs(backend: Backend, astro: AstroCli) -> None:
    backend.enable(f"--variables-lookup-pattern={AWKWARD}").ok()
    printed = backend.secrets(*deploy(backend, "--shell", "powershell")).ok().stdout
    commands = [line.strip() for line in printed.splitlines() if line.strip().startswith("astro ")]
    backend.project.workstation.run(["pwsh", "-NoProfile", "-Command", "\n".join(commands)]).ok()
    by_hand = astro.calls()
    backend.secrets(*deploy(backend, "--run")).ok()
    assert astro.changes() == by_hand
