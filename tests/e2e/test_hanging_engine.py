"""An engine that accepts a connection and then says nothing: an error within its limit, and nothing changed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from support.profiles import Profile
from support.project import AstroProject
from support.report import report
from support.stage import Stage
from support.tree import tree_of

# Ten seconds a call, as promised, and a few calls one after the other.
LIMIT = 45


@contextmanager
def hanging_engine(stage: Stage) -> Iterator[None]:
    """Stops the daemon in its tracks, as a machine does that woke up badly."""
    os.kill(stage.daemon_pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stage.daemon_pid, signal.SIGCONT)


def assert_names_the_engine(said: dict[str, object]) -> None:
    text = json.dumps(said["error"]).lower()
    assert "docker" in text or "engine" in text


def test_verify_gives_up_and_names_the_engine(project: AstroProject, profile: Profile, stage: Stage) -> None:
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    project.start()
    before = project.tree()

    with hanging_engine(stage):
        refused = project.astro_aws("verify", "--output", "json", patience=LIMIT).failed(1)

    assert_names_the_engine(report(refused, "verify"))
    assert project.tree() == before
    project.astro_aws("verify").ok()


def test_init_gives_up_and_changes_nothing(project: AstroProject, profile: Profile, stage: Stage) -> None:
    # An image of one's own: only the engine knows which Airflow is in it.
    project.write("Dockerfile", "FROM registry.example/our/image:latest\n")
    before = (project.tree(), tree_of(project.workstation.home / ".aws"))

    with hanging_engine(stage):
        refused = project.astro_aws(
            "init", "--yes", "--profile", profile.name, "--output", "json", patience=LIMIT
        ).failed(4)

    assert_names_the_engine(report(refused, "init"))
    assert (project.tree(), tree_of(project.workstation.home / ".aws")) == before


def test_init_does_not_need_the_engine_where_the_dockerfile_tells(
    project: AstroProject, profile: Profile, stage: Stage
) -> None:
    with hanging_engine(stage):
        project.astro_aws("init", "--yes", "--profile", profile.name, patience=LIMIT).ok()
    project.start()
    project.astro_aws("verify").ok()
