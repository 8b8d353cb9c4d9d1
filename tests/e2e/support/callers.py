"""Programs that call AWS again and again with one boto3 session, as long-running tasks do, and how it went for them."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType

from .stage import Stage

PATIENCE = 90

# Begins once the file named in its argument is there, and prints what came of each call.
CALL = """
import boto3, os, sys, time
sts = boto3.Session().client("sts")
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
while True:
    try:
        sts.get_caller_identity()
        print("ok", flush=True)
    except Exception as problem:
        print(type(problem).__name__, flush=True)
    time.sleep(0.2)
"""


class Callers:
    """Such programs, each in a container; `docker exec` alone is killed at the end, they go with their container."""

    def __init__(self, stage: Stage, containers: Sequence[str], *, begin: str = "/", user: str | None = None) -> None:
        options = ["--user", user] if user else []
        environment = {**os.environ, **stage.engine_environment}
        self._lines: list[list[str]] = [[] for _ in containers]
        self._changed = threading.Condition()
        self._processes = [
            subprocess.Popen(
                ["docker", "exec", *options, container, "python3", "-c", CALL, begin],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for container in containers
        ]
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True) for pair in zip(self._processes, self._lines)
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Callers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes:
            process.kill()
        for process, reader in zip(self._processes, self._readers):
            reader.join()
            process.wait()
            assert process.stdout
            process.stdout.close()

    @property
    def outcomes(self) -> list[Counter[str]]:
        """How often each of them said what."""
        with self._changed:
            return [Counter(lines) for lines in self._lines]

    @property
    def first_outcomes(self) -> list[str]:
        """What came of each one's first call, of those that have made it."""
        with self._changed:
            return [lines[0] for lines in self._lines if lines]

    @property
    def failures(self) -> Counter[str]:
        """All of their failed calls, by the name of the error."""
        total: Counter[str] = sum(self.outcomes, Counter())
        del total["ok"]
        return total

    @property
    def calls(self) -> int:
        """How many calls they have made."""
        return sum(sum(outcome.values()) for outcome in self.outcomes)

    def wait_for_a_call_of_each(self, moment: Callable[[], bool] = lambda: True) -> None:
        """Waits until the moment has come and each of them has ended a call that it began after that."""
        deadline = time.monotonic() + PATIENCE
        goal: list[int] | None = None
        with self._changed:
            while goal is None or any(len(lines) < least for lines, least in zip(self._lines, goal)):
                if goal is None and moment():
                    # The first of the two may have been under way.
                    goal = [len(lines) + 2 for lines in self._lines]
                assert time.monotonic() < deadline, f"after {PATIENCE} s: {self._lines}"
                self._changed.wait(0.2)

    def _read(self, process: subprocess.Popen[str], lines: list[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            with self._changed:
                lines.append(line.strip())
                self._changed.notify_all()
