"""A program on a terminal of its own, where it asks and a person answers."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_PATIENCE = 90
_LINES, _COLUMNS = 50, 200
# The pictures of a spinner, all but the last.
_SPINNING = re.compile(r"[\u2801-\u28ff] [^\u2801-\u28ff\n]*\s{2,}(?=[\u2801-\u28ff])")
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])|\r")


class Terminal:
    """The running program; it is killed at the end of a `with` that it outlives."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], cwd: Path | None = None) -> None:
        self._argv = argv
        self._raw = bytearray()
        self._looked_at = 0
        self._news = threading.Condition()
        self._screen, other_end = os.openpty()
        fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
        try:
            self._program = subprocess.Popen(
                # A question about a secret goes to the controlling terminal, whatever stdin is.
                ["setsid", "--ctty", *argv],
                cwd=cwd,
                env={**environment, "TERM": "xterm"},
                umask=0o022,
                stdin=other_end,
                stdout=other_end,
                stderr=other_end,
            )
        finally:
            os.close(other_end)
        # Always read: a program that draws its progress must not wait for a test that looks elsewhere.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._program.poll() is None:
            self._program.kill()
        self._program.wait()
        self._reader.join(_PATIENCE)
        os.close(self._screen)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._program.pid

    @property
    def shown(self) -> str:
        """All that it has printed, without colours, cursor movements and what was drawn over."""
        return _SPINNING.sub("", _ESCAPES.sub("", self._raw.decode(errors="replace")))

    def asks(self, question: str) -> Terminal:
        """Waits until the regular expression stands in what came after the last question."""
        deadline = time.monotonic() + _PATIENCE
        with self._news:
            while not (found := re.search(question, self.shown[self._looked_at :])):
                assert self._reader.is_alive() and time.monotonic() < deadline, (
                    f"`{question}` was not asked; shown:\n{self.shown}"
                )
                self._news.wait(1)
        self._looked_at += found.end()
        return self

    def answered(self, text: str) -> Terminal:
        """Types the text and Enter."""
        os.write(self._screen, f"{text}\r".encode())
        return self

    def ends(self) -> int:
        """Waits for the end, and gives the exit code."""
        try:
            code = self._program.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{' '.join(self._argv)} does not end; shown:\n{self.shown}") from None
        self._reader.join(_PATIENCE)
        return code

    def _read(self) -> None:
        while True:
            try:
                more = os.read(self._screen, 65536)
            except OSError:
                # The program has closed its terminal.
                more = b""
            with self._news:
                self._raw += more
                self._news.notify_all()
            if not more:
                return
