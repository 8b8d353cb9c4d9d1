"""A disk without a free block: an error that says so, nothing changed, and all is well once there is space."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.compose_file import AIRFLOW_3, Airflow
from support.disk import small_disk
from support.profiles import Profile
from support.project import AstroProject
from support.report import report
from support.tree import tree_of


@pytest.fixture
def project(make_project: Callable[[Airflow], AstroProject]) -> AstroProject:
    """One version is enough: what is asked is the disk."""
    return make_project(AIRFLOW_3)


@pytest.mark.parametrize(("place", "code"), [("project", 4), ("state", 1)])
def test_init_changes_nothing_and_works_once_there_is_space(
    project: AstroProject, profile: Profile, place: str, code: int
) -> None:
    workstation = project.workstation
    state = workstation.make_folder(workstation.home / ".local" / "state")
    arguments = ["init", "--yes", "--profile", profile.name, "--output", "json"]

    with small_disk(workstation, project.root if place == "project" else state) as disk:
        disk.fill()
        before = (project.tree(), tree_of(workstation.home / ".aws"))
        refused = project.astro_aws(*arguments).failed(code)
        assert "No space left" in report(refused, "init")["error"]["message"]
        assert (project.tree(), tree_of(workstation.home / ".aws")) == before
        assert workstation.secrets.exposed_files(workstation.home, project.root) == []

        disk.free()
        done = report(project.astro_aws(*arguments).ok(), "init")
        assert (done["identity"]["arn"], done["warnings"]) == (profile.arn, [])
        project.start()
        assert project.identity_in("scheduler").arn == profile.arn
        project.astro_aws("undo", "--yes").ok()
        project.kill()
