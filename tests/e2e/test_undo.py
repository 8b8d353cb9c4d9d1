"""`undo`: the project is byte for byte as before; where somebody went on editing, just what is ours goes."""

from __future__ import annotations

import pytest

from support.profiles import KINDS, Profile
from support.project import AstroProject

OWN_OVERRIDE = (
    "# no newline at the end, Windows line ends\r\nservices:\r\n    scheduler:\r\n        labels: {team: flights}"
)
OWN_DOTENV = "export MY_SETTING='a b' # mine\nAIRFLOW__CORE__PARALLELISM = 4"


def assert_no_secret_is_left_behind(project: AstroProject) -> None:
    state = project.workstation.home / ".local" / "state" / "astro-aws"
    left = [path for path in state.rglob("*") if path.is_file()]
    holding = [path for path in left if project.workstation.secrets.found_in(path.read_text(errors="replace"))]
    assert holding == []


@pytest.mark.parametrize("profile", list(KINDS), indirect=True)
def test_a_fresh_project_is_as_before(project: AstroProject, profile: Profile) -> None:
    before = project.tree()
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    assert project.tree() != before

    project.astro_aws("undo", "--yes").ok()

    assert project.tree() == before
    assert_no_secret_is_left_behind(project)


def test_a_lived_in_project_is_as_before(project: AstroProject, profile: Profile) -> None:
    workstation = project.workstation
    workstation.write(project.override, OWN_OVERRIDE, 0o664)
    workstation.write(project.dotenv, OWN_DOTENV, 0o600)
    before = project.tree()
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    project.start()
    assert project.identity_in("scheduler").arn == profile.arn
    project.astro_aws("init", "--yes").ok()
    project.astro_aws("refresh").ok()

    project.astro_aws("undo", "--yes").ok()

    assert project.tree() == before
    project.start()
    assert_no_secret_is_left_behind(project)


def test_an_edit_made_since_is_kept(project: AstroProject, profile: Profile) -> None:
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    added = "  mailhog: {image: astro-aws-e2e/base}\n"
    with project.override.open("a") as override:
        override.write(added)
    with project.dotenv.open("a") as dotenv:
        dotenv.write("MY_SETTING=42\n")

    project.astro_aws("undo", "--yes").ok()

    left = project.override.read_text()
    assert added in left
    assert "/home/astro/.aws" not in left
    assert project.dotenv.read_text() == "MY_SETTING=42\n"
    assert "mailhog" in project.services_of_merge()
