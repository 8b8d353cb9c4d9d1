"""The fixtures: one AWS for all tests, and for each test a fresh home, a fresh project and its own secrets."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from support.aws import Aws
from support.browser import Browser
from support.compose_file import AIRFLOW_2, AIRFLOW_3, Airflow
from support.leaks import Secrets
from support.portal import Portal
from support.profiles import KINDS, Accounts, Profile
from support.project import AstroProject
from support.stage import Stage, stage_from_environment
from support.workstation import Workstation

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stage() -> Stage:
    """What tests/e2e/run has set up."""
    return stage_from_environment()


@pytest.fixture(scope="session")
def aws(stage: Stage) -> Iterator[Aws]:
    """moto, reachable from the host and from containers."""
    server = Aws(stage.gateway)
    yield server
    server.stop()


@pytest.fixture
def secrets() -> Secrets:
    """What must not show anywhere in this test."""
    return Secrets()


@pytest.fixture
def workstation(stage: Stage, secrets: Secrets) -> Iterator[Workstation]:
    """The developer with a fresh home, which is gone after the test."""
    folder = stage.run / "tests" / f"{os.getpid()}-{next(_numbers)}"
    folder.mkdir(parents=True)
    shutil.chown(folder, stage.uid, stage.gid)
    yield Workstation(stage, folder, secrets)
    shutil.rmtree(folder)


@pytest.fixture
def portal(stage: Stage, secrets: Secrets) -> Iterator[Portal]:
    """IAM Identity Center and its STS, whose tokens and keys are this test's secrets."""
    server = Portal(stage.gateway, stage.stand_in, secrets)
    yield server
    server.stop()


@pytest.fixture
def accounts(workstation: Workstation, aws: Aws, portal: Portal) -> Accounts:
    """Where profiles are written and keys come from."""
    return Accounts(workstation, aws, portal)


@pytest.fixture
def browser(workstation: Workstation) -> Iterator[Browser]:
    """The developer's browser, and the developer in it, who agrees to everything."""
    started = Browser(workstation)
    yield started
    started.stop()


@pytest.fixture(params=[AIRFLOW_2, AIRFLOW_3], ids=str)
def airflow(request: pytest.FixtureRequest) -> Airflow:
    """Both versions of Airflow, one after the other."""
    version: Airflow = request.param
    return version


@pytest.fixture
def make_project(workstation: Workstation) -> Iterator[Callable[[Airflow], AstroProject]]:
    """Makes the test's project of a given version of Airflow."""
    made: list[AstroProject] = []

    def make(airflow: Airflow) -> AstroProject:
        made.append(AstroProject(workstation, airflow))
        return made[-1]

    yield make
    for project in made:
        project.kill()


@pytest.fixture
def project(make_project: Callable[[Airflow], AstroProject], airflow: Airflow) -> AstroProject:
    """A project of each version of Airflow."""
    return make_project(airflow)


@pytest.fixture
def profile(accounts: Accounts, request: pytest.FixtureRequest) -> Profile:
    """The profile of the kind that the test is parametrised with (indirectly); static keys without one."""
    kind: str = getattr(request, "param", "static")
    return KINDS[kind](accounts)
