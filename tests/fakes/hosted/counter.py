"""A transcriber that hears numbers: how many bytes, in which language, from whom."""

import os
from typing import ClassVar, Self

from pipeline.engines.engine import EngineInfo, UnsupportedLanguageError
from pipeline.engines.transcriber import Hypothesis, Word
from tests.fakes.hosted.faults import obey


class Engine:
    info: ClassVar[EngineInfo] = EngineInfo("counter", "recognition", "MIT", "MIT", "in process", True, 8)
    languages: ClassVar[frozenset[str]] = frozenset({"en"})

    def __init__(self) -> None:
        self.open_now = 0

    @classmethod
    def check(cls) -> None:
        """Find nothing missing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> "Count":
        if language not in self.languages:
            raise UnsupportedLanguageError(f"nobody counts in {language}")
        await obey(speaker)
        self.open_now += 1
        return Count(self, speaker)


class Count:
    def __init__(self, engine: Engine, speaker: str) -> None:
        self._engine = engine
        self._speaker = speaker
        self._bytes = 0

    async def push(self, pcm: bytes) -> Hypothesis:
        await obey(pcm[:8].decode(errors="replace"))
        self._bytes += len(pcm)
        return await self.peek()

    async def peek(self) -> Hypothesis:
        said = (str(self._bytes), self._speaker, str(os.getpid()), str(self._engine.open_now))
        return Hypothesis(tuple(Word(text, 0, self._bytes // 32) for text in said), "en")

    async def finish(self) -> Hypothesis:
        heard = await self.peek()
        self._engine.open_now -= 1
        return heard

    async def abort(self) -> None:
        self._engine.open_now -= 1
