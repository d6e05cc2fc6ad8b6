"""Speech that spells itself: its sound says which words it holds, so that any process hears the same in it."""

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.messages.audio_chunk import BYTES_PER_MS
from tests.fakes.engines import ScriptedEngine, info

WORD_MS = 200
PAUSE = 0
"""In place of a word: as long a silence."""


def spell(words: Iterable[int]) -> bytes:
    """Give the sound of some words, each a number from 1 to 30,000, or PAUSE: 16 kHz mono s16le."""
    samples = WORD_MS * BYTES_PER_MS // 2
    return b"".join(np.full(samples, word, "<i2").tobytes() for word in words)


def text_of(words: Iterable[int]) -> str:
    """Give what is heard of them."""
    return " ".join(f"w{word}" for word in words if word != PAUSE)


class SpelledTranscription:
    """One utterance: a word is heard once its sound is whole."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._pcm = bytearray()

    async def push(self, pcm: bytes) -> Hypothesis:
        self._pcm += pcm
        return await self.peek()

    async def peek(self) -> Hypothesis:
        return Hypothesis(tuple(self._words()), self._language)

    finish = peek

    async def abort(self) -> None:
        self._pcm.clear()

    def _words(self) -> Iterator[Word]:
        size = WORD_MS * BYTES_PER_MS
        for at in range(0, len(self._pcm) - size + 1, size):
            word = int.from_bytes(self._pcm[at : at + 2], "little")
            if word != PAUSE:
                start_ms = at // BYTES_PER_MS
                yield Word(f"w{word}", start_ms, start_ms + WORD_MS)


class SpelledTranscriber(ScriptedEngine):
    """Hears what `spell` made, in English."""

    def __init__(self) -> None:
        self.info = info("recognition")
        self.languages = frozenset({"en"})

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> SpelledTranscription:
        if language not in self.languages:
            raise UnsupportedLanguageError(language)
        return SpelledTranscription(language)
