"""Recognition: chunks of sound in, Transcripts out while the speaker still speaks."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog
from prometheus_client import Counter

from pipeline.clock import NowMs, now_ms
from pipeline.deadline import Deadline
from pipeline.engines.engine import EngineError
from pipeline.engines.transcriber import Transcriber
from pipeline.hearing import Hearing
from pipeline.matching import match_spoken
from pipeline.messages.audio_chunk import AudioChunk
from pipeline.messages.transcript import Transcript
from pipeline.messages.worker_status import Stage as StageName
from pipeline.recent import Recent
from pipeline.settings import RecognitionSettings
from pipeline.stage import Condition, Stage
from pipeline.utterance import Utterance

ENDS = Counter("parley_recognition_utterances", "Utterances that ended, by how", ["end"])

log = structlog.get_logger(__name__)


@dataclass
class Session:
    """An utterance that is open: what was heard, and what was written. `hearing` is None once nobody listens."""

    utterance: Utterance
    hearing: Hearing | None


class RecognitionStage(Stage[AudioChunk]):
    """Keeps one open utterance per speaker.

    An utterance ends by its chunk marked `last`. If that is lost, it ends when the speaker's next one begins, after
    `gap_ms` without a chunk, or when it is longer than any may be. One that failed is listened to no more, but stays
    open to its end, so that all of its records come into one dead letter.
    """

    name: ClassVar[StageName] = "recognition"
    takes = AudioChunk

    def __init__(
        self, transcriber: Transcriber, settings: RecognitionSettings | None = None, *, now_ms: NowMs = now_ms
    ) -> None:
        self._transcriber = transcriber
        self._settings = settings or RecognitionSettings()
        self._now_ms = now_ms
        self._sessions: dict[str, Session] = {}
        # Utterances that ended; what still comes of them is ignored.
        self._ended: Recent[str, bool] = Recent(self._settings.open_utterances * 4)

    def condition(self) -> Condition:
        languages = tuple(sorted(self._transcriber.languages))
        return Condition(self._transcriber.info.name, healthy=bool(languages), languages=languages)

    async def work(self, message: AudioChunk) -> AsyncGenerator[Transcript, None]:
        if message.utterance_id in self._ended:
            return
        before = self._sessions.get(message.key)
        if before is not None and before.utterance.utterance_id != message.utterance_id:
            for transcript in await self._close(before):
                yield transcript
            await self._end(message.key, "next")
        session = self._sessions.get(message.key) or self._begin(message)
        session.utterance.take(message)
        if not session.utterance.over:
            for transcript in await self._said(session, message):
                yield transcript
            session.utterance.over = session.hearing is None or self._ends(message)
        if not session.utterance.over:
            draft = await self._draft(session, message)
            if draft is not None:
                yield draft
        if self._ends(message):
            await self._end(message.key, "last" if message.last else "too_long")

    async def fail(self, message: AudioChunk, reason: str) -> Sequence[Transcript]:
        session = self._sessions.get(message.key)
        if session is None:
            session = self._sessions[message.key] = Session(self._utterance(message), None)
        tombstones = [] if session.utterance.over else [session.utterance.give_up(reason)]
        session.utterance.over = True
        if session.hearing is not None:
            await session.hearing.abort()
            session.hearing = None
        if self._ends(message):
            await self._end(message.key, "failed")
        return tombstones

    def give_up_at_ms(self, message: AudioChunk) -> int | None:
        ended_at_ms = message.utterance_started_at_ms + message.end_ms
        return Deadline.after(ended_at_ms, self._settings.retry_for_ms, message.purpose).at_ms

    def open_utterance(self, key: str) -> str | None:
        session = self._sessions.get(key)
        return None if session is None else session.utterance.utterance_id

    def overdue(self, now_ms: int) -> Sequence[str]:
        silent = now_ms - self._settings.gap_ms
        return [key for key, session in self._sessions.items() if session.utterance.taken_at_ms <= silent]

    async def close_overdue(self, key: str) -> AsyncGenerator[Transcript, None]:
        session = self._sessions.get(key)
        if session is not None:
            for transcript in await self._close(session):
                yield transcript
            await self._end(key, "gap")

    async def forget(self, key: str) -> None:
        session = self._sessions.pop(key, None)
        if session is not None and session.hearing is not None:
            await session.hearing.abort()

    def _begin(self, chunk: AudioChunk) -> Session:
        session = Session(self._utterance(chunk), None)
        language = match_spoken(chunk.language, self._transcriber.languages)
        if language is not None and len(self._sessions) < self._settings.open_utterances:
            session.hearing = Hearing(self._transcriber, language, chunk)
        self._sessions[chunk.key] = session
        return session

    def _utterance(self, chunk: AudioChunk) -> Utterance:
        return Utterance(chunk, self._transcriber.info.name, self._settings, self._now_ms)

    def _ends(self, chunk: AudioChunk) -> bool:
        return chunk.last or self._too_long(chunk)

    def _too_long(self, chunk: AudioChunk) -> bool:
        return chunk.end_ms > self._settings.longest_ms

    async def _said(self, session: Session, chunk: AudioChunk) -> list[Transcript]:
        """Give what a chunk makes final."""
        utterance, hearing = session.utterance, session.hearing
        if hearing is None:
            known = match_spoken(chunk.language, self._transcriber.languages)
            return [utterance.give_up("too many at once" if known else f"no recogniser for {chunk.language}")]
        confirmed = utterance.confirm(chunk.confirms) if chunk.last else None
        if confirmed is not None:
            return [confirmed]
        hypothesis = hearing.hypothesis if self._too_long(chunk) else await hearing.hear(chunk)
        if self._ends(chunk):
            return [utterance.conclude(await hearing.finish())]
        return utterance.hear(hypothesis, hearing.heard_ms)

    async def _draft(self, session: Session, chunk: AudioChunk) -> Transcript | None:
        """Give what is behind the last commit: a speculation if this may be the end, else interim text."""
        utterance, hearing = session.utterance, session.hearing
        if hearing is None:
            return None
        if chunk.maybe_last:
            return utterance.speculate(await hearing.peek(), chunk.maybe_last, hearing.heard_ms)
        return utterance.interim(hearing.hypothesis)

    async def _close(self, session: Session) -> list[Transcript]:
        """End an utterance without its last chunk: with what the engine says now, or else with what it said before."""
        utterance, hearing = session.utterance, session.hearing
        if utterance.over or hearing is None:
            return []
        try:
            return [utterance.conclude(await hearing.finish())]
        except EngineError:
            log.warning("finish_failed", utterance_id=utterance.utterance_id, exc_info=True)
            return [utterance.conclude(hearing.hypothesis)]

    async def _end(self, key: str, why: str) -> None:
        session = self._sessions.pop(key)
        utterance = session.utterance
        self._ended.set(utterance.utterance_id, True)
        ENDS.labels(why).inc()
        log.debug("utterance_recognised", utterance_id=utterance.utterance_id, clauses=utterance.clauses, end=why)
        if session.hearing is not None:
            await session.hearing.abort()
