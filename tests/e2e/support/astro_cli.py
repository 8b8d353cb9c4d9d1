"""An `astro` on the developer's PATH that records its arguments and answers like astronomer/astro-cli 1.45's
`deployment variable` (cloud/deployment/deployment_variable.go).
"""

from __future__ import annotations

from .workstation import Workstation

_SCRIPT = """#!/bin/sh
{ for word in "$@"; do printf '%s\\0' "$word"; done; printf '\\1'; } >>"$HOME/astro-calls"
case "$3" in list) cat "$HOME/astro-variables";; esac
exit "$(cat "$HOME/astro-exit-code")"
"""


class AstroCli:
    """The program, and what it was called with."""

    def __init__(self, workstation: Workstation) -> None:
        self._station = workstation
        self._calls = workstation.home / "astro-calls"
        self._folder = workstation.home / "astro-bin"
        workstation.write(self._folder / "astro", _SCRIPT, 0o755)
        workstation.environment["PATH"] = f"{self._folder}:{workstation.environment['PATH']}"
        self.has()
        self.ends_with(0)

    def has(self, *keys: str) -> None:
        """The Deployment's variables from now on."""
        rows = [f" {number:<6}{key:<50}{'****':<30}true" for number, key in enumerate(keys, 1)]
        listing = "\n".join([f" {'#':<6}{'KEY':<50}{'VALUE':<30}SECRET", *rows]) if rows else "\nNo variables found"
        self._station.write(self._station.home / "astro-variables", f"{listing}\n")

    def ends_with(self, code: int) -> None:
        """Its exit code from now on."""
        self._station.write(self._station.home / "astro-exit-code", str(code))

    def calls(self) -> list[list[str]]:
        """The arguments of each call so far; they are forgotten."""
        if not self._calls.exists():
            return []
        recorded = self._calls.read_text().removesuffix("\1").split("\1")
        self._calls.unlink()
        return [call.removesuffix("\0").split("\0") for call in recorded]

    def changes(self) -> list[list[str]]:
        """The same without the calls that only look."""
        return [call for call in self.calls() if call[:3] != ["deployment", "variable", "list"]]
