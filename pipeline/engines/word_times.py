"""Where words stand in the sound, when an engine says too little about it, or something that cannot be. Pure."""

from collections.abc import Sequence
from itertools import accumulate

from pipeline.engines.transcriber import Word

SHORTEST_MS = 10
"""Each word lasts at least so long."""


def spread(texts: Sequence[str], start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """Give words their shares of a stretch of sound, by their length in letters."""
    weights = [len(text) + 1 for text in texts]
    total, span_ms = sum(weights), max(end_ms - start_ms, SHORTEST_MS * len(texts))
    ends = [start_ms + span_ms * so_far // total for so_far in accumulate(weights)]
    return tuple(Word(text, begin, end) for text, begin, end in zip(texts, [start_ms, *ends], ends, strict=False))


def in_order(
    words: Sequence[Word], since_ms: int = 0, until_ms: int | None = None, *, shortest_ms: int = SHORTEST_MS
) -> tuple[Word, ...]:
    """Move words that overlap the one ahead of them, end before they begin, or lie outside the sound."""
    ordered = []
    for word in words:
        start_ms = max(word.start_ms, since_ms)
        if until_ms is not None:
            start_ms = max(since_ms, min(start_ms, until_ms - shortest_ms))
        end_ms = word.end_ms if until_ms is None else min(word.end_ms, until_ms)
        since_ms = max(end_ms, start_ms + shortest_ms)
        ordered.append(Word(word.text, start_ms, since_ms, word.confidence))
    return tuple(ordered)
