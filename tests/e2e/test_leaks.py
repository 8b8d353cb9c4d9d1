"""Promise 3, no secret leaks: while somebody signs in, refreshes, watches and signs out, and everything is told (`-v`).

`run`, `watching` and `in_a_terminal` look through all that is printed; the rest is looked for here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.browser import Browser
from support.caches import let_token_expire, token
from support.compose_file import AIRFLOW_3, Airflow
from support.leaks import Secrets
from support.profiles import MFA_PROFILE, NAME, Accounts, mfa_role, signed_out
from support.project import AstroProject
from support.terminal import Terminal
from support.waiting import wait_until
from support.watch import watching

MFA_CODE = "314159"


@pytest.fixture
def airflow() -> Airflow:
    """One version will do."""
    return AIRFLOW_3


@pytest.mark.parametrize("options", [(), ("--device-code",)], ids=["pkce", "device"])
def test_a_sign_in_shows_no_secret_from_its_beginning_to_its_end(
    accounts: Accounts, browser: Browser, project: AstroProject, secrets: Secrets, options: tuple[str, ...]
) -> None:
    signed_out(accounts)
    accounts.portal.set(credentials_lifetime=600)
    with no_secret_among_arguments(secrets):
        shown = in_a_terminal(project, browser.environment, "login", "-v", "--profile", NAME, *options)
        secrets.assert_absent(shown, "the terminal")
        # What the client made up by itself is known only now.
        verifiers = [call["codeVerifier"] for call in accounts.portal.calls("CreateToken") if "codeVerifier" in call]
        assert len(verifiers) == (0 if options else 1)
        for verifier in verifiers:
            assert verifier not in shown
            secrets.remember("a code verifier", verifier)
        project.astro_aws("init", "-v", "--yes", "--profile", NAME, "--delivery", "session").ok()
        project.start()
        for command in (["refresh", "-v"], ["refresh", "-v", "--output", "json"], ["verify", "-v"], ["status", "-v"]):
            let_token_expire(accounts)
            project.astro_aws(*command).ok()
        let_token_expire(accounts)
        old = token(accounts)
        with watching(project, "-v"):
            wait_until(lambda: token(accounts) != old, "the token is refreshed")
        project.assert_no_secret_in_engine()
        assert secrets.exposed_files(accounts.workstation.folder) == []

        accounts.portal.revoke(token(accounts)["accessToken"])
        let_token_expire(accounts)
        project.astro_aws("refresh", "-v").failed(3)
        project.astro_aws("logout", "-v", "--profile", NAME).ok()


def test_a_code_that_was_typed_shows_nowhere(accounts: Accounts, project: AstroProject, secrets: Secrets) -> None:
    mfa_role(accounts, MFA_CODE)
    secrets.remember("the MFA code", MFA_CODE)
    environment = accounts.workstation.environment
    argv = accounts.workstation.user_command([accounts.workstation.stage.binary, "init", "-v", "--yes", "--profile"])
    with no_secret_among_arguments(secrets), Terminal([*argv, MFA_PROFILE], environment, project.root) as terminal:
        terminal.asks("MFA code").answered(MFA_CODE)
        assert terminal.ends() == 0, terminal.shown
        secrets.assert_absent(terminal.shown, "the terminal")
    assert accounts.portal.hits("AssumeRole") == 1
    assert secrets.exposed_files(accounts.workstation.folder) == []


def in_a_terminal(project: AstroProject, environment: dict[str, str], *arguments: str) -> str:
    """All that a command shows in a terminal, where it ends well."""
    station = project.workstation
    argv = station.user_command([station.stage.binary, *arguments])
    with Terminal(argv, {**station.environment, **environment}, project.root) as terminal:
        assert terminal.ends() == 0, terminal.shown
        return terminal.shown


@contextmanager
def no_secret_among_arguments(secrets: Secrets) -> Iterator[None]:
    """Looks at the command lines of all processes of this machine, again and again while the block runs."""
    found: set[str] = set()
    looks = 0
    ended = threading.Event()

    def look() -> None:
        nonlocal looks
        while not ended.wait(0.002):
            looks += 1
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = path.read_bytes().decode("utf-8", "replace")
                except OSError:
                    continue
                found.update(f"{what} in {words!r}" for what in secrets.found_in(words))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()
    assert looks > 0
    assert sorted(found) == []
