"""Translation: Transcripts in, one Translation for each language listened to out."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import ClassVar, NamedTuple

import msgspec

from pipeline.as_done import as_done
from pipeline.clock import NowMs, now_ms
from pipeline.deadline import Deadline
from pipeline.engines.engine import EngineError
from pipeline.engines.fallen import fallen
from pipeline.engines.translator import TranslationRequest, Translator
from pipeline.engines.who import who
from pipeline.job import PartialError
from pipeline.matching import match_pair
from pipeline.messages.audio_chunk import Target
from pipeline.messages.base import Purpose
from pipeline.messages.language import hears
from pipeline.messages.transcript import Transcript
from pipeline.messages.translation import Translation
from pipeline.messages.worker_status import Stage as StageName
from pipeline.metrics import DROPS
from pipeline.phrase_cache import Phrase, PhraseCache
from pipeline.recent import Recent
from pipeline.room_memory import RoomMemory
from pipeline.settings import TranslationSettings
from pipeline.stage import Condition, Stage


class UnansweredError(EngineError):
    """An engine did not translate a text in time. It is not asked again: the speaker's next clause waits."""

    retriable = False


class PartlyUnansweredError(UnansweredError, PartialError):
    """It did so in some of the languages only."""


class Asked(NamedTuple):
    """What was translated: the same again gives the same answer, whatever revision it comes with."""

    utterance_id: str
    clause: int
    target: str
    text: str


class Serving(NamedTuple):
    """A final or a speculation: each of its targets is given one Translation of it.

    One that was skipped may still come in earnest, and what failed once may be replayed.
    """

    utterance_id: str
    clause: int
    revision: int
    is_final: bool
    skipped: bool
    purpose: Purpose


class Committed(NamedTuple):
    """A final clause of a speaker, for the context of the next ones."""

    utterance_id: str
    clause: int
    language: str
    text: str


