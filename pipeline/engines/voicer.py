"""A synthesizer, a leveller and an Opus encoder together: text in, packets out, all voices equally loud."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from pipeline.engines.imitation import imitates
from pipeline.engines.leveller import Leveller, Levels
from pipeline.engines.opus import BIT_RATE, OpusEncoder
from pipeline.engines.synthesizer import SynthesisRequest, Synthesizer

BLOCK_MS = 200
"""Sound is encoded in pieces of at most this, about 2 ms of work, so that cancelling need not wait for long."""


class EncodingVoicer:
    """The `Voicer` made of any `Synthesizer`. The synthesizer's owner starts and ends it."""

    def __init__(self, synthesizer: Synthesizer, *, bit_rate: int = BIT_RATE) -> None:
        self._synthesizer = synthesizer
        self._bit_rate = bit_rate
        self._block = synthesizer.sample_rate * 2 * BLOCK_MS // 1000 & ~1
        # How loud each voice was so far.
        self._levels = Levels()

    @property
    def languages(self) -> frozenset[str]:
        return self._synthesizer.languages

    @property
    def imitates(self) -> bool:
        """Whether it can speak in somebody's own voice."""
        return imitates(self._synthesizer)

    def forget(self, voice_seed: str) -> None:
        """Let go of a speaker's own voice; see `Voicer`."""
        if hasattr(self._synthesizer, "forget"):  # only who can imitate a voice keeps one
            self._synthesizer.forget(voice_seed)

    async def packets(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        """Yield 20 ms Opus packets; see `Voicer`. Levels and encodes in threads."""
        async with aclosing(self.batches(request)) as batches:
            async for batch in batches:
                for packet in batch:
                    yield packet

    async def batches(self, request: SynthesisRequest) -> AsyncGenerator[list[bytes], None]:
        """Yield the packets as `packets` does, those together that are ready together, at most 25 or so."""
        voice = (request.voice_seed, request.language, bool(request.reference))
        leveller = Leveller(self._synthesizer.sample_rate, self._levels.of(voice))
        encoder = OpusEncoder(self._synthesizer.sample_rate, bit_rate=self._bit_rate)

        def encode(pcm: bytes) -> list[bytes]:
            return encoder.encode(leveller.push(pcm))

        def finish() -> list[bytes]:
            return encoder.encode(leveller.finish()) + encoder.finish()

        sound: AsyncIterator[bytes] = self._synthesizer.synthesize(request)
        try:
            async with aclosing(sound):  # type: ignore[type-var]  # protocol says iterator; engines give generators
                async for pcm in sound:
                    for start in range(0, len(pcm), self._block):
                        if batch := await asyncio.to_thread(encode, pcm[start : start + self._block]):
                            yield batch
            if batch := await asyncio.to_thread(finish):
                yield batch
        finally:
            self._levels.note(voice, leveller.level)
