"""One utterance in an engine of a chain."""

from collections.abc import Awaitable, Callable
from typing import Any

from pipeline.engines.attempt import Attempt
from pipeline.engines.chain import Chain, in_time
from pipeline.engines.engine import EngineError
from pipeline.engines.rung import Rung
from pipeline.engines.transcriber import Hypothesis, Transcription
from pipeline.messages.audio_chunk import BYTES_PER_MS


class WatchedTranscription:
    """A `Transcription` that tells its chain how it went, and is given up where it takes too long.

    It counts as answered once the engine has said what all of it means, at a peek or at the end.
    """

    def __init__(
        self,
        session: Transcription,
        attempt: Attempt,
        rung: Rung[Any],
        chain: Chain[Any],
        on_break: Callable[[], None],
    ) -> None:
        """`on_break` is called when it fails: whoever wants to go on opens another one."""
        self._session = session
        self._attempt = attempt
        self._rung = rung
        self._chain = chain
        self._on_break = on_break

    async def push(self, pcm: bytes) -> Hypothesis:
        return await self._watch(self._session.push(pcm), sound_s=len(pcm) / BYTES_PER_MS / 1000)

    async def peek(self) -> Hypothesis:
        hypothesis = await self._watch(self._session.peek())
        self._attempt.succeeded()
        self._attempt = self._rung.begin()  # for the sound that may follow
        return hypothesis

    async def finish(self) -> Hypothesis:
        hypothesis = await self._watch(self._session.finish())
        self._attempt.succeeded()
        return hypothesis

    async def abort(self) -> None:
        self._attempt.left()
        await self._session.abort()

    async def _watch(self, answer: Awaitable[Hypothesis], sound_s: float = 0.0) -> Hypothesis:
        share_s = self._chain.share_s(self._rung)
        try:
            return await in_time(answer, None if share_s is None else share_s + sound_s, self._rung.name)
        except EngineError as error:
            self._attempt.failed(error)
            if self._chain.has_other(self._rung):
                self._chain.fell_back(self._rung, error)
            self._on_break()
            raise
