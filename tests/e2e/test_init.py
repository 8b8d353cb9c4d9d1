"""`init`: one command, and boto3 in every Airflow container is the developer."""

from __future__ import annotations

import pytest

from support.aws import REGION
from support.compose_file import MIGRATION, WITHOUT_AIRFLOW
from support.identity import identity_on_host
from support.profiles import KINDS, NAME, Accounts, Profile
from support.project import AstroProject
from support.report import files_changed, report
from support.tree import tree_of

ENV_LINES = [
    "AWS_CONFIG_FILE=/home/astro/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE=/home/astro/.aws/credentials",
]
DAG_WITH_PROFILE_NAME = f"""
import boto3
session = boto3.Session(profile_name="{NAME}")
print(session.region_name, session.client("sts").get_caller_identity()["Arn"])
"""


def assert_only_the_services_of_this_airflow(project: AstroProject) -> None:
    expected = [*project.airflow.services, WITHOUT_AIRFLOW, *([MIGRATION] if project.airflow.major == 3 else [])]
    assert project.services_of_merge() == sorted(expected)


def assert_every_container_is(project: AstroProject, profile: Profile) -> None:
    on_host = identity_on_host(project.workstation, profile.name)
    assert on_host.arn == profile.arn
    assert {service: project.identity_in(service) for service in project.airflow.services} == {
        service: on_host for service in project.airflow.services
    }


def assert_verify_agrees(project: AstroProject, profile: Profile) -> None:
    seen = report(project.astro_aws("verify", "--output", "json").ok(), "verify")
    assert seen["agree"] is True
    assert seen["host"]["arn"] == profile.arn
    assert seen["host"]["profile"] == profile.name
    assert {container["service"]: container["identity"]["arn"] for container in seen["containers"]} == {
        service: profile.arn for service in project.airflow.services
    }


@pytest.mark.parametrize("profile", list(KINDS), indirect=True)
def test_every_container_acts_as_the_developer_whose_files_are_private(
    project: AstroProject, profile: Profile, accounts: Accounts
) -> None:
    aws_folder = tree_of(accounts.aws_folder)

    done = report(project.astro_aws("init", "--yes", "--profile", NAME, "--output", "json").ok(), "init")

    assert done["airflow"] == project.airflow.major
    assert sorted(done["services"]) == sorted(project.airflow.services)
    assert (done["profile"], done["delivery"]) == (NAME, "session")
    assert done["delivery_reason"]
    assert done["identity"]["arn"] == profile.arn
    assert files_changed(done)["docker-compose.override.yml"] == "created"
    assert [line for line in project.dotenv.read_text().splitlines() if line.startswith("AWS_")] == ENV_LINES
    assert tree_of(accounts.aws_folder) == aws_folder
    assert_only_the_services_of_this_airflow(project)

    project.start()
    assert_every_container_is(project, profile)
    assert_verify_agrees(project, profile)
    named = project.execute("scheduler", "python3", "-c", DAG_WITH_PROFILE_NAME).ok()
    assert named.stdout.split() == [REGION, profile.arn]
    project.assert_no_secret_in_engine()
    assert project.workstation.secrets.exposed_files(project.workstation.home, project.root) == []


@pytest.mark.parametrize("profile", ["static", "role-chain", "legacy-sso"], indirect=True)
def test_mounted_files_serve_where_containers_may_read_them(
    project: AstroProject, profile: Profile, accounts: Accounts
) -> None:
    accounts.open_to_containers()

    arguments = ["--yes", "--profile", NAME, "--delivery", "mount", "--output", "json"]
    done = report(project.astro_aws("init", *arguments).ok(), "init")

    assert done["delivery"] == "mount"
    assert f"{accounts.aws_folder}:/home/astro/.aws:ro" in project.override.read_text()
    assert_only_the_services_of_this_airflow(project)
    project.start()
    assert_every_container_is(project, profile)
    assert_verify_agrees(project, profile)
    project.assert_no_secret_in_engine()


def test_says_that_uid_50000_could_not_read_private_files(project: AstroProject, profile: Profile) -> None:
    said = project.astro_aws("init", "--yes", "--profile", profile.name, "--output", "json").ok()
    assert "50000" in report(said, "init")["delivery_reason"]


def test_mounts_readable_files_by_itself(project: AstroProject, profile: Profile, accounts: Accounts) -> None:
    accounts.open_to_containers()
    done = report(project.astro_aws("init", "--yes", "--profile", profile.name, "--output", "json").ok(), "init")
    assert done["delivery"] == "mount"


def test_the_default_profile_needs_no_name(project: AstroProject, accounts: Accounts) -> None:
    accounts.write_user_keys("default")
    accounts.write_config(f"[default]\nregion = {REGION}\nendpoint_url = {accounts.aws.endpoint}\n")

    project.astro_aws("init", "--yes").ok()

    assert "AWS_PROFILE" not in project.override.read_text()
    project.start()
    assert_every_container_is(project, Profile("static", "default", accounts.aws.user_arn))


def test_a_second_run_changes_nothing(project: AstroProject, profile: Profile) -> None:
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    first = project.tree()

    again = report(project.astro_aws("init", "--yes", "--output", "json").ok(), "init")

    assert again["profile"] == profile.name
    assert set(files_changed(again).values()) == {"unchanged"}
    assert project.tree() == first


def test_a_dry_run_writes_nothing_anywhere(project: AstroProject, profile: Profile) -> None:
    before = (project.tree(), tree_of(project.workstation.home))

    shown = project.astro_aws("init", "--dry-run", "--profile", profile.name).ok()

    assert "/home/astro/.aws" in shown.stdout + shown.stderr
    assert (project.tree(), tree_of(project.workstation.home)) == before
