"""Engines that follow a script, with voices that can be heard: for clients that decode what they get."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from pipeline.engines.synthesizer import SynthesisRequest
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer, words
from tests.support.opus import encode

TEXT = "good morning how are you today"
"""What is heard in whatever is said; its last word is there after 1.2 s."""


@cache
def _tone() -> list[bytes]:
    return encode((8_000 * np.sin(2 * np.pi * 300 * np.arange(8_000) / 16_000)).astype(np.int16))


class AudibleVoicer(ScriptedVoicer):
    """Gives a tone, as Opus, for each word."""

    async def packets(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        number = 0
        async for _ in super().packets(request):
            yield _tone()[number % len(_tone())]
            number += 1


@dataclass
class Audible:
    """One of each, for a whole system: English is heard, and spoken in Spanish and French."""

    transcriber: ScriptedTranscriber = field(default_factory=lambda: ScriptedTranscriber(words(TEXT)))
    translator: ScriptedTranslator = field(default_factory=ScriptedTranslator)
    voicer: AudibleVoicer = field(default_factory=AudibleVoicer)
