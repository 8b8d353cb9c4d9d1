"""Promise 4, one sign-in: however many processes need it at once, one refresh goes out and one browser opens."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack

from support.browser import Browser
from support.caches import let_token_expire, token
from support.compose_file import AIRFLOW_3
from support.profiles import NAME, Accounts, signed_out, sso_session
from support.project import AstroProject
from support.terminal import Terminal
from support.workstation import PATIENCE, Finished

PROCESSES = 50
PROJECTS = 5
REFRESH = "CreateToken refresh_token"
# Longer than it takes to start them all: so each finds the first one at it.
SLOW = 2000


def test_fifty_processes_refresh_once(accounts: Accounts) -> None:
    sso_session(accounts)
    accounts.portal.set(credentials_lifetime=600)
    projects = [AstroProject(accounts.workstation, AIRFLOW_3, f"flights-{number}") for number in range(PROJECTS)]
    for project in projects:
        project.astro_aws("init", "--yes", "--no-verify", "--profile", NAME, "--delivery", "session").ok()
    sessions = {path: path.read_text() for path in projects[0].sessions.glob("*/credentials.json")}
    let_token_expire(accounts)
    old = token(accounts)
    accounts.portal.set(credentials_lifetime=3600, latency={REFRESH: {"least": SLOW, "most": SLOW}})

    finished = refreshed_at_once(accounts, projects)

    assert [str(process) for process in finished if process.code != 0] == []
    assert (accounts.portal.hits(REFRESH), accounts.portal.refusals("CreateToken")) == (1, 0)
    assert token(accounts)["refreshToken"] != old["refreshToken"]
    assert len(sessions) == PROJECTS
    assert [path for path, before in sessions.items() if path.read_text() == before] == []


def test_fifty_sign_ins_open_one_browser(accounts: Accounts, browser: Browser) -> None:
    signed_out(accounts)
    station = accounts.workstation
    browser.hold()
    argv = station.user_command([station.stage.binary, "login", "--profile", NAME])
    environment = {**station.environment, **browser.environment}
    with ExitStack() as stack:
        terminals = [stack.enter_context(Terminal(argv, environment, station.home)) for _ in range(PROCESSES)]
        # Each has the sign-in's page before it, or waits for the one that has.
        for terminal in terminals:
            terminal.asks("/authorize|Waiting for another process")
        browser.let_go()
        assert [terminal.shown for terminal in terminals if terminal.ends() != 0] == []

    assert [page.split(" ")[0] for page in browser.visited()] == ["200"]
    assert (accounts.portal.hits("CreateToken"), accounts.portal.hits("RegisterClient")) == (1, 1)


def refreshed_at_once(accounts: Accounts, projects: list[AstroProject]) -> list[Finished]:
    """What became of `astro-aws refresh`, in so many processes at the same time."""
    station = accounts.workstation
    argv = [str(station.stage.binary), "refresh"]
    started = [
        subprocess.Popen(
            station.user_command(argv),
            cwd=projects[number % len(projects)].root,
            env=station.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    finished = []
    for process in started:
        stdout, stderr = process.communicate(timeout=PATIENCE)
        finished.append(station.without_secrets(Finished(tuple(argv), process.returncode, stdout, stderr)))
    return finished
