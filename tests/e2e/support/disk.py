"""A disk that is small and can be filled: a tmpfs in the place of a folder, so that a write fails as it does there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .workstation import Workstation

KILOBYTES = 64


class SmallDisk:
    """The disk that a folder now lies on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leaves not a single free block."""
        free = shutil.disk_usage(self._folder).free
        self._filler.write_bytes(b"-" * free)
        assert shutil.disk_usage(self._folder).free == 0

    def free(self) -> None:
        """Takes away what `fill` put there."""
        self._filler.unlink()


@contextmanager
def small_disk(workstation: Workstation, folder: Path) -> Iterator[SmallDisk]:
    """Puts a disk of 64 KB in the place of a folder of the user's, with what is in the folder."""
    stage = workstation.stage
    aside = workstation.folder / "aside"
    shutil.copytree(folder, aside, symlinks=True)
    options = f"size={KILOBYTES}k,mode=0755,uid={stage.uid},gid={stage.gid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        subprocess.run(["cp", "-R", f"{aside}/.", folder], check=True)
        subprocess.run(["chown", "-R", f"{stage.uid}:{stage.gid}", folder], check=True)
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
