"""How much memory a program takes: the most that was resident at any time, as the kernel counted it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .workstation import Finished, Workstation

# A small parent, since a process is charged with what its parent had resident when it was made.
_PARENT = """
import os, sys
report, *argv = sys.argv[1:]
_, status, usage = os.wait4(os.posix_spawn(argv[0], argv, os.environ), 0)
open(report, "w").write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def megabytes_of(workstation: Workstation, argv: Sequence[str | Path], cwd: Path) -> tuple[float, Finished]:
    """Runs a program as the user; the most memory it had, in MB, and how it ended."""
    report = workstation.write(workstation.folder / "footprint", "", 0o666)
    done = workstation.run(["/usr/bin/python3", "-S", "-c", _PARENT, report, *argv], cwd=cwd)
    return int(report.read_text()) / 1024, done
