"""A project with one of Airflow's AWS secrets backends: what the tool does to it, and what both Airflows see of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .profiles import NAME, Accounts, static_keys
from .project import AstroProject
from .report import report
from .workstation import Finished

SECRETS_MANAGER = "secrets-manager"
PARAMETER_STORE = "parameter-store"
BACKENDS = (SECRETS_MANAGER, PARAMETER_STORE)

# Part of nearly every value that these tests store; whatever prints it, prints a secret.
VALUE_MARKER = "s3kr1t"

CLASSES = {
    SECRETS_MANAGER: "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
    PARAMETER_STORE: "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend",
}


class Backend:
    """The project, set up with `init` for keys of the developer's own, and `secrets` in it."""

    def __init__(self, choice: str, project: AstroProject, accounts: Accounts) -> None:
        self.choice = choice
        self.project = project
        self.aws = accounts.aws
        self._secrets = accounts.workstation.secrets
        self._aws_folder = accounts.aws_folder
        self._secrets.remember("a value", VALUE_MARKER)
        accounts.aws.forget_secrets()
        static_keys(accounts)
        project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME).ok()

    def enable(self, *options: str) -> Finished:
        """`secrets enable` for this backend."""
        return self.project.astro_aws("secrets", "enable", self.choice, "--yes", *options)

    def set(self, kind: str, identifier: str, value: str, *options: str) -> Finished:
        """`secrets set` with the value on stdin; it is a secret from now on."""
        self._secrets.remember(f"the value of the {kind} {identifier}", value)
        return self.project.astro_aws("secrets", "set", kind, identifier, "--yes", *options, stdin=value)

    def secrets(self, *arguments: str, **more: Any) -> Finished:
        """Any other command of `secrets`."""
        return self.project.astro_aws("secrets", *arguments, **more)

    def told(self, *arguments: str, code: int | None = 0, **more: Any) -> dict[str, Any]:
        """The document of a command of `secrets` that ends with this code, or with any but 0 for `None`."""
        done = self.secrets(*arguments, "--output", "json", **more)
        return report(done.ok() if code == 0 else done.failed(code), f"secrets {arguments[0]}")

    def revealed(self, *arguments: str) -> str:
        """What a command of `secrets` prints whose purpose is to print a secret."""
        return self.project.astro_aws_to_reveal("secrets", *arguments).ok().stdout

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """What an Airflow process sees: these variables, and the developer's AWS files as the containers have them."""
        files = {
            "AWS_CONFIG_FILE": str(self._aws_folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._aws_folder / "credentials"),
            "AWS_PROFILE": NAME,
        }
        return {**variables, **files}

    def names_in_aws(self) -> set[str]:
        """Every full name that the service has, by boto3."""
        if self.choice == SECRETS_MANAGER:
            pages = self.aws.client("secretsmanager").get_paginator("list_secrets").paginate()
            return {entry["Name"] for page in pages for entry in page["SecretList"]}
        pages = self.aws.client("ssm").get_paginator("describe_parameters").paginate()
        return {entry["Name"] for page in pages for entry in page["Parameters"]}

    def put(self, name: str, value: str) -> None:
        """Stores a value under a full name without the tool under test."""
        if self.choice == SECRETS_MANAGER:
            self.aws.client("secretsmanager").create_secret(Name=name, SecretString=value)
        else:
            self.aws.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")


def file_of(project: AstroProject, name: str, content: str) -> Path:
    """A file of the developer's own in the project, for nobody else to read."""
    return project.workstation.write(project.root / name, content, 0o600)
