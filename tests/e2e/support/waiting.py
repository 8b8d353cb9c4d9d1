"""Waiting for a condition, and never longer than a person would."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90
_PACE = 0.05


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Waits until it holds; `what` says so in words."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"after {PATIENCE} s still not: {what}"
        time.sleep(_PACE)
