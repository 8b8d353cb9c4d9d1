"""A later `init` with another delivery or another Airflow: what is ours moves along, what is the user's stays."""

from __future__ import annotations

from collections.abc import Callable

from support.compose_file import AIRFLOW_2, AIRFLOW_3, MIGRATION, WITHOUT_AIRFLOW, Airflow
from support.identity import identity_on_host
from support.profiles import Accounts, Profile
from support.project import AstroProject

OWN_OVERRIDE = """\
# the team's own additions
services:
  scheduler:
    environment:
      - MY_FLAG=1   # read by dags/flags.py
    labels:
      team: "flights"
  mailhog: {image: astro-aws-e2e/base, command: [sleep, infinity], init: true}
"""
OWN_DOTENV = "# local settings\nMY_SETTING=42\n"


def assert_own_lines_are_there_in_order(text: str, own: str) -> None:
    lines = iter(text.splitlines())
    missing = [line for line in own.splitlines() if line not in lines]
    assert not missing, f"gone or out of order: {missing} in\n{text}"


def own_additions(project: AstroProject) -> None:
    project.write(project.override.name, OWN_OVERRIDE)
    project.write(".env", OWN_DOTENV)


def test_delivery_can_be_switched_to_and_fro(project: AstroProject, profile: Profile, accounts: Accounts) -> None:
    accounts.open_to_containers()
    own_additions(project)
    init = ["init", "--yes", "--profile", profile.name, "--delivery"]

    project.astro_aws(*init, "session").ok()
    with_session = project.tree()
    project.astro_aws(*init, "mount").ok()
    mounted = project.override.read_text()
    assert str(project.sessions) not in mounted
    assert mounted.count(f"{accounts.aws_folder}:/home/astro/.aws:ro") == len(project.airflow.services)
    assert_own_lines_are_there_in_order(mounted, OWN_OVERRIDE)
    assert_own_lines_are_there_in_order(project.dotenv.read_text(), OWN_DOTENV)
    project.start()
    on_host = identity_on_host(project.workstation, profile.name)
    assert {project.identity_in(service) for service in project.airflow.services} == {on_host}

    project.astro_aws(*init, "session").ok()
    assert project.tree() == with_session
    project.start()
    assert {project.identity_in(service) for service in project.airflow.services} == {on_host}


def test_airflow_2_becomes_airflow_3(make_project: Callable[[Airflow], AstroProject], profile: Profile) -> None:
    project = make_project(AIRFLOW_2)
    own_additions(project)
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()

    project.upgrade(AIRFLOW_3)
    without_tool = {**project.tree()}
    project.astro_aws("init", "--yes").ok()

    assert project.services_of_merge() == sorted([*AIRFLOW_3.services, WITHOUT_AIRFLOW, MIGRATION, "mailhog"])
    assert "webserver" not in project.override.read_text()
    assert_own_lines_are_there_in_order(project.override.read_text(), OWN_OVERRIDE)
    assert project.tree()[".env"] == without_tool[".env"]
    project.start()
    assert {project.identity_in(service).arn for service in AIRFLOW_3.services} == {profile.arn}

    project.astro_aws("undo", "--yes").ok()
    assert project.override.read_text() == OWN_OVERRIDE
    assert project.dotenv.read_text() == OWN_DOTENV


def test_the_users_own_webserver_stays(make_project: Callable[[Airflow], AstroProject], profile: Profile) -> None:
    own = "services:\n  webserver:\n    image: astro-aws-e2e/base # a page of our own\n"
    project = make_project(AIRFLOW_2)
    project.write(project.override.name, own)
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()

    project.upgrade(AIRFLOW_3)
    project.astro_aws("init", "--yes").ok()

    assert_own_lines_are_there_in_order(project.override.read_text(), own)
    assert "webserver" in project.services_of_merge()
    assert project.compose("config", "webserver").ok().stdout.count("/home/astro/.aws") == 0
