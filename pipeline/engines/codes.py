"""What each family of engines calls the languages: one table, read once, and added to by the setting `engines.codes`.

The table is `codes.toml`, which names its sources. Apertium and espeak-ng are not in it: what they know depends on what
is installed, and they are asked.
"""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files

from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.matching import match
from pipeline.messages.language import normalise

Codes = Mapping[str, str]
"""Normalised tag -> the engine's own code."""


@functools.cache
def table() -> Mapping[str, Codes]:
    """Read the table: the codes of each family of engines."""
    read = tomllib.loads(files(__package__).joinpath("codes.toml").read_text(encoding="utf-8"))
    return {
        engine: {tag: tag for tag in part.get("same", "").split()} | part.get("codes", {})
        for engine, part in read.items()
    }


@functools.lru_cache(maxsize=64)
def codes(engine: str, settings: tuple[str, ...] = ()) -> Codes:
    """Give one family's codes, with what is set (`engines.codes`) added to them and in place of them.

    Raises:
        ValueError: an entry that is set is not of the form `engine:tag=code`, or its tag is no language.
    """
    added = {tag: code for family, tag, code in map(parsed, settings) if family == engine}
    return {**table().get(engine, {}), **added}


def parsed(entry: str) -> tuple[str, str, str]:
    """Take an entry of the setting apart: engine, normalised tag, code.

    Raises:
        ValueError: it is not of the form `engine:tag=code`, or its tag is no language.
    """
    engine, colon, rest = entry.partition(":")
    tag, equals, code = rest.partition("=")
    if not (colon and equals and engine.strip() and code.strip()):
        raise ValueError(f"{entry!r} must be like deepl:pt=PT-PT, that is engine:tag=code")
    return engine.strip(), normalise(tag), code.strip()


def check_codes(settings: Iterable[str]) -> None:
    """Look whether each entry of the setting can be read, and is of an engine that has a table. Raises ValueError."""
    for entry in settings:
        engine, _, _ = parsed(entry)
        if engine not in table():
            raise ValueError(f"{entry!r} is of {engine!r}, which must be one of {', '.join(sorted(table()))}")


def code(engine: str, tag: str, settings: tuple[str, ...] = ()) -> str:
    """Give the engine's own code for a normalised tag: of the tag itself, or else of the closest that is understood.

    Raises:
        UnsupportedLanguageError: the engine has no such language.
    """
    known = codes(engine, settings)
    closest = tag if tag in known else match(tag, known)
    if closest is None:
        raise UnsupportedLanguageError(f"{engine} has no {tag}")
    return known[closest]


def tags(engine: str, settings: tuple[str, ...] = ()) -> frozenset[str]:
    """Give the tags of all languages that a family of engines has."""
    return frozenset(codes(engine, settings))


def tag_of(engine: str, code: str, settings: tuple[str, ...] = ()) -> str | None:
    """Give the tag that an engine's code stands for, the shortest if there are several; None: the code is unknown."""
    wanted = code.casefold()
    found = (tag for tag, own in codes(engine, settings).items() if own.casefold() == wanted)
    return min(found, key=lambda tag: (len(tag), tag), default=None)
