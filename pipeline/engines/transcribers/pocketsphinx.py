"""pocketsphinx: English, offline, its model in the wheel; rough, but it streams at a fifth of real time."""

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable
from typing import ClassVar, Self

from pipeline.engines.engine import (
    EngineError,
    EngineInfo,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.sphinx.cepstral_mean import CepstralMean, VoiceMemory
from pipeline.engines.sphinx.hearing import BYTES_PER_SECOND, Hearing
from pipeline.engines.sphinx.pool import DecoderPool
from pipeline.engines.transcriber import Hypothesis

READY = 2
"""Sessions that need not wait for a decoder to be loaded."""
MOST = 4
"""Sessions at once: decoding holds Python's lock, so that one process has one core to share."""
WAIT_S = 5.0
"""Seconds that a session waits for another to end."""
LONGEST_S = 120
"""Seconds of sound in one session; the segmenter cuts long before."""
LANGUAGE = "en"


class Engine:
    """Hears English. Words come in lower case, without punctuation; only the pronoun I is written as English does.

    `peek` costs nothing, and says what `finish` says. A voice is recognised better from its second utterance on: see
    `pipeline.engines.sphinx.cepstral_mean`. Sessions of different voices do not touch each other.
    """

    info: ClassVar[EngineInfo] = EngineInfo(
        name="pocketsphinx",
        stage="recognition",
        licence="BSD-2-Clause",
        model_licence="BSD-2-Clause",
        where="in process",
        streams=True,
        concurrency=MOST,
        quality=10,
    )

    def __init__(self, *, ready: int = READY, most: int = MOST, wait_s: float = WAIT_S) -> None:
        self.check()
        self.languages = frozenset({LANGUAGE})
        self._pool = DecoderPool(ready=ready, most=most, wait_s=wait_s)
        self._voices = VoiceMemory()

    @classmethod
    def check(cls) -> None:
        if importlib.util.find_spec("pocketsphinx") is None:
            raise EngineUnavailableError("the Python package pocketsphinx is not installed", "pip install pocketsphinx")

    async def __aenter__(self) -> Self:
        await self._pool.fill()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._pool.empty()

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> "Session":  # noqa: ARG002
        if language not in self.languages:
            raise UnsupportedLanguageError(f"pocketsphinx hears {LANGUAGE}, not {language}")
        decoder = await self._pool.borrow()
        try:
            hearing = Hearing(decoder, self._pool.own_mean, self._voices.recall(speaker))
        except RuntimeError as error:
            self._pool.replace()
            raise EngineError(f"pocketsphinx could not begin: {error}") from error

        def give_back(voice: CepstralMean | None, fit: bool) -> None:
            if voice is not None:
                self._voices.learn(speaker, voice)
            if fit:
                self._pool.give_back(decoder)
            else:
                self._pool.replace()

        return Session(hearing, give_back)


class Session:
    """One utterance, decoded in threads. A call that is cancelled still ends by itself before the next one begins."""

    def __init__(self, hearing: Hearing, give_back: Callable[[CepstralMean | None, bool], None]) -> None:
        """Take over the decoder in `hearing`; `give_back` is called once, with its voice's mean and its fitness."""
        self._hearing = hearing
        self._give_back = give_back
        self._heard_bytes = 0
        # `finish` or `abort` was called.
        self._over = False
        # The latest job; each waits for the one before.
        self._job: asyncio.Task[Hypothesis] | None = None

    async def push(self, pcm: bytes) -> Hypothesis:
        self._heard_bytes += len(pcm)
        if self._heard_bytes > LONGEST_S * BYTES_PER_SECOND:
            raise RequestTooLargeError(f"an utterance of more than {LONGEST_S} s")
        return await self._next(lambda: self._take(pcm))

    async def peek(self) -> Hypothesis:
        return await self._next(lambda: self._take(b""))

    async def finish(self) -> Hypothesis:
        return await self._next(self._end, last=True)

    async def abort(self) -> None:
        if not self._over:
            await self.finish()

    async def _next(self, work: Callable[[], Awaitable[Hypothesis]], *, last: bool = False) -> Hypothesis:
        """Do some work after all work before it, to its end even if nobody waits for it any more."""
        if self._over:
            raise EngineError("the utterance is over")
        self._over = last
        self._job = asyncio.create_task(self._after(self._job, work))
        self._job.add_done_callback(lambda job: job.cancelled() or job.exception())
        return await asyncio.shield(self._job)

    async def _after(
        self, before: asyncio.Task[Hypothesis] | None, work: Callable[[], Awaitable[Hypothesis]]
    ) -> Hypothesis:
        if before is not None:
            await asyncio.wait([before])
        try:
            return await work()
        except RuntimeError as error:  # pocketsphinx has no other
            raise EngineError(f"pocketsphinx failed: {error}") from error

    async def _take(self, pcm: bytes) -> Hypothesis:
        return await asyncio.to_thread(self._taken, pcm)

    def _taken(self, pcm: bytes) -> Hypothesis:
        self._hearing.take(pcm)
        return Hypothesis(self._hearing.words(), LANGUAGE)

    async def _end(self) -> Hypothesis:
        try:
            voice = await asyncio.to_thread(self._hearing.end)
        except RuntimeError:
            self._give_back(None, False)
            raise
        hypothesis = Hypothesis(self._hearing.words(), LANGUAGE)
        self._give_back(voice, True)
        return hypothesis
