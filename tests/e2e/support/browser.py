"""The person's browser: a program, named in BROWSER, that hands each link to a thread here, which follows it to its end.

So whoever opens a link need not wait for the page, and every browser that was opened is known.
"""

from __future__ import annotations

import os
import threading
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from .workstation import Workstation

_PATIENCE = 60
_STOP = "stop"


class Browser:
    """A browser in the user's home, and the person before it."""

    def __init__(self, workstation: Workstation) -> None:
        folder = workstation.make_folder(workstation.folder / "browser")
        pipe = folder / "links"
        os.mkfifo(pipe)
        os.chown(pipe, workstation.stage.uid, workstation.stage.gid)
        program = workstation.write(folder / "open", f"#!/bin/sh\nprintf '%s\\n' \"$1\" >'{pipe}'\n", 0o755)
        self.environment = {"BROWSER": str(program), "DISPLAY": ":0"}
        self.opened: list[str] = []
        self._visited: list[str] = []
        self._news = threading.Condition()
        self._let_go = threading.Event()
        self._let_go.set()
        # Open both ways: so neither side ever waits for the other to open it.
        self._links = os.open(pipe, os.O_RDWR)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def hold(self) -> None:
        """From now on nobody looks at the pages that are opened."""
        self._let_go.clear()

    def let_go(self) -> None:
        """Looks at them, and at all others."""
        self._let_go.set()

    def visited(self) -> list[str]:
        """Status and address of the page that each link led to, of as many as were opened."""
        with self._news:
            self._news.wait_for(lambda: len(self._visited) >= len(self.opened), _PATIENCE)
            return list(self._visited)

    def stop(self) -> None:
        """Ends the thread."""
        self._let_go.set()
        os.write(self._links, f"{_STOP}\n".encode())
        self._thread.join()
        os.close(self._links)

    def _follow(self) -> None:
        waiting = b""
        while True:
            waiting += os.read(self._links, 65536)
            *lines, waiting = waiting.split(b"\n")
            for link in (line.decode() for line in lines):
                if link == _STOP:
                    return
                self.opened.append(link)
                self._let_go.wait()
                end = _end_of(link)
                with self._news:
                    self._visited.append(end)
                    self._news.notify_all()


def _end_of(link: str) -> str:
    try:
        with build_opener(ProxyHandler({})).open(link, timeout=_PATIENCE) as page:
            return f"{page.status} {page.url}"
    except HTTPError as refused:
        with refused:
            return f"{refused.code} {refused.url}"
    except OSError as problem:
        return f"{type(problem).__name__} {link}"
