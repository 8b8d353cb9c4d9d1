"""`verify`: the ways in which a container is not the developer, told apart and named; and no secret on its way."""

from __future__ import annotations

import json
import time

import pytest

from support.aws import REGION, role_arn
from support.profiles import NAME, Accounts, Profile
from support.project import AstroProject
from support.report import container_named, report

PACKAGES = "/usr/local/lib/python3.11/dist-packages"


def test_names_the_container_without_boto3(project: AstroProject, profile: Profile) -> None:
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    project.start()
    project.execute("triggerer", "rm", "-r", f"{PACKAGES}/boto3", f"{PACKAGES}/botocore", user="root").ok()

    seen = report(project.astro_aws("verify", "--output", "json").failed(), "verify")

    assert seen["agree"] is False
    lacking = container_named(seen, "triggerer")
    assert lacking["identity"] is None
    assert "boto" in json.dumps(lacking["error"])
    for service in set(project.airflow.services) - {"triggerer"}:
        assert container_named(seen, service)["identity"]["arn"] == profile.arn


def test_names_the_container_that_cannot_read_the_files(
    project: AstroProject, profile: Profile, accounts: Accounts
) -> None:
    accounts.open_to_containers()
    project.astro_aws("init", "--yes", "--profile", profile.name, "--delivery", "mount").ok()
    project.start()
    for name in ("config", "credentials"):
        (accounts.aws_folder / name).chmod(0o600)

    seen = report(project.astro_aws("verify", "--output", "json").failed(), "verify")

    assert seen["agree"] is False
    assert seen["host"]["arn"] == profile.arn
    for service in project.airflow.services:
        entry = container_named(seen, service)
        assert entry["identity"] is None
        assert "/home/astro/.aws" in json.dumps(entry["error"])
        assert "read" in json.dumps(entry["error"])


def test_names_the_key_in_dotenv_that_beats_the_profile(project: AstroProject, profile: Profile) -> None:
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    foreign = project.workstation.secrets.remember("the key in .env", "foreign-secret-key-0123456789")
    with project.dotenv.open("a") as dotenv:
        dotenv.write(f"AWS_ACCESS_KEY_ID=AKIAFOREIGN\nAWS_SECRET_ACCESS_KEY={foreign}\n")
    project.start()

    seen = report(project.astro_aws("verify", "--output", "json").failed(), "verify")

    assert seen["agree"] is False
    for service in project.airflow.services:
        assert "AWS_ACCESS_KEY_ID" in json.dumps(container_named(seen, service)["error"])


def test_warns_at_init_of_the_key_in_dotenv(project: AstroProject, profile: Profile) -> None:
    foreign = project.workstation.secrets.remember("the key in .env", "foreign-secret-key-0123456789")
    project.write(".env", f"AWS_ACCESS_KEY_ID=AKIAFOREIGN\nAWS_SECRET_ACCESS_KEY={foreign}\n")
    done = report(project.astro_aws("init", "--yes", "--profile", profile.name, "--output", "json").ok(), "init")
    assert "AWS_ACCESS_KEY_ID" in json.dumps(done["warnings"])


def test_sessions_of_one_role_agree_whatever_their_names(project: AstroProject, accounts: Accounts) -> None:
    accounts.write_user_keys("base")
    accounts.write_config(
        f"[profile base]\nregion = {REGION}\nendpoint_url = {accounts.aws.endpoint}\n\n"
        f"[profile {NAME}]\nrole_arn = {role_arn('pipeline')}\nsource_profile = base\n"
        f"region = {REGION}\nendpoint_url = {accounts.aws.endpoint}\n"
    )
    project.astro_aws("init", "--yes", "--profile", NAME).ok()
    project.start()
    assert report(project.astro_aws("verify", "--output", "json").ok(), "verify")["agree"] is True


@pytest.mark.parametrize("profile", ["static", "sso-session"], indirect=True)
def test_no_secret_travels_in_what_is_executed_in_a_container(project: AstroProject, profile: Profile) -> None:
    began = time.time()
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    project.start()
    project.astro_aws("verify").ok()

    # The engine records the whole command line of each exec; `run` itself looks for secrets in what is printed.
    between = ["--since", f"{began:.3f}", "--until", f"{time.time():.3f}"]
    events = project.workstation.run(["docker", "events", *between, "--filter", "event=exec_create"]).ok()
    assert len(events.stdout.split("exec_create:")) > len(project.airflow.services)
