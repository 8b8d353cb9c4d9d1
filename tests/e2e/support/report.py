"""What `--output json` promises of every command: one document, with a schema number, that says whether it worked."""

from __future__ import annotations

from typing import Any

from .workstation import Finished


def report(finished: Finished, command: str) -> dict[str, Any]:
    """The document of a command that has ended, after a look at the fields that all commands have."""
    document: dict[str, Any] = finished.json()
    assert document["schema"] == 1, str(finished)
    assert document["command"] == command, str(finished)
    assert document["ok"] == (finished.code == 0), str(finished)
    assert all({"id", "message"} <= warning.keys() for warning in document["warnings"]), str(finished)
    if "error" in document:
        assert {"kind", "message", "hint"} <= document["error"].keys(), str(finished)
    return document


def container_named(document: dict[str, Any], service: str) -> dict[str, Any]:
    """What `verify` found in a service's container."""
    found = [container for container in document["containers"] if container["service"] == service]
    assert len(found) == 1, f"{len(found)} entries for {service} in {document['containers']}"
    entry: dict[str, Any] = found[0]
    return entry


def files_changed(document: dict[str, Any]) -> dict[str, str]:
    """The files of a report by name, each with what became of it."""
    return {file["path"].rsplit("/", 1)[-1]: file["change"] for file in document["files"]}
