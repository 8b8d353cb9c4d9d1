"""IAM Identity Center and STS, which moto lacks or cannot tell apart, and secrets with the refusals of AWS: the stand-in
that the Rust tests use too, as a server (examples/aws_stand_in.rs, which lists its commands), with what the tests here
ask of it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from .aws import ACCOUNT
from .leaks import Secrets

PERMISSION_SET = "DataEngineer"
ROLE = f"AWSReservedSSO_{PERMISSION_SET}_0123456789abcdef"
SESSION = "ana@example.com"

# Part of every secret that the stand-in gives out.
SECRET_MARKER = "s3kr1t"

_PATIENCE = 30
_opener = build_opener(ProxyHandler({}))


class Portal:
    """The stand-in, listening on the given address, where one account has one role; it ends with `stop`."""

    def __init__(self, address: str, program: Path, secrets: Secrets) -> None:
        secrets.remember("a secret of the stand-in for AWS", SECRET_MARKER)
        self._server = subprocess.Popen(
            [program, "--listen", f"{address}:0", "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._server.stdout
        self.endpoint = self._server.stdout.readline().strip()
        self.set(user=SESSION)
        self.has_accounts([{"id": ACCOUNT, "name": "data-dev", "email": SESSION, "roles": [PERMISSION_SET]}])

    def stop(self) -> None:
        """Ends the server."""
        with self._server:
            assert self._server.stdin
            self._server.stdin.close()
            self._server.wait(_PATIENCE)

    def set(self, **settings: object) -> None:
        """Changes how it behaves, by the names of its settings."""
        self._command("settings", settings)

    def set_credentials_lifetime(self, lifetime: timedelta) -> None:
        """How long role credentials last that are given out from now on."""
        self.set(credentials_lifetime=int(lifetime.total_seconds()))

    def has_accounts(self, accounts: list[dict[str, object]]) -> None:
        """From now on whoever is signed in has these accounts and roles."""
        self._command("accounts", {"accounts": accounts})

    def accept(self, access_token: str, **more: object) -> None:
        """From now on this access token is signed in; `more` names its expiry, refresh token and client."""
        self._command("sign-in", {"access_token": access_token, **more})

    def revoke(self, token: str) -> None:
        """From now on the sign-in of this token is over: as after a sign-out, or when an administrator ended it."""
        self._command("end-sign-in", {"token": token})

    def forget_clients(self) -> None:
        """As if every client registration had run out."""
        self._command("forget-clients", {})

    def knows_key(self, access_key_id: str, arn: str) -> None:
        """From now on STS knows this user's key."""
        key = {"access_key_id": access_key_id, "account": ACCOUNT, "arn": arn, "user_id": "AIDAOFSOMEBODY"}
        self._command("key", key)

    def requires(self, role_arn: str, **conditions: object) -> None:
        """From now on this role wants an `mfa_serial` with one of `mfa_codes`, each good once, or an `external_id`."""
        self._command("role", {"arn": role_arn, **conditions})

    def keeps_secrets(self, secrets: Mapping[str, str], region: str) -> None:
        """Secrets Manager has these from now on."""
        self._command("secrets", {"secrets": _named(secrets), "region": region})

    def keeps_parameters(self, parameters: Mapping[str, str], region: str) -> None:
        """Parameter Store has these from now on."""
        self._command("parameters", {"parameters": _named(parameters), "region": region})

    def sets_permissions(self, **change: object) -> None:
        """From now on some actions are `denied`, or only what a `policy` allows is not; without any: all are allowed."""
        self._command("permissions", change)

    def fails(self, action: str, failure: str | None, **details: object) -> None:
        """Lets an action fail in this way, or work again without one."""
        self._command("failure", {"action": action, "failure": failure, **details})

    def hits(self, action: str) -> int:
        """How often an action was called."""
        hits: dict[str, int] = self._command("counts")["hits"]
        return hits.get(action, 0)

    def refusals(self, action: str) -> int:
        """How many calls of an action got an error."""
        refusals: dict[str, int] = self._command("counts")["refusals"]
        return refusals.get(action, 0)

    def calls(self, action: str) -> list[dict[str, Any]]:
        """The parameters of each call of an action, oldest first."""
        calls: list[dict[str, Any]] = self._command(f"calls?action={quote(action)}")["calls"]
        return calls

    def issued(self) -> dict[str, list[dict[str, Any]]]:
        """Every access token, refresh token, client and key that it has given out."""
        issued: dict[str, list[dict[str, Any]]] = self._command("issued")
        return issued

    def _command(self, command: str, body: Mapping[str, object] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        try:
            with _opener.open(Request(f"{self.endpoint}/_stand-in/{command}", data=data), timeout=_PATIENCE) as answer:
                return json.load(answer)
        except HTTPError as refused:
            with refused:
                raise AssertionError(f"the stand-in refuses {command}: {refused.read().decode()}") from None


def _named(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]
