"""A developer's machine: an unprivileged user with a fresh home, who runs programs and whose output is watched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .leaks import Secrets
from .stage import Stage

# Longer than any limit the tool promises, so that a hang is a failure here and not a stage that never ends.
PATIENCE = 90


@dataclass(frozen=True)
class Finished:
    """A program that has ended."""

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        return f"{' '.join(self.argv)} ended with {self.code}\nstdout:\n{self.stdout}\nstderr:\n{self.stderr}"

    def ok(self) -> Finished:
        """This, if the exit code is 0."""
        assert self.code == 0, str(self)
        return self

    def failed(self, code: int | None = None) -> Finished:
        """This, if it failed: with the given exit code, where one is given."""
        assert self.code == code if code is not None else self.code not in (0, 101, -6), str(self)
        return self

    def json(self) -> Any:
        """The one JSON document on stdout."""
        try:
            return json.loads(self.stdout)
        except json.JSONDecodeError as problem:
            raise AssertionError(f"stdout is not one JSON document: {problem}\n{self}") from None


class Workstation:
    """The user's home, the programs there, and the promise that none of them prints a secret."""

    def __init__(self, stage: Stage, folder: Path, secrets: Secrets) -> None:
        self.stage = stage
        self.secrets = secrets
        self.folder = folder
        self.home = folder / "home"
        self.make_folder(self.home, 0o755)
        self.environment = {
            "HOME": str(self.home),
            "USER": stage.user,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            **stage.engine_environment,
        }

    def make_folder(self, path: Path, mode: int = 0o755) -> Path:
        """A folder of the user's, and those above it that were missing."""
        if not path.parent.is_dir():
            self.make_folder(path.parent)
        path.mkdir()
        path.chmod(mode)
        os.chown(path, self.stage.uid, self.stage.gid)
        return path

    def write(self, path: Path, content: str, mode: int = 0o644) -> Path:
        """A file of the user's, with exactly this mode and these bytes."""
        if not path.parent.is_dir():
            self.make_folder(path.parent)
        path.write_bytes(content.encode())
        path.chmod(mode)
        os.chown(path, self.stage.uid, self.stage.gid)
        return path

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: str | None = None,
        patience: float = PATIENCE,
    ) -> Finished:
        """Runs a program as the user, without a terminal, and looks for secrets in what it printed."""
        return self.without_secrets(
            self.run_to_reveal(argv, cwd=cwd, environment=environment, stdin=stdin, patience=patience)
        )

    def run_to_reveal(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: str | None = None,
        patience: float = PATIENCE,
    ) -> Finished:
        """The same for a program that was asked to print a secret: only its stderr is looked at."""
        words = tuple(str(word) for word in argv)
        try:
            done = subprocess.run(
                words,
                cwd=cwd or self.home,
                env={**self.environment, **(environment or {})},
                user=self.stage.uid,
                group=self.stage.gid,
                extra_groups=[],
                umask=0o022,
                **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin.encode()}),
                capture_output=True,
                check=False,
                timeout=patience,
            )
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{' '.join(words)} had not ended after {patience} s") from None
        finished = Finished(words, done.returncode, done.stdout.decode(), done.stderr.decode())
        self.secrets.assert_absent(finished.stderr, f"stderr of {' '.join(words)}")
        return finished

    def without_secrets(self, finished: Finished) -> Finished:
        """This, after a look for secrets in what was printed."""
        self.secrets.assert_absent(finished.stdout, f"stdout of {' '.join(finished.argv)}")
        self.secrets.assert_absent(finished.stderr, f"stderr of {' '.join(finished.argv)}")
        return finished

    def aws(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Finished:
        """Runs the AWS CLI v2 as the user: the outside judge of what is on the host."""
        done = self._run_client([self.stage.aws_cli, "-m", "awscli", *arguments], environment)
        return Finished(("aws", *arguments), done.returncode, done.stdout, done.stderr)

    def boto3(self, script: str, environment: Mapping[str, str] | None = None) -> Finished:
        """Runs a script as the user with the Python that has boto3."""
        done = self._run_client([sys.executable, "-W", "ignore", "-c", script], environment)
        return Finished(("python", "-c", script), done.returncode, done.stdout, done.stderr)

    def user_command(self, argv: Sequence[str | Path]) -> list[str]:
        """The command line by which root runs a program as the user."""
        prefix = ["setpriv", f"--reuid={self.stage.uid}", f"--regid={self.stage.gid}", "--clear-groups"]
        return [*prefix, *map(str, argv)]

    def client_command(self, argv: Sequence[str | Path]) -> list[str]:
        """The command line that runs one of the stage's own programs as the user.

        Their files may lie where only root looks, hence the one capability to read; what they write is the user's.
        """
        keep = "+dac_read_search"
        who, program = self.user_command([]), map(str, argv)
        return [*who, f"--inh-caps={keep}", f"--ambient-caps={keep}", *program]

    def client_environment(self, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """What those programs see."""
        return {**self.environment, "AWS_EC2_METADATA_DISABLED": "true", **(environment or {})}

    def _run_client(
        self, argv: Sequence[str | Path], environment: Mapping[str, str] | None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.client_command(argv),
            cwd="/",
            env=self.client_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            text=True,
        )
