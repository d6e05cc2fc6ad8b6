"""Which languages a room listens to."""

import functools
from collections.abc import Iterable

import langcodes

from pipeline.messages.language import AUTO, hears, spoken

Tongue = tuple[str, str]
"""A spoken language and the script it is written in: those who share it share captions and voices."""


@functools.lru_cache(maxsize=4096)
def tongue(tag: str) -> Tongue:
    """Name what listeners have in common who can share one translation: es-MX and es-ES do, zh-Hans and zh-Hant not."""
    return spoken(tag), langcodes.Language.get(tag).maximize().script or ""


def languages_listened_to(listening: Iterable[str], speaking: str) -> tuple[str, ...]:
    """Give the languages that a speaker is to be translated into: one for each tongue, none that hears the speaker.

    `speaking` may be `auto`. Of several tags of one tongue the shortest stands for all. Sorted.
    """
    chosen: dict[Tongue, str] = {}
    for tag in sorted(set(listening), key=lambda tag: (len(tag), tag)):
        if speaking == AUTO or not hears(tag, speaking):
            chosen.setdefault(tongue(tag), tag)
    return tuple(sorted(chosen.values()))
