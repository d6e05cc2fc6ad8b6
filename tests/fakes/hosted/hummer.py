"""A synthesizer that hums: a number is how many milliseconds; any other text is a fault, or a short hum."""

import asyncio
from collections.abc import AsyncGenerator
from typing import ClassVar, Self

import numpy as np

from pipeline.engines.engine import EngineInfo, UnsupportedLanguageError
from pipeline.engines.synthesizer import SynthesisRequest
from tests.fakes.hosted.faults import obey

SAMPLE_RATE = 16_000
CHUNK_MS = 100


def hum(milliseconds: int) -> bytes:
    """Make a tone of 200 Hz, mono s16le."""
    time = np.arange(SAMPLE_RATE * milliseconds // 1000) / SAMPLE_RATE
    return (8_000 * np.sin(2 * np.pi * 200 * time)).astype("<i2").tobytes()


class Engine:
    info: ClassVar[EngineInfo] = EngineInfo("hummer", "synthesis", "MIT", "MIT", "in process", True, 8)
    languages: ClassVar[frozenset[str]] = frozenset({"es", "fr"})
    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        self.hummed_ms = 0
        # Whose own voices it keeps.
        self.kept: set[str] = set()

    @classmethod
    def check(cls) -> None:
        """Find nothing missing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    def forget(self, voice_seed: str) -> None:
        self.kept.discard(voice_seed)

    async def synthesize(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        if request.language not in self.languages:
            raise UnsupportedLanguageError(f"nobody hums {request.language}")
        await obey(request.text)
        if request.reference:
            self.kept.add(request.voice_seed)
        # "so far" tells by its length how much was hummed for others, "kept" how many voices are kept (100 ms each).
        told = {"so far": self.hummed_ms, "kept": 100 * len(self.kept)}
        wanted = told.get(request.text, int(request.text) if request.text.isdigit() else 100)
        for _ in range(0, wanted, CHUNK_MS):
            self.hummed_ms += CHUNK_MS
            yield hum(CHUNK_MS)
            await asyncio.sleep(0)
