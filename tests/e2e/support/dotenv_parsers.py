"""The five programs that read a project's `.env`, each with rules of its own: the two that are at hand are run, the
others follow the sources that are named.

A parser takes the project and gives the variables that its program would pass on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from .project import AstroProject

Parser = Callable[[AstroProject], dict[str, str]]


def compose(project: AstroProject) -> dict[str, str]:
    """`astro dev start`: compose-go, by way of Compose's own view of a service."""
    document = json.loads(project.compose("config", "--format", "json").ok().stdout)
    environment: dict[str, str] = document["services"]["scheduler"]["environment"]
    # What it prints is to be read by Compose again, for which a `$` is doubled.
    return {key: value.replace("$$", "$") for key, value in environment.items()}


def docker_env_file(project: AstroProject) -> dict[str, str]:
    """`astro dev pytest` and `parse`: `docker create --env-file`, as the engine then has it."""
    run = project.workstation.run
    argv = ["docker", "create", "--env-file", str(project.dotenv), "astro-aws-e2e/base", "true"]
    container = run(argv).ok().stdout.strip()
    try:
        said = run(["docker", "inspect", "--format", "{{json .Config.Env}}", container]).ok().stdout
    finally:
        run(["docker", "rm", container]).ok()
    return dict(entry.split("=", 1) for entry in json.loads(said))


def standalone(project: AstroProject) -> dict[str, str]:
    """A standalone project: astronomer/astro-cli:pkg/airflowrt/env.go, LoadEnvFile."""
    found = {}
    for line in project.dotenv.read_text().split("\n"):
        line = line.strip()
        if line and not line.startswith("#") and "=" in line:
            key, value = line.split("=", 1)
            quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
            found[key] = value[1:-1] if quoted else value
    return found


def deployment_load(project: AstroProject) -> dict[str, str]:
    """`astro deployment variable create --load`: astronomer/astro-cli:cloud/deployment/deployment_variable.go,
    addVariablesFromFile."""
    found = {}
    for line in project.dotenv.read_text().splitlines():
        if line and not line.startswith("#"):
            key, sign, value = line.partition("=")
            assert key and sign and value, f"the Astro CLI refuses the line {line!r}"
            found[key] = value.strip('"').strip("'").strip()
    return found


_GOTENV_LINE = re.compile(
    r"""\A\s*(?:export\s+)?([\w.]+)(?:\s*=\s*|:\s+?)('(?:'|[^'])*'|"(?:"|[^"])*"|[^#\n]+)?\s*(?:\s*\#.*)?\Z""", re.ASCII
)
_GOTENV_VARIABLE = re.compile(r"(\\)?(\$)(\{?([A-Z0-9_]+)?\}?)")


def gotenv(project: AstroProject) -> dict[str, str]:
    """`astro env variable create --from-file`: subosito/gotenv v1.6, gotenv.go, for values on one line."""
    found: dict[str, str] = {}
    for line in project.dotenv.read_text().splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        matched = _GOTENV_LINE.match(line)
        assert matched, f"gotenv refuses the line {line!r}"
        key, value = matched[1], (matched[2] or "").strip()
        quote = value[0] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else ""
        if quote:
            value = value[1:-1]
        if quote == '"':
            value = re.sub(r"\\([^$])", r"\1", value.replace("\\n", "\n").replace("\\r", "\r"))
        if quote != "'":
            value = _GOTENV_VARIABLE.sub(lambda sign: sign[0][1:] if sign[1] else found.get(sign[4] or "", ""), value)
        found[key] = value
    return found


PARSERS: dict[str, Parser] = {
    "compose": compose,
    "docker-env-file": docker_env_file,
    "standalone": standalone,
    "deployment-load": deployment_load,
    "gotenv": gotenv,
}


def secrets_backend_in(environment: dict[str, str]) -> dict[str, str]:
    """The variables that make Airflow's secrets backend."""
    return {key: value for key, value in environment.items() if key.startswith("AIRFLOW__SECRETS__")}
