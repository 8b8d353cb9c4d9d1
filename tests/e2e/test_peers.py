"""The ground the other tests stand on, seen without astro-aws: engine, image, Compose, the stand-ins, the clients.

Where one of these fails, a failure elsewhere says nothing about the tool.
"""

from __future__ import annotations

import json
import os

import pytest

from support.aws import READ_AT_EACH_USE, REGION
from support.identity import identity_on_host
from support.profiles import KINDS, NAME, Accounts, Profile, static_keys
from support.project import AstroProject
from support.workstation import Workstation


def mount_by_hand(project: AstroProject, source: str) -> None:
    """What Astronomer's guide has a person write, for the services that this version of Airflow has."""
    service = {
        "volumes": [f"{source}:/home/astro/.aws:ro"],
        "environment": {"AWS_PROFILE": NAME, "AWS_EC2_METADATA_DISABLED": "true"},
    }
    project.write(project.override.name, json.dumps({"services": {name: service for name in project.airflow.services}}))
    folder = "/home/astro/.aws"
    project.write(".env", f"AWS_CONFIG_FILE={folder}/config\nAWS_SHARED_CREDENTIALS_FILE={folder}/credentials\n")


def test_image_runs_as_uid_50000_with_boto3(project: AstroProject) -> None:
    project.start()
    for service in project.airflow.services:
        said = project.execute(
            service, "python3", "-c", "import boto3, os; print(os.getuid(), os.getgid(), os.environ['HOME'])"
        )
        assert said.ok().stdout.split() == ["50000", "0", "/home/astro"]


def test_containers_carry_the_labels_of_the_astro_cli(project: AstroProject) -> None:
    project.start()
    for service in project.airflow.services:
        inspected = project.workstation.run(["docker", "inspect", project.container(service)]).ok().json()
        labels = inspected[0]["Config"]["Labels"]
        assert labels["com.docker.compose.project.working_dir"] == str(project.root)
        assert labels["com.docker.compose.service"] == service
        assert labels["io.astronomer.docker.component"] == f"airflow-{service}"
        assert labels["io.astronomer.docker.runtime.version"] in project.airflow.image


def test_compose_refuses_a_service_that_the_project_lacks(project: AstroProject) -> None:
    project.write(project.override.name, "services:\n  nobody:\n    volumes:\n      - ~/.aws:/home/astro/.aws:ro\n")
    refused = project.compose("config").failed()
    assert 'service "nobody" has neither an image nor a build context specified' in refused.stderr


@pytest.mark.parametrize("profile", list(KINDS), indirect=True)
def test_aws_cli_knows_who_each_profile_is(profile: Profile, workstation: Workstation) -> None:
    assert identity_on_host(workstation, profile.name).arn == profile.arn


@pytest.mark.parametrize("profile", ["sso-session", "legacy-sso"], indirect=True)
def test_aws_cli_is_told_to_sign_in_when_the_portal_ended_the_session(
    profile: Profile, accounts: Accounts, workstation: Workstation
) -> None:
    assert profile.access_token
    accounts.portal.revoke(profile.access_token)
    refused = workstation.aws("sts", "get-caller-identity", "--profile", profile.name).failed(255)
    assert "aws sso login" in refused.stderr


def test_files_of_mode_0600_are_not_readable_in_a_container(project: AstroProject, profile: Profile) -> None:
    mount_by_hand(project, str(project.workstation.home / ".aws"))
    project.start()
    refused = project.execute("scheduler", "python3", "-c", "import boto3; boto3.Session().get_credentials()").failed()
    assert "ProfileNotFound" in refused.stderr


@pytest.mark.parametrize("profile", ["static", "role-chain", "legacy-sso"], indirect=True)
def test_boto3_in_each_container_sees_files_that_it_may_read(
    project: AstroProject, profile: Profile, accounts: Accounts
) -> None:
    accounts.open_to_containers()
    mount_by_hand(project, str(accounts.aws_folder))
    project.start()
    on_host = identity_on_host(project.workstation, profile.name)
    assert {service: project.identity_in(service) for service in project.airflow.services} == {
        service: on_host for service in project.airflow.services
    }


def test_running_boto3_sees_a_session_that_was_replaced(project: AstroProject, accounts: Accounts) -> None:
    static_keys(accounts)
    session = accounts.workstation.make_folder(accounts.workstation.home / "session")
    document = "/home/astro/.aws/credentials.json"
    accounts.workstation.write(
        session / "config", f"[profile {NAME}]\nregion = {REGION}\ncredential_process = cat {document}\n"
    )
    keys = [accounts.aws.assume("pipeline", "ana", READ_AT_EACH_USE) for _ in range(2)]
    documents = [json.dumps(key.process_document()) for key in keys]
    accounts.workstation.write(session / "credentials.json", documents[0])
    mount_by_hand(project, str(session))
    project.start()
    with project.access_keys_seen_in("scheduler") as seen:
        seen(lambda key: key == keys[0].access_key_id)
        accounts.workstation.write(session / "new", documents[1])
        os.rename(session / "new", session / "credentials.json")
        seen(lambda key: key == keys[1].access_key_id)


def test_foreign_keys_are_somebody_else(workstation: Workstation, accounts: Accounts, profile: Profile) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "AKIAFOREIGN", "AWS_SECRET_ACCESS_KEY": "foreign"}
    place = ["--endpoint-url", accounts.aws.endpoint, "--region", REGION, "--output", "json"]
    said = workstation.aws("sts", "get-caller-identity", *place, environment=environment).ok().json()
    assert said["Arn"] != profile.arn
