"""Decoders that are loaded once and lent to one session after another."""

import asyncio
from typing import TYPE_CHECKING

from pipeline.engines.engine import EngineBusyError
from pipeline.engines.sphinx.cepstral_mean import CepstralMean

if TYPE_CHECKING:
    from pocketsphinx import Decoder


class DecoderPool:
    """At most `most` decoders, 90 MB and 0.4 s of loading each; `ready` of them are loaded by `fill`.

    Whoever finds none free and none to load waits for one to be given back.
    """

    def __init__(self, *, ready: int, most: int, wait_s: float) -> None:
        self._ready = ready
        self._most = asyncio.Semaphore(most)
        self._limit = most
        self._wait_s = wait_s
        self._free: list[Decoder] = []
        # The model's own mean, which a decoder that served a voice no longer has.
        self.own_mean = CepstralMean((), 0)

    async def fill(self) -> None:
        """Load the first decoders."""
        self._free = [await asyncio.to_thread(load) for _ in range(self._ready)]
        self.own_mean = CepstralMean.parse(self._free[0].get_cmn(update=False))

    async def borrow(self) -> "Decoder":
        """Get a decoder between two utterances.

        Raises:
            EngineBusyError: all are lent, and none came back in time.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                await self._most.acquire()
        except TimeoutError:
            raise EngineBusyError(f"all {self._limit} decoders are in use") from None
        try:
            return self._free.pop() if self._free else await asyncio.to_thread(load)
        except BaseException:
            self._most.release()
            raise

    def give_back(self, decoder: "Decoder") -> None:
        """Return a decoder whose utterance has ended."""
        self._free.append(decoder)
        self._most.release()

    def replace(self) -> None:
        """Say that a lent decoder is not fit to be used again; the next one is loaded."""
        self._most.release()

    def empty(self) -> None:
        """Let go of the decoders that are not lent."""
        self._free.clear()


def load() -> "Decoder":
    from pocketsphinx import Decoder  # 30 ms; only the process that hears needs it

    # Without its second and third pass an utterance ends in 4 to 29 ms rather than 110 to 240, and with fewer errors.
    return Decoder(samprate=16_000, loglevel="FATAL", fwdflat=False, bestpath=False)
