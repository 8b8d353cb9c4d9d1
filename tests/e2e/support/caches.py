"""What the AWS tools keep in ~/.aws between two runs, read from outside: tokens, client registrations, keys of roles."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .profiles import SSO_SESSION, Accounts


def token_file(accounts: Accounts) -> Path:
    """Where the sign-in's token is."""
    return accounts.aws_folder / "sso" / "cache" / f"{hashlib.sha1(SSO_SESSION.encode()).hexdigest()}.json"


def token(accounts: Accounts) -> dict[str, Any]:
    """The sign-in's token."""
    found: dict[str, Any] = json.loads(token_file(accounts).read_text())
    return found


def let_token_expire(accounts: Accounts) -> None:
    """Makes the token an hour old, for whoever reads it."""
    old = token(accounts) | {"expiresAt": (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    accounts.workstation.write(token_file(accounts), json.dumps(old), 0o600)


def shapes(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """The files of a cache by name, each with its mode and the keys in it, nested ones too."""
    return {
        path.name: (f"{stat.S_IMODE(path.stat().st_mode):o}", sorted(_keys(json.loads(path.read_text()))))
        for path in folder.glob("*.json")
    }


def _keys(document: dict[str, Any], above: str = "") -> list[str]:
    found = []
    for key, value in document.items():
        found.append(f"{above}{key}")
        if isinstance(value, dict):
            found += _keys(value, f"{above}{key}.")
    return found
