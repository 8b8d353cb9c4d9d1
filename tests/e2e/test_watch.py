"""`refresh --watch`: containers that run for long never meet an expired credential, whatever the time of day."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.caches import let_token_expire, token
from support.callers import Callers
from support.compose_file import AIRFLOW_3, Airflow
from support.leaks import Secrets
from support.portal import Portal
from support.profiles import NAME, Accounts, signed_in_for, sso_session
from support.project import AstroProject
from support.stage import Stage
from support.watch import watching
from support.workstation import Workstation

PROCESSES = 6
EXPIRIES = 3
RENEWALS = 2
REFRESH = "CreateToken refresh_token"
# Seconds. Of the tokens and role credentials that shall expire while the test looks on.
SHORT = 18
# A refresh over a slow network, in milliseconds: for so long the cache has a refresh token that is used up.
LATENCY = {REFRESH: {"least": 1000, "most": 1000}}
# botocore refreshes a token by itself below 15 minutes.
ABOVE_BOTOCORE = 15 * 60 + 24


@pytest.fixture
def airflow() -> Airflow:
    """One version will do."""
    return AIRFLOW_3


def containers_of(project: AstroProject) -> list[str]:
    """As many containers as there are processes, the services one after the other."""
    containers = [project.container(service) for service in project.airflow.services]
    return [containers[number % len(containers)] for number in range(PROCESSES)]


def test_six_processes_across_three_expiries_beside_botocore_alone(
    project: AstroProject, accounts: Accounts, stage: Stage, secrets: Secrets, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.portal.set(token_lifetime=SHORT, credentials_lifetime=SHORT, latency=LATENCY)
    signed_in_for(accounts, timedelta(seconds=SHORT))
    project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME, "--delivery", "session").ok()
    with watching(project), botocore_alone(accounts, stage, secrets) as alone:
        project.start()
        with Callers(stage, containers_of(project)) as beside:
            beside.wait_for_a_call_of_each()
            for _ in range(EXPIRIES):
                expiry = datetime.fromisoformat(project.session()["Expiration"])
                beside.wait_for_a_call_of_each(lambda: datetime.now(UTC) > expiry)
            watched, calls = beside.failures, beside.calls
        first, unwatched, calls_alone = alone.first_outcomes, alone.failures, alone.calls

    with capsys.disabled():
        print(
            f"\n{PROCESSES} botocore processes: beside `refresh --watch`, across {EXPIRIES} expiries,"
            f" {watched.total()} of {calls} calls failed; alone, with an expired token,"
            f" {PROCESSES - first.count('ok')} of {PROCESSES} first calls and {unwatched.total()} of {calls_alone} in all"
            f" ({', '.join(unwatched)})"
        )
    assert watched == {}
    assert accounts.portal.refusals("CreateToken") == 0
    assert accounts.portal.hits(REFRESH) >= EXPIRIES
    assert unwatched.total() > 0


def test_a_container_never_refreshes_the_token_that_it_sees_through_a_mount(
    project: AstroProject, accounts: Accounts, stage: Stage
) -> None:
    accounts.portal.set(token_lifetime=ABOVE_BOTOCORE, credentials_lifetime=SHORT)
    signed_in_for(accounts, timedelta(seconds=ABOVE_BOTOCORE))
    project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME, "--delivery", "mount").ok()
    project.start()
    in_the_cache = {token(accounts)["refreshToken"]}

    def renewed(times: int) -> Callable[[], bool]:
        def look() -> bool:
            in_the_cache.add(token(accounts)["refreshToken"])
            return len(in_the_cache) > times

        return look

    # As root, as if on Docker Desktop: there the files of a mount belong to whoever looks.
    with watching(project), Callers(stage, containers_of(project), user="root") as callers:
        callers.wait_for_a_call_of_each()
        for renewal in range(1, RENEWALS + 1):
            callers.wait_for_a_call_of_each(renewed(renewal))
        failures = callers.failures

    assert failures == {}
    assert accounts.portal.hits("GetRoleCredentials") > PROCESSES
    # A container cannot write the cache: a token that it had asked for would never have been there.
    issued = {refresh["token"] for refresh in accounts.portal.issued()["refresh_tokens"]}
    assert issued == in_the_cache
    assert accounts.portal.hits(REFRESH) == len(in_the_cache) - 1


@contextmanager
def botocore_alone(accounts: Accounts, stage: Stage, secrets: Secrets) -> Iterator[Callers]:
    """The same processes in a container that has the user's AWS folder, with an expired token: all that they may do
    themselves, they may; the folder is even theirs to write."""
    station = Workstation(stage, accounts.workstation.make_folder(accounts.workstation.folder / "alone"), secrets)
    portal = Portal(stage.gateway, stage.stand_in, secrets)
    theirs = Accounts(station, accounts.aws, portal)
    portal.set(latency=LATENCY)
    sso_session(theirs)
    let_token_expire(theirs)
    name = f"astro-aws-e2e-{uuid.uuid4().hex}"
    folder = "/home/astro/.aws"
    run = ["docker", "run", "--detach", "--init", "--name", name, f"--volume={theirs.aws_folder}:{folder}"]
    run += [f"--env=AWS_PROFILE={NAME}", "--env=AWS_EC2_METADATA_DISABLED=true", AIRFLOW_3.image, "sleep", "infinity"]
    give_to_containers(theirs.aws_folder)
    station.run(run).ok()
    try:
        with Callers(stage, [name] * PROCESSES, begin=f"{folder}/begin") as callers:
            (theirs.aws_folder / "begin").touch()
            callers.wait_for_a_call_of_each()
            yield callers
    finally:
        station.run(["docker", "rm", "--force", name]).ok()
        portal.stop()


def give_to_containers(folder: Path) -> None:
    """Makes uid 50000 the owner of everything in a folder."""
    for path in [folder, *folder.rglob("*")]:
        shutil.chown(path, 50000, 0)
