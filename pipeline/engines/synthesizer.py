"""Speaking: one clause of text in, sound out, from its beginning on."""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from pipeline.engines.engine import Engine


class SynthesisRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One clause to say."""

    text: str
    language: str
    # Whoever's words these are. The same seed always gets the same voice, different ones different voices if it can.
    voice_seed: str
    # 1.0 is the engine's own pace; up to 1.25 to catch up.
    speed: float = 1.0
    # The speaker's own sound to take the voice from, 16 kHz mono s16le: only with their recorded consent, else empty.
    reference: bytes = b""


class Synthesizer(Engine, Protocol):
    """An engine that speaks. Calls may overlap up to `info.concurrency`."""

    @property
    def languages(self) -> frozenset[str]:
        """What it speaks, as normalised tags."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hertz of the PCM it yields."""
        ...

    def synthesize(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        """Yield mono s16le PCM as soon as there is some, in chunks of any length. Closing the iterator stops it.

        Raises (while iterating):
            UnsupportedLanguageError: not one of `languages`.
        """
        ...


class Voicer(Protocol):
    """A synthesizer with its Opus encoder behind it: what the synthesis worker asks."""

    @property
    def languages(self) -> frozenset[str]:
        """What it speaks, as normalised tags."""
        ...

    def packets(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        """Yield 20 ms Opus packets, 48 kHz mono, silence at both ends trimmed. Closing the iterator stops it."""
        ...

    def forget(self, voice_seed: str) -> None:
        """Keep nothing of a speaker's own voice: they took back their consent, or left. Never raises."""
        ...
