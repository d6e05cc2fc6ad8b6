"""One utterance, heard by a recogniser that takes whole recordings."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pipeline.engines.engine import EngineError, RequestTooLargeError
from pipeline.engines.silence import is_silent
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.engines.whisper.agreement import Agreement
from pipeline.engines.word_times import in_order

LONGEST_S = 120
"""Seconds of sound in one utterance, all of which is kept: 3.8 MB. The segmenter cuts long before; more is refused."""
BYTES_PER_MS = 32
HALT_MS = 5_000
"""After an interim window failed, none is tried until so much more sound has come: those at the end matter more."""


class Decoded(NamedTuple):
    """What a window sounds like."""

    # Times from the window's first sample.
    words: tuple[Word, ...] = ()
    # A normalised tag; empty where it is not known.
    language: str = ""


Decode = Callable[[bytes], Awaitable[Decoded]]
"""Hears 16 kHz mono s16le. Raises an `EngineError`."""


class WindowedUtterance:
    """A `Transcription`. One window is under way at a time; words that two in a row agree on are settled.

    Interim windows are decoded behind the caller's back, so that `push` never waits; one that fails costs interim text
    for a while, and is an error only if trying again were useless. Silent windows are not decoded.
    """

    def __init__(self, decode: Decode, language: str, *, step_ms: int, window_ms: int) -> None:
        """`step_ms`: sound between interim windows, 0 for none; `window_ms`: the longest window, if words settle."""
        self._decode = decode
        self._language = language
        self._step_ms = step_ms
        self._window_ms = window_ms
        self._pcm = bytearray()
        # Where the window begins.
        self._since_ms = 0
        # How much of the sound the latest window held, whether it was answered, and before which none is tried.
        self._asked_ms = 0
        self._heard_ms = 0
        self._halt_ms = 0
        self._agreement = Agreement()
        self._interim: asyncio.Task[None] | None = None
        self._failure: EngineError | None = None
        self._over = False

    async def push(self, pcm: bytes) -> Hypothesis:
        self._check()
        if len(self._pcm) + len(pcm) > LONGEST_S * 1000 * BYTES_PER_MS:
            raise RequestTooLargeError(f"an utterance of more than {LONGEST_S} s")
        self._pcm += pcm
        if self._is_due():
            self._interim = asyncio.create_task(self._hear_behind(), name="interim window")
        return self._hypothesis()

    async def peek(self) -> Hypothesis:
        self._check()
        await self._hear_all()
        return self._hypothesis()

    async def finish(self) -> Hypothesis:
        self._check()
        self._over = True
        try:
            await self._hear_all()
        finally:
            await self._stop()
        return self._hypothesis()

    async def abort(self) -> None:
        self._over = True
        await self._stop()

    @property
    def _length_ms(self) -> int:
        return len(self._pcm) // BYTES_PER_MS

    def _is_due(self) -> bool:
        if not self._step_ms or self._length_ms < self._halt_ms:
            return False
        if self._interim is not None and not self._interim.done():
            return False
        return self._length_ms - self._asked_ms >= self._step_ms

    def _hypothesis(self) -> Hypothesis:
        words = in_order(self._agreement.words, until_ms=self._length_ms)
        return Hypothesis(words, self._language, stable=len(self._agreement.committed))

    def _check(self) -> None:
        if self._over:
            raise EngineError("the utterance is over")
        if self._failure is not None:
            raise self._failure

    async def _hear_behind(self) -> None:
        try:
            await self._hear()
        except EngineError as error:
            self._halt_ms = self._length_ms + HALT_MS
            if not error.retriable:
                self._failure = error

    async def _hear_all(self) -> None:
        """Have all sound heard. A window under way that holds all of it is waited for, any other is given up."""
        if self._interim is not None and self._asked_ms == self._length_ms:
            await asyncio.wait([self._interim])
        await self._stop()
        if self._failure is not None:
            raise self._failure
        if self._heard_ms != self._length_ms:
            await self._hear()

    async def _hear(self) -> None:
        """Have the window heard that holds all sound of now."""
        since_ms = self._since_ms
        self._asked_ms = asked_ms = self._length_ms
        pcm = bytes(self._pcm[since_ms * BYTES_PER_MS : asked_ms * BYTES_PER_MS])
        decoded = Decoded() if is_silent(pcm) else await self._decode(pcm)
        words = [Word(w.text, w.start_ms + since_ms, w.end_ms + since_ms, w.confidence) for w in decoded.words]
        self._agreement.hear(words, since_ms)
        self._language = decoded.language or self._language
        self._heard_ms = asked_ms
        if asked_ms - since_ms > self._window_ms:
            self._since_ms = max(since_ms, self._agreement.end_ms)

    async def _stop(self) -> None:
        """Give the interim window up, which closes its connection."""
        if self._interim is not None:
            self._interim.cancel()
            await asyncio.wait([self._interim])
            self._interim = None
