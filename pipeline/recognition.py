"""Recognition: chunks of sound in, Transcripts out while the speaker still speaks."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog
from prometheus_client import Counter

from pipeline.clock import NowMs, now_ms
from pipeline.deadline import Deadline
from pipeline.engines.engine import EngineError
from pipeline.engines.fallen import fallen
from pipeline.engines.transcriber import Hypothesis, Transcriber
from pipeline.engines.who import who
from pipeline.hearing import Hearing
from pipeline.job import BusyError, FailedBeforeError
from pipeline.lane_key import lane_key
from pipeline.matching import match_spoken
from pipeline.messages.audio_chunk import AudioChunk
from pipeline.messages.base import Message
from pipeline.messages.transcript import Transcript
from pipeline.messages.worker_status import Stage as StageName
from pipeline.metrics import DROPS
from pipeline.recent import Recent
from pipeline.room_memory import RoomMemory
from pipeline.settings import RecognitionSettings
from pipeline.stage import Condition, Stage
from pipeline.told import Memory, Told
from pipeline.utterance import Utterance

ENDS = Counter("parley_recognition_utterances", "Utterances that ended, by how", ["end"])

LATE, BUSY = "late", "too many at once"
_DROPS = {LATE: "late", BUSY: "busy"}
"""Reasons for a tombstone of an utterance that was refused: it is no failure, and there is no dead letter."""

log = structlog.get_logger(__name__)


@dataclass
class Session:
    """An utterance that is open: what was heard, and what was written. `hearing` is None once nobody listens."""

    utterance: Utterance
    hearing: Hearing | None
    # Why nobody listened from the start.
    refusal: str = ""


class RecognitionStage(Stage[AudioChunk]):
    """Keeps one open utterance per speaker.

    An utterance ends by its chunk marked `last`. If that is lost, it ends when the speaker's next one begins, after
    `gap_ms` without a chunk, or when it is longer than any may be. One that failed is listened to no more, but stays
    open to its end, so that all of its records come into one dead letter.
    """

    name: ClassVar[StageName] = "recognition"
    takes = AudioChunk
    recalls = Transcript.TOPIC

    def __init__(
        self, transcriber: Transcriber, settings: RecognitionSettings | None = None, *, now_ms: NowMs = now_ms
    ) -> None:
        self._transcriber = transcriber
        self._settings = settings or RecognitionSettings()
        self._now_ms = now_ms
        self.rooms: RoomMemory = RoomMemory(self._settings.rooms)
        self._sessions: dict[str, Session] = {}
        # Utterances that ended; what still comes of them is ignored. False: by a tombstone, so a replay is heard.
        self._ended: Recent[str, bool] = Recent(self._settings.open_utterances * 4)
        # What other workers published of those that may come next.
        self._memory = Memory(self._settings.recalled)

    def condition(self) -> Condition:
        languages = tuple(sorted(self._transcriber.languages))
        reduced = fallen(self._transcriber)
        return Condition(
            self._transcriber.info.name,
            healthy=bool(languages),
            languages=languages,
            rung=max(reduced.values(), default=0),
            reduced_languages=tuple(sorted(reduced)),
        )

    def recall(self, message: Message) -> None:
        # What is asked for as history is no news of recognition, and old.
        if isinstance(message, Transcript) and message.purpose != "history":
            self._memory.note(message)

    async def work(self, message: AudioChunk) -> AsyncGenerator[Transcript, None]:
        if self._is_over(message):
            return
        key = lane_key(message)
        before = self._sessions.get(key)
        if before is not None and before.utterance.utterance_id != message.utterance_id:
            for transcript in await self._close(before):
                yield transcript
            await self._end(key, "next")
        session = self._sessions.get(key) or self._begin(message)
        if session is None:
            return
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
            await self._end(key, "last" if message.last else "too_long")

    async def fail(self, message: AudioChunk, reason: str) -> Sequence[Transcript]:
        key = lane_key(message)
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = Session(self._utterance(message), None)
        tombstones = [] if session.utterance.over else [session.utterance.give_up(reason)]
        session.utterance.over = True
        if session.hearing is not None:
            await session.hearing.abort()
            session.hearing = None
        if self._ends(message):
            await self._end(key, "failed")
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

    def _is_over(self, chunk: AudioChunk) -> bool:
        """Whether the utterance has ended. Where that was a tombstone, a replay may put something in its place."""
        ended = self._ended.get(chunk.utterance_id)
        return ended is not None and (ended or chunk.purpose == "live")

    def _begin(self, chunk: AudioChunk) -> Session | None:
        """Open an utterance, where another worker left it if there was one; None if that one ended it.

        Raises:
            FailedBeforeError: the other one gave it up; it stays open to its end, for the dead letter.
            BusyError: too many are open, and this one can wait.
        """
        told = self._memory.of(chunk.utterance_id) or Told()
        if told.ended or (told.end is not None and chunk.purpose == "live"):
            self._begin_ended(chunk, told)
            return None
        if chunk.resumes is not None and chunk.resumes.clause > told.clause:
            told = Told(chunk.resumes)
        session = Session(self._utterance(chunk, told), None, self._refusal(chunk))
        if session.refusal == BUSY and chunk.purpose != "live":
            raise BusyError(BUSY)
        language = match_spoken(chunk.language, self._transcriber.languages)
        if language is not None and not session.refusal:
            hints = self.rooms.terms(chunk.room_id, self._settings.hints)
            session.hearing = Hearing(self._transcriber, language, chunk, hints=hints)
        self._sessions[lane_key(chunk)] = session
        return session

    def _begin_ended(self, chunk: AudioChunk, told: Told) -> None:
        """Take note of an end that another worker published."""
        reason = "" if told.end is None or told.ended else told.end.reason
        if not reason or reason in (LATE, BUSY) or self._unserved(chunk):
            self._ended.set(chunk.utterance_id, told.ended)
            return
        session = self._sessions[lane_key(chunk)] = Session(self._utterance(chunk, told), None)
        session.utterance.over = session.utterance.given_up = True
        raise FailedBeforeError(reason)

    def _unserved(self, chunk: AudioChunk) -> bool:
        return match_spoken(chunk.language, self._transcriber.languages) is None

    def _refusal(self, chunk: AudioChunk) -> str:
        """Say why an utterance is not listened to from its first chunk on."""
        age_ms = self._now_ms() - chunk.utterance_started_at_ms - chunk.end_ms
        if self._unserved(chunk):
            return f"no recogniser for {chunk.language}"
        if chunk.purpose == "live" and age_ms > self._settings.expire_ms:
            return LATE
        return BUSY if len(self._sessions) >= self._settings.open_utterances else ""

    def _utterance(self, chunk: AudioChunk, told: Told | None = None) -> Utterance:
        language = match_spoken(chunk.language, self._transcriber.languages) or chunk.language
        engine = who(self._transcriber, language, self._transcriber.info.name)
        return Utterance(chunk, engine, self._settings, self._now_ms, told)

    def _ends(self, chunk: AudioChunk) -> bool:
        return chunk.last or self._too_long(chunk)

    def _too_long(self, chunk: AudioChunk) -> bool:
        return chunk.end_ms > self._settings.longest_ms

    async def _said(self, session: Session, chunk: AudioChunk) -> list[Transcript]:
        """Give what a chunk makes final."""
        utterance, hearing = session.utterance, session.hearing
        if hearing is None:
            DROPS.labels(self.name, _DROPS.get(session.refusal, "unserved")).inc()
            return [utterance.give_up(session.refusal)]
        if chunk.void:
            return [utterance.conclude(Hypothesis((), hearing.hypothesis.language))]
        confirmed = utterance.confirm(chunk.confirms) if chunk.last else None
        if confirmed is not None:
            return [confirmed]
        hypothesis = hearing.hypothesis if self._too_long(chunk) else await hearing.hear(chunk)
        if self._ends(chunk):
            return [utterance.conclude(await hearing.finish())]
        return utterance.hear(hypothesis, hearing.heard_ms)

    async def _draft(self, session: Session, chunk: AudioChunk) -> Transcript | None:
        """Give what is behind the last commit: a speculation if this may be the end, else interim text.

        Nobody waits for that in a replay.
        """
        utterance, hearing = session.utterance, session.hearing
        if hearing is None or chunk.purpose != "live":
            return None
        if chunk.maybe_last:
            if utterance.speculate_as_told(chunk.maybe_last, hearing.heard_ms):
                return None
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
        self._ended.set(utterance.utterance_id, not utterance.given_up)
        ENDS.labels(why).inc()
        log.debug("utterance_recognised", utterance_id=utterance.utterance_id, clauses=utterance.clauses, end=why)
        if session.hearing is not None:
            await session.hearing.abort()
