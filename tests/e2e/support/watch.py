"""`astro-aws refresh --watch`, running beside a test without a terminal."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from .project import AstroProject
from .workstation import PATIENCE, Finished


@contextmanager
def watching(project: AstroProject, *options: str) -> Iterator[int]:
    """Watches while the block runs, then ends it as a service is ended; gives its process id."""
    station = project.workstation
    argv = [str(station.stage.binary), "refresh", "--watch", *options]
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(
            station.user_command(argv),
            cwd=project.root,
            env=station.environment,
            umask=0o022,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )

        def said() -> Finished:
            printed = []
            for stream in (stdout, stderr):
                stream.seek(0)
                printed.append(stream.read())
            return station.without_secrets(Finished(tuple(argv), process.returncode, *printed))

        try:
            yield process.pid
            assert process.poll() is None, str(said())
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            assert process.returncode in (0, 130), str(said())
            said()
        except AssertionError as problem:
            problem.add_note(str(said()))
            raise
        finally:
            process.kill()
            process.wait()
