"""Apertium's modes: one file for each language pair, which says how its programs are put together."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.messages.language import UnknownLanguageError, hears, normalise

_ENDS_OF_PROGRAM = "|"
# A mode file is a shell command with two parameters: how to mark unknown words in generation (`lt-proc -n`: not at
# all, which is `apertium -u`), and what the tagger should show (nothing).
_PARAMETERS = {"$1": ("-n",), "$2": ()}
# Every program of the pipeline flushes at NUL, so that it can go on running.
_NULL_FLUSH = "-z"


class Mode(NamedTuple):
    """How one language is translated directly into one other."""

    name: str
    # Normalised tags.
    source: str
    target: str
    # Programs with their arguments; each one's output is the next one's input.
    commands: tuple[tuple[str, ...], ...]


def modes_folder() -> Path:
    """Where mode files are: `APERTIUM_DATADIR`, as the program `apertium` has it, or where Debian puts them."""
    return Path(os.environ.get("APERTIUM_DATADIR", "/usr/share/apertium")) / "modes"


def installed_modes(folder: Path) -> Iterator[Mode]:
    """Read the modes that name two different languages, in alphabetical order.

    A name such as `eng-spa` or `es-pt_BR` is two codes of ISO 639 with a region or variant; others (`eco-es-fr`, or
    variants which no registry knows) are leftovers and dialects of orthography, and are passed over.
    """
    for file in sorted(folder.glob("*.mode")):
        languages = pair(file.stem)
        if languages is None:
            continue
        commands = commands_of(file.read_text(encoding="utf-8"))
        if commands:
            yield Mode(file.stem, *languages, commands)


def pair(name: str) -> tuple[str, str] | None:
    """Name a mode's two languages by their normalised tags; None if they are not two that differ in speaking."""
    codes = name.split("-")
    if len(codes) != 2:
        return None
    try:
        source, target = (normalise(code.replace("_", "-")) for code in codes)
    except UnknownLanguageError:
        return None
    return None if hears(source, target) else (source, target)


def commands_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Take a mode file's text apart into programs with arguments, with NUL flushing. Nothing is given to a shell."""
    commands: list[tuple[str, ...]] = []
    current: list[str] = []
    for word in [*shlex.split(text), _ENDS_OF_PROGRAM]:
        if word != _ENDS_OF_PROGRAM:
            current.extend(_PARAMETERS.get(word, (word,)))
        elif current:
            commands.append((current[0], _NULL_FLUSH, *current[1:]))
            current = []
    return tuple(commands)
