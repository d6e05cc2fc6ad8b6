"""A transcriber that hears the same sentence in everything, at its end, and fails when it is told to."""

from typing import ClassVar, Self

from pipeline.engines.engine import EngineInfo
from pipeline.engines.transcriber import Hypothesis
from pipeline.messages.audio_chunk import BYTES_PER_MS
from tests.fakes.engines import words
from tests.fakes.hosted.fickle import falter

SENTENCE = "my house is big"


class Engine:
    info: ClassVar[EngineInfo] = EngineInfo(
        "fickle_ears", "recognition", "MIT", "MIT", "in process", True, 8, quality=99
    )
    languages: ClassVar[frozenset[str]] = frozenset({"en"})

    @classmethod
    def check(cls) -> None:
        """Find nothing missing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> "Session":
        falter()
        return Session()


class Session:
    def __init__(self) -> None:
        self._heard_ms = 0

    async def push(self, pcm: bytes) -> Hypothesis:
        falter()
        self._heard_ms += len(pcm) // BYTES_PER_MS
        return Hypothesis((), "en")

    async def peek(self) -> Hypothesis:
        falter()
        return Hypothesis(words(SENTENCE, word_ms=max(1, self._heard_ms // 5)), "en")

    async def finish(self) -> Hypothesis:
        return await self.peek()

    async def abort(self) -> None:
        pass
