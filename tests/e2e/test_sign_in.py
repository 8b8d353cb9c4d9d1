"""One sign-in, two tools: what astro-aws signs in to, refreshes or ends, the AWS CLI v2 and boto3 know of, and the reverse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from support.browser import Browser
from support.caches import let_token_expire, shapes, token
from support.compose_file import AIRFLOW_3, Airflow
from support.identity import ASK, identity_on_host, parse_identity
from support.profiles import MFA_PROFILE, NAME, Accounts, Profile, mfa_role, signed_out
from support.project import AstroProject
from support.report import report
from support.terminal import Terminal
from support.workstation import Finished

# Seconds. The AWS CLI keeps role credentials for as long as 15 minutes are left: these it asks for at each use.
ASKED_FOR_AT_EACH_USE = 600
REFRESH = "CreateToken refresh_token"
FLOWS = {"pkce": "CreateToken authorization_code", "device": "CreateToken device_code"}
OUR_OPTIONS: dict[str, tuple[str, ...]] = {"pkce": (), "device": ("--device-code",)}
AWS_CLI_OPTIONS: dict[str, tuple[str, ...]] = {"pkce": (), "device": ("--use-device-code",)}
BOTH_FLOWS = pytest.mark.parametrize("flow", list(FLOWS))

MFA_CODE = "271828"


@dataclass(frozen=True)
class Desk:
    """A developer with a profile of an sso-session, a browser, and both tools."""

    accounts: Accounts
    browser: Browser
    profile: Profile

    def login(self, flow: str) -> None:
        """`astro-aws login` in a terminal."""
        station = self.accounts.workstation
        argv = station.user_command([station.stage.binary, "login", "--profile", self.profile.name, *OUR_OPTIONS[flow]])
        with Terminal(argv, {**station.environment, **self.browser.environment}, station.home) as terminal:
            assert terminal.ends() == 0, terminal.shown
            station.secrets.assert_absent(terminal.shown, "the terminal")

    def aws_sso_login(self, flow: str) -> Finished:
        """`aws sso login`."""
        arguments = ["sso", "login", "--profile", self.profile.name, *AWS_CLI_OPTIONS[flow]]
        return self.accounts.workstation.aws(*arguments, environment=self.browser.environment).ok()

    def export_with_aws_cli(self) -> Finished:
        """`aws configure export-credentials`."""
        return self.accounts.workstation.aws("configure", "export-credentials", "--profile", self.profile.name)

    def calls(self, *actions: str) -> list[int]:
        """How often each action was called."""
        return [self.accounts.portal.hits(action) for action in actions]


@pytest.fixture
def desk(accounts: Accounts, browser: Browser) -> Desk:
    """The developer before any sign-in."""
    return Desk(accounts, browser, signed_out(accounts))


@pytest.fixture
def airflow() -> Airflow:
    """Nothing here depends on it."""
    return AIRFLOW_3


@BOTH_FLOWS
def test_the_aws_cli_and_boto3_work_after_our_login(desk: Desk, flow: str) -> None:
    desk.login(flow)

    station = desk.accounts.workstation
    assert identity_on_host(station, NAME).arn == desk.profile.arn
    assert desk.export_with_aws_cli().ok().json()["AccessKeyId"]
    assert parse_identity(station.boto3(ASK, {"AWS_PROFILE": NAME}).ok().stdout).arn == desk.profile.arn
    assert [page.split(" ")[0] for page in desk.browser.visited()] == ["200"]
    assert desk.calls("RegisterClient", FLOWS[flow], REFRESH)[::2] == [1, 0]
    assert desk.accounts.portal.refusals("GetRoleCredentials") == 0


@BOTH_FLOWS
def test_ours_works_after_aws_sso_login(desk: Desk, project: AstroProject, flow: str) -> None:
    desk.aws_sso_login(flow)
    tokens = desk.calls("CreateToken")

    project.astro_aws("init", "--yes", "--profile", NAME).ok()
    seen = report(project.astro_aws("verify", "--in", "host", "--output", "json").ok(), "verify")
    (session,) = report(project.astro_aws("refresh", "--output", "json").ok(), "refresh")["sessions"]

    assert seen["host"]["arn"] == desk.profile.arn
    assert session["expires_at"] == project.session()["Expiration"]
    assert desk.calls("CreateToken") == tokens


@pytest.mark.parametrize("first", ["ours", "aws"])
def test_each_tool_goes_on_with_what_the_other_refreshed(desk: Desk, project: AstroProject, first: str) -> None:
    desk.accounts.portal.set(credentials_lifetime=ASKED_FOR_AT_EACH_USE)
    if first == "ours":
        desk.login("pkce")
    else:
        desk.aws_sso_login("pkce")
    project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME, "--delivery", "session").ok()
    tools: list[Callable[[], Finished]] = [desk.export_with_aws_cli, lambda: project.astro_aws("refresh")]

    seen = [token(desk.accounts)]
    for tool in tools * 3:
        let_token_expire(desk.accounts)
        (before,) = desk.calls(REFRESH)
        tool().ok()
        assert desk.calls(REFRESH) == [before + 1]
        seen.append(token(desk.accounts))

    assert len({token["refreshToken"] for token in seen}) == len(seen)
    assert len({token["accessToken"] for token in seen}) == len(seen)
    assert desk.accounts.portal.refusals(REFRESH) == 0
    assert len(desk.browser.opened) == 1


@BOTH_FLOWS
def test_the_cache_is_as_the_aws_cli_leaves_it(desk: Desk, project: AstroProject, flow: str) -> None:
    cache = desk.accounts.aws_folder / "sso" / "cache"
    desk.aws_sso_login(flow)
    project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME, "--delivery", "session").ok()
    after_sign_in = shapes(cache)
    let_token_expire(desk.accounts)
    desk.accounts.portal.set(credentials_lifetime=ASKED_FOR_AT_EACH_USE)
    desk.export_with_aws_cli().ok()
    after_refresh = shapes(cache)
    shutil.rmtree(cache.parent)

    desk.login(flow)
    assert shapes(cache) == after_sign_in
    let_token_expire(desk.accounts)
    project.astro_aws("refresh").ok()
    assert shapes(cache) == after_refresh
    assert desk.calls(REFRESH) == [2]


def test_a_sign_in_that_the_aws_cli_ended_is_exit_code_3(desk: Desk, project: AstroProject) -> None:
    desk.login("pkce")
    project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME, "--delivery", "session").ok()
    desk.accounts.workstation.aws("sso", "logout", "--profile", NAME).ok()

    refused = report(project.astro_aws("refresh", "--output", "json").failed(3), "refresh")

    assert "astro-aws login" in json.dumps(refused["error"])
    project.astro_aws("verify", "--in", "host").failed(3)


def test_a_sign_in_that_we_ended_is_none_for_the_aws_cli(desk: Desk) -> None:
    desk.login("pkce")
    desk.export_with_aws_cli().ok()
    station = desk.accounts.workstation

    station.run([station.stage.binary, "logout", "--profile", NAME]).ok()

    assert desk.calls("Logout") == [1]
    refused = desk.export_with_aws_cli().failed()
    assert "sso" in refused.stderr.lower()
    # The client's registration stays, as with `aws sso logout`: it is nobody's sign-in.
    kept = [json.loads(path.read_text()) for path in desk.accounts.aws_folder.rglob("cache/*.json")]
    assert [file for file in kept if {"accessToken", "refreshToken", "Credentials"} & file.keys()] == []
    assert len(kept) == 1


def test_a_code_given_to_us_serves_the_aws_cli_too(accounts: Accounts, project: AstroProject) -> None:
    arn = mfa_role(accounts, MFA_CODE).arn

    project.astro_aws("init", "--yes", "--no-verify", "--profile", MFA_PROFILE, "--mfa-token", MFA_CODE).ok()

    assert identity_on_host(accounts.workstation, MFA_PROFILE).arn == arn
    assert accounts.portal.hits("AssumeRole") == 1


def test_a_code_given_to_the_aws_cli_serves_us_too(accounts: Accounts, project: AstroProject) -> None:
    arn = mfa_role(accounts, MFA_CODE).arn
    station = accounts.workstation
    ask = ["sts", "get-caller-identity", "--no-cli-pager", "--profile", MFA_PROFILE]
    argv = station.client_command([station.stage.aws_cli, "-m", "awscli", *ask])
    with Terminal(argv, station.client_environment()) as terminal:
        terminal.asks("MFA code").answered(MFA_CODE)
        assert terminal.ends() == 0, terminal.shown
        assert arn in terminal.shown

    project.astro_aws("init", "--yes", "--no-verify", "--profile", MFA_PROFILE).ok()

    seen = report(project.astro_aws("verify", "--in", "host", "--output", "json").ok(), "verify")
    assert seen["host"]["arn"] == arn
    assert accounts.portal.hits("AssumeRole") == 1
