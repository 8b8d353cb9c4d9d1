"""Promise 3, no secret leaks: every secret a test hands out is remembered, and looked for wherever it must not be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .aws import Keys


class Secrets:
    """The secrets of one test: secret keys, session tokens, access and refresh tokens, client secrets."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def remember(self, what: str, secret: str) -> str:
        """Notes a secret under a name that may be printed, and gives it back."""
        self._known[secret] = what
        return secret

    def remember_keys(self, keys: Keys) -> Keys:
        """Notes what of these keys is secret, and gives them back."""
        self.remember("a secret access key", keys.secret_access_key)
        if keys.session_token:
            self.remember("a session token", keys.session_token)
        return keys

    def found_in(self, text: str) -> list[str]:
        """The names of the secrets that a text contains."""
        return sorted({what for secret, what in self._known.items() if secret in text})

    def assert_absent(self, text: str, where: str) -> None:
        """Fails with the names, never the values, of the secrets that a text contains."""
        found = self.found_in(text)
        assert not found, f"{where} contains {', '.join(found)}"

    def exposed_files(self, *roots: Path) -> list[str]:
        """The files below the roots that hold a secret and that others may read: by their own mode and by the
        modes of the folders above them, up to the root."""
        exposed = []
        for root in roots:
            for folder, _, names in os.walk(root):
                for path in (Path(folder) / name for name in names):
                    if path.is_symlink() or not path.is_file():
                        continue
                    found = self.found_in(path.read_bytes().decode("utf-8", "replace"))
                    if found and _open_to_others(path, root):
                        exposed.append(f"{path} ({', '.join(found)})")
        return sorted(exposed)


def _open_to_others(path: Path, root: Path) -> bool:
    if not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return False
    closed_above = (parent for parent in path.parents if parent != root and parent.is_relative_to(root))
    return all(stat.S_IMODE(parent.stat().st_mode) & 0o077 for parent in closed_above)
