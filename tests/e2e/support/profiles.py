"""The kinds of profile, each as a developer has it in ~/.aws: files of mode 0600, as the AWS tools write them."""

from __future__ import annotations

import hashlib
import json
import secrets as random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .aws import ACCOUNT, REGION, Aws, Keys, role_arn, session_arn
from .portal import PERMISSION_SET, ROLE, SESSION, Portal
from .workstation import Workstation

NAME = "dev"
MFA_PROFILE = "careful"
START_URL = "https://d-0123456789.awsapps.com/start"
SSO_SESSION = "corp"


@dataclass(frozen=True)
class Profile:
    """A profile in the user's files: its name, who it is, and the SSO access token it rests on, if any."""

    kind: str
    name: str
    arn: str
    access_token: str | None = None


class Accounts:
    """The places that keys come from, and the developer's home that they are written to."""

    def __init__(self, workstation: Workstation, aws: Aws, portal: Portal) -> None:
        self.workstation = workstation
        self.aws = aws
        self.portal = portal

    @property
    def aws_folder(self) -> Path:
        """The user's ~/.aws."""
        return self.workstation.home / ".aws"

    def write_config(self, text: str) -> None:
        """Replaces ~/.aws/config."""
        self.workstation.write(self.aws_folder / "config", text, 0o600)

    def write_user_keys(self, profile: str) -> None:
        """Replaces ~/.aws/credentials by the IAM user's keys under this profile."""
        keys = self.workstation.secrets.remember_keys(self.aws.user_keys)
        text = f"[{profile}]\naws_access_key_id = {keys.access_key_id}\n"
        text += f"aws_secret_access_key = {keys.secret_access_key}\n"
        self.workstation.write(self.aws_folder / "credentials", text, 0o600)

    def open_to_containers(self) -> None:
        """`chmod -R a+rX ~/.aws`: what makes a plain mount work on native Linux."""
        for path in [self.aws_folder, *self.aws_folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def static_keys(accounts: Accounts) -> Profile:
    """An IAM user's keys in ~/.aws/credentials."""
    accounts.write_user_keys(NAME)
    accounts.write_config(
        f"# keys of my own user\n[profile {NAME}]\nregion = {REGION}\noutput = json\n"
        f"endpoint_url = {accounts.aws.endpoint}\n"
    )
    return Profile("static", NAME, accounts.aws.user_arn)


def role_chain(accounts: Accounts) -> Profile:
    """A role that is assumed with another profile's keys."""
    accounts.write_user_keys("base")
    accounts.write_config(
        f"[profile base]\nregion = {REGION}\nendpoint_url = {accounts.aws.endpoint}\n\n"
        f"[profile {NAME}]\nrole_arn = {role_arn('pipeline')}\nsource_profile = base\nrole_session_name = ana\n"
        f"region = {REGION}\nendpoint_url = {accounts.aws.endpoint}\n"
    )
    return Profile("role-chain", NAME, session_arn("pipeline", "ana"))


def credential_process(accounts: Accounts) -> Profile:
    """A program that only the host has."""
    mint_keys(accounts)
    program = accounts.workstation.home / "bin" / "mint"
    accounts.workstation.write(program, '#!/bin/sh\nexec cat "$HOME/bin/minted.json"\n', 0o700)
    accounts.write_config(
        f"[profile {NAME}]\ncredential_process = {program}\nregion = {REGION}\nendpoint_url = {accounts.aws.endpoint}\n"
    )
    return Profile("credential-process", NAME, session_arn("minted", "ana"))


def mint_keys(accounts: Accounts, lifetime: timedelta = timedelta(hours=1)) -> Keys:
    """New keys for the credential_process to print."""
    keys = accounts.workstation.secrets.remember_keys(accounts.aws.assume("minted", "ana", lifetime))
    minted = accounts.workstation.home / "bin" / "minted.json"
    accounts.workstation.write(minted, json.dumps(keys.process_document()), 0o600)
    return keys


def sso_session(accounts: Accounts) -> Profile:
    """IAM Identity Center by way of an [sso-session], signed in eight hours long."""
    return signed_in_for(accounts, timedelta(hours=8))


def signed_in_for(accounts: Accounts, lifetime: timedelta) -> Profile:
    """The same with a token that lasts so long; it can be refreshed."""
    profile = signed_out(accounts)
    return replace(profile, access_token=_sign_in(accounts, SSO_SESSION, lifetime, refreshable=True))


def signed_out(accounts: Accounts) -> Profile:
    """The same before any sign-in."""
    accounts.write_config(
        f"[profile {NAME}]\nsso_session = {SSO_SESSION}\n{_role_and_services()}\n"
        f"[sso-session {SSO_SESSION}]\nsso_start_url = {START_URL}\nsso_region = {REGION}\n"
        f"sso_registration_scopes = sso:account:access\n\n{_services(accounts)}"
    )
    return Profile("sso-session", NAME, session_arn(ROLE, SESSION))


def mfa_role(accounts: Accounts, *codes: str) -> Profile:
    """A role that is assumed with one of these codes of the user's device."""
    accounts.write_user_keys("base")
    accounts.portal.knows_key(accounts.aws.user_keys.access_key_id, accounts.aws.user_arn)
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
    accounts.portal.requires(role_arn("careful"), mfa_serial=serial, mfa_codes=codes)
    place = f"region = {REGION}\nendpoint_url = {accounts.portal.endpoint}\n"
    accounts.write_config(
        f"[profile base]\n{place}\n[profile {MFA_PROFILE}]\nrole_arn = {role_arn('careful')}\nsource_profile = base\n"
        f"mfa_serial = {serial}\nrole_session_name = ana\n{place}"
    )
    return Profile("mfa-role", MFA_PROFILE, session_arn("careful", "ana"))


def legacy_sso(accounts: Accounts) -> Profile:
    """IAM Identity Center as it was before sessions: a start URL in the profile, a token that cannot be refreshed."""
    accounts.write_config(
        f"[profile {NAME}]\nsso_start_url = {START_URL}\nsso_region = {REGION}\n{_role_and_services()}\n"
        f"{_services(accounts)}"
    )
    token = _sign_in(accounts, START_URL, timedelta(hours=8), refreshable=False)
    return Profile("legacy-sso", NAME, session_arn(ROLE, SESSION), token)


KINDS: dict[str, Callable[[Accounts], Profile]] = {
    "static": static_keys,
    "role-chain": role_chain,
    "credential-process": credential_process,
    "sso-session": sso_session,
    "legacy-sso": legacy_sso,
}


def _role_and_services() -> str:
    return f"sso_account_id = {ACCOUNT}\nsso_role_name = {PERMISSION_SET}\nregion = {REGION}\nservices = standin\n"


# One address a service, and none for the whole profile: the tool has to carry this section over too. STS is the
# stand-in's as well, which alone knows the keys that its portal gives out.
def _services(accounts: Accounts) -> str:
    names = ("sts", "sso", "sso_oidc", "ssooidc")
    return "[services standin]\n" + "".join(
        f"{name} =\n  endpoint_url = {accounts.portal.endpoint}\n" for name in names
    )


def _sign_in(accounts: Accounts, cache_key: str, lifetime: timedelta, *, refreshable: bool) -> str:
    remember = accounts.workstation.secrets.remember
    token = remember("an SSO access token", f"access-{random.token_hex(24)}")
    until = (datetime.now(UTC) + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
    cached = {"startUrl": START_URL, "region": REGION, "accessToken": token, "expiresAt": until}
    if refreshable:
        cached |= {
            "clientId": "client-of-ana",
            "clientSecret": remember("a client secret", f"client-{random.token_hex(24)}"),
            "registrationExpiresAt": (datetime.now(UTC) + timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "refreshToken": remember("a refresh token", f"refresh-{random.token_hex(24)}"),
        }
        accounts.portal.accept(
            token,
            expires_in=int(lifetime.total_seconds()),
            refresh_token=cached["refreshToken"],
            client_id=cached["clientId"],
            client_secret=cached["clientSecret"],
        )
    else:
        accounts.portal.accept(token, expires_in=int(lifetime.total_seconds()))
    for folder in (accounts.aws_folder / "sso", accounts.aws_folder / "sso" / "cache"):
        if not folder.is_dir():
            accounts.workstation.make_folder(folder, 0o755)
    name = f"{hashlib.sha1(cache_key.encode()).hexdigest()}.json"
    accounts.workstation.write(accounts.aws_folder / "sso" / "cache" / name, json.dumps(cached), 0o600)
    return token
