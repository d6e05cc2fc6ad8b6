"""One utterance's sound on its way into a transcriber, in one piece whatever happens on the way."""

import asyncio
from collections.abc import Awaitable

import msgspec

from pipeline.engines.engine import EngineError
from pipeline.engines.transcriber import Hypothesis, Transcriber, Transcription
from pipeline.messages.audio_chunk import BYTES_PER_MS, AudioChunk

ABORT_S = 1.0
"""How long a session may take to be forgotten before it is left behind."""


class Hearing:
    """A transcriber's session that outlives the session: when that breaks, the next call opens a new one and replays.

    Sound that comes twice is heard once; a hole is filled with silence, so that word times stay true. The utterance's
    sound is kept for a replay: 32 kB a second, bounded by the stage's longest utterance. Word times count from the
    utterance's first sample.
    """

    def __init__(
        self, transcriber: Transcriber, language: str, first: AudioChunk, *, hints: tuple[str, ...] = ()
    ) -> None:
        """Begin at the first chunk that came, which is the utterance's first unless that was lost.

        `hints`: words to listen for, such as the room's glossary.
        """
        self._transcriber = transcriber
        self._language = language
        self._speaker = first.key
        self._hints = hints
        self._origin_ms = first.start_ms
        self._pcm: list[bytes] = []
        self._session: Transcription | None = None
        self._broken = False
        # How much of the utterance was taken, and the words of it.
        self.heard_ms = first.start_ms
        self.hypothesis = Hypothesis((), language)

    async def hear(self, chunk: AudioChunk) -> Hypothesis:
        """Take a chunk's sound; without any that is new, nothing is asked."""
        pcm = self._new_in(chunk)
        if pcm:
            self._pcm.append(pcm)
            self.heard_ms += len(pcm) // BYTES_PER_MS
        if self._session is None or self._broken:
            await self._open()
        elif pcm:
            self.hypothesis = await self._ask(self._session.push(pcm))
        return self.hypothesis

    async def peek(self) -> Hypothesis:
        """Say what `finish` would say now."""
        return await self._ask((await self._opened()).peek())

    async def finish(self) -> Hypothesis:
        """End the session: the final words."""
        self.hypothesis = await self._ask((await self._opened()).finish())
        return self.hypothesis

    async def abort(self) -> None:
        """Forget the session. Never raises, and takes no longer than `ABORT_S`. Idempotent."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            async with asyncio.timeout(ABORT_S):
                await session.abort()
        except (EngineError, TimeoutError):
            pass  # it broke earlier, and that was told then

    def _new_in(self, chunk: AudioChunk) -> bytes:
        hole_ms = chunk.start_ms - self.heard_ms
        if not chunk.payload or chunk.end_ms <= self.heard_ms:
            return b""
        if hole_ms >= 0:
            return bytes(hole_ms * BYTES_PER_MS) + chunk.payload
        return chunk.payload[-hole_ms * BYTES_PER_MS :]

    async def _opened(self) -> Transcription:
        if self._session is None or self._broken:
            return await self._open()
        return self._session

    async def _open(self) -> Transcription:
        await self.abort()
        session = self._session = await self._transcriber.open(self._language, self._speaker, self._hints)
        self._broken = False
        if self._pcm:
            self.hypothesis = await self._ask(session.push(b"".join(self._pcm)))
        return session

    async def _ask(self, answer: Awaitable[Hypothesis]) -> Hypothesis:
        self._broken = True  # until it answers: a cancelled call leaves nobody knows what behind
        hypothesis = await answer
        self._broken = False
        return self._since_start(hypothesis)

    def _since_start(self, hypothesis: Hypothesis) -> Hypothesis:
        if not self._origin_ms:
            return hypothesis
        words = (
            type(word)(word.text, word.start_ms + self._origin_ms, word.end_ms + self._origin_ms, word.confidence)
            for word in hypothesis.words
        )
        return msgspec.structs.replace(hypothesis, words=tuple(words))
