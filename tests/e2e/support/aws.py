"""AWS as the tests see it: moto for IAM, STS, Secrets Manager, Parameter Store and KMS, with a user and roles whose names
show in an ARN.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import ThreadedMotoServer
from moto.ssm.models import ssm_backends

REGION = "eu-central-1"
ACCOUNT = "123456789012"
USER = "ana"

# botocore asks a credential_process again once fewer than 15 minutes are left, and raises if that fails below 10.
READ_AT_EACH_USE = timedelta(minutes=12)


@dataclass(frozen=True)
class Keys:
    """Credentials as AWS hands them out; the last two are None for a user's own keys."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expiration: datetime | None = None

    def process_document(self) -> dict[str, object]:
        """The `Version: 1` document that a credential_process prints."""
        document: dict[str, object] = {
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
        }
        if self.session_token and self.expiration:
            document["SessionToken"] = self.session_token
            document["Expiration"] = self.expiration.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return document


class Aws:
    """A moto server on an address that the host and every container reach, with the developer's IAM user in it."""

    def __init__(self, address: str) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        iam = self.client("iam")
        iam.create_user(UserName=USER)
        created = iam.create_access_key(UserName=USER)["AccessKey"]
        self.user_keys = Keys(created["AccessKeyId"], created["SecretAccessKey"])
        self.user_arn = f"arn:aws:iam::{ACCOUNT}:user/{USER}"

    def stop(self) -> None:
        """Ends the server."""
        self._server.stop()

    def assume(self, role: str, session: str, lifetime: timedelta = timedelta(hours=1)) -> Keys:
        """Fresh keys of a role; `lifetime` is only what is written on them, since moto's never expire."""
        answer = self.client("sts", self.user_keys).assume_role(RoleArn=role_arn(role), RoleSessionName=session)
        issued = answer["Credentials"]
        return Keys(
            issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], datetime.now(UTC) + lifetime
        )

    def forget_secrets(self) -> None:
        """Empties Secrets Manager and Parameter Store."""
        secretsmanager_backends[ACCOUNT].reset()
        ssm_backends[ACCOUNT].reset()

    def client(self, service: str, keys: Keys = Keys("root", "root")) -> Any:
        """A client of boto3's, for what a test does or asks without the tool under test."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
        )


def role_arn(role: str) -> str:
    """The ARN to assume."""
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def session_arn(role: str, session: str) -> str:
    """The ARN that a session of a role says it is."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"
