"""`refresh`: the containers' session is renewed under running processes; where only a person can help, it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.aws import READ_AT_EACH_USE
from support.profiles import KINDS, Accounts, Profile, mint_keys
from support.project import AstroProject
from support.report import report
from support.tree import Tree, tree_of


def session_of(project: AstroProject) -> dict[str, Any]:
    """What the containers read at this moment."""
    (found,) = project.sessions.glob("*/credentials.json")
    session: dict[str, Any] = json.loads(found.read_text())
    return session


def aws_files(accounts: Accounts) -> Tree:
    """The user's AWS folder without the lock of the sign-in, which is ours."""
    tree = tree_of(accounts.aws_folder)
    return {path: entry for path, entry in tree.items() if not path.endswith(".lock")}


@pytest.mark.parametrize("kind", ["sso-session", "legacy-sso", "credential-process"])
def test_a_running_boto3_process_sees_the_new_keys(project: AstroProject, accounts: Accounts, kind: str) -> None:
    accounts.portal.set_credentials_lifetime(READ_AT_EACH_USE)
    profile = KINDS[kind](accounts)
    if kind == "credential-process":
        mint_keys(accounts, READ_AT_EACH_USE)
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    project.start()
    old = session_of(project)["AccessKeyId"]

    with project.access_keys_seen_in("scheduler") as seen:
        seen(lambda key: key == old)
        if kind == "credential-process":
            mint_keys(accounts, READ_AT_EACH_USE)
        done = report(project.astro_aws("refresh", "--output", "json").ok(), "refresh")
        new = session_of(project)["AccessKeyId"]
        assert new != old
        seen(lambda key: key == new)

    (session,) = done["sessions"]
    assert session["renewed"] is True
    assert session["profile"] == profile.name
    assert session["expires_at"] == session_of(project)["Expiration"]
    assert project.identity_in("scheduler").arn == profile.arn
    assert project.workstation.secrets.exposed_files(project.workstation.home, project.root) == []


@pytest.mark.parametrize("profile", ["sso-session", "legacy-sso"], indirect=True)
def test_an_ended_sign_in_is_exit_code_3_and_leaves_the_session(
    project: AstroProject, profile: Profile, accounts: Accounts
) -> None:
    project.astro_aws("init", "--yes", "--profile", profile.name).ok()
    assert profile.access_token
    accounts.portal.revoke(profile.access_token)
    before = (session_of(project), project.tree(), aws_files(accounts))

    refused = report(project.astro_aws("refresh", "--output", "json").failed(3), "refresh")

    assert "astro-aws login" in json.dumps(refused["error"])
    assert (session_of(project), project.tree(), aws_files(accounts)) == before


def test_init_without_a_sign_in_is_exit_code_3_and_changes_nothing(project: AstroProject, accounts: Accounts) -> None:
    profile = KINDS["sso-session"](accounts)
    assert profile.access_token
    accounts.portal.revoke(profile.access_token)
    before = (project.tree(), aws_files(accounts))

    project.astro_aws("init", "--yes", "--profile", profile.name).failed(3)

    assert (project.tree(), aws_files(accounts)) == before
