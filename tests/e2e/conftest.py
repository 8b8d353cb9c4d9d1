"""The fixtures: one AWS for all tests, and for each test a fresh home, a fresh project and its own secrets."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from support.aws import Aws
from support.backend import BACKENDS, Backend
from support.browser import Browser
from support.compose_file import AIRFLOW_2, AIRFLOW_3, Airflow
from support.leaks import Secrets
from support.portal import Portal
from support.profiles import KINDS, Accounts, Profile
from support.project import AstroProject
from support.real_airflow import RealAirflow
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


@pytest.fixture(scope="session")
def real_airflows(stage: Stage) -> Iterator[tuple[RealAirflow, ...]]:
    """The real Airflow 2 and 3, which take seconds to start and are started once."""
    folder = stage.run / "airflow" / str(os.getpid())
    started = tuple(RealAirflow(stage, major, folder) for major in stage.airflows)
    yield started
    for each in started:
        each.stop()
    shutil.rmtree(folder)


@pytest.fixture
def real_airflow(real_airflows: tuple[RealAirflow, ...], airflow: Airflow) -> RealAirflow:
    """The real Airflow of the version that the test is run with."""
    (found,) = (each for each in real_airflows if each.major == airflow.major)
    return found


@pytest.fixture(params=BACKENDS)
def backend(
    request: pytest.FixtureRequest, make_project: Callable[[Airflow], AstroProject], accounts: Accounts
) -> Backend:
    """Each of the two services behind a project, empty, and `secrets enable` still to come."""
    return Backend(request.param, make_project(AIRFLOW_3), accounts)


@pytest.fixture(params=BACKENDS)
def backend_of_each_airflow(
    request: pytest.FixtureRequest,
    airflow: Airflow,
    make_project: Callable[[Airflow], AstroProject],
    accounts: Accounts,
) -> Backend:
    """The same behind a project of each version of Airflow."""
    return Backend(request.param, make_project(airflow), accounts)
