"""Who somebody is to AWS, asked without the tool under test: boto3 inside a container, the AWS CLI on the host."""

from __future__ import annotations

import json
from dataclasses import dataclass

from .workstation import Workstation

# UserId is left out: moto invents a new one for every call.
ASK = """
import boto3, json
session = boto3.Session()
said = session.client("sts").get_caller_identity()
print(json.dumps({"account": said["Account"], "arn": said["Arn"]}))
"""

# Prints the access key that a running process would sign with, once a second, from one session that lives on.
WATCH = """
import boto3, time
credentials = boto3.Session().get_credentials()
while True:
    print(credentials.get_frozen_credentials().access_key, flush=True)
    time.sleep(1)
"""


@dataclass(frozen=True)
class Identity:
    """What STS GetCallerIdentity says."""

    account: str
    arn: str


def parse_identity(text: str) -> Identity:
    """What `ASK` printed."""
    said = json.loads(text)
    return Identity(said["account"], said["arn"])


def identity_on_host(workstation: Workstation, profile: str) -> Identity:
    """What the AWS CLI v2 says of a profile on the host."""
    said = json.loads(
        workstation.aws("sts", "get-caller-identity", "--output", "json", "--profile", profile).ok().stdout
    )
    return Identity(said["Account"], said["Arn"])
