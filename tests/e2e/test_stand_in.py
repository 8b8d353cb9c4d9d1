"""The stand-in for IAM Identity Center and STS, judged by the real clients: AWS CLI v2 and boto3 sign in, refresh and
sign out against it as they do against AWS. No astro-aws anywhere: where one of these fails, the stand-in is wrong.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.aws import ACCOUNT, REGION, role_arn, session_arn
from support.browser import Browser
from support.identity import ASK, parse_identity
from support.portal import PERMISSION_SET, ROLE, SESSION
from support.profiles import NAME, SSO_SESSION, START_URL, Accounts
from support.terminal import Terminal
from support.workstation import Finished, Workstation

SCOPES = "sso:account:access"
OURS = session_arn(ROLE, SESSION)


class Client:
    """The AWS CLI and boto3 of a developer with an sso-session (and a legacy profile), and the browser beside them."""

    def __init__(self, accounts: Accounts, browser: Browser) -> None:
        self.workstation = accounts.workstation
        self.portal = accounts.portal
        self.cache = accounts.aws_folder / "sso" / "cache"
        self.browser = browser
        role = f"sso_account_id = {ACCOUNT}\nsso_role_name = {PERMISSION_SET}\nregion = {REGION}\n"
        where = f"sso_start_url = {START_URL}\nsso_region = {REGION}\n"
        accounts.write_config(
            f"[profile {NAME}]\nsso_session = {SSO_SESSION}\n{role}\n"
            f"[sso-session {SSO_SESSION}]\n{where}sso_registration_scopes = {SCOPES}\n\n"
            f"[profile legacy]\n{where}{role}"
        )

    @property
    def environment(self) -> dict[str, str]:
        return {**self.browser.environment, "AWS_ENDPOINT_URL": self.portal.endpoint, "AWS_MAX_ATTEMPTS": "3"}

    def aws(self, *arguments: str) -> Finished:
        return self.workstation.aws(*arguments, environment=self.environment)

    def log_in(self, *arguments: str, profile: str = NAME) -> Finished:
        return self.aws("sso", "login", "--profile", profile, *arguments)

    def boto3_identity(self) -> Finished:
        return self.workstation.boto3(ASK, {**self.environment, "AWS_PROFILE": NAME})

    def token_file(self, key: str = SSO_SESSION) -> Path:
        return self.cache / f"{hashlib.sha1(key.encode()).hexdigest()}.json"

    def token(self, key: str = SSO_SESSION) -> dict[str, Any]:
        token: dict[str, Any] = json.loads(self.token_file(key).read_text())
        return token

    def change_token(self, **changes: object) -> None:
        self.workstation.write(self.token_file(), json.dumps({**self.token(), **changes}), 0o600)

    def let_token_expire(self) -> None:
        """As after a night: the token in the cache is over, the refresh token is not."""
        self.change_token(expiresAt=stamp(timedelta(hours=-1)))

    def forget_role_credentials(self) -> None:
        """What the AWS CLI keeps between two runs, for as long as the keys last."""
        for file in (self.cache.parent.parent / "cli" / "cache").glob("*.json"):
            file.unlink()


def stamp(from_now: timedelta) -> str:
    return (datetime.now(UTC) + from_now).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def client(accounts: Accounts, browser: Browser) -> Client:
    return Client(accounts, browser)


def identity_of(client: Client, profile: str = NAME) -> str:
    said = client.aws("sts", "get-caller-identity", "--output", "json", "--profile", profile).ok()
    arn: str = said.json()["Arn"]
    return arn


def test_aws_cli_signs_in_with_pkce(client: Client) -> None:
    client.log_in().ok()

    (page,) = client.browser.visited()
    assert page.startswith("200 http://127.0.0.1:"), page
    token = client.token()
    wanted = {"startUrl", "region", "accessToken", "expiresAt", "clientId", "clientSecret", "registrationExpiresAt"}
    assert token.keys() == wanted | {"refreshToken"}
    portal = client.portal
    (registered,) = portal.calls("RegisterClient")
    assert registered["grantTypes"] == ["authorization_code", "refresh_token"]
    assert registered["redirectUris"] == ["http://127.0.0.1/oauth/callback"]
    assert (portal.hits("CreateToken authorization_code"), portal.hits("CreateToken")) == (1, 1)
    assert identity_of(client) == OURS
    exported = client.aws("configure", "export-credentials", "--profile", NAME).ok().json()
    assert exported["AccessKeyId"] in {key["access_key_id"] for key in portal.issued()["credentials"]}
    assert portal.hits("GetRoleCredentials") == 1


def test_aws_cli_signs_in_with_a_device_code(client: Client) -> None:
    said = client.log_in("--use-device-code").ok()

    assert len(client.browser.visited()) == 1
    (registered,) = client.portal.calls("RegisterClient")
    assert "redirectUris" not in registered
    assert registered["scopes"] == [SCOPES]
    assert client.portal.hits("VerifyDevice") == 1
    assert client.portal.hits("CreateToken device_code") == client.portal.refusals("CreateToken device_code") + 1
    assert f"{client.portal.endpoint}/device" in said.stdout
    assert "refreshToken" in client.token()
    assert identity_of(client) == OURS


def test_a_legacy_profile_gets_eight_hours_and_no_refresh_token(client: Client) -> None:
    client.log_in(profile="legacy").ok()

    token = client.token(START_URL)
    assert "refreshToken" not in token
    left = datetime.fromisoformat(token["expiresAt"]) - datetime.now(UTC)
    assert timedelta(hours=7, minutes=55) < left < timedelta(hours=8, minutes=1)
    assert identity_of(client, "legacy") == OURS


def test_aws_cli_polls_until_it_is_approved_or_too_late(client: Client) -> None:
    client.portal.set(device={"interval": 0, "approved_after": 3})
    client.log_in("--use-device-code", "--no-browser").ok()
    assert client.portal.refusals("CreateToken device_code") == 3
    client.portal.set(device={"slow_downs": 1, "approved_after": 0})
    client.log_in("--use-device-code", "--no-browser").ok()
    assert client.portal.refusals("CreateToken device_code") == 4
    client.portal.set(device={"slow_downs": 0, "approved_after": None, "expires_in": 0})
    expired = client.log_in("--use-device-code", "--no-browser").failed(255)
    assert "expired" in expired.stderr


@pytest.mark.parametrize(
    ("consent", "arguments", "said"),
    [
        ("denied", [], "Failed to retrieve an authorization code"),
        ("given-with-foreign-state", [], "State parameter does not match"),
        ("denied", ["--use-device-code"], "AccessDeniedException"),
    ],
)
def test_aws_cli_tells_why_a_sign_in_failed(client: Client, consent: str, arguments: list[str], said: str) -> None:
    client.portal.set(consent=consent)
    assert said in client.log_in(*arguments).failed().stderr
    assert not client.token_file().exists()


def test_aws_cli_signs_out_of_everything(client: Client) -> None:
    client.log_in().ok()
    before = client.token()
    client.aws("sso", "logout").ok()

    assert not client.token_file().exists()
    assert client.portal.hits("Logout") == 1
    # Neither of its tokens is good for anything any more.
    client.workstation.write(client.token_file(), json.dumps(before), 0o600)
    refused = client.aws("sts", "get-caller-identity", "--profile", NAME).failed(255)
    assert "aws sso login" in refused.stderr
    client.let_token_expire()
    client.aws("sts", "get-caller-identity", "--profile", NAME).failed(255)
    assert client.portal.refusals("CreateToken refresh_token") == 1


def test_aws_cli_refreshes_and_the_refresh_token_rotates(client: Client) -> None:
    client.log_in().ok()
    first = client.token()
    client.let_token_expire()

    assert identity_of(client) == OURS

    second = client.token()
    assert second["accessToken"] != first["accessToken"]
    assert second["refreshToken"] != first["refreshToken"]
    assert (client.portal.hits("CreateToken refresh_token"), client.portal.refusals("CreateToken")) == (1, 0)
    # The used one is void.
    client.change_token(refreshToken=first["refreshToken"], expiresAt=stamp(timedelta(hours=-1)))
    client.forget_role_credentials()
    assert "refresh failed" in client.aws("sts", "get-caller-identity", "--profile", NAME).failed(255).stderr
    assert client.portal.refusals("CreateToken refresh_token") == 1


def test_boto3_refreshes_what_the_aws_cli_left(client: Client) -> None:
    client.log_in().ok()
    first = client.token()
    client.let_token_expire()

    assert parse_identity(client.boto3_identity().ok().stdout).arn == OURS
    assert client.token()["refreshToken"] != first["refreshToken"]
    # And the other way round.
    client.let_token_expire()
    assert identity_of(client) == OURS
    assert (client.portal.hits("CreateToken refresh_token"), client.portal.refusals("CreateToken")) == (2, 0)


def test_a_refresh_token_that_stays_can_be_used_again(client: Client) -> None:
    client.portal.set(refresh_tokens="stay")
    client.log_in().ok()
    first = client.token()
    for _ in range(2):
        client.let_token_expire()
        assert parse_identity(client.boto3_identity().ok().stdout).arn == OURS
    assert client.token()["refreshToken"] == first["refreshToken"]
    assert client.portal.hits("CreateToken refresh_token") == 2


def test_an_expired_registration_is_no_client(client: Client) -> None:
    client.log_in().ok()
    client.let_token_expire()
    client.portal.forget_clients()
    assert "refresh failed" in client.boto3_identity().failed().stderr
    assert client.portal.refusals("CreateToken refresh_token") == 1


@pytest.mark.parametrize(
    ("failure", "tries"),
    [
        ({"failure": "refused", "code": "TooManyRequestsException"}, 2),
        ({"failure": "internal"}, 2),
        ({"failure": "dropped"}, 2),
        ({"failure": "slow", "delay_ms": 200}, 1),
    ],
    ids=lambda value: str(value["failure"]) if isinstance(value, dict) else None,
)
def test_clients_try_again_where_the_portal_is_in_trouble(client: Client, failure: dict[str, Any], tries: int) -> None:
    client.log_in().ok()
    client.portal.fails("GetRoleCredentials", times=1, **failure)
    assert identity_of(client) == OURS
    assert client.portal.hits("GetRoleCredentials") == tries


@pytest.mark.parametrize(
    ("code", "said"), [("UnauthorizedException", "aws sso login"), ("ForbiddenException", "ForbiddenException")]
)
def test_clients_do_not_try_again_where_they_are_refused(client: Client, code: str, said: str) -> None:
    client.log_in().ok()
    client.portal.fails("GetRoleCredentials", "refused", code=code)
    assert said in client.aws("sts", "get-caller-identity", "--profile", NAME).failed().stderr
    assert client.portal.hits("GetRoleCredentials") == 1


def test_aws_cli_lists_all_accounts_of_all_pages(client: Client) -> None:
    client.log_in().ok()
    accounts = [
        {"id": f"{number:012}", "name": f"team-{number}", "email": "team@example.com", "roles": ["Reader", "Writer"]}
        for number in range(1234)
    ]
    client.portal.has_accounts(accounts)
    token = ["--access-token", client.token()["accessToken"], "--region", REGION, "--output", "json"]
    listed = client.aws("sso", "list-accounts", *token).ok().json()["accountList"]
    assert [account["accountId"] for account in listed] == [account["id"] for account in accounts]
    assert client.portal.hits("ListAccounts") == 13
    paged = client.aws("sso", "list-account-roles", "--account-id", "000000000007", "--page-size", "1", *token).ok()
    assert [role["roleName"] for role in paged.json()["roleList"]] == ["Reader", "Writer"]
    absent = ["--account-id", "000000000007", "--role-name", "Admin"]
    refused = client.aws("sso", "get-role-credentials", *absent, *token).failed(254)
    assert "ResourceNotFoundException" in refused.stderr


def test_sts_wants_the_one_time_code_and_the_external_id(client: Client) -> None:
    client.log_in().ok()
    device = f"arn:aws:iam::{ACCOUNT}:mfa/ana"
    conditions = {"mfa_serial": device, "mfa_codes": ["123456"], "external_id": "partner"}
    client.portal.requires(role_arn("guarded"), **conditions)
    assume = ["sts", "assume-role", "--role-arn", role_arn("guarded"), "--role-session-name", "ana", "--profile", NAME]
    proof = ["--external-id", "partner", "--serial-number", device, "--token-code"]
    for refused, said in [
        ([], "AccessDenied"),
        ([*proof, "000000"], "invalid MFA one time pass code"),
        ([*proof, "123456", "--duration-seconds", "7200"], "1 hour session limit"),
    ]:
        assert said in client.aws(*assume, *refused).failed(254).stderr
    # The code was used up all the same.
    client.portal.requires(role_arn("guarded"), **conditions)
    assumed = client.aws(*assume, *proof, "123456", "--duration-seconds", "900").ok().json()
    assert assumed["AssumedRoleUser"]["Arn"] == session_arn("guarded", "ana")
    left = datetime.fromisoformat(assumed["Credentials"]["Expiration"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert "invalid MFA one time pass code" in client.aws(*assume, *proof, "123456").failed(254).stderr


def test_aws_cli_configures_an_sso_profile(client: Client) -> None:
    configuration = client.workstation.home / ".aws" / "config"
    configuration.unlink()
    argv = client.workstation.client_command([client.workstation.stage.aws_cli, "-m", "awscli", "configure", "sso"])
    with Terminal(argv, client.workstation.client_environment(client.environment)) as terminal:
        terminal.asks("SSO session name").answered(SSO_SESSION)
        terminal.asks("SSO start URL").answered(START_URL)
        terminal.asks("SSO region").answered(REGION)
        terminal.asks("SSO registration scopes").answered("")
        terminal.asks("only AWS account available").asks("only role available")
        terminal.asks("[Dd]efault client [Rr]egion").answered(REGION)
        terminal.asks("output format").answered("json")
        terminal.asks("[Pp]rofile name").answered(NAME)
        assert terminal.ends() == 0, terminal.shown
    assert f"[profile {NAME}]" in configuration.read_text()
    assert client.portal.hits("CreateToken authorization_code") == 1
    assert identity_of(client) == OURS
