"""A folder as a value: every path in it with kind, mode, owner and content, so that two moments can be compared."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

Tree = dict[str, str]


def tree_of(root: Path) -> Tree:
    """Every file, folder and link below the root (and the root itself), by its path from there.

    A difference of two of them reads as a diff: `{"docker-compose.override.yml": "file 644 1001:1001 sha256 ab12…"}`.
    """
    tree = {".": _entry(root)}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(folder) / name
            tree[str(path.relative_to(root))] = _entry(path)
    return tree


def _entry(path: Path) -> str:
    found = path.lstat()
    owner = f"{found.st_mode & 0o7777:o} {found.st_uid}:{found.st_gid}"
    if path.is_symlink():
        return f"link {owner} to {os.readlink(path)}"
    if path.is_dir():
        return f"folder {owner}"
    return f"file {owner} sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