class TranslationStage(Stage[Transcript]):
    """Translates each Transcript into all of its targets at once; never into the language spoken.

    Interim text only if the engine is cheap; the newest takes the place of an older one. What was translated as a
    speculation is not translated again when it becomes final.
    """

    name: ClassVar[StageName] = "translation"
    takes = Transcript

    def __init__(
        self, translator: Translator, settings: TranslationSettings | None = None, *, now_ms: NowMs = now_ms
    ) -> None:
        self._translator = translator
        self._settings = settings or TranslationSettings()
        self._now_ms = now_ms
        self._calls = asyncio.Semaphore(max(1, translator.info.concurrency))
        self._answers: Recent[Asked, str] = Recent(self._settings.clauses)
        # What was waited for in vain before the text was final: then it is not waited for again.
        self._unanswered: Recent[Asked, bool] = Recent(self._settings.clauses)
        self._committed: Recent[str, tuple[Committed, ...]] = Recent(self._settings.speakers)
        self._phrases = PhraseCache(
            rooms=self._settings.rooms, size=self._settings.phrases, longest=self._settings.phrase_characters
        )
        self.rooms: RoomMemory = RoomMemory(self._settings.rooms, ended=self._phrases.forget)
        # The targets that have theirs.
        self._served: Recent[Serving, set[str]] = Recent(self._settings.clauses)

    def condition(self) -> Condition:
        pairs = tuple(sorted(self._translator.pairs))
        reduced = fallen(self._translator)
        return Condition(
            self._translator.info.name,
            healthy=bool(pairs),
            pairs=pairs,
            rung=max(reduced.values(), default=0),
            reduced_pairs=tuple(sorted(reduced)),
        )

    async def work(self, message: Transcript) -> AsyncGenerator[Translation, None]:
        if not (message.is_final or message.speculative or self._translator.info.cheap):
            return
        came_at_ms = self._now_ms()
        reason = self._reason_to_skip(message, came_at_ms)
        pairs: dict[Target, tuple[str, str]] = {}
        for target in self._unserved(message):
            pair = match_pair(message.language, target.language, self._translator.pairs)
            if message.payload and not reason and pair is not None:
                pairs[target] = pair
            elif message.is_final:
                why = f"no translator for {message.language} to {target.language}" if message.payload else ""
                if (reason or why) and not message.skipped:
                    DROPS.labels(self.name, reason or "unserved").inc()
                yield self._translation(message, target, "", came_at_ms, reason=reason or why)
                self._serve(message, target)
        async with aclosing(self._answered(message, pairs, came_at_ms)) as translations:
            async for translation in translations:
                yield translation
        self._remember(message)

    async def _answered(
        self, message: Transcript, pairs: dict[Target, tuple[str, str]], came_at_ms: int
    ) -> AsyncGenerator[Translation, None]:
        """Ask for all targets at once; yield each answer as it comes, and a final's tombstone where none comes in time.

        Raises:
            UnansweredError: there was no answer in time, in any language, or in some of those of a final.
            EngineError: the first error of another kind.
        """
        errors: list[BaseException] = []
        calls = {target: self._translate(message, target, pair) for target, pair in pairs.items()}
        async with aclosing(as_done(calls)) as answers:
            async for target, answer in answers:
                error = answer.exception()
                if error is None:
                    yield self._translation(message, target, answer.result(), came_at_ms)
                    self._serve(message, target)
                    continue
                errors.append(error)
                if isinstance(error, UnansweredError) and message.is_final:
                    DROPS.labels(self.name, "unanswered").inc()
                    yield self._translation(message, target, "", came_at_ms, reason=type(error).__name__)
                    self._serve(message, target)
        others = [error for error in errors if not isinstance(error, UnansweredError)]
        if others or (errors and len(errors) == len(calls)):
            raise (others or errors)[0]
        if errors and message.is_final:
            raise PartlyUnansweredError

    async def fail(self, message: Transcript, reason: str) -> Sequence[Translation]:
        came_at_ms = self._now_ms()
        unserved = self._unserved(message) if message.is_final else []
        self._remember(message)
        return [self._translation(message, target, "", came_at_ms, reason=reason) for target in unserved]

    def give_up_at_ms(self, message: Transcript) -> int | None:
        return Deadline.after(message.ended_at_ms, self._settings.retry_for_ms, message.purpose).at_ms

    def expendable(self, message: Transcript) -> bool:
        return not message.is_final

    def supersedes(self, newer: Transcript, older: Transcript) -> bool:
        if older.is_final or newer.utterance_id != older.utterance_id:
            return False
        if not older.speculative:
            return True
        replaces = newer.is_final or (newer.speculative and newer.revision > older.revision)
        return replaces and (newer.clause > older.clause or newer.payload != older.payload)

    def _reason_to_skip(self, transcript: Transcript, now_ms: int) -> str:
        if transcript.skipped:
            return transcript.reason
        left_s = Deadline.after(transcript.ended_at_ms, self._settings.expire_ms, transcript.purpose).left_s(now_ms)
        if left_s is not None and left_s < 0:
            return "late"
        return ""

    def _unserved(self, transcript: Transcript) -> list[Target]:
        served = self._served.get(_serving(transcript)) or set()
        return [
            target
            for target in transcript.targets
            if not hears(target.language, transcript.language) and target.language not in served
        ]

    def _serve(self, transcript: Transcript, target: Target) -> None:
        if transcript.is_final or transcript.speculative:
            serving = _serving(transcript)
            self._served.set(serving, self._served.get(serving) or set()).add(target.language)

    async def _translate(self, transcript: Transcript, target: Target, pair: tuple[str, str]) -> str:
        asked = Asked(transcript.utterance_id, transcript.clause, target.language, transcript.payload)
        answer = self._answers.get(asked)
        if answer is not None:
            return answer
        request = self._request(transcript, target, pair)
        phrase = self._phrase(request)
        answer = self._phrases.get(transcript.room_id, phrase)
        if answer is not None:
            return answer
        if transcript.is_final and transcript.purpose == "live" and asked in self._unanswered:
            raise UnansweredError
        async with self._calls:
            answer = await self._in_time(asked, request)
        if not (transcript.is_final or transcript.speculative):
            return answer
        # Whoever did the pair before may have failed meanwhile, and another one answered.
        self._phrases.set(transcript.room_id, self._phrase(request), answer)
        return self._answers.set(asked, answer)

    def _request(self, transcript: Transcript, target: Target, pair: tuple[str, str]) -> TranslationRequest:
        return TranslationRequest(
            text=transcript.payload,
            source=pair[0],
            target=pair[1],
            context=self._context(transcript),
            glossary=self.rooms.glossary(transcript.room_id, target.language),
            formality=self.rooms.formality(transcript.room_id),
            room_id=transcript.room_id,
        )

    def _phrase(self, request: TranslationRequest) -> Phrase:
        engine = who(self._translator, (request.source, request.target), self._translator.info.name)
        glossary = tuple(request.glossary.items())
        return Phrase(request.source, request.target, request.text, engine, request.formality, glossary)

    async def _in_time(self, asked: Asked, request: TranslationRequest) -> str:
        limit = asyncio.timeout(self._settings.answer_limit_s)
        try:
            async with limit:
                return await self._translator.translate(request)
        except TimeoutError:
            if not limit.expired():
                raise
            self._unanswered.set(asked, True)
            raise UnansweredError from None

    def _context(self, transcript: Transcript) -> tuple[str, ...]:
        if transcript.purpose != "live":
            return ()  # what was said since has nothing to do with it
        before = (
            clause.text
            for clause in self._committed.get(transcript.key) or ()
            if clause.language == transcript.language
            and (clause.utterance_id, clause.clause) != (transcript.utterance_id, transcript.clause)
        )
        return tuple(before)[-self._settings.context :] if self._settings.context else ()

    def _remember(self, transcript: Transcript) -> None:
        if not transcript.is_final or transcript.purpose != "live":
            return
        clause = Committed(transcript.utterance_id, transcript.clause, transcript.language, transcript.payload)
        clauses = self._committed.get(transcript.key) or ()
        if transcript.payload and clause not in clauses:
            self._committed.set(transcript.key, (*clauses, clause)[-self._settings.context - 1 :])

    def _translation(
        self, transcript: Transcript, target: Target, text: str, came_at_ms: int, *, reason: str = ""
    ) -> Translation:
        pair = match_pair(transcript.language, target.language, self._translator.pairs) or ("", "")
        times = msgspec.structs.replace(
            transcript.times, translation_in_ms=came_at_ms, translation_out_ms=self._now_ms()
        )
        return Translation(
            room_id=transcript.room_id,
            user_id=transcript.user_id,
            sequence_number=transcript.sequence_number,
            utterance_id=transcript.utterance_id,
            times=times,
            purpose=transcript.purpose,
            payload=text,
            language=target.language,
            source_text=transcript.payload,
            source_language=transcript.language,
            clause=transcript.clause,
            revision=transcript.revision,
            is_final=transcript.is_final,
            speculative=transcript.speculative,
            last=transcript.last,
            start_ms=transcript.start_ms,
            end_ms=transcript.end_ms,
            ended_at_ms=transcript.ended_at_ms,
            backlog_ms=target.backlog_ms,
            voice=target.voice,
            skipped=bool(reason),
            reason=reason,
            engine=who(self._translator, pair, self._translator.info.name),
        )


def _serving(transcript: Transcript) -> Serving:
    return Serving(
        transcript.utterance_id,
        transcript.clause,
        transcript.revision,
        transcript.is_final,
        transcript.skipped,
        transcript.purpose,
    )
