"""Words with times that can be relied upon, from an alignment that cannot. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.engines.transcriber import Word

SHORTEST_MS = 20
"""What Whisper's times are counted in."""


class Said(NamedTuple):
    """A piece of text with its times in seconds from the window's start, and its probability, 0 to 1."""

    text: str
    start_s: float
    end_s: float
    probability: float


def joined(said: Sequence[Said]) -> list[Said]:
    """Put pieces together that have no space between them: "ill" and "-disposed" are one word."""
    words: list[Said] = []
    for piece in said:
        if words and not piece.text.startswith(" "):
            before = words.pop()
            sure = min(before.probability, piece.probability)
            piece = Said(before.text + piece.text, before.start_s, max(before.end_s, piece.end_s), sure)
        words.append(piece)
    return words


def spread(said: Sequence[Said], *, start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """Make words of what was said in a window, which lies between these places in the utterance.

    They are in order, do not overlap, last at least `SHORTEST_MS` each, and lie within the window, if it has room for
    all of them; the alignment's own times are kept as far as that allows. Empty texts are left out.
    """
    kept = [(text.strip(), first, last, sure) for text, first, last, sure in said if text.strip()]
    words = []
    at_ms = start_ms
    for number, (text, first, last, sure) in enumerate(kept):
        # Those behind it need room as well.
        latest_ms = end_ms - SHORTEST_MS * (len(kept) - number)
        begin_ms = max(at_ms, min(start_ms + round(first * 1000), latest_ms))
        at_ms = max(begin_ms + SHORTEST_MS, min(start_ms + round(last * 1000), latest_ms + SHORTEST_MS))
        words.append(Word(text, begin_ms, at_ms, min(1.0, max(0.0, float(sure)))))
    return tuple(words)
