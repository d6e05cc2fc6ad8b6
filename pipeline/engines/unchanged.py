"""How long words have stayed the same, by the sound's own clock. Pure."""

from collections.abc import Sequence

from pipeline.engines.transcriber import Word

SAME_WORD_MS = 100
"""How far a word's start may move while it still counts as the same word."""

Seen = list[tuple[Word, int]]
"""Words in order, each with the place in the sound, in ms, since which it has been the same."""


def noted(words: Sequence[Word], seen: Seen, heard_ms: int) -> Seen:
    """Note what is heard at `heard_ms` after what was seen before: what begins as it did keeps its places."""
    same = 0
    while same < min(len(words), len(seen)) and _is_same(words[same], seen[same][0]):
        same += 1
    since = [since for _, since in seen[:same]] + [heard_ms] * (len(words) - same)
    return list(zip(words, since, strict=True))


def _is_same(word: Word, before: Word) -> bool:
    return word.text == before.text and abs(word.start_ms - before.start_ms) <= SAME_WORD_MS
