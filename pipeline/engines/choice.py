"""Which engines do what: `auto`, or those that were named. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pipeline.engines.engine import EngineUnavailableError, UnknownEngineError
from pipeline.engines.listing import ListedEngine
from pipeline.engines.settings import AUTO

Ability = TypeVar("Ability", bound=str | tuple[str, str])

CHAIN = 2
"""With `auto`, so many engines stand behind each other unless it is set otherwise."""


@dataclass(frozen=True)
class PassedOver:
    """An engine that was not picked, and why; `remedy` is empty where nothing needs to be done."""

    engine: str
    why: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.engine}: {self.why}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True)
class Choice(Generic[Ability]):
    """What one engine was picked for: some languages, or pairs of them, for the same reason."""

    engine: str
    abilities: frozenset[Ability]
    why: str
    # Those that stand behind it, in order, and take over when it fails.
    spares: tuple[str, ...] = ()
    # With `auto`: engines of higher quality that do not work here, the best first, and how to get them.
    better: tuple[PassedOver, ...] = ()
    # All others.
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def chain(self) -> tuple[str, ...]:
        """The engine and its spares."""
        return (self.engine, *self.spares)

    def __str__(self) -> str:
        parts = [f"{self.engine}: {self.why}"]
        if self.spares:
            parts.append(f"then {', '.join(self.spares)}")
        parts += [f"better: {engine}" for engine in self.better]
        return "; ".join((*parts, *(f"not {engine}" for engine in self.passed_over)))


class _Story(NamedTuple):
    """Everything that a choice says; languages or pairs with the same one are told together."""

    chain: tuple[str, ...]
    why: str
    better: tuple[PassedOver, ...]
    passed_over: tuple[PassedOver, ...]


def wanted_engines(setting: str) -> tuple[str, ...]:
    """Read a setting: the names in it, the preferred first; none for `auto`. faster-whisper is faster_whisper."""
    names = tuple(name.strip().replace("-", "_") for name in setting.split(",") if name.strip())
    return () if AUTO in names else tuple(dict.fromkeys(names))


def rank(listed: Sequence[ListedEngine], setting: str) -> list[ListedEngine]:
    """Put the engines that may be used and work in order, the preferred first.

    Raises:
        UnknownEngineError: one that is named does not exist.
        EngineUnavailableError: none of those that are named works here. With `auto` that is no error.
    """
    names = wanted_engines(setting)
    if not names:
        return sorted((engine for engine in listed if engine.works), key=_from_the_best)
    by_name = {engine.name: engine for engine in listed}
    for name in names:
        if name not in by_name:
            raise UnknownEngineError(f"there is no engine {name!r} here", f"use auto, or one of {', '.join(by_name)}")
    named = [by_name[name] for name in names]
    if not any(engine.works for engine in named):
        raise EngineUnavailableError(f"{named[0].name}: {named[0].why}", named[0].remedy)
    return [engine for engine in named if engine.works]


def choose(listed: Sequence[ListedEngine], setting: str, length: int = CHAIN) -> list[Choice[Any]]:
    """Pick the first in rank that can, for each language or pair, and those behind it.

    With `auto` at most `length` stand behind each other; all that are named do. Raises as `rank`.
    """
    ranked = rank(listed, setting)
    named = wanted_engines(setting)
    missing = [engine for engine in listed if not engine.works and (not named or engine.name in named)]
    stories: dict[_Story, set[Any]] = {}
    abilities: set[Any] = {ability for engine in ranked for ability in engine.abilities}
    for ability in sorted(abilities):
        able = [engine for engine in ranked if ability in engine.abilities]
        story = _story(able, sorted(missing, key=_from_the_best), len(able) if named else length)
        stories.setdefault(story, set()).add(ability)
    return [
        Choice(story.chain[0], frozenset(chosen), story.why, story.chain[1:], story.better, story.passed_over)
        for story, chosen in stories.items()
    ]


def _story(able: Sequence[ListedEngine], missing: Sequence[ListedEngine], length: int) -> _Story:
    first = able[0]
    why = "the best that works here" if len(able) > 1 else f"only {first.name} does it here"
    better = [engine for engine in missing if _quality(engine) > _quality(first)]
    passed_over = [PassedOver(engine.name, engine.why, engine.remedy) for engine in missing if engine not in better]
    return _Story(
        tuple(engine.name for engine in able[:length]),
        why,
        tuple(PassedOver(engine.name, engine.why, engine.remedy) for engine in better),
        (*passed_over, *(PassedOver(engine.name, "it comes after it") for engine in able[length:])),
    )


def _quality(engine: ListedEngine) -> int:
    return engine.info.quality if engine.info else 0


def _from_the_best(engine: ListedEngine) -> tuple[int, str]:
    return (-_quality(engine), engine.name)
