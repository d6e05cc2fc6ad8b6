"""From the decoder's segments to words as English writes them."""

import re
from collections.abc import Iterable
from typing import Protocol

from pipeline.engines.transcriber import Word

MS_PER_FRAME = 10
"""The decoder counts in frames, 100 a second."""

# Fillers: <s>, </s>, <sil>, [NOISE], ++BREATH++ ...
_FILLER = re.compile(r"[<\[+].*")
# The dictionary's further pronunciations of a word: "the(2)".
_VARIANT = re.compile(r"\(\d+\)$")
# The dictionary is in lower case. Translators know the pronoun only as English writes it.
_PRONOUN = re.compile(r"^i(?='|$)")


class Segment(Protocol):
    """One entry of `decoder.seg()`; frames are counted from the session's start, the last one included."""

    @property
    def word(self) -> str: ...
    @property
    def start_frame(self) -> int: ...
    @property
    def end_frame(self) -> int: ...


def words(segments: Iterable[Segment]) -> tuple[Word, ...]:
    """Give the words among the segments, with their times. Fillers go, and the marks of variants."""
    return tuple(
        Word(spelling(each.word), each.start_frame * MS_PER_FRAME, (each.end_frame + 1) * MS_PER_FRAME)
        for each in segments
        if not _FILLER.match(each.word)
    )


def spelling(entry: str) -> str:
    """Write a dictionary entry as English does: `the(2)` is the, `i'm` is I'm."""
    return _PRONOUN.sub("I", _VARIANT.sub("", entry))
