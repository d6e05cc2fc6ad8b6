"""What docker-compose makes of the project's files: read by the program itself, which needs no engine for that."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.source_tree import ROOT

FILE = "docker-compose.yml"
SECOND_NODE = "infra/docker/second-node.yml"

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(:-(?P<default>[^}]*)|:\?[^}]*)?\}")

REQUIRED = {
    "PUBLIC_ADDRESS": "203.0.113.7",
    "TOKEN_SECRET": "0123456789abcdef0123456789abcdef",
    "TURN_SECRET": "fedcba9876543210fedcba9876543210",
}
"""What .env must say; everything else has a default."""


def compose_config(
    *profiles: str, files: tuple[str, ...] = (FILE,), said: Mapping[str, str] = REQUIRED, env_file: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `docker-compose config` with these profiles and variables, whatever the environment and .env say here."""
    if env_file is None:
        with tempfile.NamedTemporaryFile() as empty:
            return compose_config(*profiles, files=files, said=said, env_file=Path(empty.name))
    program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
    named = [word for file in files for word in ("--file", file)]
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    return subprocess.run(
        [*program, "--env-file", str(env_file), *named, *chosen, "config"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **said},
        capture_output=True,
        text=True,
    )


@cache
def composed(*profiles: str, files: tuple[str, ...] = (FILE,)) -> dict[str, Any]:
    """Give the whole as it would be started, with every variable filled in."""
    answer = compose_config(*profiles, files=files)
    assert answer.returncode == 0, answer.stderr
    document: dict[str, Any] = yaml.safe_load(answer.stdout)
    return document


def services(*profiles: str, files: tuple[str, ...] = (FILE,)) -> dict[str, dict[str, Any]]:
    """Give the services that would be started."""
    found: dict[str, dict[str, Any]] = composed(*profiles, files=files)["services"]
    wanted = set(profiles)
    return {name: it for name, it in found.items() if not it.get("profiles") or wanted & set(it["profiles"])}


@cache
def as_written(*files: str) -> dict[str, dict[str, Any]]:
    """Give all services of these files (if none is named, of all), whatever their profile.

    Read by ourselves, which is quicker; test_compose.py compares it with what the program makes of them.
    """
    texts = [_VARIABLE.sub(_value, (ROOT / file).read_text()) for file in files or (FILE, SECOND_NODE)]
    return {name: it for text in texts for name, it in yaml.safe_load(text)["services"].items()}


def _value(variable: re.Match[str]) -> str:
    return REQUIRED.get(variable["name"]) or variable["default"] or ""


def published(service: dict[str, Any]) -> list[dict[str, str]]:
    """Give a service's published ports: `host`, `outside`, `inside`, `protocol` (whichever form the program prints)."""
    return [_port(port) for port in service.get("ports", [])]


def _port(port: Any) -> dict[str, str]:
    if isinstance(port, dict):
        return {
            "host": port.get("host_ip", ""),
            "outside": str(port["published"]),
            "inside": str(port["target"]),
            "protocol": port.get("protocol", "tcp"),
        }
    numbers, _, protocol = str(port).partition("/")
    *host, outside, inside = numbers.split(":")
    return {"host": ":".join(host), "outside": outside, "inside": inside, "protocol": protocol or "tcp"}


def example(path: Path, said: Mapping[str, str]) -> Path:
    """Write .env as somebody would who copied .env.example and filled in what is empty."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    filled = [f"{line}{said[line[:-1]]}" if line.endswith("=") and line[:-1] in said else line for line in lines]
    path.write_text("\n".join(filled) + "\n")
    return path
