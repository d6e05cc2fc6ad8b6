"""A Dockerfile, read far enough to check it without an engine."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.source_tree import ROOT

PATH = ROOT / "infra" / "docker" / "Dockerfile"


@dataclass
class Stage:
    """One `FROM` and what follows it."""

    name: str
    # An image, an earlier stage, or ${ARGUMENT}.
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [rest for instruction, rest in self.instructions if instruction == word]

    def words(self, word: str) -> list[str]:
        """Give the last one of a kind that is written as a JSON list."""
        given = self.all(word)
        return list(map(str, json.loads(given[-1]))) if given else []

    @property
    def environment(self) -> dict[str, str]:
        pairs = (pair.partition("=") for rest in self.all("ENV") for pair in shlex.split(rest))
        return {name: value for name, _, value in pairs}

    @property
    def copied(self) -> Iterator[tuple[str, str]]:
        """Give where from (empty: the build context) and each source that is copied."""
        for rest in self.all("COPY"):
            flags = dict(re.findall(r"--(\w+)=(\S+)", rest))
            *sources, _ = [word for word in rest.split() if not word.startswith("--")]
            yield from ((flags.get("from", ""), source) for source in sources)


@dataclass(frozen=True)
class Dockerfile:
    """Its stages by name, and the arguments that stand before all of them."""

    stages: dict[str, Stage]
    arguments: dict[str, str]

    def line_of(self, name: str, **arguments: str) -> list[Stage]:
        """Give a stage and all that it is made from in this file, itself first."""
        stages, known = [], self.arguments | arguments
        while (name := re.sub(r"\$\{(\w+)\}", lambda given: known[given[1]], name)) in self.stages:
            stages.append(self.stages[name])
            name = stages[-1].base
        return stages

    def environment(self, name: str) -> dict[str, str]:
        """Give what an image's processes find in their environment."""
        return {k: v for stage in reversed(self.line_of(name)) for k, v in stage.environment.items()}

    def last(self, name: str, word: str) -> str:
        """Give the last instruction of a kind that holds for an image; empty if there is none."""
        given = [stage.all(word)[-1] for stage in self.line_of(name) if stage.all(word)]
        return given[0] if given else ""


def read(path: Path = PATH) -> Dockerfile:
    """Read a Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    stages: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    current: Stage | None = None
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            current = stages[name] = Stage(name, base)
        elif word == "ARG" and current is None:
            name, _, value = rest.partition("=")
            arguments[name] = value
        elif word and current is not None:
            current.instructions.append((word, rest.strip()))
    return Dockerfile(stages, arguments)
