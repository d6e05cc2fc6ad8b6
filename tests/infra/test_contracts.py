"""What compose, the images and the manifests say to Parley exists there: every command, every variable, every value."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import typer

from parley.cli import app
from parley.layer import BORROWED
from parley.setting import PREFIX
from parley.settings import all_settings, load
from tests.infra.composed import as_written
from tests.infra.dockerfile import read
from tests.infra.manifests import containers
from tests.support.source_tree import ROOT

# What the images tell others: where programs, the home directory and models are, and what Python does.
OTHERS = {"PATH", "HOME", "HF_HOME", "PYTHONDONTWRITEBYTECODE"}


class Process(NamedTuple):
    """Something that is started from one of our images."""

    where: str
    image: str
    command: tuple[str, ...]
    # The image's, and what is said where it is started.
    environment: dict[str, str]


def image_environment(image: str) -> dict[str, str]:
    """Give what an image brings: its name is the target's, but for the system."""
    return read().environment("node" if image.startswith("parley/node:") else "worker")


def processes() -> Iterator[Process]:
    """Give every service of compose and every container of the manifests that runs Parley."""
    for name, it in as_written().items():
        if it["image"].startswith("parley/"):
            yield _process(f"compose: {name}", it["image"], it["command"], it.get("environment") or {})
    for where, container, environment in containers():
        yield _process(where, container["image"], container["args"], environment)


def _process(where: str, image: str, command: list[str], said: dict[str, Any]) -> Process:
    return Process(where, image, tuple(command), image_environment(image) | {k: str(v) for k, v in said.items()})


PROCESSES = list(processes())


def read_command(words: tuple[str, ...]) -> None:
    """Read a command line as `parley` would, without doing it; raises what the command line raises if it is wrong."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        assert rest, f"{words} is not a whole command"
        assert rest[0] in command.commands, f"there is no command {rest[0]}"
        command = command.commands[rest.pop(0)]
    command.make_context("parley", rest)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.where)
def test_the_command_exists(process: Process) -> None:
    """With its arguments."""
    read_command(process.command)


def test_a_command_that_does_not_exist_is_noticed() -> None:
    """The check above is one."""
    with pytest.raises(AssertionError, match="no command"):
        read_command(("wörker", "stt"))
    with pytest.raises(Exception, match="No such option"):
        read_command(("serve", "--no-such-flag"))


def test_images_start_parley() -> None:
    """By the name under which it is installed; what they do when told nothing exists as well."""
    dockerfile = read()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert dockerfile.stages["base"].words("ENTRYPOINT") == ["tini", "--", "parley"]
    assert "parley" in scripts
    read_command(tuple(dockerfile.stages["node"].words("CMD")))
    assert dockerfile.stages["worker"].words("CMD") == ["worker", "--help"]


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.where)
def test_its_variables_are_settings_that_go_together(process: Process) -> None:
    """Parley refuses a variable that it does not know, so this is what would happen at its start."""
    unknown = {name for name in process.environment if not name.startswith(PREFIX)} - OTHERS - set(BORROWED)
    assert not unknown
    load(environment=process.environment)


def test_every_variable_in_the_documentation_is_a_setting() -> None:
    """In the READMEs and in what is copied from here."""
    known = {setting.variable for setting in all_settings()}
    for path in (
        "infra/README.md",
        "infra/k8s/base/config.yaml",
        "README.md",
        ".env.example",
        "infra/coturn/README.md",
    ):
        named = set(re.findall(r"PARLEY_[A-Z0-9_]+", (ROOT / path).read_text()))
        assert {name for name in named if name.removesuffix("_FILE").rstrip("_") not in known} <= {"PARLEY_"}, path


def test_all_processes_use_the_same_bus() -> None:
    """In compose the one that is there, in the cluster the one configured; with the same number of partitions."""
    told: dict[str, set[tuple[str, str]]] = {}
    for where, _, _, environment in PROCESSES:
        bus = (environment["PARLEY_PIPELINE__BUS_URL"], environment["PARLEY_PIPELINE__KAFKA__PARTITIONS"])
        told.setdefault(where.partition(":")[0], set()).add(bus)
    assert {where: len(buses) for where, buses in told.items()} == {"compose": 1, "cpu": 1, "gpu": 1}
    assert ("kafka://kafka:9092", "12") in told["compose"]


def test_workers_are_of_all_three_stages() -> None:
    """On the CPU and with a GPU, in compose and in the cluster."""
    for where in ("compose: ", "cpu: ", "gpu: "):
        stages = {each.command[1] for each in PROCESSES if each.command[0] == "worker" and where in each.where}
        assert stages >= ({"stt", "translation", "tts"} if where == "compose: " else {"stt", "tts"}), where
