"""Which engine does what: `auto`, or those that were named. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.engines.engine import EngineUnavailableError, UnknownEngineError
from pipeline.engines.listing import ListedEngine
from pipeline.engines.settings import AUTO

Ability = TypeVar("Ability", bound=str | tuple[str, str])


@dataclass(frozen=True)
class PassedOver:
    """An engine that was not picked, and why; `remedy` is empty where nothing needs to be done."""

    engine: str
    why: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"not {self.engine}: {self.why}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True)
class Choice(Generic[Ability]):
    """What one engine was picked for: some languages, or pairs of them, for the same reason."""

    engine: str
    abilities: frozenset[Ability]
    why: str
    passed_over: tuple[PassedOver, ...] = ()

    def __str__(self) -> str:
        return "; ".join((f"{self.engine}: {self.why}", *map(str, self.passed_over)))


def wanted_engines(setting: str) -> tuple[str, ...]:
    """Read a setting: the names in it, the preferred first; none for `auto`. faster-whisper is faster_whisper."""
    names = tuple(name.strip().replace("-", "_") for name in setting.split(",") if name.strip())
    return () if AUTO in names else names


def rank(listed: Sequence[ListedEngine], setting: str) -> list[ListedEngine]:
    """Put the engines that may be used and work in order, the preferred first.

    Raises:
        UnknownEngineError: one that is named does not exist.
        EngineUnavailableError: one that is named does not work here. With `auto` that is no error.
    """
    names = wanted_engines(setting)
    if not names:
        working = (engine for engine in listed if engine.works)
        return sorted(working, key=lambda engine: (-(engine.info.quality if engine.info else 0), engine.name))
    by_name = {engine.name: engine for engine in listed}
    for name in names:
        if name not in by_name:
            raise UnknownEngineError(f"there is no engine {name!r} here", f"use auto, or one of {', '.join(by_name)}")
        if not by_name[name].works:
            raise EngineUnavailableError(f"{name}: {by_name[name].why}", by_name[name].remedy)
    return [by_name[name] for name in names]


def choose(
    listed: Sequence[ListedEngine], ranked: Sequence[ListedEngine], abilities: Iterable[Ability]
) -> list[Choice[Ability]]:
    """Pick the first in rank that can, for each language or pair; those with the same story are told together."""
    stories: dict[tuple[str, tuple[PassedOver, ...]], set[Ability]] = {}
    missing = tuple(PassedOver(each.name, each.why, each.remedy) for each in listed if not each.works)
    for ability in sorted(abilities):
        able = [engine for engine in ranked if ability in engine.abilities]
        if able:
            worse = tuple(PassedOver(engine.name, "it comes after it") for engine in able[1:])
            stories.setdefault((able[0].name, (*missing, *worse)), set()).add(ability)
    return [
        Choice(engine, frozenset(chosen), _why(engine, passed_over, missing), passed_over)
        for (engine, passed_over), chosen in stories.items()
    ]


def _why(engine: str, passed_over: Sequence[PassedOver], missing: Sequence[PassedOver]) -> str:
    return "the best that works here" if len(passed_over) > len(missing) else f"only {engine} does it here"
